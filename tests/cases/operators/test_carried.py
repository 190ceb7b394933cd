"""Each published case is carried by eight people and more, with operators, to the end it has in the case file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases.operators.carrying import Office
from tests.cases.operators.conftest import opened
from tests.cases.operators.outsider import told, unread
from tests.cases.operators.weaving import read
from tests.cases.test_published_cases import NAMES
from workflows import fold, ledger
from workflows.documents.fonts import Fonts

DAILY = {"yinzhou-welders", "jiangmen-fireworks"}
"""Those of a quick run; all five at night."""
OUTSIDER = "auditor"
"""Somebody who had no part in any of the cases."""
MUST = {"round_add", "return", "substitute", "withdraw"}

every_case = pytest.mark.parametrize(
    "name", [one if one in DAILY else pytest.param(one, marks=pytest.mark.nightly) for one in NAMES]
)


@every_case
def test_a_case_with_operators_comes_to_its_published_end(name: str, furnished: Path, tmp_path: Path) -> None:
    woven = read(name)
    assert {step.get("operator") for step in woven.steps} >= MUST
    with opened(furnished, tmp_path) as live:
        office = Office(live, Fonts())
        office.carry(woven)
        assert len(office.browsers) >= 8
        with live.store.read() as session:
            assert ledger.verify(session) == []
            assert list(fold.verify_state(session)) == []
        assert OUTSIDER not in office.browsers
        page = office.page(OUTSIDER, f"/cases/{office.player.case_id}?tab=timeline").text
        assert unread(page, told(office, woven.operators())) == []
