"""Soundness of a process (van der Aalst, 1997): whether it can always be completed, with nothing left over or dead.

**What is proven.** On every path that the flows of a diagram allow, through its subprocesses and the processes that it
calls: no tokens wait for others that can't come (deadlock), none is left when all others have ended, every element can
be reached, the end can be reached from everywhere, and there are never more and more tokens in one place.

**What is not.** The proof looks at control flow and not at data: each condition may hold or not, at any time (but for
those that read no variable), so that a path may be named which data would never let happen, and two conditions that
never hold together are not seen. Timers, people and programs outside are taken to act some day. Several instances stand
for any number, and what is said in `soundness_marking` is left out. A search that becomes too large proves nothing and
says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from workflows.diagrams.proof import ERROR, WARNING, Finding, Step
from workflows.diagrams.soundness_drawing import Drawing, Scene
from workflows.diagrams.soundness_drawing import scene as scene_of
from workflows.diagrams.soundness_marking import WAITING, WATCHING
from workflows.diagrams.soundness_space import MOST_STATES, Space, explore, resting, scopes
from workflows.engine.definition import Definition
from workflows.engine.elements import Drawn

_JOINS = ("parallelGateway", "inclusiveGateway")
_WORK = ("userTask", "serviceTask", "sendTask", "callActivity", "subProcess", "transaction")
_CAN_WAIT = frozenset({"soundness.message_unawaited", "soundness.message_twice"})
"""Refused at that moment only: the step can be done again once the other branch is there."""


def check(definition: Definition, others: Mapping[str, Definition], *, most_states: int = MOST_STATES) -> list[Finding]:
    """Everything that makes a process unsound, with the shortest path to each.

    others: the processes that it may call, by key; where one is missing, the call is taken as a step that ends.
    """
    return judge(explore(scene_of(definition, others), most_states=most_states))


def judge(space: Space) -> list[Finding]:
    """The same for a process whose states were looked at."""
    stuck = dead_ends(space)
    found = [*(stuck_at(space, state) for state in stuck), *_stops(space), *_growth(space), *_twice(space)]
    if not space.complete:
        found += [] if space.grown else [_too_large(space)]
    else:
        found += [*_dead_steps(space), *_endless(space, stuck)]
    return [*_once(found), *unseen(space.scene)]


def _once(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The first of each kind at each element: it has the shortest path."""
    seen: set[tuple[str, str, str]] = set()
    for finding in findings:
        if (finding.code, finding.process, finding.element) not in seen:
            seen.add((finding.code, finding.process, finding.element))
            yield finding


def finding(
    code: str, drawing: Drawing, id: str, path: tuple[Step, ...] = (), severity: str = ERROR, **facts: object
) -> Finding:
    """A finding at an element or flow of a drawing, which facts and line are taken from."""
    node = drawing.nodes.get(id)
    facts = {"label": (node.element.name or id) if node is not None else id, **facts}
    return Finding(code, drawing.key, id, severity, path, facts, drawing.file, drawing.line(id))


def dead_ends(space: Space) -> list[int]:
    """States from which nothing leads on, though the process has not ended."""
    unlooked = space.cut.union(space.grown)
    return [
        number for number, edges in enumerate(space.edges)
        if not any(edge.target is not None for edge in edges)
        and not any(edge.stop is not None for edge in edges)
        and number != space.over and number not in unlooked
    ]  # fmt: skip


def stuck_at(space: Space, state: int) -> Finding:
    """What waits in vain: a join before anything else."""
    path, held = space.path(state), list(waiting(space, state))
    joins = [(drawing, node) for drawing, node in held if node.element.kind in _JOINS]
    if not joins:
        drawing, node = held[0]
        name = node.trigger.name if node.trigger is not None else ""
        return finding("soundness.waits_forever", drawing, node.id, path, name=name or node.element.name or node.id)
    drawing, node = joins[0]
    ended = any(
        step.process == drawing.key and step.id in drawing.nodes
        and drawing.nodes[step.id].element.kind == "endEvent"
        and drawing.nodes[step.id].element.scope == node.element.scope
        for step in path
    )  # fmt: skip
    came = {token[1] for _, scope in scopes(space.states[state]) for token in scope[2] if token[0] == node.id}
    empty = [flow.id for flow in node.flows_in if flow.id not in came]
    code = "soundness.token_lost" if ended else "soundness.deadlock"
    return finding(code, drawing, node.id, path, flows=empty)


def waiting(space: Space, state: int) -> Iterator[tuple[Drawing, Drawn]]:
    """The elements at which tokens wait in a state, but for those inside of which something runs."""
    for _, scope in scopes(space.states[state]):
        drawing = space.scene.drawings[scope[0]]
        for token in scope[2]:
            if token[2] == WAITING and not any(token[4]):
                yield drawing, drawing.nodes[token[0]]


