"""After the end of a case nothing changes its file any more; a suspicion of crime is taken all the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.desk.operators.conftest import Trial
from workflows import ledger
from workflows.actors import Actor
from workflows.calendar import clock
from workflows.cases import commands as file
from workflows.cases import ending, notes
from workflows.cases.file import Case
from workflows.cases.materials import Material
from workflows.cases.proceedings import Referral
from workflows.desk import commands, copies, locking, offers, remarks
from workflows.desk.execute import execute
from workflows.desk.operators import halting
from workflows.desk.tasks import Task
from workflows.errors import FashenError, Invalid

PAPER = {"sha256": "a" * 64, "size": 3, "name": "照片.jpg", "media_type": "image/jpeg"}
WHY = "违法事实不成立"


def terminate(trial: Trial) -> None:
    trial.do("officer1", halting.terminate_case, trial.case_id, reason=WHY)


def material(trial: Trial) -> str:
    return add(trial).id


def add(trial: Trial) -> Material:
    officer = trial.bureau.actor("officer1")
    return execute(trial.store, file.add_material, officer, trial.case_id, kind="evidence", file=PAPER)


def changes(trial: Trial, material_id: str) -> list[Callable[[Session], Any]]:
    """Everything that changes a file outside the steps of a process."""
    officer, head, case = trial.bureau.actor("officer1"), trial.bureau.actor("unithead"), trial.case_id
    with trial.store.read() as session:
        party = session.get_one(Case, case).parties[0].id
    pin = notes.Pin(1, "此处缺签名", "case")
    return [
        lambda s: file.add_material(s, officer, case, kind="evidence", file=PAPER),
        lambda s: file.supersede_material(s, officer, case, material_id, file=PAPER, reason="更清晰"),
        lambda s: file.require_keeper(s, officer, case),
        lambda s: file.add_party(s, officer, case, kind="person", name="张三", address="衢州"),
        lambda s: file.change_party(s, officer, case, party, name="改名公司"),
        lambda s: file.allege_matter(s, officer, case, "CF-AQF-097-1-07"),
        lambda s: file.add_officer(s, head, case, trial.person("officer3")),
        lambda s: file.remove_officer(s, head, case, trial.person("officer2"), reason="调动"),
        lambda s: notes.pin_note(s, officer, case, material_id, pin),
        lambda s: remarks.make_remark(s, officer, case, "再看看", visibility="case", key="remark-after-the-end"),
        lambda s: copies.send_copies(s, officer, case, [trial.person("legal1")], note="", key="copy-after-the-end"),
    ]


def refused(trial: Trial, change: Callable[[Session], Any]) -> str:
    """With which code a change is refused; "" when it is not."""
    try:
        with trial.store.work() as session:
            change(session)
    except FashenError as error:
        return error.code
    return ""


@pytest.mark.parametrize("state", ending.ENDED)
def test_whatever_changes_a_file_is_refused_after_its_end(trial: Trial, state: str):
    held = material(trial)
    with trial.store.work() as session:
        session.get_one(Case, trial.case_id).state = state
    assert {refused(trial, change) for change in changes(trial, held)} == {f"case.{state}"}


def test_a_closed_case_takes_papers_until_it_is_archived(trial: Trial):
    with trial.store.work() as session:
        session.get_one(Case, trial.case_id).state = "closed"
    assert material(trial)


def test_who_held_a_step_is_told_who_terminated_the_case_and_why(trial: Trial):
    trial.done("officer1", "draft")
    open_task = trial.task("counsel")
    done = next(one for one in steps(trial) if one.element_id == "draft")
    terminate(trial)
    with trial.store.read() as session:
        told = locking.ended(session, session.get_one(Task, open_task.id))
        assert (told.code, told.facts["reason"]) == ("task.case_terminated", WHY)
        assert told.facts["by"] == trial.bureau.actor("officer1").name
        assert locking.ended(session, session.get_one(Task, done.id)).code == "task.completed"
    with pytest.raises(FashenError, match=r"task\.case_terminated"):
        trial.do("deputy", commands.complete_task, open_task.id, {}, seen=open_task.version)


def test_a_crime_found_after_the_end_is_referred_beside_it_and_opens_the_file_for_that_alone(trial: Trial):
    terminate(trial)
    trial.do("officer1", commands.flag_suspicion, trial.case_id, offence="危险作业罪", grounds="另查明有重大隐患。")
    assert material(trial), "the referral needs its papers"
    with trial.store.read() as session:
        assert session.get_one(Case, trial.case_id).state == "terminated"
    task = trial.bureau.task(trial.case_id, "verify_suspicion")
    execute(trial.store, commands.claim_task, trial.bureau.actor("officer1"), task.id, seen=task.version)
    trial.bureau.complete("officer1", trial.case_id, "verify_suspicion", verified(trial))
    with trial.store.read() as session:
        ended = ledger.history(session, f"case:{trial.case_id}", only=("InstanceEnded",))[-1]
        assert (ended.data["process_key"], ended.data["outcome"]) == ("criminal_referral", "completed")
        assert session.execute(select(Referral.result)).scalar_one() == "cleared"
    with pytest.raises(Invalid, match=r"case\.terminated"):
        add(trial)
    trial.check()


def test_a_copy_is_not_offered_after_the_end_and_the_button_says_why(trial: Trial):
    trial.done("officer1", "draft")
    legal = trial.task("counsel")
    terminate(trial)
    with trial.store.read() as session:
        case = session.get_one(Case, trial.case_id)
        for login in ("officer1", "unithead"):
            who: Actor = trial.bureau.actor(login)
            assert not notes.may_note(session, who, case)
            assert not remarks.may_speak(session, who, case)
            assert [one.operator for one in offers.offers(session, who, session.get_one(Task, legal.id))] == []


def steps(trial: Trial) -> list[Task]:
    with trial.store.read() as session:
        return list(session.execute(select(Task).where(Task.instance_id == trial.instance_id)).scalars())


def verified(trial: Trial) -> dict[str, Any]:
    """The team found nothing."""
    return {
        "team": [trial.person("officer1"), trial.person("officer2")], "offence": "危险作业罪", "result": "cleared",
        "report": "经核实不构成犯罪。", "verified_at": clock.now(),
        "report_file": [PAPER | {"name": "核实报告.pdf", "media_type": "application/pdf"}],
    }  # fmt: skip
