"""The difference of two files of decision tables, rule by rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from workflows.diagrams.difference.changes import ADDED, CHANGED, REMOVED, RuleChange, TableChange, properties
from workflows.engine.xml import safe_tree


@dataclass(slots=True)
class _Decision:
    name: str
    properties: dict[str, str] = field(default_factory=dict)
    columns: list[str] = field(default_factory=list)
    rules: list[tuple[str, ...]] = field(default_factory=list)


def compare(old: bytes | None, new: bytes | None) -> list[TableChange]:
    """What became of each decision; None: there was, or is, no such file.

    Raises DiagramRefused where one of the two is no XML that we read.
    """
    before, after = _decisions(old), _decisions(new)
    found = []
    for id, now in after.items():
        was = before.get(id)
        if was is None:
            rules = [RuleChange(ADDED, None, number, (), rule) for number, rule in enumerate(now.rules, 1)]
            found.append(TableChange(ADDED, id, now.name, now.columns, properties({}, now.properties), rules))
        elif was != now:
            changed = properties(was.properties, now.properties)
            found.append(TableChange(CHANGED, id, now.name, now.columns, changed, _rules(was.rules, now.rules)))
    for id, was in before.items():
        if id not in after:
            rules = [RuleChange(REMOVED, number, None, rule) for number, rule in enumerate(was.rules, 1)]
            found.append(TableChange(REMOVED, id, was.name, was.columns, (), rules))
    return found


def _rules(old: list[tuple[str, ...]], new: list[tuple[str, ...]]) -> list[RuleChange]:
    """Rules that stand between the same neighbours are the same rule, changed."""
    found = []
    for step, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if step == "equal":
            continue
        for before, after in zip_longest(range(old_from, old_to), range(new_from, new_to)):
            change = ADDED if before is None else REMOVED if after is None else CHANGED
            found.append(RuleChange(
                change, None if before is None else before + 1, None if after is None else after + 1,
                () if before is None else old[before], () if after is None else new[after],
            ))  # fmt: skip
    return found


def _decisions(data: bytes | None) -> dict[str, _Decision]:
    if data is None:
        return {}
    found = {}
    for element in safe_tree(data).getroot().iter("*"):
        if _local(element) == "decision" and element.get("id"):
            found[str(element.get("id"))] = _decision(element)
    return found


def _decision(element: Any) -> _Decision:
    made = _Decision(str(element.get("name") or ""), {"name": str(element.get("name") or "")})
    for part in element:
        if _local(part) == "informationRequirement":
            required = [str(one.get("href") or "") for one in part if _local(one) == "requiredDecision"]
            made.properties["requires"] = " ".join([*made.properties.get("requires", "").split(), *required])
        elif _local(part) == "literalExpression":
            made.properties["expression"] = _text(part)
        elif _local(part) == "decisionTable":
            made.properties["hitPolicy"] = str(part.get("hitPolicy") or "UNIQUE")
            made.properties["aggregation"] = str(part.get("aggregation") or "")
            _table(part, made)
    return made


def _table(table: Any, made: _Decision) -> None:
    for part in table:
        name = _local(part)
        if name in ("input", "output"):
            label = str(part.get("label") or part.get("name") or "") or _text(part)
            made.columns.append(label)
            expression = next((one for one in part if _local(one) == "inputExpression"), part)
            told = [_text(part), str(part.get("name") or ""), str(expression.get("typeRef") or "")]
            made.properties[f"{name} {label}"] = " ".join(one for one in told if one)
        elif name == "rule":
            cells = [_text(cell) for cell in part if _local(cell) in ("inputEntry", "outputEntry")]
            notes = [_text(cell) for cell in part if _local(cell) in ("description", "annotationEntry")]
            made.rules.append((*cells, *(note for note in notes if note)))


def _text(element: Any) -> str:
    """The text within an element, that of its parts with it."""
    return " ".join(" ".join(str(part) for part in element.itertext()).split())


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]
