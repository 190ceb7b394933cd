"""The five published cases run from lead to archive on a simulated clock, and own up to what was not published."""

from __future__ import annotations

import copy
import io
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from pypdf import PdfReader
from sqlalchemy import select

from workflows import bureau, ledger, play
from workflows.calendar import clock
from workflows.calendar.clock import SHANGHAI
from workflows.calendar.clocks import Clock
from workflows.cases.file import Case
from workflows.desk.tasks import Task
from workflows.documents import Document
from workflows.documents.fonts import Fonts
from workflows.engine import state
from workflows.errors import FashenError, GateClosed, Invalid
from workflows.files import Files
from workflows.store import Store

HERE = Path(__file__).parent
NAMES = (
    "yinzhou-welders",
    "qingyuan-recheck",
    "jiangmen-fireworks",
    "xiaoshan-cylinders",
    "shaanxi-coal-mine",
)
CHECKS = ("value", "contains", "day", "month")
IN_WORDS = {
    20_000: "贰万元整",
    30_000: "叁万元整",
    40_000: "肆万元整",
    150_000: "壹拾伍万元整",
    2_000_000: "贰佰万元整",
}
REMEDIES = {"reconsideration", "litigation"}
"""Time limits of the party that run on after the case is closed."""
LAPSING = {"statement", "hearing_request"}
"""Time limits that a party lets pass when it has nothing to say: the file then goes on after their end."""

every_case = pytest.mark.parametrize("name", NAMES)


