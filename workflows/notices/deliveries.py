"""One row for each notice that goes out on a channel: when, how often it was tried, what became of it.

A delivery is planned in the unit of work that puts the notice on its reader's page. To be sent it is taken in a short
unit of work, for LEASE, and settled in another; nobody holds a lock while a server is spoken to. Whoever dies in
between leaves a delivery that is taken again when the lease has run out: a message may come twice, with the same id,
and never not at all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text, select, text
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from workflows import outbox
from workflows.actors import Actor, Person, acting, holders, legal_subject, subtree
from workflows.calendar import clock, days
from workflows.calendar.clocks import Clock
from workflows.cases import access
from workflows.cases.file import Case
from workflows.desk.tasks import Task
from workflows.errors import FashenError, NotFound, Unavailable
from workflows.notices import profiles, timing
from workflows.notices.letters import Item
from workflows.notices.profiles import NoticeProfile
from workflows.notices.topics import topic_of, topics
from workflows.outbox import OutboxNotice
from workflows.store import Row, Utc

LEASE = timedelta(minutes=5)
"""So long a worker may take over one message; longer than every time limit of the channels together."""
PAUSES = tuple(timedelta(minutes=n) for n in (1, 5, 15, 60, 240, 480))
"""After each try that failed and may succeed another time; after the last it is given up, 13 hours after the first."""
TOGETHER = 50
"""Notices in one digest."""

_OPEN = text("try_at IS NOT NULL")


class NoticeDelivery(Row):
    """A notice on its way by one channel. state: waiting, sent, failed, or dropped where it had become pointless."""

    __tablename__ = "notice_delivery"
    __table_args__ = (
        Index("ix_notice_delivery_waiting", "channel", "try_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_notice_delivery_person_id_state", "person_id", "state"),
        Index("ix_notice_delivery_state_planned_at", "state", "planned_at"),
    )
    notice_id: Mapped[str] = mapped_column(ForeignKey("outbox_notice.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    channel: Mapped[str] = mapped_column(String(10))
    topic: Mapped[str] = mapped_column(String(20))
    digest: Mapped[bool] = mapped_column(Boolean, default=False)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    planned_at: Mapped[datetime] = mapped_column(Utc)
    try_at: Mapped[datetime | None] = mapped_column(Utc)  # empty once nothing is tried any more
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    ended_at: Mapped[datetime | None] = mapped_column(Utc)
    code: Mapped[str] = mapped_column(String(40), default="")  # of the last failure
    reason: Mapped[str] = mapped_column(Text, default="")  # and what the other side said
    person: Mapped[Person] = relationship()
    notice: Mapped[OutboxNotice] = relationship()


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is sent at once: deliveries of one person on one channel. id: the smallest of theirs, at every new try."""

    id: str
    deliveries: tuple[str, ...]
    attempt: int
    channel: str
    person_id: str
    name: str
    language: str
    address: str
    digest: bool
    items: tuple[Item, ...]


def plan(session: Session, notices: Sequence[OutboxNotice], channels: Collection[str]) -> int:
    """Put notices that were just delivered to their readers' pages on the way by the channels that these chose.

    channels: those that the installation has. Gives back how many deliveries were planned.
    """
    people = {notice.person_id for notice in notices}
    if not channels or not people:
        return 0
    wanted = select(NoticeProfile).where(NoticeProfile.person_id.in_(people))
    reached = {row.person_id: row for row in session.execute(wanted).scalars()}
    timings = {person_id: profiles.timings_of(session, person_id) for person_id in reached}
    hasty = _in_hours(session, notices) if reached else set()
    now, planned = clock.now(), 0
    for notice in notices:
        profile, topic = reached.get(notice.person_id), topic_of(notice.kind)
        if profile is None or topic is None:
            continue
        for channel in sorted(channels):
            chosen = timings[notice.person_id][topic.id, channel]  # type: ignore[index]  # a channel's name
            if chosen == "off" or not profile.address(channel):
                continue
            urgent = topic.urgent or notice.id in hasty
            digest = chosen == "digest" and not urgent
            at = timing.goes_at(session, now, profile.digest_hour, digest=digest, urgent=urgent)
            session.add(NoticeDelivery(
                notice_id=notice.id, person_id=notice.person_id, channel=channel, topic=topic.id, digest=digest,
                planned_at=now, try_at=at,
            ))  # fmt: skip
            planned += 1
    return planned


