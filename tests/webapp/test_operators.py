"""Operators in the browser's eyes: who is offered what, what it says where it does not work, nothing typed lost."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from tests.desk.operators.test_signing import signed_by
from tests.webapp.site import Site, Visitor, field_value, form_fields
from tests.webapp.trial import SIGNERS, Trial, begin
from workflows import ledger, outbox
from workflows.actors import Person, acting
from workflows.calendar import clock
from workflows.cases.file import Case, lock_case
from workflows.desk import advance
from workflows.desk.tasks import Task, TaskDraft
from workflows.diagrams import library
from workflows.store import new_id

REASON = "出差，<b>请</b>代为办理。"


@pytest.fixture
def trial(site: Site) -> Trial:
    return begin(site)


def bar(page: str) -> tuple[list[str], dict[str, str]]:
    """The buttons that work, and those that don't with what they say."""
    if 'class="operators"' not in page:
        return [], {}
    part = page[page.index('class="operators"'):]
    part = part[:part.index("</div>")]
    buttons = re.findall(r"<(?:a|button) ([^>]*)>([^<]+)<", part)
    held = {text: re.search(r'title="([^"]*)"', attributes) for attributes, text in buttons if "disabled" in attributes}
    return [text for attributes, text in buttons if "disabled" not in attributes], {
        text: found[1] for text, found in held.items() if found
    }


def notices(trial: Trial, who: Visitor) -> str:
    """The page of somebody's notices, once the worker has delivered them."""
    with trial.site.store.work() as session:
        outbox.deliver(session)
    return who.get("/notices").text


def at_legal(trial: Trial) -> str:
    """The officer has drafted, legal1 holds the check; its page."""
    trial.complete(trial.site.visitor("officer1"), trial.path("draft"))
    path = trial.path("legal")
    trial.claim(trial.site.visitor("legal1"), path)
    return path


def test_a_step_offers_what_its_process_says_and_claims_first(site: Site) -> None:
    trial = begin(site, legal=["claim", "ask", "return"])
    trial.complete(site.visitor("officer1"), trial.path("draft"))
    legal, path = site.visitor("legal1"), trial.path("legal")
    ready, held = bar(legal.get(path).text)
    assert ready == ["抄送", "自行回避"] or ready == ["催办", "抄送", "自行回避"]
    assert set(held) == {"征询", "退回"}
    assert all("认领" in why for why in held.values())
    trial.claim(legal, path)
    assert bar(legal.get(path).text) == (["征询", "退回", "抄送", "自行回避"], {})
    assert legal.get(f"{path}/do/delegate").status_code == 403
    assert bar(site.visitor("counsel1").get(path).text) == ([], {})


def test_a_button_that_does_not_work_says_why(trial: Trial) -> None:
    officer, path = trial.site.visitor("officer1"), trial.path("draft")
    trial.claim(officer, path)
    ready, held = bar(officer.get(path).text)
    assert "转办" in ready
    assert "没有可以退回的环节" in held["退回"]
    assert officer.get(f"{path}/do/return").status_code == 422


def test_what_is_typed_is_kept_on_the_way_to_an_operator(trial: Trial) -> None:
    officer, path = trial.site.visitor("officer1"), trial.path("draft")
    trial.claim(officer, path)
    page = officer.get(path)
    assert 'name="then" value="reassign"' in page.text
    gone = officer.post(f"{path}/draft", {**form_fields(page), "opinion": "写到一半", "then": "reassign"})
    assert gone.location == f"{path}/do/reassign"
    assert "写到一半" in officer.get(path).text


