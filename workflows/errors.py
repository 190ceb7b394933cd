"""The tree of errors that commands raise.

Each error has a stable `code` ("gate.G4", "task.stale", "form.invalid") and the facts its sentence needs.
The sentences, in Chinese and English, stand in `workflows/sentences.yaml`; the web maps classes to HTTP statuses.
Nothing here knows about the web or the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class FashenError(Exception):
    """What the user can understand and act on. `code` finds the sentence, `facts` fill it."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts: Mapping[str, Any] = facts

    def __str__(self) -> str:
        return f"{self.code} {dict(self.facts)}" if self.facts else self.code


class NotFound(FashenError):
    """No such thing, or none that this actor may know of (both look the same)."""


class Forbidden(FashenError):
    """The actor's role, post, unit or part in the case does not allow it."""


class GateClosed(FashenError):
    """A statutory gate refuses the step. `code` is "gate.G4" and the like; `facts["article"]` cites the law."""


class Stale(FashenError):
    """Somebody was faster: the form was drawn from an older version."""


class Invalid(FashenError):
    """What was sent is wrong. `problems` names each place."""

    def __init__(self, code: str, problems: list[Problem] | None = None, **facts: Any) -> None:
        super().__init__(code, **facts)
        self.problems: list[Problem] = problems or []

    def __str__(self) -> str:
        return "; ".join([super().__str__(), *(f"{p.place}: {p.code} {dict(p.facts)}" for p in self.problems)])


class DiagramRefused(Invalid):
    """A process package can't be read; every problem names file, element and line."""


class Unavailable(FashenError):
    """A dependency (disk, database, font) does not answer; trying again later may help."""


class Incident(FashenError):
    """The engine could not advance the case; the case stays at its last state."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and where.

    place: a form field key, or "file#element" in a package; line: 1-based line in an XML file, None elsewhere.
    """

    code: str
    place: str = ""
    line: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
