"""Whether a package can be read, and says nothing that the program does not know."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from workflows import forms
from workflows.actors import ADMINISTRATORS, ROLES
from workflows.cases.acts import ACTS
from workflows.diagrams import actfields, description, fieldrights, formfit, leftovers, texts
from workflows.engine import unreadable
from workflows.engine.definition import Definition
from workflows.engine.definition import read as read_definition
from workflows.engine.package import Package
from workflows.errors import DiagramRefused, Problem

READ_PAST = frozenset({
    leftovers.UNKNOWN, "process.label_missing", "process.step_without_form", "process.field_unknown",
})  # fmt: skip
"""What is wrong with an entry of `process.yaml` that no other check has to read: they run all the same."""


def check(package: Package, callable_keys: Iterable[str]) -> Definition:
    """Read a package and check what the engine does not know: roles, statutory acts, forms, `process.yaml`.

    Raises DiagramRefused with every problem found.
    """
    definition, problems = read(package, callable_keys)
    if problems:
        raise DiagramRefused("diagram.refused", problems, file=package.key)
    return definition


def read(package: Package, callable_keys: Iterable[str]) -> tuple[Definition, list[Problem]]:
    """The same, with the problems of `READ_PAST`, which are none of reading: they are refused when all checks have run.

    Raises DiagramRefused with every problem found as soon as one is another.
    """
    known = set(callable_keys)
    definition = read_definition(package, callable_keys=known)
    problems: list[Problem] = []
    for element in definition.elements.values():
        place = f"{package.named('.bpmn')[0]}#{element.id}"
        act = element.properties.get("act")
        if act is not None and act not in ACTS:
            problems.append(Problem("diagram.act_unknown", place, element.line, {"act": act}))
    for role in sorted(definition.roles - ROLES.keys()):
        problems.append(Problem("diagram.role_unknown", package.key, None, {"role": role}))
    problems += _for_administrators(definition)
    parsed: dict[str, forms.Form] = {}
    for name in package.named(".form"):
        key = name.removeprefix("forms/").removesuffix(".form")
        try:
            said = schema(package.files[name], name)
            parsed[key] = forms.parse(said, key)
            problems += forms.unhonoured(said.get("components") or [], key)
            problems += formfit.check(parsed[key])
        except DiagramRefused as error:
            problems += error.problems
    problems += _without_vote(package, definition, parsed)
    problems += actfields.check(definition, parsed)
    problems += texts.unfit(package)
    told = description.check(package, definition, known)
    if all(problem.code in READ_PAST for problem in told):
        told += fieldrights.check(package, definition, parsed)
    problems += told
    if any(problem.code not in READ_PAST for problem in problems):
        raise DiagramRefused("diagram.refused", problems, file=package.key)
    return definition, problems


def _for_administrators(definition: Definition) -> Iterator[Problem]:
    """One problem for each administrator's role to which a step is offered: none of them ever gets a step of a case."""
    file = definition.package.named(".bpmn")[0]
    for node in definition.nodes.values():
        for group in node.assignment.groups if node.assignment is not None else ():
            if group.source in ADMINISTRATORS:
                facts = {"roles": [group.source], "label": node.element.name or node.id}
                yield Problem("diagram.role_of_administrator", f"{file}#{node.id}", node.element.line, facts)


def _without_vote(package: Package, definition: Definition, read: Mapping[str, forms.Form]) -> list[Problem]:
    """One problem for each signing round whose form does not ask, as it must, for the vote that its rule counts."""
    file, problems = package.named(".bpmn")[0], []
    for node in definition.nodes.values():
        rule = node.multi.signing if node.multi is not None else None
        if rule is None:
            continue
        form = read.get(node.element.form_key or "")
        if form is None or not any(field.key == rule.vote and field.required for field in form.fields):
            facts = {"vote": rule.vote}
            problems.append(Problem("diagram.vote_not_asked", f"{file}#{node.id}", node.element.line, facts))
    return problems


def schema(data: bytes, name: str) -> dict[str, Any]:
    """The form-js schema in a file. Raises DiagramRefused."""
    said = plain_json(data, name)
    if not isinstance(said, dict) or not isinstance(said.get("components", []), list):
        problem = Problem("form.unreadable", name, facts={"reason": "unreadable.no_form"})
        raise DiagramRefused("form.refused", [problem], form=name)
    return said


def plain_json(data: bytes, name: str) -> Any:
    """What a file of JSON says, form or not. Raises DiagramRefused ("form.unreadable") naming the place."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        facts = unreadable.of_json(error)
        problem = Problem("form.unreadable", name, facts.get("line"), facts)
        raise DiagramRefused("form.refused", [problem], form=name) from error