def test_whoever_has_an_interest_withdraws_from_the_page_of_a_step_and_is_told_why_nothing_works(trial: Trial) -> None:
    path = at_legal(trial)
    legal, leader = trial.site.visitor("legal1"), trial.site.visitor("deputy")
    address = legal.post(f"{path}/draft", {**form_fields(legal.get(path)), "then": "recuse"}).location
    page = legal.get(address)
    assert page.status_code == 200 and "行政处罚法第四十三条" in page.text
    assert 'id="text-error"' in legal.post(address, {"key": field_value(page, "key"), "text": ""}).text
    done = legal.post(address, {"key": new_id(), "text": "与当事人系近亲属。"})
    told = legal.get(done.location).text
    assert "您已回避本案" in told and "与当事人系近亲属。" in told
    assert bar(legal.get(path).text)[0] == []
    refused = legal.post(f"{path}/release", {"key": new_id(), "seen": "9"})
    assert refused.status_code == 403 and "不得再参与本案的任何办理" in refused.text
    order, leaders = f"{done.location}/do/order_recusal", {"text": "当事人申请，经审查属实。"}
    page = leader.get(order)
    assert "何远" in page.text and "林静" not in page.text
    assert 'id="person-error"' in leader.post(order, {"key": field_value(page, "key"), **leaders}).text
    leader.post(order, {"key": new_id(), "person": trial.site.person_id("legal2"), **leaders})
    told = leader.get(f"{done.location}?tab=timeline").text
    assert "自行回避" in told and "决定回避" in told and "不再办理：" in told


def test_a_step_is_reassigned_to_who_fits_and_others_are_greyed_out_with_the_reason(trial: Trial) -> None:
    path = at_legal(trial)
    legal = trial.site.visitor("legal1")
    page = legal.get(f"{path}/do/reassign").text
    assert re.search(r'<option value="[0-9a-f]{32}">何远', page)
    assert re.search(r'<option value="[0-9a-f]{32}" disabled>陈立[^<]*本案办案人员，须回避', page)
    assert re.search(r'<option value="[0-9a-f]{32}" disabled>王建军[^<]*没有本环节所需岗位', page)
    done = trial.do(legal, path, "reassign", person=trial.site.person_id("legal2"), text=REASON)
    assert done.status_code == 302
    assert "“审查”已转办" in legal.get(done.location).text
    assert trial.row(path).assignee_id == trial.site.person_id("legal2")
    told = legal.get(f"/cases/{trial.case_id}?tab=timeline").text
    assert "转办：审查，转给何远，出差，&lt;b&gt;请&lt;/b&gt;代为办理。" in told


def test_what_is_wrong_stands_beside_the_field_and_nothing_typed_is_lost(trial: Trial) -> None:
    path = at_legal(trial)
    legal, officer2 = trial.site.visitor("legal1"), trial.site.person_id("officer2")
    nobody = trial.do(legal, path, "reassign", text=REASON)
    assert nobody.status_code == 422
    assert 'id="person-error"' in nobody.text
    assert "出差，&lt;b&gt;请&lt;/b&gt;代为办理。" in nobody.text
    unfit = trial.do(legal, path, "reassign", person=officer2, text=REASON)
    assert unfit.status_code == 403
    assert "办理过其他环节" in unfit.text.split('id="person-error"')[1][:200]
    no_reason = trial.do(legal, path, "reassign", person=trial.site.person_id("legal2"), text=" ")
    assert no_reason.status_code == 422
    assert "请写明理由" in no_reason.text.split('id="text-error"')[1][:200]
    assert re.search(r'selected>何远', no_reason.text)


def test_the_same_form_sent_twice_acts_once(trial: Trial) -> None:
    path = at_legal(trial)
    legal = trial.site.visitor("legal1")
    fields = {**form_fields(legal.get(f"{path}/do/ask")), "person": trial.site.person_id("hearing1"), "text": "可否？"}
    for _again in range(2):
        assert legal.post(f"{path}/do/ask", fields).status_code == 302
    assert len(trial.tasks("legal", "advice")) == 1


def test_a_delegate_prepares_and_hands_back_and_the_owner_completes(trial: Trial) -> None:
    path = at_legal(trial)
    legal, other = trial.site.visitor("legal1"), trial.site.visitor("legal2")
    trial.do(legal, path, "delegate", person=trial.site.person_id("legal2"), text="请先拟稿。")
    owner_sees = legal.get(path).text
    assert "已委派何远代拟" in owner_sees
    assert "收回委派" in bar(owner_sees)[0]
    page = other.get(path)
    assert "<h1>审查（委派）</h1>" in page.text
    assert "代拟，由林静办结" in page.text
    assert "提交并办结" not in page.text
    assert other.post(f"{path}/complete", {**form_fields(page), "opinion": "越权"}).status_code == 403
    sent = {**form_fields(other.get(path)), "opinion": "代拟的意见", "hand_back_note": "请核。"}
    assert other.post(f"{path}/hand-back", sent).location == "/desk"
    assert "代拟的意见" in legal.get(path).text
    trial.complete(legal, path, opinion="代拟的意见，经核无误")
    row = trial.row(path)
    assert (row.ended_by_id, row.answer) == (trial.site.person_id("legal1"), {"opinion": "代拟的意见，经核无误"})


