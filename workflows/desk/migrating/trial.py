"""A dry run: what would become of each running case, tried on copies in memory. Nothing is written.

Who plans a migration is no party to the cases: of each is told its number, its kind and the steps at which it stands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.actors import Actor
from workflows.calendar import clock
from workflows.cases.file import Case
from workflows.desk.migrating.moving import Spot, spots
from workflows.desk.migrating.terms import Terms, become, running_on
from workflows.diagrams.drafts import READERS
from workflows.diagrams.soundness_drawing import Drawing
from workflows.diagrams.writers import Order
from workflows.engine import state
from workflows.engine.definition import Definition
from workflows.engine.runtime import Instance
from workflows.engine.ticking import Ticking, ticking
from workflows.errors import FashenError, Invalid, Problem

MOST = 300
"""Cases that one page tries; the rest is tried when it is their turn."""


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer of the diagram; few have a name. due: when it fires; of one that begins, if the move were made now."""

    spot: Spot
    due: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """What would become of one instance. steps: where it stands; anew: steps that would be offered anew.

    problems: why it can't move; empty where it can. lost: earlier steps to which nobody could go back any more;
    passed_by: steps that the new version adds before or beside the places where it stands, which it would not come by;
    begins, ends: timers that would begin and end with the move, all others keep their moments.
    """

    instance_id: str
    number: str
    kind: str
    steps: tuple[Spot, ...]
    problems: tuple[Problem, ...] = ()
    anew: tuple[Spot, ...] = ()
    lost: tuple[Spot, ...] = ()
    passed_by: tuple[Spot, ...] = ()
    begins: tuple[Timer, ...] = ()
    ends: tuple[Timer, ...] = ()


def count(session: Session, key: str, package_hash: str) -> int:
    """How many instances under way run on a version, or would call it."""
    found = session.execute(select(func.count()).select_from(running_on(key, package_hash).order_by(None).subquery()))
    return int(found.scalar_one())


def dry_run(
    session: Session, actor: Actor, terms: Terms, *, chosen: Sequence[str] | None = None, limit: int = MOST
) -> Iterator[Verdict]:
    """What would become of the oldest instances, by their cases' numbers. session: one that reads.

    chosen: ids of those to be tried, None for all. Raises Forbidden without a role of `drafts.READERS`.
    """
    actor.require(*READERS)
    wanted = running_on(terms.key, terms.source).limit(limit)
    if chosen is not None:
        wanted = wanted.where(state.EngineInstance.id.in_(chosen))
    found = session.execute(wanted).all()
    cases = {row.id: row for row in session.execute(
        select(Case.id, Case.number, Case.kind).where(Case.id.in_([case_id for _, case_id in found])))}  # fmt: skip
    for instance_id, case_id in sorted(found, key=lambda one: _by_number(cases[one[1]].number)):
        row = cases[case_id]
        yield verdict(session, instance_id, terms, row.number or "", row.kind)


def verdict(session: Session, instance_id: str, terms: Terms, number: str, kind: str) -> Verdict:
    """What would become of one instance."""
    try:
        instance = state.load(session, instance_id, lock=False)
    except FashenError as error:
        return Verdict(instance_id, number, kind, (), (told(error),))
    steps = tuple(spots(instance))
    try:
        future = become(session, instance, terms, clock.now())
    except FashenError as error:
        return Verdict(instance_id, number, kind, steps, tuple(reasons(error)))
    staying = {step.id for step in instance.steps()}
    anew = dict.fromkeys((step.package_hash, step.element.id, step.element.name or step.element.id)
                         for step in future.instance.steps() if step.id not in staying)  # fmt: skip
    lost = [_spot(future.instance.run.called[key], element) for key, element in future.forgotten]
    begins, ends = _timers(instance, future.instance, terms)
    return Verdict(instance_id, number, kind, steps, (), tuple(anew), tuple(lost),
                   tuple(_passed_by(instance, future.instance, terms)), begins, ends)  # fmt: skip


def standing(session: Session, instance_id: str) -> list[Spot]:
    """The steps at which an instance stands; none where it can't be read."""
    try:
        return spots(state.load(session, instance_id, lock=False))
    except FashenError:
        return []


def _by_number(number: str | None) -> tuple[bool, int, str]:
    """Sorted as `results.page` sorts: 9号 before 10号, and those without a number last."""
    return number is None, len(number or ""), number or ""


def _passed_by(instance: state.StoredInstance, moved: Instance, terms: Terms) -> Iterator[Spot]:
    """Steps of people that the new version has before or beside the places where an instance stands, and that the old
    one has not. What comes after one of the places is still to come.
    """
    places = {terms.elements.get(one.element_id, one.element_id)
              for one in instance.live() if one.process_key == terms.key}  # fmt: skip
    old, new = instance.run.called[terms.key], moved.run.called[terms.key]
    kept = {terms.elements.get(id, id) for id in old.nodes}
    added = [id for id, node in new.nodes.items() if node.element.kind == "userTask" and id not in kept]
    order = Order(Drawing(new)) if added and places else None
    for id in added:
        if order is not None and any(order.missed(id, place) for place in places):
            yield _spot(new, id)


def _timers(
    instance: Instance, moved: Instance, terms: Terms
) -> tuple[tuple[Timer, ...], tuple[Timer, ...]]:
    """The timers that begin and those that end; one that stays has the same moment, at the element that is its own."""

    def there(one: Ticking) -> Ticking:
        named = terms.elements if one.process_key == terms.key else {}
        return replace(one, element=named.get(one.element, one.element))

    before, after = ticking(instance.run), ticking(moved.run)
    known, left = Counter(there(one) for one in before), Counter(after)
    begins = [_timer(moved, one) for one in after if _less(known, one)]
    ends = [_timer(instance, one) for one in before if _less(left, there(one))]
    return tuple(begins), tuple(ends)


def _less(known: Counter[Ticking], one: Ticking) -> bool:
    """Whether it is none of those that are known; if it is, there is one less of them."""
    known[one] -= 1
    return known[one] < 0


def _timer(instance: Instance, one: Ticking) -> Timer:
    drawn = instance.run.called[one.process_key]
    return Timer((drawn.hash, one.element, drawn.elements[one.element].name), one.due)


def _spot(definition: Definition, element: str) -> Spot:
    return definition.hash, element, definition.elements[element].name or element


def reasons(error: FashenError) -> list[Problem]:
    """The reasons of a refusal, one for each element."""
    return list(error.problems) if isinstance(error, Invalid) and error.problems else [told(error)]


def told(error: FashenError) -> Problem:
    """An error as a reason."""
    return Problem(error.code, str(error.facts.get("element", "")), facts=error.facts)
