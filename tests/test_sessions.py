"""Sessions and the throttle at the door, on both databases."""

from __future__ import annotations

import sqlite3
import threading
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError

from workflows import passwords, sessions
from workflows.actors import Actor, Person, acting
from workflows.calendar import clock
from workflows.errors import Forbidden, Invalid, NotFound
from workflows.sessions import Client, LoginFailures, WebSession
from workflows.store import Store

NOON = datetime(2024, 3, 4, 4, 0, tzinfo=UTC)
DAY, IDLE = timedelta(hours=12), timedelta(hours=2)
HERE = Client("10.0.0.7", "a browser")


@pytest.fixture
def person(store: Store) -> str:
    """chen, whose password is known."""
    with store.work() as session:
        row = Person(login="chen", name="陈立", password_hash=passwords.hashed("a good password"))
        session.add(row)
        session.flush()
        return row.id


def actor(store: Store, person_id: str) -> Actor:
    with store.read() as session:
        return acting(session, person_id)


def log_in(store: Store, typed: str = "a good password") -> sessions.Opened:
    return sessions.log_in(store, "chen", typed, client=HERE, lasts=DAY)


def test_a_token_opens_its_session_until_it_is_ended(store: Store, person: str) -> None:
    opened = log_in(store)
    with store.read() as session:
        found = sessions.find(session, opened.token, idle=IDLE)
        assert found is not None
        assert (found.person_id, found.address, found.agent) == (person, "10.0.0.7", "a browser")
        assert sessions.find(session, opened.token + "x", idle=IDLE) is None
    with store.work() as session:
        sessions.log_out(session, actor(store, person), opened.session_id)
    with store.read() as session:
        assert sessions.find(session, opened.token, idle=IDLE) is None


def test_a_session_rests_two_hours_and_lasts_twelve(store: Store, person: str) -> None:
    with clock.simulated(NOON) as time:
        opened = log_in(store)

        def alive() -> bool:
            with store.read() as session:
                return sessions.find(session, opened.token, idle=IDLE) is not None

        time.set(NOON + timedelta(hours=1, minutes=59))
        assert alive()
        with store.work() as session:
            sessions.touch(session, opened.session_id)
        time.set(NOON + timedelta(hours=3))
        assert alive()
        time.set(NOON + timedelta(hours=4))
        assert not alive()


