"""Whoever signs a step is not who does it, in whatever order it came about."""

from __future__ import annotations

import pytest

from tests.desk.operators.conftest import Trial
from tests.desk.operators.test_signing import NO, YES, ask, hold, third
from workflows.actors import Person
from workflows.calendar import clock
from workflows.desk import commands, fitting, offers, signers, standins, substitutes
from workflows.desk.execute import execute
from workflows.desk.operators import handing, signing
from workflows.desk.tasks import Task
from workflows.errors import Forbidden


def taken(trial: Trial) -> Task:
    """The review, held by one of three legal officers, of whom the third is a candidate too."""
    third(trial)
    trial.done("officer1", "draft")
    hold(trial, "legal1", "legal")
    return trial.task("legal")


def reassign(trial: Trial, by: str, to: str) -> None:
    task = trial.task("legal")
    trial.do(by, handing.reassign_task, task.id, trial.person(to), reason="出差", seen=task.version)


def delegate(trial: Trial, by: str, to: str) -> None:
    task = trial.task("legal")
    trial.do(by, handing.delegate_task, task.id, trial.person(to), reason="请代拟", seen=task.version)


def instead(trial: Trial, absent: str, present: str) -> None:
    """Do the step in somebody's stead, whose order is made for it."""
    today = clock.today()
    trial.do(absent, substitutes.name_substitute, trial.person(absent), trial.person(present), roles=["legal_reviewer"],
             starts_on=today, ends_on=today, reason="出差")  # fmt: skip
    task = trial.task("legal")
    trial.do(present, commands.complete_task, task.id, {}, seen=task.version)


def claim(trial: Trial, holder: str, to: str) -> None:
    """The holder gives the step back, and somebody else claims it."""
    task = trial.task("legal")
    execute(trial.store, commands.release_task, trial.bureau.actor(holder), task.id, seen=task.version)
    task = trial.task("legal")
    execute(trial.store, commands.claim_task, trial.bureau.actor(to), task.id, seen=task.version)


WAYS = {"reassign": reassign, "delegate": delegate, "substitute": instead, "claim": claim}
"""How somebody comes to do the step: by its holder, to whom."""


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ["before", "after"])
def test_whoever_signs_a_step_does_not_come_to_do_it(trial: Trial, way: str, kind: str):
    taken(trial)
    ask(trial, "legal1", "legal", "legal2", kind)
    if kind == "before":  # until he has, nobody can give the step on
        trial.done("legal2", "legal", kind=kind, **YES)
    with pytest.raises(Forbidden, match=r"task\.(unfit_signs|signs_it)"):
        WAYS[way](trial, "legal1", "legal2")
    trial.check()


@pytest.mark.parametrize("way", WAYS)
def test_whoever_was_asked_to_sign_and_taken_away_may_do_the_step(trial: Trial, way: str):
    taken(trial)
    step = trial.task("legal").id
    trial.do("legal1", signing.unask, ask(trial, "legal1", "legal", "legal2", "after"), reason="请其办理")
    WAYS[way](trial, "legal1", "legal2")
    with trial.store.read() as session:
        assert trial.person("legal2") in signers.doers(session, session.get_one(Task, step))
    trial.check()


def test_whoever_prepared_a_step_is_not_asked_to_sign_it(trial: Trial):
    taken(trial)
    delegate(trial, "legal1", "legal2")
    task = trial.task("legal")
    trial.do("legal2", handing.hand_back_task, task.id, note="", draft={}, seen=task.version)
    with pytest.raises(Forbidden, match=r"sign\.own_step"):
        ask(trial, "legal1", "legal", "legal2", "after")
    ask(trial, "legal1", "legal", "officer3", "after")
    trial.check()


def test_a_delegation_that_was_taken_back_prepared_nothing(trial: Trial):
    taken(trial)
    delegate(trial, "legal1", "legal2")
    task = trial.task("legal")
    trial.do("legal1", handing.hand_back_task, task.id, note="", draft={}, seen=task.version)
    with trial.store.read() as session:
        assert signers.doers(session, session.get_one(Task, task.id)) == {trial.person("legal1")}
    ask(trial, "legal1", "legal", "legal2", "after")
    assert trial.task("legal", "legal2", kind="after").state == "claimed"


