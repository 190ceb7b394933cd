"""The desk in the browser's eyes: lists, filters in the address, columns, saved filters, spreadsheets, several rows."""

from __future__ import annotations

import io
import re
from datetime import date

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update

from tests.webapp.site import Site, Visitor, field_value
from webapp import spreadsheet
from workflows.cases.file import Case, Party
from workflows.desk.copies import CaseCopy
from workflows.desk.lists import kinds
from workflows.desk.lists.saved import SavedFilter
from workflows.desk.tasks import Task
from workflows.store import new_id

TITLE = "焊工无证上岗作业案"


def heads(page: str) -> list[str]:
    """The heads of a page's table."""
    table = page[page.index("<thead>"):page.index("</thead>")]
    found = [re.sub(r"<[^>]*>|[↑↓]", "", cell).strip() for cell in re.findall(r"(?s)<th .*?</th>", table)]
    return [head for head in found if head not in ("", "操作", "全选本页选择")]


def filed(site: Site) -> str:
    """A case whose investigation two officers may claim; the id of the task."""
    case_id = site.open_case()
    deputy = site.visitor("deputy")
    task = site.task(case_id, "approve_filing")
    page = deputy.get(f"/tasks/{task}")
    fields = {name: field_value(page, name) for name in ("seen", "key")}
    deputy.post(f"/tasks/{task}/complete", {**fields, "result": "approve", "opinion": "同意立案。"})
    return site.task(case_id, "investigate")


def rename(site: Site, **values: str) -> None:
    with site.store.work() as session:
        for case in session.execute(select(Case)).scalars():
            for name, value in values.items():
                setattr(case, name, value)


def test_every_list_has_its_tab_its_count_and_a_sentence_when_empty(site: Site) -> None:
    head = site.visitor("head")
    for which in kinds.LISTS:
        page = head.get(f"/desk?list={which}").text
        assert 'aria-current="page"' in page
        assert re.search(r'class="empty">\s*<p>[^<]{8,}</p>', page), which
    assert "本机构" not in site.visitor("officer1").get("/desk").text.split("</nav>")[1]


def test_a_list_that_one_does_not_have_opens_ones_own(site: Site) -> None:
    page = site.visitor("officer1").get("/desk?list=unit").text
    assert re.search(r'list=todo" aria-current="page"', page)


def test_the_usual_columns_are_those_of_the_bureau(site: Site) -> None:
    site.open_case()
    page = site.visitor("deputy").get("/desk").text
    assert heads(page) == ["案号", "案由", "当事人", "承办机构", "当前环节", "等待谁", "剩余工作日", "来源"]
    assert "检查发现" in page


def test_filters_stand_in_the_address_and_can_be_taken_off(site: Site) -> None:
    site.open_case()
    deputy = site.visitor("deputy")
    page = deputy.get("/desk?list=todo&party=鑫达&kind=admin_penalty&all=1").text
    assert TITLE in page
    assert "当事人：鑫达" in page and "案件类别：行政处罚" in page
    assert "/desk?list=todo&amp;kind=admin_penalty&amp;all=1" in page
    nothing = deputy.get("/desk?list=todo&q=没有的&all=1").text
    assert TITLE not in nothing and "没有符合条件的事项" in nothing
    wrong = deputy.get("/desk?list=todo&due_from=soon&all=1").text
    assert "以下条件无法识别" in wrong and "期限自" in wrong


def test_days_at_the_ends_of_the_calendar_are_told_as_not_read(site: Site) -> None:
    site.open_case()
    days = {"due_from": "0001-01-01", "due_to": "9999-12-31", "opened_from": "1949-09-30", "opened_to": "2200-01-01"}
    asked = "&".join(f"{name}={day}" for name, day in days.items())
    page = site.visitor("deputy").get(f"/desk?list=todo&all=1&{asked}")
    assert page.status_code == 200
    assert "未予采用：期限自、期限至、登记自、登记至" in page.text and TITLE in page.text


def test_a_shared_filter_that_holds_such_a_day_is_told_to_everybody_and_breaks_nothing(site: Site) -> None:
    site.open_case()
    deputy = site.visitor("deputy")
    view = keep(deputy, share_unit="on").rsplit("view=", 1)[1]
    with site.store.work() as session:  # as an older program kept it
        session.get_one(SavedFilter, view).criteria = {"opened_to": "9999-12-31", "due_from": "0001-01-01"}
    head = site.visitor("head")
    assert "鑫达的案件" in head.get("/desk?list=todo").text
    head.post(f"/desk/filters/{view}/opens", {"opens": "1"})
    opened = head.get(head.get("/desk?list=todo").location)
    assert (opened.status_code, "未予采用：期限自、登记至" in opened.text) == (200, True)
    assert "未予采用：期限自、登记至" in head.get("/desk/filters").text


