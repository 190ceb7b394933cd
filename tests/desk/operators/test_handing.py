"""Handing on, preparing and giving back, reminding; and who never gets a step."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.desk.operators.conftest import Trial
from workflows import outbox
from workflows.actors import Person, Post
from workflows.bureau import FOUNDED
from workflows.calendar.clock import SimulatedClock
from workflows.cases import access
from workflows.cases.file import Case
from workflows.desk import commands, offers
from workflows.desk.execute import execute
from workflows.desk.operators import halting, handing
from workflows.desk.tasks import Task, TaskCandidate
from workflows.errors import Forbidden, Invalid, Stale
from workflows.store import new_id


def reassign(trial: Trial, by: str, element: str, to: str, reason: str = "出差") -> None:
    task = trial.task(element)
    trial.do(by, handing.reassign_task, task.id, trial.person(to), reason=reason, seen=task.version)


def delegate(trial: Trial, by: str, element: str, to: str) -> None:
    task = trial.task(element)
    trial.do(by, handing.delegate_task, task.id, trial.person(to), reason="请先拟稿", seen=task.version)


def hold(trial: Trial, login: str, element: str) -> None:
    task = trial.task(element)
    if task.state == "open":
        execute(trial.store, commands.claim_task, trial.bureau.actor(login), task.id, seen=task.version)


def test_a_step_goes_to_a_colleague_for_good(trial_on_both: Trial):
    trial = trial_on_both
    hold(trial, "officer1", "draft")
    reassign(trial, "officer1", "draft", "officer2")
    with pytest.raises(Forbidden, match=r"task\.not_yours"):
        trial.done("officer1", "draft")
    trial.done("officer2", "draft")
    assert trial.waiting() == ["counsel", "legal"]
    trial.check()


def test_a_second_send_of_the_same_hand_over_does_nothing(trial: Trial):
    hold(trial, "officer1", "draft")
    task, key = trial.task("draft"), new_id()
    for _ in range(2):
        execute(trial.store, handing.reassign_task, trial.bureau.actor("officer1"), task.id, trial.person("officer2"),
                reason="出差", seen=task.version, key=key)  # fmt: skip
    assert trial.task("draft").version == task.version + 1
    trial.check()


def test_nobody_gets_a_step_whose_role_they_lack_or_who_handled_the_case(trial: Trial):
    trial.done("officer1", "draft")
    hold(trial, "legal1", "legal")
    with pytest.raises(Forbidden, match=r"task\.unfit_handles"):
        reassign(trial, "legal1", "legal", "officer2")
    with pytest.raises(Forbidden, match=r"task\.unfit "):
        reassign(trial, "legal1", "legal", "hearing1")
    with pytest.raises(Forbidden, match=r"task\.unfit "):
        reassign(trial, "legal1", "legal", "admin")
    with pytest.raises(Invalid, match=r"case\.reason_missing"):
        reassign(trial, "legal1", "legal", "legal2", reason=" ")
    with pytest.raises(Invalid, match=r"task\.to_oneself"):
        reassign(trial, "legal1", "legal", "legal1")


def test_a_signer_is_not_replaced_by_somebody_without_a_post_in_the_bureau(trial: Trial):
    trial.reviewed()
    task = trial.task("sign", "legal1")
    with pytest.raises(Forbidden, match=r"task\.unfit"):
        trial.do("legal1", handing.reassign_task, task.id, trial.person("admin"), reason="x", seen=task.version)


def test_a_stale_form_hands_nothing_on(trial: Trial):
    hold(trial, "officer1", "draft")
    task = trial.task("draft")
    with pytest.raises(Stale, match=r"task\.changed"):
        trial.do("officer1", handing.reassign_task, task.id, trial.person("officer2"), reason="x",
                 seen=task.version - 1)  # fmt: skip


def test_the_head_moves_a_step_whose_holder_is_gone_though_the_package_offers_nothing(trial: Trial):
    trial.done("officer1", "draft")
    trial.done("deputy", "counsel")
    hold(trial, "legal1", "legal")
    with trial.store.work() as session:
        session.get_one(Person, trial.person("legal1")).disabled_at = trial.task("legal").created_at
    reassign(trial, "head", "legal", "legal2")
    trial.done("legal2", "legal")
    orphan = next(task for task in trial.tasks() if task.assignee_id is None)
    with pytest.raises(Invalid, match=r"sign\.asked_already"):
        trial.do("head", handing.reassign_task, orphan.id, trial.person("legal2"), reason="调离", seen=orphan.version)
    trial.do("head", handing.reassign_task, orphan.id, trial.person("unithead"), reason="调离", seen=orphan.version)
    assert trial.task("sign", "unithead").id == orphan.id, "nobody is asked in vain, and nobody twice"
    trial.check()


def test_what_is_delegated_is_prepared_by_one_and_completed_by_the_other(trial_on_both: Trial):
    trial = trial_on_both
    hold(trial, "officer1", "draft")
    delegate(trial, "officer1", "draft", "officer3")
    with pytest.raises(Forbidden, match=r"task\.(delegated|role_lost)"):
        trial.done("officer3", "draft")
    with pytest.raises(Forbidden, match=r"task\.not_yours"):
        trial.done("officer1", "draft")
    task = trial.task("draft")
    trial.do("officer3", handing.hand_back_task, task.id, note="已拟好", draft={}, seen=task.version)
    with pytest.raises(Forbidden, match=r"task\.not_delegated"):
        trial.do("officer3", handing.hand_back_task, task.id, note="", draft={}, seen=task.version + 1)
    trial.done("officer1", "draft")
    trial.check()


def test_whoever_delegated_takes_it_back(trial: Trial):
    hold(trial, "officer1", "draft")
    delegate(trial, "officer1", "draft", "officer3")
    task = trial.task("draft")
    with pytest.raises(Forbidden, match=r"task\.not_yours"):
        trial.do("officer2", handing.hand_back_task, task.id, note="", draft={}, seen=task.version)
    trial.do("officer1", handing.hand_back_task, task.id, note="", draft={}, seen=task.version)
    trial.done("officer1", "draft")
    trial.check()


def test_whoever_prepares_the_officers_step_can_not_review_the_case_afterwards(trial: Trial):
    hold(trial, "officer1", "draft")
    with trial.store.work() as session:  # two posts, as in a small bureau
        unit = session.execute(select(Post).where(Post.person_id == trial.person("legal1"))).scalars().one().unit_id
        session.add(Post(person_id=trial.person("officer3"), unit_id=unit, role="legal_reviewer", title="法规处干部",
                         rank=1, starts_on=FOUNDED))  # fmt: skip
    delegate(trial, "officer1", "draft", "officer3")
    task = trial.task("draft")
    trial.do("officer3", handing.hand_back_task, task.id, note="", draft={}, seen=task.version)
    trial.done("officer1", "draft")
    with trial.store.read() as session:
        case = session.get_one(Case, trial.case_id)
        assert trial.person("officer3") in access.barred(session, case, "legal_reviewer")
    with pytest.raises(Forbidden, match=r"task\.not_yours"):
        trial.done("officer3", "legal")
    trial.check()


def test_a_review_is_not_prepared_by_who_handles_the_case(trial: Trial):
    trial.done("officer1", "draft")
    hold(trial, "legal1", "legal")
    with pytest.raises(Forbidden, match=r"task\.unfit_handles"):
        delegate(trial, "legal1", "legal", "officer2")


def test_a_holder_is_reminded_once_in_four_hours(trial: Trial, time: SimulatedClock):
    hold(trial, "officer1", "draft")
    task = trial.task("draft")
    trial.do("officer2", handing.urge_task, task.id, note="请尽快")
    with pytest.raises(Invalid, match=r"urge\.too_soon"):
        trial.do("unithead", handing.urge_task, task.id, note="")
    time.set(time.now() + timedelta(hours=4))
    trial.do("unithead", handing.urge_task, task.id, note="")
    with trial.store.read() as session:
        urged = session.execute(select(outbox.OutboxNotice.person_id).where(outbox.OutboxNotice.kind == "task_urged"))
        assert list(urged.scalars()) == [trial.person("officer1")] * 2
    trial.check()


def test_nothing_is_handed_on_while_the_case_is_held_up(trial: Trial):
    hold(trial, "officer1", "draft")
    trial.do("unithead", halting.suspend_case, trial.case_id, reason="等待鉴定")
    with pytest.raises(Stale, match=r"case\.suspended"):
        reassign(trial, "officer1", "draft", "officer2")


def test_a_step_that_somebody_prepares_is_not_released_and_not_taken_by_a_head(trial: Trial):
    hold(trial, "officer1", "draft")
    delegate(trial, "officer1", "draft", "officer3")
    lent = trial.task("draft")
    with trial.store.read() as session:
        lender = session.get(TaskCandidate, (lent.id, trial.person("officer3")))
        assert lender is None, "to prepare is not to be offered"
    with pytest.raises(Forbidden, match=r"task\.delegated"):
        execute(trial.store, commands.release_task, trial.bureau.actor("officer3"), lent.id, seen=lent.version)
    with pytest.raises(Forbidden, match=r"task\.delegated"):
        reassign(trial, "unithead", "draft", "officer2")
    trial.check()


def test_nobody_urges_himself(trial: Trial):
    hold(trial, "officer1", "draft")
    task = trial.task("draft")
    with pytest.raises(Invalid, match=r"task\.to_oneself"):
        trial.do("officer1", handing.urge_task, task.id, note="")
    trial.do("officer2", handing.urge_task, task.id, note="")


def test_a_holder_who_lost_the_role_is_offered_to_give_the_step_on_and_told_why_nothing_else_works(trial: Trial):
    trial.done("officer1", "draft")
    legal = trial.task("legal")
    execute(trial.store, commands.claim_task, trial.bureau.actor("legal1"), legal.id, seen=legal.version)
    with trial.store.work() as session:
        for post in session.execute(select(Post).where(Post.person_id == trial.person("legal1"))).scalars():
            post.role = "domain_expert"
    with trial.store.read() as session:
        told = {
            one.operator: one.why.code if one.why is not None else ""
            for one in offers.offers(session, trial.bureau.actor("legal1"), session.get_one(Task, legal.id))
        }
    assert told["reassign"] == ""
    assert {told[name] for name in ("delegate", "sign", "ask", "return")} == {"task.role_lost"}
