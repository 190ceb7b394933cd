"""Verification: which entry of which stream is the first that isn't as it was written."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Integer, Text, exists, func, select, type_coerce
from sqlalchemy.orm import Session

from workflows.errors import Invalid
from workflows.ledger.checkpoints import Checkpoint
from workflows.ledger.entries import HASHED, EntryRow, HeadRow, entry_hash

STEP = 1000
"""Rows fetched at a time, and entries between two reports of progress."""

Row = dict[str, Any]


Kind = Literal["changed", "removed", "inserted", "reordered", "rewritten"]


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing wrong in one stream.

    kind: "changed", "removed", "inserted", "reordered" (at `seq`), or "rewritten" (somewhere from 1 to `seq`: the chain
    holds, but is not the one of the checkpoint). A removal whose followers were renumbered shows as reordered. detail:
    what was seen, in English, for the person who looks into it.
    """

    stream: str
    seq: int
    kind: Kind
    detail: str


def verify(
    session: Session, checkpoint: Checkpoint | None = None, *, progress: Callable[[int, int], None] | None = None
) -> list[Fault]:
    """The first fault of every faulty stream, ordered by stream; an empty list when the ledger is whole.

    Reads all entries once, in constant memory. Against a checkpoint it also finds cut-off ends, removed streams and
    rewritten chains. progress(done, total) is called now and then. The hashes prove order and content only from the
    outside: who can rewrite entries *and* heads is found by a checkpoint kept elsewhere, and not without.
    """
    total = session.execute(select(func.coalesce(func.sum(HeadRow.length), 0))).scalar_one()
    promised = dict(checkpoint.streams) if checkpoint is not None else {}
    faults: dict[str, Fault] = {}
    walk: _Walk | None = None
    for done, row in enumerate(_rows(session), start=1):
        if walk is None or walk.stream != row["stream"]:
            if walk is not None:
                _note(faults, walk.finish())
            walk = _Walk(row, promised.pop(row["stream"], None))
        walk.take(row)
        if progress is not None and done % STEP == 0:
            progress(done, max(total, done))
    if walk is not None:
        _note(faults, walk.finish())
    for stream in _headed_without_entries(session):
        _note(faults, Fault(stream, 1, "removed", "the stream has a head and no entries"))
    for stream, (length, _) in promised.items():
        if length:
            _note(faults, Fault(stream, 1, "removed", f"the checkpoint has {length} entries of this stream"))
    if progress is not None:
        progress(total, total)
    return [faults[stream] for stream in sorted(faults)]


