"""The statutory proof: on every path through a process, acts come in the order that the law demands (statutory.yaml).

What is proven, what is not, and how: docs/decisions/0015-proofs.md. What an element does is read from its mark (the
property `act`): an act whose mark was taken away counts as missing. The gates (workflows/cases/gates.py) ask the same
of each case with its data when a step is done, whatever a diagram says: they stay behind this proof.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from workflows.cases.acts import ACTS
from workflows.diagrams import shipment, statutory_persons, statutory_rounds
from workflows.diagrams.proof import Finding
from workflows.diagrams.soundness import finding
from workflows.diagrams.soundness_drawing import Drawing
from workflows.diagrams.soundness_drawing import scene as scene_of
from workflows.diagrams.soundness_space import Space, explore
from workflows.diagrams.statutory_deeds import ACTING, LEAD, act_of
from workflows.diagrams.statutory_net import Net
from workflows.diagrams.statutory_rules import Law, Required, Rule, law
from workflows.diagrams.statutory_search import TooLarge, broken
from workflows.engine.definition import Definition

PENALTY = "行政处罚"


def check(
    definition: Definition, others: Mapping[str, Definition], kinds: Collection[str], *, space: Space | None = None
) -> list[Finding]:
    """Every rule of the law that a process breaks, with the shortest path to each element at which it does.

    others: the processes that it may call, by key; kinds: of matters, that its package names; space: the states of the
    process, if they were looked at already.
    """
    known = law()
    space = space or explore(scene_of(definition, others))
    opening = opens_cases(definition)
    asked = kinds_of(definition, kinds) if opening else frozenset()
    root = space.scene.root
    found = [*statutory_persons.check(known, root), *statutory_rounds.check(known, space.scene), *unmarked(root)]
    wanted = list(_rules(space, known, opening=opening, kinds=asked))
    if not space.complete:
        found += _missing(space, known, definition, asked)
        articles = "、".join(dict.fromkeys(rule.article for rule in wanted))
        return [*found, _too_large(space, articles)] if wanted else found
    net = Net(space, known, opening=opening)
    found += _missing(space, known, definition, asked, net)
    for rule in wanted:
        found.extend(_broken(net, rule))
    return found


def opens_cases(definition: Definition) -> bool:
    """Whether a case is opened with a process, and not only called or started in one."""
    return definition.start_form is not None or marked_lead(definition)


def marked_lead(definition: Definition) -> bool:
    """Whether the start of a process is marked as the one with which a case is opened: no other one opens any."""
    return _start(definition) == LEAD


def _start(definition: Definition) -> str:
    """The act of the start event."""
    return next(act_of(node) for node in definition.nodes.values()
                if node.element.kind == "startEvent" and node.element.scope == definition.process_id)  # fmt: skip


def kinds_of(definition: Definition, named: Collection[str]) -> frozenset[str]:
    """The kinds of matters of the cases that are opened: a package can't leave out what a lead opens.

    named: those that the package names. Whatever begins with a form opens a case, and all that the program opens are of
    penalties (`cases.opening`): also where the mark was taken from its start.
    """
    penal = opens_cases(definition) or definition.key in law().by_process
    return frozenset(named) | ({PENALTY} if penal else set())


def _rules(space: Space, known: Law, *, opening: bool, kinds: Collection[str]) -> Iterator[Rule]:
    """The rules that say something of a process."""
    acts = {act_of(node) for drawing in space.scene.drawings.values() for node in drawing.nodes.values()}
    for rule in known.rules:
        about = rule.never.keys() | rule.when.keys() | (rule.unless.keys() if rule.ends else set())
        here = not rule.processes or space.scene.root.key in rule.processes
        if acts & about and here and (opening or not rule.case) and (not rule.kinds or rule.kinds & set(kinds)):
            yield rule


def _broken(net: Net, rule: Rule) -> Iterator[Finding]:
    try:
        for one in broken(net, rule):
            drawing = net.space.scene.drawings[one.process]
            yield finding(f"statutory.{rule.id}", drawing, one.element, one.steps, article=rule.article)
    except TooLarge:
        yield _too_large(net.space, rule.article)


def _possible(net: Net, act: str) -> bool:
    """Whether a case can come to an act: looked for as a rule that it be never done, which any path to it breaks."""
    try:
        return next(broken(net, Rule(act, "", {act: {}}, {}, {}, {}, False, frozenset())), None) is not None
    except TooLarge:
        return True


def _too_large(space: Space, article: str) -> Finding:
    root = space.scene.root
    return Finding("statutory.too_large", root.key, facts={"article": article}, file=root.file)


def unmarked(drawing: Drawing) -> Iterator[Finding]:
    """One finding for each step without a mark that has the form of a statutory act, as the shipped process has it, and
    for a start with a form, which opens a case whatever the form is.
    """
    belongs = shipment.acts_of_forms(drawing.key)
    for node in drawing.nodes.values():
        acts = belongs.get(node.element.form_key or "", ())
        if node.element.kind == "startEvent" and node.element.form_key and node.element.scope == drawing.process_id:
            acts = (LEAD,)
        if acts and node.element.kind in ACTING and "act" not in node.element.properties:
            names = {"zh": "、".join(ACTS[act].zh for act in acts), "en": " / ".join(ACTS[act].en for act in acts)}
            yield finding("statutory.unmarked", drawing, node.id, act=names)


def _missing(
    space: Space, known: Law, definition: Definition, kinds: Collection[str], net: Net | None = None
) -> Iterator[Finding]:
    """One finding for each act that the process must have and that no path reaches; none that a case can take, where
    what acts come to is known (net).
    """
    wanted: dict[str, Required] = {}
    for entries in (known.by_process.get(definition.key, ()), *(known.by_kind.get(kind, ()) for kind in sorted(kinds))):
        wanted |= {one.act: one for one in entries}
    done = {act_of(deed.node) for edges in space.edges for edge in edges for deed in edge.deeds}
    for act, one in wanted.items():
        if act not in done or (net is not None and not _possible(net, act)):
            names = {"zh": ACTS[act].zh, "en": ACTS[act].en}
            facts = {"act": names, "article": one.article}
            yield Finding("statutory.act_missing", definition.key, facts=facts, file=space.scene.root.file)