@cache
def said(name: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((HERE / f"{name}.yaml").read_text("utf-8"))
    return read


@cache
def fonts() -> Fonts:
    return Fonts()


@dataclass
class Stage:
    """A bureau with its demonstration people, in a database and a folder of its own."""

    store: Store
    files: Files

    def play(self, script: play.Script) -> str:
        with clock.simulated(script.begins) as time:
            return play.Player(self.store, self.files, fonts(), time).play(script).case_id


@pytest.fixture(scope="module")
def furnished(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the demonstration bureau, made once."""
    path = tmp_path_factory.mktemp("bureau") / "fashen.sqlite"
    shutil.copyfile(sqlite_template, path)
    store = Store(f"sqlite:///{path}")
    with clock.simulated(datetime(2021, 1, 4, 9, tzinfo=SHANGHAI)), store.work() as session:
        bureau.load_demo(session)
    store.close()
    return path


@pytest.fixture(scope="module")
def stage_for(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Stage]]:
    opened: list[Store] = []

    def make() -> Stage:
        folder = tmp_path_factory.mktemp("case")
        shutil.copyfile(furnished, folder / "fashen.sqlite")
        opened.append(Store(f"sqlite:///{folder / 'fashen.sqlite'}"))
        return Stage(opened[-1], Files(str(folder / "files")))

    yield make
    for store in opened:
        store.close()


@pytest.fixture(scope="module")
def played(stage_for: Callable[[], Stage]) -> Callable[[str], tuple[Stage, str]]:
    """A case that was played to its end: where, and its id. Each is played once."""

    @cache
    def once(name: str) -> tuple[Stage, str]:
        stage = stage_for()
        return stage, stage.play(play.read(HERE / f"{name}.yaml"))

    return once


Played = Callable[[str], tuple[Stage, str]]


@every_case
def test_a_case_reaches_its_end(name: str, played: Played) -> None:
    stage, case_id = played(name)
    with stage.store.read() as session:
        case = session.get_one(Case, case_id)
        left = session.execute(select(Task).where(Task.case_id == case_id, Task.state.in_(("open", "claimed"))))
        assert case.state == "archived"
        assert left.first() is None
        assert state.earliest_due(session) is None


@every_case
def test_its_ledger_verifies(name: str, played: Played) -> None:
    stage, case_id = played(name)
    with stage.store.read() as session:
        checkpoint = ledger.checkpoint(session)
        assert ledger.verify(session, checkpoint) == []
        assert len(ledger.history(session, f"case:{case_id}")) > 40


@every_case
def test_its_documents_are_printed_and_say_the_amounts_in_words(name: str, played: Played) -> None:
    stage, case_id = played(name)
    with stage.store.read() as session:
        documents = list(session.execute(select(Document).where(Document.case_id == case_id)).scalars())
        printed = {(document.type, document.number): _text(stage, document) for document in documents}
    assert len(printed) == sum(said(name)["expect"]["documents"].values())
    decided = "".join(text for (kind, _number), text in printed.items() if kind == "penalty_decision")
    for party, fine in said(name)["expect"]["fines"].items():
        assert IN_WORDS[fine] in decided
        assert party in decided


def _text(stage: Stage, document: Document) -> str:
    assert document.sha256, document.number
    with stage.files.open(document.sha256) as stream:
        pages = PdfReader(io.BytesIO(stream.read())).pages
        return "".join(page.extract_text() for page in pages).replace("\n", "").replace(" ", "")


@every_case
def test_every_time_limit_was_kept(name: str, played: Played) -> None:
    stage, case_id = played(name)
    with stage.store.read() as session:
        clocks = list(session.execute(select(Clock).where(Clock.case_id == case_id)).scalars())
        late = {row.rule for row in clocks if row.satisfied_at is not None and not row.in_time(row.satisfied_at)}
        running = {row.rule for row in clocks if row.satisfied_at is None}
    assert late <= LAPSING
    assert running <= REMEDIES


@every_case
def test_what_was_published_stands_in_the_case_where_it_says(name: str) -> None:
    script = said(name)
    for fact in script["published"]:
        (kind,) = [check for check in CHECKS if check in fact]
        found, wanted = look_up(script, fact["at"]), fact[kind]
        if kind == "contains":
            assert wanted in found, fact
        elif kind == "day":
            assert found.astimezone(SHANGHAI).date() == wanted, fact
        elif kind == "month":
            assert f"{found:%Y-%m}" == wanted, fact
        elif isinstance(found, datetime) and not isinstance(wanted, datetime):
            assert found.astimezone(SHANGHAI).date() == wanted, fact
        else:
            assert found == wanted, fact


@every_case
def test_every_published_fact_names_its_source_and_the_rest_is_owned_up_to(name: str) -> None:
    script = said(name)
    assert {fact["source"] for fact in script["published"]} <= set(script["sources"])
    assert script["supplied"]


@every_case
def test_people_work_on_working_days(name: str) -> None:
    import chinese_calendar

    script = said(name)
    for step in [script["start"], *script["steps"]]:
        day = play.moment(step["at"]).astimezone(SHANGHAI)
        assert chinese_calendar.is_workday(date(day.year, day.month, day.day)), step["at"]
        assert 8 <= day.hour <= 20, step["at"]


def test_the_five_are_the_folder() -> None:
    assert {path.stem for path in HERE.glob("*.yaml")} == set(NAMES)


def look_up(script: dict[str, Any], path: str) -> Any:
    """The value at `start.…`, or `<task>.…` of the first step of that task; `<task>.at` is its moment."""
    head, *rest = path.split(".")
    steps = [{"task": "start", **script["start"]}, *script["steps"]]
    step = next(step for step in steps if step.get("task") == head)
    value: Any = step["at"] if rest == ["at"] else step["answer"]
    for key in [] if rest == ["at"] else rest:
        value = value[int(key)] if isinstance(value, list) else value[key]
    return value


# The same cases with one thing wrong -------------------------------------------------------------------------------


def spoilt(name: str, task: str, change: Callable[[dict[str, Any]], None]) -> play.Script:
    """The script up to the first step of a task, which is changed."""
    script = copy.deepcopy(said(name))
    number = next(number for number, step in enumerate(script["steps"]) if step.get("task") == task)
    change(script["steps"][number])
    return play.Script(script["title"], script["start"], script["steps"][: number + 1], {}, script.get("matters", []))


def refusal(stage: Stage, script: play.Script) -> FashenError:
    with pytest.raises(FashenError) as caught:
        stage.play(script)
    return caught.value


def test_a_fine_above_the_range_is_refused(stage_for: Callable[[], Stage]) -> None:
    def raise_it(step: dict[str, Any]) -> None:
        step["answer"]["penalties"][0]["fine"] = 120_000

    error = refusal(stage_for(), spoilt("yinzhou-welders", "conclude_investigation", raise_it))
    assert isinstance(error, GateClosed)
    assert error.code == "gate.G7"


def test_a_statement_can_not_be_written_off_before_its_time_is_over(stage_for: Callable[[], Stage]) -> None:
    def hurry(step: dict[str, Any]) -> None:
        step["at"] = datetime(2024, 3, 25, 17, tzinfo=SHANGHAI)

    error = refusal(stage_for(), spoilt("yinzhou-welders", "record_statement", hurry))
    assert error.code == "gate.G2"


def test_a_hearing_needs_seven_free_working_days(stage_for: Callable[[], Stage]) -> None:
    def hurry(step: dict[str, Any]) -> None:
        step["answer"]["planned_at"] = datetime(2025, 2, 7, 9, 30, tzinfo=SHANGHAI)

    error = refusal(stage_for(), spoilt("jiangmen-fireworks", "notify_hearing", hurry))
    assert isinstance(error, Invalid)
    assert [problem.code for problem in error.problems] == ["hearing.notice_short"]


def test_an_urgent_seizure_is_not_approved_after_a_day(stage_for: Callable[[], Stage]) -> None:
    def tarry(step: dict[str, Any]) -> None:
        step["at"] = datetime(2025, 1, 15, 15, 1, tzinfo=SHANGHAI)

    error = refusal(stage_for(), spoilt("jiangmen-fireworks", "report_seizure", tarry))
    assert error.code == "gate.G12"


def test_a_conclusion_against_the_majority_is_refused(stage_for: Callable[[], Stage]) -> None:
    def overrule(step: dict[str, Any]) -> None:
        step["answer"]["conclusion"] = "return"

    error = refusal(stage_for(), spoilt("jiangmen-fireworks", "conclude_item", overrule))
    assert isinstance(error, Invalid)
    assert [problem.code for problem in error.problems] == ["vote.not_the_majority"]
