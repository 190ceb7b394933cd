"""Trying a draft: a play of it in a throw-away bureau, step by step, as whoever the steps are for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import ImmutableMultiDict

from webapp import diagrams, playing, posted
from webapp.errors import Trouble, redrawn
from webapp.formpages import form_key
from webapp.house import actor, house
from webapp.languages import language
from webapp.pages.editing import readonly, way_back
from webapp.preferences import kept
from webapp.sentences import tell
from webapp.studiochoices import draft_title, title_of
from workflows import forms
from workflows.calendar import clock
from workflows.desk.execute import execute
from workflows.desk.operators import returning
from workflows.diagrams import drafts, trying_replays
from workflows.diagrams import trying as tests
from workflows.diagrams.draft_tables import ProcessDraft
from workflows.diagrams.trying_tables import ProcessPlay, TestRun
from workflows.errors import DiagramRefused, Invalid, NotFound, Stale
from workflows.rehearsal import plays, references, trials
from workflows.rehearsal.sandbox import Sandbox
from workflows.rehearsal.scene import PACE, Scene, keep, staged

blueprint = Blueprint("trying", __name__, url_prefix="/studio")

YEAR = timedelta(days=365)
"""The period of closed cases that is offered."""
FAR = timedelta(days=366)
"""How far time may be set ahead by one move."""


def index_page(trouble: Trouble | None, draft_id: str) -> ResponseReturnValue:
    """One's plays of a draft, and where one can begin."""
    with house().store.read() as session:
        row = drafts.draft(session, actor(), draft_id)
        files = drafts.contents(session, row.id)
        entrances, refused = list[tuple[str, str]](), ""
        try:
            entrances = [(key, draft_title(key, files) if key == row.process_key else title_of(session, key))
                         for key in plays.entrances(session, row)]  # fmt: skip
        except (DiagramRefused, Invalid) as error:
            refused = playing.refusal(error)
        return render_template(
            "studio/tries.html", draft=row, title=draft_title(row.process_key, files), trouble=trouble,
            plays=plays.of_draft(session, actor(), row.id), entrances=entrances, refused=refused,
            readonly=readonly(row, actor()), key=form_key(trouble), typed=request.form, tests=_tests(session, row),
            replays=trying_replays.of_draft(session, actor(), row.id), today=clock.today(), year=YEAR,
            edit=way_back(row, files), stopped=_stopped(trouble),
        )  # fmt: skip


def _stopped(trouble: Trouble | None) -> int:
    """How many moves of the test that was to be updated can still be made; 0 where nothing is to be offered."""
    if trouble is None or trouble.code != "trying.stopped":
        return 0
    return int(trouble.facts.get("move", 1)) - 1


@dataclass(frozen=True, slots=True)
class Listed:
    """A test of the draft. run: the last one on the draft as it stands; told: why it failed."""

    path: str
    title: str
    steps: int
    run: TestRun | None
    told: str
    changes: Sequence[Mapping[str, Any]]


def _tests(session: Session, row: ProcessDraft) -> list[Listed]:
    try:
        package = drafts.package(session, row)
    except Invalid:  # told where the findings are
        return []
    known, found = tests.runs(session, package.hash), list[Listed]()
    for path in tests.paths(package):
        run = known.get(path)
        told = tell(tests.problem_of(run), language()) if run is not None and not run.passed else ""
        try:
            trial = trials.read(package, path)
            found.append(Listed(path, trial.title, len(trial.moves), run, told, trial.changes))
        except Invalid as error:
            found.append(Listed(path, path, 0, run, told or playing.refusal(error), ()))
    return found


@blueprint.get("/drafts/<draft_id>/try")
def index(draft_id: str) -> ResponseReturnValue:
    """Plays and tests of a draft."""
    return index_page(None, draft_id)


@blueprint.post("/drafts/<draft_id>/try")
@redrawn(index_page)
def begin(draft_id: str) -> ResponseReturnValue:
    """Begin a play."""
    form = request.form
    row = execute(
        house().store, plays.begin, actor(), draft_id, form.get("process", ""), form.get("name", ""),
        play_id=form.get("key", ""),
    )  # fmt: skip
    return _on(row.id)


@blueprint.get("/tries/<play_id>")
def show(play_id: str) -> ResponseReturnValue:
    """A play: the scene to which its moves lead, and the form of a step (?task=…&by=…)."""
    return play_page(None, play_id)


def play_page(trouble: Trouble | None, play_id: str, focus: str | None = None) -> ResponseReturnValue:
    """The page of a play; after a refusal with its reason and what was typed."""
    row, sandbox = _play(play_id)
    with house().store.read() as session:
        draft = drafts.draft(session, actor(), row.draft_id)
        files = drafts.contents(session, draft.id)
        title, edit = draft_title(draft.process_key, files), way_back(draft, files)
        closed, listed = readonly(draft, actor()), _tests(session, draft)
    with staged(sandbox, row.moves) as scene, scene.store.read() as inside:
        shown = playing.shown(
            inside, scene, sandbox, row.process_key, row.moves, problems=trouble.problems if trouble else (),
            focus=focus,
        )
    return render_template(
        "studio/try.html", play=row, draft=draft, title=title, shown=shown, trouble=trouble, key=form_key(trouble),
        readonly=closed, again=returning.AGAIN, edit=edit,
        tests=[] if closed else listed, typed=request.form,
    )  # fmt: skip


@blueprint.get("/tries/<play_id>/diagram.xml")
def diagram(play_id: str) -> ResponseReturnValue:
    """The diagram of one process of a play (?process=…)."""
    row, sandbox = _play(play_id)
    with staged(sandbox, row.moves) as scene, scene.store.read() as inside:
        drawn = diagrams.drawings(inside, scene.case_id) if scene.case_id else []
        wanted = next((one for one in drawn if one.process_key == request.args.get("process", "")), None)
        if wanted is None:
            raise NotFound("trying.unknown")
        return Response(diagrams.xml(inside, wanted.package_hash), mimetype="application/xml")


