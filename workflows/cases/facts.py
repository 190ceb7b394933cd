"""Loads from the case file what the gates look at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.actors import Person, has_valid, is_delegated
from workflows.calendar import clock, clocks
from workflows.cases import access, drafts, thresholds
from workflows.cases.catalogue import Matter
from workflows.cases.file import Case, CaseMatter, Draft, DraftPenalty, Party, current_draft, officer_ids
from workflows.cases.gate_facts import (
    Burden,
    CollectiveFact,
    ConclusionFact,
    DecisionFacts,
    DraftFact,
    HearingFact,
    ItemFact,
    NoticeFact,
    OfficerFact,
    PenaltyFact,
    ReviewFact,
    SeizureFact,
)
from workflows.cases.meetings import AgendaItem, heads, leaders, voted
from workflows.cases.proceedings import Hearing, Notice, OnSiteAct, Seizure
from workflows.cases.ranges import Figures
from workflows.cases.reviews import Opinion
from workflows.cases.rules import rule
from workflows.errors import Invalid

Days = list[tuple[str, date, str, date]]


def officers(session: Session, person_ids: Iterable[str], on: date) -> list[OfficerFact]:
    """Officers and whether their enforcement certificates are valid on a day (G1)."""
    found = []
    for person_id in dict.fromkeys(person_ids):
        person = session.get(Person, person_id)
        name = person.name if person is not None else person_id
        found.append(OfficerFact(name, person is not None and has_valid(session, person_id, "enforcement", on)))
    return found


def draft_fact(session: Session, case: Case, draft: Draft) -> DraftFact:
    """A draft as the gates see it."""
    inclusive = bool(rule(session, "amount_wording", case.bureau_id, clock.today())["max_inclusive"])
    penalties = tuple(penalty_fact(session, penalty, inclusive) for penalty in draft.penalties)
    return DraftFact(
        draft.id, draft.digest, draft.outcome, draft.facts, draft.law, penalties, draft.statement_recheck
    )


def penalty_fact(session: Session, penalty: DraftPenalty, max_inclusive: bool) -> PenaltyFact:
    """One penalty of a draft as the gates see it, with the matter's entry."""
    party = session.get_one(Party, penalty.party_id)
    matter = session.get_one(Matter, penalty.matter_code)
    return PenaltyFact(
        party_id=party.id, party_kind=party.kind, party=party.name, matter_code=matter.code, stage=penalty.stage,
        types=frozenset(penalty.types), fine_fen=penalty.fine_fen or 0, confiscation_fen=penalty.confiscation_fen or 0,
        confiscation=penalty.confiscation, measures=penalty.measures, mitigation=penalty.mitigation,
        ground=penalty.mitigation_ground, figures=Figures(penalty.base_fen, penalty.base_days), spec=matter.spec,
        max_inclusive=max_inclusive,
    )  # fmt: skip


def notices(session: Session, case: Case) -> tuple[NoticeFact, ...]:
    """All notices of the case, the earliest first, with the ends of their windows."""
    rows = session.execute(select(Notice).where(Notice.case_id == case.id).order_by(Notice.served_at)).scalars()
    known: dict[str, DraftFact] = {}
    found = []
    for row in rows:
        if row.draft_id not in known:
            known[row.draft_id] = draft_fact(session, case, session.get_one(Draft, row.draft_id))
        found.append(
            NoticeFact(
                party_id=row.party_id, party=session.get_one(Party, row.party_id).name, draft=known[row.draft_id],
                served_at=row.served_at, statement=row.statement, rechecked=bool(row.recheck.strip()),
                statement_due=window_end(session, row, "statement"), hearing_right=row.hearing_right,
                hearing_request=row.hearing_request, hearing_requested_on=row.hearing_requested_on,
                hearing_due=window_end(session, row, "hearing_request") if row.hearing_right else None,
            )
        )
    return tuple(found)


def window_end(session: Session, notice: Notice, rule_id: str) -> datetime | None:
    """When the party's time for a statement or a hearing request ends; None when no clock was started."""
    running = clocks.find(session, notice.case_id, rule_id, notice.id)
    return running.due_at if running is not None else None


def hearings(session: Session, case: Case) -> tuple[HearingFact, ...]:
    """All hearings of the case, the earliest first."""
    rows = session.execute(select(Hearing).where(Hearing.case_id == case.id).order_by(Hearing.planned_at)).scalars()
    return tuple(
        HearingFact(row.state, row.notified_on, row.held_at, row.transcript_material_id is not None) for row in rows
    )


