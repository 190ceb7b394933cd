"""Trying a draft in the browser: a play with sample answers, which leaves no trace but its own list of moves."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import html
from sqlalchemy import select

from tests.webapp.site import Site, Visitor
from workflows.models import metadata
from workflows.store import Store, new_id

KEPT = {"process_play", "web_session"}
"""Tables in which a play may leave something: its list of moves, and when the administrator was seen last."""


@pytest.fixture
def admin(site: Site) -> Visitor:
    return site.visitor("admin")


def begin_draft(visitor: Visitor, key: str = "penalty") -> str:
    visitor.get("/studio")
    asked = {"process": key, "origin": "version", "version": 1, "key": new_id()}
    answer = visitor.post("/studio/drafts", asked)
    assert answer.status_code == 302, answer.text
    return str(answer.location).rsplit("/", 1)[-1]


def begin_play(visitor: Visitor, draft: str, process: str = "penalty") -> str:
    visitor.get(f"/studio/drafts/{draft}/try")
    answer = visitor.post(f"/studio/drafts/{draft}/try", {"process": process, "name": "一般案件", "key": new_id()})
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def filled(page: Any) -> list[tuple[str, str]]:
    """What a browser would send of the form of the step, as it is filled in."""
    form = html.fromstring(page.text).get_element_by_id("answer")
    return [(str(name), str(value)) for name, value in form.form_values()]


def send(visitor: Visitor, at: str, **changed: str) -> Any:
    """The step as it is filled in, with some answers changed."""
    fields = [(name, value) for name, value in filled(visitor.get(at)) if name not in changed]
    answer = visitor.post(f"{at}/move", [*fields, *changed.items()])
    assert answer.status_code in (302, 409, 422), answer.text
    return answer


def done(visitor: Visitor, at: str, **changed: str) -> str:
    """The step is done; the page of the play after it."""
    answer = send(visitor, at, **changed)
    assert answer.status_code == 302, answer.text
    return str(visitor.get(at).text)


def heading(page: str) -> str:
    return str(html.fromstring(page).xpath("string(//form[@id='answer']/h2)"))


def rows(store: Store) -> dict[str, list[Any]]:
    """Every row of every table."""
    with store.read() as session:
        return {name: sorted(map(repr, session.execute(select(table)).all()))
                for name, table in metadata.tables.items()}  # fmt: skip


def test_a_draft_is_played_with_sample_answers_and_leaves_no_trace(site: Site, admin: Visitor) -> None:
    draft = begin_draft(admin)
    before = rows(site.store)
    at = begin_play(admin, draft)
    assert heading(admin.get(at).text) == "线索受理"
    seen = [heading(done(admin, at)) for _ in range(6)]
    assert seen == ["立案审批", "调查取证", "调查终结报告", "承办机构负责人审核", "送审材料完备性审查", "法规初审"]
    after = rows(site.store)
    assert {name for name in before if before[name] != after[name]} <= KEPT
    assert len(after["process_play"]) == 1
