"""A place in a round (会签) that was given to somebody (转办) stays his, whoever is put before him."""

from __future__ import annotations

import pytest

from tests.desk.operators.conftest import Trial
from tests.desk.operators.test_signing import signed_by
from workflows import ledger
from workflows.cases.file import lock_case
from workflows.desk import advance, commands
from workflows.desk.execute import execute
from workflows.desk.operators import handing, recusing, returning, signing
from workflows.desk.tasks import Task, TaskDraft
from workflows.diagrams import description, library


@pytest.fixture
def given(trial: Trial) -> Trial:
    """A round in sequence in which one of the bureau's panel has the second place, which was the second reviewer's."""
    drawn = signed_by(sequential=True, operators=sorted(description.OPERATORS), signing="sequential", outcome="result")
    with trial.store.work() as session:
        library.publish(session, drawn, trial.bureau.actor("admin"), "试行")
        case, officer = lock_case(session, trial.case_id), trial.bureau.actor("officer1")
        signers = [trial.person(login) for login in ("legal1", "legal2", "deputy")]
        trial.instance_id = advance.start(session, case, "ruled", {"signers": signers}, officer).id
    sign(trial, "legal1")
    place = turn(trial)
    trial.do("legal2", handing.reassign_task, place.id, trial.person("member1"), reason="出差", seen=place.version)
    return trial


def turn(trial: Trial) -> Task:
    """The one step of the round that waits."""
    (task,) = trial.tasks()
    return task


def sign(trial: Trial, login: str) -> None:
    trial.do(login, commands.complete_task, turn(trial).id, {"vote": "yes"}, seen=turn(trial).version)


def before(trial: Trial, login: str, whom: str) -> None:
    """Somebody puts another before himself."""
    place = turn(trial)
    trial.do(login, signing.add_signer, place.id, trial.person(whom), before=True, reason="", seen=place.version)


def asked(trial: Trial) -> str:
    """The login of whose turn it is; "" where it is nobody's."""
    logins = ("legal1", "legal2", "deputy", "member1", "member2", "head", "unithead")
    return next((one for one in logins if trial.person(one) == turn(trial).assignee_id), "")


def test_a_given_place_comes_again_for_whom_it_was_given_to(given: Trial) -> None:
    typed = {"values": {"vote": ["no"]}}
    execute(given.store, commands.save_draft, given.bureau.actor("member1"), turn(given).id, typed)
    before(given, "member1", "head")
    before(given, "head", "unithead")
    with given.store.read() as session:
        told = [one for one in ledger.history(session, f"case:{given.case_id}") if one.event == "RoundChanged"]
    name = given.bureau.actor("member1").name
    assert [one.data["holder_name"] for one in told] == [name, ""], "the second one's place is his by the round"
    assert f"其后仍由{name}会签" in ledger.describe(told[0])
    order = []
    while given.waiting() == ["sign"]:
        order.append(asked(given))
        if order[-1] == "member1":
            with given.store.read() as session:
                kept = session.get(TaskDraft, (turn(given).id, given.person("member1")))
            assert kept is not None, "what he had typed is there again"
            assert kept.answer["values"] == {"vote": ["no"]}
        sign(given, order[-1])
    assert order == ["unithead", "head", "member1", "deputy"]
    given.check()


def test_whoever_gave_his_place_away_may_be_put_before_it(given: Trial) -> None:
    before(given, "member1", "legal2")
    order = []
    while given.waiting() == ["sign"]:
        order.append(asked(given))
        sign(given, order[-1])
    assert order == ["legal2", "member1", "deputy"]
    given.check()


def test_a_place_whose_holder_withdrew_meanwhile_is_offered_to_nobody_and_given_on(given: Trial) -> None:
    before(given, "member1", "head")
    given.do("member1", recusing.declare_recusal, given.case_id, reason="近亲属关系")
    sign(given, "head")
    assert asked(given) == ""
    place = turn(given)
    given.do("head", handing.reassign_task, place.id, given.person("member2"), reason="回避", seen=place.version)
    sign(given, "member2")
    assert asked(given) == "deputy"
    given.check()


def test_a_round_that_begins_anew_asks_whom_the_process_names(given: Trial) -> None:
    before(given, "member1", "head")
    for login in ("head", "member1", "deputy"):
        sign(given, login)
    decide = turn(given)
    execute(given.store, commands.claim_task, given.bureau.actor("deputy"), decide.id, seen=decide.version)
    decide = turn(given)
    with given.store.read() as session:
        (target,) = [one.target for one in returning.choices(session, session.get_one(Task, decide.id))]
    given.do("deputy", returning.return_task, decide.id, target, how="again", reason="重新会签", seen=decide.version)
    order = []
    while given.waiting() == ["sign"]:
        order.append(asked(given))
        sign(given, order[-1])
    assert order == ["legal1", "legal2", "deputy"]
    given.check()
