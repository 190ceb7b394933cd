"""Holding a case up (中止, 恢复) and ending it without a decision (终止, 撤回).

Holding up stops people and the timers of the process. It stops no statutory time limit: those stop on the grounds of
the law only (`calendar.clocks.suspend`), and the desk goes on showing them.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import ledger, outbox, pulse
from workflows.actors import Actor
from workflows.calendar import clock, clocks
from workflows.cases import access, entering
from workflows.cases.ending import require_running as require_running
from workflows.cases.file import Case
from workflows.cases.proceedings import Seizure
from workflows.desk import advance, receipts, texts
from workflows.desk.candidates import people_for
from workflows.desk.tasks import REGISTRATION, Task
from workflows.diagrams import suspensions
from workflows.engine import state
from workflows.errors import Forbidden, Invalid, Stale
from workflows.ledger import events

HEADS = ("handling_unit_head", "bureau_leader", "bureau_head")
OVER = ("closed", "archived", "refused", "terminated")
OPEN_CRIME = ("suspected", "confirmed", "approved")
"""A suspicion that nobody has decided on: ending the case would hide it (行政处罚法 82; 310号令 3, 11)."""


def require_going(session: Session, task: Task, case: Case) -> None:
    """Raise Stale("case.suspended") while the case is held up, Stale("process.held") while its step's process is."""
    require_running(case)
    suspensions.require_going(session, task.process_key, task.package_hash)


def suspend_case(session: Session, actor: Actor, case_id: str, *, reason: str, key: str) -> Case:
    """Hold a case up. Raises NotFound, Forbidden, Stale("case.suspended"), Invalid without a reason."""
    case, done = locked(session, actor, case_id, "suspend_case", reason, key)
    if done:
        return case
    access.require_role(session, actor, case, *HEADS)
    require_running(case)
    if case.state in OVER:
        raise Invalid("case.over")
    case.suspended_at, case.suspended_for = clock.now(), reason.strip()
    for instance_id in instances(session, case):
        state.rest(session, instance_id)
    _record(session, actor, case, events.CaseSuspended(reason=case.suspended_for), "case_suspended")
    receipts.keep(session, actor, key, "suspend_case", {"case": case_id, "reason": reason}, {})
    return case


def resume_case(session: Session, actor: Actor, case_id: str, *, reason: str, key: str) -> Case:
    """Let a case go on. Raises NotFound, Forbidden, Stale("case.not_suspended")."""
    case, done = locked(session, actor, case_id, "resume_case", reason, key, needed=False)
    if done:
        return case
    access.require_role(session, actor, case, *HEADS)
    if case.suspended_at is None:
        raise Stale("case.not_suspended")
    case.suspended_at, case.suspended_for = None, ""
    for instance_id in instances(session, case):
        state.rest(session, instance_id, over=True)
    _record(session, actor, case, events.CaseResumed(reason=reason.strip()), "case_resumed")
    receipts.keep(session, actor, key, "resume_case", {"case": case_id, "reason": reason}, {})
    return case


def opens(session: Session, actor: Actor, case: Case) -> bool:
    """Whether the actor opened the case and handles it still."""
    return actor.person_id == case.opened_by_id and any(
        one.id == actor.person_id for one in people_for(session, case, ["case_officer"])
    )


def terminate_case(session: Session, actor: Actor, case_id: str, *, reason: str, key: str) -> Case:
    """End a case without a decision: a lead by whoever opened it or the unit's head, later by a leader of the bureau.

    Raises NotFound, Forbidden ("actor.role_missing", "case.crime_open"), Invalid ("case.over",
    "closing.seizure_in_force", "case.decided_already"): what was decided is closed in its own way, and a suspicion of
    crime is decided first.
    """
    case, done = locked(session, actor, case_id, "terminate_case", reason, key)
    if done:
        return case
    if case.state in OVER:
        raise Invalid("case.over")
    if case.state == "lead":
        if not opens(session, actor, case):
            access.require_role(session, actor, case, *HEADS)
    else:
        access.require_role(session, actor, case, "bureau_leader", "bureau_head")
    if case.crime in OPEN_CRIME:
        raise Forbidden("case.crime_open")
    seized = select(Seizure.id).where(Seizure.case_id == case.id, Seizure.state == "in_force")
    if session.execute(seized.limit(1)).first() is not None:  # 行政强制法 28: it is lifted first
        raise Invalid("closing.seizure_in_force")
    if case.state in ("decided", "served", "performing"):
        raise Invalid("case.decided_already")
    ended = instances(session, case)
    case.state, case.closed_at, case.suspended_at, case.suspended_for = "terminated", clock.now(), None, ""
    told = events.CaseTerminated(reason=reason.strip(), instance_ids=ended)
    now = clock.now()
    ledger.append(session, advance.stream(case), told, actor=actor, case_id=case.id, happened=now)
    for instance_id in ended:
        instance = state.load(session, instance_id)
        instance.terminate(now)
        advance.follow(session, case, instance, actor, why="terminated")
    for task in _registrations(session, case):
        advance.cancel(session, case, task, actor, "terminated")
    for one in clocks.running(session, case.id):
        clocks.satisfy_clock(session, one, actor=actor, at=now, moot=True, note="案件终止")
    _tell(session, actor, case, "case_terminated")
    case.version += 1
    receipts.keep(session, actor, key, "terminate_case", {"case": case_id, "reason": reason}, {})
    return case


def locked(
    session: Session, actor: Actor, case_id: str, command: str, reason: str, key: str, *, needed: bool = True
) -> tuple[Case, bool]:
    """The case under its lock, and whether the command was done under this key before."""
    case = entering.enter(session, actor, case_id)
    if receipts.replay(session, actor, key, command, {"case": case_id, "reason": reason}) is not None:
        return case, True
    texts.reason(reason, needed=needed)
    return case, False


def _record(session: Session, actor: Actor, case: Case, told: object, notice: str) -> None:
    ledger.append(session, advance.stream(case), told, actor=actor, case_id=case.id)
    pulse.touch(session, case.id)  # no task changes: pages of its steps that lie open are told all the same
    _tell(session, actor, case, notice)
    case.version += 1


def _tell(session: Session, actor: Actor, case: Case, notice: str) -> None:
    """Tell whoever holds a step of the case, and who opened it."""
    holders = select(Task.assignee_id).where(Task.case_id == case.id, Task.ended_at.is_(None))
    people = {one for one in session.execute(holders).scalars() if one} | {case.opened_by_id}
    for person_id in sorted(people - {actor.person_id}):
        outbox.send(session, person_id, notice, {"title": case.title, "by": actor.name}, case_id=case.id)


def _registrations(session: Session, case: Case) -> list[Task]:
    """What waits of a lead that was taken back: it belongs to no process that could end it."""
    wanted = select(Task).where(Task.case_id == case.id, Task.kind == REGISTRATION, Task.ended_at.is_(None))
    return list(session.execute(wanted).scalars())


def instances(session: Session, case: Case) -> list[str]:
    """The processes of the case that run."""
    return state.running_of(session, case.id)
