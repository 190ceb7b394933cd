"""The legal parameters of the bureaus, compared with what the ledger tells and what the program ships.

Who may write this table without an entry could raise the sum from which a hearing is due, or make the time for a
statement shorter. A bureau's own values are those that two administrators set, each ended by the next; the rows for
every bureau are the program's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import true
from sqlalchemy.orm import Session

from workflows import ledger
from workflows.cases.catalogue import shipped_rules
from workflows.fold import rows
from workflows.fold.difference import Difference
from workflows.ledger.journal import written
from workflows.models import metadata

TABLE = "bureau_rule"
_DAY = timedelta(days=1)
Row = dict[str, Any]


def compare(session: Session) -> Iterator[Difference]:
    """Every value and day that is not as it was set or shipped, every source that is not as it was set, and every row
    that only one side has.
    """
    found: dict[rows.Key, Row] = {}
    for key, row in rows.read(session, metadata.tables[TABLE], true()).items():
        place = _key(row)
        found[place if place not in found else (*place, *key)] = {name: row.get(name) for name in _COLUMNS}
    told = _set(session)
    shipped = {_key(row): row for row in _shipped()}
    # What an older version of the program brought, or a newer one has not loaded yet, is missing on one side alone.
    # Its words for where a value stands in the law are those of the version that brought the row.
    told |= {place: {**row, "source": found[place]["source"]} for place, row in shipped.items() if place in found}
    yield from rows.compare("", {TABLE: told}, {TABLE: found})


_COLUMNS = ("name", "bureau_id", "value", "effective_from", "effective_to", "source")


def _key(row: Row) -> rows.Key:
    """Bureau, parameter and first day: of each there is one row. Ids are drawn at random and told by no entry."""
    return (row["bureau_id"] or "*", row["name"], row["effective_from"] or "*")


def _set(session: Session) -> dict[rows.Key, Row]:
    """The bureaus' own rows, as the entries say one after the other."""
    told: dict[rows.Key, Row] = {}
    for entry in ledger.of_event(session, "bureau", "RuleSet"):
        data = entry.data
        first = date.fromisoformat(data["effective_from"])
        for row in told.values():
            same = (row["bureau_id"], row["name"]) == (data["bureau_id"], data["name"])
            if same and (row["effective_to"] is None or row["effective_to"] >= first.isoformat()):
                row["effective_to"] = written(first - _DAY)
        if data["value"] is not None:
            row = {name: data.get(name) for name in _COLUMNS}
            told[_key(row)] = {**row, "effective_to": None}
    return told


def _shipped() -> Iterator[Row]:
    """The rows for every bureau."""
    for rule in shipped_rules():
        row = {name: written(rule.get(name)) for name in _COLUMNS}
        yield {**row, "bureau_id": None, "source": rule.get("source", "")}
