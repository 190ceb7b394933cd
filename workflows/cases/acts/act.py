"""What a statutory act is: its names, its article, the clock of its step, and the function that carries it out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from workflows.actors import Actor
from workflows.cases.file import Case


@dataclass(frozen=True, slots=True)
class ActContext:
    """Where and by whom an act is carried out: with the case's row locked, inside the command's unit of work.

    variables: what the engine's step sees; now: the moment of the command.
    """

    session: Session
    actor: Actor
    case: Case
    process_key: str
    element_id: str
    variables: Mapping[str, Any]
    now: datetime
    task_id: str = ""
    task_name: str = ""

    @property
    def subject(self) -> str | None:
        """Whose step this is where a step is repeated for several people: the voter."""
        voter = self.variables.get("voter")
        return str(voter) if voter else None


@dataclass(frozen=True, slots=True)
class Effect:
    """What an act gives back: scalars for the gateways, and sibling instances to start (process key, variables)."""

    variables: Mapping[str, Any] = field(default_factory=dict)
    starts: tuple[tuple[str, Mapping[str, Any]], ...] = ()


Perform = Callable[[ActContext, Mapping[str, Any]], Effect]


@dataclass(frozen=True, slots=True)
class Act:
    """A statutory act. article: the norm that asks for it; clock: rule whose due date the step carries, if any.

    perform raises GateClosed, Forbidden or Invalid and then has changed nothing that outlives the unit of work.
    """

    name: str
    zh: str
    en: str
    article: str
    clock: str | None
    perform: Perform
