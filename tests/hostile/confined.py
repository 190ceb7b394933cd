"""A process of its own in which hostile input is tried: one that hangs is killed, one that dies is told of.

Code in C is not interrupted by Python's signals; only the end of its process ends it for certain.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Self

from tests import leash
from tests.hostile import watch

START_SECONDS = 120.0
"""A limit for hanging while the process starts and imports the program."""


class Hung(Exception):
    """No answer within the limit for hanging; the process was killed."""


class Died(Exception):
    """The process ended without an answer: killed by the system, or by an error in C."""


class Confined:
    """Such a process. prepare: a function of a module, called in it once; what it returns is called for each item."""

    def __init__(self, prepare: Callable[[], Callable[[Any], Any]]) -> None:
        self._prepare = prepare
        self.peak_megabytes = 0
        self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def ask(self, item: Any, seconds: float) -> Any:
        """What came of the item. Raises Hung after so many seconds, Died; the next item finds a fresh process."""
        try:
            self._mine.send(item)
            if not self._mine.poll(seconds):
                raise Hung
            answer, peak = self._mine.recv()
        except (EOFError, OSError) as error:
            self._again()
            raise Died from error
        except Hung:
            self._again()
            raise
        self.peak_megabytes = max(self.peak_megabytes, peak)
        return answer

    def close(self) -> None:
        """End the process."""
        self._mine.close()
        self._process.kill()
        self._process.join()
        self._process.close()

    def _again(self) -> None:
        self.close()
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._mine, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, self._prepare), daemon=True)
        self._process.start()
        theirs.close()
        if not self._mine.poll(START_SECONDS):
            raise Hung
        self._mine.recv()


def _work(connection: Connection, prepare: Callable[[], Callable[[Any], Any]]) -> None:
    leash.tie()
    work = prepare()
    connection.send("ready")
    while True:
        try:
            item = connection.recv()
        except EOFError:
            return
        connection.send((work(item), watch.peak_megabytes()))
