"""Amounts and counts of an answer: exact, and within sane bounds."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from workflows.cases.acts.answers import Checks


@pytest.mark.parametrize(("yuan", "fen"), [("0", 0), ("0.01", 1), ("30000.50", 3000050), ("1E+4", 1000000)])
def test_an_amount_is_read_to_the_fen(yuan: str, fen: int) -> None:
    checks = Checks()
    assert checks.fen({"fine": Decimal(yuan)}, "fine") == fen
    assert not checks.problems


@pytest.mark.parametrize("yuan", ["0.001", "1e-30", "1e-2000000", "-0.01", "1e12", "1e999999", "NaN", "Infinity"])
def test_an_amount_that_no_coin_pays_is_refused(yuan: str) -> None:
    checks = Checks()
    assert checks.fen({"fine": Decimal(yuan)}, "fine") is None
    assert [problem.code for problem in checks.problems] == ["field.amount_bad"]


@pytest.mark.parametrize("value", [Decimal("1e999999"), Decimal("1.5"), Decimal("NaN"), 10**15, -1, True, "7"])
def test_a_count_is_whole_and_not_endless(value: Any) -> None:
    checks = Checks()
    assert checks.whole({"pages": value}, "pages") is None
    assert [problem.code for problem in checks.problems] == ["field.number_expected"]
