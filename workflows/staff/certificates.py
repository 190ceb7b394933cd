"""Certificates and qualifications: entered and ended by the security administrator, as they open steps.

行政处罚法 42: officers hold a valid 执法证; 58 para. 2: first-time legal officers hold the 法律职业资格. Gates and
commands ask for them on the day of the act (G1, G5), so that an expired one holds a step up by itself.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import ledger
from workflows.actors import Actor, Certificate
from workflows.calendar import clock
from workflows.errors import Invalid, NotFound, Problem
from workflows.ledger import events
from workflows.staff import realm

KINDS: dict[str, tuple[str, str]] = {
    "enforcement": ("执法证", "Enforcement certificate"),
    "legal_qualification": ("法律职业资格", "Legal qualification"),
}
"""Kind → (Chinese, English)."""
LONGEST_NUMBER = 64


def enter_certificate(
    session: Session, actor: Actor, person_id: str, *, kind: str, number: str, valid_from: date, valid_to: date | None,
) -> Certificate:  # fmt: skip
    """Enter a certificate that was shown; the one that is there already if it is the same.

    valid_to: the last valid day, None where it does not expire. Raises Forbidden ("actor.role_missing",
    "staff.oneself"), NotFound("person.unknown"), and Invalid for its kind, number or days, or a number that somebody
    else's certificate has.
    """
    realm.require(actor, "sec_admin")
    realm.require_other(actor, person_id)
    ledger.lock_stream(session, "bureau")
    person, wanted = realm.person(session, actor, person_id, lock=True), number.strip()
    problems = []
    if kind not in KINDS:
        problems.append(Problem("certificate.kind", "kind"))
    if not wanted or len(wanted) > LONGEST_NUMBER:
        problems.append(Problem("certificate.number", "number", facts={"most": LONGEST_NUMBER}))
    if valid_to is not None and valid_to < valid_from:
        problems.append(Problem("certificate.days", "valid_to"))
    if problems:
        raise Invalid(problems[0].code, problems, **problems[0].facts)
    same = select(Certificate).where(Certificate.kind == kind, Certificate.number == wanted)
    for row in session.execute(same).scalars():
        if row.person_id != person.id:
            raise Invalid("certificate.taken", [Problem("certificate.taken", "number")])
        if (row.valid_from, row.valid_to) == (valid_from, valid_to):
            return row
    row = Certificate(person_id=person.id, kind=kind, number=wanted, valid_from=valid_from, valid_to=valid_to)
    session.add(row)
    session.flush()
    event = events.CertificateEntered(
        certificate_id=row.id, person_id=person.id, name=person.name, certificate=kind, number=wanted,
        valid_from=valid_from, valid_to=valid_to,
    )  # fmt: skip
    ledger.append(session, "bureau", event, actor=actor)
    return row


def end_certificate(
    session: Session, actor: Actor, certificate_id: str, *, last_day: date, reason: str
) -> Certificate:  # fmt: skip
    """End a certificate early (收回、注销、暂扣), yesterday at the earliest.

    Raises Forbidden, NotFound("certificate.unknown"), and Invalid: "certificate.ended" when it is over by then,
    "certificate.ends_too_early", without a reason.
    """
    realm.require(actor, "sec_admin")
    why = realm.reasoned(reason)
    ledger.lock_stream(session, "bureau")
    row = session.get(Certificate, certificate_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("certificate.unknown")
    realm.require_other(actor, row.person_id)
    person = realm.person(session, actor, row.person_id)
    if row.valid_to == last_day:
        return row
    if row.valid_to is not None and row.valid_to < last_day:
        raise Invalid("certificate.ended", [Problem("certificate.ended", "last_day")])
    if last_day.toordinal() < clock.today().toordinal() - 1:
        raise Invalid("certificate.ends_too_early", [Problem("certificate.ends_too_early", "last_day")])
    row.valid_to = last_day
    session.flush()
    event = events.CertificateEnded(
        certificate_id=row.id, person_id=person.id, name=person.name, certificate=row.kind, number=row.number,
        valid_to=last_day, reason=why,
    )  # fmt: skip
    ledger.append(session, "bureau", event, actor=actor)
    return row


def of_person(session: Session, person_id: str) -> list[Certificate]:
    """A person's certificates, the newest first."""
    wanted = select(Certificate).where(Certificate.person_id == person_id)
    return list(session.execute(wanted.order_by(Certificate.kind, Certificate.valid_from.desc())).scalars())
