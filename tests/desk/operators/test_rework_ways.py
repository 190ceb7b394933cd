"""A step done again alone goes straight on only where no gateway in between would choose otherwise."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.desk.conftest import Bureau
from workflows.actors import Person
from workflows.calendar import clock
from workflows.calendar.clock import SimulatedClock
from workflows.cases.file import Case
from workflows.cases.reviews import REVIEW_POINTS
from workflows.desk import commands
from workflows.desk.execute import execute
from workflows.desk.operators import returning, signing
from workflows.desk.tasks import Task
from workflows.errors import Invalid
from workflows.store import new_id

AGREE = {"opinion": "agree", "text": "同意", "findings": [{"point": one, "result": "pass"} for one in REVIEW_POINTS]}


def paper(kind: str, mark: str) -> dict[str, Any]:
    return {"sha256": mark * 64, "size": 3, "name": f"{kind}.pdf", "media_type": "application/pdf",
            "material_kind": kind}  # fmt: skip


class Penalty:
    """A filed penalty case, and its steps."""

    def __init__(self, bureau: Bureau, time: SimulatedClock) -> None:
        self.time, self.bureau, self.store, self.case_id = time, bureau, bureau.store, bureau.open()
        self.done("deputy", "approve_filing", result="approve", opinion="同意立案")
        people = [bureau.actor(login).person_id for login in ("officer1", "officer2")]
        act = {"kind": "inspection", "done_on": "2024-02-27", "place": "车间", "officers": people}
        self.investigation = {"acts": [act], "seizure": "none", "files": [paper("evidence", "2")]}
        self.done("officer1", "investigate", **self.investigation)

    def tasks(self, element: str) -> list[Task]:
        with self.store.read() as session:
            return session.query(Task).filter_by(case_id=self.case_id, element_id=element, ended_at=None).all()

    def task(self, element: str, kind: str = "step") -> Task:
        return next(one for one in self.tasks(element) if one.kind == kind)

    def done(self, login: str, element: str, kind: str = "step", **answer: Any) -> None:
        task = self.task(element, kind)
        execute(self.store, commands.complete_task, self.bureau.actor(login), task.id, answer, seen=task.version,
                key=new_id())  # fmt: skip
        self.time.set(clock.now() + timedelta(minutes=10))

    def report(self, fine: int = 30000) -> None:
        with self.store.read() as session:
            party = session.get_one(Case, self.case_id).parties[0].id
        penalty = {"party_id": party, "matter_code": "CF-AQF-097-1-07", "stage": "initial", "types": ["fine"],
                   "fine": fine}  # fmt: skip
        self.done("officer1", "conclude_investigation", outcome="penalise", facts="焊工无证作业。",
                  evidence="现场检查记录", law="违反《安全生产法》第三十条第一款的规定", discretion="从轻。",
                  penalties=[penalty],
                  files=[paper("investigation_report", "3")])  # fmt: skip

    def submitted(self) -> Penalty:
        self.report()
        self.done("unithead", "check_by_unit", result="agree", opinion="同意报审")
        return self

    def asks_again(self, login: str, element: str, to: str, how: str = "resume") -> None:
        actor, task = self.bureau.actor(login), self.task(element)
        if task.assignee_id is None:
            execute(self.store, commands.claim_task, actor, task.id, seen=task.version)
            task = self.task(element)
        with self.store.read() as session:
            target = next(one.target for one in returning.choices(session, task) if one.element_id == to)
        execute(self.store, returning.return_task, actor, task.id, target, how=how, reason="请补正", seen=task.version,
                key=new_id())  # fmt: skip

    def refused(self, login: str, element: str, **answer: Any) -> Invalid:
        with pytest.raises(Invalid, match=r"rework\.other_way") as caught:
            self.done(login, element, "rework", **answer)
        return caught.value


def test_a_unit_head_s_refusal_in_a_rework_does_not_pass_unheard_and_the_step_is_returned_instead(
    sqlite_bureau: Bureau, time: SimulatedClock,
):  # fmt: skip
    case = Penalty(sqlite_bureau, time).submitted()
    case.asks_again("legal1", "check_completeness", "check_by_unit")
    said = case.refused("unithead", "check_by_unit", result="return", opinion="事实不清")
    with case.store.read() as session:
        asked_by = session.get_one(Person, sqlite_bureau.actor("legal1").person_id).name
    assert said.facts["requester"] == asked_by
    execute(case.store, signing.unask, sqlite_bureau.actor("legal1"), case.task("check_by_unit", "rework").id,
            reason="改为退回", key=new_id())  # fmt: skip
    case.asks_again("legal1", "check_completeness", "check_by_unit", how="again")
    case.done("unithead", "check_by_unit", result="return", opinion="事实不清")
    assert [one.kind for one in case.tasks("conclude_investigation")] == ["step"], "the refusal takes its way"


def test_the_same_answer_again_goes_straight_on(sqlite_bureau: Bureau, time: SimulatedClock):
    case = Penalty(sqlite_bureau, time).submitted()
    case.asks_again("legal1", "check_completeness", "check_by_unit")
    case.done("unithead", "check_by_unit", "rework", result="agree", opinion="已补充理由，同意")
    case.done("legal1", "check_completeness", complete="yes", note="齐全")
    assert case.tasks("initial_review")


@pytest.mark.parametrize("opinion", ["return", "disagree"])
def test_a_reviewer_s_other_opinion_in_a_rework_is_refused(sqlite_bureau: Bureau, time: SimulatedClock, opinion: str):
    case = Penalty(sqlite_bureau, time).submitted()
    case.done("legal1", "check_completeness", complete="yes", note="齐全")
    case.done("legal1", "initial_review", **AGREE)
    case.asks_again("counsel1", "counsel_review", "initial_review")
    defect = {"point": "RP5", "result": "defect", "text": "适用法律错误"}
    found = [defect if one == "RP5" else {"point": one, "result": "pass"} for one in REVIEW_POINTS]
    case.refused("legal1", "initial_review", opinion=opinion, text="不同意", findings=found)


def test_a_submission_that_is_found_incomplete_in_a_rework_is_refused(sqlite_bureau: Bureau, time: SimulatedClock):
    case = Penalty(sqlite_bureau, time).submitted()
    case.done("legal1", "check_completeness", complete="yes", note="齐全")
    case.asks_again("legal2", "initial_review", "check_completeness")
    case.refused("legal1", "check_completeness", complete="no", missing=["evidence"], note="缺证据")


def test_a_seizure_that_is_asked_for_in_a_rework_is_refused(sqlite_bureau: Bureau, time: SimulatedClock):
    case = Penalty(sqlite_bureau, time)
    case.asks_again("officer2", "conclude_investigation", "investigate")
    case.refused("officer1", "investigate", **{**case.investigation, "seizure": "urgent"})
    case.done("officer1", "investigate", "rework", **case.investigation)
