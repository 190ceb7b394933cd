"""Certificates that expire: their holder and the security administrator hear of it, once for each stage."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.staff.conftest import Office
from tests.staff.conftest import cheap_passwords as cheap_passwords
from tests.staff.conftest import small_office as small_office
from tests.staff.conftest import time as time
from workflows.actors import Certificate
from workflows.calendar import clock
from workflows.calendar.clock import SimulatedClock
from workflows.errors import Invalid
from workflows.notices import certificates, years
from workflows.outbox import OutboxNotice
from workflows.staff import certificates as entering


def told(office: Office) -> list[tuple[str, str]]:
    """(person, kind) of the notices about certificates, and forget them."""
    with office.store.work() as session:
        certificates.remind(session)
        rows = session.execute(
            select(OutboxNotice).where(OutboxNotice.kind.like("certificate%"), OutboxNotice.read_at.is_(None))
        ).scalars().all()  # fmt: skip
        for row in rows:
            row.read_at = clock.now()
        return sorted((row.person_id, row.kind) for row in rows)


def test_it_is_told_thirty_and_seven_days_before_and_once_when_past(small_office: Office, time: SimulatedClock) -> None:
    person, keeper, today = small_office.id("member1"), small_office.id("secadmin"), clock.today()
    small_office.does("secadmin", entering.enter_certificate, person, kind="enforcement", number="演001",
                      valid_from=today, valid_to=today + timedelta(days=31))  # fmt: skip
    before = sorted([(person, "certificate_expiring"), (keeper, "certificate_expiring_of")])
    seen = []
    for _day in range(34):
        if (found := told(small_office)):
            seen.append(((clock.today() - today).days, found))
        assert told(small_office) == []
        time.set(time.now() + timedelta(days=1))
    past = sorted([(person, "certificate_expired"), (keeper, "certificate_expiring_of")])
    assert seen == [(1, before), (24, before), (32, past)]


def test_a_renewed_certificate_reminds_nobody(small_office: Office) -> None:
    person, today = small_office.id("member1"), clock.today()
    for number, days in (("演001", 5), ("演002", 400)):
        small_office.does("secadmin", entering.enter_certificate, person, kind="enforcement", number=number,
                          valid_from=today, valid_to=today + timedelta(days=days))  # fmt: skip
    assert told(small_office) == []


def test_an_officer_with_an_expired_certificate_is_refused_where_one_is_needed(
    small_office: Office, time: SimulatedClock
) -> None:
    """行政处罚法 42; the commands ask for it, here the choice of the second officer."""
    with small_office.store.read() as session:
        held = session.execute(
            select(Certificate.id).where(Certificate.person_id == small_office.id("officer2"))
        ).scalar_one()  # fmt: skip
    small_office.does("secadmin", entering.end_certificate, held, last_day=clock.today(), reason="到期未换证")
    time.set(time.now() + timedelta(days=1))
    with pytest.raises(Invalid) as refused:
        small_office.open()
    assert any(one.code == "officer.no_certificate" for one in refused.value.problems)


def test_a_missing_year_is_told_once_a_week(small_office: Office, time: SimulatedClock) -> None:
    time.set(time.now().replace(year=2041, month=12))
    counts = []
    for _day in range(9):
        with small_office.store.work() as session:
            counts.append(years.remind(session))
        time.set(time.now() + timedelta(days=1))
    assert counts[0] >= 1 and counts[1:7] == [0] * 6 and sum(counts[7:]) >= 1
    assert date(2041, 12, 1) < clock.today()
