"""Why a clock ends on its day, told in Chinese and English."""

from __future__ import annotations

from datetime import date, datetime

from workflows.actors import Actor
from workflows.calendar import clock, clocks
from workflows.calendar.clock import SHANGHAI
from workflows.calendar.reasons import _sentences, explain
from workflows.calendar.rules import UNITS, all_rules
from workflows.store import Store


def test_the_hearing_right_over_the_long_holiday_is_explained(seeded_sqlite: Store, officer: Actor) -> None:
    with seeded_sqlite.work() as session:
        row = clocks.start_clock(session, "hearing_request", case_id="a", start=date(2023, 9, 22), actor=officer)
    assert explain(row, "zh") == [
        "依据行政处罚法第六十四条第一项，当事人要求听证的期限为5个工作日。",
        "2023年9月22日起算，当日不计入（民法典第二百零一条）。",
        "2023年9月29日至2023年10月6日为中秋节、国庆节假期，不计入。",
        "2023年10月7日为国庆节调休上班日，计入。",
        "计5个工作日至2023年10月7日。",
        "期限于2023年10月7日24时届满。",
    ]
    assert explain(row, "en") == [
        "Request for a hearing: 5 working days (行政处罚法第六十四条第一项).",
        "It begins on 2023-09-22; that day is not counted (Civil Code 201).",
        "Days off, not counted: 2023-09-29 to 2023-10-06 (Mid-autumn Festival, National Day).",
        "Make-up working days, counted: 2023-10-07 (National Day).",
        "5 working days run to 2023-10-07.",
        "The time limit ends on 2023-10-07 at 24:00.",
    ]


def test_suspension_extension_rolling_and_an_unknown_year_are_explained(seeded_sqlite: Store, officer: Actor) -> None:
    moment = datetime(2026, 12, 20, 9, tzinfo=SHANGHAI)
    with clock.simulated(moment), seeded_sqlite.work() as session:
        row = clocks.start_clock(session, "decision", case_id="a", start=date(2026, 11, 2), actor=officer)
        clocks.suspend_clock(session, row, actor=officer, reason="鉴定", at=date(2026, 11, 10))
        standing = explain(row)[-1]
        clocks.resume_clock(session, row, actor=officer, at=date(2026, 11, 17))
        clocks.extend_clock(session, row, actor=officer, reason="复杂", approver="省应急管理厅", amount=30)
    assert standing == "自2026年11月10日00时00分起中止（鉴定），恢复后顺延。"
    assert explain(row)[2:] == [
        "计90日至2027年1月31日。",
        "经批准延长30日，至2027年3月2日。",
        "2026年11月10日至2026年11月17日中止7日，顺延至2027年3月9日。",
        "2027年放假安排尚未录入，暂按周一至周五为工作日推算，录入后重新计算。",
        "期限于2027年3月9日24时届满。",
    ]


def test_every_limit_can_be_explained(seeded_sqlite: Store, officer: Actor) -> None:
    start = datetime(2026, 4, 30, 9, tzinfo=SHANGHAI)
    with seeded_sqlite.work() as session:
        rows = [clocks.start_clock(session, one, case_id="a", start=start, actor=officer) for one in all_rules()]
    for row in rows:
        for language in ("zh", "en"):
            sentences = explain(row, language)
            assert len(sentences) >= 4, row.rule
            assert not any("{" in sentence for sentence in sentences), row.rule


def test_every_step_and_unit_has_both_languages() -> None:
    sentences = _sentences()
    assert all(set(step) == {"zh", "en"} for step in sentences["steps"].values())
    assert set(sentences["units"]) == set(UNITS)
