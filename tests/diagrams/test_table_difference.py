"""The difference of two decision tables: which rules, and which cells of them."""

from __future__ import annotations

import pytest

from workflows.diagrams import library
from workflows.diagrams.difference import compare
from workflows.diagrams.difference.changes import ADDED, CHANGED, MOVED, REMOVED, CellChange, RuleChange, TableChange
from workflows.diagrams.difference.tables import compare as compare_tables

SHIPPED = library.shipped()["penalty"].files["collective_required.dmn"].decode()
"""Five inputs and an output; the rule of fines of firms is the second."""
A, B, C = ("a", "b", "yes", ""), ("c", "d", "no", ""), ("e", "f", "yes", "words")


def table(*rules: tuple[str, ...], ids: str = "", columns: str = "first second result") -> bytes:
    """A table of two inputs and an output, whose rules bring words beside them at the end."""
    *inputs, output = columns.split()
    said = "".join(
        f"<rule id='{id}'>" + (f"<description>{words}</description>" if words else "")
        + "".join(f"<inputEntry><text>{cell}</text></inputEntry>" for cell in cells[:-1])
        + f"<outputEntry><text>{cells[-1]}</text></outputEntry></rule>"
        for (*cells, words), id in zip(rules, ids or " " * len(rules), strict=True)
    )  # fmt: skip
    heads = "".join(f"<input id='of_{one}' label='{one}'/>" for one in inputs)
    return (
        "<definitions xmlns='https://www.omg.org/spec/DMN/20191111/MODEL/'><decision id='d' name='D'><decisionTable>"
        f"{heads}<output id='of_{output}' label='{output}'/>{said}</decisionTable></decision></definitions>"
    ).replace("id=' '", "").encode()


def changed(old: bytes, new: bytes) -> TableChange:
    (found,) = compare_tables(old, new)
    return found


def told(rules: list[RuleChange]) -> list[tuple[str, int | None, int | None]]:
    return [(one.change, one.old_number, one.new_number) for one in rules]


def test_of_a_rule_of_which_one_cell_changed_that_cell_is_told() -> None:
    found = changed(SHIPPED.encode(), SHIPPED.replace("&gt;= 50000", "&gt;= 80000", 1).encode())
    (rule,) = found.rules
    assert (rule.change, rule.old_number, rule.new_number, rule.moved) == (CHANGED, 2, 2, False)
    assert [(column, cell) for column, cell in zip([*found.columns, ""], rule.cells, strict=True) if cell.changed] == [
        ("对单位罚款最高额（元）", CellChange(">= 50000", ">= 80000"))
    ]
    assert rule.cells[-1].new.startswith("重大违法行为") and found.annotated


@pytest.mark.parametrize("ids", [("xyz", "nxyz"), ("", "")], ids=["with ids", "without ids"])
def test_a_rule_before_another_that_changed_is_the_new_one(ids: tuple[str, str]) -> None:
    other = ("a", "B", "yes", "")
    found = changed(table(A, B, C, ids=ids[0]), table(("x", "x", "x", ""), other, B, C, ids=ids[1]))
    assert told([*found.rules]) == [(ADDED, None, 1), (CHANGED, 1, 2)]
    assert [cell.changed for cell in found.rules[1].cells] == [False, True, False, False]


def test_a_rule_that_only_stands_elsewhere_was_moved() -> None:
    found = changed(table(A, B, C, ids="xyz"), table(C, A, B, ids="zxy"))
    assert told([*found.rules]) == [(MOVED, 3, 1)]
    assert not any(cell.changed for cell in found.rules[0].cells)


def test_a_rule_that_was_moved_and_changed_says_both() -> None:
    found = changed(table(A, B, C, ids="xyz"), table(("e", "f", "no", "words"), A, B, ids="zxy"))
    (rule,) = found.rules
    assert (rule.change, rule.old_number, rule.new_number, rule.moved) == (CHANGED, 3, 1, True)


def test_a_rule_that_is_gone_and_a_new_one_are_not_one_rule() -> None:
    found = changed(table(A, B), table(A, C))
    assert told([*found.rules]) == [(ADDED, None, 2), (REMOVED, 2, None)]


def test_cells_stay_in_their_columns_when_a_column_comes_and_another_goes() -> None:
    old, new = table(A, columns="first second result"), table(("new", "a", "yes", ""), columns="fresh first result")
    found = changed(old, new)
    assert list(found.columns) == ["fresh", "first", "result", "second"]
    (rule,) = found.rules
    assert [(one.old, one.new) for one in rule.cells] == [("", "new"), ("a", "a"), ("yes", "yes"), ("b", ""), ("", "")]


def test_a_table_that_is_new_or_gone_has_all_its_rules() -> None:
    (fresh,), (gone,) = compare_tables(None, table(A, C)), compare_tables(table(A, C), None)
    assert (fresh.change, told([*fresh.rules])) == (ADDED, [(ADDED, None, 1), (ADDED, None, 2)])
    assert (gone.change, told([*gone.rules])) == (REMOVED, [(REMOVED, 1, None), (REMOVED, 2, None)])


def test_other_ids_alone_are_another_way_of_writing() -> None:
    assert compare_tables(table(A, B, ids="xy"), table(A, B, ids="vw")) == []


def test_a_table_whose_rules_do_not_fit_is_compared_line_by_line() -> None:
    found = compare({"t.dmn": table(A)}, {"t.dmn": table(("a", "yes", ""))})
    assert [(one.path, one.unreadable) for one in found.files] == [("t.dmn", True)]
