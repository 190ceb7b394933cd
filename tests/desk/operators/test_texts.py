"""What people write with an operator: each has a limit, told beside its field, whatever the database would do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.desk.operators.conftest import Trial
from workflows.desk import commands, copies, remarks, substitutes, texts
from workflows.desk.execute import execute
from workflows.desk.operators import halting, handing, registering, returning, signing
from workflows.errors import Invalid

LONG = "长" * 2001
"""Longer than any of them: the longest column takes 2,000."""


def wrong(trial: Trial, field: str, login: str, command: Callable[..., Any], *args: Any, **given: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        trial.do(login, command, *args, **given)
    assert [one.place for one in refusal.value.problems] == [field], command.__name__
    assert "most" in refusal.value.problems[0].facts, command.__name__


def test_no_reason_note_or_question_of_an_operator_is_longer_than_is_kept(trial: Trial):
    whom = trial.person("legal2")
    wrong(trial, "reason", "officer1", registering.withdraw_lead, trial.case_id, reason=LONG)
    draft = trial.done("officer1", "draft").task_id
    wrong(trial, "reason", "officer1", returning.withdraw_task, draft, reason=LONG)
    legal = trial.task("legal")
    legal = execute(trial.store, commands.claim_task, trial.bureau.actor("legal1"), legal.id, seen=legal.version)
    own: dict[str, Any] = {"seen": legal.version}
    wrong(trial, "reason", "legal1", handing.reassign_task, legal.id, whom, reason=LONG, **own)
    wrong(trial, "reason", "legal1", handing.delegate_task, legal.id, whom, reason=LONG, **own)
    wrong(trial, "reason", "legal1", returning.return_task, legal.id, "x", how="again", reason=LONG, **own)
    for kind in signing.OPERATOR:
        wrong(trial, "question", "legal1", signing.ask, legal.id, whom, kind=kind, question=LONG, **own)
    wrong(trial, "note", "officer1", handing.urge_task, legal.id, note=LONG)
    wrong(trial, "note", "legal1", copies.send_copies, trial.case_id, [whom], note=LONG)
    wrong(trial, "text", "legal1", remarks.make_remark, trial.case_id, LONG, visibility="case")
    wrong(trial, "text", "legal1", remarks.put_question, trial.case_id, LONG, whom, visibility="case")
    today = date(2024, 2, 27)
    wrong(trial, "reason", "legal1", substitutes.name_substitute, trial.person("legal1"), whom,
          roles=["legal_reviewer"], starts_on=today, ends_on=today, reason=LONG)  # fmt: skip
    for command in (halting.suspend_case, halting.terminate_case, halting.resume_case):
        wrong(trial, "reason", "unithead", command, trial.case_id, reason=LONG)
    asked = trial.do("legal1", signing.ask, legal.id, whom, kind="after", question="", **own)
    wrong(trial, "reason", "legal1", signing.unask, asked, reason=LONG)
    legal = trial.task("legal")
    trial.do("legal1", signing.unask, asked, reason="不必了")
    legal = trial.do("legal1", handing.delegate_task, trial.task("legal").id, whom, reason="请拟稿",
                     seen=trial.task("legal").version)  # fmt: skip
    wrong(trial, "note", "legal2", handing.hand_back_task, legal.id, note=LONG, draft={}, seen=legal.version)


def test_no_reason_in_a_round_is_longer_than_is_kept(trial: Trial):
    trial.reviewed()
    mine = trial.task("sign", "legal1")
    wrong(trial, "reason", "legal1", signing.add_signer, mine.id, trial.person("head"), before=False, reason=LONG,
          seen=mine.version)  # fmt: skip
    wrong(trial, "reason", "legal1", signing.remove_signer, mine.id, 1, reason=LONG, seen=mine.version)


def test_a_step_is_taken_back_with_a_reason_only(trial: Trial):
    draft = trial.done("officer1", "draft").task_id
    with pytest.raises(Invalid, match=r"case\.reason_missing"):
        trial.do("officer1", returning.withdraw_task, draft, reason=" \n")
    trial.do("officer1", returning.withdraw_task, draft, reason="由" * texts.LONGEST_REASON)
    assert trial.waiting() == ["draft"]
