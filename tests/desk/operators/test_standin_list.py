"""代办: what waits for people for whom one acts, and what one was asked to prepare, as a list of the desk."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.desk.operators.conftest import Trial
from tests.desk.operators.test_substitutes import TODAY, held_by, name
from webapp import desklines
from workflows.calendar import clock
from workflows.calendar.clock import SimulatedClock
from workflows.cases import access
from workflows.cases.file import CaseOfficer
from workflows.desk import commands, substitutes
from workflows.desk.execute import execute
from workflows.desk.lists import columns, kinds, pages
from workflows.desk.operators import handing
from workflows.desk.tasks import Task
from workflows.errors import Forbidden


def standing_in(trial: Trial, login: str) -> list[str]:
    """The steps on somebody's list, checked against what the desk counts."""
    with trial.store.read() as session:
        actor = trial.bureau.actor(login)
        page = pages.page(session, actor, "standin")
        assert pages.counts(session, actor)["standin"].number == page.total.number == len(page.tasks)
        return [task.element_id for task in page.tasks]


def on(trial: Trial, login: str, which: str) -> list[str]:
    """The steps of the trial on one of somebody's lists."""
    with trial.store.read() as session:
        found = pages.page(session, trial.bureau.actor(login), which).tasks
        return [task.element_id for task in found if task.instance_id == trial.instance_id]


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


def test_what_absent_officers_have_not_claimed_is_their_substitutes_too(trial_on_both: Trial) -> None:
    """A step of the officers is offered to those of the case alone: with them away, nobody else could take it."""
    trial = trial_on_both
    task = trial.task("draft")
    assert task.state == "open"
    assert standing_in(trial, "officer3") == []
    name(trial, "officer2", "officer3", ["case_officer"])
    order = name(trial, "officer1", "officer3", ["case_officer"])
    assert standing_in(trial, "officer3") == ["draft"]
    assert standing_in(trial, "officer2") == [], "his own is under 待认领"
    with trial.store.read() as session:
        actor = trial.bureau.actor("officer3")
        assert access.visible_id(session, actor, trial.case_id)
        (line,) = desklines.lines(session, actor, pages.page(session, actor, "standin"))
        assert line.behalf == trial.bureau.actor("officer1").name
    execute(trial.store, commands.save_draft, trial.bureau.actor("officer3"), task.id, {"values": {}})
    execute(trial.store, substitutes.end_substitute, trial.bureau.actor("officer1"), order)
    trial.done("officer3", "draft")
    row = trial.row(task.id)
    assert (row.ended_by_id, row.ended_for_id) == (trial.person("officer3"), trial.person("officer2"))
    assert standing_in(trial, "officer3") == []
    trial.check()


def test_an_unclaimed_step_is_the_substitutes_only_where_the_absent_could_take_it(trial: Trial) -> None:
    task = trial.task("draft")
    name(trial, "officer1", "officer3", ["case_officer"])
    with trial.store.work() as session:
        for row in session.execute(
            select(CaseOfficer).where(CaseOfficer.case_id == trial.case_id)
        ).scalars():
            row.until = clock.now()
    assert standing_in(trial, "officer3") == []
    with pytest.raises(Forbidden, match=r"task\.not_yours"):
        trial.done("officer3", "draft")
    assert trial.row(task.id).state == "open"


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
    assert on(trial, "legal1", "lent") == ["legal"], "who delegated it still answers for it, and has it in sight"
    assert (on(trial, "legal1", "todo"), on(trial, "legal2", "lent")) == ([], [])
    with trial.store.work() as session:
        session.get_one(Task, trial.task("legal").id).due_at = clock.now() - timedelta(hours=1)
    assert (on(trial, "legal1", "overdue"), on(trial, "legal2", "overdue")) == (["legal"], ["legal"])
    with trial.store.read() as session:
        actor = trial.bureau.actor("legal1")
        (line,) = desklines.lines(session, actor, pages.page(session, actor, "lent"))
        assert line.lent == trial.bureau.actor("legal2").name
    trial.do("legal1", handing.hand_back_task, trial.task("legal").id, note="", draft={},
             seen=trial.task("legal").version)  # fmt: skip
    assert (on(trial, "legal1", "lent"), on(trial, "legal1", "todo")) == ([], ["legal"])
