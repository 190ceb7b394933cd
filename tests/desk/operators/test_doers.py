"""Who did it, on the record: the holder of a step that others signed after, both names of who acts for another."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.desk.operators.conftest import Trial
from tests.desk.operators.test_bringing_in import APPROVE, held, offered, post, sign
from tests.desk.operators.test_substitutes import TODAY, held_by, name
from workflows import ledger
from workflows.actors import Certificate
from workflows.cases import access
from workflows.cases import commands as case_commands
from workflows.cases.file import Case
from workflows.cases.proceedings import OnSiteAct
from workflows.desk import commands, offering
from workflows.desk.candidates import in_stead
from workflows.desk.execute import execute
from workflows.desk.tasks import Task
from workflows.errors import Forbidden, GateClosed, Invalid, NotFound
from workflows.ledger import Entry


def told(trial: Trial) -> list[Entry]:
    with trial.store.read() as session:
        return ledger.history(session, f"case:{trial.case_id}")


def test_a_step_that_ends_with_a_later_signature_is_told_as_its_holders_with_the_signers_name(trial: Trial) -> None:
    trial.done("officer1", "draft")
    sign("after")(trial, "legal1", "legal", "legal2")
    trial.done("legal1", "legal")
    trial.done("legal2", "legal", kind="after", agrees="yes", text="同意")
    done = [entry for entry in told(trial) if entry.event == "TaskCompleted"][-1]
    assert ledger.describe(done) == "办结任务：legal，林静办理，何远后加签同意"
    assert ledger.describe(done, "en") == "Task completed: legal, done by 林静, 何远 signed after it"
    trial.check()


def test_every_line_that_comes_of_a_substitutes_act_has_both_names_and_no_other_has(trial: Trial) -> None:
    held_by(trial, "legal1")
    name(trial, "legal1", "legal2")
    before = len(told(trial))
    trial.done("legal2", "legal")
    trial.done("deputy", "counsel")
    lines = told(trial)[before:]
    own = [entry for entry in lines if entry.actor_id == trial.person("legal2")]
    assert {entry.actor_name for entry in own} == {"何远（代林静）"}
    assert {entry.actor_name for entry in lines if entry not in own} == {trial.bureau.actor("deputy").name}
    trial.check()


def away(trial: Trial, substitute: str = "officer3") -> Task:
    """officer1 holds the draft and is away; somebody acts for him."""
    task = held(trial, "officer1", "draft")
    name(trial, "officer1", substitute, ["case_officer"])
    return task


def sees(trial: Trial, login: str) -> bool:
    with trial.store.read() as session:
        return access.visible_id(session, trial.bureau.actor(login), trial.case_id)


def test_a_substitute_does_the_step_of_an_absent_officer_and_has_had_a_hand_in_the_case(trial_on_both: Trial) -> None:
    trial = trial_on_both
    assert not sees(trial, "officer3")
    task = away(trial)
    assert sees(trial, "officer3"), "he reads what he is to do"
    trial.done("officer3", "draft")
    row = trial.row(task.id)
    assert (row.ended_by_id, row.ended_for_id) == (trial.person("officer3"), trial.person("officer1"))
    post(trial, "officer3", "legal_reviewer")
    assert offered(trial, "officer3", "case_officer", "legal_reviewer") == set(), "for that act only"
    trial.check()


def test_nobody_acts_for_an_officer_in_a_process_or_at_a_time_that_the_order_does_not_name(trial: Trial) -> None:
    task = held(trial, "officer1", "draft")
    name(trial, "officer1", "officer3", ["case_officer"], processes=["criminal_referral"])
    name(trial, "officer1", "officer3", ["case_officer"], processes=["trial"], starts_on=TODAY + timedelta(days=1))
    assert not sees(trial, "officer3")
    with pytest.raises(NotFound, match=r"task\.unknown"):
        trial.do("officer3", commands.complete_task, task.id, {}, seen=task.version)


def test_a_substitute_of_an_officer_needs_a_certificate(trial: Trial) -> None:
    away(trial)
    with trial.store.work() as session:
        wanted = select(Certificate).where(Certificate.person_id == trial.person("officer3"))
        for one in session.execute(wanted).scalars():
            one.valid_to = TODAY - timedelta(days=1)
    with pytest.raises(Invalid, match=r"officer\.no_certificate"):
        trial.done("officer3", "draft")


@pytest.mark.parametrize(("reason", "code"), [
    ("与当事人有利害关系，回避", "case.you_recused"), ("工作调动", "task.unfit_handles"),
])  # fmt: skip
def test_who_was_taken_off_a_case_does_not_come_back_as_a_substitute(trial: Trial, reason: str, code: str) -> None:
    head = trial.bureau.actor("unithead")
    execute(trial.store, case_commands.add_officer, head, trial.case_id, trial.person("officer3"))
    execute(trial.store, case_commands.remove_officer, head, trial.case_id, trial.person("officer3"), reason=reason)
    away(trial)
    with pytest.raises(Forbidden, match=code.replace(".", r"\.")):
        trial.done("officer3", "draft")


def test_who_judged_the_case_acts_for_none_of_its_officers(trial: Trial) -> None:
    trial.bureau.complete("deputy", trial.case_id, "approve_filing", APPROVE)
    post(trial, "deputy", "case_officer")
    with trial.store.work() as session:
        session.add(Certificate(person_id=trial.person("deputy"), kind="enforcement", number="浙H088",
                                valid_from=TODAY))  # fmt: skip
    away(trial, "deputy")
    with pytest.raises(Forbidden, match=r"task\.unfit_handles|case\.stood_above"):
        trial.done("deputy", "draft")


def test_on_the_spot_a_substitute_counts_for_the_absent_officer_in_the_step_that_he_does(trial: Trial) -> None:
    trial.bureau.complete("deputy", trial.case_id, "approve_filing", APPROVE)
    task = trial.bureau.task(trial.case_id, "investigate")
    if task.assignee_id is None:
        execute(trial.store, commands.claim_task, trial.bureau.actor("officer1"), task.id, seen=task.version)
    name(trial, "officer1", "officer3", ["case_officer"])
    people = [trial.person("officer2"), trial.person("officer3")]

    def answer(officers: list[str]) -> dict[str, Any]:
        act = {"kind": "inspection", "done_on": TODAY.isoformat(), "place": "厂区", "officers": officers}
        return {"acts": [act], "seizure": "none"}

    with trial.store.read() as session:
        row, case = session.get_one(Task, task.id), session.get_one(Case, trial.case_id)
        signs = in_stead(session, trial.bureau.actor("officer3"), trial.person("officer1"))
        of_his, of_another = (
            {one[0] for one in offering.task_options(session, row, case, who)("officers")}
            for who in (signs, trial.bureau.actor("officer2"))
        )  # fmt: skip
        assert of_his - of_another == {trial.person("officer3")}
    with pytest.raises(GateClosed, match=r"gate\.G1"):
        trial.bureau.complete("officer3", trial.case_id, "investigate", answer(people[1:]))
    trial.bureau.complete("officer3", trial.case_id, "investigate", answer(people))
    with trial.store.read() as session:
        act = session.execute(select(OnSiteAct).where(OnSiteAct.case_id == trial.case_id)).scalar_one()
        assert sorted(act.officer_ids) == sorted(people)
    trial.check()