def _in_hours(session: Session, notices: Iterable[OutboxNotice]) -> set[str]:
    """Of the notices, those about a task whose statutory time limit is counted in hours."""
    tasks = {str(notice.facts["task"]): notice.id for notice in notices if notice.facts.get("task")}
    if not tasks:
        return set()
    rows = session.execute(
        select(Task.id, Clock.terms).join(Clock, Clock.id == Task.clock_id).where(Task.id.in_(tasks))
    )
    hasty = {task_id for task_id, terms in rows if terms.get("unit") == "hours"}
    return {notice.id for notice in notices if str(notice.facts.get("task")) in hasty}


def due(session: Session, channel: str) -> bool:
    """Whether anything is to be sent on a channel now; takes no lock."""
    wanted = select(NoticeDelivery.id).where(NoticeDelivery.channel == channel, NoticeDelivery.try_at <= clock.now())
    return session.execute(wanted.limit(1)).first() is not None


def take(session: Session, channel: str) -> Parcel | None:
    """Take what has waited longest on a channel, for LEASE; None when nothing is due that nobody else holds.

    With one line of a digest all lines that are due go along. Deliveries that have become pointless (read meanwhile, no
    address any more, the person disabled) are dropped on the way.
    """
    while True:
        first = _first(session, channel)
        if first is None:
            return None
        rows = [first, *(_companions(session, first) if first.digest else [])]
        profile = session.get(NoticeProfile, first.person_id)
        if not days.is_workday(session, clock.today()) and not _urgent(session, first):
            hour = profile.digest_hour if profile is not None else profiles.USUAL_HOUR
            for row in rows:  # a new try, or a worker that was away, has met a day of rest
                row.try_at = timing.goes_at(session, clock.now(), hour, digest=row.digest, urgent=False)
            session.flush()
            continue
        to = profile.address(first.channel) if profile is not None else ""
        pointless = not to or first.person.disabled_at is not None
        useful = [row for row in rows if not pointless and row.notice.read_at is None]
        for row in rows:
            if row not in useful:
                _end(row, "dropped")
        if useful:
            return _parcel(session, useful, to)
        session.flush()


def _first(session: Session, channel: str) -> NoticeDelivery | None:
    wanted = select(NoticeDelivery).where(NoticeDelivery.channel == channel, NoticeDelivery.try_at <= clock.now())
    wanted = wanted.order_by(NoticeDelivery.try_at, NoticeDelivery.id).limit(1)
    return session.execute(wanted.with_for_update(skip_locked=True)).scalar_one_or_none()


def _urgent(session: Session, row: NoticeDelivery) -> bool:
    known = topics().get(row.topic)
    return (known is not None and known.urgent) or bool(_in_hours(session, [row.notice]))


def _companions(session: Session, first: NoticeDelivery) -> Sequence[NoticeDelivery]:
    wanted = select(NoticeDelivery).where(
        NoticeDelivery.try_at <= clock.now(), NoticeDelivery.person_id == first.person_id,
        NoticeDelivery.channel == first.channel, NoticeDelivery.digest.is_(True), NoticeDelivery.id != first.id,
    )  # fmt: skip
    wanted = wanted.order_by(NoticeDelivery.planned_at, NoticeDelivery.id).limit(TOGETHER - 1)
    return session.execute(wanted.with_for_update(skip_locked=True)).scalars().all()


def _parcel(session: Session, rows: Sequence[NoticeDelivery], to: str) -> Parcel:
    now, person = clock.now(), rows[0].person
    attempt = max(row.attempts for row in rows) + 1
    for row in rows:
        row.attempts, row.try_at = attempt, now + LEASE
    items = tuple(_item(session, row) for row in sorted(rows, key=lambda one: (one.planned_at, one.id)))
    return Parcel(
        min(row.id for row in rows), tuple(row.id for row in rows), attempt, rows[0].channel, person.id, person.name,
        person.language, to, rows[0].digest, items,
    )  # fmt: skip


