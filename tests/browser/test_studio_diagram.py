"""The diagram of a draft is drawn with mouse and keyboard, saved by itself, and never lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree
from playwright.sync_api import Locator, Page, expect

from tests.browser.drawing import Drawing
from tests.browser.studio import OTHER, WAIT, Draft, Studio, person, ready, saved, unsaved
from tests.diagrams.spoiling import spoiled, unmarked
from workflows.desk.execute import execute
from workflows.diagrams import drafting
from workflows.engine.definition import read
from workflows.engine.package import Package

pytestmark = pytest.mark.browser

DIAGRAM = "legal_review.bpmn"
NAMES = {"bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL", "camunda": "http://camunda.org/schema/1.0/bpmn"}
CAMUNDA = f"{{{NAMES['camunda']}}}"
WRONG_GATE = b"gates: [{element: initial_review, gate: G99}]"
LATIN = re.compile(r"[A-Za-z]{3,}")

SELECT = """type => {
  const [first] = studio.modeler.get('elementRegistry').filter((one) => one.type === type);
  studio.modeler.get('selection').select(first);
}"""


CHOSEN = """() => {
  const area = document.querySelector('textarea');
  return area.value.slice(area.selectionStart, area.selectionEnd);
}"""


def drawn(draft: Draft, name: str) -> etree._Element | None:
    """The element of that name in what the server has."""
    root = etree.fromstring(draft.files[DIAGRAM])
    return next((one for one in root.iter(f"{{{NAMES['bpmn']}}}*") if one.get("name") == name), None)


def test_a_step_gets_its_role_form_and_act_from_real_lists(studio: Studio) -> None:
    page, draft = studio.edit("legal_review", DIAGRAM)
    Drawing(page).append_step("initial_review", "第二法律顾问审核")
    Drawing(page).choose("house-act", "counsel_review")
    Drawing(page).choose("house-roles", "legal_counsel")
    Drawing(page).choose("house-form", "counsel_review")
    Drawing(page).choose("house-operators", "claim")
    Drawing(page).choose("house-gates", "G2")
    saved(page)
    step = drawn(draft, "第二法律顾问审核")
    assert step is not None
    assert step.get(f"{CAMUNDA}candidateGroups") == "legal_counsel"
    assert step.get(f"{CAMUNDA}formKey") == "counsel_review"
    acts = step.xpath(".//camunda:property[@name='act']/@value", namespaces=NAMES)
    assert acts == ["counsel_review"]
    expect(page.locator("p[data-state]")).to_contain_text("已保存")
    page.reload()
    ready(page)
    Drawing(page).shape(step.get("id", ""))
    expect(page.locator("select#bio-properties-panel-house-act")).to_have_value("counsel_review")
    expect(page.locator('[data-entry-id="house-roles"] li')).to_have_text(["法律顾问×"])
    assert f"  {step.get('id')}: [claim]\n" in draft.text("process.yaml")
    assert f"gates: [{{element: {step.get('id')}, gate: G2}}]  # 只能" in draft.text("process.yaml")
    expect(page.locator(".studio-findings-count")).to_have_text(re.compile("应当改正"))
    expect(page.locator(".studio-findings")).not_to_contain_text("process.yaml#gates")


def test_undo_takes_a_step_back_and_redo_brings_it_again(studio: Studio) -> None:
    page, draft = studio.edit("legal_review", DIAGRAM)
    expect(page.locator('[data-do="undo"]')).to_be_disabled()
    Drawing(page).shape("counsel_review")
    page.locator('.djs-context-pad [data-action="append.append-task"]').click()
    page.keyboard.press("Escape")
    steps = page.locator(".djs-shape[data-element-id^=Activity_]")
    expect(steps).to_have_count(1)
    page.locator('[data-do="undo"]').click()
    expect(steps).to_have_count(0)
    page.locator(".djs-container svg").first.focus()
    page.keyboard.press("Control+y")
    expect(steps).to_have_count(1)
    page.keyboard.press("Control+z")
    expect(steps).to_have_count(0)
    page.keyboard.press("Control+s")
    saved(page)
    assert b"Activity_" not in draft.files[DIAGRAM]


def test_what_is_saved_is_read_by_the_engine(studio: Studio) -> None:
    page, draft = studio.edit("legal_review", DIAGRAM)
    Drawing(page).shape("conclude_review")
    page.locator("#bio-properties-panel-house-priority").fill("50")
    saved(page)
    definition = read(Package("legal_review", draft.files))
    assert draft.text(DIAGRAM) != studio.shipped["legal_review"].files[DIAGRAM].decode()
    assert definition.elements["conclude_review"].properties["act"] == "review_conclusion"


def test_a_file_is_imported_byte_for_byte_and_can_be_taken_back(studio: Studio, tmp_path: Path) -> None:
    page, draft = studio.edit("legal_review", DIAGRAM)
    before = draft.files[DIAGRAM]
    other = studio.shipped["collective_decision"].files["collective_decision.bpmn"]
    file = tmp_path / "modeled.bpmn"
    file.write_bytes(other)
    page.locator("[data-import]").set_input_files(file)
    expect(page.locator(".studio-notice")).to_contain_text("modeled.bpmn 已导入")
    expect(page.locator('.djs-shape[data-element-id="sign_minutes"]')).to_be_visible()
    saved(page)
    assert draft.files[DIAGRAM] == other
    page.get_by_role("button", name="撤销导入").click()
    expect(page.locator('.djs-shape[data-element-id="counsel_review"]')).to_be_visible()
    saved(page)
    assert draft.files[DIAGRAM] == before


def test_a_file_that_is_no_diagram_changes_nothing(studio: Studio, tmp_path: Path) -> None:
    page, draft = studio.edit("legal_review", DIAGRAM)
    for content, said in (
        (b"<definitions", "没有导入。wrong.bpmn：第 1 行第 13 列：标签没有写完"),
        (b"not XML at all", "没有导入。wrong.bpmn：第 1 行第 1 列：不是 XML"),
        (b"\x89PNG\r\n\x1a\n\0", "看上去是：PNG 图片"),
        (b"<a/>", "“wrong.bpmn”不是流程图：根元素是“a”"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "不允许使用 DOCTYPE"),
        (b"<!-- " + b"x" * 5_000_000 + b" -->", "超过 1 MB"),
    ):
        file = tmp_path / "wrong.bpmn"
        file.write_bytes(content)
        page.locator("[data-import]").set_input_files(file)
        expect(page.locator(".studio-notice")).to_contain_text(said)
        expect(page.locator('.djs-shape[data-element-id="counsel_review"]')).to_be_visible()
        page.locator(".studio-notice").get_by_role("button", name="关闭").click()
    page.keyboard.press("Control+s")
    assert draft.revision(DIAGRAM) == 1


def conflict(page: Page) -> Locator:
    """The dialog that names who saved in between."""
    dialog = page.get_by_role("dialog", name="他人已修改此文件")
    expect(dialog).to_contain_text("孟洁已于 2024-02-26 08:30 保存了“legal_review.bpmn”")
    return dialog


def test_two_who_edit_one_draft_are_told_of_each_other_and_nothing_is_lost(studio: Studio) -> None:
    page, draft = studio.edit("legal_review", DIAGRAM)
    theirs = draft.files[DIAGRAM].replace("法律顾问再审".encode(), "顾问复核".encode())
    draft.save(DIAGRAM, theirs)
    Drawing(page).append_step("initial_review", "我的环节")
    conflict(page).get_by_role("button", name="采用对方的", exact=True).click()
    saved(page)
    expect(page.locator(".djs-label", has_text="顾问复核")).to_be_visible()
    assert draft.files[DIAGRAM] == theirs
    draft.save(DIAGRAM, theirs + b"<!-- again -->")
    Drawing(page).append_step("initial_review", "另存的环节")
    with page.expect_download() as waiting:
        conflict(page).get_by_role("button", name="我的另存为文件，采用对方的").click()
    assert "另存的环节" in Path(waiting.value.path()).read_text()
    assert waiting.value.suggested_filename == "legal_review-我的.bpmn"
    saved(page)
    assert drawn(draft, "另存的环节") is None
    draft.save(DIAGRAM, theirs)
    Drawing(page).append_step("initial_review", "覆盖的环节")
    conflict(page).get_by_role("button", name="以我的覆盖对方的").click()
    saved(page)
    assert drawn(draft, "覆盖的环节") is not None
    assert drawn(draft, "顾问复核") is not None  # mine was drawn upon theirs, which had been taken before
    page.goto(draft.address)  # what lost a race stands beside the draft, and can still be fetched
    copies = page.get_by_role("region", name="未能保存的副本").get_by_role("link")
    expect(copies).to_have_count(2)
    with page.expect_download() as waiting:
        copies.first.click()
    assert "的环节" in Path(waiting.value.path()).read_text()


def test_what_can_not_be_sent_stays_in_the_browser_and_is_offered_again(studio: Studio) -> None:
    page, draft = studio.edit("legal_review", DIAGRAM)
    page.route("**/files/*", lambda route: route.abort("internetdisconnected"))  # offline, it is sent as it closes
    Drawing(page).append_step("initial_review", "断网时画的")
    unsaved(page, "failed")
    expect(page.locator("p[data-state]")).to_contain_text("网络不通。内容已存在本浏览器中")
    page.close(run_before_unload=False)
    page = studio.page()
    page.goto(draft.editor(DIAGRAM))
    page.get_by_role("dialog", name="有尚未保存的修改").get_by_role("button", name="恢复这些修改").click()
    ready(page)
    saved(page)
    assert drawn(draft, "断网时画的") is not None
    page.context.set_offline(True)
    Drawing(page).append_step("initial_review", "又断网时画的")
    unsaved(page, "failed")
    page.context.set_offline(False)
    saved(page)
    assert drawn(draft, "又断网时画的") is not None


def test_a_draft_that_was_closed_meanwhile_is_not_written_and_says_so(studio: Studio) -> None:
    page, draft = studio.edit("legal_review", DIAGRAM)
    execute(studio.site.store, drafting.discard, person(studio.site, OTHER), draft.id)
    Drawing(page).append_step("initial_review", "迟到的环节")
    unsaved(page, "refused")
    expect(page.locator("p[data-state]")).to_contain_text("不能再修改")
    expect(page.locator("p[data-state]")).to_contain_text("内容已存在本浏览器中")
    assert draft.revision(DIAGRAM) == 1


def test_menus_offer_what_the_engine_runs_in_chinese(studio: Studio) -> None:
    page, _ = studio.edit("legal_review", DIAGRAM)
    expect(page.locator(".bjs-powered-by")).to_be_visible()  # the logo of the editor, as its licence asks
    offered = []
    for element, action in (("counsel_review", "append"), ("initial_review", "replace")):
        Drawing(page).shape(element)
        page.locator(f'.djs-context-pad [data-action="{action}"]').click()
        offered += page.locator(".djs-popup .djs-popup-label").all_inner_texts()
        page.keyboard.press("Escape")
    page.locator('.djs-palette [data-action="create"]').click()
    offered += page.locator(".djs-popup .djs-popup-label").all_inner_texts()
    assert {"用户任务", "业务规则任务", "调用活动", "排他网关", "边界计时事件"} <= set(offered)
    refused = [label for label in offered if re.search("脚本|复杂|特设|补偿|消息开始|计时开始|取消", label)]
    assert refused == []
    assert [label for label in offered if LATIN.search(label)] == []


def test_palette_pad_panel_and_simulation_say_nothing_in_english(studio: Studio) -> None:
    page, _ = studio.edit("penalty", "penalty.bpmn")
    seen: list[str] = []
    for kind in ("UserTask", "ExclusiveGateway", "CallActivity", "BusinessRuleTask", "BoundaryEvent", "EndEvent"):
        page.evaluate(SELECT, f"bpmn:{kind}")
        panel = page.locator(".bio-properties-panel")
        seen += panel.locator(".bio-properties-panel-group-header-title, label, .bio-properties-panel-header-type"
                              ).all_inner_texts()  # fmt: skip
        seen += page.locator(".djs-context-pad [title]").evaluate_all("all => all.map(one => one.title)")
    seen += page.locator(".djs-palette [title]").evaluate_all("all => all.map(one => one.title)")
    page.locator('[data-do="simulate"]').click()
    expect(page.locator('[data-do="simulate"]')).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text("令牌模拟").filter(visible=True)).to_have_count(1)
    seen += page.locator(".bts-notifications").all_inner_texts()
    seen += page.locator(".bts-palette [title], .bts-set-animation-speed [title]").evaluate_all(
        "all => all.map(one => one.title)")  # fmt: skip
    assert len(seen) > 80
    assert sorted({text for text in seen if LATIN.search(text)}) == []


def test_findings_stand_on_the_drawing_and_lead_to_their_place(studio: Studio) -> None:
    draft = studio.begin("legal_review")
    draft.save(DIAGRAM, draft.files[DIAGRAM].replace(b'value="legal_review"', b'value="legal_reviewing"'))
    draft.save("process.yaml", draft.files["process.yaml"].replace(b"gates: []", WRONG_GATE))
    page = studio.open(draft, DIAGRAM)
    expect(page.locator(".studio-findings-count")).to_have_text("应当改正 2 处，提示 0 处")
    badge = page.locator('.djs-overlays[data-container-id="initial_review"] .studio-badge')
    expect(badge).to_have_attribute("aria-label", re.compile("legal_reviewing"))
    page.locator(".studio-findings").get_by_role("button", name=re.compile("legal_reviewing")).click()
    expect(page.locator(".bio-properties-panel-header-label")).to_have_text("法规初审")
    Drawing(page).choose("house-act", "legal_review")
    expect(page.locator(".studio-findings-count")).to_have_text("应当改正 1 处，提示 0 处")
    expect(badge).to_have_count(0)
    page.locator(".studio-findings").get_by_role("button", name=re.compile("G99")).click()
    page.wait_for_url("**/edit/description#line-*")
    ready(page)
    assert "gates: [{element: initial_review, gate: G99}]" in page.evaluate(CHOSEN)


def test_a_form_that_lost_an_answer_is_told_of_at_its_step(studio: Studio) -> None:
    draft, form = studio.begin("legal_review"), "forms/check_completeness.form"
    draft.save(form, draft.files[form].replace(b'"value": "no"', b'"value": "later"'))
    page = studio.open(draft, DIAGRAM)
    badge = page.locator('.djs-overlays[data-container-id="check_completeness"] .studio-badge')
    expect(badge).to_have_attribute("aria-label", re.compile("依法应当可以作出的选择"))


def test_two_steps_are_kept_apart_at_either_of_them(studio: Studio) -> None:
    page, draft = studio.edit("legal_review", DIAGRAM)
    drawing, chosen = Drawing(page), page.locator('[data-entry-id="house-apart"] li')
    drawing.shape("counsel_review")
    drawing.choose("house-apart", "initial_review")
    saved(page)
    assert "apart:\n  counsel_review: [initial_review]\n" in draft.text("process.yaml")
    drawing.shape("initial_review")
    expect(chosen).to_have_text(["法律顾问再审×"])
    chosen.get_by_role("button").click()
    expect(chosen).to_have_count(0)
    saved(page)
    assert "apart: {}" in draft.text("process.yaml")


def test_a_path_is_played_on_the_drawing(studio: Studio) -> None:
    page, _ = studio.edit("legal_review", DIAGRAM)
    path = ["review_requested", "merge_check", "check_completeness"]
    page.evaluate("([path, names]) => studio.editor.play(path, names)", [path, {"merge_check": "审查之前的排他网关"}])
    expect(page.locator(".studio-path-step")).to_have_text("第 3 步，共 3 步：送审材料完备性审查")
    lit = page.locator(".studio-on-path").evaluate_all("all => all.map(one => one.dataset.elementId)")
    assert {"review_requested", "merge_check", "check_completeness", "merge_check_to_check_completeness"} <= set(lit)
    line = page.locator('.studio-on-path[data-element-id="merge_check_to_check_completeness"] .djs-visual > path')
    assert line.evaluate("line => getComputedStyle(line).stroke") == "rgb(11, 79, 156)"
    page.get_by_role("button", name="上一步").click()
    expect(page.locator(".studio-path-step")).to_have_text("第 2 步，共 3 步：审查之前的排他网关")
    page.get_by_role("button", name="查找").click()
    expect(page.locator(".djs-search-input input")).to_be_focused()
    page.keyboard.insert_text("审核结论")  # as an input method does: no key is pressed
    expect(page.locator(".djs-search-result-primary").first).to_have_text("审核结论")


UNREVIEWED = (b'sourceRef="reviewed_1" targetRef="merge_unsettled"', b'sourceRef="reviewed_1" targetRef="merge_agreed"')
"""What the review refused goes on to the decision: the flow that the editor would have written, led elsewhere."""
LIGHTS = """() => {
  window.lights = [];
  new MutationObserver((all) => all.forEach(({ target: { classList, dataset } }) => {
    const id = dataset.elementId;
    if (classList.contains('studio-on-path') && !window.lights.includes(id)) window.lights.push(id);
  })).observe(document.querySelector('.djs-container'), { subtree: true, attributeFilter: ['class'] });
}"""
"""Keeps which elements are lit, in their order; the small map shows them once more."""


def test_the_path_to_a_decision_without_review_is_found_and_lit_in_its_order(studio: Studio) -> None:
    draft = studio.begin("penalty")
    before = draft.files["penalty.bpmn"]
    draft.save("penalty.bpmn", before.replace(*UNREVIEWED))
    assert draft.files["penalty.bpmn"] != before
    page = studio.page()
    with page.expect_response("**/check", timeout=4 * WAIT) as checked:
        page.goto(draft.editor("penalty.bpmn"))
    found = next(one for one in checked.value.json()["findings"] if one["code"] == "statutory.review_before_decision")
    path = found["path"]
    assert found["element"] == "sign_decision"
    way = ["first_review", "reviewed_1_to_merge_unsettled", "merge_agreed", "sign_decision"]
    assert [one for one in path if one in way] == way
    page.clock.install()
    page.evaluate(LIGHTS)
    row = page.locator(".studio-finding", has_text=found["sentence"])
    row.first.get_by_role("button", name="播放路径").click()
    told = page.locator(".studio-path-step")
    expect(told).to_contain_text(f"第 1 步，共 {len(path)} 步")
    page.clock.run_for(1000 * len(path))
    expect(told).to_contain_text(f"第 {len(path)} 步，共 {len(path)} 步")
    lit = page.evaluate("window.lights")
    assert [one for one in lit if one in path] == list(dict.fromkeys(path))
    expect(page.locator('.djs-element.studio-on-path[data-element-id="sign_decision"]')).to_be_visible()


def test_a_step_is_deleted_and_its_settings_go_by_a_button_and_come_back(studio: Studio) -> None:
    page, draft = studio.edit("legal_review", DIAGRAM)
    said = draft.text("process.yaml")
    Drawing(page).pick("unit_responds")
    page.keyboard.press("Delete")
    saved(page)
    findings = page.locator(".studio-findings")
    gone = findings.locator("li", has_text="流程图中已没有下列环节或者元素")
    expect(gone).to_contain_text("“承办机构研究”unit_responds（名称、可用操作）", timeout=WAIT)
    other = findings.locator("li", has_text="读取变量“unit_response”")
    expect(other).to_be_visible()
    assert draft.text("process.yaml") == said
    gone.get_by_role("button", name="清除这些设置").click()
    expect(gone).to_have_count(0, timeout=WAIT)
    expect(other).to_be_visible()
    rows = [row for row in said.splitlines(keepends=True) if not row.startswith("  unit_responds:")]
    assert draft.text("process.yaml") == "".join(rows)
    page.locator('[data-do="undo"]').click()
    page.get_by_role("button", name="恢复这些设置").click()
    saved(page)
    expect(page.locator(".studio-findings-count")).to_have_text("没有发现问题。", timeout=WAIT)
    assert draft.text("process.yaml") == said


def test_the_settings_of_a_step_follow_it_to_another_id(studio: Studio) -> None:
    page, draft = studio.edit("legal_review", DIAGRAM)
    said = draft.text("process.yaml")
    Drawing(page).pick("unit_responds")
    page.locator('[data-group-id="group-general"] .bio-properties-panel-group-header').click()
    Drawing(page).write("id", "unit_answers")
    saved(page)
    page.get_by_role("button", name="“承办机构研究”：设置改到新编号 unit_answers").click()
    expect(page.locator(".studio-findings-count")).to_have_text("没有发现问题。", timeout=WAIT)
    assert draft.text("process.yaml") == said.replace("  unit_responds:", "  unit_answers:")
    expect(page.locator("#bio-properties-panel-house-english")).to_have_value("The unit's answer")


def test_a_path_on_which_a_calling_process_breaks_the_law_is_played_in_the_diagram_that_is_drawn(
    studio: Studio,
) -> None:
    draft = studio.begin("legal_review")
    draft.save("legal_review.bpmn", spoiled("legal_review", unmarked("conclude_review")).files["legal_review.bpmn"])
    page = studio.open(draft, "legal_review.bpmn")
    broken = page.locator(".studio-finding", has_text="签发决定").first
    broken.locator(".studio-finding-play").click()
    expect(page.locator(".studio-path-step")).to_be_visible()
    page.goto(draft.address)
    page.get_by_role("link", name="在流程图中看路径").first.click()
    page.wait_for_url("**/edit/diagram")
