"""What the checks find in a package, as the editors and the pages of the studio show it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from webapp.languages import language
from webapp.sentences import codes, sentence, tell
from workflows.diagrams.proof import ERROR, Finding
from workflows.errors import Problem


def findings_of(found: Iterable[Finding | Problem]) -> list[dict[str, Any]]:
    """Findings as JSON: code, severity, file, element, line, sentence, fix, path.

    path: ids of elements and flows to be played, those of the finding's own diagram.
    """
    return [_finding(one) for one in found]


def _finding(one: Finding | Problem) -> dict[str, Any]:
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
        "element": element or None, "line": problem.line, "sentence": tell(said, language()),
        "fix": sentence(fix, problem.facts, language()) if fix in codes() else "", "path": path,
    }  # fmt: skip
