"""Validating an answer: typed values, or every problem at once.

An answer is what the schema allows and nothing else: unknown keys are ignored, so that no post can write a field that
the step does not show. Values come out typed: date, aware datetime, Decimal, bool, list; files as dicts of the content
store.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any

from workflows.errors import Invalid, Problem
from workflows.forms import values
from workflows.forms.conditions import holds
from workflows.forms.reading import ROW_LIMIT, asked
from workflows.forms.schema import KINDS, Field, Form, Options

_NOTHING: Mapping[str, Any] = {}
_PLACE = re.compile(r"([A-Za-z_]\w*)(?:\[([0-9]{1,6})\](?:\.(\w+))?)?")


def validate(
    form: Form, answer: Mapping[str, Any], options: Options, present: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The typed answer. Keys that the form does not have, and those that it does not write, are dropped.

    present: what the fields hold that are only read, as JSON; conditions ask for it. A field that is not asked for is
    empty, whatever was sent.
    Raises Invalid("form.invalid") with one Problem per wrong field, `place` like "penalties[0].fine".
    """
    problems: list[Problem] = []
    known = lru_cache(None)(options)
    around = typed(form, present or {}, options)
    clean = _checked(asked(form.fields), answer, "", known, problems, around)
    if problems:
        raise Invalid("form.invalid", problems, count=len(problems))
    return clean


def typed(form: Form, held: Mapping[str, Any], options: Options) -> dict[str, Any]:
    """Values that the case holds already, typed as an answer's are. What is no longer a value of its field is None."""
    known = lru_cache(None)(options)
    return {f.key: _check(f, held[f.key], f.key, known, []) for f in form.fields if f.kind in KINDS and f.key in held}


def _checked(
    fields: Iterable[Field], raw: Mapping[str, Any], place: str, options: Options, problems: list[Problem],
    around: Mapping[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """The typed values of fields, one after the other: a condition looks at fields before its own.

    place: what stands before each key; around: values outside of these fields.
    """
    clean: dict[str, Any] = {}
    for item in fields:
        if item.hide is not None and holds(item.hide, {**around, **clean}):
            clean[item.key] = values.empty(item)
        else:
            seen = {**around, **clean} if item.fields else around
            clean[item.key] = _check(item, raw.get(item.key), place + item.key, options, problems, seen)
    return clean


def with_labels(form: Form, error: Invalid, answer: Mapping[str, Any]) -> Invalid:
    """Name the fields of an error by their labels and their rows as they were sent.

    What finds a problem behind the form knows only places in the validated answer. answer: as it was sent.
    """
    error.problems = [_named(form, problem, answer) for problem in error.problems]
    return error


def _named(form: Form, problem: Problem, answer: Mapping[str, Any]) -> Problem:
    found = _PLACE.fullmatch(problem.place)
    item = next((one for one in form.fields if found and one.key == found[1]), None)
    if found is None or item is None:
        return problem
    if found[2] is not None:
        rows = _numbered(item, answer.get(item.key))
        row = rows[int(found[2])][0] if int(found[2]) < len(rows) else int(found[2])
        column = next((one for one in item.fields if one.key == found[3]), None)
        problem = replace(problem, place=f"{item.key}[{row}]" + (f".{found[3]}" if found[3] else ""))
        item = column or item
    return replace(problem, facts={**problem.facts, "label": item.label})


def _check(
    item: Field, value: Any, place: str, options: Options, problems: list[Problem], around: Mapping[str, Any] = _NOTHING
) -> Any:
    if item.kind == "dynamiclist":
        return _check_rows(item, value, place, options, problems, around)
    try:
        return values.check(item, value, options)
    except values.Wrong as wrong:
        problems.append(Problem(f"field.{wrong.code}", place, facts={"label": item.label, **wrong.facts}))
        return None


def _check_rows(
    item: Field, value: Any, place: str, options: Options, problems: list[Problem], around: Mapping[str, Any]
) -> list[dict[str, Any]]:
    rows = _numbered(item, value)
    if len(rows) > (most := min(int(item.rules.get("maxRows", ROW_LIMIT)), ROW_LIMIT)):
        problems.append(Problem("field.too_many_rows", place, facts={"label": item.label, "limit": most}))
        return []
    if (item.required and not rows) or len(rows) < int(item.rules.get("minRows", 0)):
        problems.append(Problem("field.row_required", place, facts={"label": item.label}))
    clean = [
        _checked(asked(item.fields, item.row_key), row, f"{place}[{number}].", options, problems, around)
        for number, row in rows
    ]
    if item.rows_from and item.row_key:
        wanted = [value for value, _zh, _en in options(item.rows_from)]
        given = [str(row.get(item.row_key) or "") for _, row in rows]
        if sorted(wanted) != sorted(given):
            problems.append(Problem("field.rows_differ", place, facts={"label": item.label}))
        for row, key in zip(clean, given, strict=True):
            row[item.row_key] = key
    return clean


def _numbered(item: Field, value: Any) -> list[tuple[int, Mapping[str, Any]]]:
    """The rows of a list that count, each with its number among those that were sent: empty ones are passed over."""
    rows = [(n, row) for n, row in enumerate(value) if isinstance(row, Mapping)] if isinstance(value, list) else []
    if item.rows_from is not None:
        return rows
    return [(n, row) for n, row in rows if any(cell not in ("", None, False, []) for cell in row.values())]


def free_texts(wanted: Mapping[str, tuple[str, int]], *, required: bool = False) -> dict[str, str]:
    """Texts that a command takes without a form: stripped, of a bounded length, without control characters.

    wanted: name of the text → (what was typed, the most characters). Raises Invalid("form.invalid") with one Problem
    per wrong text, its place and label being the name.
    """
    problems: list[Problem] = []
    clean = {}
    for name, (text, limit) in wanted.items():
        item = Field(name, "textarea", name, required=required, rules={"maxLength": limit})
        clean[name] = _check(item, text, name, lambda _name: (), problems) or ""
    if problems:
        raise Invalid("form.invalid", problems, count=len(problems))
    return clean


def to_json(value: Any) -> Any:
    """An answer as JSON for rows and ledger: dates and moments as ISO texts, decimals as texts."""
    if isinstance(value, Mapping):
        return {k: to_json(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(v) for v in value]
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("minutes")
    if isinstance(value, Decimal):
        return format(value, "f")
    return value
