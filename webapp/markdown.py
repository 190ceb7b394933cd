"""Explanations in a form: the few marks of Markdown that an explanation needs, as data that a template draws.

Nothing of it is ever HTML: a mark that is not known stays the text it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

_ITEM = re.compile(r"(?:([-*+])|[0-9]{1,3}[.)])\s+(.*)")
_HEADING = re.compile(r"#{1,6}\s+(.*)")
_STRONG = re.compile(r"\*\*([^*]+)\*\*|__([^_]+)__")
LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line."""

    text: str
    strong: bool = False


@dataclass(slots=True)
class Block:
    """A paragraph, a heading, or a list with its items; each item a line of spans."""

    kind: Literal["text", "heading", "points", "numbers"]
    lines: list[Sequence[Span]] = field(default_factory=list)


def blocks(text: str) -> list[Block]:
    """The blocks of a text of up to 20,000 characters, in its order."""
    found: list[Block] = []
    open_ended = False  # whether the next plain line goes on with the last block
    for line in text[:LONGEST].splitlines():
        stripped = line.strip()
        kind, words = _kind(stripped)
        if not stripped:
            open_ended = False
            continue
        if not found or found[-1].kind != kind or kind == "heading" or (kind == "text" and not open_ended):
            found.append(Block(kind))
        found[-1].lines.append(spans(words))
        open_ended = kind == "text"
    return found


def _kind(line: str) -> tuple[Literal["text", "heading", "points", "numbers"], str]:
    if heading := _HEADING.fullmatch(line):
        return "heading", heading[1]
    if item := _ITEM.fullmatch(line):
        return ("points" if item[1] else "numbers"), item[2]
    return "text", line


def spans(line: str) -> list[Span]:
    """A line in pieces, those between two stars or two underlines on each side strong."""
    found, at = [], 0
    for strong in _STRONG.finditer(line):
        if strong.start() > at:
            found.append(Span(line[at : strong.start()]))
        found.append(Span(strong[1] or strong[2], True))
        at = strong.end()
    return [*found, Span(line[at:])] if at < len(line) else found
