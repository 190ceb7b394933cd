"""Reads a package into a definition, or refuses it and says everything that is wrong."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from workflows.engine import allowed, connections, dialect, plan
from workflows.engine.elements import Drawn, Element, Flow
from workflows.engine.expressions import Expression
from workflows.engine.handlers import known_handlers, known_topics
from workflows.engine.package import Package
from workflows.engine.tables import DecisionTable, read_tables
from workflows.engine.xml import line_of, safe_tree
from workflows.errors import DiagramRefused, Problem

_FOLLOWS = frozenset({"diagram.flow_end", "diagram.lane_reference"})
"""What is wrong with whoever names an element that is not understood, and was told with that."""


@dataclass(frozen=True, eq=False)
class Definition:
    """One version of a process, read and checked; shared by all its instances and never changed.

    calls: keys of the processes it calls; roles: candidate groups that are written out; variables_read: every variable
    that an expression or table of it reads.
    """

    key: str
    hash: str
    package: Package
    process_id: str
    name: str
    documentation: str
    properties: Mapping[str, str]
    elements: Mapping[str, Element]
    flows: tuple[Flow, ...]
    nodes: Mapping[str, Drawn]
    tables: Mapping[str, DecisionTable]
    calls: frozenset[str]
    start_form: str | None
    roles: frozenset[str]
    variables_read: frozenset[str]
    plans: Mapping[str, plan.ScopePlan]


def read(package: Package, *, callable_keys: Collection[str] | None = None, published: bool = False) -> Definition:
    """Read a package.

    callable_keys: the processes that call activities may call; None leaves that to the start of an instance.
    published: how it is connected was checked when it was published, and is not asked again: a case must stay readable
    where a topic is served no longer (another machine's settings, a restored copy) or where a later program asks more.
    Raises DiagramRefused with every problem found: file#element, line, code and facts.
    """
    file = _diagram_file(package)
    problems: list[Problem] = []
    tables: dict[str, DecisionTable] = {}
    for name in package.named(".dmn"):
        try:
            found = read_tables(package.files[name], name)
        except DiagramRefused as error:
            problems.extend(error.problems)
            continue
        problems.extend(Problem("diagram.decision_twice", f"{name}#{id}") for id in found if id in tables)
        tables.update(found)
    root = safe_tree(package.files[file], file).getroot()
    if root.tag != f"{allowed.BPMN}definitions":
        raise DiagramRefused("diagram.refused", [Problem("diagram.no_bpmn", file, line_of(root))], file=file)
    foreign = allowed.check(root, file)
    diagram = dialect.read(package, file, root)
    if foreign:  # what is not understood breaks what hangs on it; only what stands by itself is told beside it
        places = {problem.place for problem in foreign}
        alone = [found for found in diagram.problems if found.place not in places and found.code not in _FOLLOWS]
        problems += foreign + alone
    else:
        problems += diagram.problems
        if not published:
            problems += connections.check(diagram, tables, known_handlers(), known_topics(), callable_keys)
    if problems:
        raise DiagramRefused("diagram.refused", _once(problems), file=file, found=len(problems))
    return _definition(package, diagram, tables)


def _diagram_file(package: Package) -> str:
    files = package.named(".bpmn")
    if len(files) != 1:
        problem = Problem("package.one_diagram", package.key, None, {"found": len(files)})
        raise DiagramRefused("diagram.refused", [problem])
    return files[0]


def _once(problems: list[Problem]) -> list[Problem]:
    seen: dict[tuple[str, str, int | None, str], Problem] = {}
    for problem in problems:
        seen.setdefault((problem.code, problem.place, problem.line, repr(sorted(problem.facts.items()))), problem)
    return list(seen.values())


def _definition(package: Package, diagram: dialect.Diagram, tables: dict[str, DecisionTable]) -> Definition:
    nodes = diagram.nodes
    start = next(node for node in nodes.values() if node.element.kind == "startEvent" and
                 node.element.scope == diagram.process_id)
    read_names = {name for expression in _expressions(diagram) for name in expression.names}
    for node in nodes.values():
        if node.decision:
            read_names |= set(tables[node.decision.id].inputs)
    return Definition(
        package.key, package.hash, package, diagram.process_id, diagram.name, diagram.documentation, diagram.properties,
        MappingProxyType({id: node.element for id, node in nodes.items()}),
        tuple(flow for node in nodes.values() for flow in node.flows_out), MappingProxyType(nodes),
        MappingProxyType(tables), frozenset(node.call.key for node in nodes.values() if node.call),
        start.element.form_key, connections.roles(diagram), frozenset(read_names),
        MappingProxyType(plan.build(diagram)),
    )


def _expressions(diagram: dialect.Diagram) -> Iterator[Expression]:
    for node in diagram.nodes.values():
        yield from (flow.condition for flow in node.flows_out if flow.condition is not None)
        yield from (expression for _, expression in (*node.inputs, *node.outputs))
        if node.trigger and node.trigger.timer:
            yield node.trigger.timer.value
        if node.trigger and node.trigger.condition:
            yield node.trigger.condition
        if node.repeat and node.repeat.condition:
            yield node.repeat.condition
        if node.assignment:
            single = (node.assignment.assignee, node.assignment.due, node.assignment.priority)
            yield from (expression for expression in single if expression is not None)
            yield from (*node.assignment.users, *node.assignment.groups)
        if node.multi:
            several = (node.multi.collection, node.multi.cardinality, node.multi.condition, node.multi.output_element)
            yield from (expression for expression in several if isinstance(expression, Expression))
        if node.call:
            yield from (copy.source for copy in node.call.into if copy.source is not None)


class Definitions:
    """Definitions read in this process, by hash; the least used ones are forgotten. Safe for threads."""

    def __init__(self, limit: int = 200) -> None:
        self._limit, self._lock = limit, threading.Lock()
        self._read: OrderedDict[str, Definition] = OrderedDict()

    def get(self, hash: str, fetch: Callable[[], Package]) -> Definition:
        """The definition with that hash; `fetch` brings the package, a published one, if it has not been read yet."""
        with self._lock:
            if hash in self._read:
                self._read.move_to_end(hash)
                return self._read[hash]
        definition = read(fetch(), published=True)
        with self._lock:
            self._read[hash] = definition
            while len(self._read) > self._limit:
                self._read.popitem(last=False)
        return definition
