"""How somebody stands to a task: may fill it in, prepares it for another, does it for somebody absent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import labels, shown
from webapp.languages import language, pick
from webapp.sentences import sentence
from workflows.actors import ROLES, Actor, Person
from workflows.cases import ending
from workflows.cases.file import Case
from workflows.desk import locking, offers, policies, signers, standins, vacancy
from workflows.desk.candidates import is_candidate
from workflows.desk.operators import handing, subtasks
from workflows.desk.tasks import REGISTRATION, Task
from workflows.diagrams import drafts, suspensions
from workflows.diagrams.suspension_table import Suspension
from workflows.engine import packages
from workflows.errors import FashenError

LIVE = ("open", "claimed")


@dataclass(frozen=True, slots=True)
class Standing:
    """mine: may fill in the form; claimable: may take it; prepares: for its owner, who completes it; absent: for whom
    it is done; held: why it can't be submitted or given back now, in words, empty when it can; signs: why who could
    claim it as a candidate can't, because he signs it or did a step from which the process keeps it apart.
    """

    mine: bool
    claimable: bool
    prepares: bool
    absent: Person | None
    held: str
    signs: str = ""


@dataclass(frozen=True, slots=True)
class Returned:
    """Why a step came back: who sent it back, from which step, what for; withdrawn: by its own doer."""

    by: str
    step: str
    reason: str
    resumes: bool
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Beside:
    """Something that was asked of somebody beside a step, and what they answered."""

    task: Task
    kind: str
    person: str
    agrees: str
    text: str
    removable: bool


def of(session: Session, who: Actor, task: Task, operators: frozenset[str]) -> Standing:
    """How the person stands to the task."""
    live, holds = task.state in LIVE, task.assignee_id == who.person_id
    offered = task.assignee_id is None and is_candidate(session, who, task)
    claimable = task.state == "open" and offered and "claim" in operators
    prepares = live and holds and task.owner_id is not None and subtasks.is_step(task)
    absent = standins.stood_in_for(session, who, task) if live and not holds else None
    answered = task.effect is not None
    mine = live and not answered and (holds or absent is not None or (offered and not claimable))
    waits = live and (mine or claimable or (answered and holds) or task.owner_id == who.person_id)
    held = _held(session, task, prepares) if waits else ""
    why = _why_not(session, who, task) if claimable else None
    return Standing(mine, claimable, prepares, absent, held, labels.told(session, task, why) if why else "")


def _why_not(session: Session, who: Actor, task: Task) -> FashenError | None:
    """What stands against claiming an open step: a signature beside it, or a step that is kept apart from it."""
    return signers.why_not(session, who.person_id, task) or policies.why_not(session, who.person_id, who.name, task)


def _held(session: Session, task: Task, prepares: bool) -> str:
    """What stands against completing the task, or giving it back prepared, now; what the command would say."""
    why = offers.halted(task.case) if prepares else offers.held(session, task)
    return labels.told(session, task, why) if why is not None else ""


def suspended(case: Case) -> str:
    """Since when and why the case is held up, in words; empty while it is not."""
    if case.suspended_at is None:
        return ""
    return str(_("自 %(at)s 起，恢复后才能继续办理。理由：%(reason)s", at=shown.moment(case.suspended_at),
                 reason=case.suspended_for))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Held:
    """A process whose running cases an administrator holds. title: what it is called; at: since when."""

    title: str
    by: str
    at: datetime
    reason: str


def held_task(session: Session, task: Task) -> list[Held]:
    """What holds the process of a task that waits; there is at most one."""
    row = suspensions.holder(session, task.process_key, task.package_hash) if task.state in LIVE else None
    return _told(session, [row] if row is not None else [])


def held_case(session: Session, case: Case) -> list[Held]:
    """What holds processes in which the case stands."""
    return _told(session, suspensions.of_case(session, case.id))


def _told(session: Session, rows: Sequence[Suspension]) -> list[Held]:
    people = drafts.names(session, [one.by_id for one in rows])
    return [Held(_title(session, one), people.get(one.by_id, ""), one.at, one.reason) for one in rows]


def _title(session: Session, row: Suspension) -> str:
    package_hash = row.package_hash or packages.current(session, row.process_key)
    return labels.process_name(session, package_hash, row.process_key) if package_hash else row.process_key


def settled(session: Session, case: Case) -> str:
    """Why nothing changes the file any more; empty while it may change."""
    why = ending.why_settled(session, case)
    return sentence(why.code, why.facts, language()) if why is not None else ""


def gone(session: Session, task: Task) -> str:
    """Why a task that was taken away needs not be done any more; empty for every other task."""
    if task.state != "cancelled":
        return ""
    why = locking.ended(session, task)
    if why.code == "task.case_terminated":
        return labels.told(session, task, why)
    if task.parent is not None and task.parent.state in LIVE:
        return str(_("这项请求已撤销，不需要您再办理。"))
    return str(_("这项任务已随流程取消。"))


def missing(session: Session, task: Task) -> str:
    """For whom a task waits that nobody can do, and what they are to do; to stand behind 等待."""
    found = vacancy.helper(session, task)
    if found.deed == vacancy.CHARGE:
        return str(_("%(role)s增加办案人员", role=pick(ROLES[found.role])))
    if found.deed == vacancy.GIVE:
        return str(_("%(role)s转办", role=pick(ROLES[found.role])))
    return str(_("系统管理员指定人员"))


def returned(session: Session, task: Task) -> Returned | None:
    """Who sent the step back to be done again, and why; None where nobody did."""
    if not task.returned or task.state not in LIVE:
        return None
    if task.kind == REGISTRATION:
        return Returned(task.assignee.name if task.assignee else "", "", task.question, False, withdrawn=True)
    if not subtasks.is_step(task):
        return Returned(task.owner.name if task.owner else "", parent_step(session, task), task.question, True)
    before = session.execute(
        select(Task).where(
            Task.instance_id == task.instance_id, Task.state.in_(("returned", "withdrawn")),
            Task.ended_at.is_not(None), Task.ended_at <= task.created_at,
        ).order_by(Task.ended_at.desc()).limit(20)
    ).scalars()  # fmt: skip
    for one in before:
        by = one.ended_by.name if one.ended_by else ""
        if one.state == "returned" and (one.answer or {}).get("returned_to") == task.element_id:
            return Returned(by, labels.bare_name(session, one), task.question, False)
        if one.state == "withdrawn" and one.element_id == task.element_id:
            return Returned(by, "", task.question, False, withdrawn=True)
    return None


def parent_step(session: Session, task: Task) -> str:
    """The step beside which something is asked; empty for a step."""
    return labels.bare_name(session, task.parent) if task.parent is not None else ""


def beside(session: Session, who: Actor, task: Task) -> list[Beside]:
    """What was asked beside a step, with the answers, oldest first."""
    if not subtasks.is_step(task):
        return []
    return [
        Beside(
            one, kind_name(one), one.assignee.name if one.assignee else "", str(said.get("agrees", "")),
            str(said.get("text", "")), one.state in LIVE and handing.takes_back(session, who, one, task)
            and offers.unasked(session, one) is None,
        )
        for one in subtasks.of(session, task)
        for said in (one.answer or {},)
    ]  # fmt: skip


def refusals(asked: Sequence[Beside]) -> list[Beside]:
    """Those whose last word on a step is that they do not agree. asked: what was asked beside it (`beside`)."""
    said = sorted((one for one in asked if one.agrees), key=lambda one: one.task.ended_at or one.task.created_at)
    last = {one.task.assignee_id: one for one in said}
    return [one for one in last.values() if one.agrees == "no"]


def kind_name(task: Task) -> str:
    """What is asked, in the reader's language: 前加签, 征询意见 …; empty for a step."""
    return pick(subtasks.NAMES[task.kind]) if task.kind in subtasks.NAMES else ""


def asked_of(task: Task) -> dict[str, Any] | None:
    """For the page of somebody who signs after a step: the answer that is to be signed; None otherwise."""
    return task.parent.answer if task.kind == "after" and task.parent is not None else None
