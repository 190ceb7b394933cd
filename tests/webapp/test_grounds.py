"""What is seen before one decides: the suspicion on the referral, the basis of a decision, what reviewers asked for."""

from __future__ import annotations

import re

from tests.webapp.site import Site, field_value, form_fields, pdf

REPORT = "经核实，现场存在重大事故隐患，拒不整改。"


def approve_filing(site: Site, case_id: str) -> None:
    deputy = site.visitor("deputy")
    path = f"/tasks/{site.task(case_id, 'approve_filing')}"
    deputy.post(f"{path}/complete", {**form_fields(deputy.get(path)), "result": "approve", "opinion": "同意"})


def verified(site: Site) -> str:
    """A case whose suspicion two officers confirmed; its id."""
    case_id = site.open_case()
    approve_filing(site, case_id)
    officer = site.visitor("officer1")
    key = field_value(officer.get(f"/cases/{case_id}"), "key")
    fields = {"offence": "危险作业罪", "grounds": "关闭安全监控", "key": key}
    officer.post(f"/cases/{case_id}/suspicion", fields)
    site.to(2024, 3, 4, 10, 0)
    path = f"/tasks/{site.task(case_id, 'verify_suspicion')}"
    officer.post(f"{path}/claim", form_fields(officer.get(path)))
    answer = officer.post(f"{path}/complete", [
        *form_fields(officer.get(path)).items(), ("team", site.person_id("officer1")),
        ("team", site.person_id("officer2")), ("offence", "危险作业罪（刑法第一百三十四条之一）"), ("report", REPORT),
        ("result", "confirmed"), ("verified_at", "2024-03-04T09:30"), ("report_file", pdf("核实报告.pdf")),
        ("files", pdf("核实附件.pdf")),
    ])  # fmt: skip
    assert answer.status_code == 302, answer.text
    return case_id


def test_the_head_decides_on_a_referral_with_its_grounds_before_them(site: Site) -> None:
    case_id = verified(site)
    head = site.visitor("head")
    for address in (f"/tasks/{site.task(case_id, 'approve_referral')}", f"/cases/{case_id}"):
        page = head.get(address).text
        wanted = ("危险作业罪（刑法第一百三十四条之一）", "关闭安全监控", "陈立", "2024-03-04 09:30", REPORT, "第310号")
        for shown in wanted:
            assert shown in page, (address, shown)
        assert re.search(r"核实(报告|附件)\.pdf", page)
        assert "<strong>" in page


def test_a_suspended_time_limit_says_so(site: Site) -> None:
    case_id = verified(site)
    page = site.visitor("head").get(f"/cases/{case_id}?tab=clocks").text
    assert "中止（自 2024-03-04" in page


def test_a_material_is_told_by_its_heading_its_name_and_who_added_it(site: Site) -> None:
    case_id = verified(site)
    page = site.visitor("head").get(f"/cases/{case_id}").text
    line = re.search(r"<li><strong>[^<]+</strong>[^\n]*核实\w+\.pdf[^\n]*", page)
    assert line
    assert "陈立" in line[0]
    assert "2024-03-04" in line[0]


def test_the_checklist_of_the_stage_tells_what_is_there_and_what_is_missing(site: Site) -> None:
    case_id = site.open_case()
    officer = site.visitor("officer1")
    before = officer.get(f"/cases/{case_id}?tab=materials").text
    assert "✕ 缺少" in before
    assert "✓ 已具备" not in before
    officer.post(f"/cases/{case_id}/materials", [("kind", "evidence"), ("files", pdf("证据.pdf"))])
    assert "✓ 已具备" in officer.get(f"/cases/{case_id}?tab=materials").text


def test_the_desk_opens_on_what_waits(site: Site) -> None:
    """Nothing is claimed yet: the list of what may be claimed comes first."""
    approve_filing(site, site.open_case())
    page = site.visitor("officer2").get("/desk").text
    assert re.search(r'list=claimable" aria-current="page"', page)
