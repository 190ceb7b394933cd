"""代办: what waits for people for whom one acts, and what one was asked to prepare, as a list of the desk."""

from __future__ import annotations

from datetime import timedelta

from tests.desk.operators.conftest import Trial
from tests.desk.operators.test_substitutes import TODAY, held_by, name
from workflows.calendar.clock import SimulatedClock
from workflows.cases.file import CaseOfficer
from workflows.desk import substitutes
from workflows.desk.execute import execute
from workflows.desk.lists import columns, kinds, pages
from workflows.desk.operators import handing


def standing_in(trial: Trial, login: str) -> list[str]:
    """The steps on somebody's list, checked against what the desk counts."""
    with trial.store.read() as session:
        actor = trial.bureau.actor(login)
        page = pages.page(session, actor, "standin")
        assert pages.counts(session, actor)["standin"].number == page.total.number == len(page.tasks)
        return [task.element_id for task in page.tasks]


def test_what_waits_for_an_absent_person_is_on_the_substitutes_list_while_the_order_lasts(
    trial_on_both: Trial, time: SimulatedClock
) -> None:
    trial = trial_on_both
    held_by(trial, "legal1")
    assert standing_in(trial, "legal2") == []
    name(trial, "legal1", "legal2", ends_on=TODAY + timedelta(days=1))
    assert standing_in(trial, "legal2") == ["legal"]
    assert standing_in(trial, "deputy") == []
    with trial.store.read() as session:
        assert kinds.scopes(session, trial.bureau.actor("legal2"), "standin") == {trial.person("legal1")}
        assert "behalf" in columns.shown(session, trial.bureau.actor("legal2"), "standin")
    time.set(time.now() + timedelta(days=2))
    assert standing_in(trial, "legal2") == []
    later = TODAY + timedelta(days=2)
    order = name(trial, "legal1", "legal2", starts_on=later, ends_on=later)
    assert standing_in(trial, "legal2") == ["legal"]
    execute(trial.store, substitutes.end_substitute, trial.bureau.actor("legal1"), order)
    assert standing_in(trial, "legal2") == []


def test_who_is_barred_from_a_case_has_nothing_of_it_on_the_list(trial: Trial) -> None:
    held_by(trial, "legal1")
    name(trial, "legal1", "legal2")
    with trial.store.work() as session:
        session.add(CaseOfficer(case_id=trial.case_id, person_id=trial.person("legal2"), position=2))
    assert standing_in(trial, "legal2") == []


def test_what_was_delegated_to_one_is_on_the_list_until_it_is_handed_back(trial: Trial) -> None:
    held_by(trial, "legal1")
    trial.do("legal1", handing.delegate_task, trial.task("legal").id, trial.person("legal2"), reason="请代拟",
             seen=trial.task("legal").version)  # fmt: skip
    assert standing_in(trial, "legal2") == ["legal"]
    assert standing_in(trial, "legal1") == []
