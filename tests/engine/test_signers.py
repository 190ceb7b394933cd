"""Adding and removing signers in a round that runs: parallel and in sequence, with early ends, stored between."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.drawing import NOW, begin, do, end, find, flows, many, read, start, user
from tests.engine.matches import stored_and_read_back
from workflows.engine.definition import Definition
from workflows.engine.runtime import Instance
from workflows.errors import Incident, Stale


def signing(*, sequential: bool, until: str = "") -> Definition:
    return read(
        start(), user("sign", many("people", "person", sequential=sequential, until=until)), user("file"), end(),
        flows("start > sign > file > end"), key="main",
    )


def run(people: list[str], *, sequential: bool = False, until: str = "") -> Instance:
    return begin(signing(sequential=sequential, until=until), {"people": people})


def signers(instance: Instance) -> list[str]:
    """Who is asked now."""
    return [step.variables["person"] for step in instance.steps() if step.element.id == "sign"]


def step_of(instance: Instance, person: str) -> Any:
    return next(step for step in instance.steps() if step.variables.get("person") == person)


def test_a_signer_is_added_beside_the_others():
    instance = run(["a", "b"])
    instance.add_signer(find(instance, "sign").id, "c", NOW)
    assert signers(instance) == ["a", "b", "c"]
    for _ in range(3):
        do(instance, "sign")
    assert [step.element.id for step in instance.steps()] == ["file"]


@pytest.mark.parametrize(("before", "order"), [(True, "cab"), (False, "acb")])
def test_a_signer_is_added_before_or_after_the_current_one_of_a_sequence(before, order):
    instance, asked = run(["a", "b"], sequential=True), []
    instance.add_signer(find(instance, "sign").id, "c", NOW, before=before)
    for _ in range(3):
        asked += signers(instance)
        do(instance, "sign")
    assert "".join(asked) == order


def test_a_place_that_is_another_s_by_now_comes_again_for_him():
    instance, asked = run(["a", "b"], sequential=True), []
    instance.add_signer(find(instance, "sign").id, "c", NOW, before=True, holder="x")
    for _ in range(3):
        asked += signers(instance)
        do(instance, "sign")
    assert "".join(asked) == "cxb"


def test_the_last_to_do_is_removed_and_the_round_ends():
    instance = run(["a", "b"])
    do(instance, "sign")
    number = step_of(instance, "b").variables["loopCounter"]
    instance.remove_signer(find(instance, "sign").id, number, NOW)
    assert [step.element.id for step in instance.steps()] == ["file"]


def test_a_share_counts_those_who_are_asked_now():
    instance = run(["a", "b", "c", "d"], until="${nrOfCompletedInstances / nrOfInstances >= 0.5}")
    instance.add_signer(find(instance, "sign").id, "e", NOW)
    do(instance, "sign")
    do(instance, "sign")
    assert signers(instance) == ["c", "d", "e"], "two of five are not half"
    instance.remove_signer(step_of(instance, "e").id, 4, NOW)
    assert [step.element.id for step in instance.steps()] == ["file"], "two of four are"


def test_nobody_is_removed_who_has_signed_or_is_alone_or_was_never_asked():
    instance = run(["a", "b"])
    do(instance, "sign")
    for index in (0, 7):
        with pytest.raises(Stale, match=r"engine\.no_instance"):
            instance.remove_signer(find(instance, "sign").id, index, NOW)
        instance = stored_and_read_back(run(["a", "b"]), {"main": instance.definition})
        do(instance, "sign")
    alone = run(["a"])
    with pytest.raises(Stale, match=r"engine\.no_instance"):
        alone.remove_signer(find(alone, "sign").id, 0, NOW)


def test_a_step_that_is_no_round_has_no_signers():
    instance = run(["a"])
    do(instance, "sign")
    with pytest.raises(Stale, match=r"engine\.no_round"):
        instance.add_signer(find(instance, "file").id, "b", NOW)


def test_a_round_has_a_limit():
    instance = begin(read(
        start(), user("sign", many("people", "person")), end(), flows("start > sign > end")),
        {"people": [str(n) for n in range(1000)]})
    with pytest.raises(Incident, match=r"engine\.too_many_instances"):
        instance.add_signer(find(instance, "sign").id, "x", NOW)


MOVES = st.lists(st.tuples(st.sampled_from(["sign", "add", "before", "remove"]), st.integers(0, 9)), max_size=25)


@given(st.integers(1, 5), st.booleans(), MOVES)
def test_everybody_who_was_added_and_not_removed_signs_once(count, sequential, moves):
    people = [f"p{n}" for n in range(count)]
    instance = run(people, sequential=sequential)
    known = {"main": instance.definition}
    expected, signed = list(people), list[str]()  # in a sequence: the order still ahead
    for number, (move, choice) in enumerate(moves):
        if not expected:
            break
        steps = [step for step in instance.steps() if step.element.id == "sign"]
        assert [step.variables["person"] for step in steps] == (expected[:1] if sequential else expected)
        step = steps[choice % len(steps)]
        person = step.variables["person"]
        match move:
            case "sign":
                instance.complete(step.id, {}, NOW)
                expected.remove(person)
                signed.append(person)
            case "add" | "before":
                instance.add_signer(step.id, f"q{number}", NOW, before=move == "before")
                place = 0 if move == "before" else 1
                expected.insert(place if sequential else len(expected), f"q{number}")
            case "remove" if len(expected) + len(signed) > 1:
                at = choice % len(expected) if sequential else expected.index(person)
                index = step.variables["loopCounter"] + (at if sequential else 0)
                instance.remove_signer(step.id, index, NOW)
                del expected[at]
        instance = stored_and_read_back(instance, known)
    while expected:
        step = next(step for step in instance.steps() if step.element.id == "sign")
        signed.append(step.variables["person"])
        expected.remove(step.variables["person"])
        instance.complete(step.id, {}, NOW)
    assert [step.element.id for step in instance.steps()] == ["file"]
    assert max(Counter(signed).values(), default=1) == 1


@pytest.mark.parametrize("sequential", [True, False])
def test_a_round_tells_who_joined_it_after_it_had_begun(sequential):
    instance = run(["a", "b"], sequential=sequential)
    sign = find(instance, "sign").id
    assert instance.added(sign) == frozenset()
    instance.add_signer(sign, "x", NOW)
    instance.add_signer(find(instance, "sign").id, "y", NOW, before=sequential)
    instance.add_signer(find(instance, "sign").id, "z", NOW, noted=False)

    def joined() -> set[str]:
        step = find(instance, "sign").id
        return {instance.signers(step)[number] for number in instance.added(step)}

    assert joined() == {"x", "y"}
    step = find(instance, "sign").id
    others = {item: number for number, item in instance.signers(step).items()}
    instance.remove_signer(step, others["b"], NOW)
    assert joined() == {"x", "y"}
    step = find(instance, "sign").id
    others = {item: number for number, item in instance.signers(step).items()}
    instance.remove_signer(step, others["x"], NOW)
    assert joined() == {"y"}
    assert instance.copy().added(find(instance, "sign").id) == instance.added(find(instance, "sign").id)
