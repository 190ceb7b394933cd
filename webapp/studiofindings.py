"""What the checks find in a package, as the editors and the pages of the studio show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from webapp.languages import language
from webapp.sentences import codes, sentence, tell
from workflows.diagrams.proof import ERROR, Finding
from workflows.errors import Problem

OF_ELEMENTS = ("flow", "element", "source", "target")
"""Facts that are ids of elements."""


def findings_of(
    found: Iterable[Finding | Problem], names: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:  # fmt: skip
    """Findings as JSON: code, severity, file, element, line, sentence, fix, path.

    path: ids of elements and flows to be played, those of the finding's own diagram; names: what its elements are
    called, by id.
    """
    return [_finding(one, names or {}) for one in found]


def _finding(one: Finding | Problem, names: Mapping[str, str]) -> dict[str, Any]:
    problem = one.problem if isinstance(one, Finding) else one
    file, _, element = problem.place.partition("#")
    if file.endswith(".yaml"):  # its entries are no elements; the line says where
        element = ""
    said, fix = problem, f"{problem.code}.fix"
    if fix in codes():  # its sentence leaves out the place where it stands beside it
        said = replace(problem, place="")
    path = [step.id for step in one.path if step.process == one.process] if isinstance(one, Finding) else []
    return {
        "code": problem.code, "severity": one.severity if isinstance(one, Finding) else ERROR, "file": file,
        "element": element or None, "line": problem.line, "sentence": _told(said, element, names),
        "fix": sentence(fix, problem.facts, language()) if fix in codes() else "", "path": path,
    }  # fmt: skip


def _told(said: Problem, element: str, names: Mapping[str, str]) -> str:
    """The sentence with names for ids, and without the file and line where those stand beside it."""
    facts = {name: names.get(str(value), value) if name in OF_ELEMENTS else value for name, value in said.facts.items()}
    told = tell(replace(said, facts=facts), language())
    line = facts.get("line", said.line)
    for start in (f"{said.place}（第 {line} 行）：", f"{said.place} (line {line}): "):
        if element and told.startswith(start):
            name = names.get(element, element)
            return (f"“{name}”：" if language() == "zh" else f"“{name}”: ") + told.removeprefix(start)
    return told
