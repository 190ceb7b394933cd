"""`fields:` of `process.yaml`: what each step may do with each field of its form, and whether that can work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from workflows.cases.drafts import HELD
from workflows.diagrams import actfields, description, leftovers
from workflows.engine import plain_yaml
from workflows.engine.definition import Definition
from workflows.engine.elements import Element
from workflows.engine.package import Package
from workflows.errors import Problem
from workflows.forms import KINDS, RIGHTS, Field, Form

KEY = "fields"
WRITE, _READ, _HIDE = RIGHTS
_NOTHING: Mapping[str, str] = MappingProxyType({})


def of(package: Package, element_id: str) -> Mapping[str, str]:
    """What a step may do with fields, by "field" or "list.column"; those not named are written."""
    said: Mapping[str, str] = description.read(package).get(KEY, _NOTHING).get(element_id, _NOTHING)
    return said


def check(package: Package, definition: Definition, forms: Mapping[str, Form]) -> list[Problem]:
    """Every right of a step that names what is not there, or that would leave a step nobody can complete.

    forms: those of the package that could be read, by key.
    """
    said = description.read(package).get(KEY, {})
    steps = [(_Step(package, definition, forms, str(id)), rights) for id, rights in said.items()]
    return [problem for step, rights in steps for problem in step.check(rights)]


class _Step:
    """The rights of one step."""

    def __init__(self, package: Package, definition: Definition, forms: Mapping[str, Form], id: str) -> None:
        self.package, self.definition, self.forms, self.id = package, definition, forms, id

    def check(self, rights: Any) -> Iterator[Problem]:
        """Every problem of what is said of the step."""
        element = self.definition.elements.get(self.id)
        if element is None or element.kind not in leftovers.KINDS[KEY]:
            return  # told as a leftover
        if element.form_key is None:
            yield self._problem("process.step_without_form")
        elif not isinstance(rights, dict):
            yield self._problem("process.value_bad", expected="{field: write|read|hide}")
        elif element.form_key in self.forms:  # a form that can't be read is told of elsewhere
            for name, right in rights.items():
                yield from self._field(element, self.forms[element.form_key], str(name), right)

    def _field(self, element: Element, form: Form, name: str, right: Any) -> Iterator[Problem]:
        outer, item = _named(form, name)
        if item is None:
            yield self._problem("process.field_unknown", name, form=form.key)
        elif right not in RIGHTS or (right == _READ and element.kind == "startEvent"):
            yield self._problem("process.value_unknown", name, value=str(right)[:80])
        elif outer is not None and (outer.row_key is None or item.key == outer.row_key):
            yield self._problem("process.column_of_open_list", name, column=item.label)
        elif right != WRITE and self._asked(element, name, item) and not self._given(element, outer or item):
            code = "process.field_of_act" if element.properties.get("act") else "process.field_never_written"
            yield self._problem(code, name, field=item.label)

    @staticmethod
    def _asked(element: Element, name: str, item: Field) -> bool:
        """Whether the form insists on a field, or the law's act can't do without it."""
        return item.required or name in actfields.needed().get(element.properties.get("act", ""), ())

    def _given(self, element: Element, item: Field) -> bool:
        """Whether somebody has given the field when the step is reached, and the step can do with that.

        An act is a person's own: what it needs is typed by that person, but for the texts of a draft that the case
        holds.
        """
        act = element.properties.get("act", "")
        if act and item.key not in HELD.get(act, ()):
            return False
        earlier = _before(self.definition, self.id)
        return any(
            other.form_key == element.form_key and of(self.package, id).get(item.key, WRITE) == WRITE
            for id, other in self.definition.elements.items()
            if id in earlier
        )

    def _problem(self, code: str, name: str = "", **facts: Any) -> Problem:
        keys = (KEY, self.id, name) if name else (KEY, self.id)
        line = plain_yaml.line_of(self.package.files[description.FILE], *keys)
        return Problem(code, f"{description.FILE}#{'.'.join(keys)}", line, facts)


def _named(form: Form, name: str) -> tuple[Field | None, Field | None]:
    """The list and the field that a right names: ("list", "column") or (None, "field"); None for what is not there."""
    key, _, column = name.partition(".")
    item = _asking(form.fields, key)
    return (item, _asking(item.fields, column)) if item is not None and column else (None, item)


def _asking(fields: Sequence[Field], key: str) -> Field | None:
    return next((one for one in fields if one.key == key and one.kind in KINDS), None)


def _before(definition: Definition, id: str) -> set[str]:
    """The elements from which an element can be reached: along flows, out of and into subprocesses, over boundaries."""
    sources: dict[str, set[str]] = {}
    for flow in definition.flows:
        sources.setdefault(flow.target, set()).add(flow.source)
    for node in definition.nodes.values():
        if node.attached_to:
            sources.setdefault(node.id, set()).add(node.attached_to)
        if node.element.scope in definition.nodes:  # what lies within comes after what leads there, and before the rest
            sources.setdefault(node.element.scope, set()).add(node.id)
            sources.setdefault(node.id, set()).add(node.element.scope)
    found: set[str] = set()
    queue = [id]
    while queue:
        for source in sources.get(queue.pop(), set()) - found:
            found.add(source)
            queue.append(source)
    return found - {id}
