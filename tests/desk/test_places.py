"""A round of signers says by which rule it ends, and whoever has not signed is told when it has."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from tests.desk.conftest import Bureau
from tests.desk.operators.conftest import SIGNERS, Trial
from tests.desk.operators.test_signing import signed_by
from workflows.actors import Person
from workflows.cases.file import lock_case
from workflows.desk import advance, places
from workflows.desk.operators import returning, signing
from workflows.desk.places import Rule
from workflows.desk.tasks import Task
from workflows.diagrams import library
from workflows.outbox import OutboxNotice


@pytest.fixture
def trial(sqlite_bureau: Bureau) -> Trial:
    return Trial(sqlite_bureau)


def begin(trial: Trial, **said: Any) -> None:
    """A round of three begins beside the case's own process."""
    signers = [trial.person(login) for login in SIGNERS]
    with trial.store.work() as session:
        drawn = signed_by(operators=["add_signer", "remove_signer"], **said)
        library.publish(session, drawn, trial.bureau.actor("admin"), "试行")
        case, officer = lock_case(session, trial.case_id), trial.bureau.actor("officer1")
        trial.instance_id = advance.start(session, case, "ruled", {"signers": signers}, officer).id


def rule(trial: Trial, task: Task) -> Rule | None:
    with trial.store.read() as session:
        return places.rule(session, session.get_one(Task, task.id))


def not_needed(trial: Trial) -> list[str]:
    """Logins of those who are told that their signature is not needed."""
    with trial.store.read() as session:
        found = select(Person.login).join(OutboxNotice, OutboxNotice.person_id == Person.id)
        return sorted(session.scalars(found.where(OutboxNotice.kind == "signature_not_needed")))


@pytest.mark.parametrize(("said", "told"), [
    ({"signing": "all", "outcome": "result"}, Rule("all", False, 3, 3)),
    ({"signing": "any", "outcome": "result"}, Rule("any", False, 1, 3)),
    ({"signing": "share:0.5", "outcome": "result"}, Rule("share", False, 2, 3)),
    ({"signing": "share:1", "outcome": "result"}, Rule("all", False, 3, 3)),
    ({"signing": "sequential", "outcome": "result", "sequential": True}, Rule("all", True, 3, 3)),
    ({"sequential": True}, Rule("", True, 0, 0)),
    ({}, Rule("", False, 0, 0)),
])  # fmt: skip
def test_a_round_says_by_which_rule_it_ends(trial: Trial, said: dict[str, Any], told: Rule) -> None:
    begin(trial, **said)
    assert rule(trial, trial.tasks()[0]) == told


def test_who_is_added_counts_and_a_step_of_one_has_no_rule(trial: Trial) -> None:
    assert rule(trial, trial.task("draft")) is None
    begin(trial, signing="share:0.66", outcome="result")
    mine = trial.task("sign", "legal1")
    trial.do("legal1", signing.add_signer, mine.id, trial.person("head"), before=False, reason="", seen=mine.version)
    trial.done("legal1", "sign", vote="no")
    assert rule(trial, trial.task("sign", "legal2")) == Rule("share", False, 3, 4)


def test_whoever_has_not_signed_when_a_round_ends_is_told_so(trial: Trial) -> None:
    begin(trial, signing="any", outcome="result")
    trial.done("legal2", "sign", vote="no")
    assert not_needed(trial) == []
    trial.done("legal1", "sign", vote="yes")
    assert trial.waiting() == ["decide"]
    assert not_needed(trial) == ["deputy"], "and not who signed"


def test_whoever_has_not_signed_when_a_round_is_returned_is_told_so(trial: Trial) -> None:
    trial.reviewed()
    mine = trial.task("sign", "legal2")
    with trial.store.read() as session:
        target = next(one.target for one in returning.choices(session, session.get_one(Task, mine.id)))
    trial.do("legal2", returning.return_task, mine.id, target, how="again", reason="请补正。", seen=mine.version)
    assert not_needed(trial) == ["deputy", "legal1"]
