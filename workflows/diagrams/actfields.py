"""What statutory acts need of the forms of their steps: without such a field nobody could complete the step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from workflows import shipped
from workflows.engine.definition import Definition
from workflows.errors import Problem
from workflows.forms import KINDS, Form

_STEPS = ("userTask", "startEvent")


@cache
def needed() -> Mapping[str, frozenset[str]]:
    """Act → what its command can't do without: fields, and columns of lists as "list.column"."""
    said = shipped.read("workflows.diagrams", "actfields.yaml")
    return {act: frozenset(fields) for act, fields in said.items()}


def check(definition: Definition, forms: Mapping[str, Form]) -> Iterator[Problem]:
    """One problem for each field that the act of a step needs and its form does not ask for.

    forms: those of the package that could be read, by key.
    """
    for element in definition.elements.values():
        act = element.properties.get("act", "")
        form = forms.get(element.form_key or "")
        if element.kind in _STEPS and form is not None:  # one that can't be read is told of elsewhere
            asked = _asked(form)
            for name in sorted(needed().get(act, frozenset()) - asked):
                facts = {"step": element.name or element.id, "field": name}
                yield Problem("form.field_of_act", f"forms/{element.form_key}.form#{name}", None, facts)


def _asked(form: Form) -> set[str]:
    """The fields and columns of a form that are answered."""
    fields = [item for item in form.fields if item.kind in KINDS]
    columns = {f"{item.key}.{column.key}" for item in fields for column in item.fields if column.kind in KINDS}
    return {item.key for item in fields} | columns
