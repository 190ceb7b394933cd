"""What a statutory act is: its names, its article, the clock of its step, and the function that carries it out."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.actors import Actor
from workflows.cases.file import Case
from workflows.cases.proceedings import Decision
from workflows.errors import Invalid


@dataclass(frozen=True, slots=True)
class ActContext:
    """Where and by whom an act is carried out: with the case's row locked, inside the command's unit of work.

    variables: what the engine's step sees; now: the moment of the command; offered_at: since when the step waits;
    before: what was submitted last, as JSON, where a step is done again after a return or a withdrawal.
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
    offered_at: datetime | None = None
    before: Mapping[str, Any] | None = None

    @property
    def subject(self) -> str | None:
        """Whose step this is where a step is repeated for several people: the voter."""
        voter = self.variables.get("voter")
        return str(voter) if voter else None


@dataclass(frozen=True, slots=True)
class Effect:
    """What an act gives back: scalars for the gateways, and sibling instances to start (process key, variables).

    stays: the act recorded a part of what its step asks for; the step stays open for the rest.
    """

    variables: Mapping[str, Any] = field(default_factory=dict)
    starts: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    stays: bool = False


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


def decided(context: ActContext) -> bool:
    """Whether a decision exists in the case, whatever its state says."""
    made = select(Decision.id).where(Decision.case_id == context.case.id).limit(1)
    return context.session.execute(made).first() is not None


def undecided(perform: Perform) -> Perform:
    """An act that belongs before the decision: Invalid("decision.made_already") once there is one."""

    @functools.wraps(perform)
    def guarded(context: ActContext, answer: Mapping[str, Any]) -> Effect:
        if decided(context):
            raise Invalid("decision.made_already")
        return perform(context, answer)

    return guarded


def unfinished(perform: Perform) -> Perform:
    """An act that belongs before the closing: Invalid("case.closed_already") once the case is closed or archived."""

    @functools.wraps(perform)
    def guarded(context: ActContext, answer: Mapping[str, Any]) -> Effect:
        if context.case.state in ("closed", "archived"):
            raise Invalid("case.closed_already")
        return perform(context, answer)

    return guarded
