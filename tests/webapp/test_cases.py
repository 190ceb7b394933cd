"""The list of cases, a new case, and its file with all that hangs on it."""

from __future__ import annotations

import re

import pytest
import yaml
from sqlalchemy import select

from tests.diagrams.spoiling import act
from tests.engine import drawing as d
from tests.publishing import put_in_force
from tests.webapp import trial
from tests.webapp.site import LEAD, Site, field_value, form_fields, pdf
from workflows.cases.catalogue import Matter
from workflows.cases.file import Case
from workflows.cases.materials import Material
from workflows.engine.package import Package


def count_cases(site: Site) -> int:
    with site.store.read() as session:
        return len(session.execute(select(Case.id)).all())


def test_a_new_case_opened_twice_is_one_case(site: Site) -> None:
    officer = site.visitor("officer1")
    key = field_value(officer.get("/cases/new?process=penalty"), "key")
    fields = {**LEAD, "co_officer": site.person_id("officer2"), "key": key}
    first, second = officer.post("/cases", fields), officer.post("/cases", fields)
    assert first.location == second.location
    assert count_cases(site) == 1


def test_a_wrong_new_case_keeps_everything_typed(site: Site) -> None:
    officer = site.visitor("officer1")
    key = field_value(officer.get("/cases/new?process=penalty"), "key")
    answer = officer.post("/cases", {**LEAD, "key": key, "found_on": "2024-02-30", "parties.0.name": "<甲公司>"})
    assert answer.status_code == 422
    assert "&lt;甲公司&gt;" in answer.text
    assert 'value="2024-02-30"' in answer.text
    assert 'href="#f-found_on"' in answer.text
    assert 'href="#f-co_officer"' in answer.text
    assert count_cases(site) == 0


def test_every_process_that_can_be_begun_is_offered_where_a_case_is_begun(site: Site) -> None:
    officer = site.visitor("officer1")
    assert "process=penalty" not in officer.get("/cases/new").text  # there is no choice yet
    said = yaml.safe_dump({"key": "licence", "title": {"zh": "许可审查", "en": "Licence"}, "kinds": ["行政许可"]})
    start = d.node("startEvent", "start", act("lead"), camunda_formKey="lead")
    lead = '{"type": "default", "components": []}'
    drawn = d.draw(start, d.user("check"), d.node("endEvent", "end"), d.flows("start > check > end"), key="licence")
    files = {"licence.bpmn": drawn, "process.yaml": said.encode(), "forms/lead.form": lead.encode()}
    beside = trial.package()  # begins without a form
    with site.store.work() as session:
        put_in_force(session, Package("licence", files))
        put_in_force(session, beside)
    page = officer.get("/cases/new").text
    assert re.findall(r'href="/cases/new\?process=(\w+)" (aria-current)?', page) == [
        ("licence", ""), ("penalty", "aria-current")
    ]  # fmt: skip
    assert "许可审查" in page
    assert 'name="process" value="licence"' in officer.get("/cases/new?process=licence").text


def test_only_case_officers_open_cases(site: Site) -> None:
    for login in ("legal1", "head", "admin"):
        assert site.visitor(login).get("/cases/new?process=penalty").status_code == 403
        assert "登记案件线索" not in site.visitor(login).get("/desk").text


def test_the_list_is_found_by_words_and_state(site: Site) -> None:
    site.open_case()
    officer = site.visitor("officer1")
    for query in ("?q=焊工", "?q=鑫达", "?state=lead", ""):
        assert "焊工无证上岗作业案" in officer.get(f"/cases{query}").text
    for query in ("?q=没有的", "?state=archived", "?q=%25"):
        page = officer.get(f"/cases{query}").text
        assert ("焊工无证上岗作业案" in page) is (query == "?q=%25")  # a percent sign searches for nothing at all


