"""`process.yaml`: what a package says about itself beside its diagram, and whether that fits the diagram."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from workflows.actors import ADMINISTRATORS, ROLES
from workflows.cases.further import FURTHER_GATES
from workflows.diagrams import leftovers
from workflows.diagrams.statutory_rules import law
from workflows.documents.kinds.registry import KINDS
from workflows.engine.definition import Definition
from workflows.engine.elements import Drawn
from workflows.engine.package import Package
from workflows.engine.plain_yaml import line_of, plain
from workflows.errors import Invalid, Problem

FILE = "process.yaml"
KEYS: Mapping[str, type] = {
    "key": str,
    "title": dict,  # {zh, en}
    "kinds": list,  # 事项类别 of the catalogue that the process is for
    "roles": list,  # who takes part
    "labels": dict,  # id in the diagram → {zh, en}
    "operators": dict,  # user task → what its holder may do besides completing it
    "nobody": dict,  # user task → to whom it is offered when nobody fits
    "opener": dict,  # user task → whether it may be for whoever opened the case
    "twice": dict,  # user task → whether it may be for whoever did the step before
    "apart": dict,  # user task → those that nobody may do who does it
    "fields": dict,  # step → field of its form → write, read or hide
    "start_form": str,
    "documents": list,  # kinds of documents that its acts issue
    "gates": list,  # [{element, gate}] in addition; those of the law stand in the program and can't be left out
    "starts": list,  # processes that its acts start beside it
}
_PART = re.compile(r"[^.\[\]]+")
_LANGUAGES = ("zh", "en")
OPERATORS = frozenset({
    "claim", "release", "reassign", "delegate", "substitute", "add_signer", "remove_signer", "ask", "return",
})  # fmt: skip
"""What a step may offer besides completing it (docs/decisions/0010-desk-operators.md)."""
USUAL = frozenset({"claim", "release"})
"""What it offers where the package does not say."""
HANDING = frozenset({"reassign", "delegate", "substitute", "add_signer", "remove_signer"})
WITHHELD: Mapping[str, frozenset[str]] = {
    "vote": HANDING,  # 行政处罚法 57: a vote is one's own
    "meeting_conclusion": HANDING,  # who presides is appointed by who keeps the attendance, among those who voted
    "referral_approval": frozenset({"substitute"}),  # 310号令 5: the head personally
}
"""Act → operators that no package can offer at its step."""
CHOICES: Mapping[str, tuple[str, ...]] = {
    "nobody": ("administrator", "unit_head", "bureau_head"), "opener": ("keep", "exclude"),
    "twice": ("keep", "exclude"),
}  # fmt: skip
"""Policy → what it may say; the first where the package does not say."""
OFFICIAL = frozenset({"case_officer", "handling_unit_head", "bureau_leader", "bureau_head", "publication_officer"})
"""Roles of which a head can take the step when nobody fits. The independent side's are nobody else's."""


@dataclass(frozen=True, slots=True)
class Policies:
    """What a process wants at a step: see `CHOICES`. apart: steps whose people are left out of it."""

    nobody: str = "administrator"
    opener: str = "keep"
    twice: str = "keep"
    apart: frozenset[str] = frozenset()


def read(package: Package) -> Mapping[str, Any]:
    """What `process.yaml` says; nothing where it is missing or no mapping. To be read only: it is kept and shared."""
    return _read(package.files.get(FILE, b"{}"))


@lru_cache(maxsize=64)  # every completion of a task asks, and reading the text takes longer than all the rest of it
def _read(text: bytes) -> Mapping[str, Any]:
    try:
        said = plain(text)
    except Invalid:
        return MappingProxyType({})
    return MappingProxyType(said if isinstance(said, dict) else {})


def check(package: Package, definition: Definition, known: Collection[str]) -> list[Problem]:
    """Every problem of `process.yaml`: form, languages, and what it names that is not there.

    known: keys of the processes that may be started.
    """
    data = package.files.get(FILE, b"{}")
    try:
        plain(data)
    except Invalid as error:
        return [Problem(error.code, FILE, error.facts.get("line"), error.facts)]
    return [_placed(problem, data) for problem in _problems(package, definition, known)]


def _placed(problem: Problem, data: bytes) -> Problem:
    """The problem with the line on which its entry stands."""
    file, _, entry = problem.place.partition("#")
    if file != FILE or problem.line is not None:
        return problem
    return replace(problem, line=line_of(data, *_PART.findall(entry)))


def _problems(package: Package, definition: Definition, known: Collection[str]) -> list[Problem]:
    said = read(package)
    problems = [Problem("process.key_unknown", f"{FILE}#{key}") for key in said if key not in KEYS]
    problems += [
        Problem("process.value_bad", f"{FILE}#{key}", None, {"expected": kind.__name__})
        for key, kind in KEYS.items()
        if key in said and not isinstance(said[key], kind)
    ]
    if problems:
        return problems
    if said.get("key") != package.key:
        problems.append(Problem("process.key_differs", f"{FILE}#key", None, {"key": package.key}))
    if not _in_both_languages(said.get("title")):
        problems.append(Problem("process.title_missing", f"{FILE}#title"))
    if said.get("start_form", definition.start_form) != definition.start_form:
        problems.append(Problem("process.start_form_differs", f"{FILE}#start_form"))
    problems += _check_lists(said, known)
    problems += _check_gates(said.get("gates", []))
    problems += _check_operators(said.get("operators", {}), definition)
    problems += _check_policies(said, definition)
    problems += _check_labels(said.get("labels", {}))
    told = leftovers.told(package, said)
    return [*problems, told.problem] if told is not None and told.binding else problems


def _check_lists(said: Mapping[str, Any], known: Collection[str]) -> Iterator[Problem]:
    allowed: dict[str, Collection[str]] = {
        "kinds": law().kinds,
        "roles": ROLES,
        "documents": KINDS,
        "starts": known,
    }
    for role in said.get("roles", []):
        if role in ADMINISTRATORS:
            yield Problem("process.role_of_administrator", f"{FILE}#roles", None, {"roles": [role]})
    for key, values in allowed.items():
        for value in said.get(key, []):
            if not isinstance(value, str) or value not in values:
                yield Problem("process.value_unknown", f"{FILE}#{key}", None, {"value": str(value)[:80]})


def _check_gates(gates: list[Any]) -> Iterator[Problem]:
    for number, entry in enumerate(gates):
        place = f"{FILE}#gates[{number}]"
        if not isinstance(entry, dict) or entry.keys() != {"element", "gate"}:
            yield Problem("process.value_bad", place, None, {"expected": "{element, gate}"})
            continue
        if not isinstance(entry["gate"], str) or entry["gate"] not in FURTHER_GATES:
            yield Problem("process.value_unknown", place, None, {"value": str(entry["gate"])[:80]})


def further_gates(package: Package, element_id: str) -> list[str]:
    """The gates that a package adds at a step."""
    return [entry["gate"] for entry in read(package).get("gates", []) if entry["element"] == element_id]


def operators(package: Package, element_id: str, act: str | None = None) -> frozenset[str]:
    """What a step offers besides completing it, of what its act allows."""
    names = read(package).get("operators", {}).get(element_id)
    said = USUAL if names is None else frozenset([names] if isinstance(names, str) else names)
    return said - withheld(act)


def withheld(act: str | None) -> frozenset[str]:
    """What no package can offer at a step with that act."""
    return WITHHELD.get(act or "", frozenset())


def policies(package: Package, element_id: str) -> Policies:
    """What a process wants at a step where the law leaves a choice."""
    said = read(package)
    chosen = {name: said.get(name, {}).get(element_id, choices[0]) for name, choices in CHOICES.items()}
    return Policies(**chosen, apart=apart(package, element_id))


def apart(package: Package, element_id: str) -> frozenset[str]:
    """The steps that are kept apart from another one: named at it, or naming it."""
    said: Mapping[str, list[str]] = read(package).get("apart", {})
    return frozenset({*said.get(element_id, ()), *(other for other, names in said.items() if element_id in names)})


def _check_operators(operators: Mapping[str, Any], definition: Definition) -> Iterator[Problem]:
    for id, names in operators.items():
        place = f"{FILE}#operators.{id}"
        element = definition.elements.get(id)
        withheld = WITHHELD.get(element.properties.get("act", ""), frozenset()) if element else frozenset()
        for name in names if isinstance(names, list) else [names]:
            if not isinstance(name, str) or name not in OPERATORS:
                yield Problem("process.value_unknown", place, None, {"value": str(name)[:80]})
            elif name in withheld:
                yield Problem("process.operator_withheld", place, None, {"operator": name})


def _check_policies(said: Mapping[str, Any], definition: Definition) -> Iterator[Problem]:
    for policy, choices in CHOICES.items():
        for id, choice in said.get(policy, {}).items():
            place, node = f"{FILE}#{policy}.{id}", definition.nodes.get(id)
            if not isinstance(choice, str) or choice not in choices:
                yield Problem("process.value_unknown", place, None, {"value": str(choice)[:80]})
            elif node is not None and policy == "nobody" and choice != choices[0] and not _for_officials(node):
                yield Problem("process.nobody_else", place, None, {"choice": choice})
    for id, names in said.get("apart", {}).items():
        place = f"{FILE}#apart.{id}"
        if not isinstance(names, list):
            yield Problem("process.value_bad", place, None, {"expected": "[step, …]"})
            continue
        if id in names:
            yield Problem("process.apart_itself", place)


def _for_officials(node: Drawn) -> bool:
    """Whether all roles of a step are known and none is of the independent side; nor is its act one's own."""
    groups = [group.source for group in node.assignment.groups] if node.assignment else []
    own = node.element.properties.get("act", "") in WITHHELD
    return bool(groups) and OFFICIAL.issuperset(groups) and not own


def _check_labels(labels: Mapping[str, Any]) -> Iterator[Problem]:
    for id, label in labels.items():
        if not _in_both_languages(label):
            yield Problem("process.label_missing", f"{FILE}#labels.{id}")


def _in_both_languages(words: Any) -> bool:
    """Whether `words` is {zh: …, en: …} with something in both."""
    return isinstance(words, dict) and all(isinstance(words.get(one), str) and words[one].strip() for one in _LANGUAGES)
