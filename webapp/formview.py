"""A form as templates draw it: fields with their names, texts in the reader's language, values, choices and complaints.

Reads `workflows.forms.Form`; what was typed comes as `Posted`, never as a validated answer, so that a wrong value is
shown as it was typed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from webapp.formtexts import accepted, by_law, file_hint, held, one_of, text, unit
from webapp.languages import bilingual, colon, language
from webapp.markdown import blocks
from webapp.posted import Posted, at, from_answer
from webapp.sentences import tell
from webapp.uploads import token
from webapp.widgets import Choice, Complaint, FormView, Row, Upload, Widget
from workflows.errors import Problem
from workflows.forms import Field, Form, Options, read, typed
from workflows.forms.conditions import holds, renamed

MANY = 12
"""Choices from which on a select gets a field that searches in it."""
LINE = 16
"""The parts of a line of a form, as form-js counts them."""


def view(
    form: Form, options: Options, posted: Posted | None = None, problems: Sequence[Problem] = (),
    focus: str | None = None, *, present: Mapping[str, Any] | None = None, reading: bool = False,
) -> FormView:  # fmt: skip
    """Put a form together for drawing.

    posted: what was typed, or None for a form drawn for the first time (then defaults are filled in); problems: what is
    wrong, by place; focus: the name of a fresh row, whose first field gets the focus; present: what the fields hold
    that are only read; reading: whether the whole form is only read.
    """
    builder = _Builder(
        options, posted or Posted(), posted is None, _by_name(problems), from_answer(form, present or {}), reading
    )
    widgets = [builder.widget(item, item.key) for item in form.fields]
    told = _told(form, options, posted or Posted(), present or {}) if reading else None
    drawn = zip(form.fields, widgets, strict=True)
    widgets = [one for item, one in drawn if item.hide is None or not _passed_over(item, one, told)]
    _lay_out(form.fields, widgets)
    _focus(widgets, focus)
    return FormView(widgets, _complaints(widgets, problems))


def asks(form: Form, source: str) -> bool:
    """Whether a field of the form, or a column of one of its lists, is chosen from a source."""
    return any(one.options_from == source for item in form.fields for one in (item, *item.fields))


def _by_name(problems: Sequence[Problem]) -> dict[str, list[Problem]]:
    found: dict[str, list[Problem]] = {}
    for problem in problems:
        found.setdefault(at(problem.place), []).append(problem)
    return found


class _Builder:
    """Builds the widgets of one form."""

    def __init__(
        self, options: Options, posted: Posted, fresh: bool, problems: Mapping[str, list[Problem]], present: Posted,
        reading: bool,
    ) -> None:  # fmt: skip
        self.posted, self.fresh, self.problems, self.present, self.reading = posted, fresh, problems, present, reading
        self._options, self._known = options, dict[str, Sequence[tuple[str, str, str]]]()

    def options(self, name: str) -> Sequence[tuple[str, str, str]]:
        if name not in self._known:
            self._known[name] = self._options(name)
        return self._known[name]

    def widget(self, item: Field, name: str, source: Posted | None = None) -> Widget:
        """One field. source: where the values of the list stand that it is a column of, if that is only read."""
        reading = self.reading or source is not None or not item.writable
        source = source or (self.posted if item.writable else self.present)
        made = Widget(
            name, item.kind, bilingual(item.label, item.label_en), bilingual(item.description, item.description_en),
            required=item.required or int(item.rules.get("minRows", 0)) > 0, subtype=item.subtype, growing=item.growing,
            multiple=item.multiple, limits=dict(item.rules), unit=unit(item.unit), accept=accepted(item.accept),
            reading=reading, prefix=item.prefix, hint=file_hint(item) if item.kind == "filepicker" else "",
            hide=json.dumps(item.hide) if item.hide and not reading else "",
        )  # fmt: skip
        made.errors = [] if reading else [_told_of(made.label, problem) for problem in self.problems.get(name, ())]
        if item.kind in ("text", "html"):
            made.blocks = blocks(made.label)
        values = source.values.get(name)
        if values is None:
            values = self._default(item) if self.fresh and not reading else []
        made.value = values[0] if values else ""
        files = source.files.get(name, ()) if item.kind == "filepicker" else ()
        if item.kind in ("select", "radio", "checklist"):
            made.choices = self._choices(item, values)
            made.searchable = item.kind == "select" and len(made.choices) >= MANY
        elif item.kind == "dynamiclist":
            made.rows = self._read_rows(item, name, source) if reading else self._rows(item, name)
        elif not reading:
            made.uploads = [Upload(token(kept), str(kept["name"]), int(kept["size"])) for kept in files]
        if reading:
            made.text, made.held = text(made, values, files), held(made, values)
        return made

    def _default(self, item: Field) -> list[str]:
        if item.default is None or item.default is False:
            return []
        return [str(v) for v in item.default] if isinstance(item.default, list) else [
            "1" if item.default is True else str(item.default)
        ]  # fmt: skip

    def _choices(self, item: Field, values: Sequence[str]) -> list[Choice]:
        fixed = [(o.value, o.label, o.label_en) for o in item.options]
        offered = [*fixed, *(self.options(item.options_from) if item.options_from else ())]
        if item.options_from == "matters":
            return [by_law(value, bilingual(zh, en), value in values) for value, zh, en in offered]
        return [Choice(value, bilingual(zh, en), value in values) for value, zh, en in offered]

    def _rows(self, item: Field, name: str) -> list[Row]:
        if item.rows_from and item.row_key:
            return self._fixed_rows(item, name, item.rows_from, item.row_key)
        count = self.posted.rows(name)
        if self.fresh and count == 0 and (item.required or int(item.rules.get("minRows", 0)) > 0):
            count = 1  # nobody should have to press a button before typing what is asked for anyway
        return [self._row(item, name, number, None) for number in range(count)]

    def _read_rows(self, item: Field, name: str, source: Posted) -> list[Row]:
        """The rows as they were given, also those that the case would not ask for any more."""
        rows = [self._row(item, name, number, source) for number in range(source.rows(name))]
        if item.rows_from and item.row_key:
            titles = {value: bilingual(zh, en) for value, zh, en in self.options(item.rows_from)}
            for row in rows:
                row.title = titles.get(source.one(f"{row.name}.{item.row_key}"), row.title)
                for cell in row.widgets:
                    cell.hidden = cell.hidden or cell.name == f"{row.name}.{item.row_key}"
        return rows

    def _row(self, item: Field, name: str, number: int, source: Posted | None) -> Row:
        cells = [self.widget(column, f"{name}.{number}.{column.key}", source) for column in item.fields]
        return _made(item, Row(f"{name}.{number}", number, one_of(item, number), cells))

    def _fixed_rows(self, item: Field, name: str, source: str, row_key: str) -> list[Row]:
        """One row for each choice of the source, in its order, whatever order the typed rows came in."""
        typed, held = _row_numbers(self.posted, name, row_key), _row_numbers(self.present, name, row_key)
        rows = []
        for number, (value, zh, en) in enumerate(self.options(source)):
            widgets = []
            for column in item.fields:
                known, of = (typed, None) if column.writable or column.key == row_key else (held, self.present)
                given = f"{name}.{known[value]}" if value in known else f"{name}.none"  # never another row's values
                drawn = self.widget(column, f"{given}.{column.key}", of)
                drawn.name = f"{name}.{number}.{column.key}"
                if column.key == row_key:
                    drawn.hidden, drawn.value = True, value
                widgets.append(drawn)
            rows.append(_made(item, Row(f"{name}.{number}", number, bilingual(zh, en), widgets)))
        return rows


def _made(item: Field, row: Row) -> Row:
    """A row with its cells on their lines, and with conditions that name the cells of this row."""
    columns = {column.key for column in item.fields}
    for column, cell in zip(item.fields, row.widgets, strict=True):
        if cell.hide and column.hide:
            cell.hide = json.dumps(renamed(column.hide, lambda key: f"{row.name}.{key}" if key in columns else key))
    _lay_out(item.fields, row.widgets)
    return row


def _lay_out(fields: Sequence[Field], widgets: Sequence[Widget]) -> None:
    """Give each field its part of its line, if the form says anything of lines."""
    lines = {item.key: item for item in fields if item.row}
    drawn = [(one, lines[key]) for one in widgets if (key := one.name.rpartition(".")[2]) in lines and not one.hidden]
    before = ""
    for one, item in drawn:
        beside = [other for _, other in drawn if other.row == item.row]
        one.span = item.span or LINE // len(beside) or 1
        one.first, before = item.row != before, item.row


def _told(form: Form, options: Options, posted: Posted, present: Mapping[str, Any]) -> dict[str, Any]:
    """The typed values of a form that is only read, for its conditions."""
    return typed(form, {**read(form, posted.values, posted.files), **present}, options)


def _passed_over(item: Field, made: Widget, told: Mapping[str, Any] | None) -> bool:
    """Whether a field that is only read was not asked for. told: the values of a form that is read as a whole."""
    if told is not None:
        return item.hide is not None and holds(item.hide, told)
    return made.reading and not made.text and not made.rows


def _row_numbers(posted: Posted, name: str, row_key: str) -> dict[str, int]:
    """Which row of a list is about what."""
    return {posted.one(f"{name}.{number}.{row_key}"): number for number in range(posted.rows(name))}


def _focus(widgets: Sequence[Widget], row_name: str | None) -> None:
    for widget in widgets:
        widget.focused = widget.kind == "dynamiclist" and widget.name == row_name  # a row was removed
        for row in widget.rows:
            if row.name == row_name and row.widgets:
                row.widgets[0].focused = True


def _told_of(label: str, problem: Problem) -> str:
    """A problem as a sentence that names its field as the page does."""
    named = {**problem.facts, "label": label} if "label" in problem.facts else problem.facts
    return tell(replace(problem, facts=named), language())


def _complaints(widgets: Sequence[Widget], problems: Sequence[Problem]) -> list[Complaint]:
    """Every problem as a line: with its row, its label and a link where its field is drawn, by itself otherwise."""
    drawn: dict[str, tuple[str, Widget]] = {}
    for widget in widgets:
        drawn[widget.name] = "", widget
        for row in widget.rows:
            title = row.title or f"{widget.label} {row.number + 1}"
            drawn.update({column.name: (title, column) for column in row.widgets})
    lines = []
    for problem in problems:
        title, field = drawn.get(at(problem.place), ("", None))
        text = _told_of(field.label if field else str(problem.facts.get("label", "")), problem)
        named = [title] if title not in text else []  # the same field stands in each row
        named += [field.label] if field and field.label not in text else []  # most sentences name it
        lines.append(Complaint(colon().join(filter(None, [" · ".join(named), text])), field.id if field else None))
    return lines