def test_who_signs_before_holds_the_step_up_and_the_page_shows_what_they_answered(trial: Trial) -> None:
    path = at_legal(trial)
    legal, other = trial.site.visitor("legal1"), trial.site.visitor("legal2")
    fields = {"kind": "before", "person": trial.site.person_id("legal2"), "text": "请核法条。"}
    assert trial.do(legal, path, "sign", **fields).location == "/desk"  # held up: on to what can be done
    held = legal.get(path).text
    assert re.search(r'type="submit" disabled aria-describedby="held"', held)
    assert "正等待何远" in held
    refused = legal.post(f"{path}/complete", {**form_fields(legal.get(path)), "opinion": "抢先提交"})
    assert refused.status_code == 403
    assert "本环节正等待他人办理" in refused.text and "正等待何远" in refused.text
    assert "无权办理" not in refused.text and "抢先提交" in refused.text
    assert "本环节正等待他人办理" in legal.get(f"{path}/do/return").text
    asked = trial.path("legal", "legal2", "before")
    page = other.get(asked)
    assert "<h1>审查（前加签）</h1>" in page.text and "提交签署意见" in page.text
    assert re.search(r"data-open>审查（前加签）<", other.get("/desk?list=todo").text)
    assert "审查（前加签）" in other.get(f"/cases/{trial.case_id}").text
    assert "请核法条。" in page.text
    assert f'<a href="{path}">审查</a>' in page.text, "the step itself, which is not the question"
    assert "林静" in page.text
    answer = other.post(f"{asked}/complete", {**form_fields(page), "agrees": "no", "text": "第三条引用有误。"})
    assert answer.status_code == 302, answer.text
    desk = other.get(answer.location).text
    assert "已签署意见：审查（" in desk and "已办结" not in desk
    assert "林静请您办理（前加签）：审查" in notices(trial, other)
    assert "答复前加签：审查，不同意：第三条引用有误。" in legal.get(f"/cases/{trial.case_id}?tab=timeline").text
    again = legal.get(path).text
    assert "第三条引用有误。" in again
    assert "何远前加签不同意：第三条引用有误。" in again and "是否采纳由您决定" in again
    assert 'aria-describedby="held"' not in again
    trial.complete(legal, path)


def test_who_signs_after_sees_the_answer_and_completes_by_agreeing(trial: Trial) -> None:
    path = at_legal(trial)
    legal, other = trial.site.visitor("legal1"), trial.site.visitor("legal2")
    trial.do(legal, path, "sign", kind="after", person=trial.site.person_id("legal2"), text="")
    asked = trial.path("legal", "legal2", "after")
    assert "办理人林静还没有提交意见" in other.get(asked).text
    done = trial.complete(legal, path, opinion="拟同意。")
    assert "待后加签人员签署" in legal.get(done.location).text
    assert "正等待何远签署（后加签）" in legal.get(path).text
    page = other.get(asked)
    assert "拟同意。" in page.text
    other.post(f"{asked}/complete", {**form_fields(page), "agrees": "no", "text": "数额有误。"})
    back = legal.get(path).text
    assert "何远后加签不同意：数额有误。" in back and "系统再请其签署" in back
    trial.complete(legal, path, opinion="拟同意，数额已改。")
    page = other.get(asked := trial.path("legal", "legal2", "after"))
    other.post(f"{asked}/complete", {**form_fields(page), "agrees": "yes", "text": "同意。"})
    assert trial.row(path).state == "completed"
    assert len(trial.tasks("sign")) == 3


