"""The texts of a package: whether each can be shown, printed and stored, and nothing is said twice.

Diagrams and tables are XML, whose reader refuses such characters itself, but not those that nobody sees: a name with
one in it reads like another name. JSON and YAML have escapes that write what no file of UTF-8 could hold, and take the
last of two members of one name without a word.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from workflows.engine.package import Package
from workflows.engine.plain_yaml import NO_TEXT, repeated_keys, unfit_texts
from workflows.engine.xml import safe_tree
from workflows.errors import Invalid, Problem
from workflows.forms.characters import hidden


def unfit(package: Package) -> Iterator[Problem]:
    """One problem for each text that can't be used and each key that is said twice.

    Files that can't be read at all are left to the checks that read them.
    """
    for name in (*package.named(".bpmn"), *package.named(".dmn")):
        with suppress(Invalid):
            yield from _of_xml(name, package.files[name])
    for name in package.named(".yaml"):
        with suppress(Invalid):
            yield from _of_yaml(name, package.files[name])
    for name in package.named(".form"):
        with suppress(ValueError, RecursionError):
            yield from _of_form(name, package.files[name])


def _of_xml(name: str, data: bytes) -> Iterator[Problem]:
    for element in safe_tree(data, name).iter():
        if found := hidden(element.get("name", "")):
            place = f"{name}#{NO_TEXT.sub('?', element.get('id', ''))[:80]}"
            line: int | None = getattr(element, "sourceline", None)
            yield Problem("package.text_bad", place, line, {"character": _shown(found)})


def _of_yaml(name: str, data: bytes) -> Iterator[Problem]:
    for character, line in unfit_texts(data):
        yield Problem("package.text_bad", name, line, {"character": _shown(character)})
    for key, line in repeated_keys(data):
        yield Problem("process.key_twice", name, line, {"key": NO_TEXT.sub("?", key)[:80]})


def _of_form(name: str, data: bytes) -> Iterator[Problem]:
    twice: list[str] = []

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [key for key, _ in pairs]
        twice.extend(sorted({key for key in names if names.count(key) > 1}))
        return dict(pairs)

    stack = [("", json.loads(data, object_pairs_hook=members))]
    for key in twice:
        yield Problem("form.member_twice", name, None, {"key": NO_TEXT.sub("?", key)[:80]})
    while stack:
        place, value = stack.pop()
        if isinstance(value, dict):
            here = str(value.get("key") or value.get("path") or value.get("id") or place)
            stack += [(here, one) for pair in value.items() for one in pair]
        elif isinstance(value, list):
            stack += [(place, one) for one in value]
        elif isinstance(value, str) and (found := NO_TEXT.search(value)):
            where = NO_TEXT.sub("?", place)[:80]
            yield Problem("package.text_bad", f"{name}#{where}", None, {"character": _shown(found[0])})


def _shown(character: str) -> str:
    return f"U+{ord(character):04X}"
