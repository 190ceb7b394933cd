"""A draft that breaks the law in a process which calls it: the finding has the whole way, through both diagrams."""

from __future__ import annotations

from itertools import groupby

from lxml import etree

from tests.diagrams.spoiling import BPMN, spoiled
from workflows.diagrams import checking, library
from workflows.engine.definition import read

GONE = ("unit_responds", "unit_responds_to_unit_answered", "unit_responds_di", "unit_responds_to_unit_answered_di")


def _unanswered(root: etree._Element) -> None:
    """The step 承办机构研究 taken out, its flows joined, as the editor does it."""
    by_id = {one.get("id"): one for one in root.iter() if one.get("id")}
    by_id["by_objection_to_unit_responds"].set("targetRef", "unit_answered")
    for one in by_id["unit_answered"].findall(f"{{{BPMN}}}incoming"):
        one.text = "by_objection_to_unit_responds"
    left = [one for one in root.iter(f"{{{BPMN}}}flowNodeRef") if one.text == "unit_responds"]
    for one in [*left, *(by_id[id] for id in GONE)]:
        parent = one.getparent()
        assert parent is not None
        parent.remove(one)


def unanswered() -> bytes:
    """The diagram of the legal review without 承办机构研究."""
    return spoiled("legal_review", _unanswered).files["legal_review.bpmn"]


def test_the_path_leads_from_the_calling_process_through_the_draft_and_back() -> None:
    published = {key: read(package, published=True) for key, package in library.shipped().items()}
    found = checking.check(spoiled("legal_review", _unanswered), published)
    one = next(one for one in found if one.code == "statutory.review_before_decision")
    assert (one.process, one.element) == ("penalty", "sign_decision")
    through = [key for key, _ in groupby(one.path, key=lambda step: step.process)]
    assert through == ["penalty", "legal_review", "penalty"]
