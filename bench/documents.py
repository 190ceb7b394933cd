"""Rendering an official document: done by the worker, outside any lock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.measure import Effort, Measure, timed
from workflows.documents.fonts.faces import Fonts, fonts_of
from workflows.documents.sheet import plain_sheet

TEXT = "经审查，本案主体合法，事实清楚，证据确凿，适用法律正确，程序合法，裁量适当，同意送审意见。\n" * 20


def run(_folder: Path, effort: Effort) -> Iterator[Measure]:
    """The fonts once, then a document."""
    yield timed("fonts", lambda _number: Fonts(), 1, "loading the fonts, once a process", warm=0)  # kept afterwards
    fonts = fonts_of()

    def render(_number: int) -> object:
        return plain_sheet("法制审核意见书", TEXT, fonts)

    yield timed("document", render, min(20, effort.times), "rendering an official document to PDF")
