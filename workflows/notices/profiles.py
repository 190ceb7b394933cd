"""Where somebody wants to be told beside the page, and of what: addresses, choices by topic, the hour of digests."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import ForeignKey, Integer, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflows import ledger, outbox
from workflows.actors import Actor
from workflows.errors import Invalid, Problem
from workflows.ledger.events import NoticeAddressChanged
from workflows.notices.channels import Channels
from workflows.notices.topics import CHANNELS, Channel, Timing, topics
from workflows.outbox import OutboxNotice
from workflows.store import Base

USUAL_HOUR = 9
HOURS = range(7, 20)
"""Hours of the day, in Shanghai, at which a digest can come."""
LONGEST_EMAIL, LONGEST_WEBHOOK = 254, 500

_EMAIL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)+")
"""Plain addresses alone: no names beside them, no comments, no second address, nothing that ends a header's line."""


class NoticeProfile(Base):
    """Somebody's addresses. An empty one: nothing goes out that way."""

    __tablename__ = "notice_profile"
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    email: Mapped[str] = mapped_column(String(LONGEST_EMAIL), default="")
    webhook: Mapped[str] = mapped_column(String(LONGEST_WEBHOOK), default="")
    digest_hour: Mapped[int] = mapped_column(Integer, default=USUAL_HOUR)

    def address(self, channel: str) -> str:
        """Where the channel leads; empty where nowhere."""
        return self.email if channel == "email" else self.webhook


class NoticeChoice(Base):
    """What somebody chose for one topic on one channel, where it is not the usual."""

    __tablename__ = "notice_choice"
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    topic: Mapped[str] = mapped_column(String(20), primary_key=True)
    channel: Mapped[str] = mapped_column(String(10), primary_key=True)
    timing: Mapped[str] = mapped_column(String(10))


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the page 通知设置 sends. timings: (topic, channel) → when."""

    email: str
    webhook: str
    digest_hour: int
    timings: Mapping[tuple[str, Channel], str]


def timings_of(session: Session, person_id: str) -> dict[tuple[str, Channel], Timing]:
    """When somebody is told of each topic on each channel, the usual where nothing else was chosen."""
    found = {(topic.id, channel): topic.usual[channel] for topic in topics().values() for channel in CHANNELS}
    rows = session.execute(select(NoticeChoice).where(NoticeChoice.person_id == person_id)).scalars()
    for row in rows:
        key, timing = (row.topic, row.channel), row.timing
        if key in found and timing in topics()[row.topic].timings:  # a topic may have become urgent, or be no more
            found[key] = timing
    return found


def choose_notices(session: Session, actor: Actor, wishes: Wishes, channels: Channels) -> NoticeProfile:
    """Keep where and of what the actor wants to be told.

    channels: the ways that this installation has, with what its administrator allows on them. A changed address is
    recorded. Raises Invalid("notice.refused") that names each wrong field: an address that is none, one in a domain or
    at a URL that is not allowed, an hour or a timing that is not offered.
    """
    problems = _problems(wishes, channels)
    if problems:
        raise Invalid("notice.refused", problems)
    profile = session.get(NoticeProfile, actor.person_id, with_for_update=True)
    before = {name: profile.address(name) if profile is not None else "" for name in CHANNELS}
    if profile is None:
        profile = NoticeProfile(person_id=actor.person_id)
        session.add(profile)
    profile.email, profile.webhook, profile.digest_hour = wishes.email, wishes.webhook, wishes.digest_hour
    for (topic, channel), timing in wishes.timings.items():
        session.merge(NoticeChoice(person_id=actor.person_id, topic=topic, channel=channel, timing=timing))
    session.flush()
    for channel in CHANNELS:
        if before[channel] != profile.address(channel):
            event = NoticeAddressChanged(
                person_id=actor.person_id, name=actor.name, channel=channel, address=profile.address(channel)
            )
            ledger.append(session, f"person:{actor.person_id}", event, actor=actor)
    return profile


def send_trial(session: Session, actor: Actor, channels: Collection[str]) -> None:
    """Leave the actor a notice that goes out at once by every channel for which they have an address.

    One that still waits to be delivered is enough. Raises Invalid("notice.no_channel") without an address on any of the
    installation's channels.
    """
    profile = session.get(NoticeProfile, actor.person_id, with_for_update=True)
    if profile is None or not any(profile.address(name) for name in channels):
        raise Invalid("notice.no_channel")
    waiting = select(OutboxNotice.id).where(
        OutboxNotice.person_id == actor.person_id, OutboxNotice.kind == "trial", OutboxNotice.delivered_at.is_(None)
    )
    if session.execute(waiting.limit(1)).first() is None:
        outbox.send(session, actor.person_id, "trial", {})


def _problems(wishes: Wishes, channels: Channels) -> list[Problem]:
    found: list[Problem] = []
    if wishes.email and (len(wishes.email) > LONGEST_EMAIL or not _EMAIL.fullmatch(wishes.email)):
        found.append(Problem("notice.no_email", "email"))
    elif wishes.email and (channels.mail is None or not channels.mail.accepts(wishes.email)):
        allowed = "、".join(channels.mail.domains) if channels.mail is not None else "—"
        found.append(Problem("notice.email_domain", "email", facts={"domains": allowed}))
    if wishes.webhook and (len(wishes.webhook) > LONGEST_WEBHOOK or not channels.hook_accepts(wishes.webhook)):
        found.append(Problem("notice.webhook_not_allowed", "webhook"))
    if wishes.digest_hour not in HOURS:
        found.append(Problem("notice.no_hour", "digest_hour"))
    for (topic, channel), timing in wishes.timings.items():
        known = topics().get(topic)
        if known is None or known.hidden or channel not in CHANNELS or timing not in known.timings:
            found.append(Problem("notice.no_timing", f"{topic}.{channel}"))
    return found
