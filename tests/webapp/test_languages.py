"""Chinese and English from the first page: nothing untranslated, nothing mixed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import webapp
from tests.webapp.site import LEAD, Site, form_fields

HERE = Path(webapp.__file__).parent
ENGLISH = HERE / "translations" / "en" / "LC_MESSAGES" / "messages.po"
CHINESE = re.compile(r"[\u3400-\u9fff]")
METHODS = [("frontend/**", "ignore"), ("static/**", "ignore"), ("**.py", "python"), ("**/templates/**.html", "jinja2")]


def messages() -> Iterator[tuple[str, str]]:
    """Every text of pages and code that is to be translated, and where it stands."""
    found = extract_from_dir(HERE, METHODS, {"**/templates/**.html": {"silent": "false"}})
    for file, line, message, _comments, _context in found:
        yield (message[0] if isinstance(message, tuple) else message), f"{file}:{line}"


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)", text))


def test_every_text_has_its_english() -> None:
    with ENGLISH.open("rb") as stream:
        catalogue = read_po(stream)
    missing = {}
    for message, place in messages():
        entry = catalogue.get(message)
        texts = [] if entry is None else ([entry.string] if isinstance(entry.string, str) else list(entry.string))
        if entry is None or entry.fuzzy or not texts or not all(texts):
            missing[message] = place
        elif any(placeholders(text) - placeholders(message) for text in texts):
            missing[message] = f"{place}: other placeholders"
    assert missing == {}


def test_the_catalogue_holds_nothing_that_is_gone() -> None:
    with ENGLISH.open("rb") as stream:
        known = {entry.id[0] if isinstance(entry.id, tuple) else entry.id for entry in read_po(stream) if entry.id}
    assert known - {message for message, _place in messages()} == set()


def test_templates_hold_no_chinese_that_is_not_to_be_translated() -> None:
    places = []
    for path in sorted((HERE / "templates").rglob("*.html")):
        text = re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.DOTALL)
        text = re.sub(r"pgettext\(\"[a-z]+\", \"[^\"]*\"", "", text)
        text = re.sub(r"_\(\s*(\"[^\"]*\"|'[^']*')", "", text)
        text = re.sub(r"ngettext\(\"[^\"]*\", \"[^\"]*\"", "", text)
        places += [f"{path.name}: {found}" for found in re.findall(r"[^\n]*[\u3400-\u9fff][^\n]*", text)]
    assert places == []


@pytest.mark.parametrize(
    "path", ["/desk", "/desk?list=done", "/cases", "/meetings", "/account", "/account/sessions", "/substitutes",
             "/nowhere", "/cases/new?process=penalty"],
)  # fmt: skip
def test_an_english_page_is_english(site: Site, path: str) -> None:
    visitor = site.visitor("kcofficer1")  # a bureau whose pages hold no Chinese of cases
    visitor.client.set_cookie("language", "en")
    page = visitor.get(path).text
    main = re.sub(r"(?s)^.*?<main|<option.*?</option>", "", page)
    data = {"方晓", "执法队员", "浙柯0200101"}  # names, titles and numbers stay as they are
    chinese = [line for line in re.findall(r">([^<>]*[\u3400-\u9fff][^<>]*)<", main) if line.strip() not in data]
    assert chinese == []


def test_a_browser_that_prefers_english_gets_it_before_the_login(site: Site) -> None:
    visitor = site.visitor()
    visitor.headers["Accept-Language"] = "en-GB,en;q=0.9,zh;q=0.5"
    assert "Log in" in visitor.get("/login").text
    visitor.headers["Accept-Language"] = "fr"
    assert "登录" in visitor.get("/login").text


def test_the_choice_stays_with_the_person(site: Site) -> None:
    visitor = site.visitor("officer1")
    visitor.get("/desk")
    visitor.post("/language", {"language": "en", "next": "/cases"})
    assert "<h1>Cases</h1>" in visitor.get("/cases").text
    elsewhere = site.visitor("officer1")
    assert "<h1>Desk</h1>" in elsewhere.get("/desk").text


def test_a_language_that_does_not_exist_changes_nothing(site: Site) -> None:
    visitor = site.visitor("officer1")
    visitor.get("/desk")
    assert visitor.post("/language", {"language": "tlh", "next": "//evil.example"}).location == "/desk"
    assert "工作台" in visitor.get("/desk").text


def test_another_language_keeps_what_was_typed_into_a_task(site: Site) -> None:
    deputy = site.visitor("deputy")
    path = f"/tasks/{site.task(site.open_case(), 'approve_filing')}"
    page = deputy.get(path)
    assert f'form="answer" formaction="{path}/form" formnovalidate name="choose.language"' in page.text
    typed = {**form_fields(page), "opinion": "写到一半的意见", "choose.language": "en"}
    again = deputy.post(f"{path}/form", typed)
    assert "写到一半的意见" in again.text
    assert '<html lang="en"' in again.text
    assert '<html lang="en"' in deputy.get("/desk").text
    dark = deputy.post(f"{path}/form", {**form_fields(again), "opinion": "写到一半的意见", "choose.appearance": "dark"})
    assert "写到一半的意见" in dark.text
    assert 'data-appearance="dark"' in dark.text


def test_another_language_keeps_what_was_typed_into_a_new_case(site: Site) -> None:
    officer = site.visitor("officer1")
    officer.get("/cases/new?process=penalty")
    again = officer.post("/cases/new/form", {**LEAD, "choose.language": "en"})
    assert LEAD["title"] in again.text
    assert LEAD["parties.0.name"] in again.text
    assert '<html lang="en"' in again.text


def test_after_a_refused_form_the_language_leads_back_to_its_page(site: Site) -> None:
    officer = site.visitor("officer1")
    case_id = site.open_case()
    officer.get(f"/cases/{case_id}")
    refused = officer.post(f"/cases/{case_id}/suspicion", {"offence": "", "grounds": ""})
    assert f'name="next" value="/cases/{case_id}"' in refused.text


def test_what_stands_in_chinese_in_the_data_reads_english(site: Site) -> None:
    case_id = site.open_case()
    visitor = site.visitor("deputy")
    visitor.get("/desk")
    visitor.post("/language", {"language": "en"})
    diagram = visitor.get(f"/cases/{case_id}/diagram.xml?process=penalty").text
    assert "Filing approval" in diagram
    assert "立案审批" not in diagram
    timeline = visitor.get(f"/cases/{case_id}?tab=timeline").text
    assert "Task waiting: Filing approval" in timeline
    assert "Administrative Penalties Law art. 54" in visitor.get(f"/cases/{case_id}?tab=clocks").text
    assert ">Entity<" in visitor.get(f"/cases/{case_id}").text
    officer = site.visitor("officer1")
    officer.get("/desk")
    officer.post("/language", {"language": "en"})
    assert "<legend>Party 1</legend>" in officer.get("/cases/new?process=penalty").text


def test_an_english_word_beside_a_flow_has_the_room_it_needs(site: Site) -> None:
    case_id = site.open_case()
    visitor = site.visitor("deputy")
    address = f"/cases/{case_id}/diagram.xml?process=penalty"
    edge = re.compile(r'"filed_to_investigate".*?<bpmndi:BPMNLabel>.*? x="([\d.]+)".*? width="([\d.]+)"', re.DOTALL)
    drawn = edge.search(visitor.get(address).text)
    visitor.get("/desk")
    visitor.post("/language", {"language": "en"})
    widened = edge.search(visitor.get(address).text)
    assert drawn is not None and widened is not None
    (start, width), (left, wide) = ([float(one) for one in found.groups()] for found in (drawn, widened))
    assert (width, wide) == (46, len("Approved") * 6.5)
    assert start + width / 2 == left + wide / 2