def test_who_signs_after_is_taken_back_with_a_reason_and_not_after_a_refusal(trial: Trial) -> None:
    path = at_legal(trial)
    legal, other = trial.site.visitor("legal1"), trial.site.visitor("legal2")
    trial.do(legal, path, "sign", kind="after", person=trial.site.person_id("legal2"), text="")
    trial.complete(legal, path, opinion="拟同意。")
    asked = trial.path("legal", "legal2", "after")
    wrong = trial.do(legal, asked, "unask", text="")
    assert wrong.status_code == 422
    assert 'id="text-error"' in wrong.text
    other.post(f"{asked}/complete", {**form_fields(other.get(asked)), "agrees": "no", "text": "依据不足。"})
    trial.site.time.set(trial.site.time.now() + timedelta(minutes=1))
    trial.complete(legal, path, opinion="补充依据。")
    again = trial.path("legal", "legal2", "after")
    assert f"{again}/do/unask" not in legal.get(path).text
    refused = legal.get(f"{again}/do/unask")
    assert refused.status_code == 403
    assert "签署过不同意" in refused.text


def test_a_step_of_a_case_that_is_held_up_is_not_claimed_and_its_page_says_why(trial: Trial) -> None:
    trial.complete(trial.site.visitor("officer1"), trial.path("draft"))
    unithead, legal, path = trial.site.visitor("unithead"), trial.site.visitor("legal1"), trial.path("legal")
    address = f"/cases/{trial.case_id}/do/suspend"
    unithead.post(address, {"key": field_value(unithead.get(address), "key"), "text": "等待鉴定。"})
    page = legal.get(path)
    button = re.search(r"<button[^>]*data-claim-here[^>]*>", page.text)
    assert button is not None
    assert "disabled" in button[0] and 'aria-describedby="halted"' in button[0]
    assert re.search(r'id="halted"><p>.*等待鉴定。</p>', page.text)
    shown = re.sub(r'title="[^"]*"', "", page.text)
    assert shown.count("等待鉴定") == 1, "the reason stands on the page once"
    refused = legal.post(f"{path}/claim", form_fields(page))
    assert refused.status_code == 409
    assert trial.row(path).state == "open"


def test_advice_is_asked_answered_and_taken_back(trial: Trial) -> None:
    path = at_legal(trial)
    legal = trial.site.visitor("legal1")
    for login in ("hearing1", "head"):
        trial.do(legal, path, "ask", person=trial.site.person_id(login), text="能否采信？")
    asked = trial.path("legal", "hearing1", "advice")
    judge = trial.site.visitor("hearing1")
    told = judge.get(judge.post(f"{asked}/complete", {**form_fields(judge.get(asked)), "text": "可以采信。"}).location)
    assert "已答复征询：审查（" in told.text and "已办结" not in told.text
    assert "data-open>审查（征询意见）<" in judge.get("/desk?list=done").text
    page = legal.get(path).text
    assert "可以采信。" in page
    taken = trial.path("legal", "head", "advice")
    done = trial.do(legal, taken, "unask", text="不需要了")
    assert done.location == path
    assert "已撤销" in legal.get(path).text
    assert trial.site.visitor("deputy").get(f"{taken}/do/unask").status_code == 403


def test_a_round_gets_a_signer_more_and_one_less(trial: Trial) -> None:
    trial.complete(trial.site.visitor("legal1"), at_legal(trial))
    legal, path = trial.site.visitor("legal1"), trial.path("sign", "legal1")
    trial.do(legal, path, "round_add", person=trial.site.person_id("head"), text="")
    assert len(trial.tasks("sign")) == 4
    page = legal.get(f"{path}/do/round_remove").text
    named = re.search(r'name="signer" value="\d+" disabled> <span class="form-check-label">何远<.*', page)
    assert named and "由流程指定，不能减签" in named[0], "whom the process named stays"
    index = re.search(r'name="signer" value="(\d+)"> <span class="form-check-label">李明', page)
    assert index
    assert ">林静" not in page.split("<form class=\"panel")[1]
    done = trial.do(legal, path, "round_remove", signer=index[1], text="出差")
    assert done.status_code == 302, done.text
    assert trial.site.person_id("head") not in {task.assignee_id for task in trial.tasks("sign")}
    told = legal.get(f"/cases/{trial.case_id}?tab=timeline").text
    assert "会签加签：会签，增加李明会签" in told
    assert "会签减签：会签，李明不再会签，出差" in told


