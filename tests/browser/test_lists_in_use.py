"""Every list of the desk in Chromium: what stands in it for whom, how it is laid out, narrowed, shared and worked."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Dialog, Page, expect

from tests.browser.conftest import LiveSite
from tests.browser.office import Matter, Office, branches
from tests.browser.test_desk import person
from workflows.calendar import clock
from workflows.desk import copies, substitutes
from workflows.desk.execute import execute
from workflows.desk.lists import kinds, pages
from workflows.desk.operators import signing
from workflows.store import new_id

pytestmark = pytest.mark.browser


@pytest.fixture
def office(live: LiveSite, chromium: Browser) -> Iterator[Office]:
    made = Office(live, chromium)
    yield made
    made.close()


def at_check(office: Office, *titles: str) -> list[Matter]:
    """Cases whose check legal1 and legal2 may take."""
    made = [office.matter(title, branches()) for title in titles]
    for case in made:
        case.done("officer1", "draft")
    return made


def titles(page: Page) -> list[str]:
    """The cases of the list, from above."""
    return page.locator("tr[data-row] td.title a").all_inner_texts()


def shows(page: Page, *wanted: str) -> None:
    """The list comes to show just these cases, from above."""
    expect(page.locator("tr[data-row] td.title a")).to_have_text(wanted)


def heads(page: Page) -> list[str]:
    """The columns of the list with what one reads above them."""
    shown = page.locator("table.tasks thead th:not(.tick) a, table.tasks thead th:not(.tick):not(:has(*))")
    return [text.strip(" ↑↓") for text in shown.all_inner_texts()]


def through_its_tab(office: Office, login: str, which: str) -> Page:
    """A list, opened from the desk."""
    page = office.look(login)
    name = kinds.LISTS[which][0]
    page.locator(".lists a", has_text=name).click()
    expect(page.locator(".lists a[aria-current]")).to_contain_text(name)
    expect(page).to_have_title(f"{name} · 工作台 · 法审")
    return page


def test_every_list_holds_what_it_should_for_whom_it_is(office: Office) -> None:
    offered, held, mended, finished, read, given = at_check(
        office, "无人认领", "本人在办", "退回起草", "已经办结", "抄送阅知", "委托代办")  # fmt: skip
    for case in (held, mended):
        case.taken("legal1", "legal")
    finished.done("legal1", "legal")
    given.taken("legal2", "legal")
    store, today = office.live.store, clock.today()
    officer, away, present = (person(office.live, login) for login in ("officer1", "legal2", "legal1"))
    execute(store, copies.send_copies, officer, read.case_id, [present.person_id], note="请阅知。", key=new_id())
    execute(store, substitutes.name_substitute, away, away.person_id, present.person_id, roles=["legal_reviewer"],
            starts_on=today, ends_on=today + timedelta(days=30), reason="培训", key=new_id())  # fmt: skip
    mended.do("legal1", "legal", "退回", text="缺笔录。", target="起草", how="重新办理")
    for login, which, some, none in (
        ("legal1", "todo", held, offered), ("legal1", "claimable", offered, held),
        ("officer1", "returned", mended, held),
        ("legal1", "standin", given, held), ("legal1", "copied", read, held), ("legal1", "done", finished, held),
        ("officer1", "started", offered, None), ("unithead", "unit", offered, None), ("deputy", "todo", held, None),
    ):
        page = through_its_tab(office, login, which)
        assert some.title in titles(page), which
        assert none is None or none.title not in titles(page), which
        count = page.locator(".lists a[aria-current] .count")
        expect(count).to_have_text(str(len(titles(page))))
    for days, which in ((5, "soon"), (30, "overdue")):  # 立案审批 has seven working days
        office.later(timedelta(days=days))
        page = through_its_tab(office, "deputy", which)
        assert sorted(set(titles(page))) == sorted(one.title for one in (offered, held, mended, finished, read, given))
        expect(page.locator("td.due .left").first).to_contain_text("工作日" if which == "soon" else "超期")


def test_columns_and_their_order_are_ones_own_and_go_into_the_spreadsheet(office: Office) -> None:
    for case in at_check(office, "甲案", "乙案"):
        case.taken("legal1", "legal")
    page = office.look("legal1", "/desk?list=todo")
    assert heads(page) == ["案号", "案由", "当事人", "承办机构", "当前环节", "等待谁", "剩余工作日", "来源"]
    page.get_by_role("link", name="列", exact=True).click()
    page.get_by_label("来源").uncheck()
    page.get_by_label("登记日期").check()
    for _step in range(2):
        page.locator('button[value="up:party"]').click()
    page.get_by_role("button", name="保存", exact=True).click()
    wanted = ["当事人", "案号", "案由", "承办机构", "当前环节", "等待谁", "剩余工作日", "登记日期"]
    assert heads(page) == wanted
    with page.expect_download() as file:
        page.get_by_role("link", name="导出 Excel").click()
    sheet = load_workbook(io.BytesIO(file.value.path().read_bytes())).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert [head for head in rows[0] if head != "期限"] == wanted
    assert [row[2] for row in rows[1:]] == titles(office.look("legal1", "/desk?list=todo"))
    assert heads(office.look("legal1", "/desk?list=done")) == []  # other lists, other columns: this one is empty


def test_several_keys_sort_and_pages_turn(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages.page, "__kwdefaults__", {"size": 2})
    for case in at_check(office, "丙", "甲", "乙"):
        case.taken("legal1", "legal")
    page = office.look("legal1", "/desk?list=todo")
    head = page.locator("th", has_text="案由")
    head.get_by_role("link").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    shows(page, "丙", "乙")
    head.get_by_role("link").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    shows(page, "甲", "乙")
    expect(page.locator(".under-count")).to_contain_text("共 3 项")
    page.get_by_role("link", name="下一页").click()
    expect(page.locator(".pager")).to_contain_text("第 2 页，共 2 页")
    shows(page, "丙")
    page.locator("th", has_text="来源").get_by_role("link").click()
    expect(page.locator("th", has_text="来源")).to_have_attribute("aria-sort", "ascending")
    shows(page, "甲", "乙")  # where the source is the same, still by title


def test_a_filter_is_kept_shared_and_opened_by_a_colleague(office: Office) -> None:
    for case in at_check(office, "鑫达一案", "鑫达二案"):
        case.taken("legal1", "legal")
    page = office.look("legal1", "/desk?list=todo")
    page.locator(".more-filters > summary").click()
    page.get_by_label("案由或者事项").fill("一案")
    page.get_by_role("button", name="应用").click()
    shows(page, "鑫达一案")
    expect(page.locator(".chips")).to_contain_text("一案")
    page.get_by_text("保存筛选", exact=True).click()
    page.locator("#filter-name").fill("只看一案")
    page.get_by_label("打开这个列表时默认使用").check()
    page.get_by_label("与本机构人员共享").check()
    page.get_by_role("button", name="保存", exact=True).click()
    page = office.look("legal1", "/desk?list=todo")
    shows(page, "鑫达一案")  # the list opens with it
    page.get_by_role("link", name="清除条件").click()
    expect(page.locator("tr[data-row] td.title a")).to_have_count(2)
    theirs = office.look("legal2", "/desk?list=todo")
    chip = theirs.locator(".chip-view", has_text="只看一案")
    expect(chip).to_contain_text("林静共享")
    chip.click()
    expect(theirs.locator(".empty")).to_contain_text("没有符合条件的事项")  # the criteria are shared, not the rows
    page.get_by_role("link", name="管理筛选").click()
    page.get_by_role("button", name="删除").click()
    expect(page.locator("main")).to_contain_text("还没有保存的筛选")


def bulk(page: Page, deed: str, *rows: str) -> dict[str, str]:
    """Tick rows at 审查 and do one thing to all of them; what the page says of each."""
    for title in rows:
        page.get_by_role("checkbox", name=f"选择：{title} · 审查").check()
    page.locator(f'.deeds button[value="{deed}"]').click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("办理结果")
    lines = page.locator("tbody tr")
    return {
        lines.nth(number).locator("td.title").inner_text(): lines.nth(number).inner_text()
        for number in range(lines.count())
    }  # fmt: skip


def test_rows_are_claimed_given_back_handed_on_and_urged_together_with_a_word_for_each(office: Office) -> None:
    first, second, third = at_check(office, "第一件", "第二件", "第三件")
    page = office.look("legal1", "/desk?list=claimable")
    third.taken("legal2", "legal")  # while the page lies open
    told = bulk(page, "claim", "第一件", "第二件", "第三件")
    assert "已办理" in told["第一件"]
    assert "未办理" in told["第三件"]
    told = bulk(office.look("legal1", "/desk?list=todo"), "release", "第二件")
    assert "已办理" in told["第二件"]
    page = office.look("legal1", "/desk?list=todo")
    page.locator("tr[data-row]", has_text="第一件").locator("input[name=row]").check()
    page.locator(".deeds .menu-inline > summary").click()
    page.locator("#to").select_option(person(office.live, "legal2").person_id)
    page.locator("#reason").fill("出差。")
    page.locator('.deeds button[value="reassign"]').click()
    expect(page.locator("tbody")).to_contain_text("已办理")
    assert {"第一件", "第三件"} <= set(titles(office.look("legal2", "/desk?list=todo")))
    told = bulk(office.look("unithead", "/desk?list=unit&q=第一件"), "urge", "第一件")
    assert "已办理" in told["第一件"]
    first.trace("认领任务：审查", "转办：审查，转给何远，出差。", "催办：审查，对象：何远")
    second.trace("退回待认领：审查")


def test_what_was_changed_and_not_sent_is_asked_about_and_nothing_else(office: Office) -> None:
    """Ticks of a list are no work; a person that was chosen is, and so is a column that was ticked."""
    case = at_check(office, "未发送的案")[0]
    case.taken("legal1", "legal")
    page, asked = office.look("legal1", "/desk?list=todo&all=1"), list[str]()

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", stay)
    chinese, english = (page.get_by_role("button", name=name, exact=True) for name in ("中文", "English"))
    page.locator("tr[data-row] input[name=row]").first.check()
    for button, heading in ((english, "Desk"), (chinese, "工作台")):
        button.click()
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    page.goto(f"/tasks/{case.task('legal').id}")
    page.locator(".operators .btn", has_text="转办").click()
    page.locator("#person").select_option(person(office.live, "legal2").person_id)
    english.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("转办")
    assert [("尚未保存" in message) for message in asked] == [True]
    page.locator("#person").select_option(index=0)
    english.click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.goto("/desk/columns?list=todo")
    page.locator("input[name=shown]:not([disabled])").first.click()
    chinese.click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert len(asked) == 2


def test_what_is_delegated_and_what_waits_for_a_signer_say_so_and_ticks_stay(office: Office) -> None:
    lent, signed = at_check(office, "委派代拟", "先行签署")
    for case in (lent, signed):
        case.taken("legal1", "legal")
    lent.do("legal1", "legal", "委派", to="legal2", text="请代拟。")
    execute(office.live.store, signing.ask, person(office.live, "legal1"), signed.task("legal").id,
            person(office.live, "legal2").person_id, kind="before", question="请先审阅",
            seen=signed.task("legal").version, key=new_id())  # fmt: skip
    page = through_its_tab(office, "legal1", "lent")
    assert titles(page) == [lent.title]
    expect(page.locator("td.step")).to_contain_text("已委派何远，责任仍在您")
    page = through_its_tab(office, "legal1", "todo")
    row = page.locator("tr", has_text=signed.title)
    expect(row.locator("td[data-label=等待谁]")).to_have_text("何远")
    row.locator("input[name=row]").check()
    page.locator(".deeds summary").click()
    page.get_by_role("button", name="转办勾选的任务").click()
    expect(page.locator("#to")).to_be_focused()  # nothing was sent
    page.locator("#to").select_option(index=1)
    page.get_by_role("button", name="转办勾选的任务").click()
    expect(page.locator("#reason")).to_be_focused()
    expect(row.locator("input[name=row]")).to_be_checked()


def test_whoever_leaves_half_a_remark_is_asked(office: Office) -> None:
    (case,) = at_check(office, "讨论未发")
    page = office.look("legal1", f"/cases/{case.case_id}?tab=talk")
    asked: list[str] = []
    page.on("dialog", lambda one: (asked.append(one.type), one.dismiss()))
    page.locator("#talk-text").fill("还差一份笔录")
    page.locator(".tabs a").first.click()
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    expect(page.locator("#talk-text")).to_have_value("还差一份笔录")
    page.get_by_role("button", name="发表").click()
    expect(page.locator(".remark")).to_contain_text("还差一份笔录")
    assert asked == ["beforeunload"]
