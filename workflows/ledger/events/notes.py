"""Notes pinned to pages of the file (批注): kept in the chain, told in no account of the case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workflows.ledger.events.registry import recorded


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class PageNotePinned:
    """A note was pinned to a page of a material. Its text is in the note."""

    note_id: str
    material_id: str
    page: int
    point: str
    circle: str
    task_id: str | None = None


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class PageNoteWithdrawn:
    """Its author took a note back; it stays in the file, marked."""

    note_id: str
    withdrawn_at: datetime
