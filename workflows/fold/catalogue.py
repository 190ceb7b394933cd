"""The catalogue of matters and the classes of legality review, compared with what the ledger tells and what is shipped.

Who may write these tables without an entry could take the hearing from a matter, raise its amounts, or end it. A
bureau's own matters are as they were defined, and any ends on the day that was told. The others are the program's own:
the last loading tells by a hash which contents it brought, and only those that this program ships can be compared;
until the next loading nothing is said of rows that an earlier version brought, nor of who defined a matter before the
entry told all of its columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import true
from sqlalchemy.orm import Session

from workflows import ledger
from workflows.cases import catalogue
from workflows.fold import rows
from workflows.fold.difference import NOTHING, Difference
from workflows.ledger.journal import written
from workflows.models import metadata

MATTERS, CLASSES = "matter", "review_class"
Columns = dict[str, Any]


def compare(session: Session) -> Iterator[Difference]:
    """Every column that is not as it was told or shipped, and every row that only one side has."""
    loadings = [entry.data.get("hash", "") for entry in ledger.of_event(session, "bureau", "CatalogueLoaded")]
    present = bool(loadings) and loadings[-1] == catalogue.content_hash()
    only = present and set(loadings) == {catalogue.content_hash()}  # no earlier version left rows of its own
    shipped = catalogue.shipped_matters() if present else ()
    told = {str(one["code"]): {name: written(value) for name, value in one.items()} for one in shipped}
    yield from _differences(session, MATTERS, _defined(session, told), whole=present, also_seeds=only)
    if present:
        classes = {str(one["code"]): {name: written(value) for name, value in one.items()}
                   for one in catalogue.shipped_classes()}  # fmt: skip
        yield from _differences(session, CLASSES, classes, whole=only, also_seeds=only)


def _defined(session: Session, told: dict[str, Columns]) -> dict[str, Columns]:
    """What is told of matters, in the order of the entries; a bureau's own stands in the place of a shipped one."""
    entries = [*ledger.of_event(session, "bureau", "MatterDefined"), *ledger.of_event(session, "bureau", "MatterEnded")]
    for entry in sorted(entries, key=lambda one: one.seq):
        code = str(entry.data["code"])
        if entry.event == "MatterDefined":
            told[code] = {name: entry.data[name] for name in _DEFINED if name in entry.data}
            told[code] |= {name: entry.data[name] for name in _SINCE if entry.data.get(name) is not None}
        else:
            told.setdefault(code, {})["effective_to"] = entry.data["effective_to"]
    return told


_DEFINED = ("code", "name", "legal_basis", "effective_from", "effective_to", "spec")
_SINCE = ("kind", "dual_penalty", "hearing_possible", "in_local_list", "source")
"""Columns that an entry of before does not tell."""


def _differences(
    session: Session, table: str, told: Mapping[str, Columns], *, whole: bool, also_seeds: bool
) -> Iterator[Difference]:
    """whole: a row that nothing accounts for was slipped in; also_seeds: one that says it was shipped, too."""
    kept = {str(row["code"]): row for row in rows.read(session, metadata.tables[table], true()).values()}
    for code in sorted({*told, *kept}):
        expected, row = told.get(code), kept.get(code)
        if row is None:
            yield Difference("", table, code, None, expected, NOTHING)
        elif expected is None:
            if whole and (also_seeds or row.get("source") != "seed"):
                yield Difference("", table, code, None, NOTHING, row, ("账本没有记载", "no entry tells of it"))
        else:
            for column, value in expected.items():
                if row.get(column) != written(value):
                    yield Difference("", table, code, column, value, row.get(column))
