"""Forms of people's steps: form-js schemas read on the server, answers read from what was posted and validated here.

An answer is what the schema allows and nothing else: unknown keys are ignored, so that no post can write a field that
the step does not show. Values come out typed: date, aware datetime, Decimal, bool, list;
files as dicts of the content store.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Literal

from workflows.calendar.clock import SHANGHAI
from workflows.errors import DiagramRefused, Invalid, Problem

TEXT_LIMIT = 20_000
ROW_LIMIT = 100
FILE_LIMIT = 50
_SILENT = {"text", "html", "separator", "spacer", "image", "button"}
_KINDS = {
    "textfield",
    "textarea",
    "number",
    "datetime",
    "radio",
    "select",
    "checkbox",
    "checklist",
    "dynamiclist",
    "filepicker",
}

Options = Callable[[str], Sequence[tuple[str, str, str]]]
"""Name of a `valuesKey` or `rows` source → (value, Chinese, English) of each choice."""


@dataclass(frozen=True, slots=True)
class Option:
    """One choice."""

    value: str
    label: str
    label_en: str


@dataclass(frozen=True, slots=True)
class Field:
    """One component of a form. `fields` are the columns of a list."""

    key: str
    kind: str
    label: str
    label_en: str = ""
    description: str = ""
    description_en: str = ""
    required: bool = False
    subtype: Literal["date", "datetime", "time"] | None = None
    options: tuple[Option, ...] = ()
    options_from: str | None = None
    rules: Mapping[str, Any] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    default: Any = None
    fields: tuple[Field, ...] = ()
    growing: bool = True  # a list whose rows the user may add and remove
    rows_from: str | None = None
    row_key: str | None = None
    multiple: bool = False
    static: str = ""  # the text of a component that only shows something
    unit: str = ""  # what stands behind a number: 元, 日
    accept: str = ""  # the file endings a file field suggests


@dataclass(frozen=True, slots=True)
class Form:
    """A form as read from its schema; `fields` in drawing order."""

    key: str
    fields: tuple[Field, ...]

    def field(self, key: str) -> Field:
        """The field with that key. Raises KeyError."""
        return next(f for f in self.fields if f.key == key)


def parse(schema: Mapping[str, Any], key: str) -> Form:
    """Read a form-js schema. Raises DiagramRefused naming the component that is not understood."""
    problems: list[Problem] = []
    fields = tuple(_fields(schema.get("components", []), key, problems))
    seen: set[str] = set()
    for item in fields:
        if item.kind in _KINDS and item.key in seen:
            problems.append(Problem("form.key_twice", f"forms/{key}.form#{item.key}"))
        seen.add(item.key)
    if problems:
        raise DiagramRefused("form.refused", problems, form=key)
    return Form(key, fields)


def _fields(components: Sequence[Mapping[str, Any]], form: str, problems: list[Problem]) -> list[Field]:
    found: list[Field] = []
    for component in components:
        kind = str(component.get("type", ""))
        if kind == "group":
            found.append(_static(component, "heading"))
            found += _fields(component.get("components", []), form, problems)
        elif kind in _SILENT:
            found.append(_static(component, kind))
        elif kind in _KINDS:
            found.append(_field(component, kind, form, problems))
        else:
            place = f"forms/{form}.form#{component.get('key') or component.get('id', '')}"
            problems.append(Problem("form.component_unknown", place, facts={"type": kind}))
    return found


def _static(component: Mapping[str, Any], kind: str) -> Field:
    properties = component.get("properties") or {}
    text = str(component.get("text") or component.get("label") or "")
    return Field(
        str(component.get("id", "")),
        kind,
        text,
        str(properties.get("label_en", "")),
        properties=properties,
        static=text,
    )


def _field(component: Mapping[str, Any], kind: str, form: str, problems: list[Problem]) -> Field:
    properties = {k: str(v) for k, v in (component.get("properties") or {}).items()}
    rules = component.get("validate") or {}
    key = str(component.get("path" if kind == "dynamiclist" else "key") or component.get("key") or "")
    if (pattern := str(rules.get("pattern") or "")) and not _tame(pattern):
        problems.append(Problem("form.pattern_refused", f"forms/{form}.form#{key}", facts={"pattern": pattern[:80]}))
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,63}", key):
        problems.append(Problem("form.key_bad", f"forms/{form}.form#{component.get('id', '')}", facts={"key": key}))
    options = tuple(
        Option(
            str(o["value"]),
            str(o.get("label", o["value"])),
            str((o.get("properties") or {}).get("label_en") or o.get("label_en") or o.get("label", o["value"])),
        )
        for o in component.get("values") or ()
    )
    return Field(
        key=key,
        kind=kind,
        label=str(component.get("label") or component.get("dateLabel") or component.get("dateTimeLabel") or key),
        label_en=properties.get("label_en", ""),
        description=str(component.get("description") or ""),
        description_en=properties.get("description_en", ""),
        required=bool(rules.get("required")),
        subtype=component.get("subtype", "date") if kind == "datetime" else None,
        options=options,
        options_from=component.get("valuesKey"),
        rules=rules,
        properties=properties,
        default=component.get("defaultValue"),
        fields=tuple(_fields(component.get("components", []), form, problems)) if kind == "dynamiclist" else (),
        growing=component.get("allowAddRemove", True) is not False,
        rows_from=properties.get("rows"),
        row_key=properties.get("row_key"),
        multiple=bool(component.get("multiple")),
        unit=str((component.get("appearance") or {}).get("suffixAdorner") or ""),
        accept=str(component.get("accept") or ""),
    )


def _tame(pattern: str) -> bool:
    """Whether a pattern compiles and can't run away: no quantifier over a group that holds a quantifier or a choice."""
    try:
        re.compile(pattern)
    except re.error:
        return False
    return len(pattern) <= 200 and not re.search(r"\([^)]*[*+{|][^)]*\)\s*[*+{]|\\\d", pattern)