def test_the_page_says_of_everybody_who_cannot_be_chosen_why(trial: Trial) -> None:
    trial.complete(trial.site.visitor("legal1"), at_legal(trial))
    legal, path = trial.site.visitor("legal1"), trial.path("sign", "legal1")
    page = legal.get(f"{path}/do/round_add").text
    refused = dict(re.findall(r"<option [^>]*disabled>(\S+) · [^（<]*（([^）]*)）</option>", page))
    assert refused["陈立"] == "本案办案人员，须回避"
    assert refused["审计员"] == "不参与案件办理"
    assert refused["何远"] == "已在其中"
    assert "郑国强" not in refused, "the unit's head has done nothing in this case"
    for login in ("officer1", "auditor", "admin"):
        done = trial.do(legal, path, "round_add", person=trial.site.person_id(login), text="")
        assert done.status_code == 403, login
    assert len(trial.tasks("sign")) == 3


def test_who_did_another_step_is_told_by_that_step(trial: Trial) -> None:
    trial.complete(trial.site.visitor("legal1"), at_legal(trial))
    legal, path = trial.site.visitor("legal1"), trial.path("sign", "legal1")
    trial.do(legal, path, "reassign", person=trial.site.person_id("head"), text="出差")
    deputy, path = trial.site.visitor("deputy"), trial.path("sign", "deputy")
    assert "林静 · 法规处处长（办理过“审查”，须回避）" in deputy.get(f"{path}/do/round_add").text


def test_a_step_goes_back_to_be_mended_and_straight_on_to_who_sent_it_back(trial: Trial) -> None:
    path = at_legal(trial)
    legal = trial.site.visitor("legal1")
    page = legal.get(f"{path}/do/return").text
    assert "起草" in page
    assert "上次由陈立办理" in page
    target = re.search(r'name="target" value="([^"]+)"', page)
    assert target
    wrong = trial.do(legal, path, "return", target=target[1], text="缺笔录。")
    assert wrong.status_code == 422
    assert 'id="how-error"' in wrong.text
    assert trial.do(legal, path, "return", target=target[1], how="resume", text="缺笔录。").location == "/desk"
    waits = legal.get(path).text
    assert 'aria-describedby="held"' in waits
    assert 'id="held"' in waits
    officer, again = trial.site.visitor("officer1"), trial.path("draft", "officer1", "rework")
    mended = officer.get(again).text
    assert "林静办理“审查”时退回补正，补正后直送其办理" in mended
    assert "缺笔录。" in mended
    assert "<h1>起草（退回补正）</h1>" in mended
    done = officer.post(f"{again}/complete", {**form_fields(officer.get(again)), "opinion": "已补。"})
    assert "“起草”已补正，送回林静继续办理" in officer.get(done.location).text
    assert "已补正" in legal.get(path).text
    told = legal.get(f"/cases/{trial.case_id}?tab=timeline").text
    line = told[told.index("补正完毕：起草，直送林静（审查）"):]
    assert f'<a href="{again}">查看填写内容</a>' in line[:line.index("</li>")], "to whom, where, and with what"
    assert "流程启动：试行" in told, "a process by its title"
    trial.complete(legal, path)


def test_a_step_goes_back_and_all_is_done_again(trial: Trial) -> None:
    path = at_legal(trial)
    legal = trial.site.visitor("legal1")
    target = re.search(r'name="target" value="([^"]+)"', legal.get(f"{path}/do/return").text)
    assert target
    trial.do(legal, path, "return", target=target[1], how="again", text="事实不清。")
    officer = trial.site.visitor("officer1")
    page = officer.get(trial.path("draft", "officer1")).text
    assert "林静退回了任务：起草（事实不清。）" in notices(trial, officer)
    told = officer.get(f"/cases/{trial.case_id}?tab=timeline").text
    assert "退回：由审查退回至起草，事实不清。" in told
    assert re.search("转入环节：起草（第 2 次），等待[陈立、周敏]+办理", told)
    assert "林静办理“审查”时退回，请重新办理" in page
    assert "事实不清。" in page
    assert "退回到前面的环节" in legal.get(path).text


