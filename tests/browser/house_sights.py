"""The pages of the administrators' house, as axe sees them."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page
from sqlalchemy import select

from scripts.shots import at
from scripts.stage import Stage
from tests.browser.looks import Sight, everything_open
from workflows.actors import Person, Unit

HOUSE_DATA = frozenset({"house_calendar.export", "house_ledger.checkpoint", "house_papers.sample"})
"""Addresses that answer with a file."""


def _submit(page: Page) -> None:
    """Send the form of the page as it is: the page with its complaints."""
    button = page.locator("main form.answer .btn-primary").last
    button.evaluate("(button) => { button.form.noValidate = true; button.click(); }")
    page.locator(".trouble").wait_for()


def _raw(page: Page) -> None:
    """An entry with what was hashed."""
    page.locator("details.why > summary").first.click()


def _person(login: str) -> Callable[[Stage], str]:
    """The administrators' page of somebody."""

    def address(stage: Stage) -> str:
        with stage.site.store.read() as session:
            return f"/house/people/{session.scalars(select(Person.id).where(Person.login == login)).one()}"

    return address


def _unit(place: str, name: str) -> Callable[[Stage], str]:
    """The administrators' page of a unit."""

    def address(stage: Stage) -> str:
        with stage.site.store.read() as session:
            return f"{place}/{session.scalars(select(Unit.id).where(Unit.name == name)).one()}"

    return address


def _ticked(page: Page) -> None:
    """Tick a day of the calendar and look at what its change would do."""
    page.locator('label.day input').nth(70).check()
    page.locator("#days-becomes").select_option("off")
    page.locator("#days-reason").fill("演练通知")
    page.locator("#change-title ~ .inline-form .btn-primary").click()
    page.locator("#look").wait_for()


HOUSE = [
    Sight("house_people.index", "all", "secadmin", at("/house/people")),
    Sight("house_people.index", "nobody", "admin", at("/house/people?q=无")),
    Sight("house_people.new", "complaints", "admin", at("/house/people/new"), _submit),
    Sight("house_people.show", "with every form", "secadmin", _person("officer1"), everything_open),
    Sight("house_people.show", "for the system administrator", "admin", _person("unithead"), everything_open),
    Sight("house_people.show", "oneself", "admin", _person("admin")),
    Sight("house_units.index", "tree", "admin", at("/house/units"), everything_open),
    Sight("house_units.show", "division", "admin", _unit("/house/units", "综合行政执法队"), everything_open),
    Sight("house_sessions.index", "of everybody", "secadmin", at("/house/sessions")),
    Sight("house_calendar.show", "read", "officer1", at("/house/calendar?year=2024")),
    Sight("house_calendar.show", "a look", "admin", at("/house/calendar?year=2024"), _ticked),
    Sight("house_rules.index", "all", "legal1", at("/house/rules"), everything_open),
    Sight("house_papers.index", "kinds", "admin", at("/house/papers")),
    Sight("house_papers.show", "settings", "admin", _unit("/house/papers/bureaus", "衢州市应急管理局(演示)")),
    Sight("house_papers.show", "read", "auditor", _unit("/house/papers/bureaus", "衢州市应急管理局(演示)")),
    Sight("house_settings.index", "all", "admin", at("/house/settings")),
    Sight("house_ledger.index", "all", "auditor", at("/house/ledger"), _raw),
    Sight("house_ledger.index", "of people", "secadmin", at("/house/ledger")),
    Sight("catalogue.show", "penalty", "legal1", at("/catalogue/matter/CF-AQF-097-1-07")),
]  # fmt: skip
