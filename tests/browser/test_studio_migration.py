"""A changed legal review is published, an old case is moved to it by two administrators, and finishes there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select

from tests.browser import moving
from tests.browser.conftest import LiveSite
from tests.browser.driver import Hands
from tests.diagrams.test_library import changed
from workflows import fold, play
from workflows.actors import Person, acting
from workflows.cases.file import Case
from workflows.desk.tasks import Task
from workflows.diagrams import library
from workflows.documents.fonts import Fonts

pytestmark = pytest.mark.browser

SCRIPT = Path(__file__).parents[1] / "cases" / "yinzhou-welders.yaml"
OLD, NEW = "check_completeness", "check_files"
"""The step at which the case stands has another id in the new version."""


def publish(live: LiveSite) -> None:
    """A legal review whose first step has another id and whose second has another name."""
    package = changed(
        "legal_review",
        bpmn=lambda text: text.replace(f'id="{OLD}"', f'id="{NEW}"').replace(f'Ref="{OLD}"', f'Ref="{NEW}"')
        .replace(f">{OLD}<", f">{NEW}<").replace(f'bpmnElement="{OLD}"', f'bpmnElement="{NEW}"')
        .replace('name="法规初审"', 'name="法规初步审查"'),
        yaml=lambda text: text.replace(f"  {OLD}: ", f"  {NEW}: ").replace("{zh: 法规初审,", "{zh: 法规初步审查,"),
    )  # fmt: skip
    with live.store.work() as session:
        admin = acting(session, session.execute(select(Person.id).where(Person.login == "admin")).scalar_one())
        library.publish(session, package, admin, "按新的审核规程调整")


def test_an_old_case_moves_to_a_changed_legal_review_and_finishes_there(live: LiveSite, chromium: Browser) -> None:
    script = play.read(SCRIPT)
    at = next(number for number, step in enumerate(script.steps) if step.get("task") == OLD)
    hands = Hands(live, chromium, Fonts())
    player = hands.player
    live.time.set(script.begins)
    for entry in script.matters:
        player.add_matter(dict(entry))
    player.open(script.start)
    for step in script.steps[:at]:
        player.step(step)
    publish(live)
    address = moving.ask(hands.page("admin"), "legal_review", {"送审材料完备性审查": NEW})
    moving.approve(hands.page("admin2"), address, live.store)
    assert hands.complaints == []
    hands.close()
    for step in [renamed(one) for one in script.steps[at:]]:
        player.step(step)
    player.work_off()
    finished(live, player.case_id)


def renamed(step: Any) -> Any:
    return {**step, "task": NEW} if step.get("task") == OLD else step


def finished(live: LiveSite, case_id: str) -> None:
    """The case is closed, its review was done by the new version, and the tables are what the ledger says."""
    with live.store.read(snapshot=True) as session:
        assert session.get_one(Case, case_id).state == "archived"
        names = session.execute(select(Task.element_id, Task.name).where(Task.case_id == case_id)).all()
        assert (NEW, "送审材料完备性审查") in names and ("initial_review", "法规初步审查") in names
        assert OLD not in {element for element, _ in names}
        assert [str(one) for one in fold.verify_state(session)] == []
