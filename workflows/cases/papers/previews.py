"""The papers that completing a step would issue: read before they are signed, printed and served.

A preview is built from the case as it stands, by the same functions that the acts use, and changes nothing. Where a
paper also says what the form asks for, the words come from what is typed so far; a gap shows what is still open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from workflows.actors import Actor, legal_subject
from workflows.calendar import clock
from workflows.cases import facts, thresholds
from workflows.cases.acts import crime
from workflows.cases.acts.act import ActContext
from workflows.cases.acts.decision import deciding_item, outcome_of, paper
from workflows.cases.acts.meeting import current_item
from workflows.cases.file import Case, Draft, Party, current_draft
from workflows.cases.papers.decisions import penalty_notice
from workflows.cases.papers.referral import referral_letter
from workflows.cases.papers.reviews import discussion_record, review_opinion
from workflows.cases.reviews import Opinion
from workflows.cases.rules import rule
from workflows.documents import preview

OPEN = "（尚未填写）"
"""Stands where the form has not been filled in."""

DRAFT_MARK = "预览稿：未编号、未签发，不具有效力"
NOTICE_MARK = "送达前打印稿：文号于登记送达时编列"
"""The notice is served first and recorded then, so what is printed of it before has no number yet."""

Content = dict[str, Any]
Typed = Mapping[str, Sequence[str]]
"""What the form has so far, by flat name."""

NOTHING: Typed = {}


@dataclass(frozen=True, slots=True)
class Preview:
    """A paper to come. type: an id of KINDS; party: whom it is about, "" for the case; build: gives its content."""

    type: str
    party: str
    mark: str
    build: Callable[[], Content]


@dataclass(frozen=True, slots=True)
class Step:
    """The step that is looked at: by whom, of which case, with what the process and the form know."""

    session: Session
    actor: Actor
    case: Case
    variables: Mapping[str, Any]
    typed: Typed

    def said(self, key: str) -> str:
        """What is typed in a field, or a mark that it is open."""
        return next((value for value in self.typed.get(key, ()) if value.strip()), OPEN)


def previews(
    session: Session, actor: Actor, case: Case, act: str | None, variables: Mapping[str, Any], typed: Typed = NOTHING
) -> list[Preview]:  # fmt: skip
    """What a step with this act would issue, in the order of issue; [] where it issues nothing or can't do so yet.

    `build` of each gives the complete content without a number. It raises Invalid where the case lacks what the paper
    needs, and must be called while the session is open.
    """
    source = _SOURCES.get(act or "")
    if source is None:
        return []
    step = Step(session, actor, case, variables, typed)
    agency = legal_subject(session, case.unit_id).name
    return [
        Preview(made.type, made.party, made.mark, _completed(made.type, agency, made.build)) for made in source(step)
    ]


def _completed(kind: str, agency: str, build: Callable[[], Content]) -> Callable[[], Content]:
    return lambda: preview(kind, agency, build())


def _today() -> date:
    return clock.today()


def _notices(step: Step) -> list[Preview]:
    """One notice a party with a penalty, as if served today."""
    draft = current_draft(step.session, step.case)
    if draft is None or draft.outcome != "penalise":
        return []
    fact = facts.draft_fact(step.session, step.case, draft)
    threshold = rule(step.session, "hearing_threshold", step.case.bureau_id, _today())

    def build(party: Party) -> Content:
        right = thresholds.hearing_right(fact, party.id, threshold)
        return penalty_notice(step.session, step.case, draft, party, hearing=right, on=_today())

    parties = [step.session.get_one(Party, party_id) for party_id in fact.parties()]
    return [Preview("penalty_notice", party.name, NOTICE_MARK, _with(build, party)) for party in parties]


def _decisions(step: Step) -> list[Preview]:
    """One decision a party, as if signed today; a case that was referred has none in writing."""
    session, case = step.session, step.case
    draft = current_draft(session, case)
    outcome = outcome_of(session, case, draft) if draft is not None else "referred"
    if draft is None or outcome == "referred":
        return []
    fact = facts.draft_fact(session, case, draft)
    item = deciding_item(session, case, facts.collective(session, case, fact), outcome)

    def build(party: Party) -> Content:
        return paper(session, case, draft, party, outcome, item, _today())[1]

    parties = list(case.parties)
    if outcome == "penalty":
        parties = [session.get_one(Party, party_id) for party_id in fact.parties()]
    kind = "penalty_decision" if outcome == "penalty" else "no_penalty_decision"
    return [Preview(kind, party.name, DRAFT_MARK, _with(build, party)) for party in parties]


def _opinions(step: Step) -> list[Preview]:
    """The review opinion as it would read if the reviewer agreed: it is issued only then."""
    draft = current_draft(step.session, step.case)
    if draft is None:
        return []
    return [Preview("review_opinion", "", DRAFT_MARK, lambda: _opinion(step, draft))]


def _opinion(step: Step, draft: Draft) -> Content:
    adopts = next(iter(step.typed.get("adopts", ())), "")
    conclusion = Opinion(
        case_id=step.case.id, draft_id=draft.id, draft_digest=draft.digest, level="conclusion",
        stage=str(step.variables.get("stage") or "before_notice"), opinion="agree", text=step.said("text"),
        reviewer_id=step.actor.person_id, given_at=clock.now(),
        adopts_counsel=adopts or None,
        adoption_reason=step.said("adoption_reason") if adopts in ("partly", "no") else "",
    )  # fmt: skip
    return review_opinion(step.session, step.case, draft, conclusion)


def _letters(step: Step) -> list[Preview]:
    """The letter of referral, as if sent today."""
    if step.case.crime != "approved":
        return []
    return [Preview("referral_letter", "", DRAFT_MARK, lambda: _letter(step))]


def _letter(step: Step) -> Content:
    referral = crime.current(step.session, step.case)
    goods = step.said("goods")
    content = referral_letter(
        step.session, step.case, referral, to=step.said("police"), copied_to=step.said("procuratorate"),
        materials=list(step.typed.get("materials", ())), goods="" if goods == OPEN else goods,
        approved_on=clock.local(referral.approved_at or clock.now()).date(), on=_today(),
    )  # fmt: skip
    return content | {"materials": content["materials"] or [{"name": OPEN}]}


def _records(step: Step) -> list[Preview]:
    """The record of the item that was concluded."""
    return [Preview("discussion_record", "", DRAFT_MARK, lambda: _record(step))]


def _record(step: Step) -> Content:
    context = ActContext(step.session, step.actor, step.case, "", "", step.variables, clock.now())
    item = current_item(context, "concluded")
    questions = "\n".join(text for key in ("questions", "note") if (text := step.said(key)) != OPEN)
    return discussion_record(
        step.session, step.case, item, report=step.said("report"), questions=questions, recorder=step.actor.name
    )


def _with(build: Callable[[Party], Content], party: Party) -> Callable[[], Content]:
    return lambda: build(party)


_SOURCES: Mapping[str, Callable[[Step], list[Preview]]] = {
    "notice": _notices,
    "decision": _decisions,
    "review_conclusion": _opinions,
    "transfer": _letters,
    "minutes": _records,
}
"""Statutory act → the papers it issues."""
