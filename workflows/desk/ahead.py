"""The way ahead of a step: what can come next as the diagram draws it, and who would get it.

The answer decides which way is taken; the diagram says which ways there are. Each is told with the words on the flows
that lead there. Gateways are not evaluated: what an answer sets is known only when it is given.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from workflows.cases.file import Case
from workflows.desk.candidates import people_for
from workflows.desk.tasks import Task
from workflows.diagrams import library
from workflows.engine import packages
from workflows.engine.definition import Definition
from workflows.engine.elements import Drawn, Element
from workflows.engine.expressions import Expression
from workflows.engine.state import EngineInstance, EngineScope, EngineTask
from workflows.errors import FashenError

MOST = 24
"""Ways that are told; nobody reads more before pressing a button."""
_VISITS = 500


@dataclass(frozen=True, slots=True)
class Word:
    """The name on a flow, with the question of the gateway that it leaves: ids and Chinese; no question, no name."""

    package_hash: str
    id: str
    name: str
    gateway: str = ""
    question: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """One way on. element: a step of people, or the event with which the whole ends (`ends`).

    words: the names of the flows that lead there, as far as the scope of the step reaches; beyond: whether it lies
    behind the end of that scope, where other rules choose; rests: what is asked there; roles, people: who would get it.
    """

    element: Element
    package_hash: str
    words: tuple[Word, ...]
    ends: bool = False
    beyond: bool = False
    rests: tuple[Word, ...] = ()
    roles: tuple[str, ...] = ()
    people: tuple[str, ...] = ()


_Around = tuple[tuple[Definition, str], ...]
"""The activities around a place, the nearest last: each with the definition in which it is drawn."""


def ways(session: Session, task: Task) -> list[Way]:
    """What can come after a step, in the order of the diagram; nothing for what is asked beside a step."""
    instance = session.get(EngineInstance, task.instance_id)
    if instance is None or task.engine_task_id is None or task.ended_at is not None:
        return []
    around = _around(session, instance, task)
    walk = _Walk(session, task.case, dict(task.variables), json.loads(instance.pins), len(around))
    definition = packages.definition(session, task.package_hash)
    found: dict[tuple[str, str, tuple[Word, ...]], Way] = {}
    for way in walk.onward(_Place(definition, task.element_id, (), around)):
        found.setdefault((way.package_hash, way.element.id, way.words), way)
        if len(found) == MOST:
            break
    return list(found.values())


def _around(session: Session, instance: EngineInstance, task: Task) -> _Around:
    """The calls and subprocesses in which the step lies, the nearest last."""
    pins: dict[str, str] = json.loads(instance.pins)
    found: list[tuple[Definition, str]] = []
    row = session.get(EngineTask, (instance.id, task.engine_task_id))
    while row is not None and row.scope:
        row = session.get(EngineTask, (instance.id, row.scope))
        if row is None:
            break
        outer = session.get(EngineScope, (instance.id, row.scope)) if row.scope else None
        key = outer.process_key if outer is not None else instance.process_key
        package = instance.package_hash if key == instance.process_key else pins[key]
        found.append((packages.definition(session, package), row.element))
    return tuple(reversed(found))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a walk is. beyond: whether it has left the scope in which it began: from there on flows are not told, only
    what is asked (rests).
    """

    where: Definition
    id: str
    words: tuple[Word, ...] = ()
    around: _Around = ()
    beyond: bool = False
    rests: tuple[Word, ...] = ()


class _Walk:
    """One walk along the flows of a case's diagrams."""

    def __init__(
        self, session: Session, case: Case, variables: dict[str, object], pins: dict[str, str], depth: int
    ) -> None:  # fmt: skip
        self.session, self.case, self.variables, self.pins, self.depth = session, case, variables, pins, depth
        self.seen: set[tuple[str, str, tuple[Word, ...], bool]] = set()

    def onward(self, place: _Place) -> Iterator[Way]:
        """What comes after an element."""
        source = place.where.nodes[place.id]
        for flow in source.flows_out:
            word = Word(place.where.hash, flow.id, flow.name, source.id, source.element.name)
            there = replace(place, id=flow.target)
            if flow.name and not place.beyond:
                there = replace(there, words=(*place.words, word))
            elif flow.name and word.question:
                there = replace(there, rests=(*place.rests, word))
            yield from self.reach(there)

    def reach(self, place: _Place) -> Iterator[Way]:
        """What is met at an element: a step, an end, or what lies behind it."""
        known = (place.where.hash, place.id, place.words, place.beyond)
        if known in self.seen or len(self.seen) >= _VISITS:
            return
        self.seen.add(known)
        node = place.where.nodes[place.id]
        match node.element.kind:
            case "userTask":
                yield self.step(place, node)
            case "endEvent":
                yield from self.end(place, node)
            case "callActivity" if node.call is not None and node.call.key in self.pins:
                called = library.definition(self.session, self.pins[node.call.key])
                yield from self.begin(place, called, called.process_id)
            case "subProcess":
                yield from self.begin(place, place.where, place.id)
            case _:
                yield from self.onward(place)

    def begin(self, place: _Place, inner: Definition, scope: str) -> Iterator[Way]:
        """What comes first inside of a process or subprocess."""
        around = (*place.around, (place.where, place.id))
        for node in inner.nodes.values():
            if node.element.kind == "startEvent" and node.element.scope == scope:
                yield from self.onward(replace(place, where=inner, id=node.id, around=around))

    def end(self, place: _Place, node: Drawn) -> Iterator[Way]:
        """What comes after an end: on behind the activity around it, or the whole is over."""
        if not place.around:
            yield Way(node.element, place.where.hash, place.words, ends=True, beyond=place.beyond, rests=place.rests)
            return
        outer, holder = place.around[-1]
        around = place.around[:-1]
        beyond = place.beyond or len(around) < self.depth
        yield from self.onward(replace(place, where=outer, id=holder, around=around, beyond=beyond))

    def step(self, place: _Place, node: Drawn) -> Way:
        """A step of people, with those who would get it as things stand."""
        assignment = node.assignment
        groups = assignment.groups if assignment else ()
        roles = tuple(dict.fromkeys(role for group in groups for role in _names(group, self.variables)))
        people = tuple(one.name for one in people_for(self.session, self.case, roles))
        return Way(
            node.element, place.where.hash, place.words, beyond=place.beyond, rests=place.rests, roles=roles,
            people=people,
        )  # fmt: skip


def _names(expression: Expression, variables: dict[str, object]) -> list[str]:
    """The names that an expression gives; none where it reads what is not known yet."""
    try:
        value = expression.evaluate(variables)
    except FashenError:
        return []
    names = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    return [str(name).strip() for name in names if str(name).strip()]
