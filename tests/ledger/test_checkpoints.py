"""Against a checkpoint kept elsewhere, what an attacker with the whole database did is found too."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from tests.ledger import tampering
from tests.ledger.filling import REVIEWER, event
from workflows import ledger
from workflows.errors import Invalid
from workflows.ledger import Checkpoint, Fault
from workflows.ledger.entries import entry_hash
from workflows.store import Store


def taken(store: Store) -> Checkpoint:
    """A checkpoint that went out of the house and came back."""
    with store.read() as session:
        return Checkpoint.from_json(ledger.checkpoint(session).to_json())


def attacked_at(
    store: Store, checkpoint: Checkpoint, stream: str, length: int, *, rewrite_from: int | None = None
) -> list[Fault]:
    """Cut a stream, rewrite its chain from an entry on, and make its head fit: nothing inside shows it."""
    with tampering.attacked(store) as connection:
        before = tampering.rows_of(connection)

        def rewrite(own: list[tampering.Row]) -> list[tampering.Row]:
            kept = own[:length]
            for place in range((rewrite_from or length + 1) - 1, len(kept)):
                row = {**kept[place], "post": "冒充", "previous": kept[place - 1]["hash"] if place else ""}
                kept[place] = {**row, "hash": entry_hash(row)}
            return kept

        after = tampering.edited(before, stream, rewrite)
        tampering.write(connection, before, after)
        last = [row for row in after if row["stream"] == stream]
        if last:
            values = {"length": length, "hash": last[-1]["hash"], "stream": stream}
            change = "UPDATE ledger_head SET length = :length, hash = :hash WHERE stream = :stream"
            connection.execute(text(change), values)
        else:
            connection.execute(text("DELETE FROM ledger_head WHERE stream = :stream"), {"stream": stream})
        session = tampering.session_on(connection)
        assert ledger.verify(session) == []
        return ledger.verify(session, checkpoint)


def test_a_cut_off_end_is_found(filled: Store) -> None:
    (fault,) = attacked_at(filled, taken(filled), "case:a", 140)
    assert (fault.stream, fault.seq, fault.kind) == ("case:a", 141, "removed")


def test_a_removed_stream_is_found(filled: Store) -> None:
    (fault,) = attacked_at(filled, taken(filled), "case:b", 0)
    assert (fault.stream, fault.seq, fault.kind) == ("case:b", 1, "removed")


def test_a_rewritten_chain_is_found(filled: Store) -> None:
    (fault,) = attacked_at(filled, taken(filled), "case:a", 150, rewrite_from=20)
    assert (fault.stream, fault.seq, fault.kind) == ("case:a", 150, "rewritten")


def test_a_rewritten_end_that_grew_since_is_found(filled: Store) -> None:
    checkpoint = taken(filled)
    with filled.work() as session:
        for number in range(5):
            ledger.append(session, "meeting:m", event(number), actor=REVIEWER)
    (fault,) = attacked_at(filled, checkpoint, "meeting:m", 55, rewrite_from=50)
    assert (fault.stream, fault.seq, fault.kind) == ("meeting:m", 50, "rewritten")


def test_a_ledger_that_only_grew_agrees_with_its_checkpoint(filled: Store) -> None:
    checkpoint = taken(filled)
    with filled.work() as session:
        ledger.append(session, "case:a", event(1), actor=REVIEWER)
        ledger.append(session, "case:later", event(1), actor=REVIEWER)
    with filled.read() as session:
        assert ledger.verify(session, checkpoint) == []


def test_a_checkpoint_counts_all_streams(filled: Store) -> None:
    checkpoint = taken(filled)
    assert checkpoint.total == 300
    assert {stream: length for stream, (length, _) in checkpoint.streams.items()} == {
        "case:a": 150,
        "case:b": 100,
        "meeting:m": 50,
    }


@pytest.mark.parametrize("change", ["length", "digest", "total", "missing", "garbage", "format"])
def test_an_altered_checkpoint_is_refused(change: str, filled_sqlite: Store) -> None:
    content = json.loads(taken(filled_sqlite).to_json())
    if change == "length":
        content["streams"][0][1] += 1
    elif change == "missing":
        del content["streams"][1]
    elif change == "garbage":
        content = ["?"]
    else:
        content[change] = 301 if change == "total" else "0" * 64
    with pytest.raises(Invalid, match=r"ledger\.checkpoint_broken"):
        Checkpoint.from_json(json.dumps(content))
