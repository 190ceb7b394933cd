"""The difference of two files of decision tables, rule by rule and cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from workflows.diagrams.difference.changes import (
    ADDED,
    CHANGED,
    MOVED,
    REMOVED,
    CellChange,
    RuleChange,
    TableChange,
    properties,
)
from workflows.engine.xml import safe_tree

Rule = tuple[str, ...]
"""The cells of a rule, and the words beside it at the end."""


@dataclass(slots=True)
class _Decision:
    """columns: (id, label) of each; ids: of the rules."""

    name: str
    properties: dict[str, str] = field(default_factory=dict)
    columns: list[tuple[str, str]] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)

    @property
    def said(self) -> tuple[object, ...]:
        """What it decides: all but the ids."""
        return self.name, self.properties, [label for _, label in self.columns], self.rules


def compare(old: bytes | None, new: bytes | None) -> list[TableChange]:
    """What became of each decision; None: there was, or is, no such file.

    Raises DiagramRefused where one of the two is no XML that we read, ValueError where a rule does not fit its table.
    """
    before, after = _decisions(old), _decisions(new)
    found = []
    for id, now in after.items():
        was = before.get(id, _Decision(""))
        if id in before and was.said == now.said:
            continue
        columns, ways = _columns(was, now)
        changed = properties(was.properties, now.properties)
        change = CHANGED if id in before else ADDED
        found.append(TableChange(change, id, now.name, columns, changed, list(_rules(was, now, ways))))
    for id, was in before.items():
        if id not in after:
            gone = _Decision("", columns=was.columns)
            columns, ways = _columns(was, gone)
            found.append(TableChange(REMOVED, id, was.name, columns, (), list(_rules(was, gone, ways))))
    return found


def _columns(was: _Decision, now: _Decision) -> tuple[list[str], list[tuple[int | None, int | None]]]:
    """The columns of both, and where each stands before and after: the same by its id, or else by its label."""
    left = dict(enumerate(was.columns))
    ways: list[tuple[int | None, int | None]] = []
    for place, (id, label) in enumerate(now.columns):
        same = next((one for one, (old, _) in left.items() if old and old == id), None)
        if same is None:
            same = next((one for one, (_, called) in left.items() if called == label), None)
        left.pop(same, None)  # type: ignore[arg-type]
        ways.append((same, place))
    ways += [(place, None) for place in left]
    return [*(label for _, label in now.columns), *(label for _, label in left.values())], ways


def _rules(was: _Decision, now: _Decision, ways: Sequence[tuple[int | None, int | None]]) -> Iterator[RuleChange]:
    """What is not the same, in the order of the rules, then those that are gone."""
    old = [tuple("" if before is None else rule[before] for before, _ in ways) + rule[-1:] for rule in was.rules]
    new = [tuple("" if after is None else rule[after] for _, after in ways) + rule[-1:] for rule in now.rules]
    same = _same_rules(old, new, was.ids, now.ids)
    order = [same[after] for after in sorted(same)]
    kept = SequenceMatcher(None, sorted(order), order, autojunk=False).get_matching_blocks()
    stayed = {before for block in kept for before in order[block.b : block.b + block.size]}
    for after in range(len(new)):
        if after not in same:
            yield RuleChange(ADDED, None, after + 1, [CellChange("", cell) for cell in new[after]])
        elif old[same[after]] != new[after] or same[after] not in stayed:
            before = same[after]
            cells = [CellChange(*cell) for cell in zip(old[before], new[after], strict=True)]
            change = CHANGED if old[before] != new[after] else MOVED
            yield RuleChange(change, before + 1, after + 1, cells, before not in stayed)
    for before in sorted(set(range(len(old))) - set(same.values())):
        yield RuleChange(REMOVED, before + 1, None, [CellChange(cell, "") for cell in old[before]])


def _same_rules(old: Sequence[Rule], new: Sequence[Rule], was: Sequence[str], now: Sequence[str]) -> dict[int, int]:
    """Place now → place before of the rules that are in both: by id; those without by what they say, in their order."""
    of_id = {id: place for place, id in enumerate(was) if id}
    same = {after: of_id.pop(id) for after, id in enumerate(now) if id in of_id}
    left = [place for place in range(len(old)) if place not in set(same.values())]
    fresh = [place for place in range(len(new)) if place not in same]
    steps = SequenceMatcher(None, [old[one] for one in left], [new[one] for one in fresh], autojunk=False).get_opcodes()
    for step, old_from, old_to, new_from, new_to in steps:
        rest = left[old_from:old_to]
        for after in fresh[new_from:new_to]:
            likest = rest[0] if step == "equal" else _likest(rest, old, new[after])
            if likest is not None and 2 * _alike(old[likest], new[after]) >= len(new[after]):
                rest.remove(likest)
                same[after] = likest
    return same


def _likest(rest: Sequence[int], old: Sequence[Rule], rule: Rule) -> int | None:
    return max(rest, key=lambda one: _alike(old[one], rule), default=None)


def _alike(old: Rule, new: Rule) -> int:
    """How many cells of two rules say the same."""
    return sum(before == after for before, after in zip(old, new, strict=True))


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
            made.columns.append((str(part.get("id") or ""), label))
            expression = next((one for one in part if _local(one) == "inputExpression"), part)
            told = [_text(part), str(part.get("name") or ""), str(expression.get("typeRef") or "")]
            made.properties[f"{name} {label}"] = " ".join(one for one in told if one)
        elif name == "rule":
            cells = [_text(cell) for cell in part if _local(cell) in ("inputEntry", "outputEntry")]
            notes = [_text(cell) for cell in part if _local(cell) in ("description", "annotationEntry")]
            if len(cells) != len(made.columns):
                raise ValueError("a rule of another table")
            made.rules.append((*cells, " ".join(note for note in notes if note)))
            made.ids.append(str(part.get("id") or ""))


def _text(element: Any) -> str:
    """The text within an element, that of its parts with it."""
    return " ".join(" ".join(str(part) for part in element.itertext()).split())


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]
