"""What `make run` starts: server and worker live and end together, and a second start keeps all data."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.durability.client import Client
from tests.durability.scene import open_cases
from tests.durability.server import ROOT, START_SECONDS, Server

pytestmark = pytest.mark.durability


@pytest.fixture
def server(furnished: Path) -> Iterator[Server]:
    """A running server; whatever a test leaves of it is ended."""
    made = Server(furnished)
    made.start()
    yield made
    made.stop()


def workers(server: Server) -> list[psutil.Process]:
    assert server.process is not None
    return psutil.Process(server.process.pid).children(recursive=True)


def gone(processes: list[psutil.Process]) -> bool:
    """Whether all have ended, waiting for them; the limit is for hanging."""
    return psutil.wait_procs(processes, timeout=START_SECONDS)[1] == []


def test_the_first_start_greets_with_address_and_accounts_and_has_one_worker_beside_it(tmp_path: Path) -> None:
    server = Server(tmp_path)  # nothing is there yet
    server.start()
    try:
        assert len(workers(server)) == 1
        log = server.log()
    finally:
        server.stop()
    assert f"http://127.0.0.1:{server.port}/" in log
    assert "officer1" in log
    assert "fashen-demo" in log


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_server_and_worker_end_together(server: Server, end: signal.Signals) -> None:
    beside = workers(server)
    assert server.process is not None
    server.process.send_signal(end)
    assert server.process.wait(START_SECONDS) == 0
    assert gone(beside)
    assert "Traceback" not in server.log()


def test_the_worker_ends_even_when_the_server_is_killed(server: Server) -> None:
    beside = workers(server)
    server.kill()
    assert gone(beside)


def test_a_worker_that_dies_is_started_again(server: Server) -> None:
    first = workers(server)[0]
    os.kill(first.pid, signal.SIGKILL)
    end = time.monotonic() + START_SECONDS
    while not [one for one in workers(server) if one.pid != first.pid]:
        assert time.monotonic() < end, "no worker came back"
        time.sleep(0.05)


def test_a_second_start_keeps_all_data(server: Server) -> None:
    open_cases(server.url, 1)
    server.stop()
    server.start()
    deputy = Client(server.port)
    deputy.log_in("deputy", "fashen-demo")
    shown = [deputy.get(f"/desk?list={which}").text for which in ("todo", "claimable")]
    assert any("立案审批" in text for text in shown)


def test_a_port_that_is_taken_is_said_in_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        tried = subprocess.run(
            [sys.executable, "-m", "webapp.launch", "--port", str(port)],
            cwd=ROOT, env=Server(tmp_path).environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert tried.returncode == 1
    assert f"127.0.0.1:{port}" in tried.stderr
    assert "Traceback" not in tried.stderr


def test_an_unsafe_production_does_not_start(tmp_path: Path) -> None:
    environment = {**Server(tmp_path).environment, "FASHEN_ENV": "production"}
    tried = subprocess.run(
        [sys.executable, "-m", "webapp.launch"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert tried.returncode == 1
    assert "FASHEN_SECRET_KEY" in tried.stderr
    assert "FASHEN_TRUSTED_HOSTS" in tried.stderr
    assert "Traceback" not in tried.stderr
