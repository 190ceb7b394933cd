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

from tests.durability.client import Client, Gone

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
    """waitress with its worker beside it, on SQLite in `folder`."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The SQLAlchemy URL of its database."""
        return f"sqlite:///{self.folder / 'fashen.sqlite'}"

    @property
    def environment(self) -> dict[str, str]:
        """What the server and whoever prepares its data read their settings from."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("FASHEN_")}
        return {**own, "FASHEN_VAR": str(self.folder)}

    def start(self) -> None:
        """Start and wait until it answers."""
        with (self.folder / "server.log").open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "webapp.launch", "--port", str(self.port), "--demo"],
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=output,
            )
        end = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the server did not start:\n{self.log()[-4000:]}")
            time.sleep(0.05)

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
