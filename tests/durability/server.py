"""The real server as a process that can be killed, with everything it keeps in a folder of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests import leash
from tests.durability.client import Client, Gone
from tests.durability.nursery import Nursery

ROOT = Path(__file__).parents[2]
START_SECONDS = 120
"""A limit for a server that hangs; starting takes two or three seconds on a quiet machine."""


def free_port() -> int:
    """A port on the loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """waitress with its worker beside it.

    folder: what it keeps; database: its SQLAlchemy URL, SQLite in `folder` if not given.
    """

    folder: Path
    database: str = ""
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The SQLAlchemy URL of its database."""
        return self.database or f"sqlite:///{self.folder / 'fashen.sqlite'}"

    @property
    def environment(self) -> dict[str, str]:
        """What the server and whoever prepares its data read their settings from."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("FASHEN_")}
        return {**own, "FASHEN_VAR": str(self.folder), "FASHEN_DATABASE_URL": self.url}

    def start(self) -> None:
        """Start and wait until it answers."""
        with (self.folder / "server.log").open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "webapp.launch", "--port", str(self.port), "--demo"],
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=output,
                preexec_fn=leash.tie,
            )
        self.wait()

    def wait(self) -> None:
        """Wait until it answers. Raises RuntimeError when it has ended or hangs."""
        end = time.monotonic() + START_SECONDS
        while not self._answers():
            if not self.alive() or time.monotonic() > end:
                raise RuntimeError(f"the server did not start:\n{self.log()[-4000:]}")
            time.sleep(0.02)

    def alive(self) -> bool:
        """Whether its process runs."""
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """kill -9: no goodbye, nothing flushed."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """End it as Ctrl-C does."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(START_SECONDS)

    def log(self) -> str:
        """What the server wrote so far."""
        return (self.folder / "server.log").read_text(encoding="utf-8", errors="replace")

    def _answers(self) -> bool:
        try:
            return Client(self.port).get("/healthz").status == 200
        except Gone:
            return False


@dataclass
class QuickServer(Server):
    """The same server and worker, each forked from a nursery, so that a start costs a tenth of a second."""

    nursery: Nursery | None = None
    pid: int = 0
    worker: int = 0

    def start(self) -> None:
        """Start the server, and a worker where none runs, and wait until it answers."""
        assert self.nursery is not None
        wanted = ["--port", str(self.port), "--demo", "--no-worker"]
        self.pid = self.nursery.start(wanted, self.environment, self.folder / "server.log")
        self.wait()
        if not self.worker:
            self.start_worker()

    def start_worker(self) -> None:
        """Start a worker of its own."""
        assert self.nursery is not None
        self.worker = self.nursery.start(["--as-worker"], self.environment, self.folder / "server.log")

    def alive(self) -> bool:
        """Whether its process runs."""
        assert self.nursery is not None
        return self.nursery.alive(self.pid)

    def kill(self) -> None:
        """kill -9 of the server; the worker goes on."""
        self._end(signal.SIGKILL, [self.pid])

    def kill_worker(self) -> None:
        """kill -9 of the worker."""
        self._end(signal.SIGKILL, [self.worker])
        self.worker = 0

    def stop(self) -> None:
        """End both as Ctrl-C does."""
        self._end(signal.SIGTERM, [self.pid, self.worker])
        self.pid = self.worker = 0

    def _end(self, how: signal.Signals, processes: list[int]) -> None:
        assert self.nursery is not None
        for process in filter(None, processes):
            self.nursery.end(process, how)