def test_ones_own_step_is_taken_back_until_somebody_has_acted(trial: Trial) -> None:
    officer, path = trial.site.visitor("officer1"), trial.path("draft")
    trial.complete(officer, path)
    assert bar(officer.get(path).text)[0] == ["撤回"]
    done = trial.do(officer, path, "withdraw", text="写错了。")
    assert done.location == trial.path("draft", "officer1")
    assert "陈立撤回了本环节" in officer.get(done.location).text
    trial.complete(officer, done.location)
    trial.claim(trial.site.visitor("legal1"), trial.path("legal"))
    ready, held = bar(officer.get(done.location).text)
    assert ready == []
    assert "已有人认领或办理" in held["撤回"]


def test_whoever_holds_a_step_is_reminded_from_the_case_once_in_four_hours(trial: Trial) -> None:
    path = at_legal(trial)
    officer = trial.site.visitor("officer1")
    assert f'href="{path}/do/urge"' in officer.get(f"/cases/{trial.case_id}").text
    assert trial.do(officer, path, "urge", text="请尽快。").status_code == 302
    refused = officer.get(f"{path}/do/urge")
    assert "小时内不能重复催办" in refused.text
    assert "催办" in bar(officer.get(path).text)[1]


def test_on_a_list_steps_are_handed_on_to_whoever_could_do_one_of_them(trial: Trial) -> None:
    at_legal(trial)
    legal = trial.site.visitor("legal1")
    page = legal.get("/desk?list=todo").text
    listed = page[page.index('<select class="form-select" id="to"') :]
    offered = re.findall(r'<option value="([^"]*)">', listed[: listed.index("</select>")])
    assert offered[0] == ""
    assert trial.site.person_id("legal2") in offered
    assert not {trial.site.person_id(login) for login in ("auditor", "admin", "officer2", "legal1")} & set(offered)
    tick = re.search(r'name="row" value="([^"]+)"', page)
    assert tick
    nobody = {"act": "reassign", "row": tick[1], "to": "", "reason": "出差", "key": new_id(), "back": "/desk?list=todo"}
    assert legal.post("/desk/bulk", nobody).location == "/desk?list=todo"
    assert "请选择转办给谁。" in legal.get("/desk?list=todo").text


def test_a_case_is_held_up_on_every_page_of_it_and_goes_on(trial: Trial) -> None:
    path = at_legal(trial)
    unithead, legal = trial.site.visitor("unithead"), trial.site.visitor("legal1")
    assert legal.get(f"/cases/{trial.case_id}/do/suspend").status_code == 403
    address = f"/cases/{trial.case_id}/do/suspend"
    empty = unithead.post(address, {"key": field_value(unithead.get(address), "key"), "text": ""})
    assert empty.status_code == 422
    assert 'id="text-error"' in empty.text
    unithead.post(address, {"key": new_id(), "text": "等待鉴定结论。"})
    for page in (path, f"/cases/{trial.case_id}", f"/cases/{trial.case_id}?tab=clocks"):
        assert "案件中止办理" in legal.get(page).text
        assert "等待鉴定结论。" in legal.get(page).text
    assert 'aria-describedby="halted"' in legal.get(path).text
    for address in ("/desk?list=todo", "/cases", f"/cases/{trial.case_id}", path):
        assert re.search(r'class="state state-warn"[^>]*>中止办理<', legal.get(address).text), address
    sheet = load_workbook(io.BytesIO(legal.get("/desk/export.xlsx?list=todo").data)).active
    assert str(sheet.cell(2, 2).value).endswith("（中止办理）")
    tick = re.search(r'name="row" value="([^"]+)"', legal.get("/desk?list=todo").text)
    assert tick
    moved = {"act": "reassign", "row": tick[1], "to": trial.site.person_id("legal2"), "reason": "出差", "key": new_id()}
    result = legal.post("/desk/bulk", moved).text
    assert ">中止办理<" in result and "✕ 未办理" in result and "等待鉴定结论。" in result
    officer = trial.site.visitor("officer1")
    waits = officer.get(f"/cases/{trial.case_id}").text
    assert re.search(r'<button[^>]* disabled aria-describedby="halted"[^>]*>催办', waits)
    assert "/do/urge" not in waits
    late = officer.get(f"{path}/do/urge")
    assert (late.status_code, "您填写的内容已保留" in late.text) == (409, False)
    assert f'href="{path}">返回<' in late.text
    assert "恢复办理" in unithead.get(f"/cases/{trial.case_id}").text
    unithead.get(f"/cases/{trial.case_id}/do/resume")
    unithead.post(f"/cases/{trial.case_id}/do/resume", {"key": new_id(), "text": ""})
    assert "案件中止办理" not in legal.get(path).text
    trial.complete(legal, path)


