"""Rows of the desk's lists as people read them: on the page and in a spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from webapp import labels, shown
from webapp.languages import bilingual, pick
from webapp.words import SOURCES
from workflows.actors import Actor
from workflows.calendar import clock
from workflows.cases.file import CASE_STATES, Case
from workflows.desk import inbox, standins, substitutes
from workflows.desk.copies import CaseCopy
from workflows.desk.lists import kinds
from workflows.desk.lists.pages import Page
from workflows.desk.operators import handing
from workflows.desk.tasks import STEP, Task

Cell = str | date | datetime | None


@dataclass(frozen=True, slots=True)
class Line:
    """One row. seen: the version it is drawn from; takes: whether this person could claim it now;
    behalf: whose task it is, where this person holds it for another or could do it in their place; lent: who prepares
    it, where this person answers for it (委派); can: what of the
    actions on several rows may be done to this one, as far as its own columns tell.
    """

    id: str
    seen: int
    case: Case
    task: Task | None = None
    copy: CaseCopy | None = None
    step: str = ""
    waits_for: tuple[str, ...] = ()
    left: shown.Left | None = None
    takes: bool = False
    behalf: str = ""
    lent: str = ""
    can: frozenset[str] = frozenset()


def lines(session: Session, actor: Actor, page: Page) -> list[Line]:
    """The rows of a page."""
    away = substitutes.absent(session, actor) if page.tasks else frozenset[str]()
    waiting = inbox.waiting(session, [task for task in page.tasks if task.ended_at is None])
    tasks = [_of_task(session, actor, task, away, tuple(waiting.get(task.id, ()))) for task in page.tasks]
    return [_of_copy(session, copy) for copy in page.copies] + tasks


def _of_task(
    session: Session, actor: Actor, task: Task, away: frozenset[str], waits_for: tuple[str, ...]
) -> Line:  # fmt: skip
    """away: ids of those for whom the actor acts today; waits_for: names of those who can act."""
    live = task.ended_at is None
    takes = task.state == "open" and actor.person_id in {candidate.person_id for candidate in task.candidates}
    return Line(
        task.id, task.version, task.case, task=task, step=labels.step_name(session, task),
        waits_for=waits_for, left=shown.left_of(session, task), takes=takes,
        behalf=_behalf(session, actor, task, away), lent=_lent(actor, task) if live else "",
        can=_can(actor, task, takes) if live else frozenset(),
    )  # fmt: skip


def _can(actor: Actor, task: Task, takes: bool) -> frozenset[str]:
    """What the list offers for several rows and could work for this one; the command asks everything again."""
    mine, running = task.assignee_id == actor.person_id, task.case.suspended_at is None
    own = mine and task.kind == STEP and task.owner_id is None
    urged = task.urged_at is not None and clock.now() < task.urged_at + handing.URGE_AGAIN
    can = {
        "claim": takes, "release": own and len(task.candidates) > 1, "urge": not mine and not urged,
        "reassign": task.kind == STEP and (own or bool(actor.roles.intersection(kinds.HEADS))),
    }  # fmt: skip
    return frozenset(name for name, may in can.items() if may and running)


def _lent(actor: Actor, task: Task) -> str:
    mine = task.kind == STEP and task.owner_id == actor.person_id
    return task.assignee.name if mine and task.assignee is not None else ""


def _behalf(session: Session, actor: Actor, task: Task, away: frozenset[str]) -> str:
    person = task.owner if task.assignee_id == actor.person_id else task.assignee
    if person is None and away & {one.person_id for one in task.candidates}:
        person = standins.stood_in_for(session, actor, task)
    return person.name if person is not None else ""


def _of_copy(session: Session, copy: CaseCopy) -> Line:
    step = labels.step_name(session, copy.task) if copy.task is not None else ""
    can = frozenset({"acknowledge"}) if copy.read_at is None else frozenset[str]()
    return Line(copy.id, 1, copy.case, copy=copy, step=step, can=can)


def headings(columns: Sequence[str], names: dict[str, str]) -> list[str]:
    """The heads of a spreadsheet: the end of a time limit stands beside what is left of it."""
    found: list[str] = []
    for column in columns:
        found += [bilingual("期限", "Due on")] if column == "due" else []
        found.append(names[column])
    return found


def cells(line: Line, columns: Sequence[str]) -> list[Cell]:
    """A row of a spreadsheet: days and moments as such, in Asia/Shanghai and without a zone, texts as on the page."""
    found: list[Cell] = []
    for column in columns:
        if column == "due":
            found.append(_last_day(line))
        found.append(_cell(line, column))
    return found


def _cell(line: Line, column: str) -> Cell:
    case, task, copy = line.case, line.task, line.copy
    joint = bilingual("、", ", ")
    texts: dict[str, Cell] = {
        "number": case.number or "",
        "title": case.title + halted(case),
        "party": joint.join(party.name for party in case.parties),
        "unit": bilingual(case.unit.name, case.unit.name_en),
        "step": line.step,
        "holder": joint.join(line.waits_for),
        "behalf": line.behalf,
        "due": line.left.text if line.left else "",
        "source": pick(SOURCES.get(case.source, (case.source, case.source))),
        "state": pick(CASE_STATES.get(case.state, (case.state, case.state))),
        "opened": _day(case.opened_at),
        "arrived": _moment(task.created_at if task else None),
        "ended": _moment(task.ended_at if task else None),
        "sender": copy.sent_by.name if copy else "",
        "note": copy.note if copy else "",
        "sent": _moment(copy.sent_at if copy else None),
        "read": _moment(copy.read_at if copy else None),
    }
    return texts[column]


def halted(case: Case) -> str:
    """What stands behind the subject of a case that is held up (中止办理); empty for all others."""
    return bilingual("（中止办理）", " (suspended)") if case.suspended_at is not None else ""


def _last_day(line: Line) -> Cell:
    """The last day of the time limit; the moment where it ends within a day."""
    ends = line.task.due_at if line.task and line.task.ended_at is None else None
    if ends is None:
        return None
    local = clock.local(ends)
    if (local.hour, local.minute) == (0, 0):
        return (local - timedelta(seconds=1)).date()
    return _moment(ends)


def _day(value: datetime | None) -> date | None:
    return clock.local(value).date() if value else None


def _moment(value: datetime | None) -> datetime | None:
    return clock.local(value).replace(tzinfo=None, second=0, microsecond=0) if value else None
