"""YAML from strangers: plain data only, read without anchors, tags, or surprises of size and depth.

An alias lets ten lines stand for a billion values, a tag names what is to be constructed, and PyYAML answers an
impossible date or number with errors of Python. A package's `process.yaml` needs none of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import yaml

from workflows.engine import unreadable
from workflows.errors import Invalid

MAX_BYTES = 200_000
MAX_DEPTH = 20
MAX_EVENTS = 20_000
"""Scalars, lists, mappings and their ends together."""
NO_TEXT = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What is no character of XML 1.0 (section 2.2): controls, halves of characters, U+FFFE and U+FFFF."""


class _Plain(yaml.CSafeLoader):
    """Texts, numbers, true and false, nothing, lists, mappings. What looks like a date stays a text, and so do the key
    `<<`, which would merge another mapping into its own, and the value `=`.
    """


_Plain.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":merge", ":value"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def plain(data: bytes) -> Any:
    """The data of a YAML file in UTF-8, one document.

    Raises Invalid("package.yaml", reason, line, column) for what is broken, too large or too deep, and for anchors and
    tags. reason: the code of a sentence; line and column count from 1 and are left out where they are not known.
    """
    if len(data) > MAX_BYTES:
        raise _refused("large", limit=MAX_BYTES)
    text = ""
    try:
        text = data.decode("utf-8-sig")
        _check(text)
        return _Plain(text).get_single_data()
    except (yaml.YAMLError, ValueError) as error:  # also a number that Python does not read
        raise Invalid("package.yaml", **unreadable.of_yaml(error, text)) from error


def composed(data: bytes) -> yaml.Node:
    """The same as nodes, which know where they stand in the decoded text. data: what `plain` has read."""
    node = yaml.compose(data.decode("utf-8-sig"), _Plain)
    return node if node is not None else yaml.ScalarNode("tag:yaml.org,2002:null", "")


def value_of(node: yaml.Node) -> Any:
    """What a node says, as `plain` reads it."""
    return _Plain("").construct_object(node, deep=True)


def line_of(data: bytes, *keys: str) -> int | None:
    """The line, from 1, on which an entry stands, by the keys and numbers that lead to it; None where there is none.

    data: what `plain` has read without a complaint; a number ("0" for the first) is that of an item of a list.
    """
    return _lines(data).get(keys)


@lru_cache(maxsize=8)
def _lines(data: bytes) -> Mapping[tuple[str, ...], int]:
    """The way to each entry of a file → its line. Read once: a file may be wrong in thousands of places."""
    found: dict[tuple[str, ...], int] = {}
    waiting: list[tuple[tuple[str, ...], yaml.Node | None]] = [((), yaml.compose(data.decode("utf-8-sig"), _Plain))]
    while waiting:
        way, node = waiting.pop()
        pairs: list[tuple[str, yaml.Node, yaml.Node]] = []
        if isinstance(node, yaml.MappingNode):
            pairs = [(name.value, name, value) for name, value in node.value if isinstance(name, yaml.ScalarNode)]
        elif isinstance(node, yaml.SequenceNode):
            pairs = [(str(number), item, item) for number, item in enumerate(node.value)]
        for key, at, value in pairs:
            if (*way, key) not in found:  # of an entry that stands twice, the first
                found[*way, key] = at.start_mark.line + 1
                waiting.append(((*way, key), value))
    return found


def unfit_texts(data: bytes) -> list[tuple[str, int]]:
    """Characters in the texts of such a file that XML would not allow either, each with its 1-based line.

    An escape writes what no UTF-8 file could hold: half a character, or one that ends a text in C. Raises as `plain`.
    """
    plain(data)
    events = yaml.parse(data.decode("utf-8-sig"), _Plain)
    scalars = (event for event in events if isinstance(event, yaml.ScalarEvent))
    return [(found[0], _line(event)) for event in scalars if (found := NO_TEXT.search(event.value))]


def repeated_keys(data: bytes) -> list[tuple[str, int]]:
    """Keys that a mapping of such a file says more than once, each with its 1-based line; the last one would win.

    Raises as `plain`.
    """
    plain(data)
    loader = _Plain(data.decode("utf-8-sig"))
    found, nodes = [], [loader.get_single_node()]
    while nodes:
        node = nodes.pop()
        if isinstance(node, yaml.MappingNode):
            seen = set()
            for key, value in node.value:
                said = repr(loader.construct_object(key, deep=True))
                if said in seen:
                    found.append((str(getattr(key, "value", said)), key.start_mark.line + 1))
                seen.add(said)
                nodes += [key, value]
        elif isinstance(node, yaml.SequenceNode):
            nodes += node.value
    return sorted(found, key=lambda one: one[1])


def _check(text: str) -> None:
    """Look at the events, which come one after the other, before anything is built of them, which recurs."""
    depth = 0
    for number, event in enumerate(yaml.parse(text, _Plain)):
        line, column = _line(event), event.start_mark.column + 1 if event.start_mark is not None else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _refused("anchor", line=line, column=column)
        if getattr(event, "tag", None):
            raise _refused("tag", line=line, column=column)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH or number > MAX_EVENTS:
            raise _refused("deep", line=line, column=column, depth=MAX_DEPTH, values=MAX_EVENTS)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark is not None else 0


def _refused(kind: str, **facts: Any) -> Invalid:
    return Invalid("package.yaml", reason=f"unreadable.yaml_{kind}", **facts)
