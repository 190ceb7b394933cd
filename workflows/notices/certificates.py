"""Reminders of certificates that expire: to their holders and to those who enter the new ones, 30 and 7 days before."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import Date, ForeignKey, Integer, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from workflows import outbox
from workflows.actors import Certificate, Person, Unit, holders, subtree
from workflows.calendar import clock
from workflows.store import Base, Utc

DAYS = (30, 7, -1)
"""Days before the last valid one on which is reminded; -1: it is past."""
NAMES = {
    "enforcement": {"zh": "执法证", "en": "enforcement certificate"},
    "legal_qualification": {"zh": "法律职业资格证书", "en": "legal qualification"},
}
BATCH = 200
"""Certificates in one unit of work."""
FORGOTTEN = timedelta(days=60)
"""What expired so long ago is no news: it was there before anybody was reminded."""


class CertificateReminder(Base):
    """A reminder that was given, of which end of the certificate; one that is ended on another day reminds anew."""

    __tablename__ = "certificate_reminder"
    certificate_id: Mapped[str] = mapped_column(ForeignKey("certificate.id"), primary_key=True)
    valid_to: Mapped[date] = mapped_column(Date, primary_key=True)
    days: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    told_at: Mapped[datetime] = mapped_column(Utc)


def remind(session: Session) -> int:
    """Leave the reminders that are due now; how many certificates were reminded of. The worker asks now and then.

    The most pressing one is told, once; milder ones are then past. Nobody is reminded of a certificate that has been
    followed by another one of its kind, nor a person who has been disabled.
    """
    today, told = clock.today(), 0
    for index in range(len(DAYS) - 1, -1, -1):
        for certificate, person in _unsaid(session, today, index):
            session.add(CertificateReminder(
                certificate_id=certificate.id, valid_to=certificate.valid_to, days=DAYS[index], told_at=clock.now()
            ))  # fmt: skip
            _tell(session, certificate, person, DAYS[index])
            told += 1
        session.flush()
    return told


def _unsaid(session: Session, today: date, index: int) -> list[tuple[Certificate, Person]]:
    """Certificates within the days, of which neither this nor a more pressing reminder was given."""
    newer = aliased(Certificate)
    said = select(CertificateReminder.certificate_id).where(
        CertificateReminder.certificate_id == Certificate.id, CertificateReminder.valid_to == Certificate.valid_to,
        CertificateReminder.days.in_(DAYS[index:]),
    )  # fmt: skip
    followed = select(newer.id).where(
        newer.person_id == Certificate.person_id, newer.kind == Certificate.kind, newer.id != Certificate.id,
        (newer.valid_to.is_(None)) | (newer.valid_to > Certificate.valid_to),
    )  # fmt: skip
    wanted = (
        select(Certificate, Person).join(Person, Person.id == Certificate.person_id)
        .where(Certificate.valid_to.is_not(None), Certificate.valid_to <= today + timedelta(days=DAYS[index]),
               Certificate.valid_to >= today - FORGOTTEN, Person.disabled_at.is_(None),
               ~said.exists(), ~followed.exists())
        .order_by(Certificate.valid_to, Certificate.id).limit(BATCH)
    )  # fmt: skip
    return [(certificate, person) for certificate, person in session.execute(wanted)]


def _tell(session: Session, certificate: Certificate, person: Person, days: int) -> None:
    day = certificate.valid_to
    facts = {
        "name": person.name, "number": certificate.number, "day": day.isoformat() if day else "",
        "kind": NAMES.get(certificate.kind, certificate.kind),
    }  # fmt: skip
    outbox.send(session, person.id, "certificate_expired" if days < 0 else "certificate_expiring", facts)
    for other in _keepers(session, person):
        if other.id != person.id:
            outbox.send(session, other.id, "certificate_expiring_of", facts)


def _keepers(session: Session, person: Person) -> list[Person]:
    """The security administrators of the nearest bureau at or above the person's posts that has one."""
    today = clock.today()
    for post in person.posts:
        unit: Unit | None = post.unit if post.holds(today) else None
        while unit is not None:
            found = holders(session, "sec_admin", subtree(session, unit.id)) if unit.legal_subject else []
            if found:
                return found
            unit = session.get(Unit, unit.parent_id or unit.delegated_by_id or "")
    return []