@pytest.mark.parametrize(
    ("tab", "shown"),
    [
        ("overview", "鑫达车辆附件厂"), ("materials", "还没有材料"), ("opinions", "还没有审核意见"),
        ("documents", "还没有制发文书"), ("clocks", "为什么是这一天"), ("diagram", 'data-current="approve_filing"'),
        ("timeline", "登记案件线索"),
    ],
)  # fmt: skip
def test_the_file_opens_at_every_tab(site: Site, tab: str, shown: str) -> None:
    case_id = site.open_case()
    page = site.visitor("deputy").get(f"/cases/{case_id}?tab={tab}")
    assert page.status_code == 200
    assert shown in page.text
    assert "立案审批" in page.text  # what the case waits for stands above every tab


def test_the_diagram_is_the_one_the_case_runs_on(site: Site) -> None:
    case_id = site.open_case()
    visitor = site.visitor("officer1")
    answer = visitor.get(f"/cases/{case_id}/diagram.xml?process=penalty")
    assert answer.mimetype == "application/xml"
    assert "approve_filing" in answer.text
    assert visitor.get(f"/cases/{case_id}/diagram.xml?process=legal_review").status_code == 404  # not entered yet


def add_material(site: Site, case_id: str, name: str = "笔录.pdf") -> str:
    officer = site.visitor("officer1")
    officer.get(f"/cases/{case_id}?tab=materials")
    fields = [("kind", "evidence"), ("note", "补充"), ("files", pdf(name))]
    answer = officer.post(f"/cases/{case_id}/materials", fields)
    assert answer.status_code == 302, answer.text
    with site.store.read() as session:
        wanted = select(Material.id).where(Material.file_name == name).order_by(Material.added_at.desc())
        return session.execute(wanted.limit(1)).scalar_one()


def test_a_material_is_added_shown_and_saved(site: Site) -> None:
    case_id = site.open_case()
    material = add_material(site, case_id)
    visitor = site.visitor("deputy")
    assert "笔录" in visitor.get(f"/cases/{case_id}?tab=materials").text
    shown = visitor.get(f"/files/{case_id}/{material}")
    assert shown.mimetype == "application/pdf"
    assert shown.headers["Content-Disposition"].startswith("inline")
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert "script-src 'none'" in shown.headers["Content-Security-Policy"]
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    saved = visitor.get(f"/files/{case_id}/{material}?save=1")
    assert saved.headers["Content-Disposition"].startswith("attachment")


def test_what_a_browser_should_not_show_is_only_saved(site: Site) -> None:
    case_id = site.open_case()
    officer = site.visitor("officer1")
    officer.get(f"/cases/{case_id}?tab=materials")
    text = pdf("说明.txt", "情况说明。".encode())
    assert officer.post(f"/cases/{case_id}/materials", [("kind", "other"), ("files", text)]).status_code == 302
    with site.store.read() as session:
        material = session.execute(select(Material.id)).scalar_one()
    answer = officer.get(f"/files/{case_id}/{material}")
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_a_material_is_reached_through_its_own_case_only(site: Site) -> None:
    mine, other = site.open_case(), site.open_case()
    material = add_material(site, mine)
    visitor = site.visitor("officer1")
    assert visitor.get(f"/files/{other}/{material}").status_code == 404
    assert site.visitor("kcofficer1").get(f"/files/{mine}/{material}").status_code == 404
    assert site.visitor().get(f"/files/{mine}/{material}").status_code == 302


def test_a_replaced_material_stays_in_the_file(site: Site) -> None:
    case_id = site.open_case()
    old = add_material(site, case_id)
    officer = site.visitor("officer1")
    officer.get(f"/cases/{case_id}?tab=materials")
    newer = pdf("新笔录.pdf", b"%PDF-1.7 new")
    fields = [("reason", "扫描不清"), ("files", newer)]
    answer = officer.post(f"/cases/{case_id}/materials/{old}/supersede", fields)
    assert answer.status_code == 302
    page = officer.get(f"/cases/{case_id}?tab=materials").text
    assert "已更换" in page
    assert "新笔录" in page
    assert officer.get(f"/files/{case_id}/{old}").status_code == 200


def test_no_file_and_no_reason_are_said_on_the_page_of_the_case(site: Site) -> None:
    case_id = site.open_case()
    officer = site.visitor("officer1")
    officer.get(f"/cases/{case_id}?tab=materials")
    answer = officer.post(f"/cases/{case_id}/materials", {"kind": "evidence"})
    assert answer.status_code == 422
    assert "补充材料" in answer.text


