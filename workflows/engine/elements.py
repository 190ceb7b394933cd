"""What a diagram says, as frozen values: its elements, flows, and how each behaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from workflows.engine.expressions import Expression
from workflows.engine.rounds import Signing

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Element:
    """One element as others see it.

    kind: the BPMN tag ("userTask", "callActivity", …); line: 1-based line in the diagram's file; properties: its
    camunda:properties; scope: id of the process or subprocess it lies in; acts are `properties["act"]`.
    """

    id: str
    kind: str
    name: str
    lane: str | None
    line: int
    properties: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    form_key: str | None = None
    documentation: str = ""
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow; `condition` is None where the flow is taken without asking.

    link: whether it stands for a pair of link events and is not drawn; refused: whether a condition is written that
    could not be read, which has been told.
    """

    id: str
    source: str
    target: str
    name: str
    line: int
    condition: Expression | None = None
    link: bool = False
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Timer:
    """kind "date", "duration" or "cycle"; the value is an expression that gives ISO 8601 text."""

    kind: Literal["date", "duration", "cycle"]
    value: Expression


@dataclass(frozen=True, slots=True)
class Trigger:
    """What a catching event waits for.

    name: message or signal name, code of an error or escalation (None catches any); code_variable: where the code goes;
    condition: what must come true, watched: the variables whose change makes it be asked.
    """

    kind: Literal["timer", "message", "signal", "error", "escalation", "condition", "cancel"]
    name: str | None = None
    timer: Timer | None = None
    code_variable: str | None = None
    condition: Expression | None = None
    watched: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Thrown:
    """What an end event or a throwing intermediate event does. `name`: of the message or signal, or the code."""

    kind: Literal["terminate", "error", "signal", "message", "escalation", "cancel"]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who may do a user task, until when; each an expression evaluated when the step is reached."""

    assignee: Expression | None
    users: tuple[Expression, ...]
    groups: tuple[Expression, ...]
    due: Expression | None
    priority: Expression | None


@dataclass(frozen=True, slots=True)
class Multi:
    """Multi-instance: one instance per item of `collection`, or `cardinality` of them.

    output_element: a variable's name (then it is local to each instance) or an expression over the instance. signing:
    the rule of a round of signers.
    """

    sequential: bool
    collection: Expression | None
    cardinality: Expression | None
    element_variable: str | None
    condition: Expression | None
    output_collection: str | None
    output_element: Expression | str | None
    signing: Signing | None = None


@dataclass(frozen=True, slots=True)
class Repeat:
    """A standard loop: again while `condition` holds, `maximum` times at most; before: asked before the first too."""

    condition: Expression | None
    maximum: int | None
    before: bool


@dataclass(frozen=True, slots=True)
class Copy:
    """One camunda:in or camunda:out: `source` evaluated on one side, set as `target` on the other; None is everything.

    optional: a plain variable, null when it does not exist there.
    """

    source: Expression | None
    target: str | None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """A call activity: the called process key and what goes in and comes out."""

    key: str
    into: tuple[Copy, ...]
    out: tuple[Copy, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """A business rule task: a decision of the package, and where its result goes."""

    id: str
    variable: str
    how: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """An element with everything that makes it behave."""

    element: Element
    flows_in: tuple[Flow, ...] = ()
    flows_out: tuple[Flow, ...] = ()
    default: str | None = None
    attached_to: str | None = None
    interrupting: bool = True
    trigger: Trigger | None = None
    throws: Thrown | None = None
    link: str | None = None
    by_event: bool = False
    assignment: Assignment | None = None
    multi: Multi | None = None
    repeat: Repeat | None = None
    call: Call | None = None
    decision: Decision | None = None
    handler: str | None = None
    topic: str | None = None
    inputs: tuple[tuple[str, Expression], ...] = field(default=())
    outputs: tuple[tuple[str, Expression], ...] = field(default=())

    @property
    def id(self) -> str:
        """The element's id."""
        return self.element.id
