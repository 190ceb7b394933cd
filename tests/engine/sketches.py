"""Draws a tree of blocks, or a random graph, as BPMN for the engine and as a net for the token game."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

from tests.engine import drawing as d
from tests.engine.token_game import Border, Net, Node
from tests.engine.token_game import Flow as Arc
from tests.engine.trees import Block
from workflows.engine.package import Package

_EVENTS = "signal:A signal:B escalation:A escalation:B"


@dataclass
class Sketch:
    """What was drawn: packages by key, the net of the outermost, and the variables that gateways read."""

    packages: dict[str, Package] = field(default_factory=dict)
    variables: list[str] = field(default_factory=list)
    net: Net = field(default_factory=Net)
    _numbers: int = 0

    def number(self) -> int:
        self._numbers += 1
        return self._numbers


@dataclass
class _Page:
    """One scope while it is drawn."""

    sketch: Sketch
    net: Net = field(default_factory=Net)
    xml: list[str] = field(default_factory=list)

    def node(self, kind: str, draw: Callable[[str], str], **extras: object) -> str:
        id = f"{kind}{self.sketch.number()}"
        self.xml.append(draw(id))
        self.net.nodes[id] = Node(kind, **extras)  # type: ignore[arg-type]
        return id

    def flow(self, source: str, target: str, test: tuple[str, tuple[int, ...]] | None = None) -> None:
        written = f" ? {test[0]} in {list(test[1])}" if test else ""
        self.xml.append(d.flows(f"{source} > {target}{written}"))
        self.net.flows.append(Arc(source, target, test))

    def mark_default(self, source: str, target: str, index: int) -> None:
        """Make the last flow out of an activity its default."""
        place = next(n for n, written in enumerate(self.xml) if f' id="{source}"' in written)
        self.xml[place] = self.xml[place].replace(f' id="{source}"', f' id="{source}" default="{source}__{target}"', 1)
        self.net.nodes[source].default = index

    def variable(self) -> str:
        name = f"v{self.sketch.number()}"
        self.sketch.variables.append(name)
        return name


def sketch(block: Block) -> Sketch:
    """Draw a block between a start and an end."""
    made = Sketch()
    made.net = _process(made, block, "main")
    return made


def graph(chance: random.Random) -> Sketch:
    """Steps and gateways joined at random, neither in blocks nor sound: tokens may multiply, and may get stuck.

    Gateways lead to steps, ends or later gateways only, so that no token runs in circles by itself.
    """
    made = Sketch()
    page = _Page(made)
    start, end = page.node("start", d.start), page.node("end", d.end)
    users = [page.node("user", d.user) for _ in range(chance.randrange(2, 6))]
    kinds = [chance.choice(("xor", "par", "par", "inc")) for _ in range(chance.randrange(2, 7))]
    ids = [f"{kind}{made.number() + 100}" for kind in kinds]
    arcs = [(start, ids[0])]
    for user in users:
        several = min(len(ids), chance.choice((1, 1, 1, 1, 1, 2, 3)))
        arcs += [(user, target) for target in chance.sample(ids, several)]
    for index, id in enumerate(ids):
        wanted = chance.sample([*ids[index + 1:], *users, end], min(chance.randrange(1, 4), len(users)))
        arcs += [(id, target) for target in wanted]
    for target in (*ids, *users, end):
        if all(arc[1] != target for arc in arcs):  # everything must be reached from somewhere
            later = ids.index(target) if target in ids else len(ids)
            arcs.append((ids[chance.randrange(later)], target))
    for kind, id in zip(kinds, ids, strict=True):
        targets = [target for source, target in arcs if source == id]
        _gateway(page, kind, id, targets)
    page.flow(*arcs[0])
    for user in users:
        _activity_flows(page, chance, user, [target for source, target in arcs if source == user])
    made.packages["main"] = Package("main", {"main.bpmn": d.draw(*page.xml, key="main")})
    made.net = page.net
    return made


def _gateway(page: _Page, kind: str, id: str, targets: list[str]) -> None:
    page.net.nodes[id] = Node(kind, default=None if kind == "par" else len(targets) - 1)
    draw = {"xor": d.xor, "par": d.par, "inc": d.inc}[kind]
    page.xml.append(draw(id) if kind == "par" else draw(id, default=f"{id}__{targets[-1]}"))
    variable = page.variable()
    for index, target in enumerate(targets):
        conditional = kind != "par" and index != len(targets) - 1
        values = tuple(n for n in range(4) if n >> index & 1)
        page.flow(id, target, (variable, values) if conditional else None)


def _activity_flows(page: _Page, chance: random.Random, user: str, targets: list[str]) -> None:
    """Flows out of a step, each with a condition or not; without a default it may be that none is taken."""
    variable, asking = page.variable(), chance.random() < 0.6
    default = asking and chance.random() < 0.5
    for index, target in enumerate(targets):
        conditional = asking and chance.random() < 0.7 and not (default and index == len(targets) - 1)
        values = tuple(n for n in range(4) if n >> index % 2 & 1)
        page.flow(user, target, (variable, values) if conditional else None)
    if default:
        page.mark_default(user, targets[-1], len(targets) - 1)


def _process(made: Sketch, block: Block, key: str) -> Net:
    page = _scope(made, block)
    made.packages[key] = Package(key, {f"{key}.bpmn": d.draw(*page.xml, key=key, events=_EVENTS)})
    return page.net


def _scope(made: Sketch, block: Block) -> _Page:
    page = _Page(made)
    start = page.node("start", d.start)
    first, last = _draw(page, block)
    page.flow(start, first)
    page.flow(last, page.node("end", d.end))
    return page


def _draw(page: _Page, block: Block) -> tuple[str, str]:
    """Draw a block; its first and last node."""
    match block:
        case ("step",):
            return (id := page.node("user", d.user)), id
        case ("timed", interrupting):
            return _late(page, "user", lambda id: d.user(id), interrupting)
        case ("many", count, enough, sequential) if not sequential or count < 2:
            until = f"${{nrOfCompletedInstances >= {enough}}}"
            return (id := page.node("many", lambda id: d.user(id, d.many(times=str(count), until=until)),
                                    count=count, enough=enough)), id
        case ("many", *_):
            return _draw(page, ("step",))
        case ("seq", parts):
            ends = [_draw(page, part) for part in parts]
            for (_, last), (first, _) in pairwise(ends):
                page.flow(last, first)
            return ends[0][0], ends[-1][1]
        case ("xor" | "par" | "inc" as kind, parts):
            return _branches(page, kind, parts)
        case ("fork", body, asking, parts):
            return _fork(page, body, asking, parts)
        case ("aside", kind):
            return _aside(page, kind)
        case ("loop", body):
            return _loop(page, body)
        case ("late", body, interrupting):
            inner = _scope(page.sketch, body)
            return _late(page, "sub", lambda id: d.sub(id, "".join(inner.xml)), interrupting, inner=inner.net)
        case ("sub", body):
            inner = _scope(page.sketch, body)
            return (id := page.node("sub", lambda id: d.sub(id, "".join(inner.xml)), inner=inner.net)), id
        case ("call", body):
            return _call(page, body)
        case ("link", body):
            return _linked(page, body)
        case ("shout", kind, name):
            return _shout(page, kind, name)
        case ("again", most, before):
            return _again(page, most, before)
        case ("border", body, kind, name, interrupting):
            return _bordered(page, body, kind, name, interrupting)
    raise AssertionError(block)


def _branches(page: _Page, kind: str, parts: list[Block]) -> tuple[str, str]:
    draw = {"xor": d.xor, "par": d.par, "inc": d.inc}[kind]
    ends = [_draw(page, part) for part in parts]
    default = {} if kind == "par" else {"default": len(parts) - 1}
    chosen = f"{kind}{page.sketch.number() + 1}__{ends[-1][0]}"
    attributes = {} if kind == "par" else {"default": chosen}
    split = page.node(kind, lambda id: draw(id, **attributes), **default)
    join = page.node(kind, lambda id: draw(id))
    variable = None if kind == "par" else page.variable()
    for index, (first, last) in enumerate(ends):
        values = (index,) if kind == "xor" else tuple(n for n in range(4) if n >> index & 1)
        conditional = variable is not None and index != len(parts) - 1
        page.flow(split, first, (variable, values) if conditional and variable else None)
        page.flow(last, join)
    return split, join


def _fork(page: _Page, body: Block, asking: bool, parts: list[Block]) -> tuple[str, str]:
    """An activity with several flows out: all without a condition, or some of them, or all with a default beside."""
    _, split = _draw(page, body)
    ends = [_draw(page, part) for part in parts]
    join = page.node("inc" if asking else "par", lambda id: d.inc(id) if asking else d.par(id))
    variable = page.variable() if asking else None
    default = asking and page.sketch.number() % 2 == 0  # otherwise the last flow has no condition and is always taken
    for index, (first, last) in enumerate(ends):
        conditional = variable is not None and index != len(parts) - 1
        values = tuple(n for n in range(4) if n >> index & 1)
        page.flow(split, first, (variable, values) if conditional and variable else None)
        page.flow(last, join)
    if default:
        page.mark_default(split, ends[-1][0], len(parts) - 1)
    return split, join


def _aside(page: _Page, kind: str) -> tuple[str, str]:
    """A split of which one branch has a step and ends there; the other goes on behind the block."""
    split = page.node(kind, {"par": d.par, "inc": d.inc, "user": d.user}[kind])
    onward, beside = page.node("xor", d.xor), page.node("user", d.user)
    variable = page.variable() if kind == "inc" else None
    page.flow(split, onward, (variable, (0, 1, 2, 3)) if variable else None)
    page.flow(split, beside, (variable, (0, 1, 2)) if variable else None)
    page.flow(beside, page.node("end", d.end))
    return split, onward


def _loop(page: _Page, body: Block) -> tuple[str, str]:
    merge = page.node("xor", d.xor)
    first, last = _draw(page, ("seq", [("step",), body]))
    after = page.node("user", d.user)
    number = page.sketch.number() + 1
    gate = page.node("xor", lambda id: d.xor(id, default=f"xor{number}__{after}"), default=1)
    page.flow(merge, first)
    page.flow(last, gate)
    page.flow(gate, merge, (page.variable(), (1, 2)))
    page.flow(gate, after)
    return merge, after


def _late(
    page: _Page, kind: str, draw: Callable[[str], str], interrupting: bool, inner: Net | None = None
) -> tuple[str, str]:
    """An activity with a boundary timer, whose flow has a step and an end of its own or comes back behind it."""
    seconds = 7200 + page.sketch.number()  # no two alike: which fires first is never in doubt
    id = page.node(kind, draw, inner=inner)
    event = f"timer{page.sketch.number()}"
    page.xml.append(d.boundary(event, id, d.timer(f"PT{seconds}S"), interrupting=interrupting))
    page.net.nodes[id].timer = (event, seconds, interrupting)
    return _handled(page, id, event, interrupting)


def _handled(page: _Page, id: str, event: str, interrupting: bool) -> tuple[str, str]:
    handling = page.node("user", d.user)
    page.flow(event, handling)
    if not interrupting:
        page.flow(handling, page.node("end", d.end))
        return id, id
    merge = page.node("xor", d.xor)
    page.flow(handling, merge)
    page.flow(id, merge)
    return id, merge


def _bordered(page: _Page, body: Block, kind: str, name: str, interrupting: bool) -> tuple[str, str]:
    """A subprocess with a boundary event that waits for a signal, an escalation or a condition."""
    inner = _scope(page.sketch, body)
    id = page.node("sub", lambda id: d.sub(id, "".join(inner.xml)), inner=inner.net)
    event, test = f"{kind}{page.sketch.number()}", None
    if kind == "condition":
        test = (page.variable(), (1, 2))
        drawn = d.conditional(f"${{{test[0]} in [1, 2]}}")
    else:
        drawn = d.signal(name) if kind == "signal" else d.escalation(name)
    page.xml.append(d.boundary(event, id, drawn, interrupting=interrupting))
    page.net.nodes[id].border = Border(event, kind, interrupting, name if test is None else "", test)
    return _handled(page, id, event, interrupting)


def _shout(page: _Page, kind: str, name: str) -> tuple[str, str]:
    """A step, and what is thrown at once after it, when nothing else moves: who hears it is never in doubt."""
    step = page.node("user", d.user)
    drawn = d.signal(name) if kind == "signal" else d.escalation(name)
    thrown = page.node("throw", lambda id: d.node("intermediateThrowEvent", id, drawn), throws=(kind, name))
    page.flow(step, thrown)
    return step, thrown


def _again(page: _Page, most: int, before: bool) -> tuple[str, str]:
    """A step in a standard loop."""
    variable = page.variable()
    loop = d.loop(f"${{{variable} in [1, 2, 3]}}", most, before=before)
    return (id := page.node("again", lambda id: d.user(id, loop), again=((variable, (1, 2, 3)), most, before))), id


def _linked(page: _Page, body: Block) -> tuple[str, str]:
    """A block before which the flow is drawn as a pair of link events."""
    first, last = _draw(page, body)
    name = f"link{page.sketch.number()}"
    link = f'<bpmn:linkEventDefinition name="{name}"/>'
    thrown = page.node("pass", lambda id: d.node("intermediateThrowEvent", id, link))
    caught = page.node("pass", lambda id: d.catch(id, link))
    page.net.flows.append(Arc(thrown, caught))
    page.flow(caught, first)
    return thrown, last


def _call(page: _Page, body: Block) -> tuple[str, str]:
    key = f"called{page.sketch.number()}"
    before = len(page.sketch.variables)
    net = _process(page.sketch, body, key)
    shared = page.variable()
    maps = (shared, *page.sketch.variables[before:-1])
    mapping = "".join(f'<camunda:in source="{name}" target="{name}"/>' for name in maps)
    mapping += f'<camunda:out source="{shared}" target="{shared}"/>'
    return (id := page.node("call", lambda id: d.call(id, key, mapping), inner=net, maps=maps)), id
