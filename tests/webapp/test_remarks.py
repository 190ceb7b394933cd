"""讨论 in the browser's eyes: comments and questions with their readers, on the page of a case and of a step."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.webapp.site import Site, Visitor
from tests.webapp.trial import Trial, begin
from workflows.calendar import clock
from workflows.cases.file import CaseOfficer
from workflows.desk import remarks
from workflows.desk.remarks import Remark


@pytest.fixture
def trial(site: Site) -> Trial:
    return begin(site)


def say(who: Visitor, trial: Trial, expected: int = 302, at: str = "", **fields: str) -> str:
    """Send the form of the page; the answer's text or address."""
    page = who.get(at or f"/cases/{trial.case_id}?tab=talk").text
    key = re.search(r'<form class="talk-form".*?name="key" value="([^"]+)"', page, re.DOTALL)
    assert key, "no form to speak with"
    sent = {"key": key[1], "kind": "comment", "text": "第三份证据缺少签名。", "visibility": "case", **fields}
    answer = who.post(f"/cases/{trial.case_id}/remarks", sent)
    assert answer.status_code == expected, answer.text
    return answer.text if expected != 302 else str(answer.location)


def read(site: Site, login: str, case_id: str) -> str:
    return site.visitor(login).get(f"/cases/{case_id}?tab=talk").text


def test_a_comment_is_read_by_its_circle_and_says_who_that_is(trial: Trial) -> None:
    assert say(trial.site.visitor("legal1"), trial, visibility="review").endswith("?tab=talk")
    mine = read(trial.site, "legal2", trial.case_id)
    assert "第三份证据缺少签名。" in mine
    assert re.search(r"可见范围：\s*法制审核人员和法律顾问", mine)
    assert "第三份证据缺少签名。" not in read(trial.site, "officer1", trial.case_id)


def test_named_people_are_named(trial: Trial) -> None:
    say(trial.site.visitor("legal1"), trial, visibility="people", people=trial.site.person_id("deputy"))
    page = read(trial.site, "deputy", trial.case_id)
    with trial.site.store.read() as session:
        row = session.execute(select(Remark)).scalar_one()
        assert row.people == [trial.site.person_id("deputy")]
    assert "第三份证据缺少签名。" in page
    assert "第三份证据缺少签名。" not in read(trial.site, "legal2", trial.case_id)


def test_people_ticked_before_another_circle_was_chosen_are_left_out(trial: Trial) -> None:
    say(trial.site.visitor("legal1"), trial, visibility="case", people=trial.site.person_id("deputy"))
    with trial.site.store.read() as session:
        assert session.execute(select(Remark)).scalar_one().people == []


def test_a_question_is_told_on_the_tab_and_answered_there_once(trial: Trial) -> None:
    site = trial.site
    legal, officer = site.visitor("legal1"), site.visitor("officer1")
    say(legal, trial, kind="question", text="原件在哪里？", to=site.person_id("officer1"), visibility="review")
    trial.claim(officer, trial.path("draft"))
    task = trial.path("draft")
    assert "1 待答复" in officer.get(task).text
    page = officer.get(f"{task}?tab=talk")
    assert "原件在哪里？" in page.text
    sent = re.search(r'action="(/cases/[^"]+/answer)".*?name="key" value="([^"]+)"', page.text, re.DOTALL)
    assert sent
    fields = {"key": sent[2], "text": "在档案室。", "task": task.split("/")[2]}
    answer = officer.post(sent[1], fields)
    assert answer.location == f"{task}?tab=talk"
    assert "待答复" not in officer.get(f"{task}?tab=talk").text
    assert re.search(r"已答复.*在档案室。", read(site, "legal2", trial.case_id), re.DOTALL)
    assert officer.post(sent[1], {**fields, "key": "0" * 32}).status_code == 409
    assert "原件在哪里？" not in read(site, "officer2", trial.case_id)


