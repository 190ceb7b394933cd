"""What the moves of a process do with data: which variables and facts of the case they read, set, and ask.

The state space of soundness knows no data. Here each of its edges is read once more: what an act can come to is known
(statutory.yaml), conditions that read only that are asked, and anything else (amounts, answers of decision tables, what
programs outside say) stays open. How much of it is kept is for the caller to say: fewer variables, fewer states.

A variable belongs to one running process. Where two can run in the same place at once (a call in a multi-instance), its
variables stay open too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from workflows.diagrams.soundness_marking import CALLED, COMES, DONE, LEFT, RETURNED, Deed, Place
from workflows.diagrams.soundness_play import Edge
from workflows.diagrams.soundness_space import Space
from workflows.diagrams.statutory_deeds import (
    NONE,
    OPEN,
    Known,
    Values,
    Var,
    Vars,
    act_of,
    can_happen,
    condition_names,
    copied,
    copies,
    doubled,
    local,
    of,
    seen,
    set_otherwise,
    value_of,
)
from workflows.diagrams.statutory_rules import NOTHING, ROUND, Event, Law
from workflows.engine.elements import Decision, Drawn


class Effect(NamedTuple):
    """One thing that passing an edge comes to: what is known of the variables that it writes, and the act done."""

    sets: Known
    event: Event | None


class Net:
    """The edges of a state space with what they do.

    live: for each state, the variables that may still be asked; learnt: the sets of variables that rules needed.
    """

    def __init__(self, space: Space, law: Law, *, opening: bool) -> None:
        """opening: whether a case is opened with this process, so that its facts are known at the beginning."""
        self.space, self.law = space, law
        drawings = space.scene.drawings.values()
        self._drawn_in = {id(node): drawing for drawing in drawings for node in drawing.nodes.values()}
        foreign = {key: set_otherwise(drawing) for key, drawing in space.scene.drawings.items()}
        deeds = [deed for edges in space.edges for edge in edges for deed in edge.deeds]
        self._open = {deed.place: foreign[self._drawn_in[id(deed.node)].key] for deed in deeds}
        self._blurred = {place for marking in space.states for place in doubled(marking)}
        self.start: Known = frozenset((Var(None, name), value) for name, value in law.facts.items() if opening)
        self._reads: dict[int, Vars] = {}
        self._writes: dict[int, Vars] = {}
        self._effects: dict[tuple[int, Known], tuple[Effect, ...]] = {}
        self.learnt: list[Vars] = []
        self.live = self._lives()

    def _lives(self) -> list[Vars]:
        """The usual analysis of a compiler: backwards over the edges, until nothing is added."""
        live: list[Vars] = [NONE] * len(self.space.states)
        into: dict[int, set[int]] = {}
        for number, edges in enumerate(self.space.edges):
            for edge in edges:
                if edge.target is not None:
                    into.setdefault(edge.target, set()).add(number)
        queue = dict.fromkeys(reversed(range(len(live))))
        while queue:
            number = next(iter(queue))
            del queue[number]
            found = NONE.union(*(self.before(edge, live[edge.target] if edge.target is not None else NONE)
                                 for edge in self.space.edges[number]))  # fmt: skip
            if found != live[number]:
                live[number] = found
                queue.update(dict.fromkeys(into.get(number, ())))
        return live

    def asked(self, edge: Edge) -> Vars:
        """The variables that decide whether and how an edge can be passed."""
        names: set[Var] = set()
        for deed in edge.deeds:
            if deed.what == DONE:
                names |= self._when(deed.node)
            elif deed.what in (LEFT, COMES):
                names |= {Var(deed.place, name) for name in condition_names(deed)}
        return frozenset(filter(self._can_be_known, names))

    def before(self, edge: Edge, wanted: Vars) -> Vars:
        """The variables that must be known before an edge to know these after it, and whether it can be passed."""
        for deed in reversed(edge.deeds):
            wanted = self._before(deed, wanted)
        return frozenset(filter(self._can_be_known, wanted))

    def _before(self, deed: Deed, wanted: Vars) -> Vars:
        place, node = deed.place, deed.node
        if deed.what in (LEFT, COMES):
            return wanted | {Var(place, name) for name in condition_names(deed)}
        if deed.what == DONE:
            if node.handler is not None:
                wanted = frozenset(var for var in wanted if var.place != place)
            read = {Var(place, name) for target, expression in node.outputs if Var(place, target) in wanted
                    for name in seen(node, expression.names)}  # fmt: skip
            return (wanted - self._surely_set(place, node)) | read | self._when(node)
        inner = (*place, node.id)
        if deed.what == CALLED:
            outer = frozenset(var for var in wanted if not var.within(inner))
            return outer | {
                Var(place, name) for copy in copies(node, deed.what) for var in wanted if var.place == inner
                for name in (seen(node, copy.source.names) if copy.source is not None and copy.target == var.name
                             else {var.name} if copy.source is None else ())
            }  # fmt: skip
        given = {Var(place, copy.target) for copy in copies(node, deed.what) if copy.target is not None}
        return (wanted - given) | {
            Var(inner, name) for copy in copies(node, deed.what) for var in wanted if var.place == place
            for name in (copy.source.names if copy.source is not None and copy.target == var.name
                         else {var.name} if copy.source is None else ())
        }  # fmt: skip

    def linked(self, edge: Edge, names: Vars) -> Vars:
        """The variables from which an edge sets one of these, and those that it sets together with it."""
        if not names & self.writes(edge):
            return NONE
        return self.writes(edge) | self.reads(edge)

    def reads(self, edge: Edge) -> Vars:
        """Every variable that an edge reads."""
        if (found := self._reads.get(id(edge))) is None:
            wanted = NONE.union(*(self._read(deed) for deed in edge.deeds))
            found = self._reads[id(edge)] = frozenset(filter(self._can_be_known, wanted))
        return found

    def _read(self, deed: Deed) -> Vars:
        place, node = deed.place, deed.node
        if deed.what in (LEFT, COMES):
            return frozenset(Var(place, name) for name in condition_names(deed))
        if deed.what == DONE:
            names = {name for _, expression in node.outputs for name in seen(node, expression.names)}
            return frozenset(Var(place, name) for name in names) | self._when(node)
        outer = place if deed.what == CALLED else (*place, node.id)
        handed = copies(node, deed.what)
        if any(copy.source is None for copy in handed):
            return frozenset(var for live in self.live for var in live if var.place == outer)
        names = {name for copy in handed if copy.source is not None for name in copy.source.names}
        return frozenset(Var(outer, name) for name in (seen(node, names) if deed.what == CALLED else names))

    def writes(self, edge: Edge) -> Vars:
        """Every variable that an edge may set, or make unknown."""
        if (found := self._writes.get(id(edge))) is None:
            wanted = NONE.union(*(self._written(deed) for deed in edge.deeds))
            found = self._writes[id(edge)] = frozenset(filter(self._can_be_known, wanted))
        return found

    def _written(self, deed: Deed) -> Vars:
        place, node = deed.place, deed.node
        if deed.what in (LEFT, COMES):
            return NONE
        if deed.what == DONE:
            entries = self.law.outcomes.get(act_of(node), ())
            names = {name for one in entries for name in one.sets} | {name for name, _ in node.outputs}
            names |= {node.decision.variable} if node.decision is not None else set()
            facts = {Var(None, name) for one in entries for name in one.facts}
            return frozenset({*facts, *(Var(place, name) for name in names)})
        inner = (*place, node.id)
        source, target = (place, inner) if deed.what == CALLED else (inner, place)
        found = {Var(target, copy.target) for copy in copies(node, deed.what) if copy.target is not None}
        if any(copy.source is None for copy in copies(node, deed.what)):
            found |= {Var(target, var.name) for live in self.live for var in live if var.place == source}
        return frozenset(found)

    def effects(self, edge: Edge, known: Known) -> tuple[Effect, ...]:
        """What passing an edge can come to; none where it can't be passed. known: what is known of `reads(edge)`.

        What is not written stays; of variables that begin or end with a call, and of those that a handler may set,
        none is alive at that moment.
        """
        key = (id(edge), known)
        if (found := self._effects.get(key)) is None:
            states: list[tuple[Values, Event | None]] = [(dict(known), None)]
            for deed in edge.deeds:
                states = [(after, event or done) for values, done in states
                          for after, event in self._after(deed, values)]  # fmt: skip
            written = self.writes(edge)
            found = self._effects[key] = tuple(
                Effect(frozenset((var, values[var]) for var in written if var in values), event)
                for values, event in states
            )
        return found

    def _after(self, deed: Deed, values: Values) -> Iterator[tuple[Values, Event | None]]:
        place, node = deed.place, deed.node
        if deed.what in (LEFT, COMES):
            if not condition_names(deed) or can_happen(deed, of(values, place)):
                over = deed.what == LEFT and act_of(node) in self.law.rounds
                yield values, Event(ROUND + act_of(node), {}) if over else None
        elif deed.what == DONE:
            yield from self._done(place, node, values)
        elif deed.what == CALLED:
            inner = (*place, node.id)
            begun = {var: value for var, value in values.items() if not var.within(inner)}
            self._put(begun, inner, copied(local(node, of(values, place)), copies(node, CALLED)))
            yield begun, None
        elif deed.what == RETURNED:
            ended = dict(values)
            given = copied(of(values, (*place, node.id)), copies(node, RETURNED))
            shadowed = {name: OPEN for name, _ in node.inputs if name in given}
            self._put(ended, place, {**given, **shadowed})
            yield ended, None

    def _done(self, place: Place, node: Drawn, values: Values) -> Iterator[tuple[Values, Event | None]]:
        """The ways in which an element can be done."""
        act = act_of(node)
        if node.decision is not None:
            for answer in (True, False):
                given = {node.decision.variable: answer if self._yes_or_no(node, node.decision) else OPEN}
                yield self._set(place, node, values, given, {}), Event(f"table:{node.decision.id}", {"result": answer})
        elif act:
            for one in self.law.outcomes.get(act, (NOTHING,)):
                if all(values.get(Var(None, name), OPEN) in (OPEN, *wanted) for name, wanted in one.when.items()):
                    yield self._set(place, node, values, one.sets, one.facts), Event(act, one.came)
        elif node.handler is not None:
            yield {var: value for var, value in values.items() if var.place != place}, None
        elif node.outputs:
            yield self._set(place, node, values, {}, {}), None
        else:
            yield values, None

    def _yes_or_no(self, node: Drawn, decision: Decision) -> bool:
        table = self._drawn_in[id(node)].definition.tables[decision.id]
        return decision.how == "singleEntry" and table.hit_policy != "COLLECT" and table.outputs[0].type == "boolean"

    def _set(
        self, place: Place, node: Drawn, values: Values, sets: Mapping[str, Any], facts: Mapping[str, Any]
    ) -> Values:
        """The values after an element set something; what has the name of a local input is not seen outside."""
        after = {**values, **{Var(None, name): value for name, value in facts.items()}}
        shadowed = {name: OPEN for name, _ in node.inputs if name in sets}
        self._put(after, place, {**sets, **shadowed})
        inside = local(node, {**of(values, place), **sets})
        self._put(after, place, {name: value_of(expression, inside) for name, expression in node.outputs})
        return after

    def _put(self, values: Values, place: Place, given: Mapping[str, Any]) -> None:
        for name, value in given.items():
            var = Var(place, name)
            if value is OPEN or not self._can_be_known(var):
                values.pop(var, None)
            else:
                values[var] = value

    def _can_be_known(self, var: Var) -> bool:
        if var.place is None:
            return True
        if any(var.within(place) for place in self._blurred):
            return False
        return var.name not in self._open.get(var.place, ())

    def _when(self, node: Drawn) -> set[Var]:
        return {Var(None, name) for one in self.law.outcomes.get(act_of(node), ()) for name in one.when}

    def _surely_set(self, place: Place, node: Drawn) -> Vars:
        given = {name for name, _ in node.outputs}
        if node.decision is not None:
            given.add(node.decision.variable)
        entries = self.law.outcomes.get(act_of(node), ())
        given |= set.intersection(*(set(one.sets) for one in entries)) if entries else set()
        facts = set.intersection(*(set(one.facts) for one in entries)) if entries else set()
        return frozenset({*(Var(place, name) for name in given), *(Var(None, name) for name in facts)})
