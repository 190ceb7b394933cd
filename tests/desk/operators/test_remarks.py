"""Comments and side questions: who reads them, who answers, and that they are no part of the record of acts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from tests.desk.operators.conftest import Trial
from workflows import ledger
from workflows.calendar import clock
from workflows.calendar.clock import SimulatedClock
from workflows.desk import remarks
from workflows.desk.execute import execute
from workflows.errors import Forbidden, Invalid, NotFound, Stale
from workflows.store import new_id

EVERYBODY = ("officer1", "officer2", "unithead", "legal1", "legal2", "deputy", "head", "auditor", "admin")


def say(trial: Trial, login: str, visibility: str, **more: Any) -> str:
    made: str = trial.do(login, remarks.make_remark, trial.case_id, "请注意第三份证据。", visibility=visibility, **more)
    return made


def reads(trial: Trial, login: str) -> list[str]:
    with trial.store.read() as session:
        page = remarks.threads(session, trial.bureau.actor(login), trial.case_id)
        return [one.id for one in (*page.said, *page.answers)]


@pytest.mark.parametrize(("author", "visibility", "readers"), [
    ("legal1", "case", {"officer1", "officer2", "unithead", "legal1", "legal2", "deputy", "head", "auditor"}),
    ("officer1", "unit", {"officer1", "officer2", "unithead"}),
    ("legal1", "review", {"legal1", "legal2"}),
    ("officer1", "review", {"officer1", "legal1", "legal2"}),
])  # fmt: skip
def test_a_remark_is_read_by_its_circle_and_its_author_only(trial: Trial, author, visibility, readers):
    made = say(trial, author, visibility)
    assert {login for login in EVERYBODY if made in reads(trial, login)} == readers
    trial.check()


def test_named_people_read_what_nobody_else_reads(trial: Trial):
    made = say(trial, "legal1", "people", people=[trial.person("deputy")])
    assert {login for login in EVERYBODY if made in reads(trial, login)} == {"legal1", "deputy"}
    with pytest.raises(Invalid, match=r"remark\.sees_nothing"):
        say(trial, "legal1", "people", people=[trial.person("admin")])
    with pytest.raises(Invalid, match=r"remark\.people"):
        say(trial, "legal1", "people")


def test_a_question_is_answered_once_by_whom_it_was_put_to(trial_on_both: Trial):
    trial = trial_on_both
    asked = trial.do("legal1", remarks.put_question, trial.case_id, "原件在哪里？", trial.person("officer1"),
                     visibility="review")  # fmt: skip
    with trial.store.read() as session:
        assert [one.id for one in remarks.questions_to(session, trial.bureau.actor("officer1"))] == [asked]
    with pytest.raises(NotFound, match=r"remark\.unknown"):
        trial.do("officer2", remarks.answer_question, asked, "在我这里。")
    with pytest.raises(Forbidden, match=r"remark\.not_asked"):
        trial.do("legal2", remarks.answer_question, asked, "不清楚。")
    answered = trial.do("officer1", remarks.answer_question, asked, "在档案室。")
    with pytest.raises(Stale, match=r"remark\.answered"):
        trial.do("officer1", remarks.answer_question, asked, "在我这里。")
    for login in ("legal1", "legal2", "officer1"):
        assert set(reads(trial, login)) == {asked, answered}
    assert reads(trial, "officer2") == []
    trial.check()


def test_what_is_said_aside_is_in_the_chain_and_in_no_account_of_the_case(trial: Trial):
    say(trial, "legal1", "review")
    with trial.store.read() as session:
        assert "RemarkMade" not in {entry.event for entry in ledger.timeline(session, trial.case_id)}
        told = [one for one in ledger.history(session, f"case:{trial.case_id}") if one.event == "RemarkMade"]
    assert "证据" not in str(told[0].data)


def test_who_looks_on_or_sees_nothing_says_nothing(trial: Trial):
    with pytest.raises(Forbidden, match=r"remark\.looking_on"):
        say(trial, "auditor", "case")
    with pytest.raises(NotFound, match=r"case\.unknown"):
        say(trial, "admin", "case")


def test_the_same_remark_sent_twice_is_one(trial: Trial):
    key, actor = new_id(), trial.bureau.actor("legal1")
    made = {execute(trial.store, remarks.make_remark, actor, trial.case_id, "一", visibility="case", key=key)
            for _ in range(2)}  # fmt: skip
    assert reads(trial, "legal1") == list(made)


def test_a_long_discussion_is_read_page_by_page_and_no_more_of_it_than_a_page(
    trial_on_both: Trial, time: SimulatedClock, monkeypatch: pytest.MonkeyPatch
):
    """The newest page has the newest at its end; what one does not read fills no place on it."""
    trial = trial_on_both
    monkeypatch.setattr(remarks, "PAGE", 2)
    asked = trial.do("legal1", remarks.put_question, trial.case_id, "原件在哪里？", trial.person("officer1"),
                     visibility="review")  # fmt: skip
    said = [asked]
    for circle in ("case", "review", "review", "case", "case"):
        time.set(clock.now() + timedelta(minutes=1))
        said.append(say(trial, "legal1", circle))
    answered = trial.do("officer1", remarks.answer_question, asked, "在档案室。")
    loaded: list[str] = []
    event.listen(remarks.Remark, "load", note := lambda row, _context: loaded.append(row.id))
    try:
        pages, until = [], ""
        with trial.store.read() as session:
            for _number in range(2):
                page = remarks.threads(session, trial.bureau.actor("officer1"), trial.case_id, until)
                pages.append(([one.id for one in page.said], [one.id for one in page.answers], page.later))
                until = page.earlier
            again = remarks.threads(session, trial.bureau.actor("officer1"), trial.case_id, answered)
    finally:
        event.remove(remarks.Remark, "load", note)
    assert pages == [([said[4], said[5]], [], False), ([asked, said[1]], [answered], True)]
    assert until == ""
    assert ([one.id for one in again.said], again.later) == ([asked], True)
    assert len(set(loaded)) == len(said) + 1 - 2, "what is for the review side is not read at all"
