"""What the checks find is told by names, with the line once, and how to mend it."""

from __future__ import annotations

from dataclasses import replace

from tests.webapp.site import Site
from webapp.elementnames import called, words
from webapp.studiofindings import findings_of
from workflows.diagrams import checking, library
from workflows.errors import Problem


def test_a_flow_without_a_condition_is_told_by_name_and_how_to_mend_it(site: Site) -> None:
    package = library.shipped()["penalty"]
    text = package.files["penalty.bpmn"].decode()
    at = text.index("<bpmn:conditionExpression")
    end = text.index("</bpmn:conditionExpression>") + len("</bpmn:conditionExpression>")
    spoilt = replace(package, files={**package.files, "penalty.bpmn": (text[:at] + text[end:]).encode()})
    with site.app.test_request_context():
        found = findings_of(checking.check(spoilt, {}), spoilt.files)
    one = next(finding for finding in found if finding["code"] == "diagram.condition_missing")
    assert one["sentence"] == "“是否立案？”：连线“批准立案”不是默认流出线，应当写明条件。"
    assert one["line"] and "条件" in one["fix"]


def test_a_gateway_without_a_name_is_told_by_where_it_stands(site: Site) -> None:
    package = library.shipped()["legal_review"]
    text = package.files["legal_review.bpmn"].decode()
    nameless = text.replace(' name="是否齐全？"', "")
    spoilt = replace(package, files={**package.files, "legal_review.bpmn": nameless.encode()})
    with site.app.test_request_context():
        names = called(spoilt.files)
        wrong = Problem("lint.no_default", "legal_review.bpmn#completeness", facts={"label": "completeness"})
        found = findings_of([wrong], spoilt.files)
    assert names["completeness"] == "“送审材料完备性审查”之后的排他网关"
    assert found[0]["sentence"].startswith("“‘送审材料完备性审查’之后的排他网关”的每条流出线都带条件")
    with site.app.test_request_context(headers={"Cookie": "language=en"}):
        assert called(spoilt.files)["completeness"] == "the exclusive gateway after “Completeness check”"


def test_a_join_without_a_name_is_told_by_what_it_leads_to(site: Site) -> None:
    with site.app.test_request_context():
        names = called(library.shipped()["legal_review"].files)
    assert names["merge_initial"] == "“法规初审”之前的第1个排他网关"


def test_in_english_elements_are_told_by_their_english_names_also_within_sentences(site: Site) -> None:
    files = library.shipped()["penalty"].files
    wrong = Problem("check.variable_late", "penalty.bpmn#sign_decision",
                    facts={"label": "签发决定", "name": "x", "flows": ["签发决定", "别的"]})  # fmt: skip
    with site.app.test_request_context(headers={"Cookie": "language=en"}):
        english = called(files)["sign_decision"]
        assert words(files)["签发决定"] == english and english.isascii()
        assert findings_of([wrong], files)[0]["sentence"].count(english) == 2
