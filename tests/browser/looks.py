"""What a row of the list of pages says (`sights`), and what many of them press."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from scripts.stage import Stage


@dataclass(frozen=True, slots=True)
class Sight:
    """One page in one state. login: empty for nobody; address: of the page; press: what is done there before it is
    looked at, which changes nothing of the bureau; status: with which the page is answered.
    """

    endpoint: str
    name: str
    login: str
    address: Callable[[Stage], str]
    press: Callable[[Page], object] = lambda page: None
    status: int = 200


def everything_open(page: Page) -> None:
    """Open what folds."""
    page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")
