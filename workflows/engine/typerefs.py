"""The types that columns of decision tables may have, as dmn-js and DMN 1.3 write them in `typeRef`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workflows.engine import values

TYPES: dict[str, str] = {
    "string": "text",
    "boolean": "boolean",
    "number": "number",
    "double": "number",
    "integer": "number",
    "long": "number",
    "date": "date",
    "dateTime": "moment",
    "date and time": "moment",
    "dayTimeDuration": "span",
    "days and time duration": "span",
    "yearMonthDuration": "months",
    "years and months duration": "months",
}
"""typeRef → kind of value. `integer` and `long` must also be whole; dates, moments and durations may be texts that
write them, as JSON variables hold them."""
_READ: dict[str, Callable[[object], object]] = {
    "date": values.as_date, "moment": values.as_moment, "span": values.as_duration, "months": values.as_duration,
}

def typed(type: str, value: Any) -> Any:
    """A value that is not null as a typeRef says: dates are read from texts, whole numbers become int.

    Raises values.Failed when it has another type.
    """
    kind = TYPES[type]
    if kind in _READ:
        value = _READ[kind](value)
    if values.kind(value) != kind:
        raise values.wrong_kind(value)
    if type in ("integer", "long"):
        exact = values.number(value)
        if exact != int(exact):
            raise values.wrong_kind(value)
        return int(exact)
    return value
