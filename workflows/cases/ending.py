"""The end of a case: after it nothing changes its file any more, but for what the law still asks.

Three ends are final: archived (归档), terminated (终止) and not filed (不予立案). A closed case (结案) is not among
them: its file is bound and completed until it is archived; the decision's parties and matters stand already.

A suspicion of crime must be referred whenever it is found, and no end of the administrative case may hold it back
(国务院令310号 3, 5, 11; 行政处罚法 27, 82). So a case that was terminated or not filed takes a suspicion; the
referral runs beside the ended case, and while it runs the file is open again for what the referral needs: officers of
the special team, materials, what those who work on it write to each other. The case itself stays ended. When the police
give it back and a penalty is still due, a new lead is opened: what was ended is not taken up again. Where a decision
was made (decided to archived), a suspicion is a case of its own.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import ledger
from workflows.cases.file import Case
from workflows.cases.proceedings import Referral
from workflows.errors import Invalid, Stale

ENDED = ("archived", "refused", "terminated")
"""States of a case whose file is settled: sentence `case.<state>`."""


def why_settled(session: Session, case: Case) -> Invalid | None:
    """Why the file of a case takes no change any more: Invalid("case.archived", "case.refused"), or
    Invalid("case.terminated") with who did it, when and why; None while it may be changed.
    """
    if case.state not in ENDED or (case.state != "archived" and _referred(session, case)):
        return None
    told = termination(session, case)
    facts = {"by": told.actor_name, "at": told.happened_at, "reason": told.data["reason"]} if told else {}
    return Invalid(f"case.{case.state}", **facts)


def require_unsettled(session: Session, case: Case) -> None:
    """Raise what `why_settled` gives. The caller holds the case's lock."""
    if (why := why_settled(session, case)) is not None:
        raise why


def require_running(case: Case) -> None:
    """Raise Stale("case.suspended") while the case is held up (中止): nobody's part in it changes, nor its subject.

    What arrives meanwhile is filed all the same, a suspicion of crime is reported, and who has an interest in the
    case withdraws: none of them can wait (行政处罚法 43; 国务院令310号 3).
    """
    if case.suspended_at is not None:
        raise Stale("case.suspended", reason=case.suspended_for, at=case.suspended_at)


def termination(session: Session, case: Case) -> ledger.Entry | None:
    """The entry of the record that says who terminated a case, when and why; None while nobody did."""
    if case.state != "terminated":
        return None
    return next(iter(ledger.history(session, f"case:{case.id}", only=("CaseTerminated",))), None)


def _referred(session: Session, case: Case) -> bool:
    """Whether a referral of the case runs: its result is written by its last step."""
    running = select(Referral.id).where(Referral.case_id == case.id, Referral.result.is_(None)).limit(1)
    return session.execute(running).first() is not None
