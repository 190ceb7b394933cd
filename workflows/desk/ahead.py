"""The way ahead of a step: what can come next as the diagram draws it, and who would get it.

The answer decides which way is taken; the diagram says which ways there are. Each is told with the words on the flows
that lead there. Gateways are not evaluated: what an answer sets is known only when it is given.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

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

MOST = 12
"""Ways that are told; nobody reads more before pressing a button."""
_VISITS = 500


@dataclass(frozen=True, slots=True)
class Word:
    """The name on a flow: (package, id, Chinese)."""

    package_hash: str
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Way:
    """One way on. element: a step of people, or the event with which the whole ends (`ends`).

    words: the names of the flows that lead there; roles, people: who would get the step, several for a round.
    """

    element: Element
    package_hash: str
    words: tuple[Word, ...]
    ends: bool = False
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
    walk = _Walk(session, task.case, dict(task.variables), json.loads(instance.pins))
    definition = packages.definition(session, task.package_hash)
    found: dict[tuple[str, str, tuple[Word, ...]], Way] = {}
    for way in walk.onward(definition, task.element_id, (), around):
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


class _Walk:
    """One walk along the flows of a case's diagrams."""

    def __init__(self, session: Session, case: Case, variables: dict[str, object], pins: dict[str, str]) -> None:
        self.session, self.case, self.variables, self.pins = session, case, variables, pins
        self.seen: set[tuple[str, str, tuple[Word, ...]]] = set()

    def onward(self, where: Definition, id: str, words: tuple[Word, ...], around: _Around) -> Iterator[Way]:
        """What comes after an element."""
        for flow in where.nodes[id].flows_out:
            more = (*words, Word(where.hash, flow.id, flow.name)) if flow.name else words
            yield from self.reach(where, flow.target, more, around)

    def reach(self, where: Definition, id: str, words: tuple[Word, ...], around: _Around) -> Iterator[Way]:
        """What is met at an element: a step, an end, or what lies behind it."""
        place = (where.hash, id, words)
        if place in self.seen or len(self.seen) >= _VISITS:
            return
        self.seen.add(place)
        node = where.nodes[id]
        kind = node.element.kind
        if kind == "userTask":
            yield self.step(where, node, words)
        elif kind == "endEvent":
            yield from self.end(where, node, words, around)
        elif kind == "callActivity" and node.call is not None and node.call.key in self.pins:
            called = library.definition(self.session, self.pins[node.call.key])
            yield from self.begin(called, called.process_id, words, (*around, (where, id)))
        elif kind == "subProcess":
            yield from self.begin(where, id, words, (*around, (where, id)))
        else:
            yield from self.onward(where, id, words, around)

    def begin(self, where: Definition, scope: str, words: tuple[Word, ...], around: _Around) -> Iterator[Way]:
        """What comes first inside of a process or subprocess."""
        for node in where.nodes.values():
            if node.element.kind == "startEvent" and node.element.scope == scope:
                yield from self.onward(where, node.id, words, around)

    def end(self, where: Definition, node: Drawn, words: tuple[Word, ...], around: _Around) -> Iterator[Way]:
        """What comes after an end: on behind the activity around it, or the whole is over."""
        if around:
            outer, holder = around[-1]
            yield from self.onward(outer, holder, words, around[:-1])
        else:
            yield Way(node.element, where.hash, words, ends=True)

    def step(self, where: Definition, node: Drawn, words: tuple[Word, ...]) -> Way:
        """A step of people, with those who would get it as things stand."""
        assignment = node.assignment
        groups = assignment.groups if assignment else ()
        roles = tuple(dict.fromkeys(role for group in groups for role in _names(group, self.variables)))
        people = tuple(one.name for one in people_for(self.session, self.case, roles))
        return Way(node.element, where.hash, words, roles=roles, people=people)


def _names(expression: Expression, variables: dict[str, object]) -> list[str]:
    """The names that an expression gives; none where it reads what is not known yet."""
    try:
        value = expression.evaluate(variables)
    except FashenError:
        return []
    names = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    return [str(name).strip() for name in names if str(name).strip()]
