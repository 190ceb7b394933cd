"""Random diagrams for the desk: the trees of blocks that the engine's tests play, with roles, acts and signing rounds.

A block is drawn as BPMN for the product and kept as a plan for the model; a plan has an element's id and what stands in
it, and no flow.
"""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import yaml

from tests.engine import drawing as d
from tests.engine.trees import Block, tree
from tests.engine.undoing import quiet
from workflows.engine.package import Package

OFFICER, LEGAL, LEADER, HEAD = "case_officer", "legal_reviewer", "bureau_leader", "handling_unit_head"
CHOICES = "abcd"
OPERATORS = ("claim", "release", "reassign", "delegate", "substitute", "add_signer", "remove_signer", "ask", "return")
RULES = ("", "all", "any", "share:0.5", "share:0.66", "sequential")
ROUND_OF = (("legal1", "deputy"), ("legal1", "legal2", "deputy"), ("unithead", "deputy", "head", "legal2"), ("deputy",),
            ("legal1", "legal1", "deputy"), ("deputy", "legal2", "deputy", "head"))  # fmt: skip
ACTS = ("", "", "", "investigation", "statement", "publication")
"""Of steps: none; one that is done again and taken back; one that is done again; one that stands."""
ROUNDS = 0.25
"""How many of the steps are rounds: with them most can go wrong."""
_RADIO = {"type": "radio", "validate": {"required": True}}
_CHOICE = {**_RADIO, "key": "choice", "label": "选择", "values": [{"value": one, "label": one} for one in CHOICES]}
_VOTE = {**_RADIO, "key": "vote", "label": "表决", "values": [{"value": one, "label": one} for one in ("yes", "no")]}


@dataclass(frozen=True)
class Plan:
    """One block. kind: step round again seq xor par inc repeat sub.

    values: for each branch of a gateway the answers with which it is taken (None: when no other is, or `always`); of a
    loop those with which it goes on. most: how often at most; before: asked before the first time too.
    """

    kind: str
    id: str = ""
    parts: tuple[Plan, ...] = ()
    values: tuple[str | None, ...] = ()
    role: str = ""
    act: str = ""
    rule: str = ""
    sequential: bool = False
    people: tuple[str, ...] = ()
    operators: frozenset[str] = frozenset()
    most: int = 0
    before: bool = False
    always: bool = False


@dataclass
class Drawing:
    """A package, the plan of its process, and the lists of people that its rounds begin with, by variable."""

    package: Package
    plan: Plan
    rounds: dict[str, tuple[str, ...]]


@dataclass
class _Page:
    chance: random.Random
    xml: list[str] = field(default_factory=list)
    operators: dict[str, list[str]] = field(default_factory=dict)
    rounds: dict[str, tuple[str, ...]] = field(default_factory=dict)
    numbers: int = 0

    def id(self, kind: str) -> str:
        self.numbers += 1
        return f"{kind}{self.numbers}"

    def flow(self, source: str, target: str, values: str | None = None) -> None:
        self.xml.append(d.flows(f"{source} > {target}" + (f" ? choice in {list(values)}" if values else "")))


Ends = tuple[str, str, Plan]


def draw(seed: int, leaves: int, key: str) -> Drawing:
    """A random diagram with so many leaves."""
    chance = random.Random(seed)
    page = _Page(chance)
    plan = _scope(page, quiet(tree(chance, leaves)))
    said = {
        "key": key, "title": {"zh": "试行", "en": "Trial"}, "kinds": ["行政处罚"], "operators": page.operators,
    }  # fmt: skip
    forms = {"answer": [_CHOICE], "vote": [_VOTE]}
    described = yaml.safe_dump(said, allow_unicode=True).encode()
    files = {f"{key}.bpmn": d.draw(*page.xml, key=key), "process.yaml": described}
    for name, components in forms.items():
        files[f"forms/{name}.form"] = json.dumps({"type": "default", "id": name, "components": components}).encode()
    return Drawing(Package(key, files), plan, page.rounds)


def _scope(page: _Page, block: Block) -> Plan:
    start, end = page.id("start"), page.id("end")
    first, last, plan = _draw(page, block)
    page.xml += [d.start(start, name=start), d.end(end)]
    page.flow(start, first)
    page.flow(last, end)
    return plan


def _draw(page: _Page, block: Block) -> Ends:
    match block:
        case ("step",):
            return _round(page) if page.chance.random() < ROUNDS else _step(page)
        case ("many", *_):
            return _round(page)
        case ("again", most, before):
            return _again(page, most, before)
        case ("seq", parts):
            return _row(page, [_draw(page, part) for part in parts])
        case ("link", body):
            return _draw(page, body)
        case ("fork", body, asking, parts):
            return _fork(page, "inc" if asking else "par", body, parts)
        case ("xor" | "par" | "inc" as kind, parts):
            return _branches(page, kind, parts)
        case ("loop", body):
            return _loop(page, body)
        case ("sub", body):
            return _sub(page, body)
    raise AssertionError(block)


