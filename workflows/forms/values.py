"""One value of an answer: what was sent under a field becomes a typed value, or is refused with its reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from workflows.calendar import clock
from workflows.calendar.clock import SHANGHAI
from workflows.forms import characters, formats, patterns
from workflows.forms.schema import MAX_DIGITS, Field, Options

TEXT_LIMIT = 20_000
FILE_LIMIT = 50
NUMBER_LENGTH = 28
"""Characters of a typed number: what a Decimal of the ordinary precision holds exactly."""
EMPTY: Mapping[str, Any] = {"checkbox": False, "checklist": (), "filepicker": (), "dynamiclist": ()}
"""Kind → its value where nothing was sent; None for the others."""


class Wrong(Exception):
    """One value is wrong; becomes a Problem at its place."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


def check(item: Field, value: Any, options: Options) -> Any:
    """The typed value of a field that is no list. Raises Wrong."""
    if value is None or value == "" or value == [] or (item.kind == "checkbox" and value is not True):
        if item.required:
            raise Wrong("required")
        return empty(item)
    match item.kind:
        case "checklist" | "select" | "radio":
            return _choice(item, value, options)
        case "textfield" | "textarea":
            return _text(item, value)
        case "number":
            return _number(item, value)
        case "datetime":
            return _moment(item, value)
        case "filepicker":
            return _files(item, value)
        case _:
            return True  # a ticked checkbox


def empty(item: Field) -> Any:
    """The value of a field in which nothing was given."""
    found = EMPTY.get(item.kind)
    return list(found) if isinstance(found, tuple) else found


def _choice(item: Field, value: Any, options: Options) -> Any:
    allowed = {o.value for o in item.options} | (
        {v for v, _zh, _en in options(item.options_from)} if item.options_from else set()
    )
    if item.kind == "checklist":
        given = [str(v) for v in value] if isinstance(value, list) else []
        if unknown := [v for v in given if v not in allowed]:
            raise Wrong("choice_unknown", value=unknown[0])
        return list(dict.fromkeys(given))
    if not isinstance(value, str) or value not in allowed:
        raise Wrong("choice_unknown", value=str(value)[:80])
    return value


