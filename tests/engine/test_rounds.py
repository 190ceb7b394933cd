"""Rules of a signing round: it ends when its outcome can no longer change, and tells the gateway."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.drawing import NOW, begin, do, end, find, flows, many, offered, properties, read, start, user
from tests.engine.matches import stored_and_read_back
from workflows.engine.definition import Definition
from workflows.errors import DiagramRefused, Incident


def signing(rule: str, *, sequential: bool = False, until: str = "", **more: str) -> Definition:
    said = properties(signing=rule, **{"outcome": "result", **more})
    return read(
        start(), user("sign", said + many("people", "person", sequential=sequential, until=until)), user("file"), end(),
        flows("start > sign > file > end"), key="main",
    )


def outcome(rule: str, votes: str, *, sequential: bool = False, people: int = 3) -> tuple[str | None, int]:
    """The outcome, and after how many signatures it stood. votes: y and n in the order of signing."""
    definition = signing(rule, sequential=sequential)
    instance = begin(definition, {"people": [str(n) for n in range(people)]})
    for number, vote in enumerate(votes, start=1):
        do(instance, "sign", vote={"y": "yes", "n": "no"}[vote])
        instance = stored_and_read_back(instance, {"main": definition})
        if offered(instance) == ["file"]:
            return instance.variables["result"], number
    return None, len(votes)


@pytest.mark.parametrize(("rule", "votes", "expected"), [
    ("all", "yyy", ("accepted", 3)), ("all", "yn", ("rejected", 2)),
    ("any", "ny", ("accepted", 2)), ("any", "nnn", ("rejected", 3)),
    ("share:0.66", "nyy", ("accepted", 3)), ("share:0.66", "nn", ("rejected", 2)), ("share:0.66", "n", (None, 1)),
    ("share:0.66", "yy", ("accepted", 2)),
])  # fmt: skip
def test_a_round_ends_when_nobody_can_change_its_outcome(rule, votes, expected):
    assert outcome(rule, votes) == expected


def test_in_a_sequence_one_refusal_ends_the_round():
    assert outcome("sequential", "yn", sequential=True) == ("rejected", 2)
    assert outcome("sequential", "yyy", sequential=True) == ("accepted", 3)


def test_a_round_of_nobody_accepts_nothing():
    instance = begin(signing("all"), {"people": []})
    assert instance.variables["result"] == "rejected"


def test_an_answer_without_a_vote_does_not_take_the_vote_before_it():
    instance = begin(signing("all"), {"people": ["a", "b"]})
    do(instance, "sign", vote="yes")
    with pytest.raises(Incident, match=r"engine\.no_vote"):
        do(instance, "sign")


def test_a_signer_less_or_more_changes_what_is_needed():
    instance = begin(signing("share:0.66"), {"people": ["a", "b", "c"]})
    instance.add_signer(find(instance, "sign").id, "d", NOW)
    do(instance, "sign", vote="yes")
    do(instance, "sign", vote="yes")
    assert offered(instance) == ["sign", "sign"], "of four, three are needed"
    instance.remove_signer(find(instance, "sign").id, 3, NOW)
    assert (offered(instance), instance.variables["result"]) == (["file"], "accepted")


@pytest.mark.parametrize(("rule", "more"), [
    ("most", {}), ("share:0", {}), ("share:1.2", {}), ("sequential", {}), ("all", {"outcome": ""}),
    ("all", {"outcome": "vote"}),
])  # fmt: skip
def test_a_rule_that_does_not_fit_is_refused(rule, more):
    with pytest.raises(DiagramRefused) as refused:
        signing(rule, **more)
    assert [problem.code for problem in refused.value.problems] == ["diagram.signing"]


def test_a_rule_and_a_condition_are_two_rules():
    with pytest.raises(DiagramRefused):
        signing("all", until="${nrOfCompletedInstances > 1}")


@given(st.integers(1, 8), st.lists(st.booleans(), min_size=8, max_size=8), st.sampled_from(["all", "any", "share:0.5"]))
def test_the_outcome_is_that_of_all_votes_though_not_all_are_asked(people, votes, rule):
    agreed = sum(votes[:people])
    accepted = {"all": agreed == people, "any": agreed > 0, "share:0.5": 2 * agreed >= people}[rule]
    told, _ = outcome(rule, "".join("ny"[vote] for vote in votes[:people]), people=people)
    assert told == ("accepted" if accepted else "rejected")
