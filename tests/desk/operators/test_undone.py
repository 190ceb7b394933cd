"""Acts whose steps come back (退回、撤回) can be done again, and no time runs or stands by what was taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.desk.conftest import Bureau
from tests.desk.operators.test_done_again import Review
from workflows import staff
from workflows.actors import SYSTEM
from workflows.calendar import clock, clocks
from workflows.calendar.clock import SimulatedClock
from workflows.cases import access
from workflows.cases.acts import ActContext, undone
from workflows.cases.file import Case, lock_case
from workflows.cases.meetings import AgendaItem
from workflows.cases.proceedings import Hearing, Notice
from workflows.cases.reviews import REVIEW_POINTS
from workflows.desk import commands
from workflows.desk.execute import execute
from workflows.desk.operators import returning, signing
from workflows.errors import Invalid
from workflows.store import Store, new_id

AGREE = {"opinion": "agree", "text": "同意"}
MEMBERS = ("deputy", "head", "member1", "legal2")


def paper(kind: str, mark: str = "a") -> dict[str, Any]:
    file = {"sha256": mark * 64, "size": 3, "name": f"{kind}.pdf", "media_type": "application/pdf"}
    return {**file, "material_kind": kind}


def points(**defects: dict[str, Any]) -> list[dict[str, Any]]:
    """All review points passed, but those."""
    return [{"point": one, "result": "pass"} | defects.get(one, {}) for one in REVIEW_POINTS]


class Carried(Review):
    """A filed case of the demonstration bureau, carried on by its people, ten minutes for each step."""

    def __init__(self, store: Store, time: SimulatedClock) -> None:
        bureau = Bureau(store)
        super().__init__(store, bureau.open(found_on="2024-02-27"))
        self.time = time
        self.done("deputy", "approve_filing", {"result": "approve", "opinion": "同意立案。"})

    def done(self, login: str, element: str, answer: dict[str, Any]) -> str:
        self.wait(minutes=10)
        task = self.task(element)
        if task.assignee_id is None:
            execute(self.store, commands.claim_task, self.bureau.actor(login), task.id, seen=task.version)
        return super().done(login, element, answer)

    def wait(self, **time: float) -> None:
        self.time.set(clock.now() + timedelta(**time))

    def person(self, login: str) -> str:
        return self.bureau.actor(login).person_id

    def do(self, login: str, command: Callable[..., Any], *args: Any, **given: Any) -> Any:
        self.wait(minutes=10)
        return execute(self.store, command, self.bureau.actor(login), *args, key=new_id(), **given)

    def withdraw(self, login: str, element: str) -> None:
        self.do(login, returning.withdraw_task, self.last(element).id, reason="有误")

    def clock(self, rule: str) -> clocks.Clock:
        with self.store.read() as session:
            found = clocks.find(session, self.case_id, rule)
            assert found is not None
            return found

    @property
    def case(self) -> Case:
        with self.store.read() as session:
            case = session.get_one(Case, self.case_id)
            case.parties  # noqa: B018 - loaded while the session is open
            return case

    def rows(self, kind: Any) -> list[Any]:
        with self.store.read() as session:
            return list(session.execute(select(kind).where(kind.case_id == self.case_id)).scalars())

    # the way of a case

    def report(self, **changes: Any) -> dict[str, Any]:
        penalty = {"party_id": self.case.parties[0].id, "matter_code": "CF-AQF-097-1-07", "stage": "initial",
                   "types": ["fine"], "fine": changes.pop("fine", 60000)}  # fmt: skip
        return {
            "outcome": "penalise", "facts": "焊工无证作业。", "evidence": "现场检查记录。", "discretion": "从轻。",
            "law": "《安全生产法》第九十七条", "penalties": [penalty], "files": [paper("investigation_report", "3")],
            **changes,
        }  # fmt: skip

    def reported(self) -> Carried:
        act = {"kind": "inspection", "done_on": date(2024, 2, 27).isoformat(), "place": "车间",
               "officers": [self.person("officer1"), self.person("officer2")]}  # fmt: skip
        self.done("officer1", "investigate", {"acts": [act], "seizure": "none", "files": [paper("evidence", "2")]})
        self.done("officer1", "conclude_investigation", self.report())
        self.done("unithead", "check_by_unit", {"result": "agree", "opinion": "同意报审"})
        return self

    def checked(self, login: str = "legal1") -> Carried:
        self.done(login, "check_completeness", {"complete": "yes", "note": "回证随后归卷"})
        return self

    def reviewed(self, login: str = "legal1") -> Carried:
        self.checked(login).done(login, "initial_review", {**AGREE, "findings": points()})
        self.done("counsel1", "counsel_review", {**AGREE, "findings": points(), "conflict_free": True})
        self.done(login, "conclude_review", {**AGREE, "adopts": "yes"})
        return self

    def told(self) -> Carried:
        party = self.case.parties[0].id
        service = {"party_id": party, "method": "direct", "served_at": clock.now().isoformat()}
        self.done("officer1", "issue_notice", {"services": [service], "files": [paper("notice_receipt")]})
        return self

    def replied(self, hearing: str = "waived", **changes: Any) -> Carried:
        day = clock.today().isoformat()
        reply = {"party_id": self.case.parties[0].id, "statement": "made", "statement_text": "请求从轻",
                 "recheck": "已复核", "statement_on": day, "hearing": hearing, "hearing_requested_on": day}  # fmt: skip
        self.done("officer1", "record_statement",
                  {"replies": [reply], "change": "none", "files": [paper("statement_record")], **changes})  # fmt: skip
        return self

    def called(self) -> Carried:
        planned = clock.now() + timedelta(days=14)
        self.done("hearing1", "notify_hearing", {"planned_at": planned.isoformat(), "place": "会议室",
                  "notified_on": clock.today().isoformat(), "open_to_public": True})  # fmt: skip
        return self

    def heard(self, opinion: str = "处罚适当") -> Carried:
        self.done("hearing1", "hold_hearing", {"state": "held", "held_at": clock.now().isoformat(), "opinion": opinion,
                  "transcript": [paper("hearing_transcript")]})  # fmt: skip
        return self

    def listed(self, *members: str, by: str = "legal1") -> Carried:
        ids = [self.person(one) for one in members]
        self.done(by, "put_on_agenda", {"title": "讨论会", "place": "会议室", "planned_at": clock.now().isoformat(),
                  "members": ids, "host": self.person("head")})  # fmt: skip
        return self

    def opened(self, *members: str, by: str = "legal1") -> list[str]:
        """Attendance is taken; who has a vote."""
        there = [{"person_id": self.person(one), "present": True, "reason": ""} for one in members]
        self.done(by, "open_item", {"opened_at": clock.now().isoformat(), "attendance": there, "recusals": []})
        return [one for one in members if self.person(one) in self.rows(AgendaItem)[-1].voters]


@pytest.fixture
def carried(sqlite_demo_store: Store, time: SimulatedClock) -> Iterator[Carried]:
    found = Carried(sqlite_demo_store, time)
    yield found
    found.check()


def put_back(carried: Carried, *acts: str) -> None:
    """As a return does that passes these acts, the last of which waits again."""
    with carried.store.work() as session:
        case, actor = lock_case(session, carried.case_id), carried.bureau.actor("officer1")
        context = ActContext(session, actor, case, "penalty", "", {}, clock.now())
        undone.put_back(context, undone.Undone(acts))
        undone.comes_again(context, acts[-1])


def verified(case: Carried, result: str = "confirmed") -> None:
    team = [case.person("officer1"), case.person("officer2")]
    case.done("officer1", "verify_suspicion", {
        "team": team, "offence": "危险作业罪", "report": "核实报告", "result": result,
        "verified_at": clock.now().isoformat(), "files": [paper("suspicion_report")]})  # fmt: skip


def suspected(case: Carried) -> Carried:
    case.do("officer1", commands.flag_suspicion, case.case_id, offence="危险作业罪", grounds="有重大隐患")
    return case


def test_a_report_on_a_suspicion_that_was_taken_back_is_made_again_and_the_heads_days_begin_with_it(
    carried: Carried,
) -> None:
    verified(suspected(carried))
    first = carried.clock("referral_approval").id
    carried.withdraw("officer1", "verify_suspicion")
    assert (carried.case.crime, carried.case.fine_suspended) == ("suspected", True)
    assert carried.clock("referral_approval").satisfied_at is not None
    verified(carried)
    assert carried.case.crime == "confirmed"
    assert carried.clock("referral_approval").id != first


def test_a_report_that_the_head_sends_back_is_made_again_and_his_days_run_on(carried: Carried) -> None:
    verified(suspected(carried))
    due = carried.clock("referral_approval").due_at
    carried.go_back("head", "approve_referral", "verify_suspicion", "again")
    assert carried.case.crime == "suspected"
    carried.wait(hours=3)
    verified(carried)
    assert carried.clock("referral_approval").due_at == due
    carried.go_back("head", "approve_referral", "verify_suspicion", "again")
    verified(carried, "cleared")
    assert (carried.case.crime, carried.case.fine_suspended) == ("cleared", False)
    assert carried.clock("referral_approval").satisfied_at is not None
    assert not carried.clock("decision").suspended


def test_the_time_of_the_review_runs_again_when_an_opinion_is_taken_back(carried: Carried) -> None:
    carried.reported().checked()
    due = carried.clock("legal_review").due_at
    defect = {"RP2": {"result": "defect", "text": "事实不清"}}
    carried.done("legal1", "initial_review", {"opinion": "supplement", "text": "补充", "findings": points(**defect)})
    assert carried.clock("legal_review").suspended
    carried.withdraw("legal1", "initial_review")
    assert not carried.clock("legal_review").suspended
    assert carried.clock("legal_review").due_at - due < timedelta(days=1)


def test_the_time_of_the_review_runs_again_when_the_unit_sends_the_case_back_to_it(carried: Carried) -> None:
    carried.reported().checked()
    defect = {"RP2": {"result": "defect", "text": "事实不清"}}
    carried.done("legal1", "initial_review", {"opinion": "supplement", "text": "补充", "findings": points(**defect)})
    carried.go_back("officer1", "supplement_evidence", "initial_review", "again")
    assert not carried.clock("legal_review").suspended


def test_a_dispute_that_is_taken_back_is_none_and_the_review_waits_for_the_unit_as_before(carried: Carried) -> None:
    carried.reported().checked()
    defect = {"RP2": {"result": "defect", "text": "事实不清"}}
    carried.done("legal1", "initial_review", {"opinion": "disagree", "text": "不同意", "findings": points(**defect)})
    carried.done("unithead", "unit_responds", {"result": "insist", "reason": "坚持原意见"})
    assert carried.case.disputed_at is not None
    due = carried.clock("legal_review").due_at
    assert carried.clock("legal_review").satisfied_at is not None
    carried.wait(days=2)
    put_back(carried, "unit_response")
    assert carried.case.disputed_at is None
    assert carried.clock("legal_review").satisfied_at is None
    assert carried.clock("legal_review").suspended
    assert carried.clock("legal_review").due_at == due, "neither won nor lost"


def test_a_case_file_that_was_found_incomplete_by_mistake_is_waited_for_no_longer(carried: Carried) -> None:
    carried.reported()
    carried.done("legal1", "check_completeness", {"complete": "no", "missing": ["evidence"], "note": "缺"})
    assert carried.clock("supplement").satisfied_at is None
    carried.withdraw("legal1", "check_completeness")
    assert carried.clock("supplement").satisfied_at is not None
    carried.checked()


def test_what_was_supplied_can_be_taken_back_and_supplied_anew(carried: Carried) -> None:
    carried.reported()
    carried.done("legal1", "check_completeness", {"complete": "no", "missing": ["evidence"], "note": "缺"})
    carried.done("officer1", "supplement_files", {"note": "已补"})
    carried.withdraw("officer1", "supplement_files")
    assert carried.clock("supplement").satisfied_at is None
    carried.done("officer1", "supplement_files", {"note": "补齐"})
    assert carried.clock("supplement").satisfied_at is not None
    carried.checked()


def test_what_the_parties_replied_is_recorded_anew_after_a_return(carried: Carried) -> None:
    carried.reported().reviewed().told().replied(change="lighter")
    carried.go_back("officer1", "revise_report", "record_statement", "again")
    assert [row.statement for row in carried.rows(Notice)] == [None]
    carried.replied(change="lighter")
    assert [row.statement for row in carried.rows(Notice)] == ["made"]
    assert carried.task("revise_report")


def test_a_notice_that_is_told_anew_leaves_no_time_running_for_the_one_before(carried: Carried) -> None:
    carried.reported().reviewed().told()
    put_back(carried, "notice")
    with carried.store.read() as session:
        assert {one.rule for one in clocks.running(session, carried.case_id)} == {"decision"}


def test_a_hearing_is_held_again_after_a_return_and_its_time_does_not_count(carried: Carried) -> None:
    carried.reported().reviewed().told().replied(hearing="requested").called()
    carried.wait(days=14)
    carried.heard()
    assert not carried.clock("decision").suspended
    carried.go_back("officer1", "revise_report", "hold_hearing", "again")
    assert carried.clock("decision").suspended
    carried.heard("应当从轻")
    [row] = carried.rows(Hearing)
    assert (row.state, row.opinion) == ("held", "应当从轻")
    assert not carried.clock("decision").suspended


def test_a_hearing_that_is_called_again_after_one_was_held_stops_the_time_for_the_decision(carried: Carried) -> None:
    carried.reported().reviewed().told().replied(hearing="requested").called()
    carried.wait(days=14)
    carried.heard()
    carried.go_back("officer1", "revise_report", "notify_hearing", "again")
    assert carried.clock("decision").suspended
    carried.called().wait(days=14)
    carried.heard()
    assert [row.state for row in carried.rows(Hearing)] == ["held", "held"]
    assert not carried.clock("decision").suspended


def test_a_hearing_that_was_called_and_not_held_is_waited_for_no_longer(carried: Carried) -> None:
    carried.reported().reviewed().told().replied(hearing="requested").called()
    put_back(carried, "hearing_notice", "statement")
    assert [row.state for row in carried.rows(Hearing)] == ["superseded"]
    assert [row.hearing_request for row in carried.rows(Notice)] == [None]
    assert not carried.clock("decision").suspended


def test_a_case_that_was_taken_off_a_meeting_is_seen_no_more_by_who_was_called_for_it(carried: Carried) -> None:
    carried.reported().reviewed().told().replied()
    assert carried.state == "noticed"
    carried.listed("deputy", "head", "member2")
    carried.withdraw("legal1", "put_on_agenda")
    with carried.store.read() as session:
        assert not access.visible_id(session, carried.bureau.actor("member2"), carried.case_id)
    carried.listed("deputy", "head", "member1")
    assert [row.state for row in carried.rows(AgendaItem)] == ["withdrawn", "listed"]
    assert carried.opened("deputy", "head", "member1") == ["deputy", "head", "member1"]


def test_nobody_votes_on_what_he_reviewed_nor_reviews_what_he_voted_on(carried: Carried) -> None:
    with carried.store.work() as session:
        person = staff.find_person(session, "legal2")
        staff.give_post(session, SYSTEM, person, unit="衢州市应急管理局(演示)", role="panel_member", title="总法律顾问")
    carried.reported().reviewed("legal2").told().replied().listed(*MEMBERS)
    assert carried.opened(*MEMBERS) == ["deputy", "head", "member1"]


def test_an_act_that_sets_something_going_is_signed_before_and_not_after(carried: Carried) -> None:
    carried.reported().checked()
    task = carried.task("initial_review")
    if task.assignee_id is None:
        execute(carried.store, commands.claim_task, carried.bureau.actor("legal1"), task.id, seen=task.version)
        task = carried.task("initial_review")
    with pytest.raises(Invalid, match=r"sign\.not_after"):
        carried.do("legal1", signing.ask, task.id, carried.person("legal2"), kind="after", question="请会签",
                   seen=task.version)  # fmt: skip
    assert carried.do("legal1", signing.ask, task.id, carried.person("legal2"), kind="before", question="请会签",
                      seen=task.version)  # fmt: skip
