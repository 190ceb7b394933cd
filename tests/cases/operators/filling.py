"""Typing an answer of a case file into the form that stands on a page, as a browser would send it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from lxml import html
from werkzeug.datastructures import FileStorage

from workflows import play
from workflows.calendar import clock
from workflows.documents.sheet import plain_sheet
from workflows.forms import Field, Form

Pair = tuple[str, str | FileStorage]


def form_on(page: str, action: str) -> Any:
    """The form of a page that is sent to an address. Raises AssertionError where there is none."""
    found = [form for form in html.fromstring(page).forms if (form.method, form.get("action")) == ("POST", action)]
    assert found, f"no form for {action}"
    return found[0]


def typed(page: str, action: str, form: Form, answer: Mapping[str, Any], player: play.Player) -> list[Pair]:
    """What the form sends when the answer is typed into it; whatever it does not say stays as the page has it."""
    drawn = form_on(page, action)
    untouched = [(str(name), str(value or "")) for name, value in drawn.form_values()]
    filled, fixed = [item for item in form.fields if item.key in answer], dict(untouched)
    names = {str(name) for name in drawn.fields}
    pairs: list[Pair] = []
    for item in filled:
        if item.kind != "dynamiclist":
            assert item.key in names, f"the page does not ask for {item.key}"
            pairs += _sent(item, item.key, answer[item.key], player)
        elif item.rows_from and item.row_key:
            pairs += _judged(item, answer[item.key], fixed, player)
        else:
            assert f"{item.key}.#" in names, f"the page has no list {item.key}"
            pairs += _listed(item, answer[item.key], player)
    ours = {name for name, _ in pairs}
    grown = tuple(f"{item.key}." for item in form.fields if item.kind == "dynamiclist" and not item.rows_from)
    kept = [(name, value) for name, value in untouched if name not in ours and not (grown and name.startswith(grown))]
    return [*kept, *pairs]


def _listed(item: Field, rows: list[Mapping[str, Any]], player: play.Player) -> Iterator[Pair]:
    """A list whose rows one adds."""
    yield f"{item.key}.#", str(len(rows))
    for number, row in enumerate(rows):
        yield from _row(item, f"{item.key}.{number}", row, player)


def _judged(
    item: Field, rows: list[Mapping[str, Any]], fixed: Mapping[str, str], player: play.Player
) -> Iterator[Pair]:  # fmt: skip
    """A list that has one row for each thing to be judged: which row is whose stands in the page."""
    places = {value: name.rpartition(".")[0] for name, value in fixed.items()
              if name.startswith(f"{item.key}.") and name.endswith(f".{item.row_key}")}  # fmt: skip
    for row in rows:
        prefix = places[_plain(row[str(item.row_key)], player)]
        yield from _row(item, prefix, {key: value for key, value in row.items() if key != item.row_key}, player)


def _row(item: Field, prefix: str, row: Mapping[str, Any], player: play.Player) -> Iterator[Pair]:
    for column in item.fields:
        if column.key in row:
            yield from _sent(column, f"{prefix}.{column.key}", row[column.key], player)


def _sent(item: Field, name: str, value: Any, player: play.Player) -> Iterator[Pair]:
    match item.kind:
        case "checklist" | "taglist":
            yield from ((name, _plain(one, player)) for one in value)
        case "checkbox":
            if value:
                yield name, "1"
        case "filepicker":
            yield from ((name, _file(one, player)) for one in (value if isinstance(value, list) else [value]))
        case "datetime" if item.subtype == "datetime":
            yield name, clock.local(play.moment(value)).strftime("%Y-%m-%dT%H:%M")
        case _:
            yield name, _plain(value, player)


def _plain(value: Any, player: play.Player) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()[:10]
    return str(player.resolve(value))


def _file(given: Mapping[str, Any], player: play.Player) -> FileStorage:
    name = str(given["file"])
    text = str(given.get("text", name))
    data = plain_sheet(name.rsplit(".", 1)[0], text, player.fonts) if name.endswith(".pdf") else text.encode()
    return FileStorage(io.BytesIO(data), name)
