"""YAML from strangers: plain data only, read without anchors, tags, or surprises of size and depth.

An alias lets ten lines stand for a billion values, a tag names what is to be constructed, and PyYAML answers an
impossible date or number with errors of Python. A package's `process.yaml` needs none of it.
"""

from __future__ import annotations

from typing import Any

import yaml

from workflows.errors import Invalid

MAX_BYTES = 200_000
MAX_DEPTH = 20
MAX_EVENTS = 20_000
"""Scalars, lists, mappings and their ends together."""


class _Plain(yaml.SafeLoader):
    """Texts, numbers, true and false, nothing, lists, mappings. What looks like a date stays a text."""


_Plain.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def plain(data: bytes) -> Any:
    """The data of a YAML file in UTF-8, one document.

    Raises Invalid("package.yaml", reason) for what is broken, too large or too deep, and for anchors and tags.
    """
    if len(data) > MAX_BYTES:
        raise _refused(f"> {MAX_BYTES} bytes")
    try:
        text = data.decode("utf-8-sig")
        _check(text)
        return _Plain(text).get_single_data()
    except (yaml.YAMLError, ValueError) as error:  # also a number that Python does not read
        raise _refused(" ".join(str(error).split())[:300]) from error


def _check(text: str) -> None:
    """Look at the events, which come one after the other, before anything is built of them, which recurs."""
    depth = 0
    for number, event in enumerate(yaml.parse(text, _Plain)):
        line = event.start_mark.line + 1 if event.start_mark is not None else 0
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _refused(f"& *, line {line}")
        if getattr(event, "tag", None):
            raise _refused(f"!, line {line}")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH or number > MAX_EVENTS:
            raise _refused(f"> {MAX_DEPTH} [, > {MAX_EVENTS}, line {line}")


def _refused(reason: str) -> Invalid:
    return Invalid("package.yaml", reason=reason)
