"""What a check of a process finds: where, why, and by which path through the diagram."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workflows.errors import Problem

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True, slots=True)
class Step:
    """One element or flow that is passed. process: the key of the process that it is drawn in."""

    process: str
    id: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a process.

    code: finds the reason in sentences.yaml, and under "<code>.fix" the way to mend it; process, element: where, an
    element's or flow's id in the diagram of that process (empty: the whole process); file, line: the same place in the
    package's files; path: elements and flows from the start of the process to where it goes wrong, in the order in
    which tokens pass them, for a player of the diagram; severity: an "error" keeps a package from being published.
    """

    code: str
    process: str
    element: str = ""
    severity: str = ERROR
    path: tuple[Step, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    file: str = ""
    line: int | None = None

    @property
    def problem(self) -> Problem:
        """The same as one line of a list of problems: place and sentence, without its path."""
        return Problem(self.code, f"{self.file}#{self.element}" if self.element else self.file, self.line, self.facts)
