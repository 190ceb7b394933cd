"""Going back to earlier steps and taking one's own back, through the commands."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.desk.operators.conftest import Trial
from workflows import outbox
from workflows.actors import Person
from workflows.calendar import clock
from workflows.calendar.clock import SimulatedClock
from workflows.desk import commands
from workflows.desk.execute import execute
from workflows.desk.operators import returning
from workflows.desk.tasks import Task
from workflows.errors import Forbidden, Invalid, Stale


def target(trial: Trial, element: str, to: str, login: str | None = None) -> tuple[str, int, str]:
    """Task, version, and the name of an earlier step."""
    task = trial.task(element, login)
    with trial.store.read() as session:
        choice = next(one for one in returning.choices(session, task) if one.element_id == to)
    return task.id, task.version, choice.target


def go_back(trial: Trial, login: str, element: str, to: str, how: str = "again", reason: str = "材料不全") -> None:
    held = trial.task(element, login if element == "sign" else None)
    if held.state == "open":
        execute(trial.store, commands.claim_task, trial.bureau.actor(login), held.id, seen=held.version)
    task_id, seen, name = target(trial, element, to, login if element == "sign" else None)
    trial.do(login, returning.return_task, task_id, name, how=how, reason=reason, seen=seen)


def test_a_return_out_of_a_branch_takes_the_other_branch_back_and_offers_the_step_to_who_did_it(trial_on_both: Trial):
    trial = trial_on_both
    trial.done("officer1", "draft")
    trial.done("deputy", "counsel")
    go_back(trial, "legal1", "legal", "draft")
    assert trial.waiting() == ["draft"]
    draft = trial.task("draft")
    assert (draft.assignee_id, draft.returned, draft.question) == (trial.person("officer1"), True, "材料不全")
    trial.check()
    trial.done("officer1", "draft")
    assert trial.waiting() == ["counsel", "legal"]
    trial.check()


def test_one_signer_sends_the_round_back_and_all_sign_again(trial: Trial):
    trial.reviewed()
    trial.done("legal1", "sign")
    go_back(trial, "deputy", "sign", "legal")
    assert trial.waiting() == ["legal"], "counsel is not asked again"
    trial.done("legal1", "legal")
    assert trial.waiting() == ["sign", "sign", "sign"]
    trial.check()


def test_a_return_out_of_a_subprocess(trial: Trial):
    trial.reviewed()
    for login in ("legal1", "legal2", "deputy"):
        trial.done(login, "sign")
    trial.done("legal1", "check")
    go_back(trial, "legal1", "confirm", "counsel")
    assert trial.waiting() == ["counsel"]
    trial.check()


def test_resume_at_me_asks_one_step_again_and_nobody_else(trial: Trial):
    trial.done("officer1", "draft")
    go_back(trial, "legal1", "legal", "draft", how="resume", reason="请补正第二页")
    assert trial.waiting() == ["counsel", "legal"], "nobody else is disturbed"
    rework = trial.task("draft", kind="rework")
    assert (rework.assignee_id, rework.question) == (trial.person("officer1"), "请补正第二页")
    with pytest.raises(Forbidden, match=r"task\.waits_for"):
        trial.done("legal1", "legal")
    trial.done("officer1", "draft", kind="rework")
    trial.done("legal1", "legal")
    assert trial.waiting() == ["counsel"]
    trial.check()


def test_going_back_needs_a_reason_a_way_and_an_earlier_step(trial: Trial):
    trial.done("officer1", "draft")
    open_ = trial.task("legal")
    with pytest.raises(Forbidden, match=r"task\.claim_first"):
        trial.do("legal1", returning.return_task, *target(trial, "legal", "draft")[::2], how="again", reason="x",
                 seen=open_.version)  # fmt: skip
    execute(trial.store, commands.claim_task, trial.bureau.actor("legal1"), open_.id, seen=open_.version)
    task_id, seen, name = target(trial, "legal", "draft")
    with pytest.raises(Invalid, match=r"case\.reason_missing"):
        trial.do("legal1", returning.return_task, task_id, name, how="again", reason=" ", seen=seen)
    with pytest.raises(Invalid, match=r"return\.how"):
        trial.do("legal1", returning.return_task, task_id, name, how="jump", reason="x", seen=seen)
    with pytest.raises(Stale, match=r"engine\.not_earlier"):
        trial.do("legal1", returning.return_task, task_id, ":decide", how="again", reason="x", seen=seen)
    with pytest.raises(Forbidden, match=r"task\.not_yours"):
        trial.do("officer1", returning.return_task, task_id, name, how="again", reason="x", seen=seen)


def test_who_completed_last_takes_it_back_while_nobody_has_acted(trial: Trial):
    draft = trial.task("draft").id
    trial.done("officer1", "draft")
    with trial.store.read() as session:
        assert returning.can_withdraw(session, trial.bureau.actor("officer1"), session.get_one(Task, draft))
    trial.do("officer1", returning.withdraw_task, draft, reason="数额有误")
    assert trial.waiting() == ["draft"]
    assert trial.task("draft").assignee_id == trial.person("officer1")
    assert trial.row(draft).state == "withdrawn"
    trial.check()


def test_nothing_is_taken_back_once_somebody_has_acted_or_by_anybody_else(trial: Trial):
    draft = trial.task("draft").id
    trial.done("officer1", "draft")
    with pytest.raises(Forbidden, match=r"withdraw\.not_yours"):
        trial.do("officer2", returning.withdraw_task, draft, reason="")
    trial.done("deputy", "counsel")
    with pytest.raises(Stale, match=r"withdraw\.acted"):
        trial.do("officer1", returning.withdraw_task, draft, reason="有误")


def test_who_gets_a_step_back_is_told_why(trial: Trial):
    trial.done("officer1", "draft")
    go_back(trial, "legal1", "legal", "draft")
    with trial.store.read() as session:
        kinds = [(notice.kind, notice.facts.get("note")) for notice in session.query(outbox.OutboxNotice)
                 if notice.person_id == trial.person("officer1")]  # fmt: skip
    assert ("task_returned", "材料不全") in kinds


def test_an_ordinary_second_round_is_no_return(trial: Trial):
    trial.done("officer1", "draft")
    go_back(trial, "legal1", "legal", "draft")
    assert trial.task("draft").returned
    trial.done("officer1", "draft")
    assert [task.returned for task in trial.tasks()] == [False, False], "what follows is done again as it comes"


def test_whoever_did_the_older_of_two_branches_takes_his_step_back_too(trial: Trial, time: SimulatedClock):
    trial.done("officer1", "draft")
    trial.done("deputy", "counsel")
    legal = trial.task("legal").id
    time.set(clock.now() + timedelta(minutes=5))
    trial.done("legal1", "legal")
    trial.do("legal1", returning.withdraw_task, legal, reason="漏看一页")
    assert trial.waiting() == ["legal"], "counsel is not asked again"
    trial.check()


def test_a_round_is_not_done_again_by_one_of_its_signers_alone(trial: Trial):
    trial.reviewed()
    for login in ("legal1", "legal2", "deputy"):
        trial.done(login, "sign")
    with trial.store.read() as session:
        offered = {one.element_id: one.resumes for one in returning.choices(session, trial.task("check"))}
    assert offered == {"draft": True, "legal": True, "counsel": True, "sign": False}
    with pytest.raises(Invalid, match=r"return\.not_alone"):
        go_back(trial, "legal1", "check", "sign", how="resume")


def test_a_return_to_a_subprocess_goes_to_who_began_it(trial: Trial):
    trial.reviewed()
    for login, element in (("legal1", "sign"), ("legal2", "sign"), ("deputy", "sign"), ("legal2", "check"),
                           ("legal1", "confirm")):  # fmt: skip
        trial.done(login, element)
    go_back(trial, "deputy", "decide", "inside")
    check = trial.task("check")
    assert (check.assignee_id, check.returned, check.question) == (trial.person("legal2"), True, "材料不全")
    trial.check()


def test_a_step_whose_doer_has_left_is_not_offered_to_be_done_alone(trial: Trial):
    trial.done("officer1", "draft")
    with trial.store.work() as session:
        session.get_one(Person, trial.person("officer1")).disabled_at = clock.now()
    with trial.store.read() as session:
        (choice,) = returning.choices(session, session.get_one(Task, trial.task("legal").id))
    assert (choice.element_id, choice.resumes) == ("draft", False)


def withdrawable(trial: Trial, login: str, task_id: str) -> str:
    """Why somebody can't take a step back; nothing where he can."""
    with trial.store.read() as session:
        why = returning.why_not_withdrawn(session, trial.bureau.actor(login), session.get_one(Task, task_id))
    return why.code if why is not None else ""


