"""Decisions that require other decisions of their file: what they read of them, and what is refused."""

from __future__ import annotations

from collections import UserDict
from collections.abc import Iterator
from typing import Any

from tests.engine.test_tables import codes, decision, file, refusal
from workflows.engine.tables import MAX_REQUIRED, read_tables


class Counted(UserDict[str, Any]):
    """Variables that count how often a decision takes them."""

    taken = 0

    def __iter__(self) -> Iterator[str]:
        self.taken += 1
        return super().__iter__()


def layers(count: int) -> bytes:
    """Layers of two decisions, each requiring both below: two to the power of `count` ways lead to the bottom."""
    found = [decision(["- -> x"], id="a0", outputs="va0"), decision(["- -> x"], id="b0", outputs="vb0")]
    for level in range(1, count):
        for side in "ab":
            below, cell = f"a{level - 1} b{level - 1}", f"- -> va{level - 1} + vb{level - 1}"
            found.append(decision([cell], id=f"{side}{level}", outputs=f"v{side}{level}", requires=below))
    return file(*found)


def test_a_decision_reads_the_outputs_of_those_it_requires() -> None:
    grade = decision(['>= 3 -> "major"', '< 3 -> "general"'], inputs="dead:number", outputs="grade:string", id="grade")
    factor = decision(["- -> 2",
    "> 1 -> 3"], inputs="dead:number", outputs="factor:number", id="factor", policy="COLLECT")
    top = decision(
        ['"major"; - -> max(factor) * base'], inputs="grade:string;base:number", outputs="fine:number", id="top",
        requires="grade factor",
    )  # fmt: skip
    read = read_tables(file(top, grade, factor), "t.dmn")  # the order in the file does not matter
    assert set(read) == {"grade", "factor", "top"}
    assert read["top"].inputs == {"dead", "base"}
    assert read["top"].decide({"dead": 4, "base": 100}) == {"fine": 300}
    assert read["top"].decide({"dead": 1, "base": 100}) is None


def test_two_required_decisions_that_give_what_is_read_under_one_name_are_refused() -> None:
    one, other = decision(["- -> 1"], id="one", outputs="risk"), decision(["- -> 2"], id="other", outputs="risk")
    top = decision(["1 -> 1"], inputs="risk", id="top", requires="one other")
    assert refusal(file(one, other, top))[0][:2] == ("table.result_ambiguous", "t.dmn#top")
    named = [each.replace("<decisionTable", f'<variable name="of_{name}"/><decisionTable', 1)
             for name, each in (("one", one), ("other", other))]  # fmt: skip
    own = decision(["1 -> of_other"], inputs="of_one", id="top", requires="one other")
    assert read_tables(file(*named, own), "t.dmn")["top"].decide({"x": 1}) == {"y": 2}


def test_a_required_decision_without_a_hit_gives_null() -> None:
    first = decision(["1 -> 5"], id="first", outputs="f")
    second = decision(["null -> 0", "5 -> 1"], inputs="f", id="second", requires="first")
    assert read_tables(file(first, second), "t.dmn")["second"].decide({"x": 2}) == {"y": 0}


def test_a_required_decision_is_also_seen_under_the_name_of_its_variable() -> None:
    named = '<variable name="weight"/>'
    one = decision(["1 -> 5"], id="first", outputs="f").replace("<decisionTable", named + "<decisionTable", 1)
    two = decision(["1 -> 5; 6"], id="first", outputs="f;g").replace("<decisionTable", named + "<decisionTable", 1)
    read = read_tables(file(one, decision(["5 -> weight + f"], inputs="weight", id="top", requires="first")), "t.dmn")
    assert read["top"].inputs == {"x"}
    assert read["top"].decide({"x": 1}) == {"y": 10}
    read = read_tables(file(two, decision(["6 -> weight.f"], inputs="weight.g", id="top", requires="first")), "t.dmn")
    assert read["top"].decide({"x": 1}) == {"y": 5}


def test_a_decision_that_many_require_is_made_once() -> None:
    read, variables = read_tables(layers(6), "t.dmn")["a5"], Counted(x=1)
    assert read.decide(variables) == {"va5": 32}
    assert variables.taken == 2 * 5 + 1


def test_decisions_require_each_other_only_so_deep() -> None:
    assert read_tables(layers(MAX_REQUIRED), "t.dmn")["a19"].inputs == {"x"}
    assert codes(layers(MAX_REQUIRED + 1)) == ["table.requires_itself", "table.requires_itself"]


def test_decisions_that_require_each_other_are_refused() -> None:
    one, two = decision(["1 -> 1"], id="one", requires="two"), decision(["1 -> 1"], id="two", requires="one")
    found = sorted(refusal(file(one, two)))
    assert [(code, place) for code, place, _ in found] == [
        ("table.requires_itself", "t.dmn#one"), ("table.requires_itself", "t.dmn#two"),
    ]  # fmt: skip
