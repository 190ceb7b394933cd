"""Variables as Camunda 7 clients send and expect them: `{name: {value, type, valueInfo}}`.

Types: Null, Boolean, Integer, Long, Double, String, and Json (a text) for lists and objects. Dates are Strings here.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from workflows.errors import Invalid
from workflows.forms.characters import FOREIGN
from workflows.ledger.canonical import GREATEST_INTEGER

INT_MAX = 2**31 - 1
DEEPEST = 20
"""Lists and objects inside each other in what a program sends, as deep as the engine's expressions read (values.py)."""
_NEVER = re.compile(r"[\x00\ud800-\udfff]")
"""What no database stores: NUL, and halves of characters."""
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


def require_sound(value: Any, place: str, *, control: bool = False) -> None:
    """Raise Invalid("external.body", place) for JSON that can't be kept as it is.

    That is: deeper than DEEPEST, NaN and infinities, numbers beyond what the ledger writes, texts with halves of
    characters, NUL or, unless `control`, what people's forms refuse too.
    """
    foreign, stack = _NEVER if control else FOREIGN, [(value, 0)]
    while stack:  # no recursion: the depth is what it looks for
        at, depth = stack.pop()
        within: list[Any] = []
        if isinstance(at, dict):
            within = [*at, *at.values()]
        elif isinstance(at, list):
            within = at
        wrong = (isinstance(at, str) and foreign.search(at) is not None) or (
            isinstance(at, float) and not math.isfinite(at)) or (
            isinstance(at, int) and not -GREATEST_INTEGER <= at <= GREATEST_INTEGER)  # fmt: skip
        if wrong or (within and depth >= DEEPEST):
            raise Invalid("external.body", place=place)
        stack.extend((each, depth + 1) for each in within)


def _plain(name: str, entry: Any) -> Any:
    if not isinstance(entry, dict) or "value" not in entry:
        raise Invalid("external.variable", name=name[:80])
    value, kind = entry["value"], entry.get("type")
    if kind is None:
        return value
    kind = str(kind).lower()
    if kind == "json" and isinstance(value, str):
        try:
            read = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise Invalid("external.variable", name=name[:80]) from error
        require_sound(read, name[:80])
        return read
    if kind == "json":
        return value
    wrong = isinstance(value, bool) and kind != "boolean"
    if value is not None and (wrong or not isinstance(value, _SIMPLE.get(kind, ()))):
        raise Invalid("external.variable", name=name[:80])
    return value