def test_a_branch_that_waits_for_the_other_is_taken_back_by_who_did_it_last(trial_on_both: Trial):
    trial = trial_on_both
    trial.done("officer1", "draft")
    legal = trial.done("legal1", "legal").task_id
    counsel = trial.task("counsel")
    assert withdrawable(trial, "legal1", legal) == ""
    trial.do("legal1", returning.withdraw_task, legal, reason="漏看一页")
    again = trial.task("legal")
    assert (again.assignee_id, again.returned) == (trial.person("legal1"), True)
    assert trial.task("counsel").id == counsel.id, "the other branch is not disturbed"
    trial.done("deputy", "counsel")
    assert trial.waiting() == ["legal"], "both are waited for again"
    trial.done("legal1", "legal")
    assert trial.waiting() == ["sign"] * 3
    trial.check()


def test_work_in_the_other_branch_hinders_no_withdrawal_and_it_stands(trial: Trial, time: SimulatedClock):
    trial.done("officer1", "draft")
    legal = trial.done("legal1", "legal").task_id
    time.set(clock.now() + timedelta(minutes=5))
    counsel = trial.done("deputy", "counsel").task_id
    trial.do("legal1", returning.withdraw_task, legal, reason="漏看一页")
    assert trial.waiting() == ["legal"], "counsel stands"
    time.set(clock.now() + timedelta(minutes=5))
    trial.do("deputy", returning.withdraw_task, counsel, reason="写错")
    assert trial.waiting() == ["counsel", "legal"]
    for login, element in (("deputy", "counsel"), ("legal1", "legal"), ("legal1", "sign")):
        trial.done(login, element)
    for login, element in (("legal1", "legal"), ("deputy", "counsel")):
        with trial.store.read() as session:
            done = session.query(Task).filter_by(instance_id=trial.instance_id, element_id=element, state="completed")
            last = max(done, key=lambda one: one.ended_at)
        assert withdrawable(trial, login, last.id) == "withdraw.acted", "somebody has signed"
    trial.check()
