"""What a form sent, as flat names: kept as typed, to be drawn again, stored as a draft, or read as an answer.

Names are those of `workflows.forms.read`: `key`, `key.<row>.<subkey>`, the row count `key.#`; files come under the
same names, those already in the content store as signed tokens under `<name>.token`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from workflows.calendar import clock
from workflows.forms import ROW_LIMIT, Field, Form, row_count, to_json

Kept = dict[str, Any]
"""A file in the content store: sha256, size, name, media_type."""

_PLACE = re.compile(r"\[(\d+)\]")


@dataclass(slots=True)
class Posted:
    """Values and files by flat name."""

    values: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, list[Kept]] = field(default_factory=dict)

    def one(self, name: str) -> str:
        """The first value under a name, or an empty text."""
        values = self.values.get(name)
        return values[0] if values else ""

    def rows(self, name: str) -> int:
        """How many rows a list has."""
        return row_count(self.one(f"{name}.#"))

    def to_json(self) -> dict[str, Any]:
        """As a draft stores it."""
        return {"values": self.values, "files": self.files}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Posted:
        """From a stored draft."""
        return cls(
            {str(k): [str(v) for v in vs] for k, vs in (data.get("values") or {}).items()},
            {str(k): [dict(f) for f in fs] for k, fs in (data.get("files") or {}).items()},
        )


def from_answer(form: Form, answer: Mapping[str, Any]) -> Posted:
    """The flat form of an answer: to draw a form that starts with values."""
    posted = Posted()
    for item in form.fields:
        if item.key in answer:
            _flatten(item, item.key, answer[item.key], posted)
    return posted


def _flatten(item: Field, name: str, value: Any, posted: Posted) -> None:
    if item.kind == "dynamiclist":
        rows = [row for row in value or () if isinstance(row, Mapping)]
        posted.values[f"{name}.#"] = [str(len(rows))]
        for number, row in enumerate(rows):
            for column in item.fields:
                if column.key in row:
                    _flatten(column, f"{name}.{number}.{column.key}", row[column.key], posted)
    elif item.kind == "filepicker":
        posted.files[name] = [dict(kept) for kept in value or ()]
    elif item.kind == "checklist":
        posted.values[name] = [str(v) for v in value or ()]
    elif item.kind == "checkbox":
        posted.values[name] = ["1"] if value else []
    elif value is not None:
        text = str(to_json(value))
        posted.values[name] = [_minute(text) if item.subtype == "datetime" else text]


def _minute(written: str) -> str:
    """A moment as a page's field has it, in Asia/Shanghai; a text that is none stays as it is."""
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return written
    return (clock.local(found) if found.tzinfo else found).strftime("%Y-%m-%dT%H:%M")


def names(form: Form, posted: Posted) -> Iterator[tuple[Field, str]]:
    """Every field with its flat name, rows included."""
    for item in form.fields:
        if item.kind != "dynamiclist":
            yield item, item.key
            continue
        for row in range(posted.rows(item.key)):
            for column in item.fields:
                yield column, f"{item.key}.{row}.{column.key}"


def at(place: str) -> str:
    """The flat name of a problem's place: "penalties[0].fine" → "penalties.0.fine"."""
    return _PLACE.sub(r".\1", place)


def change_rows(posted: Posted, order: str) -> str | None:
    """Add or remove a row as a button said ("add:parties", "remove:parties.2").

    Gives back where one goes on: the name of the new row ("parties.3"), of the list that has a row less ("parties"), or
    None. What is not understood changes nothing.
    """
    verb, _, target = order.partition(":")
    if verb == "add" and target:
        count = posted.rows(target)
        if count < ROW_LIMIT:
            posted.values[f"{target}.#"] = [str(count + 1)]
            return f"{target}.{count}"
    name, _, number = target.rpartition(".")
    if verb == "remove" and re.fullmatch(r"[0-9]{1,9}", number) and int(number) < posted.rows(name):
        count = posted.rows(name)
        posted.values = _without_row(posted.values, name, int(number))
        posted.files = _without_row(posted.files, name, int(number))
        posted.values[f"{name}.#"] = [str(count - 1)]
        return name
    return None


def _without_row(mapping: dict[str, Any], name: str, gone: int) -> dict[str, Any]:
    """The mapping without one row of a list; the rows behind it move up."""
    row = re.compile(rf"{re.escape(name)}\.([0-9]{{1,9}})\.(.+)")
    kept = {}
    for key, value in mapping.items():
        found = row.fullmatch(key)
        number = int(found[1]) if found else -1
        if found and number == gone:
            continue
        kept[f"{name}.{number - 1}.{found[2]}" if found and number > gone else key] = value
    return kept


def typed(form: Form, posted: Posted) -> Sequence[tuple[Field, str]]:
    """Fields with what was typed into them, for a page that gives texts back to be copied."""
    found = []
    for item, name in names(form, posted):
        text = "、".join(v for v in posted.values.get(name, ()) if v)
        if text and item.writable and item.kind in ("textfield", "textarea", "number", "datetime"):
            found.append((item, text))
    return found
