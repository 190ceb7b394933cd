"""Random decision tables of every hit policy decide what an independent reading of DMN 1.3 decides."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from tests.engine.table_oracle import Undefined, Violated, inputs, table
from workflows.engine.tables import read_tables
from workflows.errors import Incident


@given(st.integers(0, 2**32))
def test_a_table_decides_what_the_standard_says(seed: int) -> None:
    chance = random.Random(seed)
    drawn = table(chance)
    read = read_tables(drawn.xml(), "t.dmn")["d"]
    for _ in range(12):
        given_values, meant = inputs(chance, drawn)
        variables = {f"x{n}": value for n, value in enumerate(given_values)}
        expected: object
        try:
            expected = drawn.decide(meant)
        except Undefined:
            expected = ("expression.failed", None)
        except Violated as violated:
            expected = ("table.not_unique" if drawn.policy == "UNIQUE" else "table.not_any", violated.args[0])
        found: object
        try:
            found = read.decide(variables)
        except Incident as incident:
            found = (incident.code, incident.facts.get("rules"))
        assert found == expected, (variables, drawn.xml())