def _stops(space: Space) -> Iterator[Finding]:
    """Where the engine would refuse to go on; a warning where it is only too early for the step."""
    ending = leading_to(space, [space.over] if space.over is not None else [])
    for number, edges in enumerate(space.edges):
        for edge in edges:
            if edge.stop is not None:
                path = (*space.path(number), *edge.steps)
                drawing = next(one for one in space.scene.drawings.values() if edge.stop.node in one.nodes.values())
                early = edge.stop.code in _CAN_WAIT and _rest_before(space, number) in ending
                severity = WARNING if early else ERROR
                yield finding(edge.stop.code, drawing, edge.stop.node.id, path, severity, **edge.stop.facts)


def _rest_before(space: Space, number: int) -> int:
    """The last state before one in which a command began."""
    at = space.before[number]
    while at is not None and not resting(space.states[number]):
        number = at[0]
        at = space.before[number]
    return number


def leading_to(space: Space, targets: Iterable[int]) -> set[int]:
    """The states from which one of these can be reached."""
    before: dict[int, list[int]] = {}
    for number, edges in enumerate(space.edges):
        for edge in edges:
            if edge.target is not None:
                before.setdefault(edge.target, []).append(number)
    found: set[int] = set()
    queue = list(targets)
    while queue:
        at = queue.pop()
        if at not in found:
            found.add(at)
            queue.extend(before.get(at, ()))
    return found


def _growth(space: Space) -> Iterator[Finding]:
    for number in space.grown:
        for _, scope in scopes(space.states[number]):
            place, count = Counter(token[0] for token in scope[2]).most_common(1)[0]
            if count > 1:
                yield finding("soundness.growth", space.scene.drawings[scope[0]], place, space.path(number))


def _twice(space: Space) -> Iterator[Finding]:
    """Steps that would be offered twice at one time: drawn so, it is rarely meant."""
    for number, marking in enumerate(space.states):
        for _, scope in scopes(marking):
            if len(scope[2]) < 2:
                continue
            drawing = space.scene.drawings[scope[0]]
            held = Counter(token[0] for token in scope[2] if token[2] == WAITING)
            for id, count in held.items():
                if count > 1 and drawing.nodes[id].element.kind in _WORK and not drawing.nodes[id].by_event:
                    yield finding("soundness.twice", drawing, id, space.path(number), WARNING)


def _too_large(space: Space) -> Finding:
    if space.crowded is not None:
        key, id = space.crowded
        return finding("soundness.too_many_ways", space.scene.drawings[key], id)
    facts = {"states": len(space.states)}
    return Finding("soundness.too_large", space.scene.root.key, facts=facts, file=space.scene.root.file)


def _dead_steps(space: Space) -> Iterator[Finding]:
    """Elements that no path reaches; of those behind each other the first."""
    drawing = space.scene.root
    passed = {step.id for edges in space.edges for edge in edges for step in edge.steps if step.process == drawing.key}
    held = {token[0] for marking in space.states for _, scope in scopes(marking) if scope[0] == drawing.key
            for token in scope[2] if token[2] != WATCHING}  # fmt: skip
    for node in drawing.nodes.values():
        if node.id in passed or node.id in held:
            continue
        if node.attached_to is not None:
            first = node.attached_to in passed | held
        elif node.by_event:
            first = node.element.scope == drawing.process_id or node.element.scope in passed | held
        else:
            first = any(flow.source in passed for flow in node.flows_in)
        if first and not (space.scene.missing and _catches(drawing, node)):
            yield finding("soundness.dead_step", drawing, node.id)


def _catches(drawing: Drawing, node: Drawn) -> bool:
    """Whether an element catches what a process that is not known could throw."""
    event = drawing.starts[node.id] if node.by_event else node
    return event.trigger is not None and event.trigger.kind in ("error", "escalation")


def _endless(space: Space, stuck: list[int]) -> Iterator[Finding]:
    """A state from which the end can't be reached, though one can go on for ever."""
    ends = [space.over] if space.over is not None else []
    stops = [number for number, edges in enumerate(space.edges) if any(edge.stop is not None for edge in edges)]
    reached = leading_to(space, [*ends, *stuck, *space.grown, *stops])  # the others are told of as what they are
    endless = next((number for number in range(len(space.states)) if number not in reached), None)
    if endless is None:
        return
    drawing, node = next(iter(waiting(space, endless)), (space.scene.root, None))
    id = node.id if node is not None else (space.path(endless) or (Step("", ""),))[-1].id
    yield finding("soundness.endless", drawing, id, space.path(endless))


def unseen(scene: Scene) -> list[Finding]:
    """One warning for each called process that is not known: what it does was not looked at."""
    return [
        finding("soundness.not_seen", scene.root, node.id, (), WARNING, called=node.call.key)
        for node in scene.root.nodes.values()
        if node.call is not None and node.call.key in scene.missing
    ]
