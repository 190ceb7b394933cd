"""All checks of a package, beside the processes that are published: what a draft shows, and what publishing refuses.

Whether it can be read (`reading`); whom it calls and who sends to it (`neighbours`); variables that nobody writes
(`variables`), or not on every path (`unwritten`); tables without an answer (`deciding`), conditions that never
hold (`comparisons`); reviews that one person could
do twice (`separation`); how it is drawn (`linting`); whether it can always be completed (`soundness`); whether it keeps
to the law (`statutory`); whether somebody can do its steps (`staffing`), and when (`timings`). Processes that call it
are looked at too, as they would be with this version of it. Errors keep a package from being published, warnings do
not.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from threading import Lock

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.diagrams import (
    comparisons,
    deciding,
    declared,
    description,
    linting,
    neighbours,
    reading,
    separation,
    soundness,
    soundness_data,
    soundness_rest,
    staffing,
    statutory,
    timings,
    unwritten,
    variables,
)
from workflows.diagrams.proof import ERROR, Finding
from workflows.diagrams.soundness_drawing import scene
from workflows.diagrams.soundness_space import explore
from workflows.diagrams.statutory_rules import law
from workflows.engine import packages
from workflows.engine.definition import Definition
from workflows.engine.definition import read as read_definition
from workflows.engine.package import Package
from workflows.engine.packages import EngineCurrent
from workflows.errors import DiagramRefused, Problem

REMEMBERED = 64
"""Answers that are kept in memory, by the versions that they are of: most of what is asked again nobody changed."""
Answer = tuple[Finding, ...]


class Remembered:
    """The last answers to one question."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, ...], Answer] = OrderedDict()
        self._lock = Lock()

    def get(self, versions: tuple[str, ...], find: Callable[[], Iterable[Finding]]) -> Answer:
        """What `find` answers of these versions; it is not asked again while that is remembered."""
        with self._lock:
            if versions in self._kept:
                self._kept.move_to_end(versions)
                return self._kept[versions]
        found = tuple(find())
        with self._lock:
            self._kept[versions] = found
            while len(self._kept) > REMEMBERED:
                self._kept.popitem(last=False)
        return found


_checks, _proofs = Remembered(), Remembered()


def errors(session: Session, package: Package, *, together: Mapping[str, Package] | None = None) -> list[Problem]:
    """Everything for which publishing refuses a package; empty when it can be published.

    together: packages that are published with it, by process key.
    """
    return [one.problem for one in findings(session, package, together=together) if one.severity == ERROR]


def findings(
    session: Session, package: Package, *, together: Mapping[str, Package] | None = None
) -> list[Finding]:
    """What all checks find in a package beside what is published now or with it, as of today and for who is here."""
    published = beside(session)
    for key, other in (together or {}).items():
        if key != package.key and (key not in published or published[key].hash != other.hash):
            published[key] = read_definition(other, published=True)
    found = check(package, published)
    if any(one.severity == ERROR and not one.process for one in found):
        return found  # it can't be read
    definition = read_definition(package, published=True)
    return _in_order([*found, *staffing.check(session, definition), *timings.check(definition)])


def beside(session: Session) -> dict[str, Definition]:
    """The present versions of all processes, by key."""
    rows = session.execute(select(EngineCurrent.key, EngineCurrent.package_hash))
    return {key: packages.definition(session, package_hash) for key, package_hash in rows}


def check(package: Package, published: Mapping[str, Definition]) -> list[Finding]:
    """Every finding of a package beside the present versions of all processes, by key; errors first.

    The present version of the package's own process counts only as what its callers were checked with.
    """
    versions = (package.key, package.hash, *sorted(f"{key} {one.hash}" for key, one in published.items()))
    return list(_checks.get(versions, lambda: _in_order(_check(package, published))))


def _check(package: Package, published: Mapping[str, Definition]) -> list[Finding]:
    others = {key: one for key, one in published.items() if key != package.key}
    try:
        definition, aside = reading.read(package, {package.key, *others})
    except DiagramRefused as refused:
        return [_as_finding(problem) for problem in refused.problems]
    found = [replace(_as_finding(problem), process=definition.key)
             for problem in [*aside, *neighbours.check(definition, others)]]  # fmt: skip
    found += [*variables.check(definition, others), *deciding.check(definition, others)]
    found += comparisons.check(definition, others)
    found += [*separation.check(definition), *linting.check(definition), *declared.check(definition)]
    if any(one.code == "diagram.call_circle" for one in found):
        return found  # it has no end to be looked at
    late = {(one.element, one.facts["name"]) for one in found if one.code == "check.variable_late"}
    found += [one for one in _proven(definition, others) if (one.element, one.facts.get("name")) not in late]
    for caller in _callers(definition.key, others):
        now = _proven(caller, {**others, definition.key: definition})
        before = _places(_proven(caller, published)) if now and definition.key in published else set()
        found += [one for one in now if _place(one) not in before | _places(found)]
    return found


def _proven(definition: Definition, others: Mapping[str, Definition]) -> Answer:
    """Soundness and the statutory proof, over one state space."""
    drawn = scene(definition, others)
    callers = [one for one in others.values() if definition.key in one.calls]

    def prove() -> Iterator[Finding]:
        space = explore(drawn)
        yield from (unsound := [*soundness.judge(space), *soundness_rest.check(space)])
        if space.complete and not any(one.severity == ERROR for one in unsound):
            opening = statutory.opens_cases(definition)
            yield from soundness_data.check(space, law(), opening=opening)
            yield from unwritten.check(definition, callers, space, opening=opening)
        if not space.grown:  # else there is no end of states in which the law could be kept
            kinds = [str(kind) for kind in description.read(definition.package).get("kinds", [])]
            yield from statutory.check(definition, others, kinds, space=space)

    around = sorted(one.definition.hash for one in drawn.drawings.values())
    return _proofs.get((definition.hash, *around, "", *sorted(one.hash for one in callers)), prove)


def _callers(key: str, others: Mapping[str, Definition]) -> Iterator[Definition]:
    """The processes that call another one, directly or not."""
    wanted, grown = {key}, True
    while grown:
        more = {name for name, one in others.items() if one.calls & wanted} - wanted
        wanted, grown = wanted | more, bool(more)
    return (others[name] for name in sorted(wanted - {key}))


def _place(one: Finding) -> tuple[str, str, str]:
    return one.code, one.process, one.element


def _places(found: Iterable[Finding]) -> set[tuple[str, str, str]]:
    return {_place(one) for one in found}


def _as_finding(problem: Problem) -> Finding:
    file, _, element = problem.place.partition("#")
    return Finding(problem.code, "", element, facts=problem.facts, file=file, line=problem.line)


def _in_order(found: list[Finding]) -> list[Finding]:
    return sorted(found, key=lambda one: (one.severity != ERROR, one.file, one.line or 0))
