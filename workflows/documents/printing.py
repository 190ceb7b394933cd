"""From content to PDF: the pure path. Same content and fonts, same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.documents.fonts.faces import Fonts
from workflows.documents.kinds.registry import kind_of
from workflows.documents.layout.paint import Rendered, paint
from workflows.documents.layout.strips import Strip, paginate


def render(type: str, content: Mapping[str, Any], fonts: Fonts, *, mark: str = "") -> Rendered:
    """The finished document.

    type: an id of KINDS; content: its JSON with agency, number and issued_on; mark: what stands above every page of a
    preview, "" on an issued document.
    Raises Invalid: "document.type_unknown", "document.content_invalid" (naming every field), "document.glyph_missing".
    """
    kind = kind_of(type)
    read = kind.read(content)
    strips: list[Strip] = []
    for block in read.blocks():
        block.add_to(strips, fonts)
    frame = read.frame
    title = f"{kind.zh} {frame.number}".strip()
    return paint(
        paginate(strips), fonts, title=title, author=frame.agency, subject=read.subject, on=frame.issued_on, mark=mark
    )