def _text(item: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise Wrong("text_expected")
    text = characters.visible(value.replace("\r\n", "\n")).strip()
    if "\r" in text or characters.FOREIGN.search(text):
        raise Wrong("control_character")
    if item.kind == "textfield" and "\n" in text:
        raise Wrong("one_line")
    if not text and item.required:
        raise Wrong("required")
    longest = min(int(item.rules.get("maxLength", TEXT_LIMIT)), TEXT_LIMIT)
    if len(text) > longest:
        raise Wrong("too_long", limit=longest)
    if text and len(text) < int(item.rules.get("minLength", 0)):
        raise Wrong("too_short", limit=item.rules["minLength"])
    if text:
        _check_format(item, text)
    return text


def _check_format(item: Field, text: str) -> None:
    if pattern := item.rules.get("pattern"):
        if len(text) > patterns.LONGEST_TEXT:
            raise Wrong("too_long", limit=patterns.LONGEST_TEXT)
        if not patterns.read(pattern).matches(text):
            raise Wrong("pattern")
    kind, form = str(item.rules.get("validationType", "")), item.properties.get("format", "")
    if kind in formats.BY_TYPE and not formats.BY_TYPE[kind](text):
        raise Wrong(kind)
    if form in formats.FORMATS and not formats.FORMATS[form](text):
        raise Wrong(form)


def _number(item: Field, value: Any) -> Decimal:
    number = _decimal(value, MAX_DIGITS if item.decimals is None else item.decimals)
    if (low := item.rules.get("min")) is not None and number < Decimal(str(low)):
        raise Wrong("too_small", limit=low)
    if (high := item.rules.get("max")) is not None and number > Decimal(str(high)):
        raise Wrong("too_large", limit=high)
    return number


def _decimal(value: Any, decimals: int) -> Decimal:
    """A typed number, below 10^15, with so many decimals at most and without needless zeros.

    Its length is bounded before it is read and its size afterwards: "1e-30000000" is a short text, and thirty million
    digits once it is written out.
    """
    text = str(value).strip().replace(",", "").replace(",", "")
    if len(text) > NUMBER_LENGTH:
        raise Wrong("number_expected")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise Wrong("number_expected") from None
    if not number.is_finite() or (number and number.adjusted() >= 15):
        raise Wrong("number_expected")
    if not number:
        return Decimal(0)
    # Looked at before anything is computed: arithmetic rounds very small numbers to nought.
    if number.adjusted() < -MAX_DIGITS or (number := number.normalize()).as_tuple().exponent < -decimals:  # type: ignore[operator]
        raise Wrong("too_many_decimals", limit=decimals)
    return number


def _moment(item: Field, value: Any) -> date | datetime | time:
    if item.subtype == "time":
        return _time(value)
    try:
        if item.subtype == "date":
            found: date = value if type(value) is date else date.fromisoformat(str(value))
        else:
            moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
            moment = moment.replace(second=0, microsecond=0)  # people write minutes, and pages show them
            found = moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
    except ValueError:
        raise Wrong("date_expected" if item.subtype == "date" else "moment_expected") from None
    if not 1949 <= found.year <= 2200:
        raise Wrong("date_expected" if item.subtype == "date" else "moment_expected")
    if item.from_today and (clock.local(found).date() if isinstance(found, datetime) else found) < clock.today():
        raise Wrong("passed")
    return found


def _time(value: Any) -> time:
    """A time of the day in Shanghai, to the minute."""
    try:
        found = value if isinstance(value, time) else time.fromisoformat(str(value))
    except ValueError:
        raise Wrong("time_expected") from None
    if found.tzinfo is not None:
        raise Wrong("time_expected")
    return found.replace(second=0, microsecond=0)


def _files(item: Field, value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        raise Wrong("file_bad")
    files = [f for f in value if isinstance(f, Mapping) and re.fullmatch(r"[0-9a-f]{64}", str(f.get("sha256", "")))]
    files = [f for f in files if isinstance(f.get("size"), int) and {"name", "media_type"} <= f.keys()]
    if len(files) != len(value) or len(files) > FILE_LIMIT:
        raise Wrong("file_bad")
    if len(files) > 1 and not item.multiple:
        raise Wrong("one_file")
    _check_files_fit(item, files)
    kind = item.properties.get("material", "other")
    return [
        {
            "sha256": f["sha256"],
            "size": int(f["size"]),
            "name": str(f["name"])[:200],
            "media_type": str(f["media_type"]),
            "material_kind": kind,
        }
        for f in files
    ]


def _check_files_fit(item: Field, files: list[Mapping[str, Any]]) -> None:
    """Number, size and kinds of files, as the form limits them."""
    if len(files) > (most := int(item.properties.get("max_files", FILE_LIMIT))):
        raise Wrong("too_many_files", limit=most)
    megabytes = int(item.properties.get("max_mb", 0))
    for one in files:
        name = str(one["name"])[-80:]
        if megabytes and one["size"] > megabytes << 20:
            raise Wrong("file_too_large", file=name, limit=megabytes)
        if item.accept and not takes(item.accept, name, str(one["media_type"])):
            raise Wrong("file_kind", file=name, accept=item.accept.replace(",", " "))


def takes(accept: str, name: str, media_type: str) -> bool:
    """Whether a file is one of those that a file field names: endings (".pdf") and media types ("image/*")."""
    for one in (part.strip().lower() for part in accept.split(",")):
        if one.startswith("."):
            if name.lower().endswith(one):
                return True
        elif one and (media_type == one or (one.endswith("/*") and media_type.startswith(one[:-1]))):
            return True
    return False
