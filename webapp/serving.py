"""The server's life: it answers until it is told to end, and then finishes what it has begun.

waitress by itself stops sending as soon as it is told to end: what was committed in the last moment would be done, but
its answer lost.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer

QUIET_SECONDS = 0.5
"""A connection on which nothing happens for so long while the server ends carries no request that is under way."""
LOOK_SECONDS = 0.05

log = logging.getLogger("fashen")


class Serving:
    """One waitress server (as `create_server` makes it) until SIGTERM or SIGINT.

    drain: how long requests that are under way may take then. ending: called once when the end begins.
    """

    def __init__(self, server: Any, drain: timedelta, ending: Callable[[], None]) -> None:
        self._server, self._drain, self._ending = server, drain, ending
        self._map: dict[int, Any] = server.map if hasattr(server, "map") else server._map
        self._told = 0

    def run(self) -> None:
        """Serve; returns after the end. Told twice, it ends at once. Only for the main thread of a process."""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: self.stop())
        while not self._told:
            self._turn(self._server.adj.asyncore_loop_timeout)
        self._ending()
        self._finish()

    def stop(self) -> None:
        """Begin to end; a second time, do not wait for what is under way."""
        self._told += 1

    def _turn(self, seconds: float) -> None:
        self._server.asyncore.loop(
            timeout=seconds, map=self._map, use_poll=self._server.adj.asyncore_use_poll, count=1
        )

    def _finish(self) -> None:
        """Take no more connections, answer what has come, and stop the threads."""
        for each in list(self._map.values()):
            if isinstance(each, BaseWSGIServer):
                each.accepting = False
                each.del_channel(self._map)
                each.socket.close()
        end = time.monotonic() + self._drain.total_seconds()
        busy = time.monotonic()
        while self._told < 2 and time.monotonic() < end:
            self._turn(LOOK_SECONDS)
            under_way = self._under_way()
            if under_way:
                busy = time.monotonic()
            elif time.monotonic() - busy >= QUIET_SECONDS:
                break
        if left := self._under_way():
            log.warning("%d requests were still under way when the server ended", left)
        self._server.task_dispatcher.shutdown()
        self._server.asyncore.close_all(self._map)

    def _under_way(self) -> int:
        """Connections with a request that is being received, worked on or answered."""
        channels = [each for each in list(self._map.values()) if isinstance(each, HTTPChannel)]
        return sum(bool(each.requests or each.request or each.total_outbufs_len) for each in channels)
