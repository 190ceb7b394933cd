"""Every operator, pressed by the people whose it is: what they see then, and what the record says afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from tests.browser import test_discussion
from tests.browser.conftest import LiveSite
from tests.browser.office import Office, branches, in_a_row, ruled
from tests.browser.test_desk import person
from tests.webapp.trial import SIGNERS
from webapp import bar
from workflows import outbox
from workflows.actors import Post
from workflows.desk import bulk
from workflows.diagrams import description

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def office(shared_live: LiveSite, chromium: Browser) -> Iterator[Office]:
    made = Office(shared_live, chromium)
    yield made
    made.close()


def on_list(office: Office, login: str, which: str, title: str, count: int = 1) -> Page:
    """The list of somebody, in which a case stands so often."""
    page = office.look(login, f"/desk?list={which}&all=1")
    expect(page.locator("tr[data-row]", has_text=title)).to_have_count(count)
    return page


def test_claimed_given_back_and_reassigned(office: Office) -> None:
    case = office.matter("转办的案", branches())
    case.done("officer1", "draft")
    page = on_list(office, "legal1", "claimable", case.title)
    page.locator("tr[data-row]", has_text=case.title).get_by_role("button", name="认领").click()
    expect(page.locator(".message-success")).to_contain_text("任务已认领")
    page = case.open("legal1", "legal")
    page.get_by_role("button", name="退回待认领").click()
    expect(page.locator(".message-success")).to_be_visible()
    on_list(office, "legal2", "claimable", case.title)
    page = case.open("legal1", "legal")
    page.locator(".operators .btn", has_text="转办").click()
    for unfit, why in (("陈立", "须回避"), ("王建军", "没有本环节所需岗位")):
        expect(page.locator("#person option:disabled", has_text=unfit)).to_contain_text(why)
    case.send(page, to="legal2", text="出差，请代为办理。")
    on_list(office, "legal1", "todo", case.title, 0)
    on_list(office, "legal2", "todo", case.title)
    case.trace("认领任务：审查", "退回待认领：审查", "转办：审查，转给何远，出差，请代为办理。")


def test_delegated_taken_back_delegated_again_and_handed_back(office: Office) -> None:
    case = office.matter("委派的案", branches())
    case.done("officer1", "draft")
    page = case.do("legal1", "legal", "委派", to="legal2", text="请先拟稿。")
    on_list(office, "legal2", "standin", case.title)
    page = case.do("legal1", "legal", "收回委派", text="不急了。")
    on_list(office, "legal2", "standin", case.title, 0)
    case.do("legal1", "legal", "委派", to="legal2", text="还是请拟稿。")
    page = case.open("legal2", "legal")
    expect(page.get_by_role("button", name="提交并办结")).to_have_count(0)
    page.locator('#answer [name="opinion"]').fill("代拟的意见")
    page.get_by_label("交回说明").fill("请核。")
    page.get_by_role("button", name="交回", exact=True).click()
    expect(page.locator(".message-success")).to_contain_text("已交回")
    expect(case.open("legal1", "legal").locator('#answer [name="opinion"]')).to_have_value("代拟的意见")
    case.complete("legal1", "legal", opinion="代拟的意见，经核无误")
    case.trace("委派：审查，由何远代拟，请先拟稿。", "交回：审查，交林静，不急了。", "交回：审查，交林静，请核。",
               "办结任务：审查")  # fmt: skip


def test_a_substitute_acts_for_who_is_away_in_both_names(office: Office) -> None:
    case = office.matter("代理的案", branches())
    case.done("officer1", "draft")
    case.open("legal2", "legal")
    page = office.look("legal2", "/substitutes")
    page.get_by_label("法制审核人员").check()
    page.locator("#substitute").select_option(label="林静 · 法制审核人员")
    page.get_by_label("结束日期").fill("2024-02-29")
    page.get_by_label("事由").fill("外出培训。")
    page.get_by_role("button", name="登记委托").click()
    expect(page.locator("main")).to_contain_text("代理中")
    page = on_list(office, "legal1", "standin", case.title)
    page.locator("tr[data-row]", has_text=case.title).locator("[data-open]").click()
    expect(page.locator("main")).to_contain_text("您代何远办理（委托代理）")
    case.complete("legal1", "legal")
    page = office.look("legal2", "/substitutes")
    page.get_by_role("button", name="立即结束").click()
    expect(page.locator("main")).to_contain_text("已结束")
    case.trace("林静（代何远）", "受何远委托代办，代理期间2024年2月26日至2024年2月29日，事由：外出培训。")


def test_signers_before_beside_and_after_and_one_taken_back(office: Office) -> None:
    case = office.matter("加签的案", branches())
    case.done("officer1", "draft")
    page = case.do("legal1", "legal", "加签", to="legal2", text="请核法条。", kind="前加签")
    page = case.open("legal1", "legal")
    expect(page.get_by_role("button", name="提交并办结")).to_be_disabled()
    expect(page.locator("#held")).to_contain_text("何远")
    on_list(office, "legal2", "todo", case.title)
    page = case.complete("legal2", "legal", "before", agrees="no", text="第三条引用有误。")
    page = case.do("legal1", "legal", "加签", to="legal2", kind="并加签")
    page = case.open("legal1", "legal")
    expect(page.locator(".table", has_text="第三条引用有误。")).to_contain_text("不同意")
    page.locator("tr", has_text="并加签").get_by_role("link", name="撤销").click()
    case.send(page, text="不必了。")
    case.do("legal1", "legal", "加签", to="legal2", kind="后加签")
    page = case.complete("legal1", "legal", opinion="拟同意。")
    page = case.open("legal2", "legal", "after")
    expect(page.locator("main")).to_contain_text("拟同意。")
    case.complete("legal2", "legal", "after", agrees="yes", text="同意。")
    expect(case.waits()).not_to_contain_text("审查")
    case.trace("前加签：审查，由何远签署，说明：请核法条。", "答复前加签：审查，不同意：第三条引用有误。",
               "撤销并加签：审查（何远），不必了。", "已办，待后加签：审查", "答复后加签：审查，同意")  # fmt: skip


def test_advice_is_asked_and_holds_nothing_up(office: Office) -> None:
    case = office.matter("征询的案", branches())
    case.done("officer1", "draft")
    for whom in ("hearing1", "head"):
        case.do("legal1", "legal", "征询", to=whom, text="能否采信？")
    case.complete("hearing1", "legal", "advice", text="可以采信。")
    page = case.open("legal1", "legal")
    expect(page.locator("main")).to_contain_text("可以采信。")
    expect(page.get_by_role("button", name="提交并办结")).to_be_enabled()
    case.complete("legal1", "legal")
    case.trace("向孙玉兰征询意见：审查，征询内容：能否采信？", "答复征询意见：审查：可以采信。", "办结任务：审查")
    on_list(office, "head", "todo", case.title, 0)


def test_a_return_out_of_a_branch_straight_back_and_with_everything_again(office: Office) -> None:
    case = office.matter("退回的案", branches())
    case.done("officer1", "draft")
    case.do("legal1", "legal", "退回", text="缺笔录。", target="起草", how="补正后直送本人")
    on_list(office, "deputy", "todo", case.title, 2)  # the lead itself, and the other branch, which nobody disturbs
    page = case.open("officer1", "draft", "rework")
    expect(page.locator(".note-returned")).to_contain_text("林静办理“审查”时退回补正，补正后直送其办理。")
    case.complete("officer1", "draft", "rework")
    page = case.do("legal1", "legal", "退回", text="事实不清。", target="起草", how="重新办理")
    on_list(office, "deputy", "todo", case.title, 1)
    page = on_list(office, "officer1", "returned", case.title)
    page.locator("tr[data-row]", has_text=case.title).locator("[data-open]").click()
    expect(page.locator(".note-returned")).to_contain_text("事实不清。")
    case.complete("officer1", "draft")
    on_list(office, "deputy", "todo", case.title, 2)
    case.trace("由审查退回至起草，由陈立补正后直送退回人：缺笔录。", "补正完毕：起草，直送林静（审查）",
               "退回：由审查退回至起草，事实不清。", "取消任务：会商")  # fmt: skip


def test_a_return_out_of_a_subprocess_and_out_of_a_round_of_signers(office: Office) -> None:
    case = office.matter("会签退回的案", branches())
    for login, element in (("officer1", "draft"), ("legal1", "legal"), ("deputy", "counsel"), ("legal1", "check")):
        case.done(login, element)
    case.do("legal1", "confirm", "退回", text="会商意见不明。", target="会商", how="重新办理")
    expect(case.waits()).to_contain_text("会商")
    expect(case.waits()).not_to_contain_text("确认")
    for login, element in (("deputy", "counsel"), ("legal1", "check"), ("legal1", "confirm"), ("legal1", "sign")):
        case.done(login, element)
    case.do("deputy", "sign", "退回", text="法条有误。", target="审查", how="重新办理")
    on_list(office, "legal2", "todo", case.title, 0)
    expect(case.waits()).to_contain_text("审查")
    for login, element in (("legal1", "legal"), ("legal1", "check"), ("legal1", "confirm")):
        case.done(login, element)
    expect(case.waits().locator("li", has_text="会签")).to_have_count(3)  # also of who had signed
    case.trace("退回：由确认退回至会商，会商意见不明。", "退回：由会签退回至审查，法条有误。", "取消任务：会签")


def test_a_signer_is_added_to_a_round_and_one_is_removed(office: Office) -> None:
    case = office.matter("减签的案", ruled("all"))
    case.do("legal1", "sign", "加签", to="head", text="涉及面广。")
    expect(case.waits().locator("li", has_text="会签")).to_have_count(4)
    case.do("legal1", "sign", "减签", text="出差", signer="李明")
    on_list(office, "head", "todo", case.title, 0)
    for login in ("legal1", "legal2", "deputy"):
        case.done(login, "sign", vote="yes")
    expect(case.waits()).to_contain_text("决定")
    case.trace("会签加签：会签，增加李明会签，涉及面广。", "会签减签：会签，李明不再会签，出差")


@pytest.mark.parametrize(("rule", "votes", "cancelled", "next_step"), [
    pytest.param("all", ["yes", "no"], 1, "起草", marks=pytest.mark.nightly),
    pytest.param("any", ["no", "yes"], 1, "决定", marks=pytest.mark.nightly),
    ("share:0.66", ["no", "yes", "yes"], 0, "决定"),
    ("sequential", ["yes", "yes", "yes"], 0, "决定"),
])  # fmt: skip
def test_a_round_ends_when_its_rule_is_settled(
    office: Office, rule: str, votes: list[str], cancelled: int, next_step: str
) -> None:
    case = office.matter(f"会签规则{rule}的案", ruled(rule))
    signers = ("legal1", "legal2", "deputy")
    for number, (login, vote) in enumerate(zip(signers, votes, strict=False)):
        left = 1 if rule == "sequential" else 3 - number
        expect(case.waits().locator("li", has_text="会签")).to_have_count(left)
        case.complete(login, "sign", vote=vote)
    expect(case.waits()).not_to_contain_text("会签")
    expect(case.waits()).to_contain_text(next_step)
    case.trace(*["取消任务：会签"] * cancelled, "办结任务：会签", f"转入环节：{next_step}")


def test_in_a_round_of_one_after_the_other_somebody_signs_first(office: Office) -> None:
    case = office.matter("顺序会签的案", ruled("sequential"))
    expect(case.open("legal1", "sign").locator(".ways-meanwhile")).to_contain_text("之后依次签署：何远、王建军。")
    case.do("legal1", "sign", "加签", to="head", before="排在我之前")
    on_list(office, "legal1", "todo", case.title, 0)
    case.complete("head", "sign", vote="yes")
    on_list(office, "legal1", "todo", case.title, 1)
    case.trace("会签加签：会签，增加李明会签")


def test_taken_back_by_who_did_it_while_nobody_has_acted(office: Office) -> None:
    case = office.matter("撤回的案", branches())
    task = case.task("draft").id
    case.complete("officer1", "draft")
    page = office.look("officer1", f"/tasks/{task}")
    page.locator(".operators .btn", has_text="撤回").click()
    case.send(page, text="写错了。")
    expect(page.locator(".note-returned")).to_contain_text("陈立撤回了本环节，请重新办理。")
    task = case.task("draft").id
    case.complete("officer1", "draft")
    case.open("legal1", "legal")
    page = office.look("officer1", f"/tasks/{task}")
    expect(page.locator(".operators .btn", has_text="撤回")).to_be_disabled()
    expect(page.locator(".operators")).to_contain_text("已有人认领或办理")
    case.trace("撤回：起草，写错了。")


def test_a_lead_is_taken_back_by_who_entered_it(office: Office) -> None:
    case = office.matter("误录的线索", branches())
    page = office.look("officer1", f"/cases/{case.case_id}")
    page.locator(".operators .btn", has_text="撤回").click()
    page.locator("#text").fill("案由有误。")
    page.locator(".answer-acts button[type=submit]").click()
    expect(page.locator(".message-success")).to_contain_text("已撤回，请修改后重新提交")
    expect(page.locator('[name="title"]')).to_have_value(case.title)  # the form is his again
    on_list(office, "deputy", "todo", case.title, 0)
    page = office.look("officer1", f"/cases/{case.case_id}")
    page.locator(".operators .btn", has_text="终止办理").click()
    case.send(page, text="与前一条线索重复。")
    case.trace("案由有误。", "终止办理：与前一条线索重复。", "取消任务：起草")


def test_a_case_is_suspended_resumed_and_ended(office: Office) -> None:
    case = office.matter("中止的案", branches())
    case.done("officer1", "draft")
    case.open("legal1", "legal")
    page = office.look("unithead", f"/cases/{case.case_id}")
    page.locator(".operators .btn", has_text="中止办理").click()
    case.send(page, text="等待鉴定结论。")
    page = case.open("legal1", "legal")
    expect(page.locator(".note-halt")).to_contain_text("等待鉴定结论。")
    expect(page.get_by_role("button", name="提交并办结")).to_be_disabled()
    page = office.look("unithead", f"/cases/{case.case_id}")
    page.locator(".operators .btn", has_text="恢复办理").click()
    case.send(page, text="鉴定已出。")
    case.complete("legal1", "legal")
    page = office.look("unithead", f"/cases/{case.case_id}")
    page.locator(".operators .btn", has_text="终止办理").click()
    case.send(page, text="线索不属实。")
    expect(page.locator(".waits")).to_have_count(0)
    case.trace("中止办理：等待鉴定结论。", "恢复办理：鉴定已出。", "终止办理：线索不属实。")


def test_who_has_an_interest_withdraws_or_is_told_to(office: Office) -> None:
    case = office.matter("回避的案", branches())
    case.done("officer1", "draft")
    page = case.do("legal1", "legal", "自行回避", text="与当事人法定代表人系近亲属。")
    expect(page.locator(".message-success")).to_contain_text("您已回避本案")
    on_list(office, "legal1", "todo", case.title, 0)
    on_list(office, "legal2", "todo", case.title)
    page = office.look("head", f"/cases/{case.case_id}")
    page.locator(".operators .btn", has_text="决定回避").click()
    page.get_by_label("何远").check()
    case.send(page, text="曾任当事人的法律顾问。")
    expect(page.locator(".message-success")).to_contain_text("回避决定已记入案卷")
    on_list(office, "legal2", "todo", case.title, 0)
    case.trace("与当事人法定代表人系近亲属。", "曾任当事人的法律顾问。")


def test_a_copy_is_sent_and_its_reading_receipted(office: Office) -> None:
    case = office.matter("抄送的案", branches())
    page = office.look("officer1", f"/cases/{case.case_id}/copies")
    page.get_by_label("何远").check()
    page.get_by_label("附言").fill("同类案件较多，请阅知。")
    page.get_by_role("button", name="抄送", exact=True).click()
    expect(page.locator("tbody")).to_contain_text("未阅")
    page = on_list(office, "legal2", "copied", case.title)
    row = page.locator("tr[data-row]", has_text=case.title)
    expect(row).to_contain_text("未阅")
    row.get_by_role("button", name="阅知").click()
    expect(page.locator(".message-success")).to_contain_text("已登记阅知")
    page = on_list(office, "legal2", "copied", case.title)
    expect(row).not_to_contain_text("未阅")
    page = office.look("officer1", f"/cases/{case.case_id}/copies")
    expect(page.locator("tbody")).not_to_contain_text("未阅")
    case.trace("抄送：何远，同类案件较多，请阅知。", "阅知：何远")


def test_who_holds_a_step_is_reminded_and_not_twice(office: Office) -> None:
    case = office.matter("催办的案", branches())
    case.done("officer1", "draft")
    case.open("legal1", "legal")
    page = office.look("officer1", f"/cases/{case.case_id}")
    page.locator(".waits li", has_text="审查").get_by_role("link", name="催办").click()
    case.send(page, text="当事人询问进度。")
    with office.live.store.work() as session:
        outbox.deliver(session, 1000)
    expect(office.look("legal1", "/notices").locator("tbody")).to_contain_text("当事人询问进度。")
    page = office.look("officer1", f"/tasks/{case.task('legal').id}")
    expect(page.locator(".operators .btn", has_text="催办")).to_be_disabled()
    expect(page.locator(".operators")).to_contain_text("4小时内不能重复催办")
    case.trace("催办：审查，对象：林静，当事人询问进度。")


def test_mending_alone_can_not_be_chosen_with_a_step_that_can_not_be_done_again_alone(office: Office) -> None:
    case = office.matter("单独补正的案", branches())
    for login, element in (("officer1", "draft"), ("legal1", "legal"), ("deputy", "counsel"), ("legal1", "check"),
                           ("legal1", "confirm"), *((one, "sign") for one in SIGNERS)):  # fmt: skip
        case.done(login, element)
    page = case.open("deputy", "decide")
    page.locator(".operators .btn", has_text="退回").click()
    resume, why = page.locator('[name="how"][value="resume"]'), page.locator("#whole")
    target = page.locator("fieldset#target label")
    expect(why).to_be_hidden()
    target.filter(has_text="起草").locator("input").check()
    resume.check()
    target.filter(has_text="会签").locator("input").check()
    expect(resume).to_be_disabled()
    expect(resume).not_to_be_checked()
    expect(why).to_contain_text("不能单独补正，只能重新办理全部后续环节")
    target.filter(has_text="起草").locator("input").check()
    expect(resume).to_be_enabled()
    expect(why).to_be_hidden()


def test_who_may_not_or_can_not_do_a_step_is_left_out_and_the_record_says_so(office: Office) -> None:
    package = in_a_row(opener={"draft": "exclude"}, twice={"check": "exclude"}, nobody={"decide": "bureau_head"})
    case = office.matter("无人可办的案", package)
    expect(case.waits().locator("li", has_text="起草")).to_contain_text("等待 周敏")  # not 陈立, who opened the case
    case.done("officer2", "draft")
    expect(case.waits().locator("li", has_text="复核")).to_contain_text("等待 陈立")  # not 周敏, who drafted
    page = case.open("officer1", "check")
    page.locator(".operators .btn", has_text="转办").click()
    page.locator("#person").select_option(person(office.live, "officer2").person_id)
    page.locator("#text").fill("请办理。")
    page.locator(".answer-acts button[type=submit]").click()
    expect(page.locator("#person-error")).to_contain_text("周敏")
    with office.live.store.work() as session:
        session.execute(update(Post).where(Post.role == "bureau_leader").values(ends_on=Post.starts_on))
    case.complete("officer1", "check")
    expect(case.waits().locator("li", has_text="决定")).to_contain_text("等待 李明")
    case.done("head", "decide")
    with office.live.store.work() as session:
        session.execute(update(Post).where(Post.role == "bureau_leader").values(ends_on=None))
    case.trace("转入环节：决定，无合适人员，转由局长办理，等待李明办理")


SHOWN: Mapping[str, Callable[..., None]] = {
    "claim": test_claimed_given_back_and_reassigned, "release": test_claimed_given_back_and_reassigned,
    "reassign": test_claimed_given_back_and_reassigned,
    "delegate": test_delegated_taken_back_delegated_again_and_handed_back,
    "take_back": test_delegated_taken_back_delegated_again_and_handed_back,
    "hand_back": test_delegated_taken_back_delegated_again_and_handed_back,
    "substitute": test_a_substitute_acts_for_who_is_away_in_both_names,
    "sign": test_signers_before_beside_and_after_and_one_taken_back,
    "unask": test_signers_before_beside_and_after_and_one_taken_back,
    "ask": test_advice_is_asked_and_holds_nothing_up,
    "return": test_a_return_out_of_a_subprocess_and_out_of_a_round_of_signers,
    "round_add": test_a_signer_is_added_to_a_round_and_one_is_removed,
    "round_remove": test_a_signer_is_added_to_a_round_and_one_is_removed,
    "add_signer": test_in_a_round_of_one_after_the_other_somebody_signs_first,
    "remove_signer": test_a_signer_is_added_to_a_round_and_one_is_removed,
    "withdraw": test_taken_back_by_who_did_it_while_nobody_has_acted,
    "suspend": test_a_case_is_suspended_resumed_and_ended, "resume": test_a_case_is_suspended_resumed_and_ended,
    "terminate": test_a_lead_is_taken_back_by_who_entered_it, "recall": test_a_lead_is_taken_back_by_who_entered_it,
    "recuse": test_who_has_an_interest_withdraws_or_is_told_to,
    "order_recusal": test_who_has_an_interest_withdraws_or_is_told_to,
    "copy": test_a_copy_is_sent_and_its_reading_receipted,
    "acknowledge": test_a_copy_is_sent_and_its_reading_receipted,
    "urge": test_who_holds_a_step_is_reminded_and_not_twice,
    "departed": test_discussion.test_who_leaves_is_not_waited_for_and_another_member_concludes,
    "presiding": test_discussion.test_who_leaves_is_not_waited_for_and_another_member_concludes,
}
"""Operator → where it is seen in use. Remarks and questions are in test_reading, bulk actions in test_lists_in_use."""


def test_every_operator_is_seen_in_use() -> None:
    assert set(SHOWN) >= set(bar.WORDS) | set(bulk.BULK) | description.OPERATORS
