"""What a form is made of when a template draws it: plain values, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from webapp.markdown import Block
from workflows.forms import ROW_LIMIT, TEXT_LIMIT


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of a select, a radio group or a checklist."""

    value: str
    label: str
    chosen: bool
    group: str = ""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that is already in the content store and goes with the form."""

    token: str
    name: str
    size: int


TABLE_COLUMNS = 5
_TEXTS = frozenset({"textfield", "textarea"})
_ONE_LINE = frozenset({"textfield", "number", "select", "datetime", "checkbox"})


@dataclass(slots=True)
class Row:
    """One row of a list."""

    name: str
    number: int
    title: str
    widgets: list[Widget]

    @property
    def judged(self) -> Widget | None:
        """The field that says what the row comes to, in a row that judges one point: its first radio group."""
        return next((one for one in self.widgets if one.kind == "radio"), None)

    @property
    def details(self) -> list[Widget]:
        """The other fields of a row that judges one point: asked where something is wrong with it."""
        return [one for one in self.widgets if one is not self.judged and not one.hidden]

    @property
    def unfolded(self) -> bool:
        """Whether the details are in sight: not simply passed, or they say something, or an error stands at them."""
        judged = self.judged
        told = judged is not None and judged.value not in (None, "", "pass", "na")
        return told or any(one.value or one.errors for one in self.details)


@dataclass(slots=True)
class Widget:
    """One thing on the form. `name` is the posted name, `id` its id on the page."""

    name: str
    kind: str
    label: str
    description: str = ""
    required: bool = False
    subtype: str | None = None
    value: str = ""
    choices: list[Choice] = field(default_factory=list)
    searchable: bool = False
    rows: list[Row] = field(default_factory=list)
    growing: bool = True
    uploads: list[Upload] = field(default_factory=list)
    multiple: bool = False
    limits: dict[str, Any] = field(default_factory=dict)
    unit: str = ""
    accept: str = ""
    errors: list[str] = field(default_factory=list)
    focused: bool = False
    hidden: bool = False
    reading: bool = False  # only to be read: `text` instead of a control
    text: str = ""
    held: str = ""  # what a field holds that is only read, as JSON, for conditions of others
    hide: str = ""  # the condition on which it is not asked for, as JSON
    prefix: str = ""
    hint: str = ""  # what a file field takes
    blocks: list[Block] = field(default_factory=list)  # of an explanation
    span: int = 0  # how much of its line it takes, of 16; 0 where the form says nothing of lines
    first: bool = False  # whether it begins a line

    @property
    def full(self) -> bool:
        """Whether a list takes no more rows."""
        return len(self.rows) >= min(int(self.limits.get("maxRows", ROW_LIMIT)), ROW_LIMIT)

    @property
    def longest(self) -> int:
        """Characters that a field for text takes; 0 for other fields."""
        return min(int(self.limits.get("maxLength", TEXT_LIMIT)), TEXT_LIMIT) if self.kind in _TEXTS else 0

    @property
    def tabular(self) -> bool:
        """Whether a list that grows is drawn as a table: few columns, each one line high."""
        columns = self.columns
        narrow = len(columns) <= TABLE_COLUMNS and all(one.kind in _ONE_LINE and not one.hide for one in columns)
        return self.growing and narrow and bool(columns)

    @property
    def columns(self) -> list[Widget]:
        """The fields of a list, of its first row."""
        return [one for one in self.rows[0].widgets if not one.hidden] if self.rows else []

    @property
    def id(self) -> str:
        """The element's id."""
        return "f-" + self.name.replace(".", "-")

    @property
    def groups(self) -> list[tuple[str, list[Choice]]]:
        """The choices by group, groups in the order of their first choice; those without a group under ""."""
        found: dict[str, list[Choice]] = {}
        for choice in self.choices:
            found.setdefault(choice.group, []).append(choice)
        return list(found.items())

    @property
    def described_by(self) -> str:
        """Ids of the texts that explain the field, for aria-describedby."""
        parts = [f"{self.id}-help"] if self.description else []
        parts += [f"{self.id}-hint"] if self.hint else []
        return " ".join([*parts, f"{self.id}-error"] if self.errors else parts)


@dataclass(slots=True)
class Complaint:
    """A line of the summary above the form; `target` is the id of the field it links to, if there is one."""

    text: str
    target: str | None


@dataclass(slots=True)
class FormView:
    """A whole form."""

    widgets: list[Widget]
    complaints: list[Complaint]

    @property
    def laid(self) -> bool:
        """Whether the form says which fields stand on a line together."""
        return any(w.span for w in self.widgets)

    @property
    def has_files(self) -> bool:
        """Whether the form takes files."""
        return any(
            w.kind == "filepicker" or any(c.kind == "filepicker" for r in w.rows for c in r.widgets)
            for w in self.widgets
        )
