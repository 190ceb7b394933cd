"""What a difference is made of: values, the same for diagrams, forms and tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

ADDED, REMOVED, CHANGED, MOVED = "added", "removed", "changed", "moved"


@dataclass(frozen=True, slots=True)
class PropertyChange:
    """One property before and after, as text; empty where there was or is none. Other elements stand in it by id."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class ElementChange:
    """An element of the diagram. change: ADDED, REMOVED, CHANGED or MOVED (drawn elsewhere, and nothing more).

    kind: its BPMN element ("userTask"); moved: whether it is drawn elsewhere.
    """

    change: str
    id: str
    kind: str
    name: str
    moved: bool = False
    properties: Sequence[PropertyChange] = ()


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field of a form; MOVED where only its place among the others is new. key: of a column "list.column".

    label, label_en: its name in both languages, empty where it has none.
    """

    change: str
    key: str
    label: str
    properties: Sequence[PropertyChange] = ()
    label_en: str = ""


@dataclass(frozen=True, slots=True)
class FormChange:
    """A form. form: the name that steps use."""

    change: str
    form: str
    fields: Sequence[FieldChange] = ()


@dataclass(frozen=True, slots=True)
class CellChange:
    """A cell of a rule before and after; empty where nothing stands or stood in it, as in a column that is new."""

    old: str
    new: str

    @property
    def changed(self) -> bool:
        """Whether it says something else."""
        return self.old != self.new


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule of a decision table; MOVED where only its place among the others is new. cells: one for each column of its
    table, and the words beside it at the end; moved: whether it stands elsewhere.

    Numbers are 1-based, None where there was or is none.
    """

    change: str
    old_number: int | None
    new_number: int | None
    cells: Sequence[CellChange] = ()
    moved: bool = False


@dataclass(frozen=True, slots=True)
class TableChange:
    """A decision. columns: as they are now, then those that are gone; properties: of the table itself."""

    change: str
    id: str
    name: str
    columns: Sequence[str] = ()
    properties: Sequence[PropertyChange] = ()
    rules: Sequence[RuleChange] = ()

    @property
    def annotated(self) -> bool:
        """Whether words stand beside one of its rules."""
        return any(rule.cells[-1] != CellChange("", "") for rule in self.rules if rule.cells)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a text. sign: "+", "-", " " for one that stayed, "…" where lines that stayed are left out."""

    sign: str
    text: str


@dataclass(frozen=True, slots=True)
class FileChange:
    """A text file, line by line. unreadable: it is shown so because one side can't be read as what it should be."""

    change: str
    path: str
    lines: Sequence[Line] = ()
    unreadable: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """Between two packages. rewritten: files whose bytes differ, though nothing that they say does."""

    diagram: Sequence[ElementChange] = ()
    forms: Sequence[FormChange] = ()
    tables: Sequence[TableChange] = ()
    files: Sequence[FileChange] = ()
    rewritten: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.diagram or self.forms or self.tables or self.files or self.rewritten)


def properties(old: dict[str, str], new: dict[str, str]) -> tuple[PropertyChange, ...]:
    """What is not the same in two sets of properties, in the order of the new one, then of the old one."""
    names = dict.fromkeys([*new, *old])
    return tuple(
        PropertyChange(name, old.get(name, ""), new.get(name, ""))
        for name in names if old.get(name, "") != new.get(name, "")
    )  # fmt: skip