def test_what_is_wrong_is_said_and_what_was_typed_stays(trial: Trial) -> None:
    legal = trial.site.visitor("legal1")
    for fields, told in (
        ({"kind": "question", "text": "问谁？"}, "询问对象"),
        ({"text": " "}, "请填写内容"),
        ({"text": "说给谁？", "visibility": "people"}, "请选择人员"),
        ({"text": "说给谁？", "visibility": "world"}, "请选择可见范围"),
    ):
        answer = say(legal, trial, 422, **fields)
        assert told in answer
        assert fields["text"].strip() in answer
    with trial.site.store.read() as session:
        assert session.execute(select(Remark)).first() is None


def test_a_remark_on_a_step_says_which(trial: Trial) -> None:
    officer, path = trial.site.visitor("officer1"), trial.path("draft")
    where = say(officer, trial, at=f"{path}?tab=talk", task=path.split("/")[2])
    assert where == f"{path}?tab=talk"
    assert '<span class="state">起草</span>' in read(trial.site, "legal1", trial.case_id)


def test_who_only_looks_on_reads_and_is_offered_no_form(trial: Trial) -> None:
    say(trial.site.visitor("legal1"), trial)
    page = read(trial.site, "auditor", trial.case_id)
    assert "第三份证据缺少签名。" in page
    assert "talk-form" not in page
    assert "不参与讨论" in page


def test_an_officer_who_withdrew_reads_nothing_of_the_discussion(trial: Trial) -> None:
    site = trial.site
    say(site.visitor("legal1"), trial, visibility="people", people=site.person_id("officer2"))
    assert "第三份证据缺少签名。" in read(site, "officer2", trial.case_id)
    with site.store.work() as session:
        part = select(CaseOfficer).where(CaseOfficer.person_id == site.person_id("officer2"))
        session.execute(part).scalar_one().until = clock.now()
    page = read(site, "officer2", trial.case_id)
    assert "第三份证据缺少签名。" not in page
    assert "talk-form" not in page


@pytest.mark.parametrize("login", ["kcofficer1", "admin"])
def test_strangers_to_the_case_say_nothing(trial: Trial, login: str) -> None:
    visitor = trial.site.visitor(login)
    visitor.get("/account")
    sent = {"key": "0" * 32, "kind": "comment", "text": "x", "visibility": "case"}
    assert visitor.post(f"/cases/{trial.case_id}/remarks", sent).status_code == 404


def test_the_discussion_in_english_is_english(trial: Trial) -> None:
    visitor = trial.site.visitor("legal1")
    visitor.client.set_cookie("language", "en")
    page = visitor.get(f"/cases/{trial.case_id}?tab=talk").text
    assert "Who reads it" in page
    assert "谁可以看到" not in page


def test_what_was_said_earlier_is_a_page_further_and_a_question_there_is_told(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remarks, "PAGE", 1)
    legal, officer = trial.site.visitor("legal1"), trial.site.visitor("officer1")
    say(legal, trial, kind="question", text="原件在哪里？", to=trial.site.person_id("officer1"))
    with trial.site.store.read() as session:
        asked = session.execute(select(Remark.id)).scalar_one()
    trial.site.time.set(clock.now() + timedelta(minutes=1))
    say(legal, trial, text="请尽快。")
    newest = officer.get(f"/cases/{trial.case_id}?tab=talk").text
    address = f"/cases/{trial.case_id}?tab=talk&amp;until={asked}"
    assert "请尽快。" in newest and "原件在哪里？" not in newest and "最新的讨论" not in newest
    assert f'href="{address}" rel="prev"' in newest and f'href="{address}#remark-{asked}"' in newest
    older = officer.get(address.replace("&amp;", "&")).text
    assert "原件在哪里？" in older and "最新的讨论" in older and 'rel="prev"' not in older
    form = re.search(r'action="([^"]+/answer\?until=[^"]+)".*?name="key" value="([^"]+)"', older, re.DOTALL)
    assert form
    refused = officer.post(form[1], {"key": form[2], "text": " "})
    assert refused.status_code == 422 and "原件在哪里？" in refused.text
    done = officer.post(form[1], {"key": form[2], "text": "在档案室。"})
    assert "在档案室。" in officer.get(done.location).text
