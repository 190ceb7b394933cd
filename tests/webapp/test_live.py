"""What an open page asks every few seconds: cheap, silent, and no use of the login."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import event, select, text

from tests.webapp.site import Site, Visitor
from webapp import watching as pages
from workflows import outbox, watching
from workflows.actors import Person
from workflows.calendar import clock
from workflows.desk import commands
from workflows.desk.execute import execute
from workflows.sessions import WebSession

LIVE = {"X-Fashen-Live": "1"}


def ask(visitor: Visitor, state: str = "", of: str = "") -> tuple[int, str]:
    """Status and new state."""
    headers = {**LIVE, "Accept": "application/json", **({"If-None-Match": f'"{state}"'} if state else {})}
    answer = visitor.client.get("/live", query_string={"of": of} if of else {}, headers=headers)
    return answer.status_code, answer.get_etag()[0] or ""


def drawn(visitor: Visitor, path: str) -> tuple[str, str]:
    """The state and the signed ids that a page carries."""
    page = visitor.get(path).text
    found = re.search(r'data-live-of="([^"]*)" data-live-state="([^"]*)"', page)
    assert found
    return found[2], found[1]


def statements(site: Site, visitor: Visitor, state: str, of: str) -> list[str]:
    seen: list[str] = []
    keep = lambda _c, _cu, statement, *_r: seen.append(statement)  # noqa: E731
    event.listen(site.store.engine, "before_cursor_execute", keep)
    try:
        ask(visitor, state, of)
    finally:
        event.remove(site.store.engine, "before_cursor_execute", keep)
    return [one for one in seen if not one.startswith(("BEGIN", "PRAGMA"))]


def test_nothing_new_is_304_and_a_new_task_is_told_with_another_state(site: Site) -> None:
    deputy = site.visitor("deputy")
    state, of = drawn(deputy, "/desk")
    assert ask(deputy, state, of) == (304, state)
    site.open_case()
    status, new = ask(deputy, state, of)
    assert (status, new != state) == (200, True)
    assert ask(deputy, new, of) == (304, new)


def test_what_concerns_others_is_not_told(site: Site) -> None:
    reader = site.visitor("publisher1")
    state, of = drawn(reader, "/desk")
    site.open_case()
    assert ask(reader, state, of) == (304, state)


def test_the_list_of_a_unit_is_told_of_everything_in_it(site: Site) -> None:
    head = site.visitor("head")
    state, of = drawn(head, "/desk?list=unit")
    other, none = drawn(head, "/desk?list=done")
    site.open_case()
    assert ask(head, state, of)[0] == 200
    assert (none, ask(head, other, none)[0]) == ("", 304)


def test_the_page_of_a_task_is_told_of_its_case(site: Site) -> None:
    task_id = site.task(site.open_case(), "approve_filing")
    officer = site.visitor("officer2")
    state, of = drawn(officer, f"/tasks/{task_id}")
    assert ask(officer, state, of) == (304, state)
    with site.store.read() as session:
        from workflows.actors import acting

        deputy = acting(session, site.person_id("deputy"))
    answer = {"result": "approve", "opinion": "同意立案。"}
    execute(site.store, commands.complete_task, deputy, task_id, answer, seen=1, key="k" * 20)
    assert ask(officer, state, of)[0] == 200


def test_a_question_costs_one_statement_that_walks_keys_and_changes_nothing(site: Site) -> None:
    deputy = site.visitor("deputy")
    site.open_case()
    state, of = drawn(deputy, "/desk?list=unit")
    asked = statements(site, deputy, state, of)
    assert len(asked) == 1, asked
    assert asked[0].startswith("SELECT")
    question = watching.question("t", ["a", "b"])
    written = question.compile(dialect=site.store.engine.dialect, compile_kwargs={"literal_binds": True})
    with site.store.read() as session:
        plan = [str(line[-1]) for line in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {written}")]
    whole = [line for line in plan if line.startswith("SCAN") and "CONSTANT" not in line and "subquery" not in line]
    assert [line for line in whole if "anon" not in line] == [], plan


def test_a_page_that_is_left_open_is_logged_out(site: Site) -> None:
    visitor = site.visitor("officer1")
    state, of = drawn(visitor, "/desk")
    for minutes in range(0, 120, 10):  # idle sessions end after two hours
        site.time.set(clock.now() + timedelta(minutes=10))
        assert (ask(visitor, state, of)[0] in (200, 304)) is (minutes < 110), minutes
        if minutes < 110:
            assert visitor.client.get("/desk", headers={**visitor.headers, **LIVE}).status_code == 200
    assert ask(visitor)[0] == 401


def test_whoever_works_stays_logged_in_and_asking_does_not_move_the_hour(site: Site) -> None:
    visitor = site.visitor("officer1")
    site.time.set(clock.now() + timedelta(minutes=30))
    ask(visitor)
    visitor.client.get("/desk", headers={**visitor.headers, **LIVE})
    assert seen(site) == clock.now() - timedelta(minutes=30)
    visitor.get("/desk")
    assert seen(site) == clock.now()


def seen(site: Site) -> object:
    with site.store.read() as session:
        return session.execute(select(WebSession.last_seen_at)).scalar_one()


@pytest.mark.parametrize("how", ["logged out", "revoked elsewhere", "disabled", "nobody"])
def test_a_login_that_has_ended_is_told_so(site: Site, how: str) -> None:
    visitor = site.visitor("officer1")
    if how == "logged out":
        cookie = visitor.cookie() or ""
        visitor.post("/logout")
        visitor.client.set_cookie("fashen", cookie)
    elif how == "nobody":
        visitor = site.visitor()
    with site.store.work() as session:
        if how == "revoked elsewhere":
            session.execute(select(WebSession)).scalar_one().revoked_at = clock.now()
        elif how == "disabled":
            session.get_one(Person, site.person_id("officer1")).disabled_at = clock.now()
    answer = visitor.client.get("/live", headers=LIVE)
    assert (answer.status_code, answer.text) == (401, "")


def test_made_up_ids_are_not_asked_for(site: Site) -> None:
    visitor = site.visitor("publisher1")
    state, of = drawn(visitor, "/desk")
    with site.app.test_request_context():
        signed = str(pages._signer().dumps([site.person_id("deputy")]))
    site.open_case()
    for forged in ("x", "x" * 5000, signed[:-2] + "aa", f'["{site.person_id("deputy")}"]', "\u6cd5"):
        assert ask(visitor, state, forged) == (304, state)
    assert of == ""
    assert ask(visitor, state, signed)[0] == 200, "what the house has signed counts"


def test_unread_notices_are_counted_to_a_hundred(site: Site) -> None:
    visitor = site.visitor("officer1")
    with site.store.work() as session:
        for _ in range(watching.MOST_UNREAD + 5):
            outbox.send(session, site.person_id("officer1"), "task_offered", {"name": "x"})
    assert visitor.client.get("/live", headers=LIVE).json == {"unread": 0}, "they are not delivered yet"
    with site.store.work() as session:
        outbox.deliver(session, 200)
    assert visitor.client.get("/live", headers=LIVE).json == {"unread": watching.MOST_UNREAD}


def test_a_script_does_not_fetch_away_what_the_next_page_says(site: Site) -> None:
    visitor = site.visitor("officer1")
    visitor.get("/account/sessions")
    visitor.post("/account/sessions/revoke-others")
    quiet = visitor.client.get("/desk", headers={**visitor.headers, **LIVE}).text
    assert "其他登录已全部退出" not in quiet
    assert "其他登录已全部退出" in visitor.get("/account/sessions").text


def test_the_state_changes_with_the_hour(site: Site) -> None:
    visitor = site.visitor("officer1")
    state, of = drawn(visitor, "/desk")
    site.time.set(clock.now() + timedelta(hours=1))
    assert ask(visitor, state, of)[0] == 200


def test_a_database_that_does_not_answer_is_no_logout(site: Site) -> None:
    visitor = site.visitor("officer1")
    with site.store.work() as session:
        session.execute(text("ALTER TABLE pulse RENAME TO gone"))
    assert ask(visitor)[0] in (500, 503)
