"""Rendering an official document: done by the worker, outside any lock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.measure import Result, timed
from workflows.documents.fonts.faces import Fonts, fonts_of
from workflows.documents.sheet import plain_sheet

TEXT = "经审查，本案主体合法，事实清楚，证据确凿，适用法律正确，程序合法，裁量适当，同意送审意见。\n" * 20


def run(_folder: Path) -> Iterator[Result]:
    """The fonts once, then a document."""
    yield timed("load the fonts", lambda _number: Fonts(), 1, warm=0)  # kept afterwards
    fonts = fonts_of()
    yield timed("render a document", lambda _number: plain_sheet("法制审核意见书", TEXT, fonts), 20)
