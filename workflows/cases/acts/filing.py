"""线索 and 立案: the lead and whether a case is filed (行政处罚法 54)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from workflows import ledger
from workflows.calendar import clock
from workflows.cases import access, gates
from workflows.cases.acts import limits
from workflows.cases.acts.act import ActContext, Effect
from workflows.cases.acts.answers import Checks
from workflows.cases.acts.attachments import keep_files
from workflows.cases.file import Case
from workflows.errors import Invalid
from workflows.ledger import events


def lead(context: ActContext, answer: Mapping[str, Any]) -> Effect:
    """线索登记 where a diagram asks for it as a step: its files enter the case (the case itself is opened before)."""
    access.require_officer(context.session, context.actor, context.case)
    keep_files(context, answer)
    return Effect()


def decide_filing(context: ActContext, answer: Mapping[str, Any]) -> Effect:
    """立案审批: approve gives the number and starts the time for the decision; reject ends; return asks for more."""
    case, session = context.case, context.session
    access.require_role(session, context.actor, case, "bureau_leader", "bureau_head")
    access.require_independent(session, context.actor, case)
    checks = Checks()
    result = checks.choice(answer, "result", ("approve", "reject", "return"))
    opinion = checks.text(answer, "opinion")
    checks.done()
    if case.state != "lead":
        raise Invalid("case.filed_already", number=case.number)
    stream = f"case:{case.id}"
    approval = events.ApprovalGiven(act="filing", result=result, opinion=opinion)
    ledger.append(session, stream, approval, actor=context.actor, case_id=case.id)
    if result == "approve":
        _file(context, opinion)
    elif result == "reject":
        limits.done(context, "filing", note="不予立案")
        case.state, case.closed_at = "refused", context.now
        refused = events.FilingRefused(reason=opinion, refused_by=context.actor.name)
        ledger.append(session, stream, refused, actor=context.actor, case_id=case.id)
    return Effect({"filing_result": result})


def _file(context: ActContext, opinion: str) -> None:
    case = context.case
    day = clock.local(context.now).date()
    gates.g16_order([("found", case.found_on, "filed", day)])
    limits.done(context, "filing")
    case.number = next_number(context)
    case.state, case.filed_at, case.leader_id = "filed", context.now, context.actor.person_id
    limits.begin(context, "decision", day)
    filed = events.CaseFiled(number=case.number, filed_on=day, approved_by=context.actor.name, reason=opinion)
    ledger.append(context.session, f"case:{case.id}", filed, actor=context.actor, case_id=case.id)


def next_number(context: ActContext) -> str:
    """The next case number of the bureau and year: （衢）应急立〔2024〕1号, without gaps.

    The bureau's row is locked first, so that two filings at once can't take the same number.
    """
    case, session = context.case, context.session
    session.refresh(case.bureau, with_for_update=True)
    year = clock.local(context.now).year
    prefix = f"（{case.bureau.region or case.bureau.name}）应急立〔{year}〕"
    taken = session.execute(select(func.count()).select_from(Case).where(Case.number.like(f"{prefix}%"))).scalar_one()
    return f"{prefix}{taken + 1}号"