def review(session: Session, case: Case, draft: Draft) -> ReviewFact:
    """Whether review is required, and the legal officer's latest conclusion."""
    heard = any(hearing.state == "held" for hearing in hearings(session, case))
    required = review_required(session, case, hearing_held=heard)
    latest = last_conclusion(session, case)
    fact = ConclusionFact(latest.opinion, latest.draft_digest, latest.given_at) if latest is not None else None
    return ReviewFact(required, drafts.digest_now(session, case, draft), fact)


def review_required(session: Session, case: Case, *, hearing_held: bool) -> bool:
    """Whether the case needs legal review, with or without a hearing held in it."""
    codes = select(CaseMatter.matter_code).where(CaseMatter.case_id == case.id)
    listed = select(Matter.code).where(Matter.code.in_(codes), Matter.in_local_list).limit(1)
    return thresholds.review_required(
        public_interest=case.public_interest, complex_case=case.complex, hearing_held=hearing_held,
        listed=session.execute(listed).first() is not None,
    )  # fmt: skip


def agreements(session: Session, case: Case, digest: str | None = None) -> list[datetime]:
    """When legal review concluded with its agreement, the earliest first: on one draft, or on any of the case."""
    wanted = select(Opinion.given_at).where(
        Opinion.case_id == case.id, Opinion.level == "conclusion", Opinion.opinion == "agree"
    )
    if digest is not None:
        wanted = wanted.where(Opinion.draft_digest == digest)
    return list(session.execute(wanted.order_by(Opinion.given_at)).scalars())


def last_conclusion(session: Session, case: Case) -> Opinion | None:
    """The legal officer's latest conclusion."""
    return session.execute(
        select(Opinion)
        .where(Opinion.case_id == case.id, Opinion.level == "conclusion")
        .order_by(Opinion.given_at.desc(), Opinion.id)
        .limit(1)
    ).scalar_one_or_none()


def collective(session: Session, case: Case, draft: DraftFact) -> CollectiveFact:
    """Whether the leaders must decide together, by the rules of today, and what they concluded last."""
    today = clock.today()
    because = thresholds.collective_because(
        draft, rule(session, "collective_threshold", case.bureau_id, today), complex_case=case.complex,
        disputed=case.disputed_at is not None,
    )  # fmt: skip
    item = last_item(session, case)
    return quorum_rule(session, case, because, item_fact(session, case, item) if item is not None else None)


def last_item(session: Session, case: Case) -> AgendaItem | None:
    """The agenda item on the decision that was concluded last."""
    return session.execute(
        select(AgendaItem)
        .where(AgendaItem.case_id == case.id, AgendaItem.state == "concluded", AgendaItem.purpose == "decision")
        .order_by(AgendaItem.concluded_at.desc())
        .limit(1)
    ).scalar_one_or_none()


def quorum_rule(
    session: Session, case: Case, because: tuple[str, ...] = (), item: ItemFact | None = None
) -> CollectiveFact:
    """The bureau's quorum rule of today, with what is known of the discussion."""
    quorum = rule(session, "quorum", case.bureau_id, clock.today())
    return CollectiveFact(
        because, item, int(quorum["numerator"]), int(quorum["denominator"]), bool(quorum.get("handling_leader"))
    )


def item_fact(session: Session, case: Case, item: AgendaItem) -> ItemFact:
    """An agenda item as the gates see it: members are the bureau's leaders of the day, called or not, and who voted.

    Whoever withdrew, handles the case now or has reviewed it, does not count as present and has no vote; where no
    leader in charge is named, or the bureau has no head, none is missing.
    """
    day = clock.local(item.concluded_at).date() if item.concluded_at is not None else clock.today()
    # A vote stands, whatever becomes of the voter afterwards: he was entitled when he cast it (`acts.meeting.vote`).
    entitled = {person.id for person in leaders(session, case.bureau_id, day)} | voted(item)
    called = {entry["person_id"] for entry in item.attendance}
    recused = {entry["person_id"] for entry in item.recused}
    away = recused | officer_ids(session, case.id) | (access.barred(session, case, "panel_member") - voted(item))
    present = {entry["person_id"] for entry in item.attendance if entry["present"]} & entitled - away
    voters = set(item.voters) & entitled - away
    votes = tuple(vote.choice for vote in item.votes if vote.round == item.round and vote.person_id in voters)
    head = heads(session, case.bureau_id, day)
    return ItemFact(
        conclusion=item.conclusion or "", draft_digest=item.draft_digest, members=len(entitled),
        present=len(present), voters=len(item.voters), votes=votes, resolved=_resolved(item.resolved_penalties),
        leader_present=case.leader_id is None or case.leader_id in present | recused,
        head_accounted=not head or bool(head & (called | recused)),
    )  # fmt: skip


def seizure(session: Session, case: Case, row: Seizure) -> SeizureFact:
    """A seizure as G12 sees it."""
    return SeizureFact(is_delegated(session, case.unit_id), row.urgent, row.approved_at, row.taken_at)


