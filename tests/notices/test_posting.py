"""The worker's threads: each channel by itself beside timers and documents, and all of them end with the worker."""

from __future__ import annotations

import socket
import threading
import time as waiting
from collections.abc import Callable

from tests.notices.conftest import DOMAIN, SENDER, Postbox, Receiver
from tests.notices.test_deliveries import ME, Office
from tests.notices.test_deliveries import one as one
from tests.notices.test_deliveries import time as time
from workflows.notices import posting
from workflows.notices.channels import Channels
from workflows.notices.mail import Mail

LONG = 30.0
"""Seconds; a limit for hanging on a busy machine, not an expectation."""


def until(done: Callable[[], object]) -> None:
    end = waiting.monotonic() + LONG
    while not done():
        assert waiting.monotonic() < end, "it does not come"
        waiting.sleep(0.05)


def test_messages_leave_while_the_worker_does_other_things(one: Office, postbox: Postbox, receiver: Receiver) -> None:
    one.wish("officer1", ME, f"{receiver.url}/wang")
    with posting.beside(one.store, one.channels, lambda: False):
        one.tell("officer1", "task_offered", name="x")
        until(lambda: postbox.letters and receiver.got)
    assert not [thread for thread in threading.enumerate() if thread.name in ("email", "webhook", "reminders")]


def test_a_mail_server_that_never_answers_holds_up_its_own_channel_alone(one: Office, receiver: Receiver) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        mute = Mail("127.0.0.1", silent.getsockname()[1], SENDER, (DOMAIN,))
        one.channels = Channels("", mute, one.channels.hook)
        one.wish("officer1", ME, f"{receiver.url}/wang")
        one.tell("officer1", "task_offered", name="x")
        with posting.beside(one.store, one.channels, lambda: False):
            until(lambda: receiver.got)
            silent.close()  # and the connection with it, so that nobody waits for its time limit here
    states = {row.channel: row.state for row in one.rows()}
    assert states["webhook"] == "sent"
    assert states["email"] == "waiting"
