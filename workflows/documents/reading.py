"""Reads a document's content from JSON, and names every missing or wrong field at once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from workflows.errors import Invalid, Problem

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]")
MOST_TEXT = 100_000  # characters of one field


def clean(text: str) -> str:
    """The text as it will be printed: NFC, no invisible or direction-turning characters, spaces instead of tabs.

    Line ends part paragraphs and stay.
    """
    text = _INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    text = "".join(char if char == "\n" or unicodedata.category(char) != "Cc" else " " for char in text)
    return text.replace("\u00a0", " ").strip()


class Reader:
    """One JSON object of a content, and where in the content it stands.

    Every method takes a field's name. A field that is missing or wrong is noted, and an empty value is given back, so
    that reading goes on; `finish` then raises with all of them.
    """

    def __init__(self, data: object, place: str = "", problems: list[Problem] | None = None) -> None:
        self.problems: list[Problem] = [] if problems is None else problems
        self._place = place
        self._data: Mapping[str, Any] = {}
        if isinstance(data, Mapping):
            self._data = data
        else:
            self.note("document.field_wrong", "")

    def note(self, code: str, name: str) -> None:
        """Note a problem with the field `name` of this object."""
        self.problems.append(Problem(code, self._where(name)))

    def finish(self, kind: str) -> None:
        """Raise Invalid("document.content_invalid") with `problems` naming every field, if there is any."""
        if self.problems:
            fields = "、".join(dict.fromkeys(problem.place for problem in self.problems))
            raise Invalid("document.content_invalid", list(self.problems), kind=kind, fields=fields)

    def has(self, name: str) -> bool:
        """Whether the field is there and not empty."""
        return self._data.get(name) not in (None, "", [], {})

    def text(self, name: str, *, optional: bool = False) -> str:
        """A text; "" when optional and missing."""
        value = self._data.get(name)
        if value is None or value == "":
            if not optional:
                self.note("document.field_missing", name)
            return ""
        if not isinstance(value, str) or len(value) > MOST_TEXT:
            self.note("document.field_wrong", name)
            return ""
        text = clean(value)
        if not text and not optional:
            self.note("document.field_missing", name)
        return text

    def choice(self, name: str, allowed: Collection[str], default: str | None = None) -> str:
        """One of a closed list of words."""
        if default is not None and not self.has(name):
            return default
        value = self.text(name)
        if value and value not in allowed:
            self.note("document.field_wrong", name)
        return value

    def day(self, name: str, *, optional: bool = False) -> date | None:
        """A day as YYYY-MM-DD; None when optional and missing, or wrong (noted)."""
        value = self.text(name, optional=optional)
        try:
            return date.fromisoformat(value) if value else None
        except ValueError:
            self.note("document.field_wrong", name)
            return None

    def on(self, name: str) -> date:
        """A day that must be there."""
        return self.day(name) or date.min

    def at(self, name: str) -> datetime:
        """A moment in ISO 8601 with its zone, that must be there."""
        value = self.text(name)
        try:
            moment = datetime.fromisoformat(value) if value else None
        except ValueError:
            moment = None
        if value and (moment is None or moment.tzinfo is None):
            self.note("document.field_wrong", name)
        return moment or datetime.fromisoformat("0001-01-02T00:00:00+00:00")

    def number(self, name: str, *, least: int = 0, default: int | None = None) -> int:
        """A whole number of at least `least`."""
        value = self._data.get(name)
        if value is None:
            if default is None:
                self.note("document.field_missing", name)
            return default or 0
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            self.note("document.field_wrong", name)
            return 0
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """True or false."""
        value = self._data.get(name, default)
        if not isinstance(value, bool):
            self.note("document.field_wrong", name)
            return default
        return value

    def texts(self, name: str, *, optional: bool = False) -> tuple[str, ...]:
        """A list of texts, at least one unless optional."""
        value = self._list(name, optional)
        texts = [clean(item) for item in value if isinstance(item, str)]
        if len(texts) != len(value) or not all(texts):
            self.note("document.field_wrong", name)
        return tuple(text for text in texts if text)

    def child(self, name: str) -> Reader:
        """An object that must be there."""
        value = self._data.get(name)
        if value is None:
            self.note("document.field_missing", name)
            return Reader({}, self._where(name))  # its fields are missing with it: one note is enough
        return Reader(value, self._where(name), self.problems)

    def maybe(self, name: str) -> Reader | None:
        """An object, or None when missing."""
        return self.child(name) if self._data.get(name) is not None else None

    def children(self, name: str, *, optional: bool = False) -> list[Reader]:
        """A list of objects, at least one unless optional."""
        value = self._list(name, optional)
        return [Reader(item, f"{self._where(name)}[{index}]", self.problems) for index, item in enumerate(value)]

    def _list(self, name: str, optional: bool) -> list[Any]:
        value = self._data.get(name)
        if value in (None, []):
            if not optional:
                self.note("document.field_missing", name)
            return []
        if not isinstance(value, list):
            self.note("document.field_wrong", name)
            return []
        return value

    def _where(self, name: str) -> str:
        return f"{self._place}.{name}".strip(".")
