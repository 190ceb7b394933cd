"""Why a text is no XML, YAML or JSON, in words of our own: where the reading stopped, and the code of a sentence.

The parsers' own messages are English and speak to programmers. Each kind that people come upon has a sentence here
(`unreadable.*` in workflows/sentences.yaml); what is left is told by its place alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import yaml
from lxml import etree

_SHOWN = 60
_E = etree.ErrorTypes
_XML: Mapping[int, str] = {
    _E.ERR_TAG_NAME_MISMATCH: "mismatch",
    _E.ERR_TAG_NOT_FINISHED: "unclosed",
    _E.ERR_GT_REQUIRED: "tag_open",
    _E.ERR_ATTRIBUTE_REDEFINED: "attribute_twice",
    _E.NS_ERR_ATTRIBUTE_REDEFINED: "attribute_twice",
    _E.NS_ERR_UNDEFINED_NAMESPACE: "prefix",
    _E.ERR_UNDECLARED_ENTITY: "entity",
    _E.ERR_ENTITYREF_SEMICOL_MISSING: "ampersand",
    _E.ERR_NAME_REQUIRED: "sign",
    _E.ERR_LT_IN_ATTRIBUTE: "sign",
    _E.ERR_INVALID_CHAR: "character",
    _E.ERR_INVALID_CHARREF: "character",
    _E.ERR_DOCUMENT_EMPTY: "no_element",
    _E.ERR_DOCUMENT_END: "behind",
    _E.ERR_ATTRIBUTE_NOT_STARTED: "quotes",
    _E.ERR_ATTRIBUTE_NOT_FINISHED: "quotes_open",
    _E.ERR_ATTRIBUTE_WITHOUT_VALUE: "no_value",
    _E.ERR_SPACE_REQUIRED: "space",
    _E.ERR_CDATA_NOT_FINISHED: "comment_open",
    _E.ERR_COMMENT_NOT_FINISHED: "comment_open",
    _E.ERR_HYPHEN_IN_COMMENT: "comment_hyphens",
    _E.ERR_RESOURCE_LIMIT: "too_deep",
}
"""libxml2's kinds of errors (xmlerror.h) → the end of the code."""
_NAMED = {
    "mismatch": re.compile(r"mismatch: (?P<open>\S+) line (?P<begun>\d+) and (?P<close>[^\s,]+)"),
    "unclosed": re.compile(r"in tag (?P<open>\S+) line (?P<begun>\d+)"),
    "prefix": re.compile(r"prefix (?P<prefix>\S+) "),
    "attribute_twice": re.compile(r"Attribute (?P<name>\S+) "),
    "entity": re.compile(r"Entity '(?P<name>[^']+)'"),
}
"""Names out of the file that libxml2 puts into its message."""
_YAML: tuple[tuple[str, str], ...] = (
    ("mapping values are not allowed", "colon"),
    ("could not find expected ':'", "no_colon"),
    ("did not find expected ',' or", "bracket"),
    ("did not find expected key", "indent"),
    ("did not find expected '-'", "dash"),
    ("cannot start any token", "start"),
    ("violates indentation", "tab"),
    ("unexpected end of stream", "quotes_open"),
    ("escape", "escape"),
    ("unhashable key", "key"),
    ("another document", "two"),
    ("expected node content", "content"),
)
_JSON: tuple[tuple[str, str], ...] = (
    ("Expecting value", "value"),
    ("Expecting property name", "name"),
    ("Expecting ':'", "no_colon"),
    ("Expecting ','", "no_comma"),
    ("Illegal trailing comma", "name"),
    ("Unterminated string", "quotes_open"),
    ("Invalid control character", "line_break"),
    ("escape", "escape"),
    ("Extra data", "behind"),
)
"""A piece of the parser's message → the end of the code."""
_CONTROLS = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no YAML stream holds (YAML 1.1, 5.1)."""


def of_xml(error: etree.XMLSyntaxError, offset: int = 0) -> dict[str, Any]:
    """Line, column, reason, and the names that its sentence tells. offset: lines before those that were parsed."""
    line, column = error.position
    kind = _XML.get(getattr(error, "code", 0), "xml")
    facts: dict[str, Any] = {"line": line + offset, "column": max(column, 1), "reason": f"unreadable.{kind}"}
    named = _NAMED[kind].search(str(error.msg)) if kind in _NAMED else None
    if named is not None:
        facts |= {name: value[:_SHOWN] for name, value in named.groupdict().items()}
        if "begun" in facts:
            facts["begun"] = int(facts["begun"]) + offset
    elif kind in _NAMED:
        facts["reason"] = "unreadable.xml"
    return facts


def of_yaml(error: yaml.YAMLError | ValueError, text: str) -> dict[str, Any]:
    """Line, column and reason, as far as they are known."""
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        problem = str(getattr(error, "problem", ""))
        kind = next((kind for piece, kind in _YAML if piece in problem), "")
        if kind == "start" and _at_tab(text, mark):
            kind = "tab"
        return {"line": mark.line + 1, "column": mark.column + 1, "reason": f"unreadable.yaml{kind and '_' + kind}"}
    if isinstance(error, yaml.reader.ReaderError) and (found := _CONTROLS.search(text)):
        return {**_place(text, found.start()), "reason": "unreadable.character"}
    if isinstance(error, UnicodeDecodeError):
        before = error.object[: error.start].decode("utf-8", "replace")
        return {**_place(before, len(before)), "reason": "unreadable.encoding"}
    return {"reason": "unreadable.yaml_number" if isinstance(error, ValueError) else "unreadable.yaml_nowhere"}


def of_json(error: ValueError | RecursionError) -> dict[str, Any]:
    """Line, column and reason, as far as they are known."""
    if isinstance(error, json.JSONDecodeError):
        kind = next((kind for piece, kind in _JSON if piece in error.msg), "")
        return {"line": error.lineno, "column": error.colno, "reason": f"unreadable.json{kind and '_' + kind}"}
    if isinstance(error, UnicodeDecodeError):
        before = error.object[: error.start].decode("utf-8", "replace")
        return {**_place(before, len(before)), "reason": "unreadable.encoding"}
    return {"reason": "unreadable.too_deep" if isinstance(error, RecursionError) else "unreadable.json_number"}


def _at_tab(text: str, mark: yaml.Mark) -> bool:
    """Whether the reading stopped at a tab in the indentation of a line."""
    line = [*text.split("\n"), ""][mark.line]
    return "\t" in line[: len(line) - len(line.lstrip())] and not line[: mark.column].strip()


def _place(text: str, at: int) -> dict[str, int]:
    return {"line": text.count("\n", 0, at) + 1, "column": at - text.rfind("\n", 0, at)}
