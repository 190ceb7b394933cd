"""Where nobody can do a step, those are named and told who can see to it, and nobody else."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.desk.conftest import Bureau
from tests.desk.operators.conftest import Trial
from workflows.actors import Person
from workflows.cases import commands as case_commands
from workflows.desk import offers, vacancy
from workflows.desk.execute import execute
from workflows.desk.operators import handing, recusing
from workflows.desk.tasks import Task
from workflows.errors import Invalid
from workflows.outbox import OutboxNotice


@pytest.fixture
def trial(sqlite_bureau: Bureau) -> Trial:
    return Trial(sqlite_bureau)


def recuse(trial: Trial, *logins: str) -> None:
    for login in logins:
        trial.do(login, recusing.declare_recusal, trial.case_id, reason="系当事人近亲属")


def told(trial: Trial, login: str, kind: str) -> list[dict[str, str]]:
    """What the notices of a kind say to somebody."""
    with trial.store.read() as session:
        rows = session.scalars(select(OutboxNotice).join(Person, Person.id == OutboxNotice.person_id).where(
            Person.login == login, OutboxNotice.kind == kind))  # fmt: skip
        return [dict(row.facts) for row in rows]


def helper(trial: Trial, task: Task) -> tuple[str, str]:
    with trial.store.read() as session:
        found = vacancy.helper(session, session.get_one(Task, task.id))
        return found.role, found.deed


def why_not_urged(trial: Trial, task: Task) -> str | None:
    with trial.store.read() as session:
        why = offers.not_urged(session, session.get_one(Task, task.id))
        return why.code if why is not None else None


def test_an_officers_step_without_officers_waits_for_the_head_of_the_unit_who_charges_another(trial: Trial) -> None:
    draft = trial.task("draft")
    trial.do("unithead", handing.urge_task, draft.id, note="")
    recuse(trial, "officer1", "officer2")
    assert helper(trial, draft) == ("handling_unit_head", vacancy.CHARGE)
    assert [(one["name"], one["title"]) for one in told(trial, "unithead", "step_without_officers")] == [
        ("draft", "安排无证人员上岗作业")]  # fmt: skip
    assert told(trial, "admin", "task_without_candidates") == [], "he can't charge anybody"
    assert why_not_urged(trial, draft) == "urge.nobody_charged"
    with pytest.raises(Invalid, match=r"urge\.nobody_charged"):
        trial.do("unithead", handing.urge_task, draft.id, note="")
    given = (trial.bureau.actor("unithead"), trial.case_id, trial.person("officer3"))
    execute(trial.store, case_commands.add_officer, *given)
    assert trial.row(draft.id).assignee_id == trial.person("officer3")
    assert why_not_urged(trial, draft) is None, "he was not reminded, those before him were"
    trial.check()


def test_a_step_that_names_somebody_who_withdrew_is_the_heads_of_the_bureau_to_give_on(trial: Trial) -> None:
    trial.reviewed()
    mine = trial.task("sign", "legal2")
    recuse(trial, "legal2")
    assert trial.row(mine.id).assignee_id is None
    assert helper(trial, mine) == ("bureau_head", vacancy.GIVE)
    assert [one["name"] for one in told(trial, "head", "step_to_give_on")] == ["sign"]
    assert told(trial, "admin", "task_without_candidates") == []
    given = (mine.id, trial.person("member1"))
    trial.do("head", handing.reassign_task, *given, reason="回避", seen=trial.row(mine.id).version)
    assert trial.row(mine.id).assignee_id == trial.person("member1")


def test_a_step_for_whose_role_nobody_is_left_is_the_administrators_to_see_to(trial: Trial) -> None:
    trial.done("officer1", "draft")
    legal = trial.task("legal")
    recuse(trial, "legal1", "legal2")
    assert helper(trial, legal) == ("sys_admin", vacancy.POSTS)
    assert [one["title"] for one in told(trial, "admin", "task_without_candidates")] == ["安排无证人员上岗作业"]
    assert why_not_urged(trial, legal) == "urge.nobody"
