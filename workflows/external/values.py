"""Variables as Camunda 7 clients send and expect them: `{name: {value, type, valueInfo}}`.

Types: Null, Boolean, Integer, Long, Double, String, and Json (a text) for lists and objects. Dates are Strings here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from workflows.errors import Invalid

INT_MAX, LONG_MAX = 2**31 - 1, 2**63 - 1
_SIMPLE: Mapping[str, tuple[type, ...]] = {
    "null": (type(None),), "boolean": (bool,), "integer": (int,), "long": (int,), "short": (int,),
    "double": (int, float), "string": (str,), "date": (str,),
}  # fmt: skip


def typed(value: Any) -> dict[str, Any]:
    """One value with its type."""
    kind, shown = "Json", value
    if value is None:
        kind = "Null"
    elif isinstance(value, bool):
        kind = "Boolean"
    elif isinstance(value, int):
        kind = "Integer" if -INT_MAX - 1 <= value <= INT_MAX else "Long"
    elif isinstance(value, (float, Decimal)):
        kind, shown = "Double", float(value)
    elif isinstance(value, str):
        kind = "String"
    else:
        shown = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return {"type": kind, "value": shown, "valueInfo": {}}


def plain(variables: Any) -> dict[str, Any]:
    """What a client sent, as values. Raises Invalid("external.variable", name) for what is not of its type."""
    if variables is None:
        return {}
    if not isinstance(variables, dict):
        raise Invalid("external.body", place="variables")
    return {str(name): _plain(str(name), entry) for name, entry in variables.items()}


def _plain(name: str, entry: Any) -> Any:
    if not isinstance(entry, dict) or "value" not in entry:
        raise Invalid("external.variable", name=name[:80])
    value, kind = entry["value"], entry.get("type")
    if kind is None:
        return value
    kind = str(kind).lower()
    if kind == "json" and isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError as error:
            raise Invalid("external.variable", name=name[:80]) from error
    if kind == "json":
        return value
    wrong = isinstance(value, bool) and kind != "boolean"
    if value is not None and (wrong or not isinstance(value, _SIMPLE.get(kind, ()))):
        raise Invalid("external.variable", name=name[:80])
    return value
