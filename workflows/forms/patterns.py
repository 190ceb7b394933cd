"""Patterns of text fields, matched in a time that grows with the text and nothing worse.

A pattern comes from whoever draws a form and the text from anybody, and Python's `re` tries one way after the other:
a short pattern and a short text keep it busy for years. Here all ways are followed at once (Thompson 1968), so that a
text costs at most its length times the pattern's. The language is the part of ECMAScript's that needs no going back:

    pattern := branch {"|" branch}          branch := {atom ["*" | "+" | "?" | "{" n ["," [m]] "}"] ["?"]}
    atom    := character | "." | "^" | "$" | "[" ["^"] {character | character "-" character | class} "]" | class
               | "(" ["?:"] pattern ")"
    class   := "\\d" | "\\D" | "\\w" | "\\W" | "\\s" | "\\S"

The whole text must match, as with the `pattern` of an HTML field.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

LONGEST = 200
"""Characters of a pattern."""
MOST_STATES = 600
"""Places in a pattern once its counts are written out."""
LONGEST_TEXT = 1_000
"""Characters of a text that is held against a pattern: with the two above, less than a second for the worst."""

_Test = Callable[[str], bool]
_CLASSES: dict[str, _Test] = {
    "d": lambda c: "0" <= c <= "9",
    "w": lambda c: c.isascii() and (c.isalnum() or c == "_"),
    "s": str.isspace,
}
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v"}
_COUNT = re.compile(r"\{([0-9]{1,4})(,([0-9]{1,4})?)?\}")
_HEX = re.compile(r"u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})")


class Refused(ValueError):
    """The pattern is none of this language, or too large."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern that was read: its states, each a test of a character (then the next state), ways on, or a border."""

    tests: tuple[_Test | None, ...]
    ways: tuple[tuple[int, ...], ...]
    borders: tuple[str, ...]

    def matches(self, text: str) -> bool:
        """Whether the whole text matches. A text longer than LONGEST_TEXT does not."""
        if len(text) > LONGEST_TEXT:
            return False
        here = self._reached([0], 0, len(text))
        for position, character in enumerate(text, 1):
            passed = [state + 1 for state in here if (test := self.tests[state]) is not None and test(character)]
            here = self._reached(passed, position, len(text))
            if not here:
                return False
        return len(self.tests) - 1 in here

    def _reached(self, states: list[int], position: int, length: int) -> set[int]:
        """Where one may stand without reading a character."""
        found: set[int] = set()
        while states:
            state = states.pop()
            border = self.borders[state]
            if state in found or (border == "^" and position > 0) or (border == "$" and position < length):
                continue
            found.add(state)
            states += self.ways[state]
        return found


@lru_cache(maxsize=256)
def read(text: str) -> Pattern:
    """A pattern. Raises Refused."""
    if len(text) > LONGEST:
        raise Refused(text)
    reader = _Reader(text)
    found = reader.branches(0)
    if reader.at < len(text):
        raise Refused(text)
    program = [*found, _State()]
    return Pattern(
        tuple(one.test for one in program),
        tuple(tuple(number + way for way in one.ways) for number, one in enumerate(program)),
        tuple(one.border for one in program),
    )


@dataclass(frozen=True, slots=True)
class _State:
    """ways: by how far they lead on or back."""

    test: _Test | None = None
    ways: tuple[int, ...] = ()
    border: str = ""


_Part = list[_State]


class _Reader:
    """Reads a pattern into parts, each a list of states that ends right behind its last."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def branches(self, depth: int) -> _Part:
        """Everything up to the end or a closing bracket."""
        if depth > 20:
            raise Refused(self.text)
        found = self._branch(depth)
        while self._take("|"):
            other = self._branch(depth)
            found = [_State(ways=(1, len(found) + 2)), *found, _State(ways=(len(other) + 1,)), *other]
        return self._sized(found)

    def _branch(self, depth: int) -> _Part:
        found: _Part = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            found = self._sized(found + self._counted(self._atom(depth)))
        return found

    def _counted(self, part: _Part) -> _Part:
        """The part as often as is said behind it."""
        least, most = self._count()
        if (least, most) == (1, 1):
            return part
        if any(one.border for one in part):
            raise Refused(self.text)
        self._take("?")  # as few as possible: the same texts match
        if len(part) * max(least, most or 0) > MOST_STATES:
            raise Refused(self.text)
        found = part * least
        if most is None:
            return [*found, _State(ways=(1, len(part) + 2)), *part, _State(ways=(-len(part) - 1,))]
        return found + [_State(ways=(1, len(part) + 1)), *part] * (most - least)

    def _count(self) -> tuple[int, int | None]:
        for sign, counts in {"*": (0, None), "+": (1, None), "?": (0, 1)}.items():
            if self._take(sign):
                return counts
        found = _COUNT.match(self.text, self.at)
        if found is None:
            return 1, 1
        self.at = found.end()
        least = int(found[1])
        most = int(found[3]) if found[3] else None if found[2] else least
        if most is not None and most < least:
            raise Refused(self.text)
        return least, most

    def _atom(self, depth: int) -> _Part:
        character = self._next()
        if character == "(":
            if self._take("?") and not self._take(":"):
                raise Refused(self.text)
            found = self.branches(depth + 1)
            if not self._take(")"):
                raise Refused(self.text)
            return found
        if character in "^$":
            return [_State(border=character, ways=(1,))]
        if character in "*+?{}])":
            raise Refused(self.text)
        if character == ".":
            return [_State(lambda c: c not in "\n\r")]
        return [_State(self._set() if character == "[" else self._one(character)[1])]

    def _set(self) -> _Test:
        """A set in square brackets, whose opening one is taken."""
        other, tests = self._take("^"), list[_Test]()
        while not self._take("]"):
            first, test = self._one(self._next())
            if self.text[self.at : self.at + 1] == "-" and self.text[self.at + 1 : self.at + 2] != "]":
                self.at += 1
                last, _ = self._one(self._next())
                if not first or not last or last < first:
                    raise Refused(self.text)
                test = _between(first, last)
            tests.append(test)
        return lambda c: any(test(c) for test in tests) is not other

    def _one(self, character: str) -> tuple[str, _Test]:
        """A character and its test; an escape that stands for several gives no character."""
        if character != "\\":
            return character, _between(character, character)
        escaped = self._next()
        if escaped.lower() in _CLASSES:
            test = _CLASSES[escaped.lower()]
            return "", test if escaped.islower() else lambda c: not test(c)
        if found := _HEX.match(self.text, self.at - 1):
            self.at = found.end()
            escaped = chr(int(found[1] or found[2], 16))
        elif escaped in _CONTROLS:
            escaped = _CONTROLS[escaped]
        elif escaped.isalnum():  # a border of words, a reference back, a class of Unicode: not in this language
            raise Refused(self.text)
        return escaped, _between(escaped, escaped)

    def _next(self) -> str:
        if self.at >= len(self.text):
            raise Refused(self.text)
        self.at += 1
        return self.text[self.at - 1]

    def _take(self, sign: str) -> bool:
        if not self.text.startswith(sign, self.at):
            return False
        self.at += len(sign)
        return True

    def _sized(self, part: _Part) -> _Part:
        if len(part) > MOST_STATES:
            raise Refused(self.text)
        return part


def _between(first: str, last: str) -> _Test:
    return lambda c: first <= c <= last
