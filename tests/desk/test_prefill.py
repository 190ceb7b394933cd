"""Forms start with what the case holds: nobody copies a draft, a party or an amount by hand."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from workflows import bureau, play
from workflows.calendar import clock, clocks
from workflows.cases.file import Case, Party, current_draft
from workflows.desk import offering, prefill
from workflows.desk.tasks import Task
from workflows.documents.fonts import Fonts
from workflows.files import Files
from workflows.store import Store

SCRIPT = Path(__file__).parents[1] / "cases" / "shaanxi-coal-mine.yaml"
STEPS = (
    "conclude_investigation", "supplement_evidence", "correct_draft", "issue_notice", "sign_decision", "serve",
    "perform",
)  # fmt: skip


@pytest.fixture(scope="module")
def started(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What the forms of the coal mine's case started with, step by step, while it was played."""
    folder = tmp_path_factory.mktemp("prefill")
    shutil.copyfile(sqlite_template, folder / "case.sqlite")
    store = Store(f"sqlite:///{folder / 'case.sqlite'}")
    script = play.read(SCRIPT)
    found: dict[str, dict[str, Any]] = {}
    with clock.simulated(script.begins) as time:
        with store.work() as session:
            bureau.load_demo(session)
        player = play.Player(store, Files(str(folder / "files")), Fonts(), time)
        for entry in script.matters:
            player.add_matter(dict(entry))
        player.open(script.start)
        for step in script.steps:
            player.until(play.moment(step["at"]))
            if step.get("task") in STEPS:
                found[step["task"]] = start_of(store, player.case_id, step["task"])
            player.step(step)
    store.close()
    return found


def start_of(store: Store, case_id: str, element_id: str) -> dict[str, Any]:
    with store.read() as session:
        wanted = select(Task).where(
            Task.case_id == case_id, Task.element_id == element_id, Task.state.in_(("open", "claimed"))
        )
        task = session.execute(wanted).scalars().first()
        assert task is not None
        start = prefill.start(session, task, offering.task_form(session, task))
        names = {p.id: p.name for p in session.execute(select(Party).where(Party.case_id == case_id)).scalars()}
        for rows in start.values():
            for row in rows if isinstance(rows, list) else ():
                row["party_id"] = names[row["party_id"]]
        draft = current_draft(session, session.get_one(Case, case_id))
        return {**start, "draft": draft.facts if draft else None}


def test_a_supplement_starts_with_a_row_for_each_missing_item_under_its_time_limit(
    sqlite_template: Path, tmp_path: Path
) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "case.sqlite")
    store = Store(f"sqlite:///{tmp_path / 'case.sqlite'}")
    script = play.read(SCRIPT.with_name("qingyuan-recheck.yaml"))
    with clock.simulated(script.begins) as time:
        with store.work() as session:
            bureau.load_demo(session)
        player = play.Player(store, Files(str(tmp_path / "files")), Fonts(), time)
        for entry in script.matters:
            player.add_matter(dict(entry))
        player.open(script.start)
        for step in script.steps:
            player.until(play.moment(step["at"]))
            if step.get("task") == "supplement_files":
                break
            player.step(step)
        with store.read() as session:
            task = session.execute(select(Task).where(Task.element_id == "supplement_files")).scalar_one()
            assert prefill.start(session, task, offering.task_form(session, task)) == {
                "materials": [{"kind": "investigation_report"}]
            }
            running = clocks.find(session, player.case_id, "supplement")
            assert running is not None
            assert (task.clock_id, task.due_at) == (running.id, running.due_at)
    store.close()


def test_after_a_payment_in_part_the_same_task_asks_for_the_rest(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "case.sqlite")
    store = Store(f"sqlite:///{tmp_path / 'case.sqlite'}")
    script = play.read(SCRIPT.with_name("yinzhou-welders.yaml"))
    with clock.simulated(script.begins) as time:
        with store.work() as session:
            bureau.load_demo(session)
        player = play.Player(store, Files(str(tmp_path / "files")), Fonts(), time)
        player.open(script.start)
        for step in script.steps:
            player.until(play.moment(step["at"]))
            if step.get("task") == "perform":
                payment = {**step["answer"]["payments"][0], "amount": 10000}
                answer = {"payments": [payment], "partial": True}
                player.step({**step, "answer": answer, "expect": {"task": "perform"}})
                with store.read() as session:
                    task = session.execute(select(Task).where(Task.element_id == "perform")).scalar_one()
                    assert task.state in ("open", "claimed")
                    (row,) = prefill.start(session, task, offering.task_form(session, task))["payments"]
                    assert row["amount"] == "20000"
                player.step({**step, "answer": {**step["answer"], "payments": [{**payment, "amount": 20000}]}})
                break
            player.step(step)
        with store.read() as session:
            assert session.execute(select(Task.state).where(Task.element_id == "perform")).scalar_one() == "completed"
    store.close()


def parties(rows: list[dict[str, Any]]) -> list[str]:
    return [row["party_id"] for row in rows]


def test_the_first_report_starts_with_a_row_for_each_party(started: dict[str, dict[str, Any]]) -> None:
    rows = started["conclude_investigation"]["penalties"]
    assert parties(rows) == ["鑫志安煤业", "高某"]
    assert {row["matter_code"] for row in rows} == {"CF-MKT-010-1"}
    assert "facts" not in started["conclude_investigation"]


@pytest.mark.parametrize("step", ["supplement_evidence", "correct_draft"])
def test_a_correction_starts_from_the_draft(started: dict[str, dict[str, Any]], step: str) -> None:
    assert started[step]["facts"] == started[step]["draft"]


def test_a_correction_starts_with_the_penalties_in_yuan(started: dict[str, dict[str, Any]]) -> None:
    rows = started["correct_draft"]["penalties"]
    assert [row["fine"] for row in rows] == ["2000000", "150000"]


def test_a_form_starts_with_nothing_that_it_does_not_ask(started: dict[str, dict[str, Any]]) -> None:
    assert "penalties" not in started["supplement_evidence"]


def test_notice_and_service_start_with_the_parties(started: dict[str, dict[str, Any]]) -> None:
    assert parties(started["issue_notice"]["services"]) == ["鑫志安煤业", "高某"]
    assert parties(started["serve"]["services"]) == ["鑫志安煤业", "高某"]


def test_the_decision_starts_with_today_and_the_payment_with_what_is_owed(started: dict[str, dict[str, Any]]) -> None:
    assert started["sign_decision"]["decided_on"].isoformat() == "2024-12-30"
    assert [row["amount"] for row in started["perform"]["payments"]] == ["2000000", "150000"]
