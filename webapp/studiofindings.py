"""What the checks find in a package, as the editors and the pages of the studio show it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from webapp.languages import language
from webapp.sentences import tell
from workflows.errors import Problem


def findings_of(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """Problems as JSON: code, severity, file, element, line, sentence, fix, path (ids of elements to be played)."""
    return [_finding(problem) for problem in problems]


def _finding(problem: Problem) -> dict[str, Any]:
    file, _, element = problem.place.partition("#")
    if file.endswith(".yaml"):  # its entries are no elements; the line says where
        element = ""
    return {
        "code": problem.code, "severity": "error", "file": file, "element": element or None, "line": problem.line,
        "sentence": tell(problem, language()), "fix": "", "path": [],
    }  # fmt: skip
