"""A form-js schema as a form: its fields in drawing order, or a refusal naming the component that is not understood."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from workflows.errors import DiagramRefused, Problem
from workflows.forms import conditions, patterns
from workflows.forms.conditions import Condition
from workflows.forms.shape import misshapen

MAX_DIGITS = 6
"""Digits behind the point that a number may have."""
_SILENT = {"text", "html", "separator", "spacer", "image", "button"}
KINDS = {
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
"""Components that ask for something; the others only show."""

_DRAWN_AS = {"taglist": "checklist"}
"""Components that ask for the same as another one, which looks better without script."""

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
    decimals: int | None = None  # how many a number may have
    from_today: bool = False  # a day or moment that must not have passed
    prefix: str = ""  # what stands before a value
    row: str = ""  # the line of the form on which it stands, with others of the same
    span: int | None = None  # how much of that line it takes, of 16; None for its share
    hide: Condition | None = None  # when it is not asked for
    hide_unread: str = ""  # such a condition that is not understood: the field is then always asked for
    writable: bool = True  # whether the step that the form is drawn for may write it


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
    if problems := list(misshapen(schema.get("components", []), key)):
        raise DiagramRefused("form.refused", problems, form=key)
    fields = tuple(_fields(schema.get("components") or [], key, problems))
    seen: set[str] = set()
    for item in fields:
        if item.kind in KINDS and item.key in seen:
            problems.append(Problem("form.key_twice", f"forms/{key}.form#{item.key}"))
        seen.add(item.key)
    if problems:
        raise DiagramRefused("form.refused", problems, form=key)
    return Form(key, fields)


def _fields(components: Sequence[Mapping[str, Any]], form: str, problems: list[Problem]) -> list[Field]:
    found: list[Field] = []
    for component in components:
        found += _conditional(component, _of_component(component, form, problems))
    return found


def _conditional(component: Mapping[str, Any], fields: list[Field]) -> list[Field]:
    """The fields of a component, asked for on its condition: a group's holds for all that is in it."""
    said = component.get("conditional")
    text = str(said.get("hide") or "") if isinstance(said, Mapping) else ""
    if not text:
        return fields
    try:
        read = conditions.read(text)
    except conditions.Refused:
        return [replace(one, hide_unread=text) for one in fields]
    return [replace(one, hide=["or", read, one.hide] if one.hide else read) for one in fields]


def _of_component(component: Mapping[str, Any], form: str, problems: list[Problem]) -> list[Field]:
    kind = str(component.get("type", ""))
    if kind == "group":
        return [_static(component, "heading"), *_fields(component.get("components") or [], form, problems)]
    if kind in _SILENT:
        return [_static(component, kind)]
    if kind in KINDS or kind in _DRAWN_AS:
        return [_field(component, kind, form, problems)]
    place = f"forms/{form}.form#{component.get('key') or component.get('id', '')}"
    problems.append(Problem("form.component_unknown", place, facts={"type": kind}))
    return []


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
    rules, layout = component.get("validate") or {}, component.get("layout") or {}
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
        kind=_DRAWN_AS.get(kind, kind),
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
        fields=tuple(_fields(component.get("components") or [], form, problems)) if kind == "dynamiclist" else (),
        growing=component.get("allowAddRemove", True) is not False,
        rows_from=properties.get("rows"),
        row_key=properties.get("row_key"),
        multiple=bool(component.get("multiple")),
        unit=str((component.get("appearance") or {}).get("suffixAdorner") or ""),
        accept=str(component.get("accept") or ""),
        decimals=digits if (digits := component.get("decimalDigits")) in range(MAX_DIGITS + 1) else None,
        from_today=component.get("disallowPassedDates") is True,
        prefix=str((component.get("appearance") or {}).get("prefixAdorner") or ""),
        row=str(layout.get("row") or ""),
        span=columns if type(columns := layout.get("columns")) is int and 1 <= columns <= 16 else None,
        writable=component.get("readonly") is not True and component.get("disabled") is not True,
    )


def _tame(pattern: str) -> bool:
    try:
        patterns.read(pattern)
    except patterns.Refused:
        return False
    return True
