"""Whether a case that moves keeps to the law's order: no step becomes one of another act, and no act is left behind it.

A mapping is chosen by people. The gates of each act stand behind it and would refuse what the law forbids, but the case
would stand where nobody can go on: that is refused before it moves. Decided in docs/decisions/0019-migration.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.cases.acts import ACTS
from workflows.desk.tasks import REWORK, STEP, Task
from workflows.diagrams.correspondence import act_at, named, other_act
from workflows.diagrams.standing import Version
from workflows.diagrams.statutory_rules import law
from workflows.engine.definition import Definition
from workflows.engine.runtime import Instance
from workflows.errors import Problem


def other_acts(instance: Instance, new: Definition, elements: Mapping[str, str]) -> list[Problem]:
    """One problem for each step at which an instance stands that would become a step of another statutory act.

    elements: id in the old version of that process → id in the new one, where they differ.
    """
    problems = {}
    for one in instance.live():
        if one.process_key != new.key:
            continue
        old = instance.run.called[one.process_key]
        now = elements.get(one.element_id, one.element_id)
        if now in new.nodes and act_at(old, one.element_id) != act_at(new, now):
            problems[one.element_id] = other_act(old, one.element_id, new, now)
    return list(problems.values())


def left_behind(
    session: Session, case_id: str | None, moved: Instance, version: Version, own: Callable[[], frozenset[str]]
) -> list[Problem]:
    """One problem if a case would stand behind acts of the law that it has not done.

    moved: the instance as it would be in a version; own: the acts that lie behind it where it stands now, asked only
    where it matters: what was not done there either is not lost by the move.
    """
    wanted = version.behind(moved) & _conditions()
    if not wanted or not (missing := wanted - _done(session, case_id)) or not (missing := missing - own()):
        return []
    live = moved.live()[0]
    element = moved.run.called[live.process_key].elements[live.element_id]
    facts = {"label": element.name or element.id, "process": live.process_key,
             "acts": {lang: "、".join(named(act)[lang] for act in ACTS if act in missing) for lang in ("zh", "en")}}
    return [Problem("migration.left_behind", element.id, element.line, facts)]


def _conditions() -> frozenset[str]:
    """The acts without which the law forbids another one."""
    return frozenset(act for rule in law().rules for act in rule.unless if act in ACTS)


def _done(session: Session, case_id: str | None) -> frozenset[str]:
    """The acts of a case that stand: done, and not to be done anew after a later one."""
    wanted = select(Task.act).where(
        Task.case_id == case_id, Task.state == "completed", Task.kind.in_((STEP, REWORK)), Task.act.is_not(None)
    )
    last = {act: number for number, act in enumerate(session.execute(wanted.order_by(Task.ended_at)).scalars()) if act}
    return frozenset(act for act in last if all(last[act] >= at for at in _ended_by(act, last)))


def _ended_by(act: str, last: Mapping[str, int]) -> Iterator[int]:
    """When the acts were done after which the law wants this one anew, before what it is needed for."""
    for rule in law().rules:
        if act in rule.unless:
            yield from (last[other] for other in _only(rule.since, but=rule.never) if other in last)


def _only(acts: Iterable[str], *, but: Iterable[str]) -> set[str]:
    return set(acts) - set(but)
