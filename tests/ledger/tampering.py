"""What an attacker with the database may do to a ledger, as changes of its rows, and where the first trace is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from tests.ledger.filling import LENGTHS
from workflows.ledger import immutability
from workflows.ledger.entries import HASHED, entry_hash
from workflows.store import Store

Row = dict[str, Any]
COLUMNS = (*HASHED, "hash")
KEYED = ("stream", "seq")
STREAMS = sorted(LENGTHS)

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


@contextmanager
def attacked(store: Store) -> Iterator[Connection]:
    """The database without its triggers; whatever is done is taken back at the end."""
    with store.engine.connect() as connection, connection.begin() as transaction:
        immutability.unprotect(connection)
        yield connection
        transaction.rollback()


def rows_of(connection: Connection) -> list[Row]:
    """All entries as they are stored."""
    found = connection.execute(text(f"SELECT {', '.join(COLUMNS)} FROM ledger_entry ORDER BY stream, seq"))  # noqa: S608
    return [dict(row) for row in found.mappings()]


def write(connection: Connection, before: list[Row], after: list[Row]) -> None:
    """Make the table hold `after`, by raw SQL."""
    old, new = ({tuple(row.values()): row for row in rows} for rows in (before, after))
    gone = [row for values, row in old.items() if values not in new]
    come = [row for values, row in new.items() if values not in old]
    if gone:
        connection.execute(text("DELETE FROM ledger_entry WHERE stream = :stream AND seq = :seq"), gone)
    if come:
        values = ", ".join(f":{name}" for name in COLUMNS)
        connection.execute(text(f"INSERT INTO ledger_entry ({', '.join(COLUMNS)}) VALUES ({values})"), come)  # noqa: S608


def first_differences(before: list[Row], after: list[Row]) -> dict[str, int]:
    """For every stream that differs, the first number at which it does."""
    found: dict[str, int] = {}
    for stream in {row["stream"] for row in before + after}:
        old, new = (in_order(rows, stream) for rows in (before, after))
        for position in range(max(len(old), len(new))):
            here = [rows[position] for rows in (old, new) if position < len(rows)]
            if len(here) < 2 or here[0] != here[1]:
                found[stream] = min(row["seq"] for row in here)
                break
    return found


def in_order(rows: list[Row], stream: str) -> list[Row]:
    """One stream's rows by number."""
    return sorted((row for row in rows if row["stream"] == stream), key=lambda row: int(row["seq"]))


@st.composite
def tamperings(draw: st.DrawFn) -> Any:
    """A function from all rows to the rows after one act of tampering."""
    acts = [changed, flipped, rehashed, deleted, cut, swapped, reversed_slice, inserted, moved, renumbered, closed_up]
    return draw(st.sampled_from(acts))(draw)


def changed(draw: st.DrawFn) -> Any:
    """Any column of any row gets another value."""
    stream, at, column = draw(st.sampled_from(STREAMS)), draw(positions), draw(st.sampled_from(COLUMNS))
    value = draw(st.integers(-5, 400) if column in ("version", "seq") else words)
    return lambda rows: replaced(rows, stream, at, {column: value})


def flipped(draw: st.DrawFn) -> Any:
    """One bit of any column of any row is another one."""
    stream, at, column = draw(st.sampled_from(STREAMS)), draw(positions), draw(st.sampled_from(COLUMNS))
    place, bit = draw(st.integers(0, 400)), draw(st.integers(0, 4))

    def flip(own: list[Row]) -> Row:
        value = own[at % len(own)][column]
        if value is None or value == "":
            return {column: "\x01"}
        if isinstance(value, int):
            return {column: value ^ (1 << bit)}
        index = place % len(value)
        return {column: value[:index] + chr(ord(value[index]) ^ (1 << bit)) + value[index + 1 :]}

    return lambda rows: replaced(rows, stream, at, flip([row for row in rows if row["stream"] == stream]))


def rewritten(rows: list[Row]) -> list[Row]:
    """All rows with every number, link and hash made to fit: what somebody does who can write the whole ledger."""
    done: list[Row] = []
    for stream in sorted({row["stream"] for row in rows}):
        previous = ""
        for row in numbered(in_order(rows, stream)):
            row = {**row, "previous": previous, "algorithm": "sha256"}
            previous = row["hash"] = entry_hash(row)
            done.append(row)
    return done


def write_heads(connection: Connection, rows: list[Row]) -> None:
    """Make the heads fit the rows."""
    connection.execute(text("DELETE FROM ledger_head"))
    for stream in sorted({row["stream"] for row in rows}):
        own = in_order(rows, stream)
        given = {"stream": stream, "length": len(own), "hash": own[-1]["hash"]}
        connection.execute(text("INSERT INTO ledger_head VALUES (:stream, :length, :hash)"), given)


def rehashed(draw: st.DrawFn) -> Any:
    """Any column gets another value and the entry's own hash is made to fit."""
    stream, at = draw(st.sampled_from(STREAMS)), draw(positions)
    column = draw(st.sampled_from([name for name in HASHED if name not in (*KEYED, "version", "algorithm")]))
    value = draw(words)
    return lambda rows: replaced(rows, stream, at, {column: value}, rehash=True)


