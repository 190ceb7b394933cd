"""The pictures of the user guide, one row each: who looks at which page, what they press there, how much is seen.

The rows stand in the order in which they are taken: what changes something comes last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page, expect

from scripts.stage import Stage

WIDE, PHONE = 1280, 390
PAPER = "测量成果报告.pdf"


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture. login: empty for nobody; address: of the page; press: what is done there before; height: in CSS
    pixels; width: WIDE, or PHONE, which is taken as a phone with two dots for each.
    """

    name: str
    login: str
    address: Callable[[Stage], str]
    press: Callable[[Page], object] = lambda page: None
    height: int = 800
    width: int = WIDE

    @property
    def look(self) -> dict[str, Any]:
        """The browser window in which it is taken."""
        phone = self.width == PHONE
        return {
            "viewport": {"width": self.width, "height": self.height}, "device_scale_factor": 1.5 if phone else 1,
            "is_mobile": phone, "has_touch": phone,
        }  # fmt: skip


def at(path: str) -> Callable[[Stage], str]:
    """A page that is the same for every case."""
    return lambda stage: path


def step(
    key: str, element: str, more: str = "", kind: str = "step", holder: str = ""
) -> Callable[[Stage], str]:  # fmt: skip
    """The page of a step that waits; more: what comes after its address, or a page below it; holder: whose, if several
    do it side by side.
    """
    return lambda stage: f"/tasks/{stage.task(key, element, kind, holder).id}{more}"


def paper(key: str, element: str, name: str, more: str = "") -> Callable[[Stage], str]:
    """The page of a step with one of the case's papers open."""
    return lambda stage: f"/tasks/{stage.task(key, element).id}?read={stage.material(key, name)}{more}"


def case(key: str, more: str = "") -> Callable[[Stage], str]:
    """The page of a case, or one below it."""
    return lambda stage: f"/cases/{stage.cases[key]}{more}"


def done(login: str, key: str, element: str) -> Callable[[Stage], str]:
    """The page of a step that somebody has completed."""
    return lambda stage: f"/tasks/{stage.completed(login, key, element)}"


def _drawn(page: Page) -> None:
    page.locator(".sheet-page[data-drawn]").first.wait_for()


def _filter(page: Page) -> None:
    page.locator(".more-filters > summary").click()


def _keep(page: Page) -> None:
    page.get_by_text("保存筛选", exact=True).click()
    page.locator("#filter-name").fill("千元以上待办")


def _keys(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()


def _note(page: Page) -> None:
    _drawn(page)
    page.keyboard.press("m")
    page.locator("#note-text").fill("未附测量仪器检定证书。")
    page.locator("#note-point").select_option("RP3")
    page.locator("#note-circle").select_option("review")
    page.locator(".sheet-page").first.click(position={"x": 300, "y": 200})


def _point(page: Page) -> None:
    _drawn(page)
    row = page.locator('.row-box:has(input[value="RP3"])')
    row.get_by_role("button", name="引用").click()
    expect(row.locator('[name$=".evidence"]')).not_to_have_value("")
    page.evaluate("window.scrollTo(0, 0)")


def _ways(page: Page) -> None:
    page.locator(".ways-ahead").evaluate("(part) => part.scrollIntoView({block: 'center'})")


def _held(page: Page) -> None:
    page.locator("#held").evaluate("(part) => part.scrollIntoView({block: 'end'})")


def _form(page: Page) -> None:
    page.locator(".halves a", has_text="办理").click()
    expect(page.locator(".docked")).to_be_in_viewport()


def _tick(page: Page) -> None:
    page.locator("[data-tick-all]").check()


def _urge(page: Page) -> None:
    page.locator("[data-tick-all]").check()
    page.locator('.deeds button[value="urge"]').click()
    page.locator(".state-pass").first.wait_for()


def _diagram(page: Page) -> None:
    page.locator("[data-diagram-state]").first.wait_for()
    page.wait_for_timeout(500)


README = Shot("desk", "legal1", at("/desk?list=todo"), height=560)
"""The picture of README."""

SHOTS = (
    Shot("login", "", at("/login"), height=560),
    Shot("desk", "legal1", at("/desk?list=todo"), height=560),
    Shot("filter", "legal1", at("/desk?list=todo"), _filter, height=760),
    Shot("save-filter", "legal1", at("/desk?list=todo&amount_from=1000&all=1"), _keep, height=620),
    Shot("columns", "legal1", at("/desk/columns?list=todo"), height=760),
    Shot("standin", "legal1", at("/desk?list=standin"), height=480),
    Shot("copied", "legal1", at("/desk?list=copied"), height=440),
    Shot("bulk", "legal1", at("/desk?list=claimable"), _tick, height=480),
    Shot("unit", "unithead", at("/desk?list=unit&by=people&all=1"), height=640),
    Shot("keys", "legal1", at("/desk?list=todo"), _keys, height=760),
    Shot("search", "legal1", at("/search?q=测量"), height=640),
    Shot("claim", "legal1", step("door", "check_completeness"), height=640),
    Shot("task", "legal1", paper("mine", "initial_review", PAPER), _drawn, height=860),
    Shot("brief", "legal1", step("mine", "initial_review"), height=860),
    Shot("note", "legal1", paper("mine", "initial_review", PAPER), _note, height=860),
    Shot("cite", "legal1", paper("mine", "initial_review", PAPER), _point, height=860),
    Shot("file", "legal1", step("mine", "initial_review", "?tab=file"), height=760),
    Shot("diagram", "legal1", step("mine", "initial_review", "?tab=diagram"), _diagram, height=760),
    Shot("timeline", "legal1", step("mine", "initial_review", "?tab=timeline"), height=760),
    Shot("talk", "legal1", step("mine", "initial_review", "?tab=talk"), height=820),
    Shot("ways", "legal1", step("mine", "initial_review"), _ways, height=760),
    Shot("held", "legal1", step("metal", "conclude_review"), _held, height=760),
    Shot("reassign", "legal1", step("mine", "initial_review", "/do/reassign"), height=620),
    Shot("sign", "legal1", step("mine", "initial_review", "/do/sign"), height=760),
    Shot("asked", "legal2", step("metal", "conclude_review", kind="before"), height=760),
    Shot("return", "legal1", step("mine", "initial_review", "/do/return"), height=860),
    Shot("returned", "legal1", step("shop", "initial_review"), height=640),
    Shot("withdraw", "legal1", done("legal1", "welders", "initial_review"), height=640),
    Shot("suspended", "unithead", case("gas"), height=640),
    Shot("copies", "unithead", lambda stage: f"/cases/{stage.cases['welders']}/copies", height=820),
    Shot("substitutes", "legal2", at("/substitutes"), height=820),
    Shot("notices", "legal1", at("/notices"), height=560),
    Shot("notice-settings", "legal1", at("/account/notices"), height=860),
    Shot("phone-desk", "deputy", at("/desk?list=todo"), height=780, width=PHONE),
    Shot("phone-task", "deputy", step("depot", "vote", holder="deputy"), _form, height=780, width=PHONE),
    Shot("bulk-result", "unithead", at("/desk?list=unit&all=1"), _urge, height=560),
)
