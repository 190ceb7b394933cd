"""Appending: past-tense events, chained, in the command's own transaction."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from workflows.actors import Actor
from workflows.calendar import clock
from workflows.errors import Invalid
from workflows.ledger.canonical import chosen_algorithm, moment_text, text
from workflows.ledger.entries import Entry, EntryRow, HeadRow, entry_hash
from workflows.ledger.events import identify, to_data

_ACTOR = "ledger.actor"
_STREAM = re.compile(r"[a-z]+(:[A-Za-z0-9_-]+)?")
_heads = cast(Table, HeadRow.__table__)
_entries = cast(Table, EntryRow.__table__)

# Every command appends several times: its statements are built once.
_head = select(_heads.c.length, _heads.c.hash).where(_heads.c.stream == bindparam("of")).with_for_update()
_new = insert(_entries)
_moved = (
    update(_heads).where(_heads.c.stream == bindparam("of")).values(length=bindparam("count"), hash=bindparam("last"))
)


def append(
    session: Session, stream: str, event: object, *, actor: Actor, happened: datetime | None = None,
    case_id: str | None = None,
) -> Entry:  # fmt: skip
    """Append one event to a stream and give back its entry.

    stream: "case:<id>", "meeting:<id>", "person:<id>" or "bureau". happened: when it happened, if not now; the moment
    of recording is always now. case_id: the case it belongs to; for a "case:" stream it is that case.
    The entry becomes lasting with the command's transaction, and the stream stays locked until then. One unit of
    work appends to its streams in the order bureau, meeting, cases by id, person, so that two can't block each other;
    the streams of rows (`journal.py`) come last of all.
    Raises TypeError for an event that is not registered and Invalid for a bad stream name ("ledger.stream_invalid")
    or content that is no JSON ("ledger.not_json").
    """
    session.info[_ACTOR] = actor
    name, version = identify(event)
    written = text(to_data(event))
    length, previous = lock_stream(session, stream)
    recorded = clock.now()
    columns: dict[str, Any] = {
        "stream": stream, "seq": length + 1, "event": name, "version": version,
        "case_id": stream.removeprefix("case:") if stream.startswith("case:") else case_id,
        "actor_id": actor.person_id, "actor_name": actor.signs_as, "post": actor.post_title,
        "unit_id": actor.unit_id, "unit_name": actor.unit_name,
        "happened_at": happened or recorded, "recorded_at": recorded,
        "data": written, "algorithm": chosen_algorithm(), "previous": previous,
    }  # fmt: skip
    stored = {**columns, "happened_at": moment_text(happened or recorded), "recorded_at": moment_text(recorded)}
    columns["hash"] = entry_hash(stored)
    session.execute(_new, columns)
    session.execute(_moved, {"of": stream, "count": length + 1, "last": columns["hash"]})
    return Entry(**{**columns, "data": json.loads(written)})


def actor_of(session: Session) -> Actor | None:
    """Who appended last in this unit of work; None when nobody did."""
    found: Actor | None = session.info.get(_ACTOR)
    return found


def lock_stream(session: Session, stream: str) -> tuple[int, str]:
    """Lock a stream until the unit of work ends; its length and the hash of its last entry (0 and "" when empty).

    A command that changes rows before it appends calls this first, so that everybody locks in one order.
    Raises Invalid("ledger.stream_invalid").
    """
    if not _STREAM.fullmatch(stream):
        raise Invalid("ledger.stream_invalid", stream=stream)
    head = session.execute(_head, {"of": stream}).one_or_none()
    if head is None:
        # Two units may open the stream at once: the second waits here for the first, then finds its row.
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        first = dialect.insert(_heads).values(stream=stream, length=0, hash="")
        session.execute(first.on_conflict_do_nothing(index_elements=["stream"]))
        head = session.execute(_head, {"of": stream}).one()
    return head.length, head.hash