def test_heads_sort_and_say_how(site: Site) -> None:
    site.open_case()
    deputy = site.visitor("deputy")
    assert 'aria-sort="ascending"' in deputy.get("/desk?list=todo").text
    page = deputy.get("/desk?list=todo&sort=-title,due").text
    assert 'aria-sort="descending"' in page
    assert "sort=title,due" in page.replace("%2C", ",")


def test_own_columns_are_ticked_and_moved(site: Site) -> None:
    site.open_case()
    deputy = site.visitor("deputy")
    deputy.get("/desk/columns?list=todo")
    order = [("list", "todo"), *(("order", name) for name in ("number", "title", "due", "step"))]
    ticked = [("shown", name) for name in ("number", "due", "title", "step")]
    moved = deputy.post("/desk/columns", [*order, *ticked, ("move", "up:due")])
    assert "moved=up:due" in moved.location.replace("%3A", ":")
    assert "autofocus" in deputy.get(moved.location).text
    assert heads(deputy.get("/desk?list=todo").text) == ["案号", "剩余工作日", "案由", "当前环节"]
    deputy.post("/desk/columns", [("list", "todo"), ("usual", "1")])
    assert len(heads(deputy.get("/desk?list=todo").text)) == 8
    assert deputy.post("/desk/columns", {"list": "nowhere"}).status_code == 404


def keep(visitor: Visitor, **more: str) -> str:
    visitor.get("/desk")
    answer = visitor.post("/desk/filters", {"list": "todo", "party": "鑫达", "name": "鑫达的案件", **more})
    assert answer.status_code == 302, answer.text
    return answer.location


def test_a_filter_is_saved_counted_shared_and_opens_its_list(site: Site) -> None:
    site.open_case()
    deputy = site.visitor("deputy")
    address = keep(deputy, opens="on", share_unit="on")
    assert "party=" in address and "view=" in address
    assert deputy.get("/desk?list=todo").location == address
    page = deputy.get(address).text
    assert re.search(r'aria-current="true">鑫达的案件\s*<span class="count"[^>]*>1</span>', page)
    assert deputy.get("/desk?list=todo&all=1").status_code == 200
    shared = site.visitor("head").get("/desk?list=todo").text
    assert "鑫达的案件" in shared and "王建军共享" in shared
    assert "鑫达的案件" not in site.visitor("legal1").get("/desk?list=todo").text
    assert "鑫达的案件" in site.visitor("head").get("/desk/filters").text


def test_filters_are_shared_by_role_and_dropped(site: Site) -> None:
    deputy = site.visitor("deputy")
    view = keep(deputy).rsplit("view=", 1)[1]
    deputy.post(f"/desk/filters/{view}/share", [("role", "legal_reviewer")])
    legal = site.visitor("legal1")
    assert "鑫达的案件" in legal.get("/desk/filters").text
    assert legal.post(f"/desk/filters/{view}/delete").status_code == 404
    assert legal.post(f"/desk/filters/{view}/opens", {"opens": "1"}).status_code == 302
    assert legal.get("/desk?list=todo").status_code == 302
    assert deputy.post(f"/desk/filters/{view}/delete").status_code == 302
    assert legal.get("/desk?list=todo").status_code == 200
    assert "还没有保存的筛选" in deputy.get("/desk/filters").text


def test_a_filter_without_a_name_is_asked_for_again(site: Site) -> None:
    deputy = site.visitor("deputy")
    deputy.get("/desk")
    answer = deputy.post("/desk/filters", {"list": "todo", "party": "鑫达", "name": " "})
    assert (answer.status_code, "筛选名称应为" in answer.text) == (422, True)


