"""The statutory proof: on every path through a process, acts come in the order that the law demands (statutory.yaml).

**What is proven.** On the control flow, through subprocesses, called processes, boundary events and default flows: no
act is done before what the law wants done first, since the last time that it has to be done anew; and the acts that a
process of its kind must have are there and can be reached. What an element does is read from its mark (the property
`act`): an act whose mark was taken away counts as missing. Conditions are taken at their word where they read what
acts come to ("agree", "approve"), so that a condition turned round is found; rules and outcomes stand in the program.

**What is not.** Amounts, dates, qualifications, votes and anything else that is data of one case; whether an answer
given by a decision table is right; whether the draft that was reviewed is the one decided on; a round of several is
taken to have at least one instance; processes that an act starts beside the case run by themselves. All that is asked
by the gates (workflows/cases/gates.py) when a step is done, whatever a diagram says: they stay behind this proof.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Mapping

from workflows.cases.acts import ACTS
from workflows.diagrams.proof import Finding, Step
from workflows.diagrams.soundness import finding
from workflows.diagrams.soundness_data import Event
from workflows.diagrams.soundness_drawing import Drawing
from workflows.diagrams.soundness_drawing import scene as scene_of
from workflows.diagrams.soundness_space import Space, explore
from workflows.diagrams.statutory_data import Tracked, act_of
from workflows.diagrams.statutory_rules import END, Law, Required, Rule, fits, law
from workflows.engine.definition import Definition

MOST_STATES = 60_000
"""States that are looked at: more than for soundness, since what acts came to tells them apart."""
PENALTY, LEAD = "行政处罚", "lead"


def check(
    definition: Definition, others: Mapping[str, Definition], kinds: Collection[str], *, most_states: int = MOST_STATES
) -> list[Finding]:
    """Every rule of the law that a path through a process breaks, with the shortest such path.

    others: the processes that it may call, by key; kinds: of matters, for which cases are opened with it.
    """
    known, scene = law(), scene_of(definition, others)
    space = explore(scene, Tracked(scene, known), most_states=most_states)
    opening = opens_cases(definition)
    found = [*_missing(space, known, definition, kinds if opening else ())]
    acts = {act_of(node) for drawing in scene.drawings.values() for node in drawing.nodes.values()}
    for rule in known.rules:
        if acts & rule.never.keys() and (opening or not rule.case):
            found.extend(_broken(space, rule))
    if not space.complete and (acts - {""}):
        facts = {"states": len(space.states)}
        found.append(Finding("statutory.too_large", definition.key, facts=facts, file=scene.root.file))
    return found


def opens_cases(definition: Definition) -> bool:
    """Whether a case is opened with a process, and not only called or started in one."""
    start = next(node for node in definition.nodes.values()
                 if node.element.kind == "startEvent" and node.element.scope == definition.process_id)  # fmt: skip
    return definition.start_form is not None or act_of(start) == LEAD


def _missing(space: Space, known: Law, definition: Definition, kinds: Collection[str]) -> Iterator[Finding]:
    """One finding for each act that the process must have and that no path reaches."""
    of_penalty = space.scene.root.key in known.by_process and opens_cases(definition)
    start = {act_of(node) for node in definition.nodes.values() if node.element.kind == "startEvent"}
    asked = set(kinds) | ({PENALTY} if of_penalty or LEAD in start else set())
    wanted: dict[str, Required] = {}
    for entries in (known.by_process.get(definition.key, ()), *(known.by_kind.get(kind, ()) for kind in sorted(asked))):
        wanted |= {one.act: one for one in entries}
    done = {edge.event.kind for edges in space.edges for edge in edges if edge.event is not None}
    for act, one in wanted.items():
        if act not in done:
            names = {"zh": ACTS[act].zh, "en": ACTS[act].en}
            facts = {"act": names, "article": one.article}
            drawing = space.scene.root
            yield Finding("statutory.act_missing", definition.key, facts=facts, file=drawing.file)


def _broken(space: Space, rule: Rule) -> Iterator[Finding]:
    """The first violation of a rule at each element: the space is walked together with what the rule remembers."""
    seen: set[tuple[str, str]] = set()
    first = (0, not rule.begins_open)
    before: dict[tuple[int, bool], tuple[tuple[int, bool], tuple[Step, ...]] | None] = {first: None}
    queue = deque([first])
    while queue:
        at = queue.popleft()
        for edge in space.edges[at[0]]:
            missing = at[1]
            if missing and (place := _violation(space, rule, edge.event, edge.target, edge.steps)) is not None:
                drawing, id = place
                if (drawing.key, id) not in seen:
                    seen.add((drawing.key, id))
                    yield finding(f"statutory.{rule.id}", drawing, id, (*_path(before, at), *edge.steps),
                                  article=rule.article)  # fmt: skip
                continue  # what follows a broken rule breaks it no more than that
            if edge.target is None:
                continue
            after = (edge.target, rule.after(edge.event, missing) if edge.event is not None else missing)
            if after not in before:
                before[after] = (at, edge.steps)
                queue.append(after)


def _violation(
    space: Space, rule: Rule, event: Event | None, target: int | None, steps: tuple[Step, ...]
) -> tuple[Drawing, str] | None:
    """Where a move does what must never be done, if it does."""
    if event is not None and fits(rule.never, event):
        for step in steps:
            drawing = space.scene.drawings[step.process]
            if step.id in drawing.nodes and _is(drawing, step.id, event):
                return drawing, step.id
    if END in rule.never and target is not None and target == space.over:
        ends = [step for step in steps if step.process == space.scene.root.key and step.id in space.scene.root.nodes]
        return space.scene.root, ends[-1].id
    return None


def _is(drawing: Drawing, id: str, event: Event) -> bool:
    node = drawing.nodes[id]
    return act_of(node) == event.kind or (node.decision is not None and event.kind == f"table:{node.decision.id}")


def _path(
    before: Mapping[tuple[int, bool], tuple[tuple[int, bool], tuple[Step, ...]] | None], at: tuple[int, bool]
) -> tuple[Step, ...]:
    found: list[tuple[Step, ...]] = []
    came = before[at]
    while came is not None:
        found.append(came[1])
        came = before[came[0]]
    return tuple(step for steps in reversed(found) for step in steps)