def _row(page: _Page, ends: list[Ends]) -> Ends:
    for (_, last, _), (first, _, _) in itertools.pairwise(ends):
        page.flow(last, first)
    return ends[0][0], ends[-1][1], Plan("seq", parts=tuple(plan for _, _, plan in ends))


def _offers(page: _Page, id: str) -> frozenset[str]:
    given = [name for name in OPERATORS if page.chance.random() < 0.92]
    page.operators[id] = given
    return frozenset(given)


def _activity(page: _Page, kind: str, inner: Callable[[], str], **known: Any) -> Ends:
    id = page.id(kind)
    role, act = page.chance.choice((OFFICER, OFFICER, LEGAL, LEGAL, LEADER, HEAD)), page.chance.choice(ACTS)
    content = (d.properties(act=act) if act else "") + inner()
    page.xml.append(d.user(id, content, name=id, camunda_candidateGroups=role, camunda_formKey="answer"))
    return id, id, Plan(kind, id, role=role, act=act, operators=_offers(page, id), **known)


def _step(page: _Page) -> Ends:
    return _activity(page, "step", lambda: "")


def _again(page: _Page, most: int, before: bool) -> Ends:
    loop = d.loop(f'${{choice in {list("bcd")}}}', most, before=before)
    return _activity(page, "again", lambda: loop, most=most, before=before, values=("bcd",))


def _round(page: _Page) -> Ends:
    id, rule, people = page.id("round"), page.chance.choice(RULES), page.chance.choice(ROUND_OF)
    sequential = rule == "sequential" or page.chance.random() < 0.3
    said = {"signing": rule, "outcome": f"outcome_{id}"} if rule else {}
    page.rounds[f"people_{id}"] = people
    inner = (d.properties(**said) if said else "") + d.many(f"people_{id}", "signer", sequential=sequential)
    page.xml.append(d.user(id, inner, name=id, camunda_assignee="${signer}", camunda_formKey="vote"))
    return id, id, Plan(
        "round", id, rule=rule, sequential=sequential, people=people, operators=_offers(page, id)
    )  # fmt: skip


def _branches(page: _Page, kind: str, parts: list[Block]) -> Ends:
    write = {"xor": d.xor, "par": d.par, "inc": d.inc}[kind]
    ends = [_draw(page, part) for part in parts]
    split, join = page.id(kind), page.id(kind)
    default = {} if kind == "par" else {"default": f"{split}__{ends[-1][0]}"}
    page.xml += [write(split, **default), write(join)]
    values: list[str | None] = []
    for index, (first, last, _) in enumerate(ends):
        asked = kind != "par" and index < len(ends) - 1
        taken = (CHOICES[index] if kind == "xor" else CHOICES[index:index + 2]) if asked else None
        page.flow(split, first, taken)
        page.flow(last, join)
        values.append(taken)
    return split, join, Plan(kind, parts=tuple(plan for _, _, plan in ends), values=tuple(values))


def _fork(page: _Page, kind: str, body: Block, parts: list[Block]) -> Ends:
    """An activity with a flow to each branch; the last one is always taken."""
    first, split, plan = _draw(page, body)
    ends = [_draw(page, part) for part in parts]
    join = page.id(kind)
    page.xml.append({"par": d.par, "inc": d.inc}[kind](join))
    values = tuple(
        CHOICES[index:index + 2] if kind == "inc" and index < len(ends) - 1 else None for index in range(len(ends))
    )
    for (begin, last, _), taken in zip(ends, values, strict=True):
        page.flow(split, begin, taken)
        page.flow(last, join)
    branches = Plan(kind, parts=tuple(one for _, _, one in ends), values=values, always=True)
    return first, join, Plan("seq", parts=(plan, branches))


def _loop(page: _Page, body: Block) -> Ends:
    """A way back to a step in front of the body (a round would ask nobody whether the loop goes on), a step behind."""
    first, last, plan = _row(page, [_step(page), _draw(page, body)])
    after, _, behind = _step(page)
    merge, gate = page.id("xor"), page.id("xor")
    page.xml += [d.xor(merge), d.xor(gate, default=f"{gate}__{after}")]
    page.flow(merge, first)
    page.flow(last, gate)
    page.flow(gate, merge, "bc")
    page.flow(gate, after)
    return merge, after, Plan("seq", parts=(Plan("repeat", parts=(plan,), values=("bc",)), behind))


def _sub(page: _Page, body: Block) -> Ends:
    inner = _Page(page.chance, operators=page.operators, rounds=page.rounds, numbers=page.numbers)
    plan = _scope(inner, body)
    page.numbers = inner.numbers
    id = page.id("sub")
    page.xml.append(d.sub(id, "".join(inner.xml), name=id))
    return id, id, Plan("sub", id, parts=(plan,))
