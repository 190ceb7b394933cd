"""Opening a case: the lead with its parties, matters and officers (行政处罚法 54)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import forms, ledger
from workflows.actors import Actor, Certificate, Person, holders, legal_subject, subtree
from workflows.calendar import clock
from workflows.cases import access, recusals
from workflows.cases.acts import limits
from workflows.cases.acts.act import ActContext
from workflows.cases.acts.answers import Checks, Row
from workflows.cases.acts.attachments import is_files, keep_files
from workflows.cases.catalogue import Matter
from workflows.cases.file import Case, CaseMatter, CaseOfficer, Party
from workflows.cases.repealing import covers
from workflows.cases.rules import own_days
from workflows.errors import Forbidden
from workflows.ledger import events

KIND = "admin_penalty"
LEAD = frozenset({
    "title", "summary", "source", "found_on", "conduct_on", "parties", "matters", "co_officer",
})  # fmt: skip
"""Fields of the form that opens a case which are kept in the case itself."""
SOURCES = ("inspection", "report", "transfer", "accident", "monitoring")


@dataclass(frozen=True, slots=True)
class Lead:
    """What the form of a lead says, read and checked. parties: not in the database yet; content: what a bureau asks
    besides.
    """

    title: str
    summary: str
    source: str
    found_on: date
    conduct_on: date | None
    parties: list[Party]
    codes: list[str]
    officers: list[str]
    content: dict[str, Any]


def read_lead(session: Session, actor: Actor, answer: Mapping[str, Any], unit_id: str) -> Lead:
    """Read the answer of the form of a lead; the actor is its lead officer. Raises Invalid naming every wrong field."""
    # A context without a case reads and checks the answer; the case is made only of what passed.
    checks = Checks()
    context = ActContext(session, actor, Case(), "", "lead_received", {}, clock.now())
    title, summary = checks.text(answer, "title"), checks.text(answer, "summary")
    source = checks.choice(answer, "source", SOURCES)
    found_on = checks.day(answer, "found_on", context)
    conduct_on = checks.day_or_none(answer, "conduct_on", context)
    if conduct_on is not None:
        checks.need(conduct_on <= found_on, "case.conduct_after_finding", "conduct_on")
    parties = [_party(checks, row, number) for number, row in enumerate(checks.rows(answer, "parties"))]
    codes = _matters(session, checks, checks.rows(answer, "matters"), conduct_on or found_on)
    officers = [actor.person_id, checks.text(answer, "co_officer")]
    _check_officers(session, checks, officers, unit_id)
    checks.done()
    return Lead(title[:200], summary, source, found_on, conduct_on, parties, codes, officers, _more(answer))


def new_case(session: Session, actor: Actor, answer: Mapping[str, Any], unit_id: str) -> Case:
    """Enter a lead as a case of a unit, in the state `lead`, with the actor as its lead officer.

    Raises Forbidden("actor.role_missing") unless the actor is a case officer of the unit, and Invalid("form.invalid")
    naming every wrong field.
    """
    if unit_id not in actor.units.get("case_officer", frozenset()):
        raise Forbidden("actor.role_missing", roles=["case_officer"])
    bureau, now, given = legal_subject(session, unit_id), clock.now(), read_lead(session, actor, answer, unit_id)
    case = Case(
        kind=KIND, title=given.title, summary=given.summary, unit_id=unit_id, bureau_id=bureau.id, source=given.source,
        conduct_on=given.conduct_on, found_on=given.found_on, opened_at=now, opened_by_id=actor.person_id, state="lead",
    )  # fmt: skip
    session.add(case)
    session.flush()
    context = ActContext(session, actor, case, "", "lead_received", {}, now, task_name="线索受理")
    opened = events.CaseOpened(
        kind=KIND, title=given.title, unit_id=unit_id, bureau_id=bureau.id, source=given.source,
        found_on=given.found_on, conduct_on=given.conduct_on, summary=given.summary, content=given.content,
    )  # fmt: skip
    ledger.append(session, f"case:{case.id}", opened, actor=actor, case_id=case.id)
    for position, party in enumerate(given.parties):
        put_party(session, actor, case, party, position)
    for position, code in enumerate(given.codes):
        put_matter(session, actor, case, code, position)
    for position, person_id in enumerate(given.officers):
        put_officer(session, actor, case, person_id, position)
    keep_files(context, answer)
    today = clock.local(now).date()
    limits.begin(context, "filing", today, amount=own_days(session, "filing_days", case.bureau_id, today))
    session.flush()
    session.refresh(case)
    return case


def _more(answer: Mapping[str, Any]) -> dict[str, Any]:
    """What a bureau's own form says beyond the lead, as JSON; files are in the case file."""
    given = {key: value for key, value in answer.items() if value not in (None, "", []) and not is_files(value)}
    return dict(forms.to_json({key: value for key, value in given.items() if key not in LEAD}))


