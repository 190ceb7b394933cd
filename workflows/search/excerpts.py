"""The place in a text where the words of a question stand, cut out so that a line holds it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from workflows.search import words

LENGTH = 120
"""Characters of an excerpt."""
BEFORE = 30
"""Of them, those before the first word."""
_FULL_WIDTH = 0xFEE0
"""From a letter of ASCII to the same one in full width (Unicode, Halfwidth and Fullwidth Forms)."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of an excerpt. hit: whether it is a word of the question."""

    text: str
    hit: bool


def excerpt(text: str, asked: Sequence[str], *, length: int = LENGTH) -> list[Piece]:
    """The stretch of a text around the first of the words; its beginning, where none of them can be shown."""
    pattern = re.compile("|".join(_shape(word) for word in sorted(asked, key=len, reverse=True)), re.IGNORECASE)
    first = pattern.search(text) if asked else None
    start = max(0, first.start() - BEFORE) if first else 0
    if len(text) - start < length:
        start = max(0, len(text) - length)
    shown = text[start : start + length]
    pieces = [Piece("…", False)] if start else []
    end = 0
    for found in pattern.finditer(shown) if asked else ():
        if found.start() > end:
            pieces.append(Piece(shown[end : found.start()], False))
        pieces.append(Piece(found.group(), True))
        end = found.end()
    pieces.append(Piece(shown[end:] + ("…" if start + length < len(text) else ""), False))
    return [piece for piece in pieces if piece.text]


def _shape(word: str) -> str:
    """A folded word as it may stand in a text: other width, a line's end inside, any sign where folding parted it."""
    pieces = word.split(" ")
    shapes = [
        r"\s*".join(_any_width(char) for char in piece) if words.is_han(piece[0])
        else "".join(_any_width(char) for char in piece)
        for piece in pieces
    ]  # fmt: skip
    begins = "" if words.is_han(word[0]) else r"(?<![^\W_\u2e80-\U0003ffff])"
    ends = "" if words.is_han(pieces[-1][0]) or len(pieces[-1]) >= words.BEGINNING else r"(?![^\W_\u2e80-\U0003ffff])"
    return begins + r"[\W_]*".join(shapes) + ends


def _any_width(char: str) -> str:
    wide = {chr(ord(one) + _FULL_WIDTH) for one in (char, char.upper()) if "!" <= one <= "~"}
    return f"[{re.escape(char)}{''.join(sorted(wide))}]" if wide else re.escape(char)
