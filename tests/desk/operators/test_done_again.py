"""A step that is done again in a case under review: where the case stands meanwhile and afterwards."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.desk.conftest import Bureau
from workflows import bureau as bureaus
from workflows import fold, ledger, play
from workflows.calendar import clock
from workflows.calendar.clock import SimulatedClock
from workflows.cases.file import Case
from workflows.cases.proceedings import OnSiteAct, Seizure
from workflows.desk import again, commands, offering
from workflows.desk.execute import execute
from workflows.desk.operators import returning
from workflows.desk.tasks import Task
from workflows.documents.fonts import Fonts
from workflows.files import Files
from workflows.store import Store, new_id

SCRIPT = Path(__file__).parents[2] / "cases" / "yinzhou-welders.yaml"


class Review:
    """A case that waits for 法规初审, and what tests do in it."""

    def __init__(self, store: Store, case_id: str) -> None:
        self.store, self.case_id, self.bureau = store, case_id, Bureau(store)

    def task(self, element: str) -> Task:
        return self.bureau.task(self.case_id, element)

    def done(self, login: str, element: str, answer: dict[str, Any]) -> str:
        """Complete a step; the id of its task."""
        return self.bureau.complete(login, self.case_id, element, answer).task_id

    def last(self, element: str) -> Task:
        """The latest task of an element that was completed."""
        with self.store.read() as session:
            return session.execute(
                select(Task).where(Task.case_id == self.case_id, Task.element_id == element, Task.state == "completed")
                .order_by(Task.ended_at.desc()).limit(1)
            ).scalar_one()  # fmt: skip

    def go_back(self, login: str, element: str, to: str, how: str) -> None:
        """退回 from a step that is claimed first."""
        who, task = self.bureau.actor(login), self.task(element)
        if task.state == "open":
            execute(self.store, commands.claim_task, who, task.id, seen=task.version)
            task = self.task(element)
        with self.store.read() as session:
            choice = next(one for one in returning.choices(session, task) if one.element_id == to)
        execute(self.store, returning.return_task, who, task.id, choice.target, how=how, reason="请补正",
                seen=task.version, key=new_id())  # fmt: skip

    @property
    def state(self) -> str:
        with self.store.read() as session:
            return session.get_one(Case, self.case_id).state

    def check(self) -> None:
        """The record tells the whole state."""
        with self.store.read() as session:
            assert ledger.verify(session) == []
            assert [str(one) for one in fold.verify_state(session)] == []


@pytest.fixture(scope="module")
def played(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, Any]:
    """A published case up to 法规初审: its database, the case, the moment."""
    folder = tmp_path_factory.mktemp("review")
    shutil.copyfile(sqlite_template, folder / "case.sqlite")
    store, script = Store(f"sqlite:///{folder / 'case.sqlite'}"), play.read(SCRIPT)
    with clock.simulated(script.begins) as time:
        with store.work() as session:
            bureaus.load_demo(session)
        player = play.Player(store, Files(str(folder / "files")), Fonts(), time)
        player.open(script.start)
        for step in script.steps:
            player.until(play.moment(step["at"]))
            if step.get("task") == "initial_review":
                break
            player.step(step)
        now = clock.now()
    store.close()
    return folder / "case.sqlite", player.case_id, now


@pytest.fixture
def review(played: tuple[Path, str, Any], tmp_path: Path) -> Iterator[Review]:
    path, case_id, now = played
    shutil.copyfile(path, tmp_path / "case.sqlite")
    store = Store(f"sqlite:///{tmp_path / 'case.sqlite'}")
    with clock.simulated(now):
        yield Review(store, case_id)
    store.close()


def test_a_case_under_review_is_under_review_after_a_step_was_done_again_alone(review: Review) -> None:
    assert review.state == "reviewing"
    review.go_back("legal1", "initial_review", "investigate", "resume")
    assert review.state == "reviewing", "the review waits"
    review.done("officer1", "investigate", review.last("investigate").answer or {})
    assert review.state == "reviewing", "and goes on"
    assert review.task("initial_review").state == "claimed"
    review.check()


def test_the_state_of_a_case_goes_back_with_the_case(review: Review) -> None:
    review.go_back("legal1", "initial_review", "investigate", "again")
    assert review.state == "investigating"
    review.done("officer1", "investigate", review.last("investigate").answer or {})
    assert review.state == "investigating"
    review.check()


def acts(review: Review) -> list[tuple[str, str, str]]:
    """What is on record of acts on site."""
    with review.store.read() as session:
        rows = session.execute(select(OnSiteAct).where(OnSiteAct.case_id == review.case_id)).scalars()
        return sorted((row.kind, row.place, row.note) for row in rows)


def events_of(review: Review, name: str) -> int:
    with review.store.read() as session:
        return len(ledger.history(session, f"case:{review.case_id}", only=(name,)))


def started(review: Review, task: Task) -> dict[str, Any]:
    """What the form of a task starts with."""
    with review.store.read() as session:
        row = session.get_one(Task, task.id)
        return again.start(session, row, offering.task_form(session, row))


@pytest.mark.parametrize("how", ["again", "resume"])
def test_a_step_that_came_back_starts_with_what_was_submitted_last_and_doubles_nothing(
    review: Review, how: str
) -> None:
    before, said, files = acts(review), review.last("investigate").answer or {}, events_of(review, "MaterialAdded")
    assert before
    review.go_back("legal1", "initial_review", "investigate", how)
    assert started(review, review.task("investigate")) == said
    review.done("officer1", "investigate", said)
    assert acts(review) == before
    assert (events_of(review, "OnSiteActCorrected"), events_of(review, "MaterialAdded")) == (0, files)
    review.check()


def test_what_was_changed_is_corrected_and_what_is_new_is_added(review: Review) -> None:
    before, said = acts(review), review.last("investigate").answer or {}
    review.go_back("legal1", "initial_review", "investigate", "resume")
    first, *others = said["acts"]
    changed = {**first, "place": "焊接车间二层"}
    review.done("officer1", "investigate", {**said, "acts": [changed, *others, {**first, "kind": "survey"}]})
    after = acts(review)
    assert len(after) == len(before) + 1
    assert "焊接车间二层" in {place for _, place, _ in after}
    assert events_of(review, "OnSiteActCorrected") == 1
    review.check()


def test_a_step_that_comes_for_the_first_time_starts_with_nothing_of_another(review: Review) -> None:
    assert started(review, review.task("initial_review")) == {}


def test_who_takes_a_step_back_finds_everything_as_it_was_typed(
    sqlite_bureau: Bureau, time: SimulatedClock
) -> None:  # fmt: skip
    case_id = sqlite_bureau.open()
    sqlite_bureau.complete("deputy", case_id, "approve_filing", {"result": "approve", "opinion": "同意立案。"})
    time.set(clock.now() + timedelta(minutes=5))
    two = [sqlite_bureau.actor(login).person_id for login in ("officer1", "officer2")]
    said = {
        "acts": [
            {"kind": "inquiry", "done_on": "2024-02-27", "place": "厂办公室", "officers": two, "note": "询问厂长"}
        ],
        "seizure": "approve", "complex": True,
    }  # fmt: skip
    review = Review(sqlite_bureau.store, case_id)
    task_id = review.done("officer1", "investigate", said)
    officer = sqlite_bureau.actor("officer1")
    execute(review.store, returning.withdraw_task, officer, task_id, reason="有误", key=new_id())
    kept = started(review, review.task("investigate"))
    assert {name: kept[name] for name in said} == said
    review.done("officer1", "investigate", {**said, "seizure": "none", "complex": False})
    with review.store.read() as session:
        assert [row.state for row in session.execute(select(Seizure)).scalars()] == ["withdrawn"]
        assert not session.get_one(Case, case_id).complex
    assert acts(review) == [("inquiry", "厂办公室", "询问厂长")]
    review.check()