def test_the_spreadsheet_holds_what_the_list_shows(site: Site) -> None:
    task = filed(site)
    with site.store.work() as session:
        session.execute(select(Party)).scalars().one().name = '=HYPERLINK("http://evil.example","x")'
        session.get_one(Task, task).due_at = site.time.now()
    rename(site, title="+cmd|' /C calc'!A0")
    answer = site.visitor("officer2").get("/desk/export.xlsx?list=claimable")
    assert answer.mimetype == spreadsheet.MEDIA_TYPE
    assert "attachment" in answer.headers["Content-Disposition"]
    sheet = load_workbook(io.BytesIO(answer.data)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == ["案号", "案由", "当事人", "承办机构", "当前环节", "等待谁", "期限", "剩余工作日", "来源"]
    assert rows[1][1:3] == ["+cmd|' /C calc'!A0", '=HYPERLINK("http://evil.example","x")']
    assert {cell.data_type for cell in sheet[2] if isinstance(cell.value, str)} == {"s"}
    assert all(cell.quotePrefix for cell in sheet[2] if isinstance(cell.value, str))
    assert sheet.cell(2, 7).is_date
    assert len(rows) == 2


def test_a_spreadsheet_narrows_as_the_list_and_says_when_it_is_cut(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    filed(site)
    site.open_case()
    head = site.visitor("head")
    rows = lambda query: list(load_workbook(io.BytesIO(head.get(query).data)).active.iter_rows(values_only=True))  # noqa: E731
    assert len(rows("/desk/export.xlsx?list=unit")) == 3
    assert len(rows("/desk/export.xlsx?list=unit&step=penalty:investigate")) == 2
    monkeypatch.setattr("webapp.pages.desk.EXPORTED", 1)
    cut = rows("/desk/export.xlsx?list=unit")
    assert "共 2 项，仅导出前 1 项" in str(cut[-1][0])
    assert site.visitor("officer1").get("/desk/export.xlsx?list=unit").status_code == 404


def test_texts_and_days_of_a_spreadsheet() -> None:
    data = spreadsheet.written("待办/[x]", ["甲", "乙"], [["=1+1\x00\x07", date(2024, 3, 4)], [None, "-2"]], "完")
    sheet = load_workbook(io.BytesIO(data)).active
    assert sheet.title == "待办x"
    assert (sheet["A2"].value, sheet["A2"].data_type, sheet["A3"].value, sheet["B3"].value) == ("=1+1", "s", None, "-2")
    assert sheet["B2"].value.date() == date(2024, 3, 4)
    assert sheet["A4"].value == "完"


def test_ticked_rows_are_claimed_with_a_line_for_each(site: Site) -> None:
    tasks = [filed(site), filed(site)]
    officer = site.visitor("officer1")
    page = officer.get("/desk?list=claimable")
    ticks = re.findall(r'name="row" value="([^"]+)"', page.text)
    assert {tick.partition(":")[0] for tick in ticks} == set(tasks)
    back = field_value(page, "back")
    with site.store.work() as session:  # somebody is faster with the second
        other = session.get_one(Task, ticks[1].partition(":")[0])
        other.state, other.assignee_id, other.version = "claimed", site.person_id("officer2"), other.version + 1
    fields = [("act", "claim"), ("key", new_id()), ("back", back), *(("row", tick) for tick in ticks)]
    result = officer.post("/desk/bulk", fields)
    assert (result.status_code, result.text.count("✓ 已办理"), result.text.count("✕ 未办理")) == (200, 1, 1)
    assert "列表打开之后" in result.text and "您填写的内容已保留" not in result.text
    assert "已办理 1 项" in result.text and 'href="/desk?list=claimable"' in result.text
    again = officer.post("/desk/bulk", fields)
    assert again.text.count("✓ 已办理") == 1
    officer.client.set_cookie("language", "en")
    english = officer.post("/desk/bulk", [*fields[:1], ("key", new_id()), *fields[2:]])
    assert "“Investigation” has changed since the list was opened" in english.text


def test_without_a_tick_nothing_happens_and_the_list_says_so(site: Site) -> None:
    officer = site.visitor("officer1")
    officer.get("/desk")
    answer = officer.post("/desk/bulk", {"act": "claim", "key": new_id(), "back": "//evil.example/desk?"})
    assert (answer.status_code, answer.location) == (302, "/desk")
    assert "请先勾选" in officer.get("/desk").text


def test_enter_in_a_field_acts_on_no_row(site: Site) -> None:
    task = filed(site)
    officer = site.visitor("officer1")
    page = officer.get("/desk?list=claimable").text
    assert page.index('name="act" value=""') < page.index("data-claim")
    assert officer.post("/desk/bulk", {"act": "", "row": f"{task}:1"}).location == "/desk"
    assert "请点击要办理的操作" in officer.get("/desk?list=claimable").text


def test_rows_of_others_keep_their_names(site: Site) -> None:
    task = filed(site)
    stranger = site.visitor("kcofficer1")
    stranger.get("/desk")
    answer = stranger.post("/desk/bulk", {"act": "claim", "key": new_id(), "row": f"{task}:1"})
    assert "✕ 未办理" in answer.text
    assert TITLE not in answer.text


def test_one_row_is_claimed_from_the_list(site: Site) -> None:
    task = filed(site)
    officer = site.visitor("officer1")
    page = officer.get("/desk?list=claimable").text
    button = re.search(rf'name="seen" value="(\d+)" formaction="/tasks/{task}/claim[^"]*"', page)
    assert button
    assert officer.post(f"/tasks/{task}/claim", {"seen": button[1]}).location == f"/tasks/{task}"


def test_a_copy_is_sent_read_and_receipted(site: Site) -> None:
    case_id = site.open_case()
    officer = site.visitor("officer1")
    page = officer.get(f"/cases/{case_id}/copies")
    people = [site.person_id("legal1"), site.person_id("officer3")]
    fields = [("key", field_value(page, "key")), ("note", "请阅。"), *(("people", person) for person in people)]
    assert officer.post(f"/cases/{case_id}/copies", fields).status_code == 302
    reader = site.visitor("officer3")
    desk = reader.get("/desk?list=copied").text
    assert TITLE in desk and "请阅。" in desk and "未阅" in desk
    with site.store.read() as session:
        copy = session.execute(select(CaseCopy.id).where(CaseCopy.person_id == people[1])).scalar_one()
    assert reader.post(f"/copies/{copy}/read").location == f"/cases/{case_id}"
    assert reader.get(f"/cases/{case_id}").status_code == 200
    assert "抄送给同事" not in reader.get(f"/cases/{case_id}/copies").text
    assert officer.get(f"/cases/{case_id}/copies").text.count("未阅") == 1


def test_refused_copies_keep_what_was_typed(site: Site) -> None:
    case_id = site.open_case()
    officer = site.visitor("officer1")
    page = officer.get(f"/cases/{case_id}/copies")
    answer = officer.post(f"/cases/{case_id}/copies", {"key": field_value(page, "key"), "note": "写好的附言"})
    assert (answer.status_code, "写好的附言" in answer.text, "至少选择一名" in answer.text) == (422, True, True)


def test_heads_see_the_load_of_each_person(site: Site) -> None:
    filed(site)
    site.open_case()
    page = site.visitor("head").get("/desk?list=unit&by=people").text
    assert heads(page) == ["人员", "在办", "已超期", "快到期", "最早到达"]
    assert "王建军" in page and "待认领" in page and "holder=none" in page


def test_a_returned_step_is_marked(site: Site) -> None:
    site.open_case()
    with site.store.work() as session:
        session.execute(select(Task)).scalar_one().returned = True
    assert re.search(r'class="state state-warn">退回<', site.visitor("deputy").get("/desk").text)


def test_the_desk_is_english_for_who_reads_english(site: Site) -> None:
    filed(site)
    officer = site.visitor("officer2")
    officer.client.set_cookie("language", "en")
    page = officer.get("/desk?list=claimable&kind=admin_penalty").text
    assert [one for one in heads(page) if one in ("Number", "Subject", "Parties")] == ["Number", "Subject", "Parties"]
    for path in ("/desk/columns?list=todo", "/desk/filters", "/desk?list=soon", "/desk?list=copied"):
        main = re.sub(r"(?s)^.*?<main|<option.*?</option>", "", officer.get(path).text)
        assert re.findall(r">([^<>]*[\u3400-\u9fff][^<>]*)<", main) == [], path


def test_a_page_of_rows_is_asked_for_by_number(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for _number in range(2):
        site.open_case()
    monkeypatch.setattr("workflows.desk.lists.pages.page.__kwdefaults__", {"size": 1})
    page = site.visitor("deputy").get("/desk?list=todo&page=2").text
    assert "第 2 页，共 2 页" in page and 'rel="prev"' in page


def test_disabled_people_are_offered_no_copies(site: Site) -> None:
    from workflows.actors import Person

    case_id = site.open_case()
    with site.store.work() as session:
        session.execute(update(Person).where(Person.login == "legal2").values(disabled_at=site.time.now()))
    page = site.visitor("officer1").get(f"/cases/{case_id}/copies").text
    assert "林静" in page and "何远" not in page
