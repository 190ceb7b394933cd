"""Ten thousand random mutations of the ledger by raw SQL: each is found, and its first wrong entry named (L1).

    python -m tests.durability L1 [--n 10000]

One half is plain tampering (`tests/ledger/tampering.py`): a bit, a column, a row taken away, put in, moved, copied,
numbered anew, the end cut off. The other half has an attacker who makes all numbers, links, hashes and heads fit
afterwards: the chain then holds, and the checkpoint kept elsewhere finds it. Both databases, half and half.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from sqlalchemy import Connection

from tests.conftest import make_tables
from tests.durability.record import Figures
from tests.ledger import tampering
from tests.ledger.filling import fill
from tests.postgres import TestServer
from workflows import ledger
from workflows.ledger import Checkpoint
from workflows.store import Store

NIGHTLY = 10_000
LENGTHS = {"case:a": 24, "case:b": 12, "meeting:m": 6}
SKIPS = 1.3
"""Some tampering changes nothing (an entry swapped with itself); it is not counted."""


@dataclass
class Outcome:
    """What was tried, and every mutation that was not found, or found elsewhere."""

    tried: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def run(store: Store, n: int, outcome: Outcome) -> None:
    """Try n mutations on one database."""
    fill(store, LENGTHS)
    with store.read() as session:
        known = ledger.checkpoint(session)
    with tampering.attacked(store) as connection:
        before = tampering.rows_of(connection)
        done = Counter[str]()

        @settings(
            max_examples=int(n * SKIPS), database=None, deadline=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(tamper=tampering.tamperings())
        def mutate(tamper: Any) -> None:
            if done.total() >= n:
                return
            after, skilled = tamper(before), done.total() % 2 == 1
            if not tampering.first_differences(before, after):
                return
            if skilled and not _within(known, before, tampering.rewritten(after)):
                return
            done["rewritten" if skilled else "plain"] += 1
            problem = (_rewrite if skilled else _tamper)(connection, known, before, after)
            if problem:
                outcome.wrong.append(f"{store.dialect}: {problem}")

        while done.total() < n:
            mutate()
    outcome.tried.update({f"{store.dialect}_{kind}": count for kind, count in done.items()})


def _tamper(connection: Connection, _known: Checkpoint, before: list[Any], after: list[Any]) -> str:
    """Plain tampering; empty when the first wrong entry of every touched stream is named."""
    with connection.begin_nested() as savepoint:
        tampering.write(connection, before, after)
        faults = ledger.verify(tampering.session_on(connection))
        savepoint.rollback()
    found = {fault.stream: fault.seq for fault in faults}
    wanted = tampering.first_differences(before, after)
    return "" if found == wanted else f"wrong at {wanted}, found {found}"


def _rewrite(connection: Connection, known: Checkpoint, before: list[Any], after: list[Any]) -> str:
    """Everything made to fit; empty when the checkpoint names every stream that is not what it was."""
    fitted = tampering.rewritten(after)
    changed = _within(known, before, fitted)
    with connection.begin_nested() as savepoint:
        tampering.write(connection, before, fitted)
        tampering.write_heads(connection, fitted)
        unaided = ledger.verify(tampering.session_on(connection))
        found = {fault.stream for fault in ledger.verify(tampering.session_on(connection), known)}
        savepoint.rollback()
    if unaided:
        return f"the attacker of this test made a mistake: {unaided[0]}"
    return "" if changed <= found else f"rewritten {sorted(changed)}, found {sorted(found)}"


def _within(known: Checkpoint, before: list[Any], after: list[Any]) -> set[str]:
    """Streams that differ in what the checkpoint covers. What only follows it is no change of what was."""
    differences = tampering.first_differences(before, after)
    return {stream for stream, seq in differences.items() if seq <= known.streams.get(stream, (0, ""))[0]}


def measure(n: int | None = None) -> Figures:
    """L1 with n mutations, half on each database; 10,000 if not said."""
    wanted, outcome = n if n is not None else NIGHTLY, Outcome()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fashen-mutations-") as place:
        server = TestServer(Path(place) / "postgres", "mutations")
        for url, rounds in (
            (f"sqlite:///{place}/ledger.sqlite", wanted - wanted // 2), (server.empty_database(), wanted // 2)
        ):  # fmt: skip
            make_tables(url)
            store = Store(url)
            try:
                run(store, rounds, outcome)
            finally:
                store.close()
            if url.startswith("postgresql"):
                server.drop(url)
    return Figures(
        "L1", outcome.tried.total(), len(outcome.wrong), time.monotonic() - began,
        "one random change of the ledger by raw SQL; the first wrong entry is named, or the checkpoint finds it",
        dict(outcome.tried), tuple(outcome.wrong),
    )  # fmt: skip