def test_a_lead_is_ended_with_its_reason(trial: Trial) -> None:
    officer = trial.site.visitor("officer1")
    page = officer.get(f"/cases/{trial.case_id}/do/terminate")
    assert "不能恢复" in page.text
    officer.post(f"/cases/{trial.case_id}/do/terminate", {"key": field_value(page, "key"), "text": "重复登记。"})
    with trial.site.store.read() as session:
        assert session.get_one(Case, trial.case_id).state == "terminated"
        live = select(Task.id).where(Task.case_id == trial.case_id, Task.ended_at.is_(None))
        assert session.execute(live).all() == []
    told = officer.get(f"/cases/{trial.case_id}?tab=timeline").text
    assert "终止办理：重复登记。" in told
    assert "期限不再计算：立案" in told and "期限内办结" not in told, "nothing was filed"
    assert "不再计算" in officer.get(f"/cases/{trial.case_id}?tab=clocks").text
    case = officer.get(f"/cases/{trial.case_id}").text
    assert "（重复登记），不能恢复" in case, "no full stop of the writer's inside the bracket"
    assert re.search(r"于 \d{4}-\d\d-\d\d \d\d:\d\d 终止", case)


def test_the_way_ahead_names_what_comes_next_on_each_answer_and_who_gets_it(trial: Trial) -> None:
    page = trial.site.visitor("legal1").get(at_legal(trial)).text
    ways = page[page.index('class="ways-ahead"'):]
    ways = re.sub(r"<[^>]+>|\s+", " ", ways[:ways.index("</section>")])
    assert re.search(r"意见为“同意”的 +→ +会签", ways)
    assert re.search(r"意见为“不同意”的 +→ +起草 +陈立、周敏", ways)
    deputy = trial.site.visitor("deputy").get(f"/tasks/{trial.site.task(trial.case_id, 'approve_filing')}").text
    ahead = deputy[deputy.index('class="ways-ahead"'):]
    assert "不予立案" in ahead
    assert "调查取证" in ahead


def test_the_way_ahead_names_who_else_has_to_finish_first(trial: Trial) -> None:
    trial.complete(trial.site.visitor("legal1"), at_legal(trial))
    page = trial.site.visitor("legal1").get(trial.path("sign", "legal1")).text
    ways = re.sub(r"<[^>]+>|\s+", " ", page[page.index('class="ways-meanwhile"'):])
    assert re.search(r"同时进行： +会签 +(何远、王建军|王建军、何远)", ways)
    assert "需要汇合的环节均办结、会签有结果后，进入下一环节。" in ways


@pytest.mark.parametrize(("signing", "told"), [
    ("any", "有一人同意即通过，会签结束，其余人员不再签署"), ("share:0.5", "3 人中有 2 人同意即通过"),
])  # fmt: skip
def test_who_signs_reads_by_which_rule_the_round_ends_and_so_does_who_adds_a_signer(
    trial: Trial, signing: str, told: str
) -> None:
    site, who = trial.site, trial.site.person_id
    with site.store.work() as session:
        drawn = signed_by(operators=["add_signer"], signing=signing, outcome="result")
        library.publish(session, drawn, acting(session, who("admin")), "试行")
        case, officer = lock_case(session, trial.case_id), acting(session, who("officer1"))
        signers = {"signers": [who(login) for login in SIGNERS]}
        trial.instance_id = advance.start(session, case, "ruled", signers, officer).id
    legal, path = site.visitor("legal1"), trial.path("sign", "legal1")
    page = legal.get(path).text
    assert told in page
    assert "均办结后，进入下一环节" not in page, "others may never have to sign"
    adding = legal.get(f"{path}/do/round_add").text
    assert told in adding
    assert ("按增加后的人数计算" in adding) is signing.startswith("share")


