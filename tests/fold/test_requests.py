"""Who asked for a publication or a post, who wrote it and who decided is what the ledger of the bureau tells."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.diagrams.administrators import Office
from tests.fold import changing
from tests.staff import conftest as staffed
from workflows.calendar import clock
from workflows.calendar.clock import SimulatedClock
from workflows.diagrams import releases
from workflows.fold import verify_state
from workflows.staff import people, posts
from workflows.store import Store, new_id

BUREAU = "衢州市应急管理局(演示)"


class Known(Office):
    """The administrators of the demonstration bureau, and nobody else."""

    def __post_init__(self) -> None:
        """Nobody is entered."""


@pytest.fixture
def decided(sqlite_demo_store: Store, time: object) -> Store:
    """Releases that were published, rejected, taken back and planned; posts that were given, refused, and wait."""
    office, house = Known(sqlite_demo_store), staffed.Office(sqlite_demo_store)

    def asked(word: str, **more: object) -> str:
        draft = office.renamed("admin", word)
        return office.do(releases.ask, "admin", draft.id, release_id=new_id(), seen=draft.revision, reason=word,
                         legal_basis="局务会议纪要", **more).id  # fmt: skip

    office.do(releases.approve, "admin2", asked("整理记录"), "同意")
    office.do(releases.reject, "admin2", asked("记录"), "不妥")
    office.do(releases.withdraw, "admin2", asked("纪要", publish_at=clock.now() + timedelta(days=2)), "不办了")
    office.do(releases.approve, "admin2", asked("会议", publish_at=clock.now() + timedelta(days=3)), "同意")
    for login, command, words in (("officer1", posts.approve_post, "同意"), ("officer2", posts.reject_post, "不同意"),
                                  ("officer3", None, "")):  # fmt: skip
        row = house.does("secadmin", posts.ask_post, house.id(login), house.unit(BUREAU), role="bureau_leader",
                         title="副局长", reason="任命")  # fmt: skip
        if command is not None:
            house.does("admin", command, row.id, decision=words)
    return sqlite_demo_store


def test_a_release_that_waits_for_another_approval_is_as_the_ledger_tells(decided: Store, time: SimulatedClock) -> None:
    house = staffed.Office(decided)
    house.does("secadmin", people.disable_person, house.id("admin2"), reason="停职")
    time.set(clock.now() + timedelta(days=4))
    with decided.work() as session:
        assert releases.publish_due(session, clock.now()) is False
    with decided.read() as session:
        assert list(verify_state(session)) == []
    with changing.attacked(decided) as connection:
        connection.execute(text("UPDATE process_release SET state = 'scheduled' WHERE state = 'waiting'"))
        assert [(one.table, one.column) for one in changing.differences(connection)] == [("process_release", "state")]


CHANGES = {
    "process_release": {
        "reason": "reason = 'x'", "legal_basis": "legal_basis = 'y'", "writers": "writers = '[]'",
        "decided_by_id": "decided_by_id = asked_by_id", "asked_by_id": "asked_by_id = decided_by_id",
        "state": "state = 'failed'", "decision": "decision = '赞成'", "package_hash": "package_hash = 'f'",
        "publish_at": "publish_at = asked_at",
    },
    "post_request": {
        "decided_by_id": "decided_by_id = asked_by_id", "reason": "reason = 'z'", "role": "role = 'bureau_head'",
        "state": "state = 'refused'", "asked_by_id": "asked_by_id = person_id",
        "person_id": "person_id = asked_by_id",
    },
}  # fmt: skip


def test_what_was_changed_of_a_request_without_an_entry_is_named(decided: Store) -> None:
    with changing.attacked(decided) as connection:
        assert changing.differences(connection) == []
    for table, changes in CHANGES.items():
        for column, change in changes.items():
            asked = f"UPDATE {table} SET {change} WHERE decided_by_id IS NOT NULL"  # noqa: S608 (above)
            with changing.attacked(decided) as connection:
                rows = connection.execute(text(asked)).rowcount
                named = [(one.table, one.column) for one in changing.differences(connection)]
            assert rows >= 2 and set(named) == {(table, column)}, change


def test_a_request_that_only_one_side_has_is_named(decided: Store) -> None:
    for table in CHANGES:
        with changing.attacked(decided) as connection:
            count = connection.execute(text(f"DELETE FROM {table}")).rowcount  # noqa: S608
            assert {(one.table, one.column) for one in changing.differences(connection)} == {(table, None)}
        assert count >= 3
    with changing.attacked(decided) as connection:
        connection.execute(text("UPDATE post_request SET id = 'x' WHERE decided_by_id IS NULL"))
        named = [one for one in changing.differences(connection) if one.table == "post_request"]
    assert len(named) == 2 and "账本没有记载" in "".join(one.sentence() for one in named)
