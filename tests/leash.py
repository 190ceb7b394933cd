"""What the tests start ends with whoever started it, also when that one is killed and can't clean up.

Linux tells a process when its parent ends (prctl, PR_SET_PDEATHSIG): so end servers, workers and pools. PostgreSQL
leaves its parent behind when it starts; beside it waits a process that holds nothing but a pipe. Elsewhere than on
Linux the first is left out.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[1]
_LIBRARY = ctypes.CDLL(None) if sys.platform.startswith("linux") else None  # found before anybody forks
_PR_SET_PDEATHSIG = 1
PROGRAMS = (b"initdb", b"pg_ctl", b"postgres")
PATIENCE = 30.0
"""Seconds that a server may take to end before its folder is removed all the same."""


def tie() -> None:
    """From now on this process is killed when the thread that started it ends, or all of its process.

    For `preexec_fn` of subprocess.Popen and `initializer` of a pool; not for what is started from a short-lived thread.
    """
    if _LIBRARY is not None:
        _LIBRARY.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))


def watch(data: Path) -> None:
    """Have the PostgreSQL server of this data folder stopped, and the folder removed, when the last user is gone.

    To be asked for before the server is started: whoever starts it may be killed while it waits for that, too.
    """
    theirs, _ = os.pipe()  # our end is never closed but by the system, when we are gone
    os.posix_spawn(
        sys.executable, [sys.executable, __file__, str(data), str(os.getpid())], os.environ,
        setsid=True,  # a Ctrl-C is not for it
        file_actions=[(os.POSIX_SPAWN_DUP2, theirs, 0), (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
    )  # fmt: skip
    os.close(theirs)


def _wait_and_stop(data: Path, user: int) -> None:
    """Until our user is gone, and with it the others of the same server.

    The system closes the pipe of a process that ends a moment before it says that the process has ended: our own user
    is not asked for again, and others who seem to be there are waited for.
    """
    sys.stdin.buffer.read()
    while any(_runs(pid) for pid in _users(data) if pid != user):
        time.sleep(0.1)
    end = time.monotonic() + PATIENCE
    while (left := _at_work(data)) and time.monotonic() < end:
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGQUIT)  # PostgreSQL's "immediate": nothing here is wanted any more
        time.sleep(0.05)
    shutil.rmtree(data, ignore_errors=True)


def _users(data: Path) -> list[int]:
    """The processes that the package counts as users of the server; one that was killed is still among them."""
    try:
        return [int(pid) for pid in json.loads((data / ".handle_pids.json").read_text("utf-8"))]
    except (OSError, ValueError, TypeError):
        return []


def _at_work(data: Path) -> list[int]:
    """The server of this folder, and the programs that make the folder, start the server or start it again.

    A server that was just started has not yet written who it is: on Linux all are found by their command line.
    """
    if not Path("/proc/self/cmdline").is_file():
        with suppress(OSError, ValueError):
            pid = int((data / "postmaster.pid").read_text("utf-8").partition("\n")[0])
            return [pid] if _runs(pid) else []
        return []
    return [pid for pid in (int(one.name) for one in Path("/proc").glob("[0-9]*")) if _works(pid, os.fsencode(data))]


def _works(pid: int, data: bytes) -> bool:
    """Whether a process runs one of PostgreSQL's programs on this folder."""
    with suppress(OSError):
        program, *arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        return os.path.basename(program) in PROGRAMS and data in arguments and _runs(pid)
    return False


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    with suppress(OSError):  # a process that has ended and was not yet asked about
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return True


if __name__ == "__main__":
    _wait_and_stop(Path(sys.argv[1]), int(sys.argv[2]))
