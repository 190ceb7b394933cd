"""The commands about notices that leave the house, each ready to be tried: an officer with an address, one message."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from tests.durability.trials import Deed
from workflows import outbox
from workflows.actors import Actor, Person, acting
from workflows.calendar import clock
from workflows.desk.execute import execute
from workflows.desk.tasks import Task
from workflows.errors import Invalid
from workflows.notices import deliveries, posting, profiles, reminders
from workflows.notices.channels import Channels
from workflows.notices.mail import Mail
from workflows.notices.profiles import Wishes

if TYPE_CHECKING:
    from tests.durability.faults import Drill

CHANNELS = Channels(mail=Mail("localhost", 9, "fashen@example.gov.cn", ("example.gov.cn",)))
WISHES = Wishes("yanlian@example.gov.cn", "", 9, {("due", "email"): "at_once"})


def deeds(drill: Drill) -> Iterator[tuple[str, Deed]]:
    """Each command in the order in which a message meets them; what it needs is done before."""
    with drill.aside():
        officer = _officer(drill)
        yield "notices.profiles.choose_notices", lambda store, files: execute(
            store, profiles.choose_notices, officer, WISHES, CHANNELS
        )
        execute(drill.store, profiles.choose_notices, officer, WISHES, CHANNELS)
        execute(drill.store, outbox.deliver, 1000)
        yield "notices.profiles.send_trial", lambda store, files: execute(
            store, profiles.send_trial, officer, CHANNELS.names
        )
        execute(drill.store, profiles.send_trial, officer, CHANNELS.names)
        yield "notices.posting.deliver", lambda store, files: execute(store, posting.deliver, 100, CHANNELS.names)
        execute(drill.store, posting.deliver, 100, CHANNELS.names)
        yield "notices.deliveries.take", lambda store, files: execute(store, deliveries.take, "email")
        parcel = execute(drill.store, deliveries.take, "email")
        assert parcel is not None
        refused = Invalid("post.refused", reason="550")
        yield "notices.deliveries.settle", lambda store, files: execute(store, deliveries.settle, parcel, refused)
        execute(drill.store, deliveries.settle, parcel, refused)
        yield "notices.deliveries.retry_delivery", lambda store, files: execute(
            store, deliveries.retry_delivery, officer, parcel.deliveries[0]
        )
        _press(drill)
        yield "notices.reminders.remind", lambda store, files: execute(store, reminders.remind)


def _officer(drill: Drill) -> Actor:
    with drill.store.read() as session:
        return acting(session, session.execute(select(Person.id).where(Person.login == "officer1")).scalar_one())


def _press(drill: Drill) -> None:
    """Let the time limits of all waiting tasks have run out."""
    with drill.store.work() as session:
        for task in session.execute(select(Task).where(Task.ended_at.is_(None))).scalars():
            task.due_at = clock.now() - timedelta(hours=1)
