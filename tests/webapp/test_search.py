"""The search in the head of every page, and the page of what it found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from markupsafe import escape

from tests.webapp.site import Site, Visitor
from webapp import cli
from workflows.actors import acting
from workflows.cases import commands
from workflows.cases.notes import Pin
from workflows.desk import notes, remarks
from workflows.desk.execute import execute
from workflows.store import new_id


def searched(visitor: Visitor, **asked: str) -> str:
    answer = visitor.client.get("/search", query_string=asked, headers=visitor.headers, buffered=True)
    assert answer.status_code == 200
    return answer.text


def test_every_page_has_the_field_and_strangers_have_none(site: Site) -> None:
    visitor = site.visitor("officer1")
    for path in ("/desk", "/cases", "/notices", "/account", "/search"):
        assert re.search(r'<form class="find"[^>]*action="/search"', visitor.get(path).text), path
    stranger = site.visitor()
    assert "class=\"find\"" not in stranger.get("/login").text
    assert stranger.get("/search?q=a").status_code == 302


def test_a_case_is_found_with_its_words_marked_and_its_place(site: Site) -> None:
    case_id = site.open_case()
    page = searched(site.visitor("deputy"), q="附件厂")
    assert "找到 2 条" in page
    assert re.search(r"鑫达车辆<mark>附件厂</mark>", page)
    assert re.search(r'class="hit-case sub">.*鑫达车辆<mark>附件厂</mark>', page), "in the line of the case too"
    places = re.findall(r'class="hit-name">.*?href="([^"]+)"', page)
    assert places == [f"/cases/{case_id}", f"/cases/{case_id}?tab=overview"]
    visitor = site.visitor("deputy")
    assert [visitor.get(place).status_code for place in places] == [200, 200]
    assert re.search(r'aria-current="page">当事人', searched(site.visitor("deputy"), q="附件厂", kind="party"))


def test_every_kind_of_hit_leads_to_its_place(site: Site) -> None:
    case_id = site.open_case()
    with site.store.read() as session:
        legal, officer = (acting(session, site.person_id(login)) for login in ("legal1", "officer1"))
    paper = {"sha256": "a" * 64, "size": 9, "name": "水龙带.jpg", "media_type": "image/jpeg"}
    material = execute(site.store, commands.add_material, officer, case_id, kind="evidence", file=paper).id
    remark = execute(site.store, remarks.make_remark, legal, case_id, "水龙带呢？", visibility="case", key=new_id())
    pin = Pin(page=1, text="水龙带老化。", circle="case")
    note = execute(site.store, notes.pin_note, legal, case_id, material, pin, key=new_id())
    page = searched(site.visitor("legal1"), q="水龙带").replace("&amp;", "&")
    assert re.findall(r'class="hit-name">.*?href="([^"]+)"', page) == [
        f"/cases/{case_id}/read?read={material}", f"/cases/{case_id}?tab=talk&until={remark}#remark-{remark}",
        f"/cases/{case_id}/read?read={material}&note={note}",
    ]  # fmt: skip


def test_whoever_may_not_see_a_case_is_told_that_nothing_was_found(site: Site) -> None:
    site.open_case()
    page = searched(site.visitor("admin"), q="附件厂")
    assert "没有找到“附件厂”" in page
    assert "鑫达" not in page


def test_what_is_typed_and_what_is_found_stays_text(site: Site) -> None:
    case_id = site.open_case()
    script = "<script>alert(1)</script>附件厂"
    with site.store.read() as session:
        legal = acting(session, site.person_id("legal1"))
    execute(site.store, remarks.make_remark, legal, case_id, f"见{script}。", visibility="case", key=new_id())
    page = searched(site.visitor("legal1"), q=script)
    assert "<script>alert" not in page
    assert str(escape("<script>alert(1)</script>")) in page.replace("<mark>", "").replace("</mark>", "")
    for text in ("'\"><b>", "{{7*7}}", "%s", "%(name)s", "x" * 10_000, "OR", "*"):
        assert str(escape(text[:100])) in searched(site.visitor("legal1"), q=text)


def test_conditions_narrow_and_what_cant_be_read_narrows_nothing(site: Site) -> None:
    site.open_case()
    visitor = site.visitor("deputy")
    assert "找到 2 条" in searched(visitor, q="附件厂", year="2024", state="lead")
    assert "没有找到" in searched(visitor, q="附件厂", year="2023")
    assert "没有找到" in searched(visitor, q="附件厂", state="closed")
    assert "找到 2 条" in searched(visitor, q="附件厂", year="zzz", state="nonsense", kind="nonsense", page="-1")
    assert "清除条件" in searched(visitor, q="附件厂", state="closed")


def test_an_empty_question_explains_itself_and_a_long_one_is_cut_with_a_word(site: Site) -> None:
    visitor = site.visitor("deputy")
    assert "输入案号、案由、当事人" in searched(visitor)
    assert "输入案号、案由、当事人" in searched(visitor, q=" ，。 ")
    assert "检索词过长" in searched(visitor, q="案" * 201)


def test_the_page_speaks_english(site: Site) -> None:
    site.open_case()
    visitor = site.visitor("deputy")
    visitor.client.set_cookie("language", "en")
    page = searched(visitor, q="附件厂")
    assert "2 results" in page
    assert "Parties" in page
    assert not re.search(r"检索|结果|全部", page)


def test_the_index_is_made_anew_from_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FASHEN_VAR", str(tmp_path))
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert cli.run(["search", "rebuild"]) == 1
    assert "fashen db upgrade" in capsys.readouterr().err
    assert cli.run(["db", "upgrade"]) == 0
    assert cli.run(["search", "rebuild"]) == 0
    assert "共 0 件案件" in capsys.readouterr().out
