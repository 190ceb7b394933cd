"""Each published case is carried by eight people and more, with operators, to the end it has in the case file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases.operators.carrying import Office
from tests.cases.operators.conftest import opened
from tests.cases.operators.countersigning import STEP
from tests.cases.operators.outsider import Line, told, unread
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


@pytest.mark.parametrize("name", NAMES)
def test_every_case_has_all_four_operators_and_eight_people(name: str) -> None:
    woven = read(name)
    assert {step.get("operator") for step in woven.steps} >= MUST
    assert any(step.get("for") for step in woven.steps)
    returned = [step["task"] for step in woven.steps if step.get("operator") == "return"]
    assert set(returned) == {STEP}
    assert len({step["by"] for step in woven.steps if "by" in step}) >= 8


def test_what_a_timeline_does_not_tell_in_its_order_is_found() -> None:
    said = ((11, "撤回：报告，漏附笔录"), (10, "认领任务：报告"))
    page = "<ol class='timeline'>" + "".join(
        f"<li><span class='when'>2024-03-12 {hour}:00</span><span class='who'>陈立 执法队员</span>"
        f"<span class='what'>{what}</span></li>" for hour, what in said
    ) + "</ol>"  # fmt: skip
    claimed, taken = Line("2024-03-12 10:00", "陈立", "认领任务"), Line("2024-03-12 11:00", "陈立", "撤回\n漏附笔录")
    assert unread(page, [({}, claimed), ({}, taken)]) == []
    assert len(unread(page, [({}, taken), ({}, claimed)])) == 1
    assert len(unread(page, [({}, Line("2024-03-12 11:00", "陈立", "撤回\n别的理由"))])) == 1
    assert len(unread(page, [({}, Line("2024-03-12 11:00", "周敏", "撤回"))])) == 1


@every_case
def test_a_case_with_operators_comes_to_its_published_end(name: str, furnished: Path, tmp_path: Path) -> None:
    woven = read(name)
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
