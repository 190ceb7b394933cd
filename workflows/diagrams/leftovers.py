"""Settings in `process.yaml` of what the diagram no longer has: told as one problem, taken out, or moved to another id.

Whoever deletes a step does not lose what was said of it: an undo brings the step back, and its settings still stand.
They are taken out when somebody asks for that, and nothing else in the file changes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workflows.engine.package import Package
from workflows.engine.plain_yaml import line_of, plain
from workflows.engine.xml import safe_tree
from workflows.engine.yaml_edits import Path, edited
from workflows.errors import Invalid, Problem

Drawn = Mapping[str, tuple[str, str]]
"""Id → kind and name of what is drawn."""
UNKNOWN, LEFT_OVER = "process.element_unknown", "process.left_over"
CODES = frozenset({UNKNOWN, LEFT_OVER})
HARMLESS = frozenset({"labels", "operators", "nobody", "twice"})
"""What may still be said of what was taken out of the diagram: it has no effect. What keeps people or fields apart may
not: a step whose id changed would lose it.
"""
FILE = "process.yaml"
TOLD = 12
"""Elements that the sentence names."""
SECTIONS: Mapping[str, tuple[str, str]] = {
    "labels": ("名称", "names"), "operators": ("可用操作", "operations"), "fields": ("字段权限", "rights to fields"),
    "gates": ("附加条件", "further conditions"), "nobody": ("无人可办时的去向", "whom it goes to when nobody fits"),
    "opener": ("能否由立案人办理", "whether its opener may do it"),
    "twice": ("能否由上一环节的人办理", "whether the same person may go on"),
    "apart": ("与其分开办理的环节", "steps kept apart"),
}  # fmt: skip
"""Parts of process.yaml that speak of elements by id, in words."""
KINDS: Mapping[str, frozenset[str]] = {"fields": frozenset({"userTask", "startEvent"})}
"""Part → what it may speak of: steps of people where it is not named here. Names are for everything drawn."""
_STEPS = frozenset({"userTask"})


def drawn(package: Package) -> dict[str, tuple[str, str]]:
    """Id → kind and name of everything in a package's diagram. Raises DiagramRefused where it can't be read."""
    found: dict[str, tuple[str, str]] = {}
    for file in package.named(".bpmn")[:1]:
        for element in safe_tree(package.files[file], file).iter("{*}*"):
            if (id := element.get("id")) is not None:
                found.setdefault(str(id), (str(element.tag).rpartition("}")[2], str(element.get("name") or "")))
    return found


def find(said: Mapping[str, Any], known: Drawn) -> dict[str, dict[Path, str]]:
    """Id that is not drawn, or is no step any more → the places that speak of it, each with its part of process.yaml.

    said: what process.yaml says; known: as `drawn` gives it.
    """
    found: dict[str, dict[Path, str]] = {}
    for part, id, path in _spoken(said):
        kind = known.get(id, ("", ""))[0]
        if not kind or (part != "labels" and kind not in KINDS.get(part, _STEPS)):
            found.setdefault(id, {})[path] = part
    return found


def _spoken(said: Mapping[str, Any]) -> Iterator[tuple[str, str, Path]]:
    """Each place of process.yaml that names an element: its part, the id, the path to it."""
    for part in SECTIONS:
        entries = said.get(part)
        for id, value in entries.items() if isinstance(entries, dict) else ():
            yield part, str(id), (part, id)
            for number, other in enumerate(value) if part == "apart" and isinstance(value, list) else ():
                yield part, str(other), (part, id, number)
        for number, entry in enumerate(entries) if isinstance(entries, list) else ():
            if isinstance(entry, dict) and "element" in entry:
                yield part, str(entry["element"]), (part, number)


@dataclass(frozen=True, slots=True)
class Told:
    """The problem that names all leftovers of a package, at the first; binding: it must be mended before a release."""

    problem: Problem
    binding: bool


def told(package: Package, said: Mapping[str, Any]) -> Told | None:
    """What there is to tell of them; None where there are none. said: what process.yaml says."""
    known = drawn(package)
    found = find(said, known)
    if not found:
        return None
    path = next(iter(next(iter(found.values()))))
    place = f"{path[0]}[{path[1]}]" if path[0] == "gates" else f"{path[0]}.{path[1]}"
    facts = {
        "settings": [_told(id, dict.fromkeys(parts.values()), said) for id, parts in list(found.items())[:TOLD]],
        "more": len(found) - TOLD if len(found) > TOLD else None, "elements": list(found),
    }  # fmt: skip
    binding = any(id in known or not HARMLESS.issuperset(parts.values()) for id, parts in found.items())
    line = line_of(package.files[FILE], *map(str, path))
    return Told(Problem(UNKNOWN if binding else LEFT_OVER, f"{FILE}#{place}", line, facts), binding)


def _told(id: str, parts: Collection[str], said: Mapping[str, Any]) -> dict[str, str]:
    """An element, by the name that process.yaml has for it, and what is said of it, in both languages."""
    label = labels.get(id) if isinstance(labels := said.get("labels"), dict) else None
    zh, en = (str(label.get(one) or "") if isinstance(label, dict) else "" for one in ("zh", "en"))
    return {
        "zh": f"{f'“{zh}”' if zh else ''}{id}（{'、'.join(SECTIONS[part][0] for part in parts)}）",
        "en": f"{f'“{en}” ' if en else ''}{id} ({', '.join(SECTIONS[part][1] for part in parts)})",
    }


def cleared(package: Package) -> bytes:
    """process.yaml without them; all else stays byte for byte.

    Raises DiagramRefused where the diagram can't be read, Invalid ("package.yaml", "package.yaml_uncut").
    """
    data = package.files.get(FILE, b"{}")
    said = _said(data)
    gone = {path for places in find(said, drawn(package)).values() for path in places}
    for id, names in (said.get("apart") or {}).items():
        if isinstance(names, list) and all(("apart", id, number) in gone for number in range(len(names))):
            gone.add(("apart", id))  # a list of nobody says nothing
    return edited(data, gone, {}) if gone else data


def moved(package: Package, old: str, new: str) -> bytes:
    """process.yaml with what is said of `old`, which is not drawn, said of `new`, where nothing is said of it yet.

    Raises as `cleared`, and Invalid ("draft.not_renamed") where `new` is not drawn, or `old` still is.
    """
    data = package.files.get(FILE, b"{}")
    said, known = _said(data), drawn(package)
    if new not in known or old in known:
        raise Invalid("draft.not_renamed", old=old[:120], new=new[:120])
    taken = {path for _part, id, path in _spoken(said) if id == new and len(path) == 2 and path[0] != "gates"}
    gone: set[Path] = set()
    written: dict[Path, str] = {}
    for part, id, path in _spoken(said):
        if id != old:
            continue
        if part == "gates":
            written[*path, "element"] = new
        elif len(path) == 3:
            written[path] = new
        elif (part, new) in taken:
            gone.add(path)
        else:
            written[*path, "="] = new
    return edited(data, gone, written)


def renamed(before: Drawn, package: Package) -> dict[str, str]:
    """Id that process.yaml speaks of and that is gone → the new id of what has the same kind and name now.

    before: what was drawn in the version that a draft began with. Only where there is no doubt: one such element went,
    one came.
    """
    now = drawn(package)
    went, came = _by_look(before, now), _by_look(now, before)
    found = find(_said(package.files.get(FILE, b"{}")), now)
    pairs = {ids[0]: came[look][0] for look, ids in went.items() if len(ids) == 1 == len(came.get(look, ()))}
    return {old: new for old, new in pairs.items() if old in found}


def _by_look(one: Drawn, other: Drawn) -> dict[tuple[str, str], list[str]]:
    """What is in one of two drawings and not in the other: kind and name → ids; only what has a name."""
    found: dict[tuple[str, str], list[str]] = {}
    for id, look in one.items():
        if id not in other and look[1]:
            found.setdefault(look, []).append(id)
    return found


def _said(data: bytes) -> dict[str, Any]:
    said = plain(data)
    return said if isinstance(said, dict) else {}
