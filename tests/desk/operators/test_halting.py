"""Holding a case up, letting it go on, ending it; and the timers of its processes meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import yaml

from tests.cases_room.room import paper
from tests.desk.operators.conftest import LEGAL, OFFICER, Trial, step
from tests.engine import drawing as d
from workflows import worker
from workflows.calendar.clock import SimulatedClock
from workflows.cases import commands as case_commands
from workflows.cases.file import Case, lock_case
from workflows.cases.proceedings import Seizure
from workflows.desk import advance, commands, offers
from workflows.desk.execute import execute
from workflows.desk.operators import halting, handing, signing
from workflows.desk.tasks import Task
from workflows.diagrams import library
from workflows.engine.package import Package
from workflows.errors import Forbidden, Invalid, Stale
from workflows.store import new_id


def suspend(trial: Trial) -> None:
    trial.do("unithead", halting.suspend_case, trial.case_id, reason="等待鉴定")


def resume(trial: Trial) -> None:
    trial.do("unithead", halting.resume_case, trial.case_id, reason="")


def timed(trial: Trial) -> str:
    """A process beside with a step that is passed by in two hours."""
    said: dict[str, Any] = {"key": "timed", "title": {"zh": "限时", "en": "Timed"}, "kinds": ["行政处罚"]}
    drawn = d.draw(
        d.start(), step("slow", OFFICER), d.boundary("late", "slow", d.timer("PT2H")), step("instead", LEGAL), d.end(),
        d.end("over"), d.flows("start > slow > end\nlate > instead > over"), key="timed",
    )  # fmt: skip
    package = Package("timed", {"timed.bpmn": drawn, "process.yaml": yaml.safe_dump(said, allow_unicode=True).encode()})
    with trial.store.work() as session:
        library.publish(session, package, trial.bureau.actor("admin"), "试行")
        return advance.start(session, lock_case(session, trial.case_id), "timed", {}, trial.bureau.actor("officer1")).id


def fire(trial: Trial) -> int:
    """Whatever is due now."""
    fired = 0
    while (done := worker.fire_next(trial.store)) is not None:
        fired += done
    return fired


def case(trial: Trial) -> Case:
    with trial.store.read() as session:
        return session.get_one(Case, trial.case_id)


def test_nobody_completes_a_step_until_the_case_goes_on(trial_on_both: Trial):
    trial = trial_on_both
    suspend(trial)
    with pytest.raises(Stale, match=r"case\.suspended"):
        trial.done("officer1", "draft")
    with pytest.raises(Stale, match=r"case\.suspended"):
        suspend(trial)
    trial.check()
    resume(trial)
    with pytest.raises(Stale, match=r"case\.not_suspended"):
        resume(trial)
    trial.done("officer1", "draft")
    trial.check()


def test_nobody_claims_gives_back_or_urges_in_a_case_that_is_held_up(trial: Trial):
    trial.done("officer1", "draft")
    legal, counsel = trial.task("legal"), trial.task("counsel")
    suspend(trial)
    for login, command, given in (
        ("legal1", commands.claim_task, {"seen": legal.version}),
        ("legal1", commands.release_task, {"seen": legal.version}),
        ("officer1", handing.urge_task, {"note": "", "key": new_id()}),
    ):
        with pytest.raises(Stale, match=r"case\.suspended"):
            execute(trial.store, command, trial.bureau.actor(login), legal.id, **given)
    with trial.store.read() as session:
        told = offers.offers(session, trial.bureau.actor("officer1"), session.get_one(Task, counsel.id))
    assert {one.operator: one.why.code for one in told if one.why is not None}["urge"] == "case.suspended"
    resume(trial)
    execute(trial.store, commands.claim_task, trial.bureau.actor("legal1"), legal.id, seen=legal.version)


PARTY = {"kind": "person", "name": "李某", "address": "衢州市柯城区"}
CHANGES: dict[str, tuple[str, Callable[..., Any], tuple[str, ...], dict[str, Any]]] = {
    "party": ("officer1", case_commands.add_party, (), PARTY),
    "officer": ("unithead", case_commands.add_officer, ("officer3",), {}),
    "officer off": ("unithead", case_commands.remove_officer, ("officer2",), {"reason": "工作调动"}),
    "matter": ("officer1", case_commands.allege_matter, ("CF-AQF-099-1-01",), {}),
}
"""What changes a case beside its steps: by whom, the command, what it is given."""


def change(trial: Trial, what: str, **more: Any) -> None:
    by, command, given, named = CHANGES[what]
    told = [trial.person(one) if one.startswith("officer") else one for one in given]
    execute(trial.store, command, trial.bureau.actor(by), trial.case_id, *told, **{**named, **more})


@pytest.mark.parametrize("what", CHANGES)
def test_what_a_case_is_about_and_whose_it_is_stands_while_it_is_held_up(trial: Trial, what: str):
    if what == "officer off":  # two must stay
        change(trial, "officer")
    before = case(trial).version
    suspend(trial)
    with pytest.raises(Stale, match=r"case\.suspended"):
        change(trial, what)
    assert case(trial).version == before + 1, "only the holding up"
    resume(trial)
    change(trial, what)
    trial.check()


def test_what_cannot_wait_is_done_while_a_case_is_held_up(trial: Trial):
    change(trial, "officer")
    suspend(trial)
    officer = trial.bureau.actor("officer1")
    filed = execute(trial.store, case_commands.add_material, officer, trial.case_id, kind="appraisal",
                    file=paper("appraisal", "鉴定意见.pdf", "5"), note="")  # fmt: skip
    with pytest.raises(Stale, match=r"case\.suspended"):  # what is there stays what it is
        execute(trial.store, case_commands.supersede_material, officer, trial.case_id, filed.id,
                file=paper("appraisal", "另一份.pdf", "6"), reason="更正")  # fmt: skip
    change(trial, "officer off", reason="系当事人近亲属", recused=True)
    trial.do("officer1", commands.flag_suspicion, trial.case_id, offence="重大责任事故罪", grounds="已致一人死亡。")
    trial.check()
    assert case(trial).suspended_at is not None


def test_timers_rest_while_a_case_is_held_up_and_fire_afterwards(trial_on_both: Trial, time: SimulatedClock):
    trial = trial_on_both
    trial.instance_id = timed(trial)
    suspend(trial)
    time.set(time.now() + timedelta(hours=3))
    assert fire(trial) == 0
    assert trial.waiting() == ["slow"]
    trial.check()
    resume(trial)
    assert fire(trial) == 1
    assert trial.waiting() == ["instead"]
    trial.check()


def test_a_process_that_begins_while_the_case_is_held_up_rests_too(trial: Trial, time: SimulatedClock):
    suspend(trial)
    trial.instance_id = timed(trial)
    time.set(time.now() + timedelta(hours=3))
    assert fire(trial) == 0
    trial.check()
    resume(trial)
    assert fire(trial) == 1
    trial.check()


def test_only_heads_hold_a_case_up_and_only_with_a_reason(trial: Trial):
    with pytest.raises(Forbidden, match=r"actor\.role_missing"):
        trial.do("officer1", halting.suspend_case, trial.case_id, reason="x")
    with pytest.raises(Invalid, match=r"case\.reason_missing"):
        trial.do("unithead", halting.suspend_case, trial.case_id, reason=" ")


def test_what_waits_for_one_signature_is_not_completed_by_taking_it_back_while_the_case_is_held_up(trial: Trial):
    trial.done("officer1", "draft")
    task = trial.task("counsel")
    trial.do("deputy", signing.ask, task.id, trial.person("head"), kind="after", question="", seen=task.version)
    trial.done("deputy", "counsel")
    suspend(trial)
    with pytest.raises(Stale, match=r"case\.suspended"):
        trial.do("deputy", signing.unask, trial.task("counsel", kind="after").id, reason="")
    trial.check()


def test_a_lead_is_ended_by_whoever_opened_it(trial_on_both: Trial):
    trial = trial_on_both
    trial.instance_id = timed(trial)
    with pytest.raises(Forbidden, match=r"actor\.role_missing"):
        trial.do("officer2", halting.terminate_case, trial.case_id, reason="重复登记")
    trial.do("officer1", halting.terminate_case, trial.case_id, reason="重复登记")
    assert (case(trial).state, trial.waiting()) == ("terminated", [])
    assert fire(trial) == 0, "nothing of it is due any more"
    with pytest.raises(Invalid, match=r"case\.over"):
        trial.do("officer1", halting.terminate_case, trial.case_id, reason="重复登记")
    trial.check()


def test_a_case_that_is_held_up_can_be_ended(trial: Trial):
    suspend(trial)
    trial.do("officer1", halting.terminate_case, trial.case_id, reason="重复登记")
    assert case(trial).suspended_at is None
    trial.check()


def test_a_filed_case_is_ended_by_a_leader_and_not_while_a_crime_is_suspected_or_goods_are_held(trial: Trial):
    def end(login: str) -> None:
        trial.do(login, halting.terminate_case, trial.case_id, reason="违法事实不成立")

    trial.bureau.complete("deputy", trial.case_id, "approve_filing", {"result": "approve", "opinion": "同意立案。"})
    with pytest.raises(Forbidden, match=r"actor\.role_missing"):
        end("officer1")
    with trial.store.work() as session:
        session.add(Seizure(case_id=trial.case_id, state="in_force"))
    with pytest.raises(Invalid, match=r"closing\.seizure_in_force"):
        end("deputy")
    trial.do("officer1", commands.flag_suspicion, trial.case_id, offence="危险作业罪", grounds="有重大隐患。")
    with pytest.raises(Forbidden, match=r"case\.crime_open"):
        end("deputy")


def test_a_case_held_up_a_second_time_is_no_forgery(trial: Trial):
    for command in (halting.suspend_case, halting.resume_case, halting.suspend_case):
        trial.do("unithead", command, trial.case_id, reason="等待鉴定")
        trial.check()
