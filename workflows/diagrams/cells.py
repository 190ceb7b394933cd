"""Where the cells of decision tables stand, also of tables that are refused; for findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workflows.engine.xml import safe_tree
from workflows.errors import DiagramRefused


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table. rule: its row, 1-based, 0 for the head; column: what the head says, its number without."""

    rule: int
    column: str


def cells(files: Mapping[str, bytes]) -> dict[str, Cell]:
    """Id → its place, of the cells and the heads of all decision tables of a package. Empty where there is no XML."""
    found: dict[str, Cell] = {}
    for path in (one for one in files if one.endswith(".dmn")):
        try:
            root = safe_tree(files[path], path).getroot()
        except DiagramRefused:
            continue
        for table in root.iter("{*}decisionTable"):
            found |= {str(id): cell for id, cell in _of_table(table) if id}
    return found


def _of_table(table: Any) -> Iterator[tuple[str | None, Cell]]:
    heads = [*table.findall("{*}input"), *table.findall("{*}output")]
    names = [_called(head) or str(number) for number, head in enumerate(heads, 1)]
    for head, name in zip(heads, names, strict=True):
        yield from ((one.get("id"), Cell(0, name)) for one in head.iter("{*}*"))
    for number, rule in enumerate(table.findall("{*}rule"), 1):
        entries = [*rule.findall("{*}inputEntry"), *rule.findall("{*}outputEntry")]
        yield from ((entry.get("id"), Cell(number, name)) for entry, name in zip(entries, names, strict=False))


def _called(head: Any) -> str:
    """A column by its label; else an output by its name, an input by what it looks at."""
    said = head.get("label") or head.get("name") or head.findtext("{*}inputExpression/{*}text")
    return " ".join((said or "").split())[:60]
