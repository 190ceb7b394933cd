"""Whether a form-js schema has the shape that its reader relies on: lists where lists belong, numbers where numbers do.

A schema is uploaded by administrators, so it is input from outside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from workflows.errors import Problem

MAX_DEPTH = 10
"""How deep groups and lists may nest; a person finds two levels hard enough."""
_SHAPES: Mapping[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("components", "values"), list),
    **dict.fromkeys(("properties", "validate", "appearance", "conditional", "layout"), dict),
    **dict.fromkeys(
        ("type", "key", "path", "id", "label", "text", "description", "dateLabel", "dateTimeLabel", "valuesKey",
         "accept"), str,
    ),
    **dict.fromkeys(("multiple", "allowAddRemove"), bool),
    "defaultValue": (str, bool, int, float, list),
}  # fmt: skip
_LIMITS = ("minLength", "maxLength", "minRows", "maxRows")
_BOUNDS = ("min", "max")
_SUBTYPES = ("date", "datetime", "time")
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,10})?\Z")


def misshapen(components: Any, form: str, depth: int = 1) -> Iterator[Problem]:
    """Every place of a schema's components that has another shape than form-js writes. form: its key."""
    if not isinstance(components, list) or depth > MAX_DEPTH:
        yield _problem(form, "", "components", "list")
        return
    for component in components:
        if not isinstance(component, dict):
            yield _problem(form, "", "components", "dict")
            continue
        found = list(_component(component, form))
        yield from found
        if not found and component.get("components") is not None:
            yield from misshapen(component["components"], form, depth + 1)


def _component(component: Mapping[str, Any], form: str) -> Iterator[Problem]:
    name = str(component.get("key") or component.get("id") or "")[:80]
    for attribute, shape in _SHAPES.items():
        if not isinstance(component.get(attribute), (shape, type(None))):
            yield _problem(form, name, attribute, _named(shape))
    if component.get("type") == "datetime" and component.get("subtype", "date") not in _SUBTYPES:
        yield _problem(form, name, "subtype", ", ".join(_SUBTYPES))
    if isinstance(rules := component.get("validate"), dict):
        yield from _rules(rules, form, name)
    for option in component["values"] if isinstance(component.get("values"), list) else ():
        if not isinstance(option, dict) or not isinstance(option.get("value"), str | int | float):
            yield _problem(form, name, "values", "{label, value}")
        elif not isinstance(option.get("properties"), dict | None):
            yield _problem(form, name, "values.properties", "dict")


def _rules(rules: Mapping[str, Any], form: str, name: str) -> Iterator[Problem]:
    for rule in (*_LIMITS, *_BOUNDS):
        written = str(rules[rule]) if rule in rules else "0"  # a true is no number when it is written out
        if not _NUMBER.match(written) or (rule in _LIMITS and not written.isdigit()):
            yield _problem(form, name, f"validate.{rule}", "number")
    if not isinstance(rules.get("pattern"), str | None):
        yield _problem(form, name, "validate.pattern", "str")
    if not isinstance(rules.get("required"), bool | None):
        yield _problem(form, name, "validate.required", "bool")


def _problem(form: str, name: str, attribute: str, expected: str) -> Problem:
    return Problem("form.value_bad", f"forms/{form}.form#{name}", None, {"attribute": attribute, "expected": expected})


def _named(shape: type | tuple[type, ...]) -> str:
    return ", ".join(one.__name__ for one in (shape if isinstance(shape, tuple) else (shape,)))
