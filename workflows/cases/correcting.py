"""Correcting a lead that was taken back before anybody acted on it (撤回): the form is sent again, the case stays.

What the form says holds; what it does not say any more leaves the case, and the ledger keeps both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from workflows import ledger
from workflows.actors import Actor, Person
from workflows.calendar import clock
from workflows.cases.acts.act import ActContext
from workflows.cases.acts.attachments import keep_files
from workflows.cases.catalogue import Matter
from workflows.cases.file import Case, Party
from workflows.cases.opening import Lead, put_matter, put_officer, put_party, read_lead, why_not_charged
from workflows.errors import Invalid, Problem
from workflows.ledger import events

FACTS = ("title", "summary", "source", "found_on", "conduct_on")
OF_PARTY = ("kind", "name", "id_number", "address", "representative", "phone", "role")


def correct_lead(session: Session, actor: Actor, case: Case, answer: Mapping[str, Any]) -> None:
    """Put what the form says now in the place of what the lead said. The case's opener stays its lead officer.

    Raises Invalid("case.filed_already"), Invalid("form.invalid") naming every wrong field, also for a second officer
    who withdrew from the case or judged it.
    """
    if case.state != "lead":
        raise Invalid("case.filed_already", number=case.number)
    given = read_lead(session, actor, answer, case.unit_id)
    _require_chargeable(session, case, given)
    for name in FACTS:
        setattr(case, name, getattr(given, name))
    told = events.LeadCorrected(
        title=given.title, source=given.source, found_on=given.found_on, conduct_on=given.conduct_on,
        summary=given.summary, content=given.content,
    )  # fmt: skip
    _record(session, actor, case, told)
    _parties(session, actor, case, given.parties)
    _matters(session, actor, case, given.codes)
    _officers(session, actor, case, given)
    keep_files(ActContext(session, actor, case, "", "lead_received", {}, clock.now(), task_name="线索受理"), answer)
    session.flush()
    session.refresh(case)


def _require_chargeable(session: Session, case: Case, given: Lead) -> None:
    """Nobody comes back into the case by its lead: whoever withdrew from it or judged it is not charged again."""
    handling = {row.person_id for row in case.officers if row.until is None}
    people = [session.get_one(Person, one) for one in given.officers if one not in handling]
    refused = [why for person in people if (why := why_not_charged(session, case, person)) is not None]
    if refused:
        problems = [Problem(why.code, "co_officer", facts=why.facts) for why in refused]
        raise Invalid("form.invalid", problems, count=len(problems))


def _parties(session: Session, actor: Actor, case: Case, given: list[Party]) -> None:
    """The n-th party of the form is the n-th of the case, corrected; more are new, fewer leave it."""
    present = list(case.parties)
    for position, party in enumerate(given):
        if position >= len(present):
            put_party(session, actor, case, party, position)
            continue
        known, told = present[position], {}
        for name in OF_PARTY:
            before, after = getattr(known, name), getattr(party, name)
            if before != after:
                told[name] = [before, after]
                setattr(known, name, after)
        if told:
            _record(session, actor, case, events.PartyChanged(party_id=known.id, name=known.name, changes=told))
    for party in present[len(given):]:
        _record(session, actor, case, events.PartyRemoved(party_id=party.id, name=party.name))
        session.delete(party)


def _matters(session: Session, actor: Actor, case: Case, codes: list[str]) -> None:
    present = {row.matter_code: row for row in case.matters}
    for code, row in present.items():
        if code not in codes:
            matter = session.get_one(Matter, code)
            _record(session, actor, case, events.MatterRemoved(code=code, name=matter.name))
            session.delete(row)
    for position, code in enumerate(codes):
        if code in present:
            present[code].position = position
        else:
            put_matter(session, actor, case, code, position)


def _officers(session: Session, actor: Actor, case: Case, given: Lead) -> None:
    """Whoever is the second officer no more has still handled the case until now."""
    handling = {row.person_id: row for row in case.officers if row.until is None}
    for person_id, row in handling.items():
        if person_id not in given.officers:
            row.until = clock.now()
            gone = events.OfficerRemoved(person_id=person_id, name=row.person.name, reason="线索撤回后重新登记")
            _record(session, actor, case, gone)
    for position, person_id in enumerate(given.officers):
        if person_id not in handling:
            put_officer(session, actor, case, person_id, position)


def _record(session: Session, actor: Actor, case: Case, told: object) -> None:
    ledger.append(session, f"case:{case.id}", told, actor=actor, case_id=case.id)
