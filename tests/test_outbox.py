"""Notices: part of the command that causes them, delivered once, read by their reader alone."""

from __future__ import annotations

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from workflows import outbox
from workflows.actors import Actor, Person
from workflows.calendar import clock
from workflows.errors import NotFound
from workflows.outbox import OutboxNotice
from workflows.store import Store

ROOT = Path(__file__).parents[1]
START = datetime(2024, 3, 1, 1, tzinfo=UTC)


def actor(person_id: str) -> Actor:
    return Actor(person_id, person_id, "", "", "", {})


@pytest.fixture
def house(store: Store) -> Store:
    """A database with two people."""
    with store.work() as session:
        session.add_all([Person(id=name, login=name, name=name, created_at=START) for name in ("li", "wang")])
    return store


def send(store: Store, person_id: str, *names: str) -> list[str]:
    with store.work() as session:
        notices = [outbox.send(session, person_id, "task_offered", {"name": name}) for name in names]
        session.flush()
        return [notice.id for notice in notices]


def deliver(store: Store, limit: int = 100) -> int:
    with store.work() as session:
        return outbox.deliver(session, limit)


def names(store: Store, person_id: str) -> list[str]:
    with store.read() as session:
        return [notice.facts["name"] for notice in outbox.unread(session, person_id)]


def test_a_notice_is_seen_once_it_is_delivered(house: Store) -> None:
    send(house, "li", "法规初审")
    assert names(house, "li") == []
    assert deliver(house) == 1
    assert names(house, "li") == ["法规初审"]
    assert names(house, "wang") == []
    with house.read() as session:
        assert (outbox.count_unread(session, "li"), outbox.count_unread(session, "wang")) == (1, 0)


def test_a_notice_of_a_command_that_fails_is_never_sent(house: Store) -> None:
    def fail() -> None:
        with house.work() as session:
            outbox.send(session, "li", "task_offered", {"name": "x"})
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert deliver(house) == 0


def test_a_notice_is_delivered_once(house: Store) -> None:
    send(house, "li", "a", "b")
    assert [deliver(house), deliver(house)] == [2, 0]


def test_the_oldest_are_delivered_first_and_the_newest_are_shown_first(house: Store) -> None:
    with clock.simulated(START) as time:
        for hour, name in enumerate(["first", "second", "third"]):
            time.set(START + timedelta(hours=hour))
            send(house, "li", name)
        assert deliver(house, 2) == 2
    assert names(house, "li") == ["second", "first"]


def test_a_notice_carries_when_it_was_written_delivered_and_read(house: Store) -> None:
    with clock.simulated(START) as time:
        (notice_id,) = send(house, "li", "a")
        time.set(START + timedelta(minutes=1))
        deliver(house)
        time.set(START + timedelta(minutes=2))
        with house.work() as session:
            assert outbox.mark_read(session, actor("li"), [notice_id]) == 1
    with house.read() as session:
        notice = session.get_one(OutboxNotice, notice_id)
        moments = (notice.created_at, notice.delivered_at, notice.read_at)
    assert moments == (START, START + timedelta(minutes=1), START + timedelta(minutes=2))


def test_what_was_read_is_no_longer_shown_and_keeps_its_moment(house: Store) -> None:
    first, second = send(house, "li", "a", "b")
    deliver(house)
    with house.work() as session:
        assert outbox.mark_read(session, actor("li"), [first]) == 1
    with house.work() as session:
        assert outbox.mark_read(session, actor("li"), [first, second]) == 1
    assert names(house, "li") == []


def test_nobody_reads_the_notices_of_another(house: Store) -> None:
    (mine,), (other,) = send(house, "li", "mine"), send(house, "wang", "other")
    deliver(house)
    for ids in ([other], [mine, other], ["no such notice"]):
        with pytest.raises(NotFound), house.work() as session:
            outbox.mark_read(session, actor("li"), ids)
    assert (names(house, "li"), names(house, "wang")) == (["mine"], ["other"])


def test_two_workers_never_deliver_the_same_notice(postgres_store: Store) -> None:
    with postgres_store.work() as session:
        session.add(Person(id="li", login="li", name="li", created_at=START))
    send(postgres_store, "li", "a", "b", "c")
    with postgres_store.work() as one:
        held = {notice.id for notice in outbox.pending(one, 2)}
        with postgres_store.work() as other:
            free = {notice.id for notice in outbox.pending(other, 10)}
            assert outbox.deliver(other, 10) == 1
        assert (len(held), len(free), held & free) == (2, 1, set())
        assert outbox.deliver(one, 10) == 2


def test_every_kind_that_is_sent_has_a_sentence_in_both_languages() -> None:
    sentences = yaml.safe_load((ROOT / "workflows/sentences.yaml").read_text("utf-8"))
    kinds = {
        node.args[2].value
        for folder in ("workflows", "webapp")
        for path in (ROOT / folder).rglob("*.py")
        if "node_modules" not in path.parts
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "outbox.send" and len(node.args) > 2
        if isinstance(node.args[2], ast.Constant)
    }
    assert "task_offered" in kinds
    missing = [kind for kind in kinds if not {"zh", "en"} <= set(sentences.get(f"notice.{kind}", {}))]
    assert missing == []
