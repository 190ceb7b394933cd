"""The short notation of contract.yaml, read into what a form is compared with."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from workflows.forms import Field

_ONE = re.compile(
    r"(?P<key>\w+)(?:#(?P<rows>\w+)\.(?P<row_key>\w+))?(?:\((?P<columns>[^()]*)\))?"
    r"(?:=(?P<values>[\w|]+)|<(?P<source>\w+)|@(?P<material>\w+)|:(?P<kind>\w+))?(?P<required>!)?(?=\s|$)"
)


@dataclass(frozen=True)
class Wanted:
    """One field as the contract names it."""

    key: str
    required: bool
    kind: str | None = None  # date, datetime, number, checkbox
    values: tuple[str, ...] = ()
    source: str | None = None
    material: str | None = None
    rows: str | None = None
    row_key: str | None = None
    columns: tuple[Wanted, ...] = ()


def read(text: str) -> tuple[Wanted, ...]:
    """The fields of one line of the contract. Raises ValueError for what is not in the notation."""
    found, position = [], 0
    for match in _ONE.finditer(text):
        if text[position : match.start()].strip():
            raise ValueError(text[position : match.end()])
        position = match.end()
        columns = _in_any_order(read(match["columns"])) if match["columns"] else ()
        values = tuple((match["values"] or "").split("|")) if match["values"] else ()
        found.append(
            Wanted(
                match["key"], bool(match["required"]), match["kind"], values, match["source"], match["material"],
                match["rows"], match["row_key"], columns,
            )
        )
    if text[position:].strip():
        raise ValueError(text[position:])
    return tuple(found)


def describe(field: Field) -> Wanted:
    """A field of a form, said as the contract says it."""
    kind = {"number": "number", "checkbox": "checkbox", "datetime": field.subtype}.get(field.kind)
    return Wanted(
        field.key, field.required, kind, tuple(option.value for option in field.options), field.options_from,
        field.properties.get("material"), field.rows_from, field.row_key,
        _in_any_order(describe(column) for column in field.fields),
    )  # fmt: skip


def _in_any_order(columns: Iterable[Wanted]) -> tuple[Wanted, ...]:
    return tuple(sorted(columns, key=lambda column: column.key))
