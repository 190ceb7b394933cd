"""Going back to an earlier step: out of branches, signing rounds, subprocesses and calls, into joined branches."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.drawing import (
    DAY,
    NOW,
    begin,
    boundary,
    call,
    do,
    end,
    find,
    flows,
    many,
    offered,
    par,
    read,
    start,
    sub,
    timer,
    user,
)
from tests.engine.undoing import undo
from workflows.engine.runtime import Instance
from workflows.errors import Stale

REVIEW = read(
    start(), user("draft"), par("split"), user("legal"), user("legal2"), user("counsel"), par("join"), user("decide"),
    end(),
    flows("""
        start > draft > split > legal > legal2 > join
        split > counsel > join
        join > decide > end
    """),
)


def names(instance: Instance, element: str) -> list[str]:
    """Where a step can go back to, nearest first."""
    return [earlier.element.id for earlier in instance.earlier(find(instance, element).id)]


def go_back(instance: Instance, element: str, to: str, nth: int = 0) -> None:
    step = find(instance, element, nth).id
    target = next(earlier.id for earlier in instance.earlier(step) if earlier.element.id == to)
    instance.go_back(step, target, NOW)


def test_a_step_goes_back_to_those_on_its_own_line_only():
    review = begin(REVIEW)
    do(review, "draft")
    do(review, "legal")
    assert names(review, "legal2") == ["legal", "draft"]
    assert names(review, "counsel") == ["draft"]


def test_a_return_inside_of_a_branch_leaves_the_other_branch_alone():
    review = begin(REVIEW)
    do(review, "draft")
    do(review, "legal")
    counsel = find(review, "counsel").id
    go_back(review, "legal2", "legal")
    assert offered(review) == ["counsel", "legal"]
    assert find(review, "counsel").id == counsel


def test_a_return_out_of_a_branch_takes_all_branches_back():
    review = begin(REVIEW)
    do(review, "draft")
    do(review, "counsel")
    go_back(review, "legal", "draft")
    assert offered(review) == ["draft"]
    do(review, "draft")
    do(review, "legal")
    do(review, "legal2")
    assert offered(review) == ["counsel"], "the opinion of the round before does not count"


def test_a_return_into_a_joined_branch_asks_nothing_of_the_other_branch_again():
    review = begin(REVIEW)
    for step in ("draft", "legal", "counsel", "legal2"):
        do(review, step)
    assert names(review, "decide") == ["legal2", "counsel", "legal", "draft"]
    go_back(review, "decide", "legal")
    assert offered(review) == ["legal"]
    do(review, "legal")
    do(review, "legal2")
    assert offered(review) == ["decide"]
    do(review, "decide")
    assert review.finished


def test_after_a_return_into_a_joined_branch_the_other_branch_still_leads_back():
    review = begin(REVIEW)
    for step in ("draft", "legal", "legal2", "counsel"):
        do(review, step)
    go_back(review, "decide", "counsel")
    assert names(review, "counsel") == ["draft"], "what the branch beside it did is not behind it"
    [waiting] = review.joining()
    assert [one.element.id for one in review.earlier(waiting)] == ["legal2", "legal", "draft"]


def test_a_step_beside_a_joined_branch_takes_back_what_went_on_behind_the_join():
    review = begin(read(
        start(), user("draft"), par("split"), user("legal"), user("note"), user("noted"), end("aside"), user("check"),
        user("counsel"), par("join"), user("decide"), end(),
        flows("""
            start > draft > split > legal > check > join
            legal > note > noted > aside
            split > counsel > join
            join > decide > end
        """),
    ))
    for step in ("draft", "legal", "note", "check", "counsel"):
        do(review, step)
    assert names(review, "noted") == ["note", "legal", "draft"]
    go_back(review, "noted", "note")
    assert offered(review) == ["decide", "note"], "what came of another branch stays"
    go_back(review, "note", "legal")
    assert offered(review) == ["legal"]
    for step in ("legal", "check"):
        do(review, step)
    assert offered(review) == ["decide", "note"], "the other branch still counts as arrived"


def test_nothing_ahead_is_an_earlier_step_after_a_return():
    review = begin(REVIEW)
    for step in ("draft", "legal", "legal2", "counsel"):
        do(review, step)
    go_back(review, "decide", "draft")
    assert names(review, "draft") == []
    with pytest.raises(Stale, match=r"engine\.not_earlier"):
        review.go_back(find(review, "draft").id, ":decide", NOW)


@pytest.mark.parametrize("sequential", [False, True])
def test_one_signer_sends_the_whole_round_back(sequential):
    signing = begin(read(
        start(), user("draft"), user("sign", many("people", "person", sequential=sequential)), user("file"), end(),
        flows("start > draft > sign > file > end"),
    ), {"people": ["a", "b", "c"]})
    do(signing, "draft")
    do(signing, "sign")
    go_back(signing, "sign", "draft")
    assert offered(signing) == ["draft"]
    do(signing, "draft")
    for _ in range(3):
        do(signing, "sign")
    assert offered(signing) == ["file"], "all three sign again"
    go_back(signing, "file", "sign")
    assert set(offered(signing)) == {"sign"}, "a return into the round begins it anew"


def test_a_step_inside_of_a_subprocess_goes_back_out_of_it_and_later_steps_go_back_to_the_whole_of_it():
    inner = start("s") + user("a") + user("b") + end("e") + flows("s > a > b > e")
    process = begin(read(
        start(), user("draft"), sub("check", inner), user("file"), end(), flows("start > draft > check > file > end")))
    do(process, "draft")
    do(process, "a")
    assert names(process, "b") == ["a", "draft"]
    go_back(process, "b", "draft")
    assert offered(process) == ["draft"]
    for step in ("draft", "a", "b"):
        do(process, step)
    assert names(process, "file") == ["check", "draft"]
    go_back(process, "file", "check")
    assert offered(process) == ["a"]


def test_a_called_process_is_left_by_a_return():
    called = read(start(), user("inner"), end(), flows("start > inner > end"), key="called")
    process = begin(read(
        start(), user("draft"), call("review", "called"), end(), flows("start > draft > review > end")), {}, called)
    do(process, "draft")
    go_back(process, "inner", "draft")
    assert offered(process) == ["draft"]
    do(process, "draft")
    do(process, "inner")
    assert process.finished


def test_what_began_beside_before_the_step_goes_on_and_what_began_later_does_not():
    process = begin(read(
        start(), user("draft"), user("check"), user("decide"), user("early"), user("late"), end(), end("e2"), end("e3"),
        boundary("b1", "draft", timer("P1D"), interrupting=False),
        boundary("b2", "check", timer("P1D"), interrupting=False),
        flows("start > draft > check > decide > end\nb1 > early > e2\nb2 > late > e3"),
    ))
    process.wake(NOW + DAY)
    do(process, "draft", now=NOW + DAY)
    process.wake(NOW + 3 * DAY)
    do(process, "check", now=NOW + 3 * DAY)
    assert offered(process) == ["decide", "early", "late"]
    go_back(process, "decide", "check")
    assert offered(process) == ["check", "early"]


def test_a_return_is_told_to_the_ledger():
    review = begin(REVIEW)
    do(review, "draft")
    review.run.trace.clear()
    go_back(review, "legal", "draft")
    told = next(passed for passed in review.trace if passed.kind == "return")
    assert (told.element_id, told.inputs) == ("legal", {"to": "draft"})


@given(st.integers(1, 12), st.integers(0, 2**32))
def test_going_back_leaves_what_history_without_the_step_would_have_left(leaves, seed):
    undo(seed, leaves, 40)
