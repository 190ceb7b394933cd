"""Every decision table of the folder's `dmn` decides as its sidecar says, or is refused."""

from __future__ import annotations

import pytest

from tests.conformance.folder import decisions
from workflows.errors import DiagramRefused, Incident

SUPPORTED = [construct for construct in decisions() if not construct.refused]
REFUSED = [construct for construct in decisions() if construct.refused]


@pytest.mark.parametrize("construct", SUPPORTED, ids=str)
def test_a_table_decides_as_its_sidecar_says(construct):
    table = construct.tables()[construct.sidecar["decision"]]
    for case in construct.sidecar["cases"]:
        if "incident" in case:
            with pytest.raises(Incident) as stopped:
                table.explain(case["given"])
            assert stopped.value.code == case["incident"]
            continue
        decided = table.explain(case["given"])
        assert decided.outcome == case["outcome"]
        assert "rules" not in case or list(decided.rules) == case["rules"]


@pytest.mark.parametrize("construct", REFUSED, ids=str)
def test_a_table_that_is_not_supported_is_refused_with_its_element_and_line(construct):
    with pytest.raises(DiagramRefused) as refused:
        construct.tables()
    found = [{"code": problem.code, "element": problem.place.partition("#")[2], "line": problem.line}
             for problem in refused.value.problems]
    assert found == construct.refused
