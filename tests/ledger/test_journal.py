"""Every unit of work tells the ledger which rows of a case it wrote, and nothing that was taken back."""

from __future__ import annotations

from contextlib import suppress

import pytest
from sqlalchemy import text, update

from tests.desk.conftest import Bureau
from tests.desk.conftest import bureau as bureau
from tests.desk.conftest import time as time
from workflows import fold, ledger
from workflows.cases.file import Case, Party
from workflows.fold import rows
from workflows.ledger.journal import LONGEST, stream_of, written
from workflows.store import Store


class PowerCut(Exception):
    """Something that ends a unit of work."""


def told(store: Store, case_id: str) -> rows.State:
    with store.read() as session:
        return rows.fold(ledger.history(session, stream_of(case_id)))


def test_a_new_case_is_told_with_every_column(bureau: Bureau) -> None:
    case_id = bureau.open()
    columns = told(bureau.store, case_id)["case_file"][(case_id,)]
    assert set(columns) == set(Case.__table__.c.keys())
    assert columns["state"] == "lead"


def test_a_change_tells_the_changed_columns_only(bureau: Bureau) -> None:
    case_id = bureau.open()
    with bureau.store.work() as session:
        session.get_one(Case, case_id).title = "改后的案由"
    with bureau.store.read() as session:
        last = ledger.history(session, stream_of(case_id))[-1]
    assert last.data["rows"] == [{"table": "case_file", "key": [case_id], "columns": {"title": "改后的案由"}}]


def test_a_removed_row_is_told(bureau: Bureau) -> None:
    case_id = bureau.open()
    party = next(iter(told(bureau.store, case_id)["party"]))
    with bureau.store.work() as session:
        session.delete(session.get_one(Party, party))
    assert told(bureau.store, case_id)["party"] == {}


def test_a_unit_of_work_that_fails_tells_nothing(bureau: Bureau) -> None:
    case_id = bureau.open()
    before = told(bureau.store, case_id)
    with suppress(PowerCut), bureau.store.work() as session:
        session.get_one(Case, case_id).title = "没有写成"
        session.flush()
        raise PowerCut
    assert told(bureau.store, case_id) == before


def test_what_a_savepoint_took_back_is_not_told_and_the_rest_is(bureau: Bureau) -> None:
    case_id = bureau.open()
    with bureau.store.work() as session:
        case = session.get_one(Case, case_id)
        case.archive_number = "留下"
        with suppress(PowerCut), session.begin_nested():
            case.title = "没有写成"
            session.flush()
            raise PowerCut
    columns = told(bureau.store, case_id)["case_file"][(case_id,)]
    assert columns["archive_number"] == "留下"
    assert columns["title"] != "没有写成"
    with bureau.store.read() as session:
        assert list(fold.verify_state(session)) == []


def test_a_statement_past_the_objects_is_refused(bureau: Bureau) -> None:
    case_id = bureau.open()
    with pytest.raises(TypeError, match="case_file"), bureau.store.work() as session:
        session.execute(update(Case).where(Case.id == case_id).values(title="绕过账本"))


def test_a_long_value_stands_with_its_hash() -> None:
    assert written("短") == "短"
    long = written("长" * LONGEST)
    assert set(long) == {"sha256", "length"}
    assert long != written("长" * (LONGEST - 1) + "短")


def test_a_case_from_before_is_taken_over_as_it_stands_and_a_slipped_in_one_is_not(bureau: Bureau) -> None:
    case_id = bureau.open()
    with bureau.store.engine.begin() as connection:
        ledger.immutability.unprotect(connection)
        connection.execute(text("DELETE FROM ledger_entry WHERE stream LIKE 'rows:%'"))
        connection.execute(text("DELETE FROM ledger_head WHERE stream LIKE 'rows:%'"))
        ledger.immutability.protect(connection)
    with bureau.store.work() as session:
        assert fold.take_over(session) == 1
    with bureau.store.work() as session:
        assert fold.take_over(session) == 0
    with bureau.store.read() as session:
        assert list(fold.verify_state(session)) == []
        (entry,) = ledger.history(session, stream_of(case_id))
    assert entry.data["taken_over"] is True
