"""The unit of work commits everything or nothing, on both databases."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import StatementError

from workflows.actors import Person
from workflows.store import Store


def person(login: str) -> Person:
    return Person(login=login, name="张三", created_at=datetime(2026, 1, 5, 9, tzinfo=timezone(timedelta(hours=8))))


def logins(store: Store) -> list[str]:
    with store.read() as session:
        return sorted(session.scalars(select(Person.login)))


def test_what_a_unit_of_work_did_is_there_afterwards(store: Store) -> None:
    with store.work() as session:
        session.add(person("zhang"))
    assert logins(store) == ["zhang"]


def test_a_failed_unit_of_work_leaves_nothing(store: Store) -> None:
    def fail() -> None:
        with store.work() as session:
            session.add(person("zhang"))
            session.flush()
            raise RuntimeError("the machine stumbled")

    with pytest.raises(RuntimeError, match="stumbled"):
        fail()
    assert logins(store) == []


def test_what_a_reader_changes_is_thrown_away(store: Store) -> None:
    with store.work() as session:
        session.add(person("zhang"))
    with store.read() as session:
        session.add(person("li"))
        session.flush()
    assert logins(store) == ["zhang"]


def test_moments_come_back_in_utc_with_their_zone(store: Store) -> None:
    with store.work() as session:
        session.add(person("zhang"))
    with store.read() as session:
        moment = session.scalars(select(Person.created_at)).one()
    assert moment == datetime(2026, 1, 5, 1, tzinfo=UTC)
    assert moment.utcoffset() == timedelta(0)


def test_a_moment_without_a_zone_is_refused(store: Store) -> None:
    def save() -> None:
        with store.work() as session:
            session.add(Person(login="zhang", name="张三", created_at=datetime(2026, 1, 5)))  # noqa: DTZ001

    with pytest.raises(StatementError, match="without a zone"):
        save()


def test_writers_queue_and_none_is_lost(store: Store) -> None:
    errors: list[BaseException] = []

    def write(number: int) -> None:
        try:
            for turn in range(5):
                with store.work() as session:
                    session.add(person(f"writer-{number}-{turn}"))
        except BaseException as error:  # noqa: BLE001 (handed to the test below)
            errors.append(error)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert errors == []
    assert len(logins(store)) == 40


def test_a_hasty_unit_of_work_does_what_any_other_does(store: Store) -> None:
    """What it does not do is wait for other writers; the web's tests see that."""
    with store.work(hasty=True) as session:
        assert session.execute(text("SELECT 1")).scalar_one() == 1
