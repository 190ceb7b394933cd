"""The one written form of a value, and its hash.

The form is RFC 8785 (JSON Canonicalization Scheme), so that an outsider can recompute every hash of the ledger with
any library of that standard; `docs/decisions/0003-ledger-chain.md` says how the pieces go together. Beyond plain JSON,
moments, days and decimals are written as strings. Nothing here knows about the database.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from workflows.errors import Invalid

ALGORITHMS = ("sha256", "sm3")
"""Hash algorithms an entry may name. GB/T 32905 SM3 needs an OpenSSL that has it."""

GREATEST_INTEGER = 2**53 - 1
"""RFC 8785 numbers are IEEE doubles: a larger integer would be read back as another one (I-JSON, RFC 7493)."""

_chosen = "sha256"


def choose_algorithm(name: str) -> None:
    """Say, once at the start of the process, with which algorithm new entries are hashed.

    Older entries keep the algorithm they name. Raises Invalid("ledger.algorithm_unknown") for a name that is not in
    `ALGORITHMS` or that this machine's OpenSSL does not have.
    """
    global _chosen
    digest(name, b"")
    _chosen = name


def chosen_algorithm() -> str:
    """The algorithm of new entries."""
    return _chosen


def digest(algorithm: str, content: bytes) -> str:
    """The hash of `content` in lower-case hexadecimal digits. Raises Invalid("ledger.algorithm_unknown")."""
    if algorithm == "sha256":
        return hashlib.sha256(content).hexdigest()
    if algorithm in ALGORITHMS and algorithm in hashlib.algorithms_available:
        return hashlib.new(algorithm, content).hexdigest()
    raise Invalid("ledger.algorithm_unknown", algorithm=algorithm)


def text(value: Any) -> str:
    """`value` in canonical form.

    Takes None, bool, int, float, str, lists and tuples, mappings with str keys; moments with a zone (written
    `2023-09-22T01:30:00.000000Z`), days (`2023-09-22`) and Decimals (`"30000.00"`, a string). Raises
    Invalid("ledger.not_json") naming the place of anything else, of NaN and infinities, of integers beyond 2^53 - 1,
    of moments without a zone and of lone surrogates.
    """
    parts: list[str] = []
    _write(value, "$", parts)
    return "".join(parts)


def moment_text(moment: datetime) -> str:
    """A moment as the ledger writes it: UTC, microseconds always, so that text order is time order.

    Raises ValueError for a moment without a zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"a moment without a zone: {moment!r}")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def read_moment(written: str) -> datetime:
    """The moment that `moment_text` wrote. Raises ValueError for any other text."""
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is None or moment_text(moment) != written:
        raise ValueError(f"not a moment of the ledger: {written!r}")
    return moment


def _write(value: Any, place: str, parts: list[str]) -> None:
    if isinstance(value, Mapping):
        _write_object(value, place, parts)
    elif isinstance(value, list | tuple):
        parts.append("[")
        for index, item in enumerate(value):
            if index:
                parts.append(",")
            _write(item, f"{place}[{index}]", parts)
        parts.append("]")
    else:
        parts.append(_scalar(value, place))


def _write_object(value: Mapping[Any, Any], place: str, parts: list[str]) -> None:
    for key in value:
        if not isinstance(key, str):
            raise Invalid("ledger.not_json", place=place, type=f"{type(key).__name__} key")
    parts.append("{")
    # RFC 8785, 3.2.3: keys are ordered by their UTF-16 code units, not by code points.
    ordered = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
    for index, key in enumerate(ordered):
        if index:
            parts.append(",")
        parts.append(_string(key, place))
        parts.append(":")
        _write(value[key], f"{place}.{key}", parts)
    parts.append("}")


def _scalar(value: Any, place: str) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _string(value, place)
    if isinstance(value, int) and abs(value) <= GREATEST_INTEGER:
        return str(int(value))
    if isinstance(value, float) and math.isfinite(value):
        return _number(value)
    if isinstance(value, datetime) and value.tzinfo is not None:
        return f'"{moment_text(value)}"'
    if isinstance(value, date) and not isinstance(value, datetime):
        return f'"{value.isoformat()}"'
    if isinstance(value, Decimal) and value.is_finite():
        return f'"{value:f}"'
    raise Invalid("ledger.not_json", place=place, type=type(value).__name__)


def _string(value: str, place: str) -> str:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise Invalid("ledger.not_json", place=place, type="lone surrogate") from None
    return json.dumps(str(value), ensure_ascii=False)


def _number(value: float) -> str:
    """A finite double as ECMAScript prints it (RFC 8785, 3.2.2.3)."""
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    shortest = Decimal(repr(abs(value))).normalize()
    digits = "".join(map(str, shortest.as_tuple().digits))
    point = shortest.adjusted() + 1  # where the decimal point stands, counted from the first digit
    if len(digits) <= point <= 21:
        written = digits + "0" * (point - len(digits))
    elif 0 < point <= 21:
        written = f"{digits[:point]}.{digits[point:]}"
    elif -6 < point <= 0:
        written = f"0.{'0' * -point}{digits}"
    else:
        mantissa = digits[0] + (f".{digits[1:]}" if len(digits) > 1 else "")
        written = f"{mantissa}e{'+' if point > 0 else '-'}{abs(point - 1)}"
    return sign + written
