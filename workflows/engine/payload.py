"""What goes into an instance from outside: JSON and nothing else, within limits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from workflows.engine.variables import may_name
from workflows.errors import Invalid

MAX_NESTING = 20
MAX_VARIABLES = 256_000
"""Characters of JSON that the variables of one process may take: ids and scalars, the case's facts are elsewhere."""


def dump(value: Any) -> str:
    """JSON text as it is stored: keys in their order, no NaN."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def from_outside(variables: Mapping[str, Any]) -> dict[str, Any]:
    """A deep copy that is JSON and nothing else. Raises Invalid ("engine.not_json", "engine.variable_name")."""
    for name in variables:
        if not may_name(str(name)):
            raise Invalid("engine.variable_name", name=name)
    if _depth(variables) > MAX_NESTING:
        raise Invalid("engine.not_json", reason=f"> {MAX_NESTING} [{{")
    try:
        text = dump(dict(variables))
        text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise Invalid("engine.not_json", reason=str(error)) from error
    if len(text) > MAX_VARIABLES:
        raise Invalid("engine.variables_too_large", limit=MAX_VARIABLES)
    copy: dict[str, Any] = json.loads(text)
    return copy


def _depth(value: Any) -> int:
    """How deep lists and objects nest in each other, as far as that matters."""
    level, depth = [value], 0
    while level and depth <= MAX_NESTING:
        inner = [list(entry.values()) if isinstance(entry, Mapping) else entry for entry in level]
        level = [child for entry in inner if isinstance(entry, (list, tuple)) for child in entry]
        depth += 1
    return depth
