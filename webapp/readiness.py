"""Whether this process may be sent requests: what a load balancer asks, cheaply and without telling anything.

`/healthz` only says that the process answers: a supervisor that restarts what does not would help nobody while the
database is away. `/readyz` says whether requests would succeed here.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import cast

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from webapp.house import House, house
from workflows import migrations
from workflows.errors import Unavailable

FILES_EVERY_SECONDS = 5.0
"""The store of files is asked no more often: a probe of every balancer each second should not become a load on it."""


@dataclass
class Readiness:
    """What one process knows of itself: whether it is ending, and when the store of files last answered."""

    draining: bool = False
    _files: bool = False
    _asked: float = float("-inf")
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def missing(self, here: House) -> list[str]:
        """What a request would miss now: "ending", "database", "revision", "files"; empty when ready."""
        if self.draining:
            return ["ending"]
        missing = []
        try:
            migrations.require_newest(here.store)
        except Unavailable:
            missing.append("revision")
        except SQLAlchemyError:
            missing.append("database")
        if not self._files_answer(here):
            missing.append("files")
        return missing

    def _files_answer(self, here: House) -> bool:
        with self._lock:
            if time.monotonic() - self._asked >= FILES_EVERY_SECONDS:
                self._files = here.files.reachable()
                self._asked = time.monotonic()
            return self._files


def init_app(app: Flask) -> None:
    """Begin as a process that is not ending."""
    app.extensions["fashen-readiness"] = Readiness()


def of(app: Flask) -> Readiness:
    """The readiness of an application, to be told that it is ending."""
    return cast(Readiness, app.extensions["fashen-readiness"])


def missing() -> list[str]:
    """What a request to this process would miss now."""
    return of(current_app).missing(house())