def _party(checks: Checks, row: Row, number: int) -> Party:
    place = f"parties[{number}]"
    kind = checks.choice(row, "kind", ("entity", "person"), f"{place}.kind")
    entity = kind == "entity"
    return Party(
        kind=kind, name=checks.text(row, "name", f"{place}.name")[:200], id_number=str(row.get("id_number") or "")[:40],
        # Every document to the party names its address and, for an entity, who represents it (行政处罚法 59).
        address=checks.text(row, "address", f"{place}.address")[:300],
        representative=checks.text(row, "representative", f"{place}.representative", optional=not entity)[:64],
        phone=str(row.get("phone") or "")[:40], role=str(row.get("role") or "")[:32],
    )  # fmt: skip


def _matters(session: Session, checks: Checks, rows: list[Row], conduct: date) -> list[str]:
    codes = []
    for number, row in enumerate(rows):
        place = f"matters[{number}].matter_code"
        code = checks.text(row, "matter_code", place)
        matter = session.get(Matter, code)
        if checks.need(matter is not None, "matter.unknown", place, matter=code) and matter is not None:
            checks.need(matter.kind == "行政处罚", "matter.no_penalty", place, matter=code)
            checks.need(covers(matter, conduct), "matter.ended", place, matter=code, day=matter.effective_to)
            codes.append(code)
    return list(dict.fromkeys(codes))


def _check_officers(session: Session, checks: Checks, officers: list[str], unit_id: str) -> None:
    first, second = officers
    checks.need(first != second, "officer.two_needed", "co_officer")
    possible = {person.id for person in holders(session, "case_officer", subtree(session, unit_id))}
    checks.need(second in possible, "officer.not_in_unit", "co_officer")
    for person_id in officers:
        person = session.get(Person, person_id)
        if person is not None:
            checks.need(certificate(session, person_id), "officer.no_certificate", "co_officer", name=person.name)


def why_not_charged(session: Session, case: Case, person: Person) -> Forbidden | None:
    """Why somebody can't be charged with a case: he withdrew from it ("case.recused", 行政处罚法 43), or judged it
    ("case.stood_above"); None where he can.
    """
    if person.id in recusals.recused(session, case.id):
        return Forbidden("case.recused", name=person.name)
    return Forbidden("case.stood_above", name=person.name) if person.id in access.stood_above(session, case) else None


def certificate(session: Session, person_id: str) -> str:
    """The number of the enforcement certificate valid today; "" without one (行政处罚法 42)."""
    rows = session.execute(
        select(Certificate).where(Certificate.person_id == person_id, Certificate.kind == "enforcement")
    ).scalars()
    today = clock.today()
    return next((row.number for row in rows if row.valid(today)), "")


def put_party(session: Session, actor: Actor, case: Case, party: Party, position: int) -> None:
    """Put a party into the case, on the record."""
    party.case_id, party.position = case.id, position
    session.add(party)
    session.flush()
    known = {name: getattr(party, name) for name in ("id_number", "address", "representative", "phone")}
    event = events.PartyAdded(party_id=party.id, kind=party.kind, name=party.name, role=party.role, facts=known)
    ledger.append(session, f"case:{case.id}", event, actor=actor, case_id=case.id)


def put_matter(session: Session, actor: Actor, case: Case, code: str, position: int) -> None:
    """Allege a matter in the case, on the record."""
    matter = session.get_one(Matter, code)
    session.add(CaseMatter(case_id=case.id, matter_code=code, position=position))
    event = events.MatterAdded(code=code, name=matter.name, law_version=matter.legal_basis)
    ledger.append(session, f"case:{case.id}", event, actor=actor, case_id=case.id)


Follower = Callable[[Session, Actor, Case], None]
_followers: list[Follower] = []


def follows(follower: Follower) -> Follower:
    """Register what is done, in the same unit of work, whenever one more is charged; for rooms above this one."""
    _followers.append(follower)
    return follower


def was_charged(session: Session, actor: Actor, case: Case) -> None:
    """Said by whatever charges somebody with a case that is under way: what waits for an officer may be his."""
    for follower in _followers:
        follower(session, actor, case)


def put_officer(session: Session, actor: Actor, case: Case, person_id: str, position: int) -> None:
    """Charge somebody with the case, on the record."""
    person = session.get_one(Person, person_id)
    session.add(CaseOfficer(case_id=case.id, person_id=person_id, position=position, since=clock.now()))
    event = events.OfficerAssigned(
        person_id=person_id, name=person.name, certificate=certificate(session, person_id), lead=position == 0
    )
    ledger.append(session, f"case:{case.id}", event, actor=actor, case_id=case.id)


