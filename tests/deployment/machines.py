"""Machines of one installation, each a set of real processes: one PostgreSQL, one S3 store, settings as in production.

They share nothing else: no folder, no cache, no address.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

from tests import leash
from tests.durability.client import SECONDS, Client, Gone, Page
from tests.durability.nursery import Forked, Nursery
from tests.durability.server import ROOT, START_SECONDS, free_port

KEY = "Zq8vT3mLx0Rk7WbYp2Nc5HdJ9sGfUa4E"
PDF = b"%PDF-1.7\nsmall\n%%EOF\n"


def production(database: str, files: str, **more: str) -> dict[str, str]:
    """The environment of every process of the installation."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("FASHEN_")}
    return {
        **own,
        "FASHEN_ENV": "production",
        "FASHEN_DATABASE_URL": database,
        "FASHEN_FILES_URL": files,
        "FASHEN_SECRET_KEY": KEY,
        "FASHEN_TRUSTED_HOSTS": "127.0.0.1",
        **more,
    }


@dataclass
class Machine:
    """A web server and a worker, each a process of its own.

    nursery: where they are forked, so that a machine that is killed again and again starts at once; else both are
    started by the commands of an installation.
    """

    folder: Path
    environment: Mapping[str, str]
    nursery: Nursery | None = None
    port: int = field(default_factory=free_port)
    server: subprocess.Popen[bytes] | Forked | None = None
    worker: subprocess.Popen[bytes] | Forked | None = None

    def start(self) -> None:
        """Start both; `wait` until the server is ready."""
        self.folder.mkdir(exist_ok=True)
        if self.nursery is not None:
            serving = ("--port", str(self.port), "--no-worker")
            self.server, self.worker = (
                Forked(self.nursery, self.nursery.start(words, self.environment, self.folder / "log"))
                for words in (serving, ("--as-worker",))
            )
            return
        self.server = self._process("webapp.launch", "--port", str(self.port), "--no-worker")
        self.worker = self._process("webapp", "worker")

    def wait(self) -> None:
        """Wait until a load balancer would send requests here. Raises RuntimeError when the server ended or hangs."""
        end = time.monotonic() + START_SECONDS
        while self.ready() != 200:
            if self.server is None or self.server.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the server did not start:\n{self.log()[-4000:]}")
            time.sleep(0.05)

    def ready(self) -> int:
        """What /readyz says: 200, 503, or 0 when nobody answers."""
        try:
            return Client(self.port).get("/readyz").status
        except Gone:
            return 0

    def kill(self) -> None:
        """The power goes off."""
        for process in self._running:
            process.send_signal(signal.SIGKILL)
            process.wait()

    def stop(self) -> None:
        """End both as a supervisor does."""
        for process in self._running:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self._running:
            process.wait(START_SECONDS)

    def log(self) -> str:
        """What both wrote so far."""
        return (self.folder / "log").read_text("utf-8", "replace")

    def browser(self, login: str | None = None, cookies: Mapping[str, str] | None = None) -> Client:
        """A browser whose requests the balancer sends here; logged in, or with the cookies of another machine."""
        client = Client(self.port, dict(cookies or {}))
        if login is not None:
            client.log_in(login, "fashen-demo")
        return client

    @property
    def _running(self) -> list[subprocess.Popen[bytes] | Forked]:
        return [process for process in (self.server, self.worker) if process is not None]

    def _process(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-m", module, *arguments], cwd=ROOT, env=dict(self.environment),
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, preexec_fn=leash.tie,
            )  # fmt: skip


def send_file(client: Client, path: str, fields: Mapping[str, str], name: str, content: bytes = PDF) -> Page:
    """Send a form with one file under the name `files`. Raises Gone."""
    mark = "fashen-boundary"
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in fields.items() if key != "files"
    ]  # fmt: skip
    head = f'--{mark}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode()
    body = b"".join([*parts, head, content, f"\r\n--{mark}--\r\n".encode()])
    headers = {
        "Cookie": "; ".join(f"{key}={value}" for key, value in client.cookies.items()),
        "Content-Type": f"multipart/form-data; boundary={mark}",
        "Sec-Fetch-Site": "same-origin",
    }
    connection = HTTPConnection("127.0.0.1", client.port, timeout=SECONDS)
    try:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        return Page(answer.status, answer.headers.get("Location", ""), answer.read().decode())
    except OSError as error:
        raise Gone(str(error)) from error
    finally:
        connection.close()
