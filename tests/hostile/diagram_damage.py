"""Damages packages: bytes turned over, elements moved, doubled, renamed and grafted from other files (for H3)."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml
from lxml import etree

from tests.conformance.folder import HERE, constructs
from workflows.diagrams import library
from workflows.engine.package import Package

WORDS = (
    "", " ", "x", "a", "start", "sample", "審核", "a b", "\u202e", "${x", "${x}", "${1}", "${x > 1}", "${" * 40, "#{x}",
    "${x.y.z}", "P7D", "PT0S", "P99999D", "P-1D", "R/PT1S", "R3/PT0S", "R0/PT1H", "2026-02-30", "2026-03-03T25:00",
    "9999-12-31", "true", "false", "TRUE", "all", "0", "-1", "1e9", "999999999", "1000000", "NaN", "null", "[1..",
    "not(", "\"a\", \"b\"", "[1..5)", "date(\"2026-01-01\")", "UNIQUE", "COLLECT", "SUM", "number", "string", "main",
    "feel", "http://www.omg.org/spec/feel/20140401", "expression", "external", "../../etc/passwd", "A" * 300,
    "a" * 2_000,
)  # fmt: skip
MARKS = (b"<", b">", b'"', b"'", b"&", b"\0", b"<!--", b"-->", b"]]>", b"<![CDATA[", b"<?x?>", b"/>", b"&#0;", b"&amp;",
         b"<a>", b"</a>", b"xmlns=''", b"\xff", b"\xef\xbb\xbf", "审".encode(), b"\n" * 50)  # fmt: skip


@dataclass(frozen=True)
class Sound:
    """A package that is in order, and those that it calls."""

    name: str
    package: Package
    called: dict[str, Package]
    shipped: bool


def corpus() -> list[Sound]:
    """The shipped processes and every diagram and table of the conformance folder, refused ones included."""
    shipped = library.shipped()
    found = [Sound(key, package, dict(shipped), shipped=True) for key, package in shipped.items()]
    for construct in constructs():
        packages = construct.packages()
        found += [
            Sound(f"{construct.name}.{key}", package, {"main": packages["sample"], **packages}, shipped=False)
            for key, package in packages.items()
        ]
    frame = next(one for one in found if one.name == "business_rule_task.sample").package
    for path in sorted((HERE / "dmn").glob("*.dmn")):
        found.append(Sound(path.stem, Package("sample", {**frame.files, "tables.dmn": path.read_bytes()}), {},
                           shipped=False))  # fmt: skip
    return found


def damaged(sound: Sound, others: list[Sound], chance: random.Random) -> Package:
    """The package with one of its files damaged in one to six places."""
    files = dict(sound.package.files)
    xml = [name for name in files if name.endswith((".bpmn", ".dmn"))]
    name = chance.choice(xml if chance.random() < (0.5 if sound.shipped else 0.9) else list(files))
    wounds = chance.randrange(1, 7)
    if name.endswith((".bpmn", ".dmn")) and chance.random() < 0.7:
        donor = chance.choice(others).package
        graft = donor.files[chance.choice([*donor.named(".bpmn"), *donor.named(".dmn")])]
        files[name] = _tree_damaged(files[name], graft, wounds, chance)
    elif not name.endswith((".bpmn", ".dmn")) and chance.random() < 0.8:
        files[name] = _data_damaged(name, files[name], wounds, chance)
    else:
        files[name] = _bytes_damaged(files[name], wounds, chance)
    return Package(sound.package.key, files)


def _bytes_damaged(data: bytes, wounds: int, chance: random.Random) -> bytes:
    spoilt = bytearray(data)
    for _ in range(wounds):
        at = chance.randrange(len(spoilt) + 1) if spoilt else 0
        match chance.randrange(5):
            case 0 if at < len(spoilt):
                spoilt[at] ^= 1 << chance.randrange(8)
            case 1:
                del spoilt[at:at + chance.randrange(1, 60)]
            case 2:
                spoilt[at:at] = spoilt[at:at + chance.randrange(1, 300)]
            case 3:
                spoilt[at:at] = chance.choice(MARKS)
            case _:
                spoilt[at:at + 1] = bytes([chance.randrange(256)])
    return bytes(spoilt)


def _tree_damaged(data: bytes, graft: bytes, wounds: int, chance: random.Random) -> bytes:
    root = etree.fromstring(data)
    donors = list(etree.fromstring(graft).iter("*"))
    for _ in range(wounds):
        _wound(root, donors, chance)
    return etree.tostring(root)


def _wound(root: etree._Element, donors: list[etree._Element], chance: random.Random) -> None:
    elements = list(root.iter("*"))
    element, other = chance.choice(elements), chance.choice(elements)
    parent, donor = element.getparent(), chance.choice(donors)
    match chance.randrange(11):
        case 0 if element.attrib:
            del element.attrib[chance.choice(list(element.attrib))]
        case 1 if element.attrib:
            known = [*map(str, other.attrib.values()), *map(str, donor.attrib.values())]
            element.set(chance.choice(list(element.attrib)), chance.choice([*WORDS, *known]))
        case 2 if other.attrib:
            name, value = chance.choice(list(other.attrib.items()))
            element.set(name, value)
        case 3 if parent is not None:
            parent.remove(element)
        case 4 if parent is not None:
            parent.insert(chance.randrange(len(parent) + 1), copy.deepcopy(element))
        case 5 if parent is not None and other is not element and element not in other.iterancestors():
            other.append(element)
        case 6:
            element.tag = chance.choice((other.tag, donor.tag))
        case 7:
            element.text = chance.choice(WORDS)
        case 8:
            element.insert(chance.randrange(len(element) + 1), copy.deepcopy(donor))
        case 9 if element.text and element.text.strip():
            spoilt = _bytes_damaged(element.text.encode(), 1, chance).decode("utf-8", "ignore")
            element.text = "".join(letter for letter in spoilt if letter >= " " and letter not in "\ufffe\uffff")
        case _:
            element[:] = reversed(list(element))


def _data_damaged(name: str, data: bytes, wounds: int, chance: random.Random) -> bytes:
    """A form or a process.yaml with values of other kinds in places."""
    read: Callable[[bytes], Any] = json.loads if name.endswith(".form") else yaml.safe_load
    whole = [read(data)]
    for _ in range(wounds):
        places = list(_places(whole))
        holder, key = chance.choice(places)
        match chance.randrange(4):
            case 0:
                holder[key] = chance.choice((None, True, -1, 1.5, 10**30, "", [], {}, [[]], {"a": {}}, [None], *WORDS))
            case 1:
                source, at = chance.choice(places)
                holder[key] = copy.deepcopy(source[at])
            case 2 if isinstance(holder, dict):
                holder[chance.choice(WORDS)] = holder.pop(key)
            case _ if holder is not whole:
                del holder[key]
    if name.endswith(".form"):
        return json.dumps(whole[0], ensure_ascii=False).encode("utf-8", "replace")
    return yaml.safe_dump(whole[0], allow_unicode=True).encode("utf-8", "replace")


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every (holder, key) below a list or mapping."""
    found: list[tuple[Any, Any]] = []
    stack = [value]
    while stack:
        holder = stack.pop()
        keys = list(holder) if isinstance(holder, dict) else range(len(holder))
        for key in keys:
            found.append((holder, key))
            if isinstance(holder[key], dict | list):
                stack.append(holder[key])
    return found


