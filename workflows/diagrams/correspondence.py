"""Which step of a new version stands for one of an old version where the ids differ, for whoever plans a move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workflows.cases.acts import ACTS
from workflows.diagrams.statutory_deeds import act_of
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

    choices: elements of the new version that could stand for it, of the same kind and act; suggested: the
    id of the likeliest, "" for none.
    """

    element: Element
    choices: tuple[Element, ...]
    suggested: str = ""


def changed(old: Definition, new: Definition) -> list[Changed]:
    """What of the old version needs an answer, in the order of its diagram."""
    found = []
    for id, element in old.elements.items():
        if element.kind not in HOLDING or (id in new.elements and new.elements[id].kind == element.kind):
            continue
        fit = [one for one in new.elements.values()
               if one.kind == element.kind and act_at(new, one.id) == act_at(old, id)]  # fmt: skip
        choices = [one for one in fit if one.id not in old.elements]
        others = [one for one in fit if one not in choices]
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


def act_at(definition: Definition, id: str) -> str:
    """The statutory act of a step, "" where there is none."""
    return act_of(definition.nodes[id]) if id in definition.nodes else ""


def require(old: Definition, new: Definition, elements: Mapping[str, str]) -> None:
    """Raise Invalid for a mapping that names what is not there or of another kind ("migration.mapping"), or a step of
    another statutory act ("migration.other_act").
    """
    problems = []
    for before, now in elements.items():
        left, right = old.elements.get(before), new.elements.get(now)
        if left is None or right is None or left.kind != right.kind:
            problems.append(Problem("migration.mapping", before, facts={"element": before, "now": now}))
        elif act_at(old, before) != act_at(new, now):
            problems.append(other_act(old, before, new, now))
    if problems:
        raise Invalid("migration.incomplete", problems)


def other_act(old: Definition, before: str, new: Definition, now: str) -> Problem:
    """Why a step can't become another one."""
    left, right = old.elements[before], new.elements[now]
    facts = {"label": left.name or left.id, "now": right.name or right.id, "process": old.key,
             "act": named(act_at(old, before)), "other": named(act_at(new, now))}  # fmt: skip
    return Problem("migration.other_act", before, left.line, facts)


def named(act: str) -> Mapping[str, str]:
    """What an act is called in both languages."""
    known = ACTS.get(act)
    return {"zh": known.zh, "en": known.en} if known is not None else {"zh": "无", "en": "none"}
