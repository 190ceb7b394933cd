"""A watch over hostile input: what Python does behind the scenes, how long one input takes, what memory is held.

A limit of time here is a limit for hanging, set many times above what the slowest input needs.
"""

from __future__ import annotations

import gc
import resource
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

_seen: list[str] | None = None
_watched = 0


class Hang(BaseException):
    """An input took longer than its limit for hanging. No `except Exception` may swallow it."""


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if _seen is not None and threading.get_ident() == _watched:
        _seen.append(f"{event} {repr(arguments)[:200]}")


sys.addaudithook(_hook)


@contextmanager
def auditing() -> Iterator[list[str]]:
    """The audit events of this thread within the block: files opened, code compiled or run, modules imported, sockets,
    processes, access to guarded attributes (https://docs.python.org/3/library/audit_events.html).
    """
    global _seen, _watched
    if _seen is not None:
        raise RuntimeError("somebody is watching already")
    gc.disable()  # what others left behind is not tidied up within the block
    _watched, _seen = threading.get_ident(), []
    try:
        yield _seen
    finally:
        _seen = None
        gc.enable()


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raises Hang in the block when it takes longer. Only in the main thread of a process; C code is not interrupted,
    but found to have taken too long when it returns.
    """
    before = signal.signal(signal.SIGALRM, _too_long)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _too_long(_signal: int, _frame: FrameType | None) -> None:
    raise Hang


def peak_megabytes() -> int:
    """The most memory this process ever held, in megabytes.

    Linux's rusage begins with what the parent held when it forked, so the process's own high-water mark is read there.
    """
    own = Path("/proc/self/status")
    if own.exists():
        mark = next(line for line in own.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(mark.split()[1]) // 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (1024 * 1024 if sys.platform == "darwin" else 1024)
