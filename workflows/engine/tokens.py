"""The words of an expression: one scanner for the `${…}` language and for FEEL.

Everything that is not listed here is refused with its place. Letters that only look like operators (＞, “, ０) are
refused too: nothing is normalised, so what a reader sees is what is evaluated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from workflows.errors import Invalid

MAX_LENGTH = 1_000
"""Characters of one expression."""
MAX_DEPTH = 30
"""How deep brackets, choices and signs may nest."""
MAX_DIGITS = 28
"""Digits of a number that is written down; no amount of money needs more."""

_SPACE = re.compile(r"[ \t\r\n]+")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?(?![0-9_]|[^\W\d])")
_NAME = re.compile(r"[^\W\d]\w*")
_SIGNS = ("==", "!=", "<=", ">=", "&&", "||", "..", *"<>=!?:.,()[]+-*/%@")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"', "/": "/"}


@dataclass(frozen=True, slots=True)
class Token:
    """One word: kind is "number", "string", "name", "sign" or "end"; `start` its 0-based offset in the source."""

    kind: str
    text: str
    value: str | int | Decimal | None
    start: int


def scan(source: str, start: int = 0, closing: str = "") -> tuple[list[Token], int]:
    """The tokens of `source` from `start` to its end, or to the `closing` character, and the offset behind them.

    Raises Invalid with a code "expression.…" when a character, a number or a string can't be read, when `closing` is
    missing, or when the text is longer than MAX_LENGTH.
    """
    if len(source) > MAX_LENGTH:
        raise refused("expression.too_long", source[:80] + "…", MAX_LENGTH, limit=MAX_LENGTH)
    tokens: list[Token] = []
    at = start
    while at < len(source):
        if space := _SPACE.match(source, at):
            at = space.end()
        elif closing and source[at] == closing:
            return [*tokens, Token("end", closing, None, at)], at + 1
        else:
            token, at = _next(source, at)
            tokens.append(token)
    if closing:
        raise refused("expression.unclosed", source, start, expected=closing)
    return [*tokens, Token("end", "", None, at)], at


def refused(code: str, source: str, at: int, **facts: Any) -> Invalid:
    """The error of an expression that can't be read. `at` is the 0-based offset; people count from 1."""
    return Invalid(code, source=source, position=at + 1, **facts)


def _next(source: str, at: int) -> tuple[Token, int]:
    character = source[at]
    if character in "'\"":
        return _string(source, at)
    if number := _NUMBER.match(source, at):
        text = number[0]
        if len(text) > MAX_DIGITS:
            raise refused("expression.number", source, at, found=text[:40], limit=MAX_DIGITS)
        return Token("number", text, Decimal(text) if "." in text else int(text), at), number.end()
    if name := _NAME.match(source, at):
        text = name[0]
        # Names of Python's machinery mean nothing here; refusing them makes a mistake of ours harmless.
        if text.startswith("__") or not text.isidentifier():
            raise refused("expression.name", source, at, found=text)
        return Token("name", text, None, at), name.end()
    for sign in _SIGNS:
        if source.startswith(sign, at):
            return Token("sign", sign, None, at), at + len(sign)
    raise refused("expression.character", source, at, found=character)


def _string(source: str, start: int) -> tuple[Token, int]:
    quote, at = source[start], start + 1
    parts: list[str] = []
    while at < len(source):
        character = source[at]
        if character == quote:
            return Token("string", source[start : at + 1], "".join(parts), start), at + 1
        if character == "\\":
            character, at = _escape(source, at)
        elif character < " ":
            raise refused("expression.character", source, at, found=repr(character)[1:-1])
        else:
            at += 1
        parts.append(character)
    raise refused("expression.unclosed", source, start, expected=quote)


def _escape(source: str, at: int) -> tuple[str, int]:
    following = source[at + 1 : at + 2]
    if following in _ESCAPES and following:
        return _ESCAPES[following], at + 2
    digits = source[at + 2 : at + 6]
    if following == "u" and re.fullmatch(r"[0-9A-Fa-f]{4}", digits) and not 0xD800 <= int(digits, 16) <= 0xDFFF:
        return chr(int(digits, 16)), at + 6
    raise refused("expression.escape", source, at, found=source[at : at + 2])


class Cursor:
    """Where a parser stands in its tokens, and how deep it is."""

    def __init__(self, source: str, tokens: list[Token]) -> None:
        self.source = source
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    @property
    def here(self) -> Token:
        """The token that is to be read next."""
        return self._tokens[self._at]

    def sees(self, *texts: str) -> bool:
        """Whether the next token is one of these signs or words (never a string that looks like one)."""
        return self.here.kind in ("sign", "name") and self.here.text in texts

    def sees_after(self, ahead: int, text: str) -> bool:
        """Whether the token `ahead` places further on is this sign."""
        token = self._tokens[min(self._at + ahead, len(self._tokens) - 1)]
        return token.kind == "sign" and token.text == text

    def names_after(self, ahead: int, text: str) -> bool:
        """Whether the token `ahead` places further on is this word."""
        token = self._tokens[min(self._at + ahead, len(self._tokens) - 1)]
        return token.kind == "name" and token.text == text

    def ends_after(self, ahead: int) -> bool:
        """Whether nothing follows the next `ahead` tokens."""
        return self._at + ahead >= len(self._tokens) - 1

    def take(self) -> Token:
        """The next token; the cursor moves behind it."""
        token = self.here
        if token.kind != "end":
            self._at += 1
        return token

    def accept(self, *texts: str) -> Token | None:
        """Take the next token if it is one of these signs or words."""
        return self.take() if self.sees(*texts) else None

    def expect(self, text: str) -> Token:
        """Take this sign or word. Raises Invalid when something else stands there."""
        if not self.sees(text):
            raise self.unexpected(text)
        return self.take()

    def finish(self) -> None:
        """Raises Invalid unless everything has been read."""
        if self.here.kind != "end":
            raise self.unexpected("")

    def unexpected(self, expected: str) -> Invalid:
        """The error for a token that does not belong here."""
        if self.here.kind == "end":
            return self.error("expression.ends_early", expected=expected)
        return self.error("expression.unexpected", found=self.here.text, expected=expected)

    def error(self, code: str, token: Token | None = None, **facts: Any) -> Invalid:
        """An error at `token`, or at the next one."""
        return refused(code, self.source, (token or self.here).start, **facts)

    def enter(self) -> None:
        """One level deeper. Raises Invalid beyond MAX_DEPTH, long before Python's own stack ends."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self.error("expression.too_deep", limit=MAX_DEPTH)

    def leave(self) -> None:
        """One level up again."""
        self._depth -= 1
