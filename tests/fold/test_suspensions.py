"""Which processes are suspended is what the ledger of the bureau tells."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.desk.conftest import Bureau
from tests.fold import changing
from tests.operations.test_suspensions import resume, suspend


@pytest.fixture
def suspended(bureau: Bureau) -> Bureau:
    """One process was held and goes on again, of another one a version takes no new cases."""
    resume(bureau, suspend(bureau, "penalty", holds=True))
    suspend(bureau, "legal_review", version=True)
    return bureau


def found(bureau: Bureau, change: str = "") -> set[str | None]:
    """The columns of suspensions that the check names after a change."""
    with changing.attacked(bureau.store) as connection:
        if change:
            assert connection.execute(text(change)).rowcount == 1, change
        return {one.column for one in changing.differences(connection) if one.table == "process_suspension"}


CHANGES = {
    "UPDATE process_suspension SET ended_at = at WHERE ended_at IS NULL": "ended_at",
    "UPDATE process_suspension SET ended_at = NULL WHERE ended_at IS NOT NULL": "ended_at",
    "UPDATE process_suspension SET at = '2020-01-01 00:00:00.000000' WHERE ended_at IS NOT NULL": "at",
    "UPDATE process_suspension SET process_key = 'penalty' WHERE ended_at IS NULL": "process_key",
    "UPDATE process_suspension SET package_hash = NULL WHERE ended_at IS NULL": "package_hash",
    "UPDATE process_suspension SET holds = TRUE WHERE ended_at IS NULL": "holds",
    "UPDATE process_suspension SET holds = FALSE WHERE ended_at IS NOT NULL": "holds",
    "UPDATE process_suspension SET reason = '试用' WHERE ended_at IS NULL": "reason",
    "UPDATE process_suspension SET by_id = (SELECT id FROM person WHERE login = 'admin2') WHERE ended_at IS NULL":
        "by_id",
    "UPDATE process_suspension SET ended_by_id = (SELECT id FROM person WHERE login = 'admin2')"
    " WHERE ended_at IS NOT NULL": "ended_by_id",
    "UPDATE process_suspension SET ended_reason = '' WHERE ended_at IS NOT NULL": "ended_reason",
    "DELETE FROM process_suspension WHERE ended_at IS NULL": None,
    "INSERT INTO process_suspension (id, process_key, holds, reason, by_id, at, ended_reason) SELECT 'x',"
    " 'penalty', TRUE, '', by_id, at, '' FROM process_suspension WHERE ended_at IS NULL": None,
}  # fmt: skip


def test_a_suspension_that_is_not_as_the_ledger_tells_is_named(suspended: Bureau) -> None:
    assert found(suspended) == set()
    for change, column in CHANGES.items():
        assert column in found(suspended, change), change


def test_a_suspension_is_named_in_both_languages(suspended: Bureau) -> None:
    with changing.attacked(suspended.store) as connection:
        connection.execute(text("DELETE FROM process_suspension WHERE ended_at IS NULL"))
        [one] = changing.differences(connection)
    assert one.sentence("zh").startswith(f"流程暂停 {one.key}，账本为")
    assert one.sentence("en").endswith("the table says there is no such row")
