"""Closed cases through a draft: asked for on the page of its trials, worked off by the worker, told here."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.errors import Trouble, redrawn
from webapp.house import actor, house
from webapp.languages import language
from webapp.pages.trying import YEAR, index_page
from webapp.sentences import sentence
from webapp.studiochoices import draft_title
from workflows.calendar import clock
from workflows.desk.execute import execute
from workflows.diagrams import drafts, trying_replays
from workflows.diagrams.trying_tables import WAITING
from workflows.errors import Invalid

blueprint = Blueprint("replays", __name__, url_prefix="/studio")

@blueprint.post("/drafts/<draft_id>/replays")
@redrawn(index_page)
def ask(draft_id: str) -> ResponseReturnValue:
    """Ask that the cases closed within a period be driven through the draft; the last year if no days are given."""
    form = request.form
    until = _day(form.get("until", "")) or clock.today()
    since = _day(form.get("since", "")) or until - YEAR
    row = execute(
        house().store, trying_replays.ask, actor(), draft_id, since, until, replay_id=form.get("key", "")
    )  # fmt: skip
    return redirect(url_for("replays.show", replay_id=row.id))


@blueprint.get("/replays/<replay_id>")
def show(replay_id: str) -> ResponseReturnValue:
    """A replay: how far it is, how many cases would have gone another way, and which."""
    return replay_page(None, replay_id)


def replay_page(trouble: Trouble | None, replay_id: str) -> ResponseReturnValue:
    """The page of a replay."""
    who = actor()
    with house().store.read() as session:
        row = trying_replays.replay(session, who, replay_id)
        draft = drafts.draft(session, who, row.draft_id)
        title = draft_title(draft.process_key, drafts.contents(session, draft.id))
        people = drafts.names(session, [row.asked_by_id])
    reasons = {one["reason"]: sentence(one["reason"], {}, language()) for one in row.found if one["reason"]}
    return render_template(
        "studio/replay.html", row=row, draft=draft, title=title, people=people, trouble=trouble, reasons=reasons,
        runs=row.state == WAITING, stopped=sentence(row.reason, {}, language()) if row.reason else "",
    )  # fmt: skip


@blueprint.post("/replays/<replay_id>/stop")
@redrawn(replay_page)
def stop(replay_id: str) -> ResponseReturnValue:
    """End a replay that still runs; what it found stays."""
    execute(house().store, trying_replays.stop, actor(), replay_id)
    return redirect(url_for("replays.show", replay_id=replay_id))


def _day(written: str) -> date | None:
    if not written.strip():
        return None
    try:
        return date.fromisoformat(written.strip())
    except ValueError as error:
        raise Invalid("trying.period_bad") from error
