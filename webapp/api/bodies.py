"""What a program outside sends: a JSON object of a bounded size and depth, read part by part.

Whatever does not fit is Invalid("external.body"), which names the part; nothing of it reaches the database.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from flask import request

from workflows.errors import Invalid
from workflows.external.values import require_sound

LARGEST = 1_000_000
"""Bytes of a body; what a worker found out is a few variables, and files do not come this way."""
LONGEST_TEXT = 200
_QUERY_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)


def limit(*_address: object) -> None:
    """Bound the body of this request, before anything reads it; larger ones are answered with 413."""
    request.max_content_length = LARGEST


def read(*, told: Collection[str] = ()) -> dict[str, Any]:
    """The object that was sent.

    told: parts that are only shown, as the output of programs; they may hold control characters. Raises Invalid, and
    Werkzeug's BadRequest for what is no JSON.
    """
    try:
        sent = request.get_json(force=True)
    except RecursionError as error:
        raise Invalid("external.body", place="{}") from error
    if not isinstance(sent, dict):
        raise Invalid("external.body", place="{}")
    require_sound(list(sent), "{}")
    for name, value in sent.items():
        require_sound(value, name[:80], control=name in told)
    return sent


def objects(body: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """A list of objects, at least one. Raises Invalid."""
    value = body.get(name)
    if not isinstance(value, list) or not value or not all(isinstance(each, dict) for each in value):
        raise Invalid("external.body", place=name)
    return value


def text(body: dict[str, Any], name: str) -> str:
    """A text of 1 to LONGEST_TEXT characters. Raises Invalid."""
    value = body.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_TEXT:
        raise Invalid("external.body", place=name)
    return value


def number(body: dict[str, Any], name: str, default: int) -> int:
    """A whole number that is not negative; the default where there is none. Raises Invalid."""
    value = body.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 10**12:
        raise Invalid("external.body", place=name)
    return value


def milliseconds(body: dict[str, Any], name: str) -> timedelta:
    """A span of time that must be told. Raises Invalid."""
    if body.get(name) is None:
        raise Invalid("external.body", place=name)
    return timedelta(milliseconds=number(body, name, 0))


def asked(name: str, default: int) -> int:
    """A whole number of the query, below 10⁹; the default where it is not asked. Raises Invalid."""
    given = request.args.get(name)
    if given is None:
        return default
    if not _QUERY_NUMBER.fullmatch(given):
        raise Invalid("external.body", place=name)
    return int(given)
