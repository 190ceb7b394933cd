"""`process.yaml`: what a package says about itself beside its diagram, and whether that fits the diagram."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from workflows.actors import ROLES
from workflows.cases.further import FURTHER_GATES
from workflows.documents.kinds.registry import KINDS
from workflows.engine.definition import Definition
from workflows.engine.package import Package
from workflows.engine.plain_yaml import plain
from workflows.engine.xml import safe_tree
from workflows.errors import Invalid, Problem

FILE = "process.yaml"
KEYS: Mapping[str, type] = {
    "key": str,
    "title": dict,  # {zh, en}
    "kinds": list,  # 事项类别 of the catalogue that the process is for
    "roles": list,  # who takes part
    "labels": dict,  # id in the diagram → {zh, en}
    "operators": dict,  # user task → what its holder may do besides completing it
    "start_form": str,
    "documents": list,  # kinds of documents that its acts issue
    "gates": list,  # [{element, gate}] in addition; those of the law stand in the program and can't be left out
    "starts": list,  # processes that its acts start beside it
}
_LANGUAGES = ("zh", "en")
OPERATORS = frozenset({
    "claim", "release", "reassign", "delegate", "substitute", "add_signer", "remove_signer", "ask", "return",
})  # fmt: skip
"""What a step may offer besides completing it (docs/decisions/0010-desk-operators.md)."""
USUAL = frozenset({"claim", "release"})
"""What it offers where the package does not say."""



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
    try:
        plain(package.files.get(FILE, b"{}"))
    except Invalid as error:
        return [Problem(error.code, FILE, None, error.facts)]
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
    problems += _check_gates(said.get("gates", []), definition)
    problems += _check_operators(said.get("operators", {}), definition)
    problems += _check_labels(said.get("labels", {}), package)
    return problems


def _check_lists(said: Mapping[str, Any], known: Collection[str]) -> Iterator[Problem]:
    allowed: dict[str, Collection[str]] = {
        "roles": ROLES,
        "documents": KINDS,
        "starts": known,
    }
    for key, values in allowed.items():
        for value in said.get(key, []):
            if not isinstance(value, str) or value not in values:
                yield Problem("process.value_unknown", f"{FILE}#{key}", None, {"value": str(value)[:80]})


def _check_gates(gates: list[Any], definition: Definition) -> Iterator[Problem]:
    for number, entry in enumerate(gates):
        place = f"{FILE}#gates[{number}]"
        if not isinstance(entry, dict) or entry.keys() != {"element", "gate"}:
            yield Problem("process.value_bad", place, None, {"expected": "{element, gate}"})
            continue
        element = definition.elements.get(str(entry["element"]))
        if element is None or element.kind != "userTask":
            yield Problem("process.element_unknown", place)
        if not isinstance(entry["gate"], str) or entry["gate"] not in FURTHER_GATES:
            yield Problem("process.value_unknown", place, None, {"value": str(entry["gate"])[:80]})


def further_gates(package: Package, element_id: str) -> list[str]:
    """The gates that a package adds at a step."""
    return [entry["gate"] for entry in read(package).get("gates", []) if entry["element"] == element_id]


def operators(package: Package, element_id: str) -> frozenset[str]:
    """What a step offers besides completing it."""
    names = read(package).get("operators", {}).get(element_id)
    return USUAL if names is None else frozenset([names] if isinstance(names, str) else names)


def _check_operators(operators: Mapping[str, Any], definition: Definition) -> Iterator[Problem]:
    for id, names in operators.items():
        place = f"{FILE}#operators.{id}"
        element = definition.elements.get(id)
        if element is None or element.kind != "userTask":
            yield Problem("process.element_unknown", place)
        for name in names if isinstance(names, list) else [names]:
            if not isinstance(name, str) or name not in OPERATORS:
                yield Problem("process.value_unknown", place, None, {"value": str(name)[:80]})


def _check_labels(labels: Mapping[str, Any], package: Package) -> Iterator[Problem]:
    file = package.named(".bpmn")[0]
    drawn = {element.get("id") for element in safe_tree(package.files[file], file).iter("*")}
    for id, label in labels.items():
        if id not in drawn:  # lanes and flows have names too
            yield Problem("process.element_unknown", f"{FILE}#labels.{id}")
        elif not _in_both_languages(label):
            yield Problem("process.label_missing", f"{FILE}#labels.{id}")


def _in_both_languages(words: Any) -> bool:
    """Whether `words` is {zh: …, en: …} with something in both."""
    return isinstance(words, dict) and all(isinstance(words.get(one), str) and words[one].strip() for one in _LANGUAGES)
