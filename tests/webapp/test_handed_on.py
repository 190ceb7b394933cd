"""The page of a step tells who handed it on with which words, and comes back filled when a signer does not agree."""

from __future__ import annotations

import re

import pytest

from tests.webapp.site import Site, form_fields
from tests.webapp.test_operators import at_legal
from tests.webapp.trial import Trial, begin


@pytest.fixture
def trial(site: Site) -> Trial:
    return begin(site)


def test_who_prepares_a_step_reads_what_is_wanted_and_its_owner_what_was_said_with_it(trial: Trial) -> None:
    path = at_legal(trial)
    legal, other = trial.site.visitor("legal1"), trial.site.visitor("legal2")
    assert 'class="note handed"' not in legal.get(path).text
    trial.do(legal, path, "delegate", person=trial.site.person_id("legal2"), text="请先核对处罚依据。")
    told = other.get(path).text
    assert 'class="note handed"' in told and "请先核对处罚依据。" in told
    other.post(f"{path}/hand-back", {**form_fields(other.get(path)), "hand_back_note": "第三条请再看。"})
    told = legal.get(path).text
    assert "第三条请再看。" in told and "请先核对处罚依据。" not in told
    trial.do(legal, path, "reassign", person=trial.site.person_id("legal2"), text="出差，请代为办理。")
    assert "出差，请代为办理。" in other.get(path).text


def test_a_step_whose_signer_does_not_agree_comes_back_as_it_was_sent(trial: Trial) -> None:
    path = at_legal(trial)
    legal, other = trial.site.visitor("legal1"), trial.site.visitor("legal2")
    trial.do(legal, path, "sign", kind="after", person=trial.site.person_id("legal2"), text="")
    trial.complete(legal, path, opinion="拟同意，理由如下。")
    asked = trial.path("legal", "legal2", "after")
    other.post(f"{asked}/complete", {**form_fields(other.get(asked)), "agrees": "no", "text": "引用条款有误。"})
    page = legal.get(path)
    assert re.search(r'name="opinion"[^>]*>\s*拟同意，理由如下。', page.text)
    assert "后加签人员不同意" in page.text and "引用条款有误。" in page.text


def test_who_was_asked_reads_that_the_request_was_taken_back(trial: Trial) -> None:
    path = at_legal(trial)
    legal, other = trial.site.visitor("legal1"), trial.site.visitor("legal2")
    trial.do(legal, path, "sign", kind="before", person=trial.site.person_id("legal2"), text="")
    asked = trial.path("legal", "legal2", "before")
    trial.do(legal, asked, "unask", text="不必了。")
    assert "这项请求已撤销，不需要您再办理。" in other.get(asked).text


def test_a_way_to_an_operator_keeps_no_empty_draft(trial: Trial) -> None:
    path = at_legal(trial)
    legal = trial.site.visitor("legal1")
    assert legal.post(f"{path}/draft", {**form_fields(legal.get(path)), "then": "sign"}).status_code == 302
    assert "已载入" not in legal.get(path).text
    legal.post(f"{path}/draft", {**form_fields(legal.get(path)), "opinion": "写到一半", "then": "sign"})
    cleared = legal.post(f"{path}/draft", {**form_fields(legal.get(path)), "opinion": "", "then": "sign"})
    assert cleared.status_code == 302
    assert "写到一半" not in legal.get(path).text, "what was cleared stays cleared"


def test_an_officer_of_other_cases_is_told_apart_from_who_is_none(trial: Trial) -> None:
    officer, path = trial.site.visitor("officer1"), trial.path("draft")
    trial.claim(officer, path)
    page = officer.get(f"{path}/do/reassign").text
    assert re.search(r"<option [^>]*disabled>吴浩[^<]*不是本案办案人员", page)
    assert re.search(r"<option [^>]*disabled>何远[^<]*没有本环节所需岗位", page)


def test_what_the_owner_typed_is_what_the_other_begins_with_and_what_comes_back(trial: Trial) -> None:
    path = at_legal(trial)
    legal, other = trial.site.visitor("legal1"), trial.site.visitor("legal2")
    legal.post(f"{path}/draft", {**form_fields(legal.get(path)), "opinion": "写到一半"})
    trial.do(legal, path, "delegate", person=trial.site.person_id("legal2"), text="请续写。")
    page = other.get(path)
    assert re.search(r'name="opinion"[^>]*>\s*写到一半', page.text)
    other.post(f"{path}/hand-back", {**form_fields(page), "opinion": "写到一半，续写完毕"})
    assert re.search(r'name="opinion"[^>]*>\s*写到一半，续写完毕', legal.get(path).text)


def test_who_is_added_to_a_round_reads_by_whom_and_why_and_how_far_it_is(site: Site) -> None:
    trial = begin(site)
    for login, element in (("officer1", "draft"), ("legal2", "legal")):
        trial.complete(site.visitor(login), trial.path(element))
    path = trial.path("sign", "legal1")
    legal = site.visitor("legal1")
    assert "本轮会签：待签署 林静、" in legal.get(path).text
    trial.do(legal, path, "round_add", person=site.person_id("head"), text="请核对事实部分。")
    page = site.visitor("head").get(trial.path("sign", "head")).text
    assert "请核对事实部分。" in page and 'class="note handed"' in page
