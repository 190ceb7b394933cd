"""The catalogue of matters, which legal officers add to, and the notices, which stand until read."""

from __future__ import annotations

from tests.webapp.site import Site
from workflows import outbox
from workflows.cases.catalogue import Matter

MATTER = {
    "code": "CF-MKT-010-1",
    "name": "对破坏防隔水煤柱的行政处罚",
    "legal_basis": "《国务院关于预防煤矿生产安全事故的特别规定》第十条第一款",
    "measures": "责令停产整顿、罚款",
    "entity_from": "500000",
    "entity_to": "2,000,000",
    "person_from": "30000",
    "person_to": "150000",
    "dual_penalty": "1",
}


def test_everybody_searches_the_catalogue(site: Site) -> None:
    page = site.visitor("officer1").get("/catalogue?q=097-1-07")
    assert "CF-AQF-097-1-07" in page.text
    assert "CF-AQF-098" not in page.text
    assert "增加事项" not in page.text


def test_the_legal_officer_adds_a_matter(site: Site) -> None:
    visitor = site.visitor("legal1")
    visitor.get("/catalogue/new")
    answer = visitor.post("/catalogue", MATTER)
    assert answer.status_code == 302
    with site.store.read() as session:
        matter = session.get_one(Matter, "CF-MKT-010-1")
    assert (matter.source, matter.dual_penalty) == ("bureau", True)
    assert matter.spec["stages"][0]["entity"] == [500000, 2000000]


def test_a_wrong_matter_is_drawn_again_with_what_was_typed(site: Site) -> None:
    visitor = site.visitor("legal1")
    visitor.get("/catalogue/new")
    answer = visitor.post("/catalogue", {**MATTER, "code": "!", "entity_to": "1"})
    assert answer.status_code == 422
    assert 'value="对破坏防隔水煤柱的行政处罚"' in answer.text
    with site.store.read() as session:
        assert session.get(Matter, "!") is None


def test_notices_stand_in_the_list_until_read(site: Site) -> None:
    site.open_case()
    with site.store.work() as session:
        outbox.deliver(session)
    deputy = site.visitor("deputy")
    assert "您有新任务" in deputy.get("/notices").text
    with site.store.read() as session:
        ids = [notice.id for notice in outbox.unread(session, site.person_id("deputy"))]
    stranger = site.visitor("officer1")
    stranger.get("/notices")
    assert stranger.post("/notices/read", [("id", one) for one in ids]).status_code == 404
    assert deputy.post("/notices/read", [("id", one) for one in ids]).status_code == 302
    assert "没有未读通知" in deputy.get("/notices").text
