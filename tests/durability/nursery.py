"""Processes of the product that start at once: forked from one that has imported everything and done nothing else.

Reading the program takes two seconds of a processor, which a test that starts it five hundred times need not pay five
hundred times. What is forked is the real `python -m webapp.launch` from its first line on: settings, database, caches
and sockets are its own, and kill -9 leaves of it what it leaves of any process.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from tests import leash

ROOT = Path(__file__).parents[2]


class Nursery:
    """Starts and ends such processes; a context. May be asked from several threads."""

    def __enter__(self) -> Nursery:
        self._turn = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.durability.nursery"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=leash.tie,
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()  # it then ends what it still has
        self._process.wait()
        self._process.stdout.close()

    def start(self, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> int:
        """Start `python -m webapp.launch` with these arguments; the process id. What it says goes to `log`."""
        pid: int = self._ask({"arguments": list(arguments), "environment": dict(environment), "log": str(log)})["pid"]
        return pid

    def end(self, pid: int, how: signal.Signals = signal.SIGKILL) -> int:
        """Send a signal and wait until the process is gone; what it ended with, negative for a signal."""
        code: int = self._ask({"end": pid, "signal": int(how)})["code"]
        return code

    def alive(self, pid: int) -> bool:
        """Whether the process still runs."""
        return bool(self._ask({"alive": pid})["alive"])

    def _ask(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        assert self._process.stdin and self._process.stdout
        with self._turn:
            self._process.stdin.write(json.dumps(wish) + "\n")
            self._process.stdin.flush()
            answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


@dataclass
class Forked:
    """A process of a nursery, spoken to as one of subprocess."""

    nursery: Nursery
    pid: int

    def poll(self) -> int | None:
        """None while it runs."""
        return None if self.nursery.alive(self.pid) else 0

    def send_signal(self, how: signal.Signals) -> None:
        """Send a signal that ends it, and wait until it has ended."""
        self.nursery.end(self.pid, how)

    def wait(self, timeout: float | None = None) -> int:
        """Nothing is left to wait for behind `send_signal`."""
        return 0


def _launch(wish: Mapping[str, Any]) -> None:
    """In the forked process: become the server or the worker."""
    from webapp import launch

    output = os.open(wish["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for descriptor in (1, 2):
        os.dup2(output, descriptor)
    leash.tie()
    os.environ.clear()
    os.environ.update(wish["environment"])
    os.setsid()
    code = 1
    try:
        code = launch.main(wish["arguments"])
    finally:
        os._exit(code)  # the nursery's own end is not for its children


def _serve() -> None:
    """In the nursery: one wish a line, one answer a line, until the last reader is gone."""
    from webapp import launch as launch  # what is imported here need not be imported by those who are forked

    living: set[int] = set()
    try:
        for line in sys.stdin:
            _answer(json.loads(line), living)
    except BrokenPipeError:
        pass  # whoever asked is gone
    finally:
        for pid in list(living):
            _ended(living, pid, signal.SIGKILL)


def _answer(wish: Mapping[str, Any], living: set[int]) -> None:
    answer: dict[str, Any] = {}
    if "arguments" in wish:
        leash, held = os.pipe()  # a worker ends when its input does; ours is not for it
        pid = os.fork()
        if pid == 0:
            os.dup2(leash, 0)
            os.close(held)
            _launch(wish)
        os.close(leash)
        living.add(pid)
        answer["pid"] = pid
    elif "end" in wish:
        answer["code"] = _ended(living, wish["end"], wish["signal"])
    else:
        if wish["alive"] in living and os.waitpid(wish["alive"], os.WNOHANG)[0]:
            living.discard(wish["alive"])
        answer["alive"] = wish["alive"] in living
    print(json.dumps(answer), flush=True)


def _ended(living: set[int], pid: int, how: int) -> int:
    if pid not in living:
        return 0
    os.kill(pid, how)
    living.discard(pid)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    _serve()