# Reading a post ------------------------------------------------------------------------------------------------------


def read(
    form: Form, posted: Mapping[str, Sequence[str]], files: Mapping[str, Sequence[Mapping[str, Any]]]
) -> dict[str, Any]:
    """The raw answer from posted fields: texts as typed, rows as lists.

    posted: name → all values sent under it (`key`, `key.0.subkey`, row count `key.#`); files: the same names → files as
    the content store knows them.
    """
    return {f.key: _read_field(f, f.key, posted, files) for f in form.fields if f.kind in _KINDS}


def _read_field(
    item: Field, name: str, posted: Mapping[str, Sequence[str]], files: Mapping[str, Sequence[Mapping[str, Any]]]
) -> Any:
    values = posted.get(name, ())
    if item.kind == "dynamiclist":
        count = _count(posted.get(f"{name}.#", ()))
        return [
            {f.key: _read_field(f, f"{name}.{row}.{f.key}", posted, files) for f in item.fields if f.kind in _KINDS}
            for row in range(count)
        ]
    if item.kind == "filepicker":
        return list(files.get(name, ()))
    if item.kind == "checklist":
        return list(values)
    if item.kind == "checkbox":
        return any(v in ("1", "on", "true") for v in values)
    return values[0] if values else ""


def _count(values: Sequence[str]) -> int:
    try:
        return max(0, min(int(values[0]), ROW_LIMIT)) if values else 0
    except ValueError:
        return 0


# Validating an answer ------------------------------------------------------------------------------------------------


def validate(form: Form, answer: Mapping[str, Any], options: Options) -> dict[str, Any]:
    """The typed answer. Keys that the form does not have are dropped.

    Raises Invalid("form.invalid") with one Problem per wrong field, `place` like "penalties[0].fine".
    """
    problems: list[Problem] = []
    clean = {
        f.key: _check(f, answer.get(f.key), f.key, lru_cache(None)(options), problems)
        for f in form.fields
        if f.kind in _KINDS
    }
    if problems:
        raise Invalid("form.invalid", problems, count=len(problems))
    return clean


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
            for f in item.fields
            if f.kind in _KINDS
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


def _check_number(item: Field, value: Any) -> Decimal:
    try:
        number = Decimal(str(value).strip().replace(",", "").replace(",", ""))
    except InvalidOperation:
        raise _Wrong("number_expected") from None
    if not number.is_finite() or abs(number) > Decimal(10) ** 15:
        raise _Wrong("number_expected")
    if (low := item.rules.get("min")) is not None and number < Decimal(str(low)):
        raise _Wrong("too_small", limit=low)
    if (high := item.rules.get("max")) is not None and number > Decimal(str(high)):
        raise _Wrong("too_large", limit=high)
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
