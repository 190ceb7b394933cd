"""Acting for somebody absent: dates, roles, processes; what nobody does for another."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.desk.operators.conftest import Trial
from workflows import ledger, staff
from workflows.actors import SYSTEM, Person, Post
from workflows.calendar import clock
from workflows.calendar.clock import SimulatedClock
from workflows.desk import commands, substitutes
from workflows.desk.execute import execute
from workflows.errors import Forbidden, Invalid, NotFound
from workflows.store import new_id

TODAY, WEEK = date(2024, 2, 27), timedelta(days=7)


def name(trial: Trial, absent: str, substitute: str, roles: Collection[str] = ("legal_reviewer",), by: str = "",
         processes: Collection[str] = (), starts_on: date = TODAY, ends_on: date = TODAY + WEEK) -> str:  # fmt: skip
    order: str = trial.do(by or absent, substitutes.name_substitute, trial.person(absent), trial.person(substitute),
                          roles=roles, starts_on=starts_on, ends_on=ends_on, reason="出差",
                          processes=processes)  # fmt: skip
    return order


def held_by(trial: Trial, login: str) -> str:
    """The review, held by somebody; the task's id."""
    trial.done("officer1", "draft")
    task = trial.task("legal")
    execute(trial.store, commands.claim_task, trial.bureau.actor(login), task.id, seen=task.version)
    return task.id


def test_a_substitute_completes_a_step_and_both_names_stand_in_the_record(trial_on_both: Trial):
    trial = trial_on_both
    task_id = held_by(trial, "legal1")
    with pytest.raises(Forbidden, match=r"task\.not_yours"):
        trial.done("legal2", "legal")
    name(trial, "legal1", "legal2")
    trial.done("legal2", "legal")
    row = trial.row(task_id)
    assert (row.ended_by_id, row.ended_for_id) == (trial.person("legal2"), trial.person("legal1"))
    with trial.store.read() as session:
        told = [entry for entry in ledger.history(session, f"case:{trial.case_id}") if entry.event == "TaskCompleted"]
    assert (told[-1].actor_id, told[-1].data["for_id"]) == (trial.person("legal2"), trial.person("legal1"))
    trial.check()


@pytest.mark.parametrize(("starts", "ends"), [(1, 7), (-7, -1)])
def test_an_order_is_for_its_days_only(trial: Trial, time: SimulatedClock, starts: int, ends: int):
    held_by(trial, "legal1")
    if ends < 0:
        name(trial, "legal1", "legal2", ends_on=TODAY)
        time.set(time.now() + timedelta(days=1))
    else:
        name(trial, "legal1", "legal2", starts_on=TODAY + timedelta(days=starts), ends_on=TODAY + timedelta(days=ends))
    with pytest.raises(Forbidden, match=r"task\.not_yours"):
        trial.done("legal2", "legal")


def test_an_order_is_for_its_processes_only(trial: Trial):
    held_by(trial, "legal1")
    name(trial, "legal1", "legal2", processes=["penalty"])
    with pytest.raises(Forbidden, match=r"task\.not_yours"):
        trial.done("legal2", "legal")
    name(trial, "legal1", "legal2", processes=["trial"])
    trial.done("legal2", "legal")
    trial.check()


def test_an_order_that_was_ended_lets_nobody_act(trial: Trial):
    held_by(trial, "legal1")
    order = name(trial, "legal1", "legal2")
    execute(trial.store, substitutes.end_substitute, trial.bureau.actor("legal1"), order)
    execute(trial.store, substitutes.end_substitute, trial.bureau.actor("legal1"), order)
    with pytest.raises(Forbidden, match=r"task\.not_yours"):
        trial.done("legal2", "legal")


def test_an_order_widens_nobodys_rights(trial: Trial):
    held_by(trial, "legal1")
    name(trial, "legal1", "legal2")
    with trial.store.work() as session:  # the absent one lost the post meanwhile
        for post in session.execute(select(Post).where(Post.person_id == trial.person("legal1"))).scalars():
            post.ends_on = TODAY - timedelta(days=1)
    with pytest.raises(Forbidden, match=r"task\.(not_yours|unfit)"):
        trial.done("legal2", "legal")


def test_nobody_acts_for_somebody_whose_account_is_closed(trial: Trial):
    held_by(trial, "legal1")
    name(trial, "legal1", "legal2")
    with trial.store.work() as session:
        session.get_one(Person, trial.person("legal1")).disabled_at = clock.now()
    with pytest.raises(Forbidden, match=r"task\.not_yours"):
        trial.done("legal2", "legal")


def test_an_order_is_refused_for_roles_that_one_of_them_lacks_and_for_votes(trial: Trial):
    for roles, code in (
        (["bureau_head"], "substitute.not_held"), (["panel_member"], "substitute.never"), ([], "substitute.no_role"),
    ):  # fmt: skip
        with pytest.raises(Invalid, match=code.replace(".", r"\.")):
            name(trial, "legal1", "legal2", roles)
    with pytest.raises(Invalid, match=r"substitute\.not_fit"):
        name(trial, "legal1", "officer2")
    with pytest.raises(Invalid, match=r"substitute\.oneself"):
        name(trial, "legal1", "legal1")
    with pytest.raises(Invalid, match=r"substitute\.process_unknown"):
        name(trial, "legal1", "legal2", processes=["nothing"])
    with pytest.raises(Invalid, match=r"substitute\.days"):
        name(trial, "legal1", "legal2", ends_on=TODAY - timedelta(days=1))
    with pytest.raises(Forbidden, match=r"actor\.role_missing"):
        name(trial, "legal1", "legal2", by="officer1")


