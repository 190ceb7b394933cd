"""The calendar and the rules on pages: everybody reads, the system administrator changes after a look."""

from __future__ import annotations

import io
import re
from datetime import date

from tests.webapp.site import Site, field_value
from workflows.calendar import days


def test_everybody_reads_the_calendar_and_nobody_else_changes_it(site: Site) -> None:
    for login in ("officer1", "secadmin", "auditor"):
        visitor = site.visitor(login)
        page = visitor.get("/house/calendar?year=2024").text
        assert "国庆节" in page and 'name="day"' not in page
        assert visitor.post("/house/calendar/days", {"day": "2024-05-06"}).status_code == 403
        assert "行政处罚法" in visitor.get("/house/rules").text
    assert "2024-10-01,休,国庆节" in site.visitor("officer1").get("/house/calendar/2024.csv").text


def test_days_are_looked_at_before_they_change(site: Site) -> None:
    site.open_case()
    admin = site.visitor("admin")
    admin.get("/house/calendar")
    fields = [("form", "days"), ("year", "2024"), ("day", "2024-03-06"), ("day", "2024-03-07"), ("becomes", "off"),
              ("note", "演练"), ("reason", "演练通知")]  # fmt: skip
    look = admin.post("/house/calendar/days", fields)
    assert "有 2 天与现在不同" in look.text and re.search(r"[1-9]\d* 个正在计算的期限将变动", look.text)
    with site.store.read() as session:
        assert days.is_workday(session, date(2024, 3, 6))
    done = admin.post("/house/calendar/days", [*fields, ("sure", "1")])
    assert done.status_code == 302 and "year=2024" in done.location
    with site.store.read() as session:
        assert not days.is_workday(session, date(2024, 3, 6))
    empty = admin.post("/house/calendar/days", [*fields[:4], ("becomes", ""), ("reason", "演练通知")])
    assert empty.status_code == 422 and "请填写“改为”" in empty.text and "请填写“”" not in empty.text
    refused = admin.post("/house/calendar/days", [("form", "days"), ("year", "2024"), ("becomes", "off")])
    assert refused.status_code == 422 and "请先在日历上选择日期" in refused.text


def test_a_year_is_entered_from_a_file_and_the_alarm_ends(site: Site) -> None:
    site.to(2031, 11, 3, 9, 0)
    admin = site.visitor("admin")
    assert "缺少 2032 年的工作日历" in admin.get("/house/calendar").text
    sheet = "2032-01-01,休,元旦\n2032-02-10,休,春节\n".encode()
    fields = {"form": "year", "year": "2032", "reason": "国办发明电〔2031〕7号"}
    look = admin.post("/house/calendar/year", {**fields, "file": (io.BytesIO(sheet), "2032.csv")})
    assert look.status_code == 200, look.text
    plan = field_value(look, "plan").replace("&#34;", '"')
    assert admin.post("/house/calendar/year", {**fields, "plan": plan, "sure": "1"}).status_code == 302
    page = admin.get("/house/calendar?year=2032").text
    assert "国办发明电〔2031〕7号" in page and "缺少 2032 年" not in page
    bad = {**fields, "file": (io.BytesIO("2032-01-01,也许,元旦".encode()), "2032.csv")}
    assert "第 1 行" in admin.post("/house/calendar/year", bad).text


def test_rules_are_found_by_words_and_by_day(site: Site) -> None:
    officer = site.visitor("officer1")
    page = officer.get("/house/rules?q=听证&on=2019-05-01").text
    assert "2017年修正" in page and "法律规定，不能修改" in page
    assert "没有符合条件的规则" in officer.get("/house/rules?q=不存在的规则").text


def test_a_matter_shows_its_stages_and_that_the_law_fixes_them(site: Site) -> None:
    officer = site.visitor("officer1")
    page = officer.get("/catalogue/matter/CF-AQF-092-1").text
    assert "30,000 – 100,000" in page and "第九十二条第一款" in page
    assert officer.get("/catalogue/matter/none").status_code == 404
    assert "CF-AQF-092-1" in officer.get("/catalogue?kind=行政处罚&on=2022-01-01").text
    assert "CF-AQF-092-1" not in officer.get("/catalogue?kind=行政处罚&on=2020-01-01").text