def deleted(draw: st.DrawFn) -> Any:
    """Some neighbouring entries are gone."""
    stream, at, count = draw(st.sampled_from(STREAMS)), draw(positions), draw(st.integers(1, 5))
    return lambda rows: edited(rows, stream, lambda own: own[: at % len(own)] + own[at % len(own) + count :])


def cut(draw: st.DrawFn) -> Any:
    """The end of a stream, or all of it, is gone."""
    stream, at = draw(st.sampled_from(STREAMS)), draw(positions)
    return lambda rows: edited(rows, stream, lambda own: own[: at % len(own)])


def swapped(draw: st.DrawFn) -> Any:
    """Two entries change places."""
    stream, one, other = draw(st.sampled_from(STREAMS)), draw(positions), draw(positions)

    def swap(own: list[Row]) -> list[Row]:
        left, right = one % len(own), other % len(own)
        order = list(own)
        order[left], order[right] = order[right], order[left]
        return numbered(order)

    return lambda rows: edited(rows, stream, swap)


def reversed_slice(draw: st.DrawFn) -> Any:
    """A stretch runs backwards."""
    stream, at, count = draw(st.sampled_from(STREAMS)), draw(positions), draw(st.integers(2, 30))

    def turn(own: list[Row]) -> list[Row]:
        first = at % len(own)
        return numbered(own[:first] + own[first : first + count][::-1] + own[first + count :])

    return lambda rows: edited(rows, stream, turn)


def inserted(draw: st.DrawFn) -> Any:
    """Forged entries stand between the others, which move up; well hashed and linked, or not."""
    stream, at = draw(st.sampled_from(STREAMS)), draw(positions)
    count, skilled = draw(st.integers(1, 3)), draw(st.booleans())

    def forge(own: list[Row]) -> list[Row]:
        place = at % (len(own) + 1)
        forged: list[Row] = []
        for number in range(count):
            before = forged[-1] if forged else own[place - 1] if place else None
            false = {
                **own[0],
                "data": '{"reason":"forged"}',
                "seq": place + 1 + number,
                "previous": before["hash"] if before and skilled else "",
            }
            forged.append({**false, "hash": entry_hash(false) if skilled else "0" * 64})
        return numbered(own[:place] + forged + own[place:])

    return lambda rows: edited(rows, stream, forge)


def moved(draw: st.DrawFn) -> Any:
    """An entry turns up in another stream, old or new, at its old or the next free number."""
    stream, at = draw(st.sampled_from(STREAMS)), draw(positions)
    target, next_free = draw(st.sampled_from([*STREAMS, "case:new"])), draw(st.booleans())

    def move(rows: list[Row]) -> list[Row]:
        own = [row for row in rows if row["stream"] == stream]
        row = own[at % len(own)]
        taken = {r["seq"] for r in rows if r["stream"] == target}
        seq = max(taken, default=0) + 1 if next_free or row["seq"] in taken else row["seq"]
        return [r for r in rows if r is not row] + [{**row, "stream": target, "seq": seq}]

    return move


def renumbered(draw: st.DrawFn) -> Any:
    """An entry gets a number that nobody has."""
    stream, at = draw(st.sampled_from(STREAMS)), draw(positions)
    number = draw(st.integers(-9, 0) | st.integers(151, 999))
    return lambda rows: replaced(rows, stream, at, {"seq": number})


def closed_up(draw: st.DrawFn) -> Any:
    """Some entries are gone and the others close up."""
    stream, at, count = draw(st.sampled_from(STREAMS)), draw(positions), draw(st.integers(1, 5))
    return lambda rows: edited(rows, stream, lambda own: numbered(own[: at % len(own)] + own[at % len(own) + count :]))


positions = st.integers(0, 149)


def edited(rows: list[Row], stream: str, edit: Callable[[list[Row]], list[Row]]) -> list[Row]:
    """All rows with one stream's rows edited."""
    return [row for row in rows if row["stream"] != stream] + edit([row for row in rows if row["stream"] == stream])


def replaced(rows: list[Row], stream: str, at: int, values: Row, *, rehash: bool = False) -> list[Row]:
    """All rows with some columns of one row replaced; unchanged where the key would be taken."""

    def replace(own: list[Row]) -> list[Row]:
        place = at % len(own)
        row = {**own[place], **values}
        if rehash:
            row["hash"] = entry_hash(row)
        return [*own[:place], row, *own[place + 1 :]]

    after = edited(rows, stream, replace)
    return after if len({(row["stream"], row["seq"]) for row in after}) == len(after) else rows


def numbered(own: list[Row]) -> list[Row]:
    """The rows numbered anew, from 1."""
    return [{**row, "seq": number} for number, row in enumerate(own, start=1)]


def session_on(connection: Connection) -> Session:
    """A session that sees what the attacker did."""
    return Session(connection, join_transaction_mode="rollback_only")
