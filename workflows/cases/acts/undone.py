"""What an act has set going, put back when its step is to be done again (退回、撤回、后加签不同意).

What was done stays in the record; but whatever the act left behind that would keep it from being done again, or that
goes on as if it had been done, is put back: replies that the step will record anew, a hearing that is called anew, a
time that ran or stood because of it. Acts that ask for nothing of this kind are not named here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from sqlalchemy import select

from workflows import ledger
from workflows.calendar import clocks
from workflows.cases.acts import crime, limits
from workflows.cases.acts.act import ActContext
from workflows.cases.file import Party
from workflows.cases.meetings import AgendaItem
from workflows.cases.proceedings import Hearing, Notice
from workflows.ledger import events

NOTE = "有关环节退回或者撤回，重新办理"
"""Why a time limit ended, stopped or runs again."""
REVIEWS = frozenset({"submission_check", "legal_review", "counsel_review", "review_conclusion"})
"""Acts of the reviewers: while one of their steps waits, the time of the review runs."""
ANSWERS = frozenset({"file_supplement", "evidence_supplement", "draft_correction", "unit_response"})
"""Acts by which the handling unit answers a review: its time stands while one of these waits."""


@dataclass(frozen=True, slots=True)
class Undone:
    """acts: all whose steps come back or will be passed once more; withdrawn: whether whoever did the act takes it back
    before anybody has seen it.
    """

    acts: Collection[str]
    withdrawn: bool = False


def put_back(context: ActContext, undone: Undone) -> None:
    """Put back what these acts have set going in the case; what was put back already is left as it is."""
    for act, put in _PUT_BACK.items():
        if act in undone.acts:
            put(context, undone)


def comes_again(context: ActContext, act: str | None) -> None:
    """A step of an act waits once more: the time of the legal review runs for the reviewers, and stands for the unit;
    that of the decision stands for a hearing.

    What time was left when the review had ended is left again: neither who withdraws wins a day, nor is anybody late
    for the days on which the case lay elsewhere.
    """
    if act in ("hearing_notice", "hearing"):  # its time does not count for the decision (行政处罚法 63 以下)
        limits.hold(context, "decision", "当事人要求听证，听证期间不计入办案期限")
    if act in ("file_supplement", "submission_check"):
        _supplement(context, waits=act == "file_supplement")
    review = clocks.find(context.session, context.case.id, "legal_review")
    if review is None or act not in REVIEWS | ANSWERS:
        return
    if review.satisfied_at is not None:
        if act == "submission_check":  # whose answer begins another one
            return
        clocks.reopen_clock(context.session, review, actor=context.actor, reason=NOTE)
    if act in REVIEWS and review.suspended:
        clocks.resume_clock(context.session, review, actor=context.actor)
    elif act in ANSWERS:
        limits.hold(context, "legal_review", NOTE)


def _supplement(context: ActContext, *, waits: bool) -> None:
    """The time for supplying what a file lacks: it runs on while that waits, and is over when the file is checked."""
    running = clocks.find(context.session, context.case.id, "supplement")
    if running is not None and waits and running.satisfied_at is not None:
        clocks.reopen_clock(context.session, running, actor=context.actor, reason=NOTE)
        clocks.resume_clock(context.session, running, actor=context.actor)
    elif not waits:
        limits.drop(context, "supplement", NOTE)


def _suspicion(context: ActContext, undone: Undone) -> None:
    """The suspicion is verified anew, as long as the head has not approved the referral (310号令 5).

    His three days run from the report; a report that he sent back has reached him.
    """
    case = context.case
    if case.crime not in ("confirmed", "cleared"):
        return
    referral = crime.current(context.session, case)
    if referral.approved_at is not None or (case.crime == "cleared" and referral.result != "cleared"):
        return
    if case.crime == "cleared":
        crime.suspend_fine(context, referral)
    elif undone.withdrawn:
        limits.drop(context, "referral_approval", NOTE)
    case.crime, referral.result = "suspected", None
    crime.record(context, referral, "verified_again")


def _hearing(context: ActContext, undone: Undone) -> None:
    """The same hearing is to be held, or told of, again; where another one is called, this one stays as it was."""
    found = context.session.execute(
        select(Hearing).where(Hearing.case_id == context.case.id).order_by(Hearing.planned_at.desc()).limit(1)
    ).scalar_one_or_none()
    if found is None or found.state in ("notified", "superseded") or "hearing_notice" in undone.acts:
        return
    found.state = "notified"
    event = events.HearingReopened(hearing_id=found.id, planned_at=found.planned_at)
    ledger.append(context.session, _stream(context), event, actor=context.actor, case_id=context.case.id)


def _hearing_notice(context: ActContext, undone: Undone) -> None:
    """A hearing that was called and not held: another one takes its place."""
    for row in context.session.query(Hearing).filter_by(case_id=context.case.id, state="notified"):
        row.state = "superseded"
        event = events.HearingCalledOff(hearing_id=row.id, planned_at=row.planned_at, place=row.place)
        ledger.append(context.session, _stream(context), event, actor=context.actor, case_id=context.case.id)
    context.session.flush()


def _statement(context: ActContext, undone: Undone) -> None:
    """The replies to the latest notices are recorded anew; after another notice, those to that one are."""
    session = context.session
    if "notice" not in undone.acts:
        rows = session.execute(
            select(Notice).where(Notice.case_id == context.case.id).order_by(Notice.served_at)
        ).scalars()
        for row in {one.party_id: one for one in rows}.values():
            if row.statement is None:
                continue
            row.statement, row.hearing_request, row.statement_on, row.hearing_requested_on = None, None, None, None
            row.statement_text = row.recheck = ""
            party = session.get_one(Party, row.party_id)
            event = events.StatementReopened(notice_id=row.id, party_id=party.id, party=party.name)
            ledger.append(session, _stream(context), event, actor=context.actor, case_id=context.case.id)
        session.flush()
    limits.release_decision(context)


def _notice(context: ActContext, undone: Undone) -> None:
    """The penalty is told anew: nobody waits for replies to the notice before."""
    rules = {"statement", "hearing_request", "service_announcement"}
    notices = set(context.session.execute(select(Notice.id).where(Notice.case_id == context.case.id)).scalars())
    for one in clocks.running(context.session, context.case.id):
        if one.rule in rules and one.subject in notices:
            limits.drop(context, one.rule, NOTE, subject=one.subject)


def _agenda(context: ActContext, undone: Undone) -> None:
    """The case is taken off the meeting that has not come to it yet: who was called for it alone sees it no more."""
    session, case = context.session, context.case
    for item in session.query(AgendaItem).filter_by(case_id=case.id, state="listed"):
        item.state = "withdrawn"
        event = events.AgendaItemWithdrawn(meeting_id=item.meeting_id, item_id=item.id, purpose=item.purpose)
        ledger.append(session, f"meeting:{item.meeting_id}", event, actor=context.actor, case_id=case.id)
        case.state = "reviewing" if item.purpose == "dispute" else "deciding"
    session.flush()


def _unit_response(context: ActContext, undone: Undone) -> None:
    """The unit thinks about it once more: so far nothing is disputed."""
    context.case.disputed_at = None


def _stream(context: ActContext) -> str:
    return f"case:{context.case.id}"


_PUT_BACK: dict[str, Callable[[ActContext, Undone], None]] = {
    "suspicion_report": _suspicion, "hearing": _hearing, "hearing_notice": _hearing_notice, "statement": _statement,
    "notice": _notice, "agenda": _agenda, "unit_response": _unit_response,
}  # fmt: skip
"""Act → what puts it back, later acts of a procedure first."""
