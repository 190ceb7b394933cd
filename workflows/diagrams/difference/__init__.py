"""The difference of two packages, as data for a page: the diagram by elements, forms by fields, tables by rules, texts
by lines.

Pure functions of bytes. A file that can't be read as what it should be is compared line by line, so that a broken draft
has a difference too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher

from workflows.diagrams.difference import drawn, forms, tables
from workflows.diagrams.difference.changes import (
    ADDED,
    CHANGED,
    MOVED,
    REMOVED,
    CellChange,
    Difference,
    ElementChange,
    FieldChange,
    FileChange,
    FormChange,
    Line,
    PropertyChange,
    RuleChange,
    TableChange,
)
from workflows.errors import DiagramRefused

__all__ = [
    "ADDED", "CHANGED", "MOVED", "REMOVED", "CellChange", "Difference", "ElementChange", "FieldChange", "FileChange",
    "FormChange", "Line", "PropertyChange", "RuleChange", "TableChange", "compare",
]  # fmt: skip

AROUND = 2
"""Lines that stayed, before and after those that changed."""
LONGEST = 3_000
"""Lines of a text that are compared; of a longer one, those that differ first and last frame what is told."""


def compare(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> Difference:
    """What is different in the files of two packages; what is byte for byte the same is not looked at."""
    diagram: list[ElementChange] = []
    told_forms: list[FormChange] = []
    told_tables: list[TableChange] = []
    files: list[FileChange] = []
    rewritten: list[str] = []
    told: Sequence[object]
    for path, before, after in _pairs(old, new):
        try:
            if path.endswith(".bpmn"):
                told = diagram = drawn.compare(before, after)
            elif path.endswith(".form"):
                form = _form(path, before, after)
                told = changed = [form] if form.fields or form.change != CHANGED else []
                told_forms += changed
            elif path.endswith(".dmn"):
                told = tables.compare(before, after)
                told_tables += told
            else:
                raise ValueError("a text")
        except (DiagramRefused, ValueError):
            unreadable = not path.endswith(".yaml")
            files.append(_file(path, before, after, unreadable=unreadable))
            continue
        if not told:
            rewritten.append(path)
    return Difference(diagram, told_forms, told_tables, files, rewritten)


def _pairs(
    old: Mapping[str, bytes], new: Mapping[str, bytes]
) -> Iterator[tuple[str, bytes | None, bytes | None]]:
    """Path, content before and after of each file that is not the same.

    A diagram that got another file name is still the diagram: of those there is one in a package.
    """
    drawn_before, drawn_after = ([one for one in files if one.endswith(".bpmn")] for files in (old, new))
    single = len(drawn_before) == len(drawn_after) == 1
    if single and old[drawn_before[0]] != new[drawn_after[0]]:
        yield drawn_after[0], old[drawn_before[0]], new[drawn_after[0]]
    for path in sorted({*old, *new}):
        if not (single and path.endswith(".bpmn")) and old.get(path) != new.get(path):
            yield path, old.get(path), new.get(path)


def _form(path: str, old: bytes | None, new: bytes | None) -> FormChange:
    name = path.removeprefix("forms/").removesuffix(".form")
    if new is None:
        return FormChange(REMOVED, name)
    if old is None:
        return FormChange(ADDED, name, forms.fields(new))
    return FormChange(CHANGED, name, forms.compare(old, new))


def _file(path: str, old: bytes | None, new: bytes | None, *, unreadable: bool = False) -> FileChange:
    change = ADDED if old is None else REMOVED if new is None else CHANGED
    return FileChange(change, path, _lines(_text(old), _text(new)), unreadable)


def _text(data: bytes | None) -> list[str]:
    return (data or b"").decode("utf-8", "replace").splitlines()


def _lines(old: list[str], new: list[str]) -> list[Line]:
    """The lines that differ with some that stand around them."""
    found: list[Line] = []
    left_out = False
    steps = SequenceMatcher(None, old[:LONGEST], new[:LONGEST], autojunk=False).get_grouped_opcodes(AROUND)
    for group in steps:
        if found or group[0][1] > 0:
            found.append(Line("…", ""))
        for step, old_from, old_to, new_from, new_to in group:
            if step == "equal":
                found += [Line(" ", text) for text in new[new_from:new_to]]
                continue
            found += [Line("-", text) for text in old[old_from:old_to]]
            found += [Line("+", text) for text in new[new_from:new_to]]
        left_out = group[-1][2] < len(old) or group[-1][4] < len(new)
    return [*found, Line("…", "")] if left_out else found
