"""Validating an answer: typed values, or every problem at once.

An answer is what the schema allows and nothing else: unknown keys are ignored, so that no post can write a field that
the step does not show. Values come out typed: date, aware datetime, Decimal, bool, list; files as dicts of the content
store.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any

from workflows.errors import Invalid, Problem
from workflows.forms import values
from workflows.forms.reading import ROW_LIMIT, asked
from workflows.forms.schema import KINDS, Field, Form, Options


def validate(form: Form, answer: Mapping[str, Any], options: Options) -> dict[str, Any]:
    """The typed answer. Keys that the form does not have, and those that it does not write, are dropped.

    Raises Invalid("form.invalid") with one Problem per wrong field, `place` like "penalties[0].fine".
    """
    problems: list[Problem] = []
    known = lru_cache(None)(options)
    clean = {f.key: _check(f, answer.get(f.key), f.key, known, problems) for f in asked(form.fields)}
    if problems:
        raise Invalid("form.invalid", problems, count=len(problems))
    return clean


def typed(form: Form, held: Mapping[str, Any], options: Options) -> dict[str, Any]:
    """Values that the case holds already, typed as an answer's are. What is no longer a value of its field is None."""
    known = lru_cache(None)(options)
    return {f.key: _check(f, held[f.key], f.key, known, []) for f in form.fields if f.kind in KINDS and f.key in held}


def with_labels(form: Form, error: Invalid) -> Invalid:
    """Name the fields of an error by their labels: what finds a problem behind the form knows only their places."""

    def label(place: str) -> str | None:
        fields, found = form.fields, None
        for key in re.findall(r"[A-Za-z_]\w*", place):
            found = next((f for f in fields if f.key == key), None)
            fields = found.fields if found else ()
        return found.label if found else None

    error.problems = [
        replace(p, facts={**p.facts, "label": text}) if (text := label(p.place)) else p for p in error.problems
    ]
    return error


def _check(item: Field, value: Any, place: str, options: Options, problems: list[Problem]) -> Any:
    if item.kind == "dynamiclist":
        return _check_rows(item, value, place, options, problems)
    try:
        return values.check(item, value, options)
    except values.Wrong as wrong:
        problems.append(Problem(f"field.{wrong.code}", place, facts={"label": item.label, **wrong.facts}))
        return None


def _check_rows(item: Field, value: Any, place: str, options: Options, problems: list[Problem]) -> list[dict[str, Any]]:
    rows = value if isinstance(value, list) else []
    rows = [row for row in rows if isinstance(row, Mapping)]
    if item.rows_from is None:
        rows = [row for row in rows if any(v not in ("", None, False, []) for v in row.values())]
    if len(rows) > (most := min(int(item.rules.get("maxRows", ROW_LIMIT)), ROW_LIMIT)):
        problems.append(Problem("field.too_many_rows", place, facts={"label": item.label, "limit": most}))
        return []
    if (item.required and not rows) or len(rows) < int(item.rules.get("minRows", 0)):
        problems.append(Problem("field.row_required", place, facts={"label": item.label}))
    clean = [
        {
            f.key: _check(f, row.get(f.key), f"{place}[{n}].{f.key}", options, problems)
            for f in asked(item.fields, item.row_key)
        }
        for n, row in enumerate(rows)
    ]
    if item.rows_from and item.row_key:
        wanted = [value for value, _zh, _en in options(item.rows_from)]
        given = [str(row.get(item.row_key) or "") for row in rows]
        if sorted(wanted) != sorted(given):
            problems.append(Problem("field.rows_differ", place, facts={"label": item.label}))
        for row, key in zip(clean, given, strict=True):
            row[item.row_key] = key
    return clean


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
