"""What statutory acts need of the forms of their steps: without such a field nobody could complete the step, and
without such an option a decision that the law leaves open could not be taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from workflows import shipped
from workflows.engine.definition import Definition
from workflows.errors import Problem
from workflows.forms import KINDS, Field, Form

_STEPS = ("userTask", "startEvent")


@cache
def needed() -> Mapping[str, frozenset[str]]:
    """Act → what its command can't do without: fields, and columns of lists as "list.column"."""
    return {act: frozenset(fields) for act, fields in options().items()}


@cache
def options() -> Mapping[str, Mapping[str, frozenset[str]]]:
    """Act → field → the options that it has to offer; none where any will do."""
    said = shipped.read("workflows.diagrams", "actfields.yaml")
    return {act: dict(_field(one) for one in fields) for act, fields in said.items()}


def check(definition: Definition, forms: Mapping[str, Form]) -> Iterator[Problem]:
    """One problem for each field that the act of a step needs and its form does not ask for, and for each field that
    does not offer all options that the act needs.

    forms: those of the package that could be read, by key.
    """
    for element in definition.elements.values():
        form = forms.get(element.form_key or "")
        if element.kind not in _STEPS or form is None:  # one that can't be read is told of elsewhere
            continue
        asked, step = _asked(form), {"step": element.name or element.id, "step_id": element.id}
        for name, wanted in sorted(options().get(element.properties.get("act", ""), {}).items()):
            place = f"forms/{element.form_key}.form#{name}"
            if name not in asked:
                yield Problem("form.field_of_act", place, None, {**step, "field": name})
            elif lost := wanted - _offered(asked[name]):
                facts = {**step, "field": name, "options": "、".join(sorted(lost))}
                yield Problem("form.option_of_act", place, None, facts)


def _field(said: str | Mapping[str, list[str]]) -> tuple[str, frozenset[str]]:
    if isinstance(said, str):
        return said, frozenset()
    ((name, values),) = said.items()
    return name, frozenset(values)


def _offered(item: Field) -> frozenset[str]:
    """The options among which whoever fills in the form may choose."""
    return frozenset(one.value for one in item.options) if item.writable else frozenset()


def _asked(form: Form) -> dict[str, Field]:
    """The fields and columns of a form that are answered, by name."""
    fields = [item for item in form.fields if item.kind in KINDS]
    columns = {f"{item.key}.{column.key}": column
               for item in fields for column in item.fields if column.kind in KINDS}  # fmt: skip
    return {item.key: item for item in fields} | columns
