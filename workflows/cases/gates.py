"""The statutory gates: pure functions that let a step pass or refuse it, whatever a diagram or `process.yaml` says.

Each takes frozen facts and raises GateClosed("gate.Gn", article=…, cause=…, reason={zh, en}, …) when it is closed.
The numbers are those of the domain brief, 4b. Articles without a law's name are of the 行政处罚法 (2021).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from workflows.calendar import clock
from workflows.cases.file import CRIME_STATES, PENALTY_TYPES
from workflows.cases.gate_facts import (
    CollectiveFact,
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
from workflows.cases.gate_refusal import closed, last_day, pair, pairs, yuan
from workflows.cases.gate_words import BECAUSE, STEPS
from workflows.cases.ranges import Range, allowed_types, ranges, stage_words
from workflows.cases.reviews import OPINION_TYPES
from workflows.errors import GateClosed, Invalid, NotFound

URGENT_HOURS = 24
"""Within so many hours an urgent measure must be approved afterwards (行政强制法 19)."""

LEAST_VOTERS = 2
"""One leader alone never decides together (行政处罚法 57 para. 2: 集体讨论决定)."""

NO_FINE = frozenset({"suspected", "confirmed", "approved", "transferred", "accepted"})
"""Crime states in which no penalty may be decided (310号令 11)."""


def g1_officers(act: str, day: date, officers: Sequence[OfficerFact]) -> None:
    """An act on site needs two officers whose certificates are valid that day."""
    certified = [officer for officer in officers if officer.certified]
    if len(certified) < 2:
        missing = [officer.name for officer in officers if not officer.certified]
        raise closed("G1", "officers_missing", act=act, day=day, count=len(certified), missing=missing or "—")


def g2_notice(draft: DraftFact, notices: Iterable[NoticeFact], now: datetime) -> None:
    """Every party with a penalty was told of just this, and its time for a statement is over, waived, or used.

    A statement that was made must have been rechecked. The latest notice to a party is the one that counts.
    """
    latest = _latest(notices)
    for party_id, party in draft.parties().items():
        notice = latest.get(party_id)
        if notice is None:
            raise closed("G2", "not_noticed", party=party)
        if not covers(notice.draft, draft, party_id):
            raise closed("G2", "not_covered", party=party)
        if notice.statement == "made" and not (notice.rechecked or draft.statement_recheck.strip()):
            raise closed("G2", "statement_unchecked", party=party)
        g2_window(notice, now)


def g2_window(notice: NoticeFact, now: datetime) -> None:
    """A party's time for a statement is over, unless it made one or waived it in writing."""
    if notice.statement in ("made", "waived"):
        return
    if notice.statement_due is None or now < notice.statement_due:
        raise closed("G2", "statement_open", party=notice.party, due=notice.statement_due)


def g3_hearing(notices: Iterable[NoticeFact], hearings: Sequence[HearingFact], now: datetime) -> None:
    """A hearing asked for in time has its outcome, else the time to ask is over; a held one has a transcript."""
    for notice in _latest(notices).values():
        if notice.hearing_request == "requested" and in_time(notice):
            served = clock.local(notice.served_at).date()
            ended = [h for h in hearings if h.state != "notified" and h.notified_on >= served]
            if not ended:
                raise closed("G3", "hearing_not_held", party=notice.party)
        else:
            g3_window(notice, now)
    if any(hearing.state == "held" and not hearing.has_transcript for hearing in hearings):
        raise closed("G3", "no_transcript")


def g3_window(notice: NoticeFact, now: datetime) -> None:
    """A party's time to ask for a hearing is over, unless it has no such right, asked, or waived it in writing."""
    if not notice.hearing_right or notice.hearing_request in ("requested", "waived"):
        return
    if notice.hearing_due is None or now < notice.hearing_due:
        raise closed("G3", "hearing_open", party=notice.party, due=notice.hearing_due)


def g4_review(review: ReviewFact, hearings: Iterable[HearingFact]) -> None:
    """Where review is required, its latest conclusion is "agree", on just this draft, after any hearing held."""
    if not review.required:
        return
    conclusion = review.conclusion
    if conclusion is None:
        raise closed("G4", "no_review")
    if conclusion.opinion != "agree":
        raise closed("G4", "review_not_agreed", opinion=pair(OPINION_TYPES, conclusion.opinion))
    if conclusion.draft_digest != review.digest_now:
        raise closed("G4", "review_other_draft")
    held = [hearing.held_at for hearing in hearings if hearing.state == "held" and hearing.held_at is not None]
    if held and conclusion.given_at < max(held):
        raise closed("G4", "review_before_hearing")


