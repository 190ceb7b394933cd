"""What the checks find is told by names, with the line once, and how to mend it."""

from __future__ import annotations

from dataclasses import replace

from tests.webapp.site import Site
from webapp.studiofindings import findings_of
from workflows.diagrams import checking, library, naming


def test_a_flow_without_a_condition_is_told_by_name_and_how_to_mend_it(site: Site) -> None:
    package = library.shipped()["penalty"]
    text = package.files["penalty.bpmn"].decode()
    at = text.index("<bpmn:conditionExpression")
    end = text.index("</bpmn:conditionExpression>") + len("</bpmn:conditionExpression>")
    spoilt = replace(package, files={**package.files, "penalty.bpmn": (text[:at] + text[end:]).encode()})
    with site.app.test_request_context():
        found = findings_of(checking.check(spoilt, {}), naming.names(spoilt))
    one = next(finding for finding in found if finding["code"] == "diagram.condition_missing")
    assert one["sentence"] == "“是否立案？”：连线“批准立案”不是默认流出线，应当写明条件。"
    assert one["line"] and "条件" in one["fix"]
