"""Which steps can have come of an earlier one, as the diagram is drawn."""

from __future__ import annotations

import pytest

from tests.engine import drawing as d
from workflows.desk.operators import downstream
from workflows.engine.definition import Definition


@pytest.fixture(scope="module")
def drawn() -> Definition:
    """Two branches in a loop, and two behind it with a subprocess in one."""
    inner = d.start("s") + d.user("x") + d.user("y") + d.end("e") + d.flows("s > x > y > e")
    return d.read(
        d.start(), d.xor("again"), d.par("split"), d.user("a"), d.user("b"), d.par("join"),
        d.xor("gate", default="gate__fork"), d.par("fork"), d.sub("inside", inner), d.user("c"), d.par("meet"),
        d.user("last"), d.end(),
        d.flows("""
            start > again > split > a > join > gate > fork > inside > meet > last > end
            split > b > join
            gate > again ? choice == 1
            fork > c > meet
        """),
    )


@pytest.mark.parametrize(("source", "target", "leads"), [
    ("a", "b", True), ("b", "a", True), ("a", "a", True), ("a", "x", True), ("x", "y", True), ("y", "x", False),
    ("x", "c", False), ("c", "y", False), ("y", "last", True), ("last", "c", False), ("c", "a", False),
])  # fmt: skip
def test_a_way_leads_along_the_flows_and_round_a_loop_and_not_into_the_branch_beside(
    drawn: Definition, source: str, target: str, leads: bool
) -> None:
    assert downstream.leads(drawn, source, target) is leads
