"""Answers that can be given again in another play: what a choice is called in the place of the id that it had.

Ids are drawn anew in every play. A value that came from a source of choices is kept as {choice: what it is called},
with nth where several are called so; files as {file: name}.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from workflows.errors import Invalid
from workflows.forms import Field, Form, Options
from workflows.rehearsal import sample

_ID = re.compile(r"[0-9a-f]{32}")


def named(form: Form, answer: Mapping[str, Any], options: Options) -> dict[str, Any]:
    """A raw answer without ids."""
    return {item.key: _named(item, answer[item.key], options) for item in form.fields if item.key in answer}


def given(form: Form, answer: Mapping[str, Any], options: Options) -> dict[str, Any]:
    """The raw answer with the ids of this play. Raises Invalid ("trying.choice_gone") for a choice that is not there.

    What the form does not ask for any more is left out.
    """
    return {item.key: _given(item, answer[item.key], options) for item in form.fields if item.key in answer}


def _named(item: Field, value: Any, options: Options) -> Any:
    if item.kind == "dynamiclist" and isinstance(value, list):
        return [_row(item, row, options, _named) for row in value]
    if item.kind == "filepicker":
        return [{"file": one["name"]} for one in value]
    if isinstance(value, list):
        return [_name(item, one, options) for one in value]
    return _name(item, value, options)


def _given(item: Field, value: Any, options: Options) -> Any:
    if item.kind == "dynamiclist" and isinstance(value, list):
        return [_row(item, row, options, _given) for row in value]
    if item.kind == "filepicker":
        return [sample.file(str(one["file"])) for one in value or () if isinstance(one, Mapping) and "file" in one]
    if isinstance(value, list):
        return [_find(item, one, options) for one in value]
    return _find(item, value, options)


def _row(item: Field, row: Any, options: Options, each: Any) -> Any:
    if not isinstance(row, Mapping):
        return {}
    found = {column.key: each(column, row[column.key], options) for column in item.fields if column.key in row}
    if item.row_key and item.rows_from and item.row_key in row:
        told = Field(item.row_key, "select", item.label, options_from=item.rows_from)
        found[item.row_key] = each(told, row[item.row_key], options)
    return found


def _name(item: Field, value: Any, options: Options) -> Any:
    if not item.options_from or not isinstance(value, str) or not _ID.fullmatch(value):
        return value
    offered = list(options(item.options_from))
    called = next((zh for id, zh, _en in offered if id == value), None)
    if called is None:
        return value
    same = [id for id, zh, _en in offered if zh == called]
    return {"choice": called} if len(same) == 1 else {"choice": called, "nth": same.index(value) + 1}


def _find(item: Field, value: Any, options: Options) -> Any:
    if not isinstance(value, Mapping) or "choice" not in value:
        return value
    called, number = value.get("choice"), value.get("nth", 1)
    same = [id for id, zh, _en in options(item.options_from) if zh == called] if item.options_from else []
    if not isinstance(number, int) or not 1 <= number <= len(same):
        raise Invalid("trying.choice_gone", label=item.label or item.key, choice=str(called)[:120])
    return same[number - 1]
