"""What somebody can do with a task besides completing it, now; and why not, where the step offers it but not now.

A question only: the commands ask everything again under the lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ParamSpec

from sqlalchemy.orm import Session

from workflows.actors import Actor
from workflows.calendar import clock
from workflows.cases import access, ending, recusals
from workflows.cases.file import Case
from workflows.desk import advance, copies, offering, places, signers, vacancy
from workflows.desk.candidates import is_candidate, require_fit
from workflows.desk.operators import departing, halting, handing, presiding, recusing, registering, returning, subtasks
from workflows.desk.tasks import REGISTRATION, Task
from workflows.diagrams import description
from workflows.engine import packages
from workflows.errors import FashenError, Forbidden, Invalid

POLICY = {
    "delegate": "delegate", "sign": "add_signer", "round_add": "add_signer", "round_remove": "remove_signer",
    "ask": "ask", "return": "return",
}  # fmt: skip
"""What the holder of a step does → how `process.yaml` calls it."""

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Offer:
    """One operator. why: the reason why it can't be used now; None when it can."""

    operator: str
    why: FashenError | None = None


def offers(session: Session, actor: Actor, task: Task) -> list[Offer]:
    """What the actor is offered at a task, in the order of the buttons; nothing that the step's policy leaves out.

    Who withdrew from the case is shown what he could do otherwise, and why he can't.
    """
    return _unless_recused(session, actor, task.case, _at_task(session, actor, task))


def _unless_recused(session: Session, actor: Actor, case: Case, found: list[Offer]) -> list[Offer]:
    gone = recusals.why(session, actor, case.id) if found else None
    return found if gone is None else [Offer(one.operator, gone) for one in found]


def _at_task(session: Session, actor: Actor, task: Task) -> list[Offer]:
    if task.state not in advance.LIVE:
        return _withdrawal(session, actor, task)
    case = task.case
    found: list[Offer] = []
    halts, acts = halted(case), copies.acts_in(session, actor, case)
    if subtasks.is_step(task):
        found += [Offer(name, halts or why) for name, why in _of_step(session, actor, task, case)]
    elif task.kind == REGISTRATION and actor.person_id != task.assignee_id:
        if _leads(session, actor, task, case) and handing.stuck(session, task, case):
            found.append(Offer("reassign", halts))
    elif task.parent is not None and handing.takes_back(session, actor, task, task.parent):
        found.append(Offer("unask", halts or unasked(session, task)))
    for name, can, whose in (
        ("departed", departing.can_depart, departing.voter(task)),
        ("presiding", presiding.can_appoint, task.assignee_id),
    ):
        if can(task) and actor.person_id != whose and _keeps_attendance(session, actor, case):
            found.append(Offer(name, halts))
    if acts and actor.person_id != task.assignee_id:
        found.append(Offer("urge", not_urged(session, task)))
    if acts:
        found.append(Offer("copy", ending.why_settled(session, case)))
    if subtasks.is_step(task):
        found += _recall(session, actor, case)
    found += _recuse(session, actor, case)
    return found


def halted(case: Case) -> FashenError | None:
    """What stands against everything in a case that is held up; None while it goes on."""
    return _why(halting.require_running, case)


def held(session: Session, task: Task) -> FashenError | None:
    """What stands against completing a task that waits, whoever holds it: the case or its process is held up, others
    sign before it, its answer is in. None when it can be completed now.
    """
    return _why(halting.require_going, session, task, task.case) or _why(
        subtasks.require_free if subtasks.is_step(task) else subtasks.require_turn, session, task
    )


def unasked(session: Session, task: Task) -> FashenError | None:
    """What stands against taking back what is asked beside a step; None when it can be taken back."""
    return _why(subtasks.require_removable, session, task, task.parent) if task.parent is not None else None


def case_offers(session: Session, actor: Actor, case: Case) -> list[Offer]:
    """What the actor is offered at a case as a whole: hold it up, let it go on, end it."""
    over = case.state in halting.OVER
    found = []
    if not over and _holds(session, actor, case, *halting.HEADS):
        found.append(Offer("resume" if case.suspended_at is not None else "suspend"))
    opener = case.state == "lead" and halting.opens(session, actor, case)
    found += _recall(session, actor, case)
    found += _recuse(session, actor, case)
    if not over and recusing.could_order(session, actor, case):
        found.append(Offer("order_recusal", ending.why_settled(session, case)))
    ends = halting.HEADS if case.state == "lead" else ("bureau_leader", "bureau_head")
    if not over and (opener or _holds(session, actor, case, *ends)):
        found.append(Offer("terminate", _unended(case)))
    return _unless_recused(session, actor, case, found)


