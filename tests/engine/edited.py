"""Small edits of a drawn diagram, on the XML and on the net alike, and a token game that goes on in the edited net.

How a game is carried over shares no code with the engine: its tokens are set down on the nodes of the new net.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from tests.engine.drawing import flows as written
from tests.engine.drawing import user
from tests.engine.sketches import Sketch
from tests.engine.token_game import Flow, Game, Net, Node, Token
from workflows.engine.package import Package

_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_REFERENCES = ("sourceRef", "targetRef", "attachedToRef")


class Edited:
    """A sketch that is changed step by step. renamed: old id → new id; removed: ids of steps that are no more."""

    def __init__(self, drawn: Sketch, chance: random.Random) -> None:
        self.chance, self.before = chance, drawn
        self.roots = {key: etree.fromstring(package.files[f"{key}.bpmn"]) for key, package in drawn.packages.items()}
        self.nets: dict[int, Net] = {}
        self.now: dict[tuple[int, Flow], Flow] = {}
        self.net = self._copied(drawn.net)
        self.renamed: dict[str, str] = {}
        self.removed: set[str] = set()

    def _copied(self, net: Net) -> Net:
        made = Net({id: replace(node, inner=self._copied(node.inner) if node.inner else None)
                    for id, node in net.nodes.items()}, list(net.flows))  # fmt: skip
        self.nets[id(net)] = made
        return made

    def sketch(self) -> Sketch:
        """What the edits have led to."""
        packages = {key: Package(key, {f"{key}.bpmn": etree.tostring(root)}) for key, root in self.roots.items()}
        return Sketch(packages, list(self.before.variables), self.net, self.before.number())

    def edit(self) -> None:
        """One change: a step more, a step less, another id, or another condition."""
        self._number = self.before.number() * 1000
        net = self.chance.choice(list(self.nets.values()))
        self.chance.choice((self._insert, self._insert, self._rename, self._remove, self._condition))(net)

    def _insert(self, net: Net) -> None:
        flow = self.chance.choice(net.flows)
        drawn = self._drawn(flow)
        if drawn is None:
            return
        id = f"user_new{self._number}"
        net.nodes[id] = Node("user")
        self._become(net, flow, replace(flow, target=id), waits=Flow(id, flow.target))
        net.flows.append(Flow(id, flow.target))
        drawn.set("targetRef", id)
        for xml in (user(id), written(f"{id} > {flow.target}")):
            drawn.addnext(_element(xml))

    def _remove(self, net: Net) -> None:
        ids = [id for id, node in net.nodes.items() if node.kind == "user" and not node.timer
               and len(net.into(id)) == len(net.out(id)) == 1 and net.out(id)[0].test is None]  # fmt: skip
        ids = [id for id in ids if net.into(id)[0].source != net.out(id)[0].target]
        if not ids:
            return
        id = self.chance.choice(ids)
        coming, going = net.into(id)[0], net.out(id)[0]
        into, out = self._drawn(coming), self._drawn(going)
        if into is None or out is None or any(flow.source == coming.source and flow.target == going.target
                                              for flow in net.flows):  # fmt: skip
            return
        onward = replace(coming, target=going.target)
        self._become(net, coming, onward)
        net.flows.remove(going)
        self._forget(net, going, onward)
        del net.nodes[id]
        into.set("targetRef", going.target)
        out.getparent().remove(out)
        step = self._find(id)
        step.getparent().remove(step)
        self.removed.add(next((one for one, now in self.renamed.items() if now == id), id))

    def _rename(self, net: Net) -> None:
        old = self.chance.choice([id for id, node in net.nodes.items() if node.kind != "pass"])
        new = f"{net.nodes[old].kind}_renamed{self._number}"
        net.nodes = {new if id == old else id: node for id, node in net.nodes.items()}  # the order of the drawing stays
        for flow in list(net.flows):
            if old in (flow.source, flow.target):
                self._become(net, flow, replace(flow, source=new if flow.source == old else flow.source,
                                                target=new if flow.target == old else flow.target))  # fmt: skip
        self._find(old).set("id", new)
        for root in self.roots.values():
            for name in _REFERENCES:
                for element in root.xpath(f"//*[@{name}='{old}']"):
                    element.set(name, new)
        first = next((one for one, now in self.renamed.items() if now == old), old)
        self.renamed[first] = new

    def _condition(self, net: Net) -> None:
        asking = [flow for flow in net.flows if flow.test is not None]
        if not asking:
            return
        flow = self.chance.choice(asking)
        drawn = self._drawn(flow)
        if drawn is None or flow.test is None:
            return
        values = tuple(sorted(self.chance.sample(range(4), self.chance.randrange(1, 4))))
        self._become(net, flow, replace(flow, test=(flow.test[0], values)))
        drawn[0].text = f"${{{flow.test[0]} in {list(values)}}}"

    def _become(self, net: Net, flow: Flow, now: Flow, waits: Flow | None = None) -> None:
        net.flows[net.flows.index(flow)] = now
        self._forget(net, flow, waits or now)

    def _forget(self, net: Net, flow: Flow, now: Flow) -> None:
        """A token that came by a flow would now have come by another."""
        for before, known in list(self.now.items()):
            if before[0] == id(net) and known == flow:
                self.now[before] = now
        self.now.setdefault((id(net), flow), now)

    def _drawn(self, flow: Flow) -> etree._Element | None:
        for root in self.roots.values():
            for element in root.iter(f"{_BPMN}sequenceFlow"):
                if (element.get("sourceRef"), element.get("targetRef")) == (flow.source, flow.target):
                    return element
        return None

    def _find(self, id: str) -> etree._Element:
        return next(found for root in self.roots.values() for found in root.iter() if found.get("id") == id)

    def stranded(self, game: Game) -> bool:
        """Whether a token stands where nothing is any more."""
        return any(token.at in self.removed or any(self.stranded(inner) for inner in token.games)
                   for token in game.tokens)  # fmt: skip

    def carried(self, game: Game, around: tuple[Game, Token] | None = None) -> Game:
        """The game, in the edited net."""
        net = self.nets[id(game.net)]
        made = Game.__new__(Game)
        made.net, made.now, made.around = net, game.now, around
        shares = around is not None and game.around is not None and game.variables is game.around[0].variables
        made.variables = around[0].variables if shares and around is not None else dict(game.variables)
        made.tokens = []
        for token in game.tokens:
            came = None if token.came is None else self._came(net, token.came)
            moved = Token(self.renamed.get(token.at, token.at), came, [], list(token.left), token.due, token.asked)
            moved.games = [self.carried(inner, (made, moved)) for inner in token.games]
            made.tokens.append(moved)
        return made

    def _came(self, net: Net, flow: Flow) -> Flow:
        return self.now.get((id(net), flow), flow)


def _element(xml: str) -> etree._Element:
    root = etree.fromstring(f'<x xmlns:bpmn="{_BPMN[1:-1]}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{xml}</x>')
    return next(iter(root))


def kinds(game: Game) -> Iterator[str]:
    """Kinds of the nodes on which tokens stand."""
    for token in game.tokens:
        yield game.net.nodes[token.at].kind
        for inner in token.games:
            yield from kinds(inner)
