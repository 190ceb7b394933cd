"""A server that is told to end takes nothing new and finishes what it has begun."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from http.client import HTTPConnection, HTTPException
from typing import Any

import pytest
from waitress.server import create_server

from webapp.serving import Serving

LIMIT = 30
"""Seconds after which something hangs."""


class Slow:
    """A page that is answered when the test says so."""

    def __init__(self) -> None:
        self.begun, self.go = threading.Event(), threading.Event()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/slow":
            self.begun.set()
            self.go.wait(LIMIT)
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "300000")])
        return [b"x" * 300_000]


class Running:
    """The server in a thread, told to end by `stop`."""

    def __init__(self, drain: float) -> None:
        self.page, self.ended, self.told = Slow(), threading.Event(), threading.Event()
        server = create_server(self.page, host="127.0.0.1", port=0, threads=2)
        self.port = int(server.effective_port)
        self.serving = Serving(server, timedelta(seconds=drain), self.told.set)
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        self.serving.run()
        self.ended.set()

    def ask(self, path: str, answers: list[int]) -> threading.Thread:
        def asking() -> None:
            connection = HTTPConnection("127.0.0.1", self.port, timeout=LIMIT)
            try:
                connection.request("GET", path)
                answers.append(len(connection.getresponse().read()))
            except (OSError, HTTPException):
                answers.append(0)
            finally:
                connection.close()

        thread = threading.Thread(target=asking, daemon=True)
        thread.start()
        return thread


@pytest.fixture
def running() -> Iterator[Running]:
    made = Running(drain=LIMIT)
    yield made
    made.page.go.set()
    made.serving.stop()
    made.serving.stop()
    made.ended.wait(LIMIT)


def test_what_is_under_way_is_answered_in_full_and_nothing_new_is_taken(running: Running) -> None:
    answers: list[int] = []
    asking = running.ask("/slow", answers)
    assert running.page.begun.wait(LIMIT)
    running.serving.stop()
    assert running.told.wait(LIMIT)
    with pytest.raises(OSError):  # noqa: PT012 (the listening socket may take a moment to close)
        for _ in range(1000):
            socket.create_connection(("127.0.0.1", running.port), timeout=LIMIT).close()
    assert not running.ended.is_set()
    running.page.go.set()
    asking.join(LIMIT)
    assert answers == [300_000]
    assert running.ended.wait(LIMIT)


def test_an_idle_connection_does_not_keep_it(running: Running) -> None:
    with socket.create_connection(("127.0.0.1", running.port), timeout=LIMIT):
        running.serving.stop()
        assert running.ended.wait(LIMIT)


def test_told_twice_it_does_not_wait(running: Running) -> None:
    asking = running.ask("/slow", [])
    assert running.page.begun.wait(LIMIT)
    running.serving.stop()
    assert running.told.wait(LIMIT)
    running.serving.stop()
    running.page.go.set()
    assert running.ended.wait(LIMIT)
    asking.join(LIMIT)
