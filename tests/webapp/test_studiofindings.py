"""What the checks find is told by names, with the line once, and how to mend it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

from flask import get_template_attribute

from tests.diagrams.spoiling import spoiled, unmarked
from tests.webapp.site import Site
from webapp.elementnames import called, words
from webapp.studiofindings import beside, findings_of
from workflows.diagrams import checking, library
from workflows.diagrams.naming import names
from workflows.engine.definition import read
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


def test_what_a_package_breaks_in_a_process_that_calls_it_is_played_in_its_own_diagram(site: Site) -> None:
    spoilt = spoiled("legal_review", unmarked("conclude_review"))
    published = {key: read(package, published=True) for key, package in library.shipped().items()}
    with site.app.test_request_context():
        found = findings_of(checking.check(spoilt, published), spoilt.files)
    broken = [one for one in found if one["file"] == "penalty.bpmn" and one["element"] == "sign_decision"]
    assert broken
    for one in broken:
        assert one["played"] == "legal_review.bpmn"
        assert {"completeness_check", "conclude_review"} & {*one["path"]}
        assert "法规初审" in one["names"].values()


def test_what_could_not_be_replayed_is_not_counted_as_going_the_same_way(site: Site) -> None:
    with site.app.test_request_context():
        told = get_template_attribute("studio/pieces.html", "replayed")
        assert told(SimpleNamespace(same=0, other=0, skipped=1)) == "1 件都不能重演"
        assert told(SimpleNamespace(same=3, other=1, skipped=0)) == "4 件中有 1 件会走另一条路"


def test_in_english_elements_are_told_by_their_english_names_also_within_sentences(site: Site) -> None:
    files = library.shipped()["penalty"].files
    wrong = Problem("check.variable_late", "penalty.bpmn#sign_decision",
                    facts={"label": "签发决定", "name": "x", "flows": ["签发决定", "别的"]})  # fmt: skip
    with site.app.test_request_context(headers={"Cookie": "language=en"}):
        english = called(files)["sign_decision"]
        assert words(files)["签发决定"] == english and english.isascii()
        assert findings_of([wrong], files)[0]["sentence"].count(english) == 2


def test_a_wrong_cell_of_a_table_is_told_by_row_and_column(site: Site) -> None:
    package = library.shipped()["penalty"]
    text = package.files["collective_required.dmn"].decode()
    at = text.index("<outputEntry")
    wrong = text[:at] + text[at:].replace("<text>false</text>", '<text>"高"</text>', 1)
    spoilt = replace(package, files={**package.files, "collective_required.dmn": wrong.encode()})
    with site.app.test_request_context():
        found = findings_of(checking.check(spoilt, {}), spoilt.files)
    (one,) = [finding for finding in found if finding["code"] == "table.cell_type"]
    assert one["sentence"].startswith("“第 1 行‘集体讨论’列”：“高”与该列的数据类型") and one["element"]
    with site.app.test_request_context(headers={"Cookie": "language=en"}):
        found = findings_of(checking.check(spoilt, {}), spoilt.files)
    assert any(finding["sentence"].startswith("“row 1, column ‘集体讨论’”: ") for finding in found)


def test_in_english_a_calling_process_is_told_by_its_own_english_names(site: Site) -> None:
    spoilt = spoiled("legal_review", unmarked("conclude_review"))
    published = {key: read(package, published=True) for key, package in library.shipped().items()}
    broken = [one for one in checking.check(spoilt, published) if one.process == "penalty"]
    own = names(library.shipped()["penalty"].files).values()
    with site.store.read() as session, site.app.test_request_context(headers={"Cookie": "language=en"}):
        told = findings_of(broken, spoilt.files, beside(session, spoilt.files))
    assert broken and not [name for name in own for one in told if name in one["sentence"]]