def test_a_step_without_officers_says_on_every_page_who_is_to_charge_one(trial: Trial) -> None:
    for login in ("officer1", "officer2"):
        leaving = trial.site.visitor(login)
        case = f"/cases/{trial.case_id}/do/recuse"
        page = leaving.get(case)
        sent = {name: field_value(page, name) for name in ("csrf_token", "key")}
        assert leaving.post(case, {**sent, "text": "系近亲属。"}).status_code == 302
    head = trial.site.visitor("unithead")
    for path in ("/cases", f"/cases/{trial.case_id}", trial.path("draft")):
        told = head.get(path).text
        assert "等待 承办机构负责人增加办案人员" in told, path
        assert "系统管理员指定" not in told, path
    assert "请先由承办机构负责人增加办案人员" in head.get(f"/cases/{trial.case_id}").text
    assert "没有可以办理的办案人员，请增加办案人员" in notices(trial, head)


def test_a_step_that_can_not_be_mended_alone_is_returned_with_everything_after_it(trial: Trial) -> None:
    legal, path = trial.site.visitor("legal1"), at_legal(trial)
    page = legal.get(f"{path}/do/return").text
    assert re.search(r'name="how" value="resume"> ', page)
    assert "不能单独补正" not in page
    with trial.site.store.work() as session:
        session.get_one(Person, trial.site.person_id("officer1")).disabled_at = clock.now()
    page = legal.get(f"{path}/do/return").text
    assert re.search(r'name="how" value="resume" disabled> ', page)
    assert re.search(r'<p class="field-help" id="whole">多人会签', page)


def test_pages_of_operators_are_for_those_who_are_offered_them(trial: Trial) -> None:
    path = at_legal(trial)
    assert trial.site.visitor("kcofficer1").get(f"{path}/do/reassign").status_code == 404
    assert trial.site.visitor("officer1").get(f"{path}/do/reassign").status_code == 403
    assert trial.site.visitor("legal1").get(f"{path}/do/nonsense").status_code == 404
    assert trial.site.visitor("legal1").get(f"/cases/{trial.case_id}/do/nonsense").status_code == 404


def test_a_form_that_is_stale_keeps_what_was_typed(trial: Trial) -> None:
    path = at_legal(trial)
    legal = trial.site.visitor("legal1")
    fields = {**form_fields(legal.get(f"{path}/do/reassign")), "person": trial.site.person_id("legal2"), "text": REASON}
    trial.do(legal, path, "ask", person=trial.site.person_id("hearing1"), text="可否？")
    stale = legal.post(f"{path}/do/reassign", fields)
    assert stale.status_code == 409
    assert "出差，&lt;b&gt;请&lt;/b&gt;代为办理。" in stale.text
    with trial.site.store.read() as session:
        assert session.execute(select(TaskDraft)).all() == []
        assert ledger.verify(session) == []


def test_the_question_of_a_gateway_stands_before_its_answer(site: Site) -> None:
    trial = begin(site)
    with site.store.work() as session:
        case, officer = lock_case(session, trial.case_id), acting(session, site.person_id("officer1"))
        advance.start(session, case, "legal_review", {"stage": "before_notice"}, officer)
    legal = site.visitor("legal1")
    path = f"/tasks/{site.task(trial.case_id, 'check_completeness')}"
    trial.claim(legal, path)
    text = re.sub(r"<[^>]+>|\s+", " ", legal.get(path).text)
    assert re.search(r" 齐全的 +→ +法规初审", text)
    assert re.search(r" 需补充的 +→ +补充送审材料 +陈立、周敏", text)


def test_where_nobody_can_sign_after_a_step_its_page_says_why(trial: Trial) -> None:
    path = at_legal(trial)
    legal = trial.site.visitor("legal1")
    assert 'value="after"' in legal.get(f"{path}/do/sign").text
    with trial.site.store.work() as session:
        session.get_one(Task, path.split("/")[2]).act = "decision"
    page = legal.get(f"{path}/do/sign").text
    assert 'value="after"' not in page
    assert "不能后加签" in page
