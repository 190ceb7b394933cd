"""Whether a form that can be read can also be filled in: sources of choices that exist, limits that leave something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from workflows.cases.choices import SOURCES
from workflows.errors import Problem
from workflows.forms import KINDS, Field, Form
from workflows.forms.conditions import compared
from workflows.forms.formats import BY_TYPE, FORMATS
from workflows.forms.values import FILE_LIMIT

TAKEN = frozenset({"csrf_token", "seen", "key", "rows", "then", "process", "hand_back_note"})
"""Names of fields that pages add to a form themselves."""
_CHOSEN = frozenset({"select", "radio", "checklist"})
_LOW_AND_HIGH = (("minLength", "maxLength"), ("min", "max"), ("minRows", "maxRows"))
_TYPES = frozenset({*BY_TYPE, "custom", ""})


def check(form: Form) -> Iterator[Problem]:
    """One problem for each thing in a form that nobody could fill in, or that would be passed over."""
    before: dict[str, Field] = {}
    for item in form.fields:
        if item.kind in KINDS and item.key in TAKEN:
            yield _problem(form, item.key, "form.key_taken")
        yield from _of_field(form, item, item.key)
        yield from _condition(form, item, item.key, before)
        if item.kind == "dynamiclist":
            yield from _of_list(form, item, before)
        before[item.key] = item


def _condition(form: Form, item: Field, place: str, before: Mapping[str, Field]) -> Iterator[Problem]:
    """before: the fields that come first; a condition looks at no others, so that none goes round in a circle."""
    if item.hide_unread:
        yield _problem(form, place, "form.condition_refused", condition=item.hide_unread[:80])
    for sign, key, value in compared(item.hide) if item.hide else ():
        if key not in before or before[key].kind not in KINDS:
            yield _problem(form, place, "form.condition_field", field=key)
        elif not _comparable(before[key], sign, value):
            yield _problem(form, place, "form.condition_value", field=key, value=str(value)[:80])


def _comparable(item: Field, sign: str, value: object) -> bool:
    """Whether a field can be held against a written value, and may ever equal it."""
    if value is None and sign in ("=", "!="):
        return item.kind not in ("checkbox", "dynamiclist")
    if item.kind in _CHOSEN or sign == "has":
        known = item.options_from is not None or value in {one.value for one in item.options}
        return isinstance(value, str) and (sign == "has") == (item.kind == "checklist") and known
    kinds: dict[str, tuple[type, ...]] = {
        "checkbox": (bool,), "number": (int, float), "textfield": (str,), "textarea": (str,),
    }  # fmt: skip
    fits = isinstance(value, kinds.get(item.kind, ())) and (item.kind == "checkbox") == isinstance(value, bool)
    return (sign == "is" and item.kind == "checkbox") or (fits and (sign in ("=", "!=") or item.kind == "number"))


def _of_list(form: Form, item: Field, before: Mapping[str, Field]) -> Iterator[Problem]:
    asking, known = [column for column in item.fields if column.kind in KINDS], dict(before)
    for column in item.fields:
        yield from _condition(form, column, f"{item.key}.{column.key}", known)
        known[column.key] = column
    for column in asking:
        yield from _of_field(form, column, f"{item.key}.{column.key}")
        if column.kind == "dynamiclist":
            yield _problem(form, f"{item.key}.{column.key}", "form.list_in_list")
    for key in sorted(_twice([column.key for column in asking])):
        yield _problem(form, f"{item.key}.{key}", "form.key_twice")
    if bool(item.rows_from) != bool(item.row_key) or (item.row_key and item.row_key not in _keys(asking)):
        yield _problem(form, item.key, "form.rows_without_key")
    if item.rows_from and item.growing:
        yield _problem(form, item.key, "form.not_honoured", setting="allowAddRemove")
    if not asking:
        yield _problem(form, item.key, "form.list_empty")


def _of_field(form: Form, item: Field, place: str) -> Iterator[Problem]:
    for source in (item.options_from, item.rows_from):
        if source and source not in SOURCES:
            yield _problem(form, place, "form.source_unknown", source=source[:80])
    if item.kind in _CHOSEN and not item.options and not item.options_from:
        yield _problem(form, place, "form.no_choices")
    if item.required and not item.writable:
        yield _problem(form, place, "form.required_unwritable")
    for low, high in _LOW_AND_HIGH:
        if low in item.rules and high in item.rules and _number(item, low) > _number(item, high):
            yield _problem(form, place, "form.limits_crossed", low=low, high=high)
    if str(item.rules.get("validationType", "")) not in _TYPES:
        yield _problem(form, place, "form.not_honoured", setting="validate.validationType")
    if item.properties.get("format", "") not in {*FORMATS, ""}:
        yield _problem(form, place, "form.not_honoured", setting="properties.format")
    for limit, most in (("max_files", FILE_LIMIT), ("max_mb", 10_000)):
        if not _between(item.properties.get(limit, "1"), most):
            yield _problem(form, place, "form.value_bad", attribute=f"properties.{limit}", expected=f"1 – {most}")


def _between(text: str, most: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 9 and 1 <= int(text) <= most


def _number(item: Field, rule: str) -> Decimal:
    return Decimal(str(item.rules[rule]))


def _twice(keys: Sequence[str]) -> set[str]:
    return {key for key in keys if keys.count(key) > 1}


def _keys(columns: Sequence[Field]) -> set[str]:
    return {column.key for column in columns}


def _problem(form: Form, place: str, code: str, **facts: str) -> Problem:
    return Problem(code, f"forms/{form.key}.form#{place}", None, facts)
