"""Whoever withdrew from a case because of an interest in it is handed nothing of it again (行政处罚法 43)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.desk.operators.conftest import Trial
from tests.desk.operators.test_signing import hold
from workflows import staff
from workflows.actors import SYSTEM
from workflows.cases import commands as case_commands
from workflows.desk import copies, fitting
from workflows.desk.execute import execute
from workflows.desk.operators import handing, signing
from workflows.desk.tasks import Task
from workflows.errors import Forbidden, Invalid


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
    copied(trial)
    trial.check()


def test_advice_that_was_asked_before_is_not_given_after(trial: Trial) -> None:
    given = (trial.bureau.actor("unithead"), trial.case_id, trial.person("officer3"))
    execute(trial.store, case_commands.add_officer, *given)
    trial.done("officer1", "draft")
    hold(trial, "legal1", "legal")
    asked(trial, signing.ask, kind="advice", question="可否？")
    execute(trial.store, case_commands.remove_officer, *given, reason="系当事人近亲属，回避")
    with pytest.raises(Forbidden, match=r"task\.recused"):
        trial.done("officer3", "legal", kind="advice", text="可以。")
