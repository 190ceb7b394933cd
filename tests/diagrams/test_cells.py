"""A cell of a decision table is told by its row and column."""

from __future__ import annotations

from workflows.diagrams import library
from workflows.diagrams.cells import Cell, cells
from workflows.engine.xml import safe_tree

TABLE = "collective_required.dmn"


def test_each_cell_and_each_head_has_its_place() -> None:
    files = library.shipped()["penalty"].files
    found = cells({TABLE: files[TABLE]})
    root = safe_tree(files[TABLE], TABLE).getroot()
    rules = root.findall(".//{*}rule")
    last = rules[-1].findall("{*}outputEntry")[0].get("id")
    assert found[last] == Cell(len(rules), "集体讨论")
    assert {one.rule for one in found.values()} == set(range(len(rules) + 1))


def test_a_table_that_can_not_be_read_has_none() -> None:
    assert cells({"a.dmn": b"<broken", "b.dmn": b"<x/>", "c.form": b"{}"}) == {}
