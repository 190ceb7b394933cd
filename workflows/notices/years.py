"""The administrators are told, once a week, while a year that limits count through is missing in the calendar."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import outbox
from workflows.actors import Unit, holders
from workflows.calendar import changes, clock
from workflows.outbox import OutboxNotice

KIND = "calendar_missing"
AGAIN = timedelta(days=7)


def remind(session: Session) -> int:
    """Leave a notice about each missing year with each system administrator; how many. The worker asks now and then."""
    missing = changes.alarms(session)
    if not missing:
        return 0
    everywhere = session.execute(select(Unit.id)).scalars().all()
    told = 0
    for admin in holders(session, "sys_admin", everywhere):
        lately = session.execute(select(OutboxNotice.facts).where(
            OutboxNotice.person_id == admin.id, OutboxNotice.kind == KIND,
            OutboxNotice.created_at > clock.now() - AGAIN,
        )).scalars().all()  # fmt: skip
        for one in missing:
            if not any(facts.get("year") == one.year for facts in lately):
                outbox.send(session, admin.id, KIND, {"year": one.year})
                told += 1
    return told
