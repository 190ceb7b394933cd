"""`statutory.yaml` as values: what acts come to, which rules of order the law sets, which acts a process must have."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any, NamedTuple

from workflows import shipped

END = "end"
"""What the end of the whole process counts as."""
ROUND = "round:"
"""Before an act that everybody of several does: its round is over, as an event."""

Patterns = Mapping[str, Mapping[str, tuple[Any, ...]]]
"""Act → variable → the values that it must have come to; any act where no variable is named."""


class Event(NamedTuple):
    """A statutory act that was done, or a decision table that was asked ("table:<id>"), with what came of it."""

    kind: str
    came: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Alternative:
    """One thing that an act can come to: what it sets as variables and as facts, and the facts that it needs.

    came: what rules see of it: what it sets, and what only they are told.
    """

    sets: Mapping[str, Any]
    facts: Mapping[str, Any]
    when: Mapping[str, tuple[Any, ...]]
    came: Mapping[str, Any]


NOTHING = Alternative({}, {}, {}, {})
"""What an act comes to that sets nothing."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`never` unless `unless` since the last `since`; needed from the beginning, or from `when` on.

    id: names the sentence "statutory.<id>"; article: the law; case: only in processes with which a case is opened;
    kinds: only in those with which cases of these kinds are opened; processes: only in these; in all if empty.
    """

    id: str
    article: str
    never: Patterns
    unless: Patterns
    since: Patterns
    when: Patterns
    case: bool
    kinds: frozenset[str]
    processes: frozenset[str] = frozenset()

    @property
    def begins_open(self) -> bool:
        """Whether nothing is missing at the beginning."""
        return bool(self.when)

    @property
    def ends(self) -> bool:
        """Whether it asks for an act before the end, whatever was done: it speaks of a process that has the act."""
        return END in self.never and not self.when

    def after(self, event: Event, missing: bool) -> bool:
        """Whether something is missing after an act, given whether it was before."""
        if fits(self.since, event) or fits(self.when, event):
            return True
        return missing and not fits(self.unless, event)


@dataclass(frozen=True, slots=True)
class Required:
    """An act that a process must have."""

    act: str
    article: str


@dataclass(frozen=True, slots=True)
class Law:
    """All of it. persons: act → the roles that may do it; named: act → the variable with the one person who may;
    rounds: act that everybody of several does → the variable that names them; writes: act → all variables that it may
    set; begins: process → the variables that it is begun with, "" stands for all processes.
    """

    outcomes: Mapping[str, tuple[Alternative, ...]]
    facts: Mapping[str, Any]
    rules: tuple[Rule, ...]
    by_kind: Mapping[str, tuple[Required, ...]]
    by_process: Mapping[str, tuple[Required, ...]]
    persons: Mapping[str, frozenset[str]]
    named: Mapping[str, str]
    rounds: Mapping[str, str]
    writes: Mapping[str, frozenset[str]]
    begins: Mapping[str, frozenset[str]]

    @property
    def kinds(self) -> Collection[str]:
        """The kinds of matters that a process can be for."""
        return self.by_kind.keys()


def fits(patterns: Patterns, event: Event) -> bool:
    """Whether an act is one of these, and came to what they name. What it came to is always known."""
    wanted = patterns.get(event.kind)
    return wanted is not None and all(event.came.get(name) in values for name, values in wanted.items())


@cache
def law() -> Law:
    """What the program holds to be the law."""
    said = shipped.read("workflows.diagrams", "statutory.yaml")
    outcomes = {act: tuple(one for entry in entries for one in _alternatives(entry))
                for act, entries in said["outcomes"].items()}  # fmt: skip
    required = said["required"]
    return Law(
        outcomes, said["facts"], tuple(_rule(id, one) for id, one in said["rules"].items()),
        _required(required["kinds"]), _required(required["processes"]),
        {act: frozenset(roles) for act, roles in said["persons"].items()}, said["named"],
        said["rounds"],
        {act: frozenset(said["writes"].get(act, ())).union(*(one.sets for one in outcomes.get(act, ())))
         for act in {*outcomes, *said["writes"]}},
        {key: frozenset(names) for key, names in said["begins"].items()},
    )  # fmt: skip


def _alternatives(entry: Mapping[str, Any]) -> Iterator[Alternative]:
    sets = {name: _several(value) for name, value in entry.get("set", {}).items()}
    for values in product(*sets.values()):
        chosen = dict(zip(sets, values, strict=True))
        facts = {name: chosen[value[1:]] if isinstance(value, str) and value.startswith("=") else value
                 for name, value in entry.get("facts", {}).items()}  # fmt: skip
        when = {name: _several(value) for name, value in entry.get("when", {}).items()}
        yield Alternative(chosen, facts, when, {**chosen, **entry.get("tells", {})})


def _rule(id: str, said: Mapping[str, Any]) -> Rule:
    return Rule(
        id, said["article"], _patterns(said["never"]), _patterns(said["unless"]), _patterns(said.get("since", {})),
        _patterns(said.get("when", {})), said.get("in") == "case", frozenset(said.get("kinds", ())),
        frozenset(said.get("processes", ())),
    )  # fmt: skip


def _patterns(said: Mapping[str, Mapping[str, Any]]) -> Patterns:
    return {act: {name: _several(value) for name, value in came.items()} for act, came in said.items()}


def _several(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list) else (value,)


def _required(said: Mapping[str, list[Mapping[str, str]]]) -> Mapping[str, tuple[Required, ...]]:
    return {key: tuple(Required(one["act"], one["article"]) for one in acts) for key, acts in said.items()}
