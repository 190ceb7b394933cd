"""Two reviews of one kind that the same person could do both are told of; a process can keep them apart."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.engine import drawing as d
from workflows.diagrams import separation
from workflows.diagrams.proof import WARNING
from workflows.engine.definition import read
from workflows.engine.package import Package


def counsel(id: str, act: str = "counsel_review", role: str = "legal_counsel") -> str:
    return d.user(id, d.properties(act=act), name=id, camunda_candidateGroups=role)


def found(flows: str, *nodes: str, apart: Any = None) -> list[tuple[str, str, str]]:
    drawn = d.draw(d.start(), *nodes, d.end(), d.flows(flows), key="review")
    said = {"apart": apart} if apart is not None else {}
    package = Package("review", {"review.bpmn": drawn, "process.yaml": yaml.safe_dump(said).encode()})
    told = list(separation.check(read(package)))
    assert {(one.code, one.severity) for one in told} <= {("check.same_reviewer", WARNING)}
    return [(one.element, str(one.facts["label"]), str(one.facts["other"])) for one in told]


IN_A_ROW = "start > one > two > end"
SIDE_BY_SIDE = "start > split > one > join > end\nsplit > two > join"
WHERE_NEEDED = "start > split > one > join > end\nsplit > two ? x\ntwo > join"
EITHER = "start > which > one > again > end\nwhich > two ? x\ntwo > again"
EITHER_IN_A_LOOP = f"{EITHER}\nagain > which ? x"
ROUND_AGAIN = "start > one > which > two > end\nwhich > one ? x"


@pytest.mark.parametrize(("flows", "more"), [
    (IN_A_ROW, ()), (SIDE_BY_SIDE, (d.par("split"), d.par("join"))),
    (ROUND_AGAIN, (d.xor("which", default="which__two"),)),
    (WHERE_NEEDED, (d.inc("split", default="split__one"), d.inc("join"))),
])  # fmt: skip
def test_two_that_are_both_done_are_named(flows: str, more: tuple[str, ...]) -> None:
    steps = (counsel("one"), counsel("two"))
    assert found(flows, *steps, *more) == [("two", "two", "one")]
    assert found(flows, *steps, *more, apart={"two": ["one"]}) == []
    assert found(flows, *steps, *more, apart={"one": ["two"]}) == []


@pytest.mark.parametrize("flows", [EITHER, EITHER_IN_A_LOOP])
def test_of_two_ways_only_one_is_gone_at_a_time(flows: str) -> None:
    gateways = d.xor("which", default="which__one"), d.xor("again", default="again__end")
    assert found(flows, counsel("one"), counsel("two"), *gateways) == []


@pytest.mark.parametrize("other", [
    counsel("two", act="submission_check"), counsel("two", act=""), counsel("two", role="legal_reviewer"),
])  # fmt: skip
def test_other_acts_and_other_roles_are_nobodys_second_opinion(other: str) -> None:
    assert found(IN_A_ROW, counsel("one"), other) == []
