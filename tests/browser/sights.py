"""Every page that a person can open: one row for each page and each state in which it looks different."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from playwright.sync_api import Page, expect
from sqlalchemy import select

from scripts.shots import PAPER, at, case, done, paper, step
from scripts.stage import Stage
from tests.browser.house_sights import HOUSE, HOUSE_DATA
from tests.browser.looks import Sight, everything_open
from tests.browser.studio_sights import ADMINISTRATORS, DATA
from workflows.cases.meetings import Meeting
from workflows.desk.lists import kinds
from workflows.desk.tasks import Task
from workflows.operations.repair_table import Repair

NO_PAGES = frozenset({
    "cases.diagram", "desk.export", "external_tasks.count", "external_tasks.index", "external_tasks.show",
    "files.document", "files.material", "live.look", "public.healthz", "public.home", "public.readyz",
    "running.diagram", "running.export", "static", "tasks.preview",
}) | DATA | HOUSE_DATA  # fmt: skip
"""Addresses that answer with a file, with data or with the way to another page."""


def _submit(page: Page) -> None:
    """Send the form of the page as it is: the page with its complaints."""
    form = page.locator("main form:not(.filter):not(.note-act) .btn-primary, main form .btn-danger").last
    form.evaluate("(button) => { button.form.noValidate = true; button.click(); }")
    page.locator(".trouble").wait_for()


def _open(*selectors: str) -> Callable[[Page], None]:
    """Open what folds."""

    def press(page: Page) -> None:
        for selector in selectors:
            page.locator(selector).first.click()

    return press


def _stale(page: Page) -> None:
    """Claim a task of which one has seen an older state."""
    page.locator('.note-act [name="seen"]').evaluate("(field) => { field.value = '0'; }")
    page.locator(".note-act .btn-primary").click()
    page.locator(".trouble").wait_for()


def _expired(page: Page) -> None:
    """Send a form from before another login."""
    page.locator('.note-act [name="csrf_token"]').evaluate("(field) => { field.value = 'old'; }")
    page.locator(".note-act .btn-primary").click()
    page.locator(".trouble").wait_for()


def _ready(page: Page) -> None:
    expect(page.locator("#login")).to_be_focused()


def _stranger(page: Page) -> None:
    page.locator("#login").fill("nobody")
    page.locator("#password").fill("not the password")
    page.locator("#password").press("Enter")
    page.locator(".trouble").wait_for()


def _keys(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()


def _bulk(page: Page) -> None:
    """Remind those who hold up one case: done the first time, refused with the reason after that."""
    page.locator("input[name=row]").first.check()
    urge = page.locator('.deeds button[value="urge"]')
    urge.evaluate("(button) => { button.disabled = false; }")  # as on a page that was opened before
    urge.click()
    page.locator("td .state").first.wait_for()


def _tick_and_reassign(page: Page) -> None:
    page.locator("input[name=row]").first.check()
    page.locator(".deeds .menu-inline > summary").click()


def _drawn(page: Page) -> None:
    page.locator(".sheet-page[data-drawn]").first.wait_for()


def _note(page: Page) -> None:
    _drawn(page)
    page.keyboard.press("m")
    expect(page.locator("#note-text")).to_be_focused()


def _question(page: Page) -> None:
    page.locator('[name="kind"][value="question"]').check()
    expect(page.locator("#to")).to_be_visible()


def _diagram(page: Page) -> None:
    page.locator("[data-diagram-state]").first.wait_for()


def _meeting(stage: Stage) -> str:
    with stage.site.store.read() as session:
        return f"/meetings/{session.scalars(select(Meeting.id)).first()}"


def _in_state(key: str, state: str) -> Callable[[Stage], str]:
    """The page of a task of a case that ended in a state."""

    def address(stage: Stage) -> str:
        wanted = select(Task.id).where(Task.case_id == stage.cases[key], Task.state == state)
        with stage.site.store.read() as session:
            return f"/tasks/{session.scalars(wanted).first()}"

    return address


def _does(
    login: str, key: str, element: str, names: Iterable[str], kind: str = "step", holder: str = ""
) -> list[Sight]:  # fmt: skip
    """The pages of several operators of one step."""
    return [
        Sight("operators.show", name, login, step(key, element, f"/do/{name}", kind, holder)) for name in names
    ]  # fmt: skip


PUBLIC = [
    Sight("public.login", "plain", "", at("/login"), _ready),
    Sight("public.login", "refused", "", at("/login"), _stranger),
    Sight("error", "404 for nobody", "", at("/nowhere"), status=404),
    Sight("error", "404", "legal1", at("/nowhere"), status=404),
    Sight("error", "403", "officer1", at("/catalogue/new"), status=403),
    Sight("error", "409 and the form again", "legal1", step("door", "check_completeness"), _stale),
    Sight("error", "400 after another login", "legal1", step("door", "check_completeness"), _expired),
]
DESK = [
    *[Sight("desk.show", name, "legal1", at(f"/desk?list={name}&all=1")) for name in kinds.LISTS if name != "unit"],
    *[Sight("desk.show", f"no {name}", "publisher1", at(f"/desk?list={name}")) for name in ("todo", "copied")],
    Sight("desk.show", "unit", "unithead", at("/desk?list=unit&all=1")),
    Sight("desk.show", "people", "unithead", at("/desk?list=unit&by=people&all=1")),
    Sight("desk.show", "narrowed to nothing", "legal1", at("/desk?list=todo&party=无&amount_from=x&all=1")),
    Sight("desk.show", "filter", "legal1", at("/desk?list=todo&q=案&sort=-title,due&all=1"),
          _open(".more-filters > summary")),
    Sight("desk.show", "save filter", "unithead", at("/desk?list=unit&q=案&all=1"),
          _open(".chips .menu-inline > summary")),
    Sight("desk.show", "bulk reassign", "unithead", at("/desk?list=unit&all=1"), _tick_and_reassign),
    Sight("desk.show", "bulk results", "unithead", at("/desk?list=unit&q=门业&all=1"), _bulk),
    Sight("desk.show", "keys", "legal1", at("/desk?list=done"), _keys),
    Sight("desk.show", "menu", "legal1", at("/desk?list=soon"), _open("details.menu > summary")),
    Sight("lists.columns", "plain", "legal1", at("/desk/columns?list=todo")),
    Sight("lists.filters", "with one", "legal1", at("/desk/filters"), everything_open),
    Sight("lists.filters", "without", "publisher1", at("/desk/filters")),
    Sight("search.show", "empty", "legal1", at("/search")),
    Sight("search.show", "found", "legal1", at("/search?q=测量")),
    Sight("search.show", "nothing", "legal1", at("/search?q=不存在的字样")),
    Sight("notices.index", "unread", "legal1", at("/notices")),
    Sight("notices.index", "without", "auditor", at("/notices")),
    Sight("notifying.show", "with failures", "officer1", at("/account/notices")),
    Sight("notifying.failures", "some", "admin", at("/notices/deliveries")),
    Sight("substitutes.index", "given", "legal2", at("/substitutes")),
    Sight("substitutes.index", "held, with complaints", "legal1", at("/substitutes"), _submit),
    Sight("substitutes.index", "for all", "admin", at("/substitutes")),
    Sight("account.show", "plain", "legal1", at("/account")),
    Sight("account.show", "complaints", "officer1", at("/account"), _submit),
    Sight("account.sessions", "plain", "legal1", at("/account/sessions")),
]  # fmt: skip


def _repair(stage: Stage) -> str:
    with stage.site.store.read() as session:
        return f"/operations/repairs/{session.scalars(select(Repair.id)).first()}"


def _instance(more: str = "") -> Callable[[Stage], str]:
    """The page of the process whose value is to be put right."""

    def address(stage: Stage) -> str:
        with stage.site.store.read() as session:
            return f"/operations/instances/{session.scalars(select(Repair.instance_id)).first()}{more}"

    return address


OPERATIONS = [
    Sight("operations.stuck", "some", "admin", at("/operations/stuck?kind=overdue")),
    Sight("operations.stuck", "none", "auditor", at("/operations/stuck?kind=still&days=250")),
    Sight("running.index", "plain", "admin", at("/operations/processes"), everything_open),
    Sight("running.show", "waiting", "admin", at("/operations/processes/penalty/1"), _diagram),
    Sight("running.show", "days", "auditor",
          at("/operations/processes/penalty/1?view=days&first=2025-01-01&last=2026-11-23"), _diagram),
    Sight("running.show", "no days", "admin",
          at("/operations/processes/penalty/1?view=days&first=2020-01-01&last=2020-02-01"), _diagram),
    Sight("running.step", "some", "admin", at("/operations/processes/legal_review/1/steps/check_completeness")),
    Sight("running.step", "none", "secadmin", at("/operations/processes/penalty/1/steps/archive")),
    Sight("repairs.index", "some", "secadmin", at("/operations/repairs")),
    Sight("repairs.index", "none", "auditor", at("/operations/repairs?show=decided")),
    Sight("repairs.show", "to decide", "secadmin", _repair),
    Sight("repairs.show", "asked", "admin", _repair, everything_open),
    Sight("repairs.instance", "to be put right", "admin", _instance("?variable=0:copies"), everything_open),
    Sight("repairs.instance", "read only", "auditor", _instance(), everything_open),
    Sight("operations.index", "some", "admin", at("/operations"), everything_open),
    Sight("operations.index", "read only", "auditor", at("/operations?kind=instance"), everything_open),
    Sight("operations.index", "none", "secadmin", at("/operations?kind=document")),
]
TABS = ("overview", "materials", "opinions", "documents", "clocks", "diagram", "timeline", "talk")
CASES = [
    Sight("cases.index", "plain", "legal1", at("/cases")),
    Sight("cases.index", "nothing", "kchead", at("/cases?q=无")),
    Sight("cases.new", "plain", "officer1", at("/cases/new?process=penalty")),
    Sight("cases.new", "complaints", "officer1", at("/cases/new?process=penalty"), _submit),
    *[Sight("cases.show", tab, "legal1", case("signing", f"?tab={tab}"),
            _diagram if tab == "diagram" else everything_open)
      for tab in TABS],
    Sight("cases.show", "crime, suspended", "unithead", case("gas"), everything_open),
    Sight("cases.show", "talk with answers", "legal1", case("mine", "?tab=talk"), _question),
    Sight("cases.show", "of an officer", "officer2", case("missing", "?tab=overview"), everything_open),
    Sight("cases.show", "files of an officer", "officer2", case("missing", "?tab=materials"), everything_open),
    Sight("cases.show", "ended", "officer1", case("ended")),
    Sight("copies.show", "some", "unithead", case("welders", "/copies")),
    Sight("copies.show", "none", "officer2", case("missing", "/copies")),
    Sight("reading.show", "a PDF", "legal1",
          lambda stage: f"/cases/{stage.cases['mine']}/read?read={stage.material('mine', PAPER)}", _note),
    Sight("operators.show_case", "suspend", "unithead", case("welders", "/do/suspend")),
    Sight("operators.show_case", "resume", "unithead", case("gas", "/do/resume")),
    Sight("operators.show_case", "terminate, with complaints", "unithead", case("fuel", "/do/terminate"), _submit),
    Sight("meetings.index", "some", "legal1", at("/meetings")),
    Sight("meetings.index", "none", "kchead", at("/meetings")),
    Sight("meetings.show", "voting", "head", _meeting),
    Sight("catalogue.index", "plain", "legal1", at("/catalogue")),
    Sight("catalogue.new", "plain", "legal1", at("/catalogue/new")),
    Sight("catalogue.new", "complaints", "legal1", at("/catalogue/new"), _submit),
]  # fmt: skip
TASKS = [
    Sight("tasks.show", "to be claimed", "legal1", step("door", "check_completeness")),
    Sight("tasks.show", "waits for others", "officer1", step("furniture", "check_completeness")),
    Sight("tasks.show", "with points and notes", "legal1", step("mine", "initial_review")),
    Sight("tasks.show", "with a paper open", "legal1", paper("mine", "initial_review", PAPER), _note),
    Sight("tasks.show", "complaints", "legal1", step("mine", "initial_review"), _submit),
    *[Sight("tasks.show", tab, "legal1", step("mine", "initial_review", f"?tab={tab}"),
            _diagram if tab == "diagram" else everything_open) for tab in ("file", "diagram", "timeline", "talk")],
    Sight("tasks.show", "held by a signer", "legal1", step("metal", "conclude_review"), everything_open),
    Sight("tasks.show", "asked to sign", "legal2", step("metal", "conclude_review", kind="before")),
    Sight("tasks.show", "delegated", "legal1", step("bags", "initial_review")),
    Sight("tasks.show", "for an absent colleague", "legal1", step("furniture", "check_completeness")),
    Sight("tasks.show", "returned to me", "legal1", step("shop", "initial_review")),
    Sight("tasks.show", "returned by me", "counsel1", _in_state("shop", "returned")),
    Sight("tasks.show", "withdrawn by me", "legal1", step("withdrawn", "legal")),
    Sight("tasks.show", "withdrawn", "legal1", _in_state("withdrawn", "withdrawn")),
    Sight("tasks.show", "completed", "legal1", done("legal1", "welders", "initial_review")),
    Sight("tasks.show", "cancelled", "officer1", _in_state("ended", "cancelled")),
    Sight("tasks.show", "mended and sent straight back", "officer1", step("rework", "draft", kind="rework")),
    Sight("tasks.show", "waits for the mending", "legal1", step("rework", "legal")),
    Sight("tasks.show", "suspended", "legal1", step("gas", "check_completeness")),
    Sight("tasks.show", "one of a round", "legal1", step("trial", "sign", holder="legal1")),
    Sight("tasks.show", "a vote", "deputy", step("depot", "vote", holder="deputy")),
    Sight("tasks.show", "signing of a decision", "head", step("signing", "sign_decision"), everything_open),
    Sight("tasks.show", "papers asked for", "officer2", step("missing", "supplement_files")),
    Sight("tasks.show", "every kind of field", "officer1", step("paper", "draft")),
    Sight("tasks.show", "every kind of complaint", "officer1", step("paper", "draft"), _submit),
    Sight("tasks.show", "every kind of answer read", "legal1", step("filled", "check")),
    *_does("legal1", "mine", "initial_review", ("reassign", "delegate", "sign", "ask", "return")),
    *_does("legal2", "bags", "initial_review", ("take_back",)),
    *_does("legal1", "metal", "conclude_review", ("unask",), kind="before"),
    *_does("legal1", "trial", "sign", ("round_add", "round_remove"), holder="legal1"),
    *_does("legal1", "depot", "vote", ("departed",), holder="deputy"),
    *_does("officer1", "shop", "initial_review", ("urge",)),
    Sight("operators.show", "withdraw", "legal1",
          lambda stage: f"/tasks/{stage.completed('legal1', 'welders', 'initial_review')}/do/withdraw"),
    Sight("operators.show", "return, with complaints", "legal1", step("mine", "initial_review", "/do/return"), _submit),
    Sight("operators.show", "delegate, with complaints", "legal1", step("mine", "initial_review", "/do/delegate"),
          _submit),
]  # fmt: skip
SIGHTS = (*PUBLIC, *DESK, *CASES, *TASKS, *OPERATIONS, *ADMINISTRATORS, *HOUSE)
