"""The pages of the administrators: the studio with its editors, tries and operations, and their house."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from scripts.shots import at
from scripts.stage import Stage
from tests.browser.looks import Sight, everything_open

KEYS = {"waiting": "legal_review", "begun": "penalty", "published": "collective_decision"}
REVIEW = "/studio/processes/legal_review"


def draft(name: str, more: str = "") -> Callable[[Stage], str]:
    """The page of a draft, or one below it."""
    return lambda stage: f"/studio/drafts/{stage.studio[name]}{more}"


def release(name: str) -> Callable[[Stage], str]:
    """The page of a release."""
    return lambda stage: f"/studio/releases/{stage.studio[name]}"


def compared(name: str) -> Callable[[Stage], str]:
    """A draft beside the version that it began with."""
    return lambda stage: f"/studio/processes/{KEYS[name]}/compare?old=v1&new=draft-{stage.studio[name]}"


def edited(page: Page) -> None:
    """The editor has read its file, and the checks have spoken."""
    expect(page.locator("[data-studio]")).to_have_attribute("data-studio-state", "ready")
    expect(page.locator(".studio-findings-count")).to_be_visible()


def _previewed(page: Page) -> None:
    edited(page)
    page.locator('[data-do="preview"]').click()
    page.locator("[data-preview] .fields").first.wait_for()


def _found(page: Page) -> None:
    edited(page)
    page.locator(".studio-finding-play").first.click()
    page.locator(".studio-path-step").wait_for()


_CHOSEN = """() => {
  const { modeler } = studio;
  modeler.get('selection').select(modeler.get('elementRegistry').get('approve_filing'));
}"""


def _asked(page: Page) -> None:
    edited(page)
    page.evaluate(_CHOSEN)
    page.get_by_role("button", name="New form …").or_(page.get_by_role("button", name="新建表单……")).click()
    page.get_by_role("dialog").wait_for()


def _keys(page: Page) -> None:
    edited(page)
    page.locator('[data-do="keys"]').click()
    page.get_by_role("dialog").wait_for()


def _drawn(page: Page) -> None:
    everything_open(page)  # a figure is drawn when its place unfolds
    if page.locator("[data-diagram]").count():
        page.locator("[data-diagram-state]").first.wait_for(state="attached")


def _send(selector: str) -> Callable[[Page], None]:
    """Send a form as it is: the page with its complaints."""

    def press(page: Page) -> None:
        page.locator(selector).evaluate("(button) => { button.form.noValidate = true; button.click(); }")
        page.locator(".trouble").wait_for()

    return press


STUDIO = [
    Sight("studio.index", "of an administrator", "admin2", at("/studio")),
    Sight("studio.index", "of the auditor", "auditor", at("/studio")),
    Sight("studio.process", "two versions", "admin", at("/studio/processes/collective_decision")),
    Sight("studio.process", "one that waits", "secadmin", at(REVIEW)),
    Sight("studio.compare", "a diagram", "admin2", compared("waiting"), _drawn),
    Sight("studio.compare", "tables and forms", "auditor", compared("begun"), _drawn),
    Sight("studio.compare", "nothing", "admin", at(f"{REVIEW}/compare?old=v1&new=shipped")),
    Sight("drafts.new", "plain", "admin", at("/studio/drafts/new")),
    Sight("drafts.new", "complaints", "admin", at("/studio/drafts/new"), _send("main form .btn-primary >> nth=0")),
    Sight("drafts.show", "with findings and copies", "admin", draft("begun"), everything_open),
    Sight("drafts.show", "complaints", "admin2", draft("begun"), _send("#ask .btn-primary")),
    Sight("drafts.show", "a new file's complaints", "admin", draft("begun"), _send("#name-form ~ .btn-primary")),
    Sight("drafts.show", "waits", "admin2", draft("waiting"), everything_open),
    Sight("drafts.show", "closed", "auditor", draft("published")),
    Sight("releases.show", "to be approved", "admin2", release("asked"), _drawn),
    Sight("releases.show", "complaints", "admin2", release("asked"), _send("form.answer .btn-primary")),
    Sight("releases.show", "one's own", "admin", release("asked"), everything_open),
    Sight("releases.show", "published", "admin", release("done"), _drawn),
    Sight("releases.show", "refused", "auditor", release("refused")),
    Sight("paths.show", "of a finding that is gone", "auditor", draft("begun", "/path?code=none")),
    Sight("editing.diagram", "with findings, a path played", "admin", draft("begun", "/edit/diagram"), _found),
    Sight("editing.diagram", "read only", "auditor", draft("waiting", "/edit/diagram"), edited),
    Sight("editing.diagram", "keys", "admin2", draft("waiting", "/edit/diagram"), _keys),
    Sight("editing.diagram", "a new form is asked for", "admin", draft("begun", "/edit/diagram"), _asked),
    Sight("editing.description", "plain", "admin", draft("begun", "/edit/description"), edited),
    Sight("editing.decision", "plain", "admin", draft("begun", "/edit/decision/collective_required.dmn"), edited),
    Sight("editing.form", "plain", "admin", draft("begun", "/edit/form/lead.form"), edited),
    Sight("editing.form", "preview", "admin", draft("begun", "/edit/form/lead.form"), _previewed),
]  # fmt: skip
TRIES = [
    Sight("trying.index", "with a trial", "admin", draft("waiting", "/try"), everything_open),
    Sight("trying.index", "of the auditor", "auditor", draft("begun", "/try")),
    Sight("trying.show", "at its beginning", "admin", lambda stage: f"/studio/tries/{stage.studio['play']}"),
    Sight("replays.show", "not begun yet", "admin", lambda stage: f"/studio/replays/{stage.studio['replay']}"),
]  # fmt: skip
MIGRATIONS = [
    Sight("migrations.plan", "one that waits", "admin2", at("/studio/processes/collective_decision/migrations")),
    Sight("migrations.plan", "to be planned", "admin", at(f"{REVIEW}/migrations"), everything_open),
    Sight("migrations.show", "to be approved", "admin2",
          lambda stage: f"/studio/migrations/{stage.studio['migration']}", everything_open),
]  # fmt: skip


def _person(stage: Stage) -> str:
    return f"/house/people/{stage.actor('legal1').person_id}"


HOUSE = [
    Sight("house_people.index", "of the security administrator", "secadmin", at("/house/people")),
    Sight("house_people.new", "plain", "admin", at("/house/people/new")),
    Sight("house_people.show", "of the system administrator", "admin", _person, everything_open),
    Sight("house_people.show", "of the security administrator", "secadmin", _person, everything_open),
    Sight("house_units.index", "plain", "auditor", at("/house/units")),
    Sight("house_units.show", "plain", "admin", lambda stage: f"/house/units/{stage.actor('legal1').unit_id}",
          everything_open),
    Sight("house_sessions.index", "some", "secadmin", at("/house/sessions")),
]  # fmt: skip
ADMINISTRATORS = (*STUDIO, *TRIES, *MIGRATIONS, *HOUSE)
DATA = frozenset({
    "drafts.copy", "drafts.export", "editing.choices", "editing.file", "studio.drawing_of", "studio.export",
    "trying.diagram",
})  # fmt: skip
"""Addresses of the studio that answer with a file or with data."""