def test_officers_come_and_go_but_two_stay(site: Site) -> None:
    case_id = site.open_case()
    head = site.visitor("unithead")
    head.get(f"/cases/{case_id}")
    third, second = site.person_id("officer3"), site.person_id("officer2")
    assert head.post(f"/cases/{case_id}/officers", {"person": third}).status_code == 302
    assert head.post(f"/cases/{case_id}/officers/{second}/remove", {"reason": "调动"}).status_code == 302
    page = head.get(f"/cases/{case_id}").text
    assert "吴浩" in page
    refused = head.post(f"/cases/{case_id}/officers/{third}/remove", {"reason": "调动"})
    assert refused.status_code == 422 and "请先增加其他办案人员" in refused.text
    assert site.visitor("counsel1").post(f"/cases/{case_id}/officers", {"person": third}).status_code in (400, 404)


def test_the_record_and_the_table_say_that_an_officer_withdrew_and_why(site: Site) -> None:
    case_id = site.open_case()
    head = site.visitor("unithead")
    page = head.get(f"/cases/{case_id}").text
    assert "确认后立即生效，不能撤销" in page
    third, second = site.person_id("officer3"), site.person_id("officer2")
    head.post(f"/cases/{case_id}/officers", {"person": third})
    head.post(f"/cases/{case_id}/officers/{second}/remove", {"reason": "系法定代表人近亲属。", "recused": "1"})
    officers = re.search(r"<h2>办案人员</h2>(.*?)</table>", head.get(f"/cases/{case_id}").text, re.S)
    assert officers and re.search(r">回避</span>.*系法定代表人近亲属。", officers[1])
    assert "办案人员因回避退出办案：" in head.get(f"/cases/{case_id}?tab=timeline").text
    head.client.set_cookie("language", "en")
    assert "Officer recused, left the case: " in head.get(f"/cases/{case_id}?tab=timeline").text


def test_a_suspicion_starts_the_referral_and_suspends_the_fine(site: Site) -> None:
    case_id = site.open_case()
    deputy = site.visitor("deputy")
    path = f"/tasks/{site.task(case_id, 'approve_filing')}"
    deputy.post(f"{path}/complete", {**form_fields(deputy.get(path)), "result": "approve", "opinion": "同意"})
    officer = site.visitor("officer1")
    key = field_value(officer.get(f"/cases/{case_id}"), "key")
    fields = {"offence": "危险作业罪", "grounds": "现场有重大事故隐患", "key": key}
    assert officer.post(f"/cases/{case_id}/suspicion", fields).status_code == 302
    page = officer.get(f"/cases/{case_id}?tab=diagram").text
    assert "罚款暂停" in page
    assert 'data-current="verify_suspicion"' in page
    assert officer.post(f"/cases/{case_id}/suspicion", fields).status_code == 302  # sent twice: the same answer


def test_a_suspicion_without_grounds_keeps_the_offence_typed(site: Site) -> None:
    case_id = site.open_case()
    officer = site.visitor("officer1")
    key = field_value(officer.get(f"/cases/{case_id}"), "key")
    answer = officer.post(f"/cases/{case_id}/suspicion", {"offence": "危险作业罪", "grounds": "", "key": key})
    assert answer.status_code == 422
    assert 'value="危险作业罪"' in answer.text


@pytest.mark.parametrize("page", ["0", "-5", "9223372036854775807", "99999999999999999999", "9" * 5000, "x"])
def test_a_page_that_does_not_exist_is_the_first_or_the_last(site: Site, page: str) -> None:
    visitor = site.visitor("officer1")
    assert visitor.get(f"/cases?page={page}").status_code == 200
    assert visitor.get(f"/desk?page={page}").status_code == 200


def test_row_counts_of_any_length_draw_a_form(site: Site) -> None:
    officer = site.visitor("officer1")
    officer.get("/cases/new")
    many = "9" * 5000
    row = {f"parties.{many}.name": "x", "rows": "remove:parties.0"}
    odd = ({"parties.#": many}, {"rows": f"remove:parties.{many}"}, row)
    for more in odd:
        answer = officer.post("/cases/new/form", {**LEAD, **more})
        assert answer.status_code == 200
        assert LEAD["title"] in answer.text
    assert officer.post("/cases", {**LEAD, "parties.#": "9" * 5000}).status_code == 422


