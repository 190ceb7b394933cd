"""The difference of two forms, field by field."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from workflows.diagrams.difference.changes import (
    ADDED,
    CHANGED,
    MOVED,
    REMOVED,
    FieldChange,
    PropertyChange,
    properties,
)

DEEPEST = 10
"""Levels of groups and lists that are looked into."""
_LAYOUT = frozenset({"id", "layout"})


def compare(old: bytes, new: bytes) -> list[FieldChange]:
    """What became of each field, in the order of the new form, then those that are gone.

    Raises ValueError where one of the two is no form.
    """
    before, after = dict(_fields(_schema(old), "", 0)), dict(_fields(_schema(new), "", 0))
    stayed = _stayed([key for key in before if key in after], [key for key in after if key in before])
    found = []
    for key, component in after.items():
        if key not in before:
            found.append(_field(ADDED, key, component, properties({}, _properties(component))))
            continue
        changed = properties(_properties(before[key]), _properties(component))
        if changed or key not in stayed:
            found.append(_field(CHANGED if changed else MOVED, key, component, changed))
    gone = [_field(REMOVED, key, component) for key, component in before.items() if key not in after]
    return found + gone


def fields(data: bytes) -> list[FieldChange]:
    """All fields of a form that there was none before. Raises ValueError."""
    return [_field(ADDED, key, one) for key, one in _fields(_schema(data), "", 0)]


def _schema(data: bytes) -> Mapping[str, Any]:
    try:
        schema = json.loads(data)
    except RecursionError as error:
        raise ValueError("too deep") from error
    if not isinstance(schema, dict) or not isinstance(schema.get("components", []), list):
        raise ValueError("no form")
    return schema


def _fields(holder: Mapping[str, Any], within: str, depth: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every component by a key that is its own: what has no key (texts, groups) goes by its id."""
    components = holder.get("components")
    for number, component in enumerate(components if isinstance(components, list) and depth < DEEPEST else ()):
        if not isinstance(component, dict):
            continue
        own = str(component.get("key") or component.get("path") or component.get("id") or f"#{number + 1}")
        key = f"{within}{own}"
        yield key, component
        below = f"{key}." if component.get("type") == "dynamiclist" else within
        yield from _fields(component, below, depth + 1)


def _properties(component: Mapping[str, Any]) -> dict[str, str]:
    return dict(_flat({name: value for name, value in component.items()
                       if name not in _LAYOUT and name not in ("components", "key")}, ""))  # fmt: skip


def _flat(value: Mapping[str, Any], within: str) -> Iterator[tuple[str, str]]:
    for name, one in value.items():
        if isinstance(one, dict):
            yield from _flat(one, f"{within}{name}.")
        else:
            yield f"{within}{name}", one if isinstance(one, str) else _written(one)


def _written(value: Any) -> str:
    """A choice of a list as label (value), everything else as JSON writes it."""
    if isinstance(value, list) and all(isinstance(one, dict) and "value" in one for one in value):
        return "\n".join(f"{one.get('label', '')} ({one['value']})" for one in value)
    return json.dumps(value, ensure_ascii=False)


def _stayed(old: list[str], new: list[str]) -> set[str]:
    """The keys that kept their order; the others were moved between them."""
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return {key for block in blocks for key in new[block.b : block.b + block.size]}


def _field(change: str, key: str, component: Mapping[str, Any], told: Sequence[PropertyChange] = ()) -> FieldChange:
    own = component.get("properties")
    english = own.get("label_en") if isinstance(own, dict) else None
    label = str(component.get("label") or component.get("text") or "")
    return FieldChange(change, key, label[:200], told, str(english or "")[:200])
