"""Whose drafts are kept, and what they hinder."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import yaml

from tests.desk.operators.conftest import Trial
from tests.desk.operators.test_returning import go_back
from tests.engine import drawing as d
from workflows.calendar import clock
from workflows.calendar.clock import SimulatedClock
from workflows.cases.file import lock_case
from workflows.desk import advance, commands, substitutes
from workflows.desk.drafts import begun
from workflows.desk.execute import execute
from workflows.desk.operators import handing, returning, signing
from workflows.desk.tasks import Task, TaskDraft
from workflows.diagrams import library
from workflows.engine.package import Package
from workflows.errors import Forbidden, Stale

TYPED: dict[str, Any] = {"values": {"opinion": ["同"]}}


def types(trial: Trial, login: str, task: Task) -> None:
    execute(trial.store, commands.save_draft, trial.bureau.actor(login), task.id, TYPED)


def kept(trial: Trial, login: str, task: Task) -> bool:
    with trial.store.read() as session:
        return session.get(TaskDraft, (task.id, trial.person(login))) is not None


def test_a_draft_is_kept_for_who_could_do_the_step_and_for_no_reader(trial: Trial):
    trial.done("officer1", "draft")
    legal, counsel = trial.task("legal"), trial.task("counsel")
    for login, task in (("legal1", legal), ("legal2", legal), ("deputy", counsel)):
        types(trial, login, task)
        assert kept(trial, login, task)
    for login, task in (("officer1", legal), ("head", legal), ("legal1", counsel), ("unithead", counsel)):
        with pytest.raises(Forbidden, match=r"task\.draft_not_yours"):
            types(trial, login, task)
        assert not kept(trial, login, task)


def test_a_draft_is_kept_for_the_delegate_and_for_who_stands_in(trial: Trial):
    trial.done("officer1", "draft")
    legal, mine = trial.task("legal"), trial.bureau.actor("legal1")
    legal = execute(trial.store, commands.claim_task, mine, legal.id, seen=legal.version)
    with pytest.raises(Forbidden, match=r"task\.draft_not_yours"):
        types(trial, "legal2", legal)
    today = date(2024, 2, 27)
    trial.do("legal1", substitutes.name_substitute, mine.person_id, trial.person("legal2"), roles=["legal_reviewer"],
             starts_on=today, ends_on=today, reason="出差")  # fmt: skip
    types(trial, "legal2", legal)
    counsel = trial.task("counsel")
    trial.do("deputy", handing.delegate_task, counsel.id, trial.person("head"), reason="请拟稿", seen=counsel.version)
    types(trial, "head", counsel)
    assert kept(trial, "head", counsel)


def test_who_only_typed_in_an_open_step_hinders_no_withdrawal_and_who_holds_one_does(trial: Trial):
    draft = trial.done("officer1", "draft").task_id
    types(trial, "legal1", trial.task("legal"))
    trial.do("officer1", returning.withdraw_task, draft, reason="数额有误")
    draft = trial.done("officer1", "draft").task_id
    types(trial, "deputy", trial.task("counsel"))
    with trial.store.read() as session:
        assert begun(session, [session.get_one(Task, trial.task("counsel").id)])
    with pytest.raises(Stale, match=r"withdraw\.acted"):
        trial.do("officer1", returning.withdraw_task, draft, reason="数额有误")
    trial.check()


def test_a_draft_comes_along_when_a_signer_is_put_before_its_writer(trial: Trial):
    with trial.store.work() as session:
        library.publish(session, one_after_the_other(), trial.bureau.actor("admin"), "试行")
        case, officer = lock_case(session, trial.case_id), trial.bureau.actor("officer1")
        signers = [trial.person(login) for login in ("legal1", "deputy")]
        trial.instance_id = advance.start(session, case, "turns", {"signers": signers}, officer).id
    mine = trial.task("sign", "legal1")
    types(trial, "legal1", mine)
    trial.do("legal1", signing.add_signer, mine.id, trial.person("head"), before=True, reason="", seen=mine.version)
    trial.done("head", "sign")
    again = trial.task("sign", "legal1")
    assert again.id != mine.id
    assert kept(trial, "legal1", again)
    trial.done("legal1", "sign")
    assert not kept(trial, "deputy", trial.task("sign", "deputy"))
    trial.check()


def one_after_the_other() -> Package:
    said = {"key": "turns", "title": {"zh": "会签", "en": "Round"}, "operators": {"sign": ["add_signer"]}}
    drawn = d.draw(
        d.start(), d.user("sign", d.many("signers", "signer", sequential=True), name="sign",
                          camunda_assignee="${signer}"), d.end(), d.flows("start > sign > end"), key="turns",
    )  # fmt: skip
    return Package("turns", {"turns.bpmn": drawn, "process.yaml": yaml.safe_dump(said, allow_unicode=True).encode()})


def test_a_draft_comes_along_when_another_branch_sends_the_case_back(trial: Trial, time: SimulatedClock):
    trial.done("officer1", "draft")
    counsel = trial.task("counsel")
    types(trial, "deputy", counsel)
    time.set(clock.now() + timedelta(minutes=1))
    go_back(trial, "legal1", "legal", "draft")
    draft = trial.done("officer1", "draft").task_id
    again = trial.task("counsel")
    assert again.id != counsel.id
    assert kept(trial, "deputy", again)
    trial.do("officer1", returning.withdraw_task, draft, reason="数额有误")  # typed before: nobody has begun anew
    trial.done("officer1", "draft")
    trial.done("deputy", "counsel")
    go_back(trial, "legal1", "legal", "draft")
    trial.done("officer1", "draft")
    assert not kept(trial, "deputy", trial.task("counsel")), "it was done since"
    trial.check()
