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
    holds, but is not the one of the checkpoint). A removal whose followers were renumbered shows as reordered. detail,
    detail_en: what was seen, for the person who looks into it.
    """

    stream: str
    seq: int
    kind: Kind
    detail: str
    detail_en: str


_SEEN = {
    "no_entries": ("链首仍在，记录全无", "the stream has a head and no entries"),
    "checkpoint_length": ("检查点载明此链有 {count} 条记录", "the checkpoint has {count} entries of this stream"),
    "head_length": ("链首计有 {count} 条记录", "the head counts {count} entries"),
    "head_hash": ("链首所记的末条摘要与此不同", "the head names another hash of the last entry"),
    "number": ("其序号为 {found}", "its sequence number is {found}"),
    "no_head": ("有记录而无链首", "the stream has entries and no head"),
    "expected": ("此处应为第 {number} 条", "entry {number} was expected here"),
    "gap": ("第 {number} 条之后即为第 {found} 条", "entry {found} follows entry {number}"),
    "copy": ("此处是第 {number} 条的副本", "a copy of entry {number} stands here"),
    "moved_to": ("原第 {number} 条现为第 {found} 条", "the entry that was number {number} is now {found}"),
    "moved_from": ("此条原为第 {number} 条", "this entry was number {number}"),
    "content": ("内容与其摘要不符", "its content does not match its hash"),
    "first": ("首条竟记有前一条", "the first entry names one before it"),
    "named_after": ("后一条所记的本条摘要与此不同", "the entry after it names another hash of it"),
    "names_before": ("所记的前一条摘要与前一条不符", "it names another hash of the entry before it"),
    "checkpoint_hash": ("检查点所记的本条摘要与此不同", "the checkpoint names another hash of this entry"),
}
"""What the check saw: (Chinese, English)."""


def _fault(stream: str, seq: int, kind: Kind, seen: str, **facts: object) -> Fault:
    chinese, english = _SEEN[seen]
    return Fault(stream, seq, kind, chinese.format(**facts), english.format(**facts))


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
        _note(faults, _fault(stream, 1, "removed", "no_entries"))
    for stream, (length, _) in promised.items():
        if length:
            _note(faults, _fault(stream, 1, "removed", "checkpoint_length", count=length))
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
            return _fault(self.stream, last + 1, "removed", "head_length", count=length)
        if (fault := self._blame(self._head)) is not None:
            return fault
        if self._head != self._before["hash"]:
            return _fault(self.stream, last, "changed", "head_hash")
        if self._promised is not None and self._promised[0] > last:
            return _fault(self.stream, last + 1, "removed", "checkpoint_length", count=self._promised[0])
        return None

    def _misplaced(self, row: Row) -> Fault | None:
        """The sequence numbers, which must be 1, 2, 3 … up to the head's length."""
        seq, length = row["seq"], self._length
        expected = self._before["seq"] + 1 if self._before else 1
        if not isinstance(seq, int):
            return _fault(self.stream, expected, "changed", "number", found=repr(seq))
        if not isinstance(length, int):
            return _fault(self.stream, seq, "inserted", "no_head")
        if seq < expected:
            return _fault(self.stream, seq, "inserted", "expected", number=expected)
        if expected > length:
            # Forged entries before it may have pushed it here: the walk goes on to where that shows.
            self._beyond = self._beyond or _fault(self.stream, seq, "inserted", "head_length", count=length)
            return None
        if seq > expected:
            return _fault(self.stream, expected, "removed", "gap", number=expected - 1, found=seq)
        return None

    def _altered(self, row: Row) -> Fault | None:
        """The entry's own hash. An entry that is whole but for its number tells what happened around it."""
        if _hash_holds(row):
            return None
        seq = row["seq"]
        for other in range(max(1, seq - STEP), seq + STEP):
            if other != seq and _hash_holds({**row, "seq": other}):
                if other < seq and row["hash"] in self._recent:
                    return _fault(self.stream, seq, "inserted", "copy", number=other)
                if other < seq:
                    return _fault(self.stream, other, "inserted", "moved_to", number=other, found=seq)
                return _fault(self.stream, seq, "reordered", "moved_from", number=other)
        return _fault(self.stream, seq, "changed", "content")

    def _detached(self, row: Row) -> Fault | None:
        """The link to the entry before. Where it is broken, the entry after this one tells which of the two changed."""
        if row["previous"] == (self._before["hash"] if self._before else ""):
            return None
        if self._before is None:
            return _fault(self.stream, row["seq"], "changed", "first")
        self._unlinked = (self._before, row)
        return None

    def _blame(self, recorded: Any) -> Fault | None:
        """Settle a broken link. recorded: the hash of its later entry, as the entry after it or the head has it."""
        if self._unlinked is None:
            return None
        earlier, later = self._unlinked
        if recorded == later["hash"]:
            return _fault(self.stream, earlier["seq"], "changed", "named_after")
        return _fault(self.stream, later["seq"], "changed", "names_before")

    def _off_checkpoint(self, row: Row) -> Fault | None:
        if self._promised is None or row["seq"] != self._promised[0] or row["hash"] == self._promised[1]:
            return None
        return _fault(self.stream, row["seq"], "rewritten", "checkpoint_hash")


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