def test_whoever_sent_the_answer_in_the_holders_stead_does_not_sign_the_next_one(trial: Trial):
    taken(trial)
    ask(trial, "legal1", "legal", "officer3", "after")
    instead(trial, "legal1", "legal2")
    trial.done("officer3", "legal", kind="after", **NO)
    with pytest.raises(Forbidden, match=r"sign\.own_step"):
        ask(trial, "legal1", "legal", "legal2", "before")
    trial.check()


def test_whoever_did_the_step_meanwhile_is_refused_when_he_signs(trial: Trial):
    """As a record of an older version may have it."""
    task = taken(trial)
    asked = ask(trial, "legal1", "legal", "legal2", "before")
    with trial.store.work() as session:
        session.get_one(Task, task.id).assignee_id = trial.person("legal2")
    with pytest.raises(Forbidden, match=r"sign\.own_step"):
        trial.done("legal2", "legal", kind="before", **YES)
    task = trial.task("legal")
    with pytest.raises(Forbidden, match=r"task\.signs_it"):
        trial.do("legal2", commands.complete_task, task.id, {}, seen=task.version)
    trial.do("legal2", signing.unask, asked, reason="")
    trial.done("legal2", "legal")


def test_the_choices_and_buttons_say_who_signs_and_who_did_the_step(trial: Trial):
    task = taken(trial)
    delegate(trial, "legal1", "legal2")
    trial.do("legal2", handing.hand_back_task, task.id, note="", draft={}, seen=trial.task("legal").version)
    ask(trial, "legal1", "legal", "officer3", "after")
    trial.do("legal1", substitutes.name_substitute, trial.person("legal1"), trial.person("officer3"),
             roles=["legal_reviewer"], starts_on=clock.today(), ends_on=clock.today(), reason="出差")  # fmt: skip
    with trial.store.read() as session:
        row, legal1, third_one = session.get_one(Task, task.id), trial.bureau.actor("legal1"), trial.bureau.actor(
            "officer3")  # fmt: skip

        def why(operator: str, login: str) -> str:
            found = fitting.people(session, legal1, row, operator)
            return next(one.why for one in found if one.person.id == trial.person(login))

        assert why("reassign", "officer3") == why("delegate", "officer3") == why("sign", "officer3") == fitting.ASKED
        assert why("reassign", "legal2") == why("delegate", "legal2") == "", "who prepared it may have it"
        assert why("sign", "legal2") == fitting.DID
        assert standins.stood_in_for(session, third_one, row) is None
    execute(trial.store, commands.release_task, trial.bureau.actor("legal1"), task.id, seen=trial.task("legal").version)
    with trial.store.read() as session:
        told = {one.operator: one.why for one in offers.offers(session, third_one, session.get_one(Task, task.id))}
    assert {one.code for name in ("reassign", "sign") if (one := told[name])} == {"task.signs_it"}


def test_a_step_is_not_given_back_to_those_alone_who_sign_it(trial: Trial):
    trial.done("officer1", "draft")
    hold(trial, "legal1", "legal")
    ask(trial, "legal1", "legal", "legal2", "after")
    task = trial.task("legal")
    with pytest.raises(Forbidden, match=r"task\.no_other_candidate"):
        execute(trial.store, commands.release_task, trial.bureau.actor("legal1"), task.id, seen=task.version)


def test_the_head_takes_a_signer_away_from_a_step_whose_holder_is_gone_and_gives_it_to_him(trial: Trial):
    trial.done("officer1", "draft")
    hold(trial, "legal1", "legal")
    asked = ask(trial, "legal1", "legal", "legal2", "before")
    with pytest.raises(Forbidden, match=r"task\.not_yours"):
        trial.do("head", signing.unask, asked, reason="")
    with trial.store.work() as session:
        session.get_one(Person, trial.person("legal1")).disabled_at = clock.now()
    with pytest.raises(Forbidden, match=r"task\.unfit_signs"):
        reassign(trial, "head", "legal2")
    with trial.store.read() as session:
        told = offers.offers(session, trial.bureau.actor("head"), session.get_one(Task, asked))
    assert "unask" in {one.operator for one in told if one.why is None}
    trial.do("head", signing.unask, asked, reason="")
    reassign(trial, "head", "legal2")
    trial.done("legal2", "legal")
    trial.check()