def test_two_orders_for_the_same_days_roles_and_processes_are_refused(trial: Trial):
    name(trial, "legal1", "legal2", processes=["penalty"])
    with pytest.raises(Invalid, match=r"substitute\.overlaps"):
        name(trial, "legal1", "legal2", starts_on=TODAY + WEEK, ends_on=TODAY + 2 * WEEK)
    name(trial, "legal1", "legal2", processes=["trial"])


def test_two_people_do_not_act_for_each_other(trial: Trial):
    order = name(trial, "legal1", "legal2", ends_on=TODAY)
    with pytest.raises(Invalid, match=r"substitute\.circle") as refused:
        name(trial, "legal2", "legal1", ends_on=TODAY)
    (told,) = refused.value.problems
    assert (told.place, told.facts["person"], told.facts["from"]) == ("substitute", "何远", TODAY)
    tomorrow = {"starts_on": TODAY + timedelta(days=1), "ends_on": TODAY + timedelta(days=1)}
    name(trial, "legal2", "legal1", processes=["trial"], **tomorrow)
    name(trial, "legal1", "legal2", processes=["penalty"], **tomorrow)
    execute(trial.store, substitutes.end_substitute, trial.bureau.actor("legal1"), order)
    name(trial, "legal2", "legal1", ends_on=TODAY)


def test_a_substitute_with_a_place_of_his_own_is_told_so(trial: Trial):
    trial.reviewed()
    name(trial, "legal1", "legal2")
    task = trial.task("sign", "legal1")
    with pytest.raises(Forbidden, match=r"sign\.own_place"):
        trial.do("legal2", commands.complete_task, task.id, {}, seen=task.version)


def test_the_same_order_sent_twice_is_one(trial: Trial):
    key, actor = new_id(), trial.bureau.actor("legal1")
    made = {
        execute(trial.store, substitutes.name_substitute, actor, actor.person_id, trial.person("legal2"),
                roles=["legal_reviewer"], starts_on=TODAY, ends_on=TODAY, reason="", key=key)
        for _ in range(2)
    }  # fmt: skip
    assert len(made) == 1


def elsewhere(trial: Trial) -> dict[str, str]:
    """Another bureau, with an administrator and two legal officers; login → id."""
    with trial.store.work() as session:
        staff.add_unit(session, SYSTEM, "另一局", level="county", legal_subject=True)
        return {
            login: staff.add_person(
                session, SYSTEM, login, login, unit="另一局", role=role, title="干部", password="Quiet-River-2024"
            ).id
            for login, role in (("admin9", "sys_admin"), ("legal8", "legal_reviewer"), ("legal9", "legal_reviewer"))
        }  # fmt: skip


def test_orders_stay_within_one_bureau(trial: Trial):
    theirs, own = elsewhere(trial), trial.person("legal1")
    given = {"roles": ["legal_reviewer"], "starts_on": TODAY, "ends_on": TODAY, "reason": ""}
    for login, absent, present in (
        ("admin9", own, trial.person("legal2")), ("admin9", theirs["legal9"], own), ("admin9", own, theirs["legal9"]),
        ("legal1", own, theirs["legal9"]), ("admin", theirs["legal8"], theirs["legal9"]),
    ):
        with pytest.raises(NotFound, match=r"person\.unknown"):
            trial.do(login, substitutes.name_substitute, absent, present, **given)
    order = name(trial, "legal1", "legal2")
    for login in ("admin9", "legal9"):
        with pytest.raises(NotFound, match=r"substitute\.unknown"):
            execute(trial.store, substitutes.end_substitute, trial.bureau.actor(login), order)
    with pytest.raises(Forbidden, match=r"actor\.role_missing"):
        execute(trial.store, substitutes.end_substitute, trial.bureau.actor("officer1"), order)
    trial.do("admin9", substitutes.name_substitute, theirs["legal8"], theirs["legal9"], **given)
    execute(trial.store, substitutes.end_substitute, trial.bureau.actor("admin"), order)


def test_an_order_from_before_whose_two_have_no_bureau_in_common_lets_nobody_act(trial: Trial):
    held_by(trial, "legal1")
    name(trial, "legal1", "legal2")
    elsewhere(trial)
    with trial.store.work() as session:
        there = staff.find_unit(session, "另一局")
        for post in session.execute(select(Post).where(Post.person_id == trial.person("legal2"))).scalars():
            post.unit_id = there.id
    with trial.store.read() as session:
        legal2 = trial.bureau.actor("legal2")
        assert substitutes.acts_for(session, legal2, trial.person("legal1")) == frozenset()