def g5_reviewer(reviewer: str, *, qualified: bool) -> None:
    """Whoever reviews penalty decisions has passed the legal professional examination."""
    if not qualified:
        raise closed("G5", "not_qualified", reviewer=reviewer)


def g6_collective(draft: DraftFact, collective: CollectiveFact) -> None:
    """A serious or complex case is decided as the leaders concluded together, with quorum and majority."""
    if not collective.because:
        return
    item = collective.item
    if item is None:
        raise closed("G6", "not_collective", because=pairs(BECAUSE, collective.because))
    g6_vote(collective, item)
    if item.conclusion == "approve" and item.draft_digest == draft.digest:
        return
    if item.conclusion == "change" and resolved_as(draft, item):
        return
    raise closed("G6", "collective_other_draft")


def g6_vote(collective: CollectiveFact, item: ItemFact) -> None:
    """A conclusion rests on a quorum and on more than half of those entitled to vote."""
    if (refusal := g6_quorum(collective, item)) is not None:
        raise refusal
    votes = item.votes.count(item.conclusion)
    if votes * 2 <= item.voters:
        raise closed("G6", "no_majority", votes=votes, voters=item.voters)


def g6_quorum(collective: CollectiveFact, item: ItemFact) -> GateClosed | None:
    """Why a meeting may not conclude on an item; None where it may: at least two who vote, a quorum of the bureau's
    leaders, the leader in charge there, and the head there or known to be away.
    """
    if item.voters < LEAST_VOTERS or item.present < LEAST_VOTERS:
        return closed("G6", "one_voter", voters=min(item.voters, item.present))
    if not collective.quorate(item.present, item.members):
        return closed("G6", "no_quorum", members=item.members, present=item.present)
    if collective.leader_needed and not item.leader_present:
        return closed("G6", "leader_absent")
    if not item.head_accounted:
        return closed("G6", "head_missing")
    return None


def g7_range(draft: DraftFact) -> None:
    """Types and amounts stay within what the law sets for matter and stage, unless reduced on a legal ground (32)."""
    for penalty in draft.penalties:
        _g7_one(penalty)


def g8_not_heavier(draft: DraftFact, notices: Iterable[NoticeFact]) -> None:
    """No party is punished harder because it spoke up or asked for a hearing; new facts need a new notice."""
    for notice in sorted(notices, key=lambda notice: notice.served_at):
        if notice.party_id not in draft.parties() or draft.grounds(notice.party_id) != notice.draft.grounds(
            notice.party_id
        ):
            continue
        spoke_up = notice.statement == "made" or notice.hearing_request == "requested"
        if spoke_up and draft.burden(notice.party_id).heavier_than(notice.draft.burden(notice.party_id)):
            raise closed("G8", "heavier_after_statement", party=notice.party)


def g8_new_facts(draft: DraftFact, notices: Iterable[NoticeFact]) -> None:
    """A decision on other facts or law than those noticed to a party needs a new notice first."""
    for party_id, notice in _latest(notices).items():
        if party_id in draft.parties() and draft.grounds(party_id) != notice.draft.grounds(party_id):
            raise closed("G8", "new_facts_unnoticed", party=notice.party)


def g9_crime(crime: str, outcome: str) -> None:
    """No penalty while a suspicion is open or the police have the case; `referred` only when they accepted it."""
    state = pair(CRIME_STATES, crime)
    if outcome == "referred":
        if crime != "accepted":
            raise closed("G9", "not_referred", state=state)
    elif crime in NO_FINE:
        raise closed("G9", "crime_accepted" if crime == "accepted" else "crime_open", state=state)


def g12_coercion(seizure: SeizureFact) -> None:
    """Sealing and seizing is for the authority itself, and with a leader's approval unless it is urgent."""
    if seizure.delegated:
        raise closed("G12", "delegated")
    if seizure.approved_at is None and not seizure.urgent:
        raise closed("G12", "not_approved")


def g12_approval(seizure: SeizureFact, now: datetime) -> None:
    """An urgent measure may be approved afterwards only within 24 hours."""
    if seizure.delegated:
        raise closed("G12", "delegated")
    if seizure.urgent and seizure.taken_at is not None:
        due = seizure.taken_at + timedelta(hours=URGENT_HOURS)
        if now > due:
            raise closed("G12", "approved_late", due=due)


def g16_order(days: Iterable[tuple[str, date, str, date]], number: str | None = "") -> None:
    """No step is dated before one that must come first, and the case has its number (None: it has none).

    days: (earlier step, its day, later step, its day); steps are keys of `gate_words.STEPS`. Where both are moments,
    they are compared to the minute, which is what people write.
    """
    for earlier, earlier_day, later, later_day in days:
        if _reversed(earlier_day, later_day):
            raise closed(
                "G16", "order", earlier=pair(STEPS, earlier), earlier_day=earlier_day,
                later=pair(STEPS, later), later_day=later_day,
            )  # fmt: skip
    if number is None:
        raise closed("G16", "no_number")


