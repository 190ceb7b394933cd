"""Running cases moved to another version of their process, by two administrators on the pages."""

from __future__ import annotations

from collections.abc import Mapping

from playwright.sync_api import Page, expect

from tests.browser.driver import WAIT
from workflows.store import Store
from workflows.worker import _migrate


def ask(page: Page, key: str, mapped: Mapping[str, str]) -> str:
    """Plan the move of the one case on the old version of a process, and ask for it; the address of the migration.

    mapped: what the page suggests for the steps that changed, by their names.
    """
    page.goto(f"/studio/processes/{key}")
    page.get_by_role("link", name="迁移在办案件").click()
    expect(page.get_by_text("可以迁移 1 件，不能迁移 0 件")).to_be_visible()
    for name, id in mapped.items():
        expect(page.get_by_label(name)).to_have_value(id)
    page.get_by_label("迁移原因").fill("审核规程调整")
    page.get_by_label("法律依据").fill("《行政处罚法》第五十八条")
    page.get_by_role("button", name="申请迁移").click()
    page.wait_for_url("**/studio/migrations/*")
    return page.url


def approve(page: Page, address: str, store: Store) -> None:
    """The other administrator approves, and watches what the worker does; nobody reloads the page."""
    page.goto(address)
    page.get_by_label("审批意见").fill("同意迁移")
    page.get_by_role("button", name="批准并开始迁移").click()
    expect(page.get_by_text("已处理 0 件，共 1 件")).to_be_visible()
    _migrate(store, lambda: False)
    expect(page.get_by_text("已处理 1 件，共 1 件")).to_be_visible(timeout=WAIT)
