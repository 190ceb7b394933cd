"""What the page of a play shows of its scene: the diagrams, what waits and for whom, the form, the way so far.

Everything is read out of the throw-away bureau and put down as plain values, before the page is drawn.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import request
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import diagrams, formview, labels, nobody, posted
from webapp.languages import bilingual, language
from webapp.posted import Posted
from webapp.sentences import tell
from webapp.widgets import FormView, Widget
from workflows import forms
from workflows.actors import ROLES, Actor, Person, acting
from workflows.cases.file import CASE_STATES, Case
from workflows.desk import inbox, offering, present
from workflows.desk.operators import returning
from workflows.desk.tasks import Task
from workflows.diagrams import library
from workflows.engine import state
from workflows.engine.state import EngineInstance, EngineScope
from workflows.errors import FashenError, Problem
from workflows.external.tables import ExternalTask
from workflows.rehearsal import sample, trials
from workflows.rehearsal.sandbox import Sandbox
from workflows.rehearsal.scene import Move, Scene, start_options

TICKED = "1"
"""What a file field is answered with here: a tick, for a file of which there is only the name."""


@dataclass(frozen=True, slots=True)
class Waiter:
    """Somebody who could do a step."""

    login: str
    name: str
    title: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Waits:
    """A step that waits. role: as officials call it; people: who could do it; why: where nobody can, the reasons."""

    element: str
    step: str
    role: str
    people: list[Waiter]
    due: datetime | None
    chosen: bool
    why: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Outside:
    """A step that waits for a program outside, with the variables that it may set."""

    element: str
    step: str
    topic: str
    outputs: list[str]


@dataclass(slots=True)
class Shown:
    """The scene as plain values. form: of the chosen step, None where none is chosen; backs: (element, name)."""

    state: str = ""
    finished: bool = False
    at: datetime | None = None
    drawings: list[diagrams.Drawing] = field(default_factory=list)
    waits: list[Waits] = field(default_factory=list)
    outside: list[Outside] = field(default_factory=list)
    timer: datetime | None = None
    variables: list[tuple[str, str, str]] = field(default_factory=list)
    form: FormView | None = None
    chosen: Waits | None = None
    login: str = ""
    backs: list[tuple[str, str]] = field(default_factory=list)
    way: list[dict[str, Any]] = field(default_factory=list)
    stopped: tuple[int, str, list[str]] | None = None


def shown(
    session: Session, scene: Scene, sandbox: Sandbox, process_key: str, moves: Sequence[Move], *,
    problems: Sequence[Problem] = (), focus: str | None = None,
) -> Shown:  # fmt: skip
    """The scene for its page. session: of the throw-away bureau; what the request chose and typed is asked of it."""
    found = Shown(at=scene.time.now(), way=list(_way(session, moves)))
    if scene.stopped is not None:
        error = scene.stopped.error
        told = [tell(one, language()) for one in getattr(error, "problems", ())]
        found.stopped = scene.stopped.move, tell(trials.called(sandbox, error), language()), told
    case = session.get(Case, scene.case_id) if scene.case_id else None
    if case is None:
        _begin(session, scene, process_key, found, problems, focus)
        return found
    found.state = bilingual(*CASE_STATES.get(case.state, (case.state, case.state)))
    found.drawings = diagrams.drawings(session, case.id)
    found.outside = [
        Outside(one.element_id, labels.element_name(session, one.package_hash, one.element_id, one.name), one.topic,
                list(one.outputs))
        for one in session.execute(select(ExternalTask).where(ExternalTask.ended_at.is_(None))
                                   .order_by(ExternalTask.created_at)).scalars()
    ]  # fmt: skip
    found.timer = state.earliest_due(session)
    found.variables = list(_variables(session))
    _wait(session, case, found, problems, focus)
    instances = session.execute(select(EngineInstance.ended_at)).scalars().all()
    found.finished = bool(instances) and all(ended is not None for ended in instances)
    return found


def chosen_form(session: Session, scene: Scene, process_key: str) -> tuple[forms.Form, forms.Options]:
    """The form that the request answers, with its choices. Raises Invalid as `Player.find_task` does."""
    login, element = request.form.get("by", ""), request.form.get("task", "")
    actor = scene.actor(session, login)
    if not scene.case_id:
        return offering.start_form(session, library.current(session, process_key)), start_options(session, actor)
    task = scene.find_task(session, actor, element)
    return offering.task_form(session, task), offering.task_options(session, task, task.case, actor)


def typed(form: forms.Form) -> Posted:
    """What the request says in a form; a ticked file field stands for a file."""
    found = Posted(dict(request.form.lists()))
    for item, name in posted.names(form, found):
        if item.kind == "filepicker" and found.one(name):
            found.files[name] = [sample.file_of(item)]
    return found


def _begin(
    session: Session, scene: Scene, process_key: str, found: Shown, problems: Sequence[Problem], focus: str | None
) -> None:
    """The form that opens a case, for the case officers of the throw-away bureau."""
    people = session.execute(select(Person).order_by(Person.login)).scalars().all()
    actors = [acting(session, person.id) for person in people]
    officers = [one for one in actors if "case_officer" in one.roles]
    beside = Counter(one.unit_id for one in officers)  # who has colleagues first: a case has two officers
    officers.sort(key=lambda one: -beside[one.unit_id])
    logins = {person.id: person.login for person in people}
    wanted = request.values.get("by", "")
    by = next((one for one in officers if logins[one.person_id] == wanted), officers[0])
    definition = library.current(session, process_key)
    start = next((one for one in definition.elements.values()
                  if one.kind == "startEvent" and one.form_key == definition.start_form), None)  # fmt: skip
    element = start.id if start else ""
    form, options = offering.start_form(session, definition), start_options(session, by)
    name = labels.element_name(session, definition.hash, element, start.name if start else "")
    waiters = [Waiter(logins[one.person_id], one.name, one.post_title, one is by) for one in officers]
    chosen = Waits(element, name, bilingual(*ROLES["case_officer"]), waiters, None, True)
    found.waits, found.chosen, found.login = [chosen], chosen, logins[by.person_id]
    found.form = _view(form, options, element, {}, problems, focus)


def _wait(session: Session, case: Case, found: Shown, problems: Sequence[Problem], focus: str | None) -> None:
    """The steps that wait, and the form of the one that the request chose, or of the first."""
    live = inbox.live_tasks(session, case.id)
    wanted, by = request.values.get("task", ""), request.values.get("by", "")
    asked = [one for one in live if one.element_id == wanted]
    task = next((one for one in asked if by in _logins(one)), asked[0] if asked else live[0] if live else None)
    for one in live:
        found.waits.append(_waits(session, one, one is task, by))
    if task is None:
        return
    chosen = next(one for one in found.waits if one.chosen)
    waiter = next((one for one in chosen.people if one.chosen), None)
    found.chosen = chosen
    if waiter is None:
        return
    found.login = waiter.login
    actor = _actor(session, waiter.login)
    form, options = offering.task_form(session, task), offering.task_options(session, task, case, actor)
    found.form = _view(form, options, task.element_id, present.values(session, task, form), problems, focus)
    if "return" in offering.task_operators(session, task):
        found.backs = [
            (one.element_id, labels.element_name(session, task.package_hash, one.element_id, one.name))
            for one in returning.choices(session, task)
        ]


def _waits(session: Session, task: Task, chosen: bool, by: str) -> Waits:
    roles = [bilingual(*ROLES.get(role, (role, role))) for role in (task.role or "").split(",") if role]
    logins = _logins(task)
    mine = by if by in logins else next(iter(logins), "")
    people = [
        Waiter(login, person.name, _title(session, person.id), chosen and login == mine)
        for login, person in logins.items()
    ]
    why = [] if people else nobody.reasons(session, task)
    return Waits(task.element_id, labels.step_name(session, task), "、".join(roles), people, task.due_at, chosen, why)


def _logins(task: Task) -> dict[str, Person]:
    """Login → person of those who could do a task, who was added for the play (`rehearsal.people`) after the others."""
    people = [task.assignee] if task.assignee is not None else [one.person for one in task.candidates]
    return {person.login: person for person in sorted(people, key=_place)}


def _place(person: Person) -> tuple[int, str]:
    return min((post.rank for post in person.posts), default=0), person.login


def _title(session: Session, person_id: str) -> str:
    return acting(session, person_id).post_title


def _actor(session: Session, login: str) -> Actor:
    return acting(session, session.execute(select(Person.id).where(Person.login == login)).scalar_one())


def _view(
    form: forms.Form, options: forms.Options, element: str, held: Mapping[str, Any], problems: Sequence[Problem],
    focus: str | None,
) -> FormView:  # fmt: skip
    """The form as at the desk, filled with what was typed, or with a sample answer where it is asked for afresh."""
    sent = request.method == "POST" and request.form.get("task", "") == element
    filled = typed(form) if sent else posted.from_answer(form, sample.answer(form, options, element))
    for name, kept in filled.files.items():
        filled.values[name] = [TICKED] if kept else []
    drawn = formview.view(form, options, filled, problems if sent else (), focus, present=held)
    for widget in _all(drawn.widgets):
        if widget.kind == "filepicker" and not widget.reading:
            widget.kind, widget.hint, widget.uploads = "checkbox", "", []
            widget.description = _("试运行不上传文件，勾选即以示例文件代替。")
    return drawn


def _all(widgets: Sequence[Widget]) -> Iterator[Widget]:
    for widget in widgets:
        yield widget
        for row in widget.rows:
            yield from _all(row.widgets)


def _variables(session: Session) -> Iterator[tuple[str, str, str]]:
    """(process, name, value as JSON) of all that gateways can read, the outermost process first."""
    instances = session.execute(select(EngineInstance).order_by(EngineInstance.created_at)).scalars().all()
    for instance in instances:
        pins: dict[str, str] = json.loads(instance.pins)
        scopes = select(EngineScope).where(EngineScope.instance_id == instance.id).order_by(EngineScope.number)
        parts = [(instance.process_key, instance.variables)]
        parts += [(one.process_key, one.variables or "{}") for one in session.execute(scopes).scalars()]
        for key, text in parts:
            title = labels.process_name(session, pins[key], key) if key in pins else key
            for name, value in json.loads(text).items():
                if name != "case_id":
                    yield title, name, json.dumps(value, ensure_ascii=False)


def _way(session: Session, moves: Sequence[Move]) -> Iterator[dict[str, Any]]:
    """The moves so far in words: what, by whom, when the play's clock said so."""
    people = {row.login: row.name for row in session.execute(select(Person.login, Person.name))}
    names = {task.element_id: labels.step_name(session, task) for task in session.execute(select(Task)).scalars()}
    for move in moves:
        element = str(move.get("task") or move.get("external") or "")
        step = names.get(element, element)
        if "process" in move:
            step = _("登记线索")
        elif "timer" in move:
            step = _("定时到期")
        elif "back" in move:
            step = _("“%(step)s”退回到“%(to)s”", step=step, to=names.get(str(move["back"]), move["back"]))
        elif "external" in move:
            step = _("外部程序答复：%(step)s", step=step)
        elif move.get("command") == "flag_suspicion":
            step = _("报告涉嫌犯罪")
        elif not element:
            step = _("时间前进")
        yield {"step": step, "who": people.get(str(move.get("by", "")), ""), "at": move.get("at", "")}


def refusal(error: FashenError) -> str:
    """Why a draft can't be played, as a sentence."""
    return tell(error, language())
