"""Entries taken out of a YAML file and scalars written anew, by their places in the text: all else stays byte for byte.

An entry of a mapping or an item of a list that stands on lines of its own goes with them, and with the comment behind
it; within a line, with its comma. Comments on lines of their own stay. What comes out is read again: a file that is
written in a way that can't be cut so is refused, never spoilt.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from workflows.engine.plain_yaml import composed, plain, value_of
from workflows.errors import Invalid

Path = tuple[Any, ...]
"""Keys, and numbers of items from 0, from the top of a file to an entry."""
_BREAKS = "\r\n\x85\u2028\u2029"
_LINE_END = re.compile(rf"[ \t]*(?:#[^{_BREAKS}]*)?(?:\r\n|[{_BREAKS}]|\Z)")
_COMMA = re.compile(r"(?:\s|(?<=\s)#[^\n]*)*,[ \t]*")
_DASH = re.compile(r"[ \t]*-[ \t]+\Z")
_COLON = re.compile(r"[ \t]*:")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class _Cut:
    """Characters from start to end that make place for others."""

    start: int
    end: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry of a mapping or an item of a list. start: of its key or value; end: behind its last character."""

    path: Path
    start: int
    end: int
    key: yaml.Node | None
    value: yaml.Node


def edited(data: bytes, gone: Collection[Path], written: Mapping[Path, str]) -> bytes:
    """The file without the entries at `gone`, and with other texts for the keys or scalars at `written`.

    written: the path of a scalar that is an item or a value, or that of an entry with "=" behind it: its key. A
    mapping or list that loses all of its entries stays, empty. Paths that are not there change nothing. Raises
    Invalid as `plain` does, and ("package.yaml_uncut") where the file is written in a way that can't be cut.
    """
    before = plain(data)
    text = data.decode("utf-8-sig")
    cuts = sorted(_cuts(text, _entries(composed(data), ()), set(gone), written), key=lambda cut: cut.start)
    parts, at = [], 0
    for cut in cuts:
        parts += [text[at:max(at, cut.start)], cut.text]
        at = max(at, cut.end)
    after = "".join([*parts, text[at:]]).encode()
    result = _BOM + after if data.startswith(_BOM) else after
    try:
        same = plain(result) == _wanted(before, (), set(gone), written)
    except Invalid:
        same = False
    if not same:
        raise Invalid("package.yaml_uncut")
    return result


def _wanted(value: Any, path: Path, gone: Collection[Path], written: Mapping[Path, str]) -> Any:
    """The same of what the file says."""
    if isinstance(value, dict):
        return {
            written.get((*path, key, "="), key): _wanted(one, (*path, key), gone, written)
            for key, one in value.items() if (*path, key) not in gone
        }  # fmt: skip
    if isinstance(value, list):
        return [_wanted(one, (*path, n), gone, written) for n, one in enumerate(value) if (*path, n) not in gone]
    return written.get(path, value)


def _entries(node: yaml.Node, path: Path) -> list[_Entry]:
    if isinstance(node, yaml.MappingNode):
        return [_Entry((*path, value_of(key)), key.start_mark.index, _end(value, key.end_mark.index), key, value)
                for key, value in node.value]  # fmt: skip
    if isinstance(node, yaml.SequenceNode):
        return [_Entry((*path, number), item.start_mark.index, _end(item, item.start_mark.index), None, item)
                for number, item in enumerate(node.value)]  # fmt: skip
    return []


def _end(node: yaml.Node, least: int) -> int:
    """Where a node ends: a block ends with its last entry, not where the next token begins."""
    if isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
        key, value = node.value[-1]
        return _end(value, key.end_mark.index)
    if isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value:
        return _end(node.value[-1], least)
    return int(max(least, node.end_mark.index))


def _cuts(text: str, entries: Sequence[_Entry], gone: set[Path], written: Mapping[Path, str]) -> Iterator[_Cut]:
    """What is cut below a list of entries, those of one mapping or list."""
    for entry in entries:
        if entry.path in gone:
            continue
        if (key := entry.key) is not None and (*entry.path, "=") in written:
            yield _Cut(key.start_mark.index, key.end_mark.index, _scalar(written[*entry.path, "="]))
        if isinstance(entry.value, yaml.ScalarNode):
            if entry.path in written:
                yield _Cut(entry.start if key is None else entry.value.start_mark.index, entry.end,
                           _scalar(written[entry.path]))  # fmt: skip
            continue
        inner = _entries(entry.value, entry.path)
        doomed = [one for one in inner if one.path in gone]
        if not doomed:
            yield from _cuts(text, inner, gone, written)
        elif isinstance(entry.value, yaml.CollectionNode) and entry.value.flow_style:
            yield from _out_of_flow(text, inner, gone)
            yield from _cuts(text, inner, gone, written)
        else:
            yield from (_whole_lines(text, one) for one in doomed)
            if len(doomed) == len(inner) and key is not None and (colon := _COLON.match(text, key.end_mark.index)):
                empty = " {}" if isinstance(entry.value, yaml.MappingNode) else " []"
                yield _Cut(colon.end(), colon.end(), empty)
            yield from _cuts(text, inner, gone, written)


def _whole_lines(text: str, entry: _Entry) -> _Cut:
    """An entry of a block with its lines; an item with its dash."""
    start = _line_start(text, entry.start)
    if entry.key is None and not _DASH.fullmatch(text, start, entry.start):
        raise Invalid("package.yaml_uncut")
    if entry.key is not None and text[start:entry.start].strip(" \t"):
        raise Invalid("package.yaml_uncut")
    if entry.end > entry.start and text[entry.end - 1] in _BREAKS:  # a text in lines of its own ends with the last one
        return _Cut(start, entry.end)
    rest = _LINE_END.match(text, entry.end)
    if rest is None:
        raise Invalid("package.yaml_uncut")
    return _Cut(start, rest.end())


def _out_of_flow(text: str, entries: Sequence[_Entry], gone: set[Path]) -> Iterator[_Cut]:
    """Entries of one {…} or […], with their lines or their commas."""
    last_kept = max((n for n, one in enumerate(entries) if one.path not in gone), default=-1)
    tail = entries[last_kept + 1:]
    if tail and last_kept >= 0 and not _COMMA.match(text, tail[-1].end):
        between = text[entries[last_kept].end:tail[-1].end]
        if not any(one in between for one in _BREAKS):  # else the comma before them may stay
            yield _Cut(entries[last_kept].end, tail[-1].end)
            entries = entries[:last_kept + 1]
    for entry in entries:
        if entry.path in gone:
            comma = _COMMA.match(text, entry.end)
            yield _own_lines(text, entry, comma) or _Cut(entry.start, comma.end() if comma else entry.end)


def _own_lines(text: str, entry: _Entry, comma: re.Match[str] | None) -> _Cut | None:
    """The lines of an entry that shares them with no other; None where it does."""
    start = _line_start(text, entry.start)
    rest = _LINE_END.match(text, comma.end() if comma else entry.end)
    blank = not text[start:entry.start].strip(" \t")
    straight = comma is None or not any(one in comma[0] for one in _BREAKS)
    return _Cut(start, rest.end()) if rest and blank and straight else None


def _line_start(text: str, at: int) -> int:
    return max(text.rfind(one, 0, at) for one in _BREAKS) + 1


def _scalar(word: str) -> str:
    """A text as YAML writes it: in quotes where it would be read as something else."""
    try:
        bare = plain(f"{{{word}: [{word}]}}".encode()) == {word: [word]}
    except (Invalid, TypeError):
        bare = False
    return word if bare else json.dumps(word, ensure_ascii=False)
