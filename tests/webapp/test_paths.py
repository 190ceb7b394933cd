"""A finding in the diagram of a process that calls the draft's is played there, and told as lying there."""

from __future__ import annotations

import json

from tests.diagrams.test_calling_path import unanswered
from tests.webapp.site import Site
from tests.webapp.test_trying import begin_draft, tree

CODE = "statutory.review_before_decision"


def test_a_law_broken_in_the_calling_process_leads_to_its_path_through_both_diagrams(site: Site) -> None:
    admin = site.visitor("admin")
    draft = begin_draft(admin, "legal_review")
    at = f"/studio/drafts/{draft}/files/legal_review.bpmn"
    seen = {"If-Match": admin.get(at).headers["ETag"]}
    assert admin.send("PUT", at, unanswered(), **seen).status_code == 200
    found = admin.send("POST", f"/studio/drafts/{draft}/check", b"", Accept="application/json").json["findings"]
    one = next(one for one in found if one["code"] == CODE)
    assert (one["process"], one["elsewhere"]["title"]) == ("penalty", "行政处罚普通程序")
    assert one["path"][0] == "review_requested" and "by_objection" in one["path"], "its part in the draft's own diagram"
    listed = tree(admin.get(f"/studio/drafts/{draft}").text)
    assert one["elsewhere"]["url"] in listed.xpath("//li[contains(@class, 'finding')]//a/@href")
    assert "在调用本流程的“行政处罚普通程序”的流程图中" in listed.text_content()
    page = tree(site.visitor("auditor").get(one["elsewhere"]["url"]).text)
    assert "这个问题出在“行政处罚普通程序”的流程图里" in page.text_content()
    drawn = page.xpath("//figure/@data-path-diagram")
    assert [address.rsplit("/", 3)[0].rsplit("/", 1)[-1] for address in drawn] == ["penalty", "legal_review", "penalty"]
    assert drawn[0].endswith("/sides/v1/diagram") and drawn[1].endswith(f"/sides/draft-{draft}/diagram")
    assert all(admin.get(address).status_code == 200 for address in drawn)
    steps = [[step["id"] for step in json.loads(said)] for said in page.xpath("//figure/@data-steps")]
    assert steps[0][0] == "lead_received" and steps[-1][-2] == "sign_decision"
    assert "签发决定" in page.xpath("string(//section[last()]//ol)")


def test_a_finding_that_is_gone_says_so(site: Site) -> None:
    admin = site.visitor("admin")
    draft = begin_draft(admin, "legal_review")
    page = admin.get(f"/studio/drafts/{draft}/path?code={CODE}&process=penalty&element=sign_decision").text
    assert "草稿现在没有这个问题了" in page and "data-path-diagram" not in page