def test_an_attempt_is_counted_before_its_password_is_looked_at(store: Store, person: str) -> None:
    """Ten attempts side by side: five are looked at, five are turned away."""
    outcomes: list[str] = []

    def attempt() -> None:
        try:
            log_in(store, "wrong")
        except Forbidden as refused:
            outcomes.append(refused.code)

    threads = [threading.Thread(target=attempt) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["login.refused"] * 5 + ["login.throttled"] * 5


class Outage:
    """The database answers nothing from the next look at a password on, until it is back."""

    def __init__(self, store: Store, monkeypatch: pytest.MonkeyPatch, *, statements: int | None = None) -> None:
        """statements: it comes back after so many that it did not answer; None: when it is told to."""
        self.store, self.statements, self.missed, self.away = store, statements, 0, False
        self.fits = passwords.fits
        monkeypatch.setattr(passwords, "fits", self.look)
        event.listen(store.engine, "do_execute", self.answer)

    def look(self, stored: str | None, password: str) -> bool:
        self.away, self.missed = True, 0
        return self.fits(stored, password)

    def answer(self, *_: object) -> None:
        if self.away:
            self.missed += 1
            self.away = self.missed != self.statements
            lost = psycopg.OperationalError if self.store.dialect == "postgresql" else sqlite3.OperationalError
            raise lost("the server closed the connection unexpectedly")


@pytest.mark.parametrize("typed", ["a good password", "wrong"])
def test_attempts_that_the_database_left_without_an_answer_are_no_failures(
    store: Store, person: str, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    Outage(store, monkeypatch, statements=1)  # it is back when the attempt is taken back
    for _ in range(2 * sessions.ALLOWED_FAILURES):
        with pytest.raises(OperationalError):
            log_in(store, typed)
    with store.read() as session:
        assert session.scalars(select(LoginFailures)).all() == []


def test_attempts_that_nobody_could_take_back_count_for_a_minute(
    store: Store, person: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clock.simulated(NOON) as time:
        with monkeypatch.context() as patched:
            outage = Outage(store, patched)
            for _ in range(sessions.ALLOWED_FAILURES):
                with pytest.raises(OperationalError):
                    log_in(store)
                outage.away = False
        with pytest.raises(Forbidden, match="login.throttled") as refused:  # as many side by side would be
            log_in(store)
        assert refused.value.facts["minutes"] == 1
        time.set(NOON + sessions.ATTEMPT_LASTS)
        assert log_in(store).session_id


def test_an_answer_that_took_long_still_counts(store: Store, person: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fits = passwords.fits
    with clock.simulated(NOON) as time:
        for number in range(1, sessions.ALLOWED_FAILURES + 1):

            def slow(stored: str | None, password: str, minutes: int = 2 * number) -> bool:
                time.set(NOON + timedelta(minutes=minutes))
                return fits(stored, password)

            monkeypatch.setattr(passwords, "fits", slow)
            with pytest.raises(Forbidden, match="login.refused"):
                log_in(store, "wrong")
        with pytest.raises(Forbidden, match="login.throttled"):
            log_in(store)


def test_the_count_is_the_same_however_a_login_is_written(store: Store, person: str) -> None:
    for login in ("chen", "CHEN", " chen ", "Chen", "chen"):
        with pytest.raises(Forbidden, match="login.refused"):
            sessions.log_in(store, login, "wrong", client=HERE, lasts=DAY)
    with pytest.raises(Forbidden, match="login.throttled") as refused:
        log_in(store)
    assert 1 <= refused.value.facts["minutes"] <= 15


def test_the_right_password_is_looked_at_again_when_the_window_has_passed(store: Store, person: str) -> None:
    with clock.simulated(NOON) as time:
        for minute in range(5):
            time.set(NOON + timedelta(minutes=minute))
            with pytest.raises(Forbidden):
                log_in(store, "wrong")
        time.set(NOON + timedelta(minutes=14))
        with pytest.raises(Forbidden, match="login.throttled"):
            log_in(store)
        time.set(NOON + timedelta(minutes=15, seconds=1))
        assert log_in(store).session_id


def test_a_new_password_ends_every_session_but_the_one_that_set_it(store: Store, person: str) -> None:
    kept, other = log_in(store), log_in(store)
    with store.work() as session:
        row = session.get_one(Person, person)
        sessions.set_password(session, actor(store, person), row, "another good one", keep=kept.session_id)
    with store.read() as session:
        assert sessions.find(session, kept.token, idle=IDLE) is not None
        assert sessions.find(session, other.token, idle=IDLE) is None
    assert log_in(store, "another good one").session_id


def test_somebody_elses_session_is_not_found(store: Store, person: str) -> None:
    opened = log_in(store)
    stranger = Actor("f" * 32, "某人", "", "", "", {})
    with pytest.raises(NotFound), store.work() as session:
        sessions.revoke(session, stranger, opened.session_id)
    with store.read() as session:
        living = select(func.count()).select_from(WebSession).where(WebSession.revoked_at.is_(None))
        assert session.execute(living).scalar_one() == 1


@pytest.mark.parametrize("password", ["short", "x" * 201, "aaaaaaaaaaaa", "my-chen-password"])
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(Invalid):
        passwords.require_strong(password, "chen")


def test_a_password_is_stored_as_argon2id_and_salted() -> None:
    first, second = passwords.hashed("a good password"), passwords.hashed("a good password")
    assert first.startswith("$argon2id$")
    assert first != second
    assert passwords.fits(first, "a good password")
    assert not passwords.fits(first, "a bad password")
    assert not passwords.fits(None, "a good password")
    assert not passwords.fits("no hash at all", "a good password")
    assert not passwords.outdated(first)
