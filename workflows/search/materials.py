"""The worker's part: a material's title can be found at once, what its file says as soon as the worker has read it.

A file is read before the unit of work that adds its text, by a process of its own. One that can't be read is tried a
few times more, each time later, and stays to be found by its title and name.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.calendar import clock
from workflows.cases.materials import Material
from workflows.errors import FashenError
from workflows.files import Files
from workflows.search import entries, reading, sources
from workflows.search.entries import Found, SearchEntry
from workflows.store import Store

MOST_ATTEMPTS = 5
FIRST_WAIT = timedelta(minutes=2)
"""Until a file that could not be read is tried again; then twice as long, and so on."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Waiting:
    entry_id: int
    material_id: str
    file_name: str
    sha256: str


def read_waiting(store: Store, files: Files, limit: int, stopped: Callable[[], bool] = lambda: False) -> int:
    """Read up to `limit` files that wait, the longest first; how many were looked at. Database errors are raised."""
    with store.read() as session:
        rows = session.execute(
            select(SearchEntry.id, Material.id, Material.file_name, Material.sha256)
            .join(Material, Material.id == SearchEntry.row_id)
            .where(SearchEntry.awaits <= clock.now(), SearchEntry.kind == "material")
            .order_by(SearchEntry.awaits, SearchEntry.id).limit(limit)
        ).all()  # fmt: skip
    done = 0
    for row in rows:
        if stopped():
            break
        waiting = _Waiting(*row)
        text = _text(files, waiting)
        with store.work() as session:
            _keep(session, waiting, text)
        done += 1
    return done


def _text(files: Files, waiting: _Waiting) -> str | None:
    """The file's text, None when it could not be had."""
    try:
        with files.open(waiting.sha256) as file:
            return reading.text_of(file, reading.ending_of(waiting.file_name))
    except (reading.Unreadable, FashenError) as error:
        log.info("the text of material %s can't be read: %s", waiting.material_id, error)
        return None


def _keep(session: Session, waiting: _Waiting, text: str | None) -> None:
    """Put the text behind the title of the material, unless its entry was replaced or somebody else was faster."""
    entry = session.execute(
        select(SearchEntry).where(SearchEntry.id == waiting.entry_id, SearchEntry.awaits.is_not(None)).with_for_update()
    ).scalar_one_or_none()
    if entry is None:
        return
    if text is None:
        entry.attempts += 1
        entry.awaits = None if entry.attempts >= MOST_ATTEMPTS else clock.now() + FIRST_WAIT * 2 ** (entry.attempts - 1)
        return
    found = Found(entry.kind, entry.row_id, entry.case_id, sources.told(entry.text, text))
    entries.replace(session.connection(), [found])
