"""A form as templates draw it: fields with their names, texts in the reader's language, values, choices and complaints.

Reads `workflows.forms.Form`; what was typed comes as `Posted`, never as a validated answer, so that a wrong value is
shown as it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from webapp.languages import bilingual, colon, language
from webapp.posted import Kept, Posted, at
from webapp.sentences import tell
from webapp.uploads import token
from workflows.errors import Problem
from workflows.forms import Field, Form, Options

ONE_OF: dict[str, str] = {
    "Parties": "Party", "Matters": "Matter", "Proposed penalties": "Proposed penalty", "Replies": "Reply",
    "Acts on site": "Act on site", "Payments": "Payment", "Recusals": "Recusal",
    "Penalties as changed": "Penalty as changed", "List of goods": "Item", "Files supplied": "File supplied",
}  # fmt: skip
"""How one row of a list is called in English; lists not named here keep their name."""

UNITS: dict[str, str] = {"元": "yuan", "万元": "10,000 yuan", "日": "days", "天": "days", "页": "pages"}
"""Units behind numbers in English; others are shown as the form has them."""

MANY = 12
"""Choices from which on a select gets a field that searches in it."""

_LAW = re.compile(r"(?P<law>《[^》]+》)(?P<rest>.+)", re.DOTALL)


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
    def has_files(self) -> bool:
        """Whether the form takes files."""
        return any(
            w.kind == "filepicker" or any(c.kind == "filepicker" for r in w.rows for c in r.widgets)
            for w in self.widgets
        )


def view(
    form: Form, options: Options, posted: Posted | None = None, problems: Sequence[Problem] = (),
    focus: str | None = None,
) -> FormView:  # fmt: skip
    """Put a form together for drawing.

    posted: what was typed, or None for a form drawn for the first time (then defaults are filled in); problems: what is
    wrong, by place; focus: the name of a fresh row, whose first field gets the focus.
    """
    builder = _Builder(options, posted or Posted(), posted is None, _by_name(problems))
    widgets = [builder.widget(item, item.key) for item in form.fields]
    _focus(widgets, focus)
    return FormView(widgets, _complaints(widgets, problems))


def asks(form: Form, source: str) -> bool:
    """Whether a field of the form, or a column of one of its lists, is chosen from a source."""
    return any(one.options_from == source for item in form.fields for one in (item, *item.fields))


def _by_law(value: str, label: str, chosen: bool) -> Choice:
    """A matter under its law: 《安全生产法》 › 第九十七条第（七）项 ……."""
    split = _LAW.match(label)
    return Choice(value, split["rest"], chosen, split["law"]) if split else Choice(value, label, chosen)


def _one_of(item: Field, number: int) -> str:
    """The heading of a row of a list that grows: the list's name and the row's number."""
    return f"{bilingual(item.label, ONE_OF.get(item.label_en, item.label_en))} {number + 1}"


def _unit(chinese: str) -> str:
    return bilingual(chinese, UNITS.get(chinese, chinese))


def _by_name(problems: Sequence[Problem]) -> dict[str, list[Problem]]:
    found: dict[str, list[Problem]] = {}
    for problem in problems:
        found.setdefault(at(problem.place), []).append(problem)
    return found


class _Builder:
    """Builds the widgets of one form."""

    def __init__(self, options: Options, posted: Posted, fresh: bool, problems: Mapping[str, list[Problem]]) -> None:
        self.posted, self.fresh, self.problems = posted, fresh, problems
        self._options, self._known = options, dict[str, Sequence[tuple[str, str, str]]]()

    def options(self, name: str) -> Sequence[tuple[str, str, str]]:
        if name not in self._known:
            self._known[name] = self._options(name)
        return self._known[name]

    def widget(self, item: Field, name: str) -> Widget:
        made = Widget(
            name, item.kind, bilingual(item.label, item.label_en), bilingual(item.description, item.description_en),
            required=item.required or int(item.rules.get("minRows", 0)) > 0, subtype=item.subtype, growing=item.growing,
            multiple=item.multiple, limits=dict(item.rules), unit=_unit(item.unit), accept=item.accept,
            errors=[tell(problem, language()) for problem in self.problems.get(name, ())],
        )  # fmt: skip
        values = self.posted.values.get(name)
        if values is None:
            values = self._default(item) if self.fresh else []
        made.value = values[0] if values else ""
        if item.kind in ("select", "radio", "checklist"):
            made.choices = self._choices(item, values)
            made.searchable = item.kind == "select" and len(made.choices) >= MANY
        elif item.kind == "dynamiclist":
            made.rows = self._rows(item, name)
        elif item.kind == "filepicker":
            made.uploads = [Upload(token(kept), str(kept["name"]), int(kept["size"])) for kept in self._kept(name)]
        return made

    def _default(self, item: Field) -> list[str]:
        if item.default is None or item.default is False:
            return []
        return [str(v) for v in item.default] if isinstance(item.default, list) else [
            "1" if item.default is True else str(item.default)
        ]  # fmt: skip

    def _kept(self, name: str) -> Sequence[Kept]:
        return self.posted.files.get(name, ())

    def _choices(self, item: Field, values: Sequence[str]) -> list[Choice]:
        fixed = [(o.value, o.label, o.label_en) for o in item.options]
        offered = [*fixed, *(self.options(item.options_from) if item.options_from else ())]
        if item.options_from == "matters":
            return [_by_law(value, bilingual(zh, en), value in values) for value, zh, en in offered]
        return [Choice(value, bilingual(zh, en), value in values) for value, zh, en in offered]

    def _rows(self, item: Field, name: str) -> list[Row]:
        if item.rows_from and item.row_key:
            return self._fixed_rows(item, name, item.rows_from, item.row_key)
        count = self.posted.rows(name)
        if self.fresh and count == 0 and (item.required or int(item.rules.get("minRows", 0)) > 0):
            count = 1  # nobody should have to press a button before typing what is asked for anyway
        return [
            Row(
                f"{name}.{n}", n, _one_of(item, n),
                [self.widget(column, f"{name}.{n}.{column.key}") for column in item.fields],
            )
            for n in range(count)
        ]

    def _fixed_rows(self, item: Field, name: str, source: str, row_key: str) -> list[Row]:
        """One row for each choice of the source, in its order, whatever order the typed rows came in."""
        typed = {self.posted.one(f"{name}.{n}.{row_key}"): n for n in range(self.posted.rows(name))}
        rows = []
        for number, (value, zh, en) in enumerate(self.options(source)):
            sent = f"{name}.{typed[value]}" if value in typed else f"{name}.none"  # never another row's values
            widgets = []
            for column in item.fields:
                drawn = self.widget(column, f"{sent}.{column.key}")
                drawn.name = f"{name}.{number}.{column.key}"
                if column.key == row_key:
                    drawn.hidden, drawn.value = True, value
                widgets.append(drawn)
            rows.append(Row(f"{name}.{number}", number, bilingual(zh, en), widgets))
        return rows


def _focus(widgets: Sequence[Widget], row_name: str | None) -> None:
    for widget in widgets:
        for row in widget.rows:
            if row.name == row_name and row.widgets:
                row.widgets[0].focused = True


def _complaints(widgets: Sequence[Widget], problems: Sequence[Problem]) -> list[Complaint]:
    """Every problem as a line: with the label and a link where its field is drawn, by itself otherwise."""
    drawn: dict[str, tuple[str, str]] = {}
    for widget in widgets:
        drawn[widget.name] = (widget.label, widget.id)
        for row in widget.rows:
            for column in row.widgets:
                title = row.title or f"{widget.label} {row.number + 1}"
                drawn[column.name] = (f"{title} · {column.label}", column.id)
    lines = []
    for problem in problems:
        label, target = drawn.get(at(problem.place), ("", None))
        text = tell(problem, language())
        told = bool(label) and not any(part in text for part in label.split(" · "))  # most sentences name the field
        lines.append(Complaint(f"{label}{colon()}{text}" if told else text, target))
    return lines