def _reversed(earlier: date, later: date) -> bool:
    if isinstance(earlier, datetime) and isinstance(later, datetime):
        return earlier.replace(second=0, microsecond=0) > later.replace(second=0, microsecond=0)
    return _as_day(earlier) > _as_day(later)


def _as_day(value: date) -> date:
    return clock.local(value).date() if isinstance(value, datetime) else value


def decision(facts: DecisionFacts) -> None:
    """All gates before a decision, in the order in which the file is read. outcome: as in `Decision.outcome`."""
    g16_order(facts.days, facts.number)
    g9_crime(facts.crime, facts.outcome)
    if facts.outcome == "referred":
        return  # the criminal court decides; nothing is imposed here (35 para. 2)
    if facts.outcome == "penalty":
        g7_range(facts.draft)
        g8_not_heavier(facts.draft, facts.notices)
        g8_new_facts(facts.draft, facts.notices)
        g2_notice(facts.draft, facts.notices, facts.now)
        g3_hearing(facts.notices, facts.hearings, facts.now)
    g4_review(facts.review, facts.hearings)
    g6_collective(facts.draft, facts.collective)


def covers(noticed: DraftFact, decided: DraftFact, party_id: str) -> bool:
    """Whether a notice of one draft lets another be decided against a party: same grounds, nothing heavier."""
    same = noticed.grounds(party_id) == decided.grounds(party_id)
    return same and not decided.burden(party_id).heavier_than(noticed.burden(party_id))


def resolved_as(draft: DraftFact, item: ItemFact) -> bool:
    """Whether a draft lays on each party just what the meeting resolved."""
    parties = set(draft.parties()) | set(item.resolved)
    return all(item.resolved.get(party) == draft.burden(party) for party in parties)


def _g7_one(penalty: PenaltyFact) -> None:
    where: dict[str, Any] = {"party": penalty.party, "matter": penalty.matter_code}
    where["stage"] = stage_words(penalty.stage)
    try:
        allowed = allowed_types(penalty.spec, penalty.stage)
    except NotFound:
        raise closed("G7", "stage_unknown", **where) from None
    reduced = penalty.mitigation == "reduced"
    # A reduction may also replace the type by a lighter one below the law's own.
    if foreign := penalty.types - allowed - (frozenset({"warning", "criticism"}) if reduced else frozenset()):
        raise closed("G7", "type_not_allowed", types=pairs(PENALTY_TYPES, sorted(foreign)), **where)
    if ("fine" in penalty.types) != (penalty.fine_fen > 0):
        raise closed("G7", "fine_without_amount", **where)
    if reduced and not penalty.ground.strip():
        raise closed("G7", "reduced_without_ground", **where)
    if penalty.fine_fen:
        _g7_fine(penalty, _range(penalty, where), where, reduced=reduced)


def _range(penalty: PenaltyFact, where: Mapping[str, Any]) -> Range:
    try:
        found = ranges(
            penalty.spec, penalty.stage, penalty.party_kind, penalty.figures, max_inclusive=penalty.max_inclusive
        )
    except Invalid as error:
        raise closed("G7", "figure_missing", figure=error.facts["figure"], **where) from None
    if found is None:
        kind = {"zh": "单位", "en": "entities"} if penalty.party_kind == "entity" else {"zh": "个人", "en": "persons"}
        raise closed("G7", "fine_not_allowed", kind=kind, **where)
    return found


def _g7_fine(penalty: PenaltyFact, limits: Range, where: Mapping[str, Any], *, reduced: bool) -> None:
    fine = yuan(penalty.fine_fen)
    if limits.above(penalty.fine_fen):
        raise closed("G7", "fine_above", fine=fine, max=yuan(limits.max_fen), **where)
    if penalty.fine_fen < limits.min_fen and not reduced:
        raise closed("G7", "fine_below", fine=fine, min=yuan(limits.min_fen), **where)


def _latest(notices: Iterable[NoticeFact]) -> dict[str, NoticeFact]:
    return {notice.party_id: notice for notice in sorted(notices, key=lambda notice: notice.served_at)}


def in_time(notice: NoticeFact) -> bool:
    """Whether a hearing was asked for within the party's time."""
    if notice.hearing_requested_on is None or notice.hearing_due is None:
        return True  # undated requests count: the doubt is the bureau's
    return notice.hearing_requested_on <= last_day(notice.hearing_due)
