"""XML from strangers: read without entities, document types, network, or surprises of size and encoding.

The limits follow from what a diagram needs: the largest diagrams people draw have some hundred elements.
Sources: OWASP ASVS 5.0, 1.5.1 (XML parsers), libxml2's own limits stay on (`huge_tree=False`).
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from workflows.engine import unreadable
from workflows.errors import DiagramRefused, Problem

MAX_BYTES = 1_000_000
MAX_ELEMENTS = 5_000
MAX_DEPTH = 50
MAX_ATTRIBUTES = 60

_DECLARED_ENCODING = re.compile(rb"""\A<\?xml[^>]*?\bencoding\s*=\s*["']([^"']*)["']""")
_FORBIDDEN = re.compile(rb"<!\s*(DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)", re.IGNORECASE)


def safe_tree(data: bytes, file: str = "") -> etree._ElementTree:
    """Parse UTF-8 XML. `file` is named in what is refused.

    Raises DiagramRefused with one problem ("xml.too_large", "xml.encoding", "xml.doctype", "xml.malformed",
    "xml.instruction", "xml.too_many_elements", "xml.too_deep", "xml.too_many_attributes").
    """
    if len(data) > MAX_BYTES:
        raise _refused("xml.too_large", file, None, limit=MAX_BYTES)
    marked = data.removeprefix(b"\xef\xbb\xbf")
    text = marked.lstrip(b" \t\r\n")
    _check_bytes(text, file)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, recover=False,
        remove_comments=True, encoding="utf-8",
    )
    try:
        root = etree.fromstring(text, parser)
    except etree.XMLSyntaxError as error:
        offset = marked.count(b"\n", 0, len(marked) - len(text))
        facts = unreadable.of_xml(error, offset)
        raise _refused("xml.malformed", file, facts.pop("line"), **facts) from error
    tree = root.getroottree()
    if tree.docinfo.internalDTD is not None or tree.docinfo.externalDTD is not None:
        raise _refused("xml.doctype", file, 1)
    _check_tree(root, file)
    return tree


def _check_bytes(text: bytes, file: str) -> None:
    """Only plain UTF-8 comes near the parser: no UTF-16, UTF-7 or EBCDIC that could hide a DOCTYPE, no gzip."""
    if b"\0" in text:
        raise _refused("xml.encoding", file, 1)
    declared = _DECLARED_ENCODING.match(text)
    if declared and declared[1].lower() not in (b"utf-8", b"utf8", b"us-ascii"):
        raise _refused("xml.encoding", file, 1)
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _refused("xml.encoding", file, text.count(b"\n", 0, error.start) + 1) from error
    if not text.startswith(b"<"):
        raise _refused("xml.malformed", file, 1, column=1, reason="unreadable.no_element")
    if found := _FORBIDDEN.search(text):
        raise _refused("xml.doctype", file, text.count(b"\n", 0, found.start()) + 1)


def _check_tree(root: etree._Element, file: str) -> None:
    count, stack = 0, [(root, 1)]
    while stack:
        element, depth = stack.pop()
        count += 1
        if not isinstance(element.tag, str):
            raise _refused("xml.instruction", file, line_of(element))
        if depth > MAX_DEPTH:
            raise _refused("xml.too_deep", file, line_of(element), limit=MAX_DEPTH)
        if len(element.attrib) > MAX_ATTRIBUTES:
            raise _refused("xml.too_many_attributes", file, line_of(element), limit=MAX_ATTRIBUTES)
        for child in element:  # a hundred thousand children are not even looked at
            stack.append((child, depth + 1))
            if count + len(stack) > MAX_ELEMENTS:
                raise _refused("xml.too_many_elements", file, line_of(child), limit=MAX_ELEMENTS)
    # Instructions before and after the root are siblings of it, not children.
    for beside in (*root.itersiblings(preceding=True), *root.itersiblings()):
        raise _refused("xml.instruction", file, line_of(beside))


def line_of(element: Any) -> int:
    """The 1-based line in the file at which an element's start tag ends."""
    return int(element.sourceline or 0)


def stray_text(element: etree._Element) -> tuple[str, int] | None:
    """What stands beside the elements inside of one that should hold no text, its beginning and line; None if nothing.

    The line is that on which the text itself begins.
    """
    before = [(element, element.text), *((child, child.tail) for child in element)]
    for at, said in before:
        if said and said.strip():
            # Within the parent the last line of a child is not known; it is that of the last element in it, or later.
            last = at if at is element else list(at.iter())[-1]
            return said.strip()[:40], line_of(last) + said[: len(said) - len(said.lstrip())].count("\n")
    return None


def _refused(code: str, file: str, line: int | None, **facts: object) -> DiagramRefused:
    return DiagramRefused("diagram.refused", [Problem(code, file, line, facts)], file=file)
