"""Forms through the pages: what a step may not see is not sent, what it may not write not taken; junk does no harm."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests import paper
from tests.webapp.site import Site, Visitor, form_fields, pdf
from workflows.actors import Person, acting
from workflows.cases.file import Party, lock_case
from workflows.cases.materials import Material
from workflows.desk import advance
from workflows.desk.tasks import Task, TaskDraft
from workflows.diagrams import library


@dataclass
class Papers:
    """A case with the process of `tests.paper`, at the step `draft`."""

    site: Site
    case_id: str

    def row(self, element: str) -> Task:
        wanted = select(Task).where(Task.case_id == self.case_id, Task.element_id == element)
        with self.site.store.read() as session:
            return session.execute(wanted).scalar_one()

    def taken(self, login: str, element: str) -> tuple[Visitor, str]:
        """Somebody who holds the step, and the address of its page."""
        who, path = self.site.visitor(login), f"/tasks/{self.row(element).id}"
        if self.row(element).state == "open":
            assert who.post(f"{path}/claim", form_fields(who.get(path))).status_code == 302
        return who, path

    def drafted(self, **more: str) -> None:
        who, path = self.taken("officer1", "draft")
        with self.site.store.read() as session:
            party = session.execute(select(Party.id)).scalar_one()
        fields = {
            "title": "移交清单", "secret": "线人甲", "amount": "12.50", "goods.#": "1", "goods.0.name": "烟花",
            "replies.#": "1", "replies.0.party": party, "replies.0.said": "没有意见", **more,
        }  # fmt: skip
        answer = who.post(f"{path}/complete", {**form_fields(who.get(path)), **fields})
        assert answer.status_code == 302, answer.text


@pytest.fixture
def papers(site: Site) -> Papers:
    case_id = site.open_case()
    with site.store.work() as session:
        who = {row.login: row.id for row in session.execute(select(Person)).scalars()}
        library.publish(session, paper.package(), acting(session, who["admin"]), "试行")
        advance.start(session, lock_case(session, case_id), "paper", {}, acting(session, who["officer1"]))
    return Papers(site, case_id)


def test_a_step_reads_what_it_may_and_is_sent_nothing_of_what_it_may_not(papers: Papers) -> None:
    papers.drafted()
    legal, path = papers.taken("legal1", "check")
    page = legal.get(path).text
    form = page[page.index('id="answer"'):page.index("</form>", page.index('id="answer"'))]
    for told in ("移交清单", "12.5", "烟花", "没有意见"):
        assert told in form
    for kept in ("secret", "举报人情况", "线人甲"):
        assert kept not in page
    assert not re.search(r' name="(title|amount|goods|papers|replies\.0\.said)', form)
    assert 'name="replies.0.answer"' in form
    assert 'name="grade"' in form


def test_what_a_step_may_not_write_comes_back_as_it_was(papers: Papers) -> None:
    papers.drafted()
    legal, path = papers.taken("legal1", "check")
    forged = {
        "title": "改了", "secret": "改了", "amount": "1", "goods.#": "0", "replies.#": "1", "replies.0.party": "",
        "replies.0.said": "改了", "grade": "c",
    }  # fmt: skip
    refused = legal.post(f"{path}/complete", {**form_fields(legal.get(path)), **forged})
    assert refused.status_code == 422
    assert "改了" not in refused.text
    assert "移交清单" in refused.text


def test_a_draft_keeps_rows_and_nothing_that_the_step_may_not_write(papers: Papers) -> None:
    officer, path = papers.taken("officer1", "draft")
    typed = {"goods.#": "2", "goods.0.name": "烟花", "goods.1.count": "x", "replies.0.answer": "不许", "more": "不许"}
    assert officer.post(f"{path}/draft", {**form_fields(officer.get(path)), **typed}).status_code == 302
    page = officer.get(path).text
    assert re.search(r'name="goods\.0\.name"[^>]*|value="烟花"', page)
    assert 'value="烟花"' in page
    assert re.search(r'value="x"[^>]*name="goods\.1\.count"', page)
    with papers.site.store.read() as session:
        kept = session.execute(select(TaskDraft.answer)).scalar_one()
    assert set(kept["values"]) == {"goods.#", "goods.0.name", "goods.1.count"}


@pytest.mark.parametrize("name", ["secret", "title", "papers", "nothing", "goods.0.name", "papers.0", "replies.0.said"])
def test_a_file_in_a_field_that_the_step_does_not_write_is_stored_nowhere(
    papers: Papers, tmp_path: Path, name: str
) -> None:
    papers.drafted()
    legal, path = papers.taken("legal1", "check")
    fields = {**form_fields(legal.get(path)), name: pdf(content=b"%PDF-1.7\nnobody asked for it\n%%EOF\n")}
    for word in ("form", "draft", "complete"):
        assert legal.post(f"{path}/{word}", fields).status_code < 500
    assert not [one for one in (tmp_path / "files").rglob("*") if one.is_file()]
    with papers.site.store.read() as session:
        assert session.execute(select(Material)).first() is None


def test_an_error_behind_the_form_stands_in_its_row(papers: Papers) -> None:
    officer, path = papers.taken("officer1", "draft")
    typed = {"title": "甲", "goods.#": "3", "goods.0.name": "", "goods.1.count": "3", "goods.2.name": "烟花"}
    page = officer.post(f"{path}/complete", {**form_fields(officer.get(path)), **typed}).text
    assert 'id="f-goods-1-name-error"' in page
    assert 'id="f-goods-0-name-error"' not in page


def test_the_timeline_leads_to_what_was_filled_in(papers: Papers) -> None:
    papers.drafted()
    officer = papers.site.visitor("officer1")
    page = officer.get(f"/cases/{papers.case_id}?tab=timeline").text
    address = f"/tasks/{papers.row('draft').id}"
    assert f'href="{address}"' in page
    told = officer.get(address).text
    assert '<table class="table dense read-rows">' in told
    assert "烟花" in told
    assert ' name="title"' not in told


NAMES = st.sampled_from([
    "title", "secret", "amount", "grade", "goods", "goods.#", "goods.0.name", "goods.99999999999.name", "replies.#",
    "replies.0.party", "replies.0", "replies.0.answer", "papers", "papers.token", "papers.#", "rows", "seen",
    "key", "then", "hand_back_note", "", ".", "a.b.c.d", "goods.-1.name", "goods.#.#", "rows.token",
    "goods.0.name.token",
])  # fmt: skip
JUNK = st.sampled_from([
    "", "0", "1", "-1", "9" * 400, "add:goods", "add:title", "remove:goods.0", "remove:goods.99", "remove:.",
    "add:" + "x" * 50, "\ufffd", "<script>", "{{7*7}}", "null", "NaN", "1e999", "2024-02-30", "a" * 3000,
    "😀", "％％", "'; --",
])  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(
    st.lists(st.tuples(NAMES, JUNK | st.text(max_size=6)), max_size=10), st.sampled_from(["form", "draft", "complete"])
)
def test_whatever_is_posted_is_answered_and_changes_only_what_the_step_writes(
    papers: Papers, posted: list[tuple[str, str]], word: str
) -> None:
    officer, path = _held(papers)
    given_ = [*((name, value) for name, value in form_fields(officer.get(path)).items()), *posted]
    answer = officer.post(f"{path}/{word}", [pair for pair in given_ if pair[0] != "title"])  # so that it is never done
    assert answer.status_code < 500, answer.text
    assert papers.row("draft").state == "claimed"
    with papers.site.store.read() as session:
        drafts = session.execute(select(TaskDraft.answer)).scalars().all()
    names = {name for kept in drafts for name in (*kept["values"], *kept["files"])}
    assert {name.split(".")[0] for name in names} <= {component["key"] for component in paper.COMPONENTS}
    assert not [name for name in names if name.endswith(("answer", "token"))]


_holders: dict[int, tuple[Visitor, str]] = {}


def _held(papers: Papers) -> tuple[Visitor, str]:
    """One login for all examples."""
    if id(papers) not in _holders:
        _holders.clear()
        _holders[id(papers)] = papers.taken("officer1", "draft")
    return _holders[id(papers)]