def _item(session: Session, row: NoticeDelivery) -> Item:
    """What may be told: the number of a case that the person may still see, and where to read of it."""
    notice = row.notice
    case = session.get(Case, notice.case_id) if notice.case_id else None
    try:
        sees = case is not None and access.visible(session, acting(session, row.person_id), case)
    except FashenError:
        sees = False
    if case is None or not sees:
        return Item(row.topic, "" if notice.case_id else None, "/notices", notice.created_at)
    task_id = notice.facts.get("task")
    path = f"/tasks/{task_id}" if task_id else f"/cases/{case.id}"
    return Item(row.topic, case.number or "", path, notice.created_at)


def settle(session: Session, parcel: Parcel, failure: FashenError | None = None) -> None:
    """Note what became of a parcel. failure: Unavailable is tried again after a pause, all else is for good.

    What is given up is told to the person and the administrators, on the page.
    """
    rows = session.execute(
        select(NoticeDelivery).where(NoticeDelivery.id.in_(parcel.deliveries)).order_by(NoticeDelivery.id)
        .with_for_update()
    ).scalars().all()  # fmt: skip
    open_ = [row for row in rows if row.try_at is not None]
    if failure is None:
        for row in open_:
            _end(row, "sent")
        return
    given_up = not isinstance(failure, Unavailable) or parcel.attempt > len(PAUSES)
    for row in open_:
        row.code, row.reason = failure.code, str(failure.facts.get("reason", ""))[:200]
        if given_up:
            _end(row, "failed")
        elif row.attempts == parcel.attempt:  # else another worker has it already
            row.try_at = clock.now() + PAUSES[parcel.attempt - 1]
    if given_up and open_:
        _tell(session, open_[0])


def retry_delivery(session: Session, actor: Actor, delivery_id: str) -> NoticeDelivery:
    """Try once more what was given up: for the person it goes to, and for administrators.

    Does nothing to what still waits or has arrived. Raises NotFound("notice.delivery_unknown") for anybody else's.
    """
    row = session.get(NoticeDelivery, delivery_id, with_for_update=True)
    if row is None or not (row.person_id == actor.person_id or "sys_admin" in actor.roles):
        raise NotFound("notice.delivery_unknown")
    if row.state == "failed":
        row.state, row.try_at, row.ended_at, row.attempts = "waiting", clock.now(), None, 0
    return row


def troubled(session: Session, person_id: str | None = None, limit: int = 50) -> Sequence[NoticeDelivery]:
    """What failed at its last try or was given up, newest first; of one person, or of everybody."""
    wanted = select(NoticeDelivery).where(
        NoticeDelivery.state.in_(("waiting", "failed")), NoticeDelivery.code != ""
    )
    if person_id is not None:
        wanted = wanted.where(NoticeDelivery.person_id == person_id)
    wanted = wanted.order_by(NoticeDelivery.planned_at.desc(), NoticeDelivery.id).limit(limit)
    return session.execute(wanted.options(joinedload(NoticeDelivery.person))).scalars().all()


def _end(row: NoticeDelivery, state: str) -> None:
    row.state, row.try_at, row.ended_at = state, None, clock.now()


def _tell(session: Session, row: NoticeDelivery) -> None:
    """One notice on the page for the person and one for each administrator, until it is read."""
    facts = {"channel": row.channel, "person": row.person.name}
    units = {post.unit_id for post in row.person.posts if post.holds(clock.today())}
    bureaus = {legal_subject(session, unit_id).id for unit_id in units}
    admins = holders(session, "sys_admin", {one for bureau in bureaus for one in subtree(session, bureau)})
    for person_id, kind in (
        (row.person_id, "delivery_failed"), *((admin.id, "delivery_failed_of") for admin in admins)
    ):  # fmt: skip
        told = select(OutboxNotice.facts).where(
            OutboxNotice.person_id == person_id, OutboxNotice.kind == kind, OutboxNotice.read_at.is_(None)
        )
        if facts not in session.execute(told).scalars().all():
            outbox.send(session, person_id, kind, facts)
