"""Whom a step waits for: who can act at it, which is not always who holds it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.desk.operators.conftest import Trial
from tests.desk.operators.test_substitutes import held_by
from workflows.desk import inbox
from workflows.desk.operators import handing, signing
from workflows.desk.tasks import Task
from workflows.outbox import OutboxNotice


def waits_for(trial: Trial, task_id: str) -> list[str]:
    with trial.store.read() as session:
        return inbox.waiting_for(session, session.get_one(Task, task_id))


def asked(trial: Trial, task_id: str, kind: str) -> str:
    made: str = trial.do("legal1", signing.ask, task_id, trial.person("legal2"), kind=kind, question="请审阅",
                         seen=trial.row(task_id).version)  # fmt: skip
    return made


def names(trial: Trial, *logins: str) -> list[str]:
    return [trial.bureau.actor(login).name for login in logins]


@pytest.mark.parametrize("kind", ["before", "beside"])
def test_a_step_that_is_signed_first_waits_for_its_signer(trial: Trial, kind: str) -> None:
    step = held_by(trial, "legal1")
    assert waits_for(trial, step) == names(trial, "legal1")
    signs = asked(trial, step, kind)
    assert waits_for(trial, step) == waits_for(trial, signs) == names(trial, "legal2")
    trial.do("officer1", handing.urge_task, step, note="")
    with trial.store.read() as session:
        urged = select(OutboxNotice.person_id).where(OutboxNotice.kind == "task_urged")
        assert session.execute(urged).scalars().all() == [trial.person("legal2")]


def test_who_signs_after_a_step_waits_for_its_holder_first_and_then_the_step_for_him(trial: Trial) -> None:
    step = held_by(trial, "legal1")
    signs = asked(trial, step, "after")
    assert waits_for(trial, step) == waits_for(trial, signs) == names(trial, "legal1")
    trial.done("legal1", "legal")
    assert waits_for(trial, step) == waits_for(trial, signs) == names(trial, "legal2")


def test_advice_holds_nothing_up_and_an_open_step_waits_for_whoever_may_claim_it(trial: Trial) -> None:
    assert waits_for(trial, trial.task("draft").id) == sorted(names(trial, "officer1", "officer2"))
    step = held_by(trial, "legal1")
    asked(trial, step, "advice")
    assert waits_for(trial, step) == names(trial, "legal1")
