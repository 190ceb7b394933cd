"""Diagrams damaged at random are read or refused with places; nothing else ever happens (reliability test H3)."""

from __future__ import annotations

import copy
import random

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tests.engine.drawing import NOW, begin
from tests.engine.sketches import sketch
from tests.engine.test_closed import everything
from tests.engine.trees import tree
from workflows.engine.definition import Definition, read
from workflows.engine.package import Package
from workflows.errors import DiagramRefused, FashenError

WORDS = ["", "x", "a", "start", "${x", "${x}", "P7D", "true", "false", "all", "0", "-1", "审核", "a b", "${" * 40]


def rich(chance: random.Random) -> Package:
    """A diagram with a bit of everything in it."""
    if chance.random() < 0.5:
        return sketch(tree(chance, chance.randrange(1, 9))).packages["main"]
    return everything()[0].package


def understood(package: Package) -> Definition | None:
    try:
        return read(package)
    except DiagramRefused as refused:
        problems = refused.problems
    assert problems
    assert all(problem.code and problem.place for problem in problems)
    return None


def started(definition: Definition | None) -> None:
    """What is accepted runs, or stops with an incident; a damaged diagram may do what nobody meant, never crash."""
    if definition is None:
        return
    try:
        instance = begin(definition, {"fine": 5, "due": "2026-04-01", "people": ["p"], "v1": 1})
        for step in instance.steps()[:3]:
            instance.complete(step.id, {"fine": 60_000}, NOW)
    except FashenError:
        pass


@given(st.integers(0, 2**32))
def test_damaged_bytes_are_read_or_refused(seed):
    chance = random.Random(seed)
    package = rich(chance)
    name = package.named(".bpmn")[0]
    damaged = bytearray(package.files[name])
    for _ in range(chance.randrange(1, 8)):
        at = chance.randrange(len(damaged))
        match chance.randrange(4):
            case 0:
                damaged[at] = chance.randrange(256)
            case 1:
                del damaged[at:at + chance.randrange(1, 40)]
            case 2:
                damaged[at:at] = damaged[at:at + chance.randrange(1, 200)]
            case 3:
                damaged[at:at] = chance.choice([b"<", b">", b'"', b"&", b"\0", b"<!--", b"]]>", "审".encode()])
    started(understood(Package(package.key, {**package.files, name: bytes(damaged)})))


@given(st.integers(0, 2**32))
def test_damaged_elements_are_read_or_refused(seed):
    chance = random.Random(seed)
    package = rich(chance)
    name = package.named(".bpmn")[0]
    root = etree.fromstring(package.files[name])
    for _ in range(chance.randrange(1, 6)):
        _damage(root, chance)
    started(understood(Package(package.key, {**package.files, name: etree.tostring(root)})))


def _damage(root: etree._Element, chance: random.Random) -> None:
    elements = list(root.iter())
    element, other = chance.choice(elements), chance.choice(elements)
    parent = element.getparent()
    match chance.randrange(7):
        case 0 if element.attrib:
            del element.attrib[chance.choice(list(element.attrib))]
        case 1 if element.attrib:
            element.set(chance.choice(list(element.attrib)), chance.choice([*WORDS, *map(str, other.attrib.values())]))
        case 2 if parent is not None:
            parent.remove(element)
        case 3 if parent is not None:
            parent.insert(chance.randrange(len(parent) + 1), copy.deepcopy(element))
        case 4 if parent is not None and other is not element and element not in other.iterancestors():
            other.append(element)
        case 5:
            element.tag = other.tag
        case 6:
            element.text = chance.choice(WORDS)


def test_the_undamaged_ones_are_read():
    for seed in range(20):
        assert understood(rich(random.Random(seed))) is not None