def test_officers_correct_a_party_and_the_record_keeps_both(site: Site) -> None:
    case_id = site.open_case()
    officer = site.visitor("officer1")
    page = officer.get(f"/cases/{case_id}").text
    found = re.search(rf"/cases/{case_id}/parties/(\w+)", page)
    assert found
    address = f"/cases/{case_id}/parties/{found[1]}"
    assert officer.post(address, {"name": "鑫达车辆附件有限公司", "address": "演示路2号"}).status_code == 302
    assert "鑫达车辆附件有限公司" in officer.get(f"/cases/{case_id}").text
    refused = officer.post(address, {"name": "", "address": "演示路3号"})
    assert refused.status_code == 422
    assert "请填写“名称”" in refused.text
    assert 'value="演示路3号"' in refused.text
    assert "更正当事人信息" in officer.get(f"/cases/{case_id}?tab=timeline").text
    deputy = site.visitor("deputy")
    assert address not in deputy.get(f"/cases/{case_id}").text
    assert deputy.post(address, {"name": "别的名称"}).status_code == 403


def test_officers_add_a_party_and_a_matter(site: Site) -> None:
    case_id = site.open_case()
    officer = site.visitor("officer1")
    key = field_value(officer.get(f"/cases/{case_id}"), "key")
    fields = {"kind": "person", "name": "徐某", "address": "演示路1号", "role": "主要负责人", "key": key}
    assert officer.post(f"/cases/{case_id}/parties", fields).status_code == 302
    page = officer.get(f"/cases/{case_id}").text
    assert "主要负责人" in page
    code = re.search(r'<option value="(CF-AQF-[^"]+)"', page)
    assert code
    assert officer.post(f"/cases/{case_id}/matters", {"code": code[1]}).status_code == 302
    assert code[1] in officer.get(f"/cases/{case_id}").text
    assert officer.post(f"/cases/{case_id}/matters", {"code": code[1]}).status_code == 422


def test_a_possible_crime_is_pointed_out(site: Site) -> None:
    officer = site.visitor("officer1")
    key = field_value(officer.get("/cases/new?process=penalty"), "key")
    fields = {**LEAD, "co_officer": site.person_id("officer2"), "key": key}
    with site.store.read() as session:
        matters = session.execute(select(Matter)).scalars()
        fields["matters.0.matter_code"] = next(m.code for m in matters if m.kind == "行政处罚" and m.spec.get("crimes"))
    case_id = officer.post("/cases", fields).location.rsplit("/", 1)[-1]
    task = site.task(case_id, "approve_filing")
    for login, address in (("officer1", f"/cases/{case_id}"), ("deputy", f"/tasks/{task}")):
        assert "请排查是否需要移送" in site.visitor(login).get(address).text


def test_a_file_has_a_name_of_its_own_for_programs_without_chinese(site: Site) -> None:
    case_id = site.open_case()
    material = add_material(site, case_id, "笔录.pdf")
    said = site.visitor("deputy").get(f"/files/{case_id}/{material}").headers["Content-Disposition"]
    assert f"filename=evidence-{material[:8]}.pdf" in said
    assert "filename*=UTF-8''%E7%AC%94%E5%BD%95.pdf" in said


def test_an_officer_is_shown_the_way_out_of_a_case_for_himself_and_the_head_for_all(site: Site) -> None:
    officer, head, case_id = site.visitor("officer1"), site.visitor("unithead"), site.open_case()
    own, other = site.person_id("officer1"), site.person_id("officer2")
    ways = [re.findall(r"/officers/([0-9a-f]{32})/remove", who.get(f"/cases/{case_id}").text)
            for who in (officer, head)]  # fmt: skip
    assert ways == [[own], [own, other]]
    assert officer.post(f"/cases/{case_id}/officers/{other}/remove", {"reason": "调动"}).status_code == 403
