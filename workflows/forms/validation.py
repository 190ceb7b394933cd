"""Validating an answer: typed values, or every problem at once.

An answer is what the schema allows and nothing else: unknown keys are ignored, so that no post can write a field that
the step does not show. Values come out typed: date, aware datetime, Decimal, bool, list; files as dicts of the content
store.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from workflows.calendar.clock import SHANGHAI
from workflows.errors import Invalid, Problem
from workflows.forms.reading import ROW_LIMIT, asked
from workflows.forms.schema import KINDS, MAX_DIGITS, Field, Form, Options

TEXT_LIMIT = 20_000
FILE_LIMIT = 50
NUMBER_LENGTH = 28
"""Characters of a typed number: what a Decimal of the ordinary precision holds exactly."""


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


class _Wrong(Exception):
    """One value is wrong; becomes a Problem at its place."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


def _check(item: Field, value: Any, place: str, options: Options, problems: list[Problem]) -> Any:
    if item.kind == "dynamiclist":
        return _check_rows(item, value, place, options, problems)
    try:
        return _check_value(item, value, options)
    except _Wrong as wrong:
        problems.append(Problem(f"field.{wrong.code}", place, facts={"label": item.label, **wrong.facts}))
        return None


def _check_value(item: Field, value: Any, options: Options) -> Any:
    if value is None or value == "" or value == [] or (item.kind == "checkbox" and value is not True):
        if item.required:
            raise _Wrong("required")
        return {"checkbox": False, "checklist": [], "filepicker": []}.get(item.kind)
    match item.kind:
        case "checklist" | "select" | "radio":
            return _check_choice(item, value, options)
        case "textfield" | "textarea":
            return _check_text(item, value)
        case "number":
            return _check_number(item, value)
        case "datetime":
            return _check_moment(item, value)
        case "filepicker":
            return _check_files(item, value)
        case _:
            return True  # a ticked checkbox


def _check_rows(item: Field, value: Any, place: str, options: Options, problems: list[Problem]) -> list[dict[str, Any]]:
    rows = value if isinstance(value, list) else []
    rows = [row for row in rows if isinstance(row, Mapping)]
    if item.rows_from is None:
        rows = [row for row in rows if any(v not in ("", None, False, []) for v in row.values())]
    if len(rows) > ROW_LIMIT:
        problems.append(Problem("field.too_many_rows", place, facts={"label": item.label, "limit": ROW_LIMIT}))
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


def _check_choice(item: Field, value: Any, options: Options) -> Any:
    allowed = {o.value for o in item.options} | (
        {v for v, _zh, _en in options(item.options_from)} if item.options_from else set()
    )
    if item.kind == "checklist":
        given = [str(v) for v in value] if isinstance(value, list) else []
        if unknown := [v for v in given if v not in allowed]:
            raise _Wrong("choice_unknown", value=unknown[0])
        return list(dict.fromkeys(given))
    if not isinstance(value, str) or value not in allowed:
        raise _Wrong("choice_unknown", value=str(value)[:80])
    return value


def _check_text(item: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise _Wrong("text_expected")
    text = value.replace("\r\n", "\n").strip()
    if any((ord(c) < 32 and c not in "\n\t") or 0xD800 <= ord(c) <= 0xDFFF for c in text):
        raise _Wrong("control_character")
    if item.kind == "textfield" and "\n" in text:
        raise _Wrong("one_line")
    if not text and item.required:
        raise _Wrong("required")
    longest = min(int(item.rules.get("maxLength", TEXT_LIMIT)), TEXT_LIMIT)
    if len(text) > longest:
        raise _Wrong("too_long", limit=longest)
    if text and len(text) < int(item.rules.get("minLength", 0)):
        raise _Wrong("too_short", limit=item.rules["minLength"])
    if text and (pattern := item.rules.get("pattern")) and not re.fullmatch(pattern, text):
        raise _Wrong("pattern")
    return text


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


def _check_number(item: Field, value: Any) -> Decimal:
    number = _decimal(value, MAX_DIGITS if item.decimals is None else item.decimals)
    if (low := item.rules.get("min")) is not None and number < Decimal(str(low)):
        raise _Wrong("too_small", limit=low)
    if (high := item.rules.get("max")) is not None and number > Decimal(str(high)):
        raise _Wrong("too_large", limit=high)
    return number


def _decimal(value: Any, decimals: int) -> Decimal:
    """A typed number, below 10^15, with so many decimals at most and without needless zeros.

    Its length is bounded before it is read and its size afterwards: "1e-30000000" is a short text, and thirty million
    digits once it is written out.
    """
    text = str(value).strip().replace(",", "").replace(",", "")
    if len(text) > NUMBER_LENGTH:
        raise _Wrong("number_expected")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise _Wrong("number_expected") from None
    if not number.is_finite() or (number and number.adjusted() >= 15):
        raise _Wrong("number_expected")
    if not number:
        return Decimal(0)
    # Looked at before anything is computed: arithmetic rounds very small numbers to nought.
    if number.adjusted() < -MAX_DIGITS or (number := number.normalize()).as_tuple().exponent < -decimals:  # type: ignore[operator]
        raise _Wrong("too_many_decimals", limit=decimals)
    return number


def _check_moment(item: Field, value: Any) -> date | datetime:
    try:
        if item.subtype == "date":
            return value if type(value) is date else date.fromisoformat(str(value))
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        raise _Wrong("date_expected" if item.subtype == "date" else "moment_expected") from None
    if not 1949 <= moment.year <= 2200:
        raise _Wrong("moment_expected")
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


def _check_files(item: Field, value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        raise _Wrong("file_bad")
    files = [f for f in value if isinstance(f, Mapping) and re.fullmatch(r"[0-9a-f]{64}", str(f.get("sha256", "")))]
    files = [f for f in files if isinstance(f.get("size"), int) and {"name", "media_type"} <= f.keys()]
    if len(files) != len(value) or len(files) > FILE_LIMIT:
        raise _Wrong("file_bad")
    if len(files) > 1 and not item.multiple:
        raise _Wrong("one_file")
    kind = item.properties.get("material", "other")
    return [
        {
            "sha256": f["sha256"],
            "size": int(f["size"]),
            "name": str(f["name"])[:200],
            "media_type": str(f["media_type"]),
            "material_kind": kind,
        }
        for f in files
    ]


def to_json(value: Any) -> Any:
    """An answer as JSON for rows and ledger: dates and moments as ISO texts, decimals as texts."""
    if isinstance(value, Mapping):
        return {k: to_json(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(v) for v in value]
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return value
