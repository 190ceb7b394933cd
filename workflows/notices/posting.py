"""The worker's part: notices come to their readers' pages, and what was planned for the other channels is sent."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import partial

from sqlalchemy.orm import Session

from workflows import outbox
from workflows.desk.execute import execute
from workflows.errors import FashenError, Unavailable
from workflows.ledger import checks
from workflows.notices import certificates, deliveries, letters, reminders, years
from workflows.notices.channels import Channels
from workflows.notices.deliveries import Parcel
from workflows.store import Store

FEW = 20
"""Messages in one round of a channel."""
PAUSES = {"reminders": 60.0, "certificates": 600.0, "verification": 5.0}
"""Seconds between two looks, where they are not one."""
LAST_SECONDS = 3.0
"""How long a worker that ends waits for a message that is being sent."""

log = logging.getLogger(__name__)


def deliver(session: Session, limit: int, channels: Collection[str]) -> int:
    """Deliver the oldest waiting notices to their readers' pages, and plan what goes out by other channels.

    Gives back how many. Both happen together: a notice that is on the page was planned once.
    """
    waiting = outbox.deliver_waiting(session, limit)
    deliveries.plan(session, waiting, channels)
    return len(waiting)


def send_due(store: Store, channels: Channels, channel: str, stopped: Callable[[], bool] = lambda: False) -> int:
    """Send what is due on a channel, a few messages at most; how many were tried.

    Nothing is locked while a server is spoken to.
    """
    tried = 0
    while tried < FEW and not stopped():
        with store.read() as session:
            if not deliveries.due(session, channel):
                break
        parcel = execute(store, deliveries.take, channel)
        if parcel is None:
            break
        tried += 1
        failure = _failure(channels, parcel)
        if failure is not None:
            log.warning("notice %s by %s, try %d: %s", parcel.id, parcel.channel, parcel.attempt, failure)
        execute(store, deliveries.settle, parcel, failure)
    return tried


@contextmanager
def beside(store: Store, channels: Channels, stopped: Callable[[], bool]) -> Iterator[None]:
    """While the block runs: reminders, verifications of the ledger that were asked for, and a thread for each channel.

    A server that does not answer keeps its own channel waiting, and neither timers nor documents.
    """
    ended = threading.Event()

    def over() -> bool:
        return ended.is_set() or stopped()

    works: dict[str, Callable[[], int]] = {
        "reminders": lambda: execute(store, reminders.remind),
        "certificates": lambda: execute(store, certificates.remind) + execute(store, years.remind),
        "verification": partial(checks.run_next, store, over),
    }
    for channel in sorted(channels.names):
        works[channel] = partial(send_due, store, channels, channel, over)
    threads = [
        threading.Thread(target=_work, args=(work, PAUSES.get(name, 1.0), over), name=name,
                         daemon=True)  # what it was in the middle of is done again when its lease has run out
        for name, work in works.items()
    ]  # fmt: skip
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join(LAST_SECONDS)


def _work(work: Callable[[], int], pause: float, over: Callable[[], bool]) -> None:
    """Again and again, with a pause where there was nothing to do, until it is over."""
    while not over():
        try:
            busy = work()
        except Exception:  # the channel outlives every single failure; what it was about is tried again
            log.exception("%s: a round failed", threading.current_thread().name)
            busy = 0
        end = time.monotonic() + (0 if busy else pause)
        while not over() and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, 0.2))


def send(channels: Channels, parcel: Parcel) -> None:
    """Send one parcel. Raises Invalid or Unavailable as the channels do."""
    if parcel.channel == "email" and channels.mail is not None:
        channels.mail.send(letters.letter(
            parcel.id, parcel.address, parcel.name, parcel.items, address=channels.address, language=parcel.language,
            digest=parcel.digest,
        ))  # fmt: skip
    elif parcel.channel == "webhook" and channels.hook is not None:
        said = letters.content(parcel.items, address=channels.address, digest=parcel.digest)
        channels.hook.send(parcel.address, parcel.id, said, parcel.person_id)
    else:  # planned when the installation had this channel; it may have it again
        raise Unavailable("post.unreachable", reason="post.no_channel")


def _failure(channels: Channels, parcel: Parcel) -> FashenError | None:
    try:
        send(channels, parcel)
    except FashenError as error:
        return error
    except Exception as error:  # one message that can't be made or sent is settled like any other, and tried again
        log.exception("notice %s could not be sent", parcel.id)
        return Unavailable("post.unreachable", reason=type(error).__name__)
    return None
