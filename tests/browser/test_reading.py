"""The task page made for reading, in Chromium: files in place, notes on pages, drafts, the discussion, a phone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import LiveSite
from tests.browser.papers import PAGES, Reading, begin
from tests.browser.test_desk import person
from tests.browser.test_pages import LOOKS, logged_in, wider_than_the_screen
from workflows.desk.operators import halting

pytestmark = pytest.mark.browser


@pytest.fixture
def reading(shared_live: LiveSite) -> Reading:
    """A case of its own for each test, on one server for all."""
    return begin(shared_live)


@pytest.fixture
def page(reading: Reading, chromium: Browser) -> Iterator[Page]:
    """legal1 at a wide window; what the console complains of fails the test."""
    page = logged_in(reading.live, chromium, "legal1", **LOOKS["wide light"])
    told: list[str] = []
    page.on("console", lambda one: told.append(one.text) if one.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    yield page
    page.context.close()
    expected = ("status of 4", "htmx:sendAbort", "htmx:afterRequest")  # a refusal, and a paper that was passed over
    assert not [one for one in told if not any(part in one for part in expected)]


def claimed(page: Page, reading: Reading) -> None:
    page.goto(reading.path)
    page.get_by_role("button", name="认领", exact=True).click()
    expect(page.locator("#answer fieldset.fields")).to_be_enabled()


def opened(page: Page, name: str) -> None:
    """Open a paper from the shelf; its first page is drawn, if it has any."""
    page.locator(".shelf > summary").click()
    page.locator(".shelf-sheet a", has_text=name).click()
    expect(page.locator(".shelf-title")).to_have_text(name)


def drawn(page: Page, number: int) -> Any:
    return page.locator(f'.sheet-page[data-page="{number}"][data-drawn]')


def test_a_pdf_is_read_in_place_page_by_page_beside_a_form_that_keeps_what_is_typed(
    page: Page, reading: Reading
) -> None:
    claimed(page, reading)
    typed = page.locator('#answer [name="text"]')
    typed.fill("事实清楚，")
    opened(page, "询问笔录.pdf")
    drawn(page, 1).wait_for()
    expect(page.locator("[data-pages]")).to_have_text(str(PAGES))
    expect(drawn(page, 1).locator(".words")).to_contain_text("询问笔录第1页")  # the words, to be marked and read aloud
    expect(typed).to_have_value("事实清楚，")
    assert drawn(page, PAGES).count() == 0  # what nobody sees is not drawn
    page.locator("[data-page-input]").fill("9")
    page.locator("[data-page-input]").press("Enter")
    drawn(page, 9).wait_for()
    expect(drawn(page, 9)).to_be_in_viewport()
    page.reload()
    expect(page.locator(".shelf-title")).to_have_text("询问笔录.pdf")  # the address says what is read
    form, file = page.locator(".docked").bounding_box(), page.locator(".reading").bounding_box()
    assert form and file
    assert form["x"] > file["x"] + file["width"] - 1


def test_points_are_short_and_the_rest_passes_at_a_press(page: Page, reading: Reading) -> None:
    claimed(page, reading)
    points = page.locator(".row-judged")
    expect(points).to_have_count(11)
    assert (page.locator("#f-findings").bounding_box() or {"height": 9999})["height"] < 1000
    points.nth(2).locator("input[value=defect]").check()
    expect(points.nth(2).locator("textarea")).to_be_visible()
    page.get_by_role("button", name="其余全部合格").click()
    expect(page.locator(".row-judged input[value=pass]:checked")).to_have_count(10)
    expect(points.nth(2).locator("input[value=defect]")).to_be_checked()
    points.nth(2).locator("input[value=pass]").check()
    expect(points.nth(2).locator("textarea")).to_be_hidden()


def test_the_rest_never_passes_where_a_problem_is_written(page: Page, reading: Reading) -> None:
    claimed(page, reading)
    points = page.locator(".row-judged")
    for number in (1, 3, 4):
        points.nth(number).locator(".row-more > summary").click()
    points.nth(1).locator('[name$=".text"]').fill("侵入长度须写明。")
    points.nth(3).locator('[name$=".blocking"]').check()
    points.nth(4).locator('[name$=".basis"]').fill("《安全生产法》")  # the law that was kept to
    expect(points.nth(1).locator("input[value=defect]")).to_be_checked()
    expect(points.nth(3).locator("input[value=defect]")).to_be_checked()
    page.get_by_role("button", name="其余全部合格").click()
    expect(page.locator(".row-judged input[value=pass]:checked")).to_have_count(9)
    page.evaluate("""document.querySelectorAll('.row-judged input[type=radio]').forEach(
        (radio) => { radio.checked = false; })""")  # as a draft may have kept them
    page.get_by_role("button", name="其余全部合格").click()
    expect(page.locator(".row-judged input[value=pass]:checked")).to_have_count(9)
    expect(page.locator(".rest [role=status]")).to_contain_text("已选为合格：9。写有问题、仍待您选择：RP2")
    expect(page.locator(".rest [role=status]")).to_contain_text("、RP4")
    expect(points.nth(1).locator("input[value=pass]")).to_be_focused()
    points.nth(1).locator("input[value=pass]").check()
    points.nth(3).locator("input[value=defect]").check()
    page.locator('#answer [name="opinion"][value="correct"]').check()
    page.locator('#answer [name="text"]').fill("请纠正。")
    expect(page.locator("[data-keeping]")).to_contain_text("草稿已自动保存")
    expect(points.nth(1).locator('[name$=".text"]')).to_have_value("侵入长度须写明。")


def test_keys_turn_pages_and_files_and_the_dialog_tells_them(page: Page, reading: Reading) -> None:
    page.goto(f"{reading.path}?read={reading.papers['询问笔录.pdf']}")
    drawn(page, 1).wait_for()
    number = page.locator("[data-page-input]")
    page.keyboard.press("n")
    expect(number).to_have_value("2")
    page.keyboard.press("n")
    expect(number).to_have_value("3")
    page.keyboard.press("p")
    expect(number).to_have_value("2")
    wide = page.locator(".sheet-page").first
    before = wide.bounding_box()
    page.keyboard.press("+")
    expect(number).to_have_value("2")  # larger, and still the page that one reads
    after = wide.bounding_box()
    assert before and after
    assert after["width"] > before["width"]
    page.keyboard.press("]")
    expect(page.locator(".shelf-title")).to_have_text("现场照片.png")
    expect(page.locator(".sheet-page img")).to_be_visible()
    page.keyboard.press("[")
    expect(page.locator(".shelf-title")).to_have_text("询问笔录.pdf")
    page.keyboard.press("?")
    for told in ("阅卷：下一页、上一页", "阅卷：下一件、上一件材料", "阅卷：放大、缩小", "阅卷：在当前页添加批注"):
        expect(page.locator("#keys")).to_contain_text(told)
    page.keyboard.press("Escape")
    page.keyboard.press("c")  # claims, as before
    expect(page.locator(".message-success")).to_contain_text("任务已认领")


def test_a_picture_is_shown_and_a_broken_file_says_so(page: Page, reading: Reading) -> None:
    page.goto(f"{reading.path}?read={reading.papers['现场照片.png']}")
    assert page.locator(".sheet-page img").evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 60
    opened(page, "损坏.pdf")
    expect(page.locator(".pages-wait")).to_contain_text("不能在页面内显示")
    expect(page.locator("#answer")).to_be_visible()


def test_a_note_is_pinned_to_a_place_and_goes_into_the_finding(page: Page, reading: Reading) -> None:
    claimed(page, reading)
    opened(page, "询问笔录.pdf")
    drawn(page, 1).wait_for()
    page.keyboard.press("m")
    expect(page.locator("#note-text")).to_be_focused()
    page.locator("#note-text").fill("签名日期早于询问日期。")
    page.locator("#note-point").select_option("RP3")
    page.locator("#note-circle").select_option("review")
    drawn(page, 1).click(position={"x": 120, "y": 160})
    expect(page.locator("[data-place-help]")).to_contain_text("已在第 1 页标出位置")
    page.get_by_role("button", name="保存批注").click()
    pin = page.locator('.sheet-page[data-page="1"] .pin')
    expect(pin).to_have_text("1")
    x, y = pin.evaluate("""(pin) => {
        const at = pin.getBoundingClientRect(), sheet = pin.closest('.sheet-page').getBoundingClientRect();
        return [at.x + at.width / 2 - sheet.x, at.y + at.height / 2 - sheet.y];
    }""")  # at one moment: the page may still be scrolling there
    assert (round(x / 4), round(y / 4)) == (120 / 4, 160 / 4)
    row = page.locator('.row-box:has(input[value="RP3"])')
    expect(row.locator(".chips")).to_contain_text("《询问笔录》第 1 页")  # at once, though only the file was drawn anew
    row.get_by_role("button", name="引用").click()
    expect(row.locator('[name$=".evidence"]')).to_have_value("《询问笔录》第 1 页")
    expect(row.locator('[name$=".text"]')).to_have_value("签名日期早于询问日期。")
    expect(row.locator("input[value=defect]")).to_be_checked()  # a problem was taken over
    page.locator(".shelf > summary").click()
    expect(page.locator(".shelf-sheet")).to_contain_text("1 条批注")
    page.locator(".shelf-sheet a", has_text="案情和本环节要点").click()
    row.locator(".chips a").click()  # the finding leads back to the place
    expect(page.locator(".note-list [data-lit]")).to_contain_text("签名日期早于询问日期。")
    page.get_by_role("button", name="撤回").click()
    expect(page.locator(".pin")).to_have_count(0)
    expect(row.locator(".chips li")).to_have_count(0)


def test_a_note_is_put_aside_by_escape_or_a_press_and_what_was_typed_stays(page: Page, reading: Reading) -> None:
    page.goto(f"{reading.path}?read={reading.papers['现场照片.png']}")
    text, opener = page.locator("#note-text"), page.locator(".note-new > summary")
    page.keyboard.press("m")
    page.keyboard.press("Escape")
    expect(text).to_be_hidden()
    expect(opener).to_have_text("添加批注")  # nothing was typed
    page.keyboard.press("m")
    text.fill("照片没有拍摄")
    page.keyboard.press("Escape")
    expect(text).to_be_hidden()
    expect(opener).to_be_focused()
    expect(opener).to_have_text("继续填写批注")
    opener.press("Enter")
    expect(text).to_have_value("照片没有拍摄")
    page.get_by_role("button", name="取消").click()
    expect(text).to_be_hidden()
    page.keyboard.press("m")
    expect(text).to_have_value("照片没有拍摄")


def test_a_note_that_is_refused_says_why_beside_what_was_typed(page: Page, reading: Reading) -> None:
    page.goto(f"{reading.path}?read={reading.papers['现场照片.png']}")
    page.keyboard.press("m")
    page.get_by_role("button", name="保存批注").click()
    expect(page.locator("#note-trouble")).to_contain_text("请填写批注内容")
    expect(page.locator("#note-trouble")).to_be_focused()
    page.locator("#note-text").fill("照片没有拍摄时间。")
    page.keyboard.press("Control+Enter")  # means the note that is written, and not the step beside it
    expect(page.locator(".note-list")).to_contain_text("照片没有拍摄时间。")
    expect(page.locator(".pin-whole")).to_be_visible()  # no place was chosen: the whole page is meant


def test_a_draft_keeps_itself_and_survives_leaving_and_logging_out(page: Page, reading: Reading) -> None:
    claimed(page, reading)
    typed = page.locator('#answer [name="text"]')
    typed.fill("写到一半")
    expect(page.locator("[data-keeping]")).to_contain_text("草稿已自动保存")
    typed.fill("写到一半的意见")
    page.locator(".tabs a", has_text="流转记录").click()  # at once: the page keeps it before it goes
    expect(page.locator(".timeline")).to_be_visible()
    page.locator(".tabs a", has_text="办理").click()
    expect(typed).to_have_value("写到一半的意见")
    typed.fill("写到一半的意见，还没有写完")
    page.locator("details.menu > summary").click()
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url("**/login*")
    again = logged_in(reading.live, page.context.browser, "legal1", **LOOKS["wide light"])  # type: ignore[arg-type]
    again.goto(reading.path)
    expect(again.locator('#answer [name="text"]')).to_have_value("写到一半的意见，还没有写完")
    expect(again.locator(".draft-note")).to_contain_text("尚未提交")
    again.context.close()


def test_a_draft_that_was_refused_for_another_windows_is_not_kept_until_one_chooses(
    page: Page, reading: Reading
) -> None:
    claimed(page, reading)
    other = page.context.new_page()

    def typed(window: Page) -> Locator:
        return window.locator('#answer [name="text"]')

    def mine() -> Locator:
        return page.get_by_role("button", name="以本窗口为准")

    def refused(first: str, second: str) -> None:
        other.goto(reading.path)
        typed(other).fill(first)
        expect(other.locator("[data-keeping]")).to_contain_text("草稿已自动保存")
        typed(page).fill(second)
        page.get_by_role("button", name="保存草稿", exact=True).click()
        expect(page.locator("#trouble")).to_contain_text("草稿在另一窗口有更新")
        expect(mine()).to_have_count(1)

    page.clock.install()
    refused("先写的", "后写的")
    kept: list[str] = []
    page.on("request", lambda one: kept.append(one.url) if one.url.endswith("/keep") else None)
    typed(page).fill("后写的，又写了一些")
    page.clock.run_for(10_000)
    page.evaluate(
        "Object.defineProperty(document, 'visibilityState', {configurable: true, get: () => 'hidden'});"
        "document.dispatchEvent(new Event('visibilitychange')); delete document.visibilityState"
    )
    page.clock.run_for(10_000)
    assert kept == []
    other.goto(reading.path)
    expect(typed(other)).to_have_value("先写的")
    mine().click()
    expect(page.locator("[data-keeping]")).to_contain_text("草稿已自动保存")
    other.goto(reading.path)
    expect(typed(other)).to_have_value("后写的，又写了一些")
    refused("第三次写的", "不要的")
    page.get_by_role("button", name="载入另一窗口的草稿").click()
    expect(typed(page)).to_have_value("第三次写的")


def test_before_submitting_the_way_ahead_is_named_and_what_is_held_says_why(page: Page, reading: Reading) -> None:
    claimed(page, reading)
    expect(page.locator(".ways-ahead")).to_contain_text("会签")
    expect(page.locator(".ways-ahead")).to_contain_text("陈立、周敏")
    reading.do("unithead", halting.suspend_case, reading.case_id, reason="等待鉴定")
    page.goto(reading.path)
    button = page.get_by_role("button", name="提交并办结")
    expect(button).to_be_disabled()
    why = page.locator(f"#{button.get_attribute('aria-describedby')}")
    expect(why).to_contain_text("中止")
    silent = page.evaluate("""[...document.querySelectorAll('main button:disabled')]
        .filter((one) => !one.title && !one.getAttribute('aria-describedby')).map((one) => one.textContent)""")
    assert silent == []


def test_the_discussion_asks_and_answers_within_its_readers(page: Page, reading: Reading, chromium: Browser) -> None:
    page.goto(f"{reading.path}?tab=talk")
    expect(page.locator("#to")).to_be_hidden()  # a comment asks nobody
    page.locator('[name="kind"][value="question"]').check()
    officer = person(reading.live, "officer1")
    page.locator("#to").select_option(officer.person_id)
    page.locator("#talk-text").fill("原件在哪里？")
    page.locator('[name="visibility"][value="review"]').check()
    page.get_by_role("button", name="发表").click()
    expect(page.locator(".remark")).to_contain_text("待答复")
    expect(page.locator(".remark .seen-by")).to_contain_text("法制审核人员和法律顾问")
    theirs = logged_in(reading.live, chromium, "officer1", **LOOKS["phone light"])
    theirs.goto(f"/cases/{reading.case_id}?tab=talk")
    theirs.get_by_label("您的答复").fill("在档案室。")
    theirs.get_by_role("button", name="答复", exact=True).click()
    expect(theirs.locator(".remark")).to_contain_text("已答复")
    theirs.context.close()
    page.reload()
    expect(page.locator(".remark-answer")).to_contain_text("在档案室。")


def test_on_a_phone_one_claims_reads_and_decides(reading: Reading, chromium: Browser) -> None:
    look = {**LOOKS["phone light"], "viewport": {"width": 390, "height": 844}}
    page = logged_in(reading.live, chromium, "legal1", **look)
    page.goto(reading.path)
    claim = page.get_by_role("button", name="认领", exact=True)
    expect(claim).to_be_in_viewport()
    opened(page, "询问笔录.pdf")
    drawn(page, 1).wait_for()
    claim.click()
    expect(page.locator(".message-success")).to_contain_text("任务已认领")
    drawn(page, 1).wait_for()  # what one was reading is still open
    page.locator(".halves a", has_text="办理").click()
    expect(page.locator(".docked")).to_be_in_viewport()
    page.get_by_role("button", name="其余全部合格").click()
    page.locator('#answer [name="opinion"][value="agree"]').check()
    page.locator('#answer [name="text"]').fill("同意。")
    assert not wider_than_the_screen(page)
    tops = page.evaluate("""[...document.querySelectorAll('.answer-acts button')].filter((one) => one.offsetParent)
        .map((one) => Math.round(one.getBoundingClientRect().top))""")
    assert len(set(tops)) == 1, "one row of buttons"
    more = page.get_by_role("button", name="更多")
    more.click()
    expect(page.get_by_label("提交后打开下一件")).to_be_checked()
    expect(page.get_by_role("button", name="退回待认领")).to_be_visible()
    page.keyboard.press("Escape")
    expect(more).to_be_focused()
    expect(page.get_by_role("button", name="退回待认领")).to_be_hidden()
    page.get_by_role("button", name="提交并办结").click()
    expect(page.locator(".message-success")).to_contain_text("“审查”已办结")
    expect(page.get_by_role("heading", level=1)).to_have_text("会签")  # the next step is one's own: it is shown at once
    page.context.close()


def test_without_script_a_file_can_be_opened_and_a_note_be_written(reading: Reading, chromium: Browser) -> None:
    page = logged_in(reading.live, chromium, "legal1", java_script_enabled=False, **LOOKS["wide light"])
    page.goto(reading.path)
    page.locator(".shelf > summary").click()
    page.locator(".shelf-sheet a", has_text="询问笔录.pdf").click()
    expect(page.get_by_role("link", name="新窗口打开")).to_be_visible()
    page.locator(".notes > summary").click()
    page.locator(".note-new > summary").click()
    page.locator("#note-page").fill("4")
    page.locator("#note-text").fill("第四页没有捺印。")
    page.get_by_role("button", name="保存批注").click()
    expect(page.locator(".note-list")).to_contain_text("第四页没有捺印。")
    expect(page.locator(".note-list")).to_contain_text("第 4 页")
    page.context.close()