class _Walk:
    """The walk along one stream, from entry to entry."""

    def __init__(self, first: Row, promised: tuple[int, str] | None) -> None:
        self.stream = str(first["stream"])
        self._length: Any = first["head_length"]
        self._head: Any = first["head_hash"]
        self._promised = promised
        self._before: Row | None = None
        self._recent: deque[Any] = deque(maxlen=STEP)  # the hashes of the entries before, to know a copy of one
        self._unlinked: tuple[Row, Row] | None = None
        self._beyond: Fault | None = None
        self._fault: Fault | None = None

    def take(self, row: Row) -> None:
        """Look at the next entry. After the first fault the rest of the stream says nothing."""
        if self._fault is None:
            self._fault = (
                self._blame(row["previous"]) or self._misplaced(row) or self._altered(row)
                or self._detached(row) or self._off_checkpoint(row)
            )  # fmt: skip
            if self._fault is not None and self._beyond is not None:
                self._fault = min(self._beyond, self._fault, key=lambda fault: fault.seq)
            self._before = row
            self._recent.append(row["hash"])

    def finish(self) -> Fault | None:
        """The stream's first fault, its end included."""
        if self._fault is not None or self._before is None:
            return self._fault
        if self._beyond is not None:
            return self._beyond
        last, length = self._before["seq"], self._length
        if length > last:
            return Fault(self.stream, last + 1, "removed", f"the head counts {length} entries")
        if (fault := self._blame(self._head)) is not None:
            return fault
        if self._head != self._before["hash"]:
            return Fault(self.stream, last, "changed", "the head names another hash of the last entry")
        if self._promised is not None and self._promised[0] > last:
            return Fault(self.stream, last + 1, "removed", f"the checkpoint has {self._promised[0]} entries")
        return None

    def _misplaced(self, row: Row) -> Fault | None:
        """The sequence numbers, which must be 1, 2, 3 … up to the head's length."""
        seq, length = row["seq"], self._length
        expected = self._before["seq"] + 1 if self._before else 1
        if not isinstance(seq, int):
            return Fault(self.stream, expected, "changed", f"its sequence number is {seq!r}")
        if not isinstance(length, int):
            return Fault(self.stream, seq, "inserted", "the stream has entries and no head")
        if seq < expected:
            return Fault(self.stream, seq, "inserted", f"entry {expected} was expected here")
        if expected > length:
            # Forged entries before it may have pushed it here: the walk goes on to where that shows.
            self._beyond = self._beyond or Fault(self.stream, seq, "inserted", f"the head counts {length} entries")
            return None
        if seq > expected:
            return Fault(self.stream, expected, "removed", f"entry {seq} follows entry {expected - 1}")
        return None

    def _altered(self, row: Row) -> Fault | None:
        """The entry's own hash. An entry that is whole but for its number tells what happened around it."""
        if _hash_holds(row):
            return None
        seq = row["seq"]
        for other in range(max(1, seq - STEP), seq + STEP):
            if other != seq and _hash_holds({**row, "seq": other}):
                if other < seq and row["hash"] in self._recent:
                    return Fault(self.stream, seq, "inserted", f"a copy of entry {other} stands here")
                if other < seq:
                    return Fault(self.stream, other, "inserted", f"the entry that was number {other} is now {seq}")
                return Fault(self.stream, seq, "reordered", f"this entry was number {other}")
        return Fault(self.stream, seq, "changed", "its content does not match its hash")

    def _detached(self, row: Row) -> Fault | None:
        """The link to the entry before. Where it is broken, the entry after this one tells which of the two changed."""
        if row["previous"] == (self._before["hash"] if self._before else ""):
            return None
        if self._before is None:
            return Fault(self.stream, row["seq"], "changed", "the first entry names one before it")
        self._unlinked = (self._before, row)
        return None

    def _blame(self, recorded: Any) -> Fault | None:
        """Settle a broken link. recorded: the hash of its later entry, as the entry after it or the head has it."""
        if self._unlinked is None:
            return None
        earlier, later = self._unlinked
        if recorded == later["hash"]:
            return Fault(self.stream, earlier["seq"], "changed", "the entry after it names another hash of it")
        return Fault(self.stream, later["seq"], "changed", "it names another hash of the entry before it")

    def _off_checkpoint(self, row: Row) -> Fault | None:
        if self._promised is None or row["seq"] != self._promised[0] or row["hash"] == self._promised[1]:
            return None
        return Fault(self.stream, row["seq"], "rewritten", "the checkpoint names another hash of this entry")


def _hash_holds(row: Row) -> bool:
    try:
        return bool(entry_hash(row) == row["hash"])
    except (TypeError, ValueError, Invalid):  # a column of a foreign type, a lone surrogate, an unknown algorithm
        return False


def _rows(session: Session) -> Iterator[Row]:
    """All entries by stream and sequence, each with its stream's head, as the database stores them."""
    # Columns are read untyped: an altered moment or number must be reported, not stumble over its conversion.
    names = [*HASHED, "hash"]
    columns = [type_coerce(getattr(EntryRow, name), Integer if name in ("seq", "version") else Text) for name in names]
    # One statement: heads and entries are of the same instant even while others append.
    wanted = (
        select(*columns, HeadRow.length, HeadRow.hash)
        .join(HeadRow, HeadRow.stream == EntryRow.stream, isouter=True)
        .order_by(EntryRow.stream, EntryRow.seq)
        .execution_options(yield_per=STEP)
    )
    keys = [*names, "head_length", "head_hash"]
    for row in session.execute(wanted):
        yield dict(zip(keys, row, strict=True))


def _headed_without_entries(session: Session) -> list[str]:
    without = ~exists().where(EntryRow.stream == HeadRow.stream)
    return list(session.execute(select(HeadRow.stream).where(without)).scalars())


def _note(faults: dict[str, Fault], fault: Fault | None) -> None:
    if fault is not None:
        faults.setdefault(fault.stream, fault)
