"""Steps that nobody had: offered anew when somebody is charged with the case, and no hindrance to a withdrawal."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.desk.operators.conftest import Trial
from workflows import ledger
from workflows.cases import commands as case_commands
from workflows.desk import commands
from workflows.desk.execute import execute
from workflows.desk.operators import recusing, returning
from workflows.desk.tasks import Task
from workflows.errors import Stale
from workflows.outbox import OutboxNotice


def leave(trial: Trial, *logins: str) -> None:
    for login in logins:
        trial.do(login, recusing.declare_recusal, trial.case_id, reason="系当事人近亲属")


def charge(trial: Trial, login: str) -> None:
    execute(
        trial.store, case_commands.add_officer, trial.bureau.actor("unithead"), trial.case_id, trial.person(login)
    )  # fmt: skip


def told(trial: Trial, task: Task) -> list[ledger.Entry]:
    with trial.store.read() as session:
        found = ledger.history(session, f"case:{trial.case_id}", only={"TaskGivenUp"})
    return [one for one in found if one.data["task_id"] == task.id]


def test_whoever_is_charged_gets_the_officers_step_that_nobody_could_take(trial: Trial) -> None:
    leave(trial, "officer1", "officer2")
    draft = trial.task("draft")
    assert (draft.state, draft.assignee_id) == ("open", None)
    assert told(trial, draft)[-1].data["candidate_ids"] == [], "nobody is left"
    charge(trial, "officer3")
    draft = trial.task("draft")
    assert (draft.state, draft.assignee_id) == ("claimed", trial.person("officer3"))
    last = told(trial, draft)[-1]
    assert (last.data["person_id"], last.data["assignee_id"]) == ("", trial.person("officer3"))
    with trial.store.read() as session:
        sent = session.execute(select(OutboxNotice).where(OutboxNotice.person_id == trial.person("officer3"))).scalars()
        assert draft.id in [one.facts.get("task") for one in sent if one.kind == "task_offered"]
    assert ledger.describe(last, beside={"people": ["某人"]}) == "转交承办：draft，由某人接办"
    trial.check()
    trial.done("officer3", "draft")
    assert trial.waiting() == ["counsel", "legal"]
    trial.check()


def test_a_step_that_somebody_can_take_is_not_offered_anew(trial: Trial) -> None:
    before = trial.task("draft")
    charge(trial, "officer3")
    assert (trial.task("draft").version, told(trial, before)) == (before.version, [])
    trial.check()


def test_an_offer_made_anew_hinders_no_withdrawal(trial: Trial) -> None:
    done = trial.done("officer1", "draft").task_id
    held = trial.task("counsel", "deputy")
    leave(trial, "deputy")
    assert trial.row(held.id).version > held.version
    trial.do("officer1", returning.withdraw_task, done, reason="漏看一页")
    assert trial.waiting() == ["draft"]
    trial.check()


def test_whoever_claimed_before_he_withdrew_from_the_case_has_acted(trial: Trial) -> None:
    done = trial.done("officer1", "draft").task_id
    review = trial.task("legal")
    execute(trial.store, commands.claim_task, trial.bureau.actor("legal1"), review.id, seen=review.version)
    leave(trial, "legal1")
    with pytest.raises(Stale, match=r"withdraw\.acted"):
        trial.do("officer1", returning.withdraw_task, done, reason="漏看一页")