def decision(session: Session, case: Case, outcome: str, at: datetime) -> DecisionFacts:
    """All that is looked at before a decision dated `at`. Raises Invalid("draft.missing") without a draft."""
    draft = current_draft(session, case)
    if draft is None:
        raise Invalid("draft.missing")
    fact, told = draft_fact(session, case, draft), notices(session, case)
    together = collective(session, case, fact)
    days = _days(session, case, draft, at) + _reviewed_first(session, case, told)
    if together.because:
        days += _discussed_last(session, case, told)
    return DecisionFacts(
        draft=fact, outcome=outcome, notices=told, hearings=hearings(session, case),
        review=review(session, case, draft), collective=together, crime=case.crime, number=case.number,
        days=tuple(days), now=at,
    )  # fmt: skip


def _resolved(penalties: list[dict[str, Any]]) -> dict[str, Burden]:
    found: dict[str, Burden] = {}
    for penalty in penalties:
        old = found.get(penalty["party_id"], Burden(frozenset(), 0, 0))
        found[penalty["party_id"]] = Burden(
            old.types | frozenset(penalty["types"]), old.fine_fen + (penalty["fine_fen"] or 0),
            old.confiscation_fen + (penalty.get("confiscation_fen") or 0),
        )  # fmt: skip
    return found


def _days(session: Session, case: Case, draft: Draft, decided_at: datetime) -> Days:
    """Pairs of steps and their days that must not be the other way round."""
    first = session.execute(
        select(Draft.created_at).where(Draft.case_id == case.id).order_by(Draft.version).limit(1)
    ).scalar_one()
    served = session.execute(select(Notice.served_on).where(Notice.case_id == case.id)).scalars().all()
    held = [row.held_at for row in hearings(session, case) if row.held_at is not None]
    called = [row.notified_on for row in hearings(session, case)]
    met = session.execute(select(AgendaItem.concluded_at).where(AgendaItem.case_id == case.id)).scalars().all()
    on_site = session.execute(select(OnSiteAct.done_on).where(OnSiteAct.case_id == case.id)).scalars().all()
    latest = last_conclusion(session, case)
    points: dict[str, date | None] = {
        "found": case.found_on, "filed": _day(case.filed_at), "act": max(on_site, default=None),
        "report": _day(first), "notice": max(served, default=None), "hearing_notice": max(called, default=None),
        "hearing": _day(max(held, default=None)), "last_review": _day(latest.given_at if latest else None),
        "meeting": _day(max((moment for moment in met if moment is not None), default=None)),
        "decision": _day(decided_at), "first_notice": min(served, default=None),
    }  # fmt: skip
    pairs = [
        ("found", "filed"), ("filed", "report"), ("report", "first_notice"), ("first_notice", "hearing_notice"),
        ("hearing_notice", "hearing"), ("hearing", "decision"), ("notice", "decision"), ("last_review", "decision"),
        ("meeting", "decision"), ("act", "decision"), ("report", "decision"),
    ]  # fmt: skip
    found: Days = []
    for earlier, later in pairs:
        before, after = points[earlier], points[later]
        if before is not None and after is not None:
            found.append((earlier.removeprefix("first_"), before, later.removeprefix("first_"), after))
    return found


def _reviewed_first(session: Session, case: Case, told: Iterable[NoticeFact]) -> Days:
    """Review before the notice that counts for each party; but where only a hearing makes it necessary, after that."""
    if not review_required(session, case, hearing_held=False):
        return []
    found: Days = []
    for notice in {notice.party_id: notice for notice in told}.values():
        agreed = agreements(session, case, notice.draft.digest) or agreements(session, case)
        if agreed:
            found.append(("review", agreed[0], "notice", notice.served_at))
    return found


def _discussed_last(session: Session, case: Case, told: Sequence[NoticeFact]) -> Days:
    """The leaders discuss what was reviewed, noticed and heard: a meeting before any of that decides nothing."""
    item = last_item(session, case)
    if item is None or item.concluded_at is None:
        return []
    found: Days = []
    agreed = agreements(session, case, item.draft_digest) or agreements(session, case)
    if agreed and review_required(session, case, hearing_held=False):
        found.append(("review", agreed[0], "meeting", item.concluded_at))
    if told:
        found.append(("notice", min(notice.served_at for notice in told), "meeting", item.concluded_at))
    held = [row.held_at for row in hearings(session, case) if row.held_at is not None]
    if held:
        found.append(("hearing", max(held), "meeting", item.concluded_at))
    return found


def _day(moment: datetime | None) -> date | None:
    return clock.local(moment).date() if moment is not None else None
