"""`verify` names the first entry that was changed, removed, inserted or reordered (L1)."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from sqlalchemy import text

from tests.ledger import tampering
from tests.ledger.filling import LENGTHS, fill
from workflows import ledger
from workflows.ledger import Fault
from workflows.ledger.entries import HASHED, entry_hash
from workflows.store import Store

SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
"""One ledger serves all examples: each takes back what it did."""


def found(store: Store, *statements: str) -> list[Fault]:
    """What verification says after an attacker ran some SQL."""
    with tampering.attacked(store) as connection:
        for statement in statements:
            connection.execute(text(statement))
        return ledger.verify(tampering.session_on(connection))


def places(faults: list[Fault]) -> dict[str, int]:
    return {fault.stream: fault.seq for fault in faults}


def check(store: Store, tamper: Any) -> None:
    with tampering.attacked(store) as connection:
        before = tampering.rows_of(connection)
        after = tamper(before)
        tampering.write(connection, before, after)
        faults = ledger.verify(tampering.session_on(connection))
    assert places(faults) == tampering.first_differences(before, after)


@given(tamper=tampering.tamperings())
@settings(max_examples=250, suppress_health_check=SHARED)
def test_every_tampering_is_found_at_its_first_entry(tamper: Any, filled_sqlite: Store) -> None:
    check(filled_sqlite, tamper)


@given(tamper=tampering.tamperings())
@settings(suppress_health_check=SHARED)
def test_every_tampering_is_found_on_postgresql_too(tamper: Any, filled_postgres: Store) -> None:
    check(filled_postgres, tamper)


def test_a_change_of_any_column_of_the_first_a_middle_or_the_last_entry_is_found(filled: Store) -> None:
    for column in [*(name for name in HASHED if name not in ("stream", "seq")), "hash"]:
        for seq in (1, 60, 150):
            value = "7" if column == "version" else "'x'"
            change = f"UPDATE ledger_entry SET {column} = {value} WHERE stream = 'case:a' AND seq = {seq}"  # noqa: S608
            faults = [(fault.stream, fault.seq, fault.kind) for fault in found(filled, change)]
            assert faults == [("case:a", seq, "changed")], change


DONE = [
    ("DELETE FROM ledger_entry WHERE stream = 'case:b' AND seq = 40", ("case:b", 40, "removed")),
    ("DELETE FROM ledger_entry WHERE stream = 'case:b' AND seq > 90", ("case:b", 91, "removed")),
    ("DELETE FROM ledger_entry WHERE stream = 'case:b'", ("case:b", 1, "removed")),
    ("DELETE FROM ledger_entry WHERE stream = 'case:b' AND seq = 1", ("case:b", 1, "removed")),
    ("UPDATE ledger_head SET length = 99 WHERE stream = 'case:b'", ("case:b", 100, "inserted")),
    ("UPDATE ledger_head SET length = 101 WHERE stream = 'case:b'", ("case:b", 101, "removed")),
    ("UPDATE ledger_head SET hash = 'x' WHERE stream = 'case:b'", ("case:b", 100, "changed")),
    ("DELETE FROM ledger_head WHERE stream = 'case:b'", ("case:b", 1, "inserted")),
    (
        "UPDATE ledger_entry SET seq = 151 - seq + 1000 WHERE stream = 'case:a'",
        ("case:a", 1, "removed"),
    ),
]


def test_what_was_done_is_told(filled: Store) -> None:
    for statement, expected in DONE:
        assert [(fault.stream, fault.seq, fault.kind) for fault in found(filled, statement)] == [expected], statement


def test_two_entries_that_changed_places_are_told_as_reordered(filled: Store) -> None:
    moves = [(10, -1), (11, 10), (-1, 11)]
    statements = [f"UPDATE ledger_entry SET seq = {to} WHERE stream = 'case:a' AND seq = {at}" for at, to in moves]  # noqa: S608
    assert [(fault.seq, fault.kind) for fault in found(filled, *statements)] == [(10, "reordered")]


def test_a_forged_entry_in_the_middle_is_told_as_inserted(filled: Store) -> None:
    with tampering.attacked(filled) as connection:
        before = tampering.rows_of(connection)

        def forge(own: list[tampering.Row]) -> list[tampering.Row]:
            false = {**own[30], "data": "{}", "seq": 30, "previous": own[28]["hash"]}
            false["hash"] = entry_hash(false)
            return tampering.numbered([*own[:29], false, *own[29:]])

        tampering.write(connection, before, tampering.edited(before, "case:a", forge))
        faults = ledger.verify(tampering.session_on(connection))
    assert [(fault.stream, fault.seq, fault.kind) for fault in faults] == [("case:a", 30, "inserted")]


def test_a_copy_of_an_entry_is_told_where_it_was_put_in(filled: Store) -> None:
    """The copied entry itself is whole: naming it would send the person who looks into it to the wrong place."""
    columns = ", ".join(name for name in (*HASHED, "hash") if name != "seq")
    for seq in (151, 500):
        copy = (
            f"INSERT INTO ledger_entry (seq, {columns}) SELECT {seq}, {columns} FROM ledger_entry "  # noqa: S608
            "WHERE stream = 'case:a' AND seq = 7"
        )
        told = [(fault.stream, fault.seq, fault.kind) for fault in found(filled, copy)]
        assert told == [("case:a", seq, "inserted")]


def test_a_copy_between_two_entries_is_told_where_it_stands(filled: Store) -> None:
    columns = ", ".join(name for name in (*HASHED, "hash") if name != "seq")
    faults = found(
        filled,
        "UPDATE ledger_entry SET seq = -seq WHERE stream = 'case:a' AND seq > 7",
        "UPDATE ledger_entry SET seq = -seq + 1 WHERE stream = 'case:a' AND seq < 0",
        f"INSERT INTO ledger_entry (seq, {columns}) SELECT 8, {columns} FROM ledger_entry "  # noqa: S608
        "WHERE stream = 'case:a' AND seq = 3",
    )
    assert [(fault.seq, fault.kind) for fault in faults] == [(8, "inserted")]


def test_a_value_of_a_foreign_type_is_a_fault_and_no_crash(filled_sqlite: Store) -> None:
    # SQLite stores any type in any column. A number that is no integer stands where it sorts.
    for column in ("seq", "version", "data", "happened_at", "case_id"):
        for value in ("X'00ff'", "'thirty'", "7.5"):
            change = f"UPDATE ledger_entry SET {column} = {value} WHERE stream = 'case:a' AND seq = 7"  # noqa: S608
            assert places(found(filled_sqlite, change)) == {"case:a": 7}, change


def test_one_fault_is_told_for_every_faulty_stream(filled: Store) -> None:
    faults = found(
        filled, "UPDATE ledger_entry SET post = 'x' WHERE seq IN (20, 21, 45)", "DELETE FROM ledger_entry WHERE seq = 3"
    )
    assert places(faults) == dict.fromkeys(sorted(LENGTHS), 3)


def test_a_whole_ledger_has_no_fault_and_progress_reaches_its_end(filled: Store) -> None:
    calls: list[tuple[int, int]] = []
    with filled.read() as session:
        assert ledger.verify(session, progress=lambda done, total: calls.append((done, total))) == []
    assert calls[-1] == (300, 300)


def test_an_empty_ledger_is_whole(store: Store) -> None:
    with store.read() as session:
        assert ledger.verify(session) == []
        assert ledger.verify(session, ledger.checkpoint(session)) == []


def test_verification_reads_more_than_one_batch(sqlite_store: Store) -> None:
    fill(sqlite_store, {"case:long": 2100, "case:short": 1})
    calls: list[int] = []
    with sqlite_store.read() as session:
        assert ledger.verify(session, progress=lambda done, total: calls.append(done)) == []
    assert calls == [1000, 2000, 2101]
    faults = found(sqlite_store, "UPDATE ledger_entry SET post = 'x' WHERE stream = 'case:long' AND seq = 1001")
    assert places(faults) == {"case:long": 1001}
