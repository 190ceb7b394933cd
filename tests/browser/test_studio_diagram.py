"""The diagram of a draft is drawn with mouse and keyboard, saved by itself, and never lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree
from playwright.sync_api import Page, expect

from tests.browser.drafting import Draft, Studio, ready, saved, unsaved
from workflows.engine.definition import read
from workflows.engine.package import Package

pytestmark = pytest.mark.browser

DIAGRAM = "legal_review.bpmn"
NAMES = {"bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL", "camunda": "http://camunda.org/schema/1.0/bpmn"}
CAMUNDA = f"{{{NAMES['camunda']}}}"
LATIN = re.compile(r"[A-Za-z]{3,}")

SELECT = """type => {
  const [first] = studio.modeler.get('elementRegistry').filter((one) => one.type === type);
  studio.modeler.get('selection').select(first);
}"""


def shape(page: Page, id: str) -> None:
    """Click an element of the drawing."""
    page.locator(f'.djs-shape[data-element-id="{id}"] .djs-hit').first.click()


def append_step(page: Page, after: str, name: str) -> None:
    """Append a step of a person with the mouse, and name it."""
    shape(page, after)
    page.locator('.djs-context-pad [data-action="append.append-task"]').click()
    page.locator(".djs-direct-editing-content").fill(name)
    page.keyboard.press("Enter")


def drawn(draft: Draft, name: str) -> etree._Element | None:
    """The element of that name in what the server has."""
    root = etree.fromstring(draft.files[DIAGRAM])
    return next((one for one in root.iter(f"{{{NAMES['bpmn']}}}*") if one.get("name") == name), None)


def choose(page: Page, entry: str, value: str) -> None:
    """Choose in a list of the properties panel."""
    page.locator(f"select#bio-properties-panel-{entry}").select_option(value)


def test_a_step_gets_its_role_form_and_act_from_real_lists(studio: Studio) -> None:
    page, draft = studio.edit("legal_review", DIAGRAM)
    append_step(page, "initial_review", "第二法律顾问审核")
    choose(page, "house-act", "counsel_review")
    choose(page, "house-roles", "legal_counsel")
    choose(page, "house-form", "counsel_review")
    choose(page, "house-operators", "claim")
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
    shape(page, step.get("id", ""))
    expect(page.locator("select#bio-properties-panel-house-act")).to_have_value("counsel_review")
    expect(page.locator('[data-entry-id="house-roles"] li')).to_have_text(["法律顾问×"])
    assert f"  {step.get('id')}: [claim]\n" in draft.text("process.yaml")


def test_undo_takes_a_step_back_and_redo_brings_it_again(studio: Studio) -> None:
    page, draft = studio.edit("legal_review", DIAGRAM)
    expect(page.locator('[data-do="undo"]')).to_be_disabled()
    shape(page, "counsel_review")
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
    shape(page, "conclude_review")
    page.locator("#bio-properties-panel-house-priority").fill("50")
    saved(page)
    definition = read(Package("legal_review", draft.files))
    assert draft.text(DIAGRAM) != studio.drafts.shipped["legal_review"].files[DIAGRAM].decode()
    assert definition.elements["conclude_review"].properties["act"] == "review_conclusion"


def test_a_file_is_imported_byte_for_byte_and_can_be_taken_back(studio: Studio, tmp_path: Path) -> None:
    page, draft = studio.edit("legal_review", DIAGRAM)
    before = draft.files[DIAGRAM]
    other = studio.drafts.shipped["collective_decision"].files["collective_decision.bpmn"]
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


@pytest.mark.parametrize(("content", "said"), [
    (b"<bpmn:definitions", "没有导入"),
    (b"not XML at all", "没有导入"),
    (b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "文档类型声明"),
    (b"<!-- " + b"x" * 1_000_001 + b" -->", "超过 1 MB"),
])  # fmt: skip
def test_a_file_that_is_no_diagram_changes_nothing(studio: Studio, tmp_path: Path, content: bytes, said: str) -> None:
    page, draft = studio.edit("legal_review", DIAGRAM)
    file = tmp_path / "wrong.bpmn"
    file.write_bytes(content)
    page.locator("[data-import]").set_input_files(file)
    expect(page.locator(".studio-notice")).to_contain_text(said)
    expect(page.locator('.djs-shape[data-element-id="counsel_review"]')).to_be_visible()
    assert draft.revision(DIAGRAM) == 1


@pytest.mark.parametrize(("answer", "outcome"), [("采用对方的", "theirs"), ("以我的覆盖对方的", "mine")])
def test_two_administrators_are_told_of_each_other(studio: Studio, answer: str, outcome: str) -> None:
    page, draft = studio.edit("legal_review", DIAGRAM)
    theirs = draft.files[DIAGRAM].replace("法律顾问再审".encode(), "顾问复核".encode())
    draft.save(DIAGRAM, theirs)
    append_step(page, "initial_review", "我的环节")
    dialog = page.get_by_role("dialog", name="他人已修改此文件")
    expect(dialog).to_contain_text("王五已于 9:20 保存了此文件")
    dialog.get_by_role("button", name=answer, exact=True).click()
    saved(page)
    if outcome == "theirs":
        expect(page.locator(".djs-label", has_text="顾问复核")).to_be_visible()
        assert draft.files[DIAGRAM] == theirs
    else:
        expect(page.locator(".djs-label", has_text="我的环节")).to_be_visible()
        assert drawn(draft, "我的环节") is not None


def test_ones_own_version_is_kept_as_a_file_when_theirs_is_taken(studio: Studio) -> None:
    page, draft = studio.edit("legal_review", DIAGRAM)
    draft.save(DIAGRAM, draft.files[DIAGRAM])
    append_step(page, "initial_review", "我的环节")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="我的另存为文件，采用对方的").click()
    assert "我的环节" in Path(waiting.value.path()).read_text()
    assert waiting.value.suggested_filename == "legal_review-我的.bpmn"
    saved(page)
    assert drawn(draft, "我的环节") is None


def test_what_can_not_be_sent_stays_in_the_browser_and_is_offered_again(studio: Studio) -> None:
    page, draft = studio.edit("legal_review", DIAGRAM)
    draft.away = True
    append_step(page, "initial_review", "断网时画的")
    unsaved(page, "failed")
    expect(page.locator("p[data-state]")).to_contain_text("数据库暂时不可用。内容已存在本浏览器中")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    dialog = page.get_by_role("dialog", name="有尚未保存的修改")
    draft.away = False
    dialog.get_by_role("button", name="恢复这些修改").click()
    ready(page)
    saved(page)
    assert drawn(draft, "断网时画的") is not None


def test_menus_offer_what_the_engine_runs_in_chinese(studio: Studio) -> None:
    page, _ = studio.edit("legal_review", DIAGRAM)
    offered = []
    for element, action in (("counsel_review", "append"), ("initial_review", "replace")):
        shape(page, element)
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
    seen += page.locator(".bts-toggle-mode, .bts-notifications").all_inner_texts()
    seen += page.locator(".bts-palette [title], .bts-set-animation-speed [title]").evaluate_all(
        "all => all.map(one => one.title)")  # fmt: skip
    assert len(seen) > 80
    assert sorted({text for text in seen if LATIN.search(text)}) == []


def test_findings_stand_on_the_drawing_and_their_path_is_played(studio: Studio) -> None:
    page, draft = studio.edit("legal_review", DIAGRAM)
    draft.findings = [
        {"code": "proof.missing", "severity": "error", "file": DIAGRAM, "element": "initial_review", "line": 70,
         "sentence": "送审材料未经审查即可初审。", "fix": "恢复“送审材料完备性审查”的法定环节标记。",
         "path": ["review_requested", "merge_check", "check_completeness"]},
        {"code": "process.gate", "severity": "warning", "file": "process.yaml", "element": None, "line": 6,
         "sentence": "没有增加条件。", "fix": "", "path": []},
    ]  # fmt: skip
    page.get_by_role("button", name="立即检查").click()
    expect(page.locator(".studio-findings-count")).to_have_text("应当改正 1 处，提示 1 处")
    badge = page.locator('.djs-overlays[data-container-id="initial_review"] .studio-badge')
    expect(badge).to_have_attribute("aria-label", "送审材料未经审查即可初审。")
    page.get_by_role("button", name="送审材料未经审查即可初审。").last.click()
    expect(page.locator(".bio-properties-panel-header-label")).to_have_text("法规初审")
    page.get_by_role("button", name="播放路径").click()
    expect(page.locator(".studio-path-step")).to_have_text("第 3 步，共 3 步：送审材料完备性审查")
    lit = page.locator(".studio-on-path").evaluate_all("all => all.map(one => one.dataset.elementId)")
    assert {"review_requested", "merge_check", "check_completeness", "merge_check_to_check_completeness"} <= set(lit)
    page.get_by_role("button", name="上一步").click()
    expect(page.locator(".studio-path-step")).to_have_text("第 2 步，共 3 步：merge_check")
    page.get_by_role("button", name="没有增加条件。").click()
    page.wait_for_url("**/edit/process.yaml#line-6")


def test_the_logo_of_the_editor_stays(studio: Studio) -> None:
    page, _ = studio.edit("legal_review", DIAGRAM)
    expect(page.locator(".bjs-powered-by")).to_be_visible()
