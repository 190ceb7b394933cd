"""Whoever withdrew from a case because of an interest in it is handed nothing of it again (行政处罚法 43)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from tests.desk.operators.conftest import Trial
from tests.desk.operators.discussion import Discussion
from tests.desk.operators.test_signing import hold
from workflows import ledger, staff
from workflows.actors import SYSTEM
from workflows.cases import commands as case_commands
from workflows.cases import parts, recusals
from workflows.cases.file import Case
from workflows.desk import commands, copies, fitting, offers
from workflows.desk.execute import execute
from workflows.desk.operators import halting, handing, recusing, returning, signing
from workflows.desk.tasks import Task, TaskDraft
from workflows.errors import Forbidden, Invalid
from workflows.outbox import OutboxNotice


@pytest.fixture
def left(trial: Trial) -> Callable[..., Trial]:
    """A case whose third officer, a legal officer as well, leaves it for a reason."""

    def leave(reason: str, *, recused: bool = False) -> Trial:
        with trial.store.work() as session:
            staff.give_post(session, SYSTEM, staff.find_person(session, "officer3"), unit="政策法规处",
                            role="legal_reviewer", title="干部")  # fmt: skip
        given = (trial.bureau.actor("unithead"), trial.case_id, trial.person("officer3"))
        execute(trial.store, case_commands.add_officer, *given)
        execute(trial.store, case_commands.remove_officer, *given, reason=reason, recused=recused)
        trial.done("officer1", "draft")
        hold(trial, "legal1", "legal")
        return trial

    return leave


def asked(trial: Trial, command: Any, *args: Any, **given: Any) -> None:
    task = trial.task("legal")
    trial.do("legal1", command, task.id, trial.person("officer3"), *args, seen=task.version, **given)


def copied(trial: Trial) -> None:
    trial.do("legal1", copies.send_copies, trial.case_id, [trial.person("officer3")], note="")


@pytest.mark.parametrize("said", [
    {"reason": "与当事人有利害关系，回避"}, {"reason": "与当事人有利害关系", "recused": True},
])  # fmt: skip
def test_who_withdrew_is_asked_for_nothing_and_given_nothing(left: Callable[..., Trial], said: dict[str, Any]) -> None:
    trial = left(**said)
    for command, given in (
        (signing.ask, {"kind": "advice", "question": "可否？"}), (signing.ask, {"kind": "before", "question": ""}),
        (handing.reassign_task, {"reason": "出差"}), (handing.delegate_task, {"reason": "请拟稿"}),
    ):
        with pytest.raises(Forbidden, match=r"task\.unfit_recused"):
            asked(trial, command, **given)
    with pytest.raises(Invalid, match=r"copy\.recused"):
        copied(trial)
    with pytest.raises(Forbidden, match=r"case\.recused"):
        execute(trial.store, case_commands.add_officer, trial.bureau.actor("unithead"), trial.case_id,
                trial.person("officer3"))  # fmt: skip
    with trial.store.read() as session:
        who, task = trial.bureau.actor("legal1"), session.get_one(Task, trial.task("legal").id)
        for operator in ("ask", "sign", "reassign", "delegate"):
            told = {one.person.id: one.why for one in fitting.people(session, who, task, operator)}
            assert told[trial.person("officer3")] == fitting.RECUSED
    trial.check()


def test_who_left_for_another_reason_is_still_asked_and_copied(left: Callable[..., Trial]) -> None:
    trial = left("工作调动")
    asked(trial, signing.ask, kind="advice", question="当时是否已复核？")
    assert [one.assignee_id for one in trial.tasks("advice")] == [trial.person("officer3")]
    copied(trial)
    with trial.store.read() as session:
        assert [one.person_id for one in copies.copies_of(session, trial.case_id)] == [trial.person("officer3")]
    trial.check()


def test_advice_that_was_asked_before_is_not_given_after(trial: Trial) -> None:
    given = (trial.bureau.actor("unithead"), trial.case_id, trial.person("officer3"))
    execute(trial.store, case_commands.add_officer, *given)
    trial.done("officer1", "draft")
    hold(trial, "legal1", "legal")
    asked(trial, signing.ask, kind="advice", question="可否？")
    told = trial.task("legal", kind="advice")
    execute(trial.store, case_commands.remove_officer, *given, reason="系当事人近亲属，回避")
    assert trial.tasks("advice") == []
    with pytest.raises(Forbidden, match=r"case\.you_recused"):
        trial.do("officer3", commands.complete_task, told.id, {"text": "可以。"}, seen=told.version)
    trial.check()


def third(trial: Trial) -> tuple[Any, str, str]:
    """A third officer is charged, so that one of them can leave; by whom, with what, and who."""
    given = (trial.bureau.actor("unithead"), trial.case_id, trial.person("officer3"))
    execute(trial.store, case_commands.add_officer, *given)
    return given


def recuse(trial: Trial, login: str) -> None:
    execute(trial.store, case_commands.remove_officer, trial.bureau.actor("unithead"), trial.case_id,
            trial.person(login), reason="系当事人近亲属，回避")  # fmt: skip


def waiting_answer(trial: Trial) -> tuple[Task, str]:
    """A step that officer1 answered and officer3 has yet to sign."""
    third(trial)
    hold(trial, "officer1", "draft")
    task = trial.task("draft")
    asked = trial.do("officer1", signing.ask, task.id, trial.person("officer3"), kind="after", question="",
                     seen=task.version)  # fmt: skip
    trial.done("officer1", "draft", opinion="已拟好")
    return task, asked


def test_an_answer_that_waits_for_signatures_falls_with_whoever_gave_it_and_the_step_is_offered_anew(
    trial: Trial,
) -> None:
    task, asked = waiting_answer(trial)
    recuse(trial, "officer1")
    step = trial.row(task.id)
    assert (step.state, step.assignee_id, step.effect, step.answer) == ("open", None, None, None)
    assert trial.row(asked).state == "cancelled"
    with trial.store.read() as session:
        offered = {one.person_id for one in session.get_one(Task, task.id).candidates}
        told = [entry for entry in ledger.history(session, f"case:{trial.case_id}") if entry.event == "TaskGivenUp"]
    assert offered == {trial.person("officer2"), trial.person("officer3")}
    assert [(one.data["person_name"], set(one.data["candidate_ids"])) for one in told] == [("陈立", offered)]
    for command, id, given in (
        (signing.unask, asked, {"reason": "不必了"}), (returning.withdraw_task, task.id, {"reason": "有误"}),
        (commands.complete_task, task.id, {"answer": {}, "seen": step.version}),
    ):  # fmt: skip
        with pytest.raises(Forbidden, match=r"case\.you_recused"):
            trial.do("officer1", command, id, **given)
    trial.check()
    hold(trial, "officer2", "draft")
    trial.done("officer2", "draft")
    assert trial.row(task.id).ended_by_id == trial.person("officer2")
    trial.check()


def test_what_somebody_prepared_who_withdrew_goes_over_to_nobody(trial: Trial) -> None:
    third(trial)
    hold(trial, "officer1", "draft")
    task = trial.task("draft")
    trial.do("officer1", handing.delegate_task, task.id, trial.person("officer3"), reason="代拟", seen=task.version)
    trial.do("officer3", lambda session, actor, key: commands.save_draft(
        session, actor, task.id, {"values": {"opinion": ["不予处罚"]}}))  # fmt: skip
    recuse(trial, "officer3")
    step = trial.row(task.id)
    assert (step.assignee_id, step.owner_id) == (trial.person("officer1"), None)
    with pytest.raises(Forbidden, match=r"case\.you_recused"):
        trial.do("officer3", handing.hand_back_task, task.id, note="", draft={"values": {"opinion": ["不予处罚"]}},
                 seen=step.version)  # fmt: skip
    with trial.store.read() as session:
        assert session.scalars(select(TaskDraft).where(TaskDraft.task_id == task.id)).all() == []
        assert parts.people(session, session.get_one(Case, trial.case_id))["handling"] >= {trial.person("officer3")}
    trial.check()


def test_anybody_with_a_part_withdraws_of_his_own_accord_and_the_next_one_is_offered_the_step(trial: Trial) -> None:
    trial.done("officer1", "draft")
    hold(trial, "legal1", "legal")
    task = trial.task("legal")
    trial.do("legal1", recusing.declare_recusal, trial.case_id, reason="与当事人有利害关系")
    assert trial.row(task.id).assignee_id == trial.person("legal2")
    with trial.store.read() as session:
        who, row = trial.bureau.actor("legal1"), session.get_one(Task, task.id)
        found = [*offers.offers(session, who, row), *offers.case_offers(session, who, row.case)]
        assert found and {one.why.code if one.why else "" for one in found} == {"case.you_recused"}
    with pytest.raises(Forbidden, match=r"case\.you_recused"):
        trial.do("legal1", halting.suspend_case, trial.case_id, reason="等待鉴定")
    trial.check()


def test_declaring_it_twice_with_one_key_is_declaring_it_once(trial: Trial) -> None:
    for _ in range(2):
        execute(trial.store, recusing.declare_recusal, trial.bureau.actor("officer2"), trial.case_id, reason="亲属",
                key="the-same-key")  # fmt: skip
    with pytest.raises(Forbidden, match=r"case\.you_recused"):
        trial.do("officer2", recusing.declare_recusal, trial.case_id, reason="亲属")
    with trial.store.read() as session:
        assert len(recusals.of(session, trial.case_id)) == 1
        told = {notice.kind for notice in session.scalars(select(OutboxNotice))}
    assert "officer_needed" in told  # one officer alone investigates nothing (行政处罚法 42)
    trial.check()


@pytest.mark.parametrize(("by", "whom", "code"), [
    ("unithead", "legal1", "actor.role_missing"), ("officer1", "legal1", "actor.role_missing"),
    ("deputy", "head", "actor.role_missing"), ("deputy", "deputy", "recusal.oneself"),
    ("deputy", "publisher1", "recusal.no_part_of"), ("unithead", "officer2", "officer.two_needed"),
    ("deputy", "legal1", ""), ("head", "deputy", ""),
])  # fmt: skip
def test_the_leaders_decide_who_must_withdraw_and_the_head_on_a_leader(
    trial: Trial, by: str, whom: str, code: str
) -> None:
    trial.done("officer1", "draft")
    said = {"reason": "当事人申请回避，经审查属实"}
    if code:
        with pytest.raises((Forbidden, Invalid), match=code.replace(".", r"\.")):
            trial.do(by, recusing.order_recusal, trial.case_id, trial.person(whom), **said)
        return
    trial.do(by, recusing.order_recusal, trial.case_id, trial.person(whom), **said)
    with trial.store.read() as session:
        assert recusals.recused(session, trial.case_id) == {trial.person(whom)}
        assert [one.ordered_by_id for one in recusals.of(session, trial.case_id)] == [trial.person(by)]
    trial.check()


@pytest.mark.parametrize(("voted", "waiting"), [((), ["vote"] * 3), (("member1",), ["put_on_agenda"])])
def test_a_member_who_withdraws_while_the_case_is_voted_on_has_no_vote_in_it(
    discussion: Discussion, voted: tuple[str, ...], waiting: list[str]
) -> None:
    discussion.open()
    discussion.vote(*voted)
    execute(discussion.store, recusing.declare_recusal, discussion.actor("member1"), discussion.room.case_id,
            reason="系当事人近亲属", key="withdraws-now")  # fmt: skip
    assert discussion.waiting() == waiting
    item = discussion.item()
    assert discussion.room.person("member1") not in item.voters
    assert [one["person_id"] for one in item.recused] == [discussion.room.person("member1")]
    if not voted:
        discussion.vote("deputy", "head", "member2")
        assert discussion.waiting() == ["conclude_item"]
    discussion.check()
