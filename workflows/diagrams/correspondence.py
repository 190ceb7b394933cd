"""Which step of a new version stands for one of an old version where the ids differ, for whoever plans a move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workflows.engine.definition import Definition
from workflows.engine.elements import Element
from workflows.errors import Invalid, Problem

HOLDING = frozenset({
    "userTask", "receiveTask", "callActivity", "subProcess", "transaction", "serviceTask", "sendTask",
    "intermediateCatchEvent", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "boundaryEvent",
})  # fmt: skip
"""Kinds of elements at which a case can stand."""


@dataclass(frozen=True, slots=True)
class Changed:
    """An element of the old version that the new one does not have under its id, or has as another kind.

    choices: elements of the new version that could stand for it; suggested: the id of the likeliest, "" for none.
    """

    element: Element
    choices: tuple[Element, ...]
    suggested: str = ""


def changed(old: Definition, new: Definition) -> list[Changed]:
    """What of the old version needs an answer, in the order of its diagram."""
    found = []
    free = [element for id, element in new.elements.items() if id not in old.elements]
    for id, element in old.elements.items():
        if element.kind not in HOLDING or (id in new.elements and new.elements[id].kind == element.kind):
            continue
        choices = [one for one in free if one.kind == element.kind]
        others = [one for one in new.elements.values() if one.kind == element.kind and one not in choices]
        found.append(Changed(element, (*choices, *others), _likeliest(element, choices)))
    return found


def suggested(old: Definition, new: Definition) -> dict[str, str]:
    """The likeliest element for each that needs an answer."""
    return {one.element.id: one.suggested for one in changed(old, new) if one.suggested}


def _likeliest(element: Element, choices: list[Element]) -> str:
    """Of the same statutory act, or of the same name; only where one alone is."""
    act = element.properties.get("act")
    for alike in (
        [one for one in choices if act and one.properties.get("act") == act],
        [one for one in choices if element.name and one.name == element.name],
    ):
        if len(alike) == 1:
            return alike[0].id
    return ""


def require(old: Definition, new: Definition, elements: Mapping[str, str]) -> None:
    """Raise Invalid ("migration.mapping") for a mapping that names what is not there, or of another kind."""
    problems = []
    for before, now in elements.items():
        left, right = old.elements.get(before), new.elements.get(now)
        if left is None or right is None or left.kind != right.kind:
            problems.append(Problem("migration.mapping", before, facts={"element": before, "now": now}))
    if problems:
        raise Invalid("migration.incomplete", problems)