def _recuse(session: Session, actor: Actor, case: Case) -> list[Offer]:
    """To withdraw because of an interest: whoever takes part, whatever the process offers (行政处罚法 43)."""
    if case.state in halting.OVER or recusals.why(session, actor, case.id) is not None:
        return []
    if recusing.why_not_declared(session, actor, case) is not None:
        return []
    return [Offer("recuse")]


def _recall(session: Session, actor: Actor, case: Case) -> list[Offer]:
    """To take back what one entered: offered while it is a lead, or was filed just now and can't be any more."""
    if actor.person_id != case.opened_by_id or case.state not in ("lead", "filed"):
        return []
    return [Offer("recall", registering.why_not_withdrawn(session, actor, case))]


def _of_step(session: Session, actor: Actor, task: Task, case: Case) -> Iterator[tuple[str, FashenError | None]]:
    policy, holds = offering.task_operators(session, task), task.assignee_id == actor.person_id
    taken, free = holds and task.owner_id is None, _why(subtasks.require_free, session, task)
    if task.owner_id is not None and actor.person_id == task.owner_id:
        yield "take_back", None
    could = task.assignee_id is None and is_candidate(session, actor, task)
    first: FashenError | None = None
    if could:
        first = signers.why_not(session, actor.person_id, task) or Forbidden("task.claim_first", name=task.name)
    heads = _leads(session, actor, task, case)
    if heads and not holds and "reassign" not in description.withheld(task.act) and handing.stuck(session, task, case):
        yield "reassign", None  # whatever the package offers: no case is stuck
    elif "reassign" in policy and (holds or could or heads):
        yield "reassign", free if holds or heads else first
    if taken:  # whoever lost the role since, or was charged with the case, can give the step on and nothing else
        first = _why(require_fit, session, actor, task, case)
    signs = ("round_add", "round_remove") if places.is_round(session, task) else ("sign",)
    for name in ("delegate", *signs, "ask", "return") if taken or could else ():
        if POLICY[name] in policy:
            yield name, first or _held_up(session, task, name, free)


def _held_up(session: Session, task: Task, name: str, free: FashenError | None) -> FashenError | None:
    """What stands against one operator of the step's holder. free: what stands against completing the step."""
    if name == "delegate" or (task.effect is not None and name != "ask"):
        return free
    if name == "return" and free is None and not returning.choices(session, task):
        return Invalid("return.nowhere", name=task.name)
    if name == "round_remove":
        others = places.left(session, task).keys() - {places.number(task)}
        if not others & places.added(session, task):
            return Invalid("sign.nobody_added" if others else "sign.nobody_left", name=task.name)
    return free or _why(halting.require_going, session, task, task.case) if name == "return" else None


def in_sequence(session: Session, task: Task) -> bool:
    """Whether the step is one of a round in which one signs after the other."""
    node = packages.definition(session, task.package_hash).nodes.get(task.element_id)
    return node is not None and node.multi is not None and node.multi.sequential


def _withdrawal(session: Session, actor: Actor, task: Task) -> list[Offer]:
    if task.state != "completed" or task.ended_by_id != actor.person_id or not subtasks.is_step(task):
        return []
    halted = _why(halting.require_going, session, task, task.case)
    return [Offer("withdraw", halted or returning.why_not_withdrawn(session, actor, task))]


def _leads(session: Session, actor: Actor, task: Task, case: Case) -> bool:
    """Whether the actor may hand on what others hold: the head of the unit for its steps, of the bureau for all."""
    unit = "case_officer" in (task.role or "").split(",")
    return _holds(session, actor, case, *(("handling_unit_head",) if unit else ()), "bureau_head")


def _holds(session: Session, actor: Actor, case: Case, *roles: str) -> bool:
    return _why(access.require_role, session, actor, case, *roles) is None


def _keeps_attendance(session: Session, actor: Actor, case: Case) -> bool:
    """Whether the actor could keep the attendance of a discussion of the case."""
    return _holds(session, actor, case, "legal_reviewer") and _why(
        access.require_independent, session, actor, case) is None


def not_urged(session: Session, task: Task) -> FashenError | None:
    """What stands against reminding whoever does a step that waits; None when they can be reminded now."""
    if (halts := halted(task.case)) is not None:
        return halts
    if not task.assignee_id and not task.candidates:
        return vacancy.why_not_urged(session, task)
    if task.urged_at is not None and clock.now() < task.urged_at + handing.URGE_AGAIN:
        return Invalid("urge.too_soon", at=task.urged_at, hours=handing.URGE_AGAIN.seconds // 3600)
    return None


def _unended(case: Case) -> FashenError | None:
    if case.crime in halting.OPEN_CRIME:
        return Forbidden("case.crime_open")
    return Invalid("case.decided_already") if case.state in ("decided", "served", "performing") else None


def _why(guard: Callable[P, object], *given: P.args, **named: P.kwargs) -> FashenError | None:
    """What a guard raises, as a value."""
    try:
        guard(*given, **named)
    except FashenError as error:
        return error
    return None