@blueprint.post("/tries/<play_id>/form")
@redrawn(play_page)
def redraw(play_id: str) -> ResponseReturnValue:
    """The same form with a row more or less; nothing is done."""
    row, sandbox = _play(play_id)
    with staged(sandbox, row.moves) as scene, scene.store.read() as inside:
        form, _options = playing.chosen_form(inside, scene, row.process_key)
        sent = playing.typed(form)
    fresh = posted.change_rows(sent, request.form.get("rows", ""))
    request.form = _as_sent(sent)
    return kept(play_page(None, play_id, focus=fresh))


@blueprint.post("/tries/<play_id>/move")
@redrawn(play_page)
def move(play_id: str) -> ResponseReturnValue:
    """One move: a step is done, sent back or answered, time passes, a crime is suspected."""
    row, sandbox = _play(play_id)
    seen = request.form.get("seen", 0, type=int)
    if row.revision != seen:
        raise Stale("trying.moved")
    with staged(sandbox, row.moves) as scene:
        if scene.stopped is not None:
            raise Invalid("trying.stopped", move=scene.stopped.move + 1)
        made = _move(scene, row)
        scene.make(made)
        moves = [*row.moves, made]
        keep(sandbox, moves, scene)
    execute(house().store, plays.keep_moves, actor(), play_id, moves, seen=seen)
    return _on(play_id)


@blueprint.post("/tries/<play_id>/undo")
@redrawn(play_page)
def undo(play_id: str) -> ResponseReturnValue:
    """Take moves back: only the first so many stay."""
    row, _sandbox = _play(play_id)
    number = min(max(request.form.get("moves", 0, type=int), 0), len(row.moves))
    seen = request.form.get("seen", 0, type=int)
    execute(house().store, plays.keep_moves, actor(), play_id, row.moves[:number], seen=seen)
    return _on(play_id)


@blueprint.post("/tries/<play_id>/discard")
@redrawn(play_page)
def discard(play_id: str) -> ResponseReturnValue:
    """Throw the play away."""
    row, _sandbox = _play(play_id)
    execute(house().store, plays.discard, actor(), play_id)
    flash(_("试运行已删除。"), "success")
    return redirect(url_for("trying.index", draft_id=row.draft_id, editor=request.form.get("editor") or None))


def _on(play_id: str) -> ResponseReturnValue:
    """To the play, with the way back to the editor that it was begun from."""
    return redirect(url_for("trying.show", play_id=play_id, editor=request.form.get("editor") or None))


def _play(play_id: str) -> tuple[ProcessPlay, Sandbox]:
    with house().store.read() as session:
        row = plays.play(session, actor(), play_id)
        return row, plays.sandbox_of(session, actor(), row)


def _move(scene: Scene, row: ProcessPlay) -> dict[str, Any]:
    """What the request asks for, as a move. Raises Invalid for what can't be read."""
    form, what = request.form, request.form.get("what", "")
    at = clock.local(clock.now() + PACE).isoformat(timespec="seconds")
    if what == "timer":
        return {"at": at, "timer": True}
    if what == "wait":
        return {"at": _later(form.get("until", ""), form.get("days", 0, type=int))}
    by, task = form.get("by", ""), form.get("task", "")
    if what == "external":
        return {"at": at, "external": task, **_outside(form)}
    if what == "flag":
        words = {"offence": form.get("offence", ""), "grounds": form.get("grounds", "")}
        return {"at": at, "by": by, "command": "flag_suspicion", "answer": words}
    if what == "back":
        return {"at": at, "by": by, "task": task, "back": form.get("target", ""), "how": form.get("how", ""),
                "reason": form.get("reason", "")}  # fmt: skip
    with scene.store.read() as inside:
        asked, options = playing.chosen_form(inside, scene, row.process_key)
        sent = playing.typed(asked)
        answer = references.named(asked, forms.read(asked, sent.values, sent.files), options)
    if not scene.case_id:
        return {"at": at, "by": by, "process": row.process_key, "answer": answer}
    return {"at": at, "by": by, "task": task, "answer": answer}


def _later(until: str, days: int) -> str:
    """The moment to which time passes, in Asia/Shanghai. Raises Invalid ("trying.moment_bad")."""
    now = clock.now()
    if not until:
        return clock.local(now + min(max(timedelta(days=days), timedelta(0)), FAR)).isoformat(timespec="seconds")
    try:
        at = datetime.fromisoformat(until).replace(tzinfo=clock.SHANGHAI)
    except ValueError as error:
        raise Invalid("trying.moment_bad") from error
    if not now <= at <= now + FAR:
        raise Invalid("trying.moment_bad")
    return at.isoformat(timespec="seconds")


def _outside(form: Mapping[str, str]) -> dict[str, Any]:
    """What a program outside answers: numbers and yes or no as such, all else as text."""
    if code := form.get("error", "").strip():
        return {"error": code}
    names = [name.removeprefix("var.") for name in form if name.startswith("var.")]
    return {"variables": {name: _plain(form[f"var.{name}"]) for name in names if form[f"var.{name}"].strip()}}


def _plain(text: str) -> Any:
    text = text.strip()
    if text in ("true", "false"):
        return text == "true"
    try:
        return int(text) if len(text) < 16 else text
    except ValueError:
        return text


def _as_sent(sent: posted.Posted) -> Any:
    """The form of the request with a row more or less, for whoever draws it."""
    return ImmutableMultiDict([(name, value) for name, values in sent.values.items() for value in values])
