"""Checkpoints: the state of all streams at one moment, to be kept outside of the database.

Whoever controls the database can rewrite a whole chain, cut its end or remove a stream. An exported checkpoint
(printed, signed, or sent to another authority) is what such a change is found against.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.calendar import clock
from workflows.errors import Invalid
from workflows.ledger.canonical import chosen_algorithm, digest, moment_text, read_moment, text
from workflows.ledger.entries import HeadRow

FORMAT = "fashen-ledger-checkpoint-1"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Length and head hash of every stream at `taken_at`, and the digest over all of it.

    streams: name → (length, hash of its last entry). total: entries of all streams together.
    """

    taken_at: datetime
    streams: Mapping[str, tuple[int, str]]
    algorithm: str = "sha256"

    @property
    def total(self) -> int:
        """Number of entries of all streams."""
        return sum(length for length, _ in self.streams.values())

    @property
    def digest(self) -> str:
        """One hash over everything the checkpoint says: short enough to be printed on paper."""
        return digest(self.algorithm, text(self._content()).encode("utf-8"))

    def to_json(self) -> str:
        """The checkpoint as canonical JSON with its digest, for a file."""
        return text({**self._content(), "digest": self.digest})

    @staticmethod
    def from_json(written: str | bytes) -> Checkpoint:
        """Read what `to_json` wrote. Raises Invalid("ledger.checkpoint_broken") when it is damaged or was altered."""
        try:
            content = json.loads(written if isinstance(written, str) else written.decode("utf-8"))
            streams = {name: (int(length), str(last)) for name, length, last in content["streams"]}
            checkpoint = Checkpoint(read_moment(content["taken_at"]), streams, content["algorithm"])
            sound = content["format"] == FORMAT and checkpoint.to_json() == text(content)
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError, AttributeError, Invalid) as error:
            raise Invalid("ledger.checkpoint_broken") from error
        if not sound:
            raise Invalid("ledger.checkpoint_broken")
        return checkpoint

    def _content(self) -> dict[str, object]:
        streams = [[name, length, last] for name, (length, last) in sorted(self.streams.items())]
        return {
            "format": FORMAT, "algorithm": self.algorithm, "taken_at": moment_text(self.taken_at),
            "streams": streams, "total": self.total,
        }  # fmt: skip


def checkpoint(session: Session) -> Checkpoint:
    """The state of all streams now, as one statement sees it: a consistent picture also while others append."""
    rows = session.execute(select(HeadRow.stream, HeadRow.length, HeadRow.hash).order_by(HeadRow.stream))
    streams = {stream: (length, last) for stream, length, last in rows}
    return Checkpoint(clock.now(), streams, chosen_algorithm())
