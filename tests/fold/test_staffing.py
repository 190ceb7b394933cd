"""Who holds a post and what a program outside may do is what the ledger of the bureau tells."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from tests.desk.conftest import Bureau
from tests.external.conftest import served as served
from tests.external.gazette import admit
from tests.fold import changing
from workflows import staff
from workflows.actors import SYSTEM, Unit
from workflows.external import accounts

LOGIN, PASSWORD = "zhangsan", "correct horse battery"


@pytest.fixture
def staffed(bureau: Bureau) -> Bureau:
    """Somebody was entered at the terminal; one program was admitted, another one revoked."""
    admit(bureau.store)
    admit(bureau.store, "mail", ("mail",))
    with bureau.store.work() as session:
        unit = session.execute(select(Unit.name).order_by(Unit.name).limit(1)).scalar_one()
        staff.add_person(
            session, SYSTEM, LOGIN, "张三", unit=unit, role="case_officer", title="试用科员", password=PASSWORD
        )
        accounts.revoke(session, SYSTEM, "mail")
    return bureau


def found(bureau: Bureau, *changes: str) -> set[tuple[str, str | None]]:
    with changing.attacked(bureau.store) as connection:
        for change in changes:
            assert connection.execute(text(change)).rowcount, change
        return {(one.table, one.column) for one in changing.differences(connection)}


CHANGES = {
    "UPDATE post SET role = 'bureau_head' WHERE title = '试用科员'": ("post", "role"),
    "UPDATE post SET title = '局长' WHERE title = '试用科员'": ("post", "title"),
    "UPDATE post SET unit_id = (SELECT max(id) FROM unit WHERE id <> unit_id) WHERE title = '试用科员'":
        ("post", "unit_id"),
    "DELETE FROM post WHERE title = '试用科员'": ("post", None),
    "INSERT INTO post (id, person_id, unit_id, role, title, rank, starts_on) SELECT 'p', person_id, unit_id,"
    " 'bureau_head', title, 1, starts_on FROM post WHERE title = '试用科员'": ("post", None),
    "UPDATE person SET name = '李四' WHERE login = 'zhangsan'": ("person", "name"),
    "UPDATE person SET login = 'lisi' WHERE login = 'zhangsan'": ("person", "login"),
    "UPDATE person SET created_at = '2018-11-01 00:00:00' WHERE login = 'zhangsan'": ("person", "created_at"),
    "INSERT INTO person (id, login, name, language, created_at) SELECT 'e', 'evil', '影子', language, created_at"
    " FROM person WHERE login = 'zhangsan'": ("person", None),
    "INSERT INTO post (id, person_id, unit_id, role, title, rank, starts_on) SELECT 'p', id, (SELECT max(id)"
    " FROM unit), 'bureau_head', '局长', 1, '2024-01-01' FROM person WHERE login = 'officer1'": ("post", None),
    "INSERT INTO certificate (id, person_id, kind, number, valid_from) SELECT 'c', person_id, kind, 'X', valid_from"
    " FROM certificate WHERE number = '浙衢0100101'": ("certificate", None),
    "UPDATE machine_account SET topics = '[\"mail\", \"other\"]' WHERE name = 'mail'": ("machine_account", "topics"),
    "UPDATE machine_account SET revoked_at = NULL WHERE name = 'mail'": ("machine_account", "revoked"),
    "UPDATE machine_account SET name = 'other' WHERE name = 'mail'": ("machine_account", "name"),
    "DELETE FROM machine_account WHERE name = 'mail'": ("machine_account", None),
    "INSERT INTO machine_account (id, name, token_digest, topics, created_at) SELECT 'm', 'm', 'm', topics, created_at"
    " FROM machine_account WHERE name = 'mail'": ("machine_account", None),
}  # fmt: skip


def test_what_no_entry_tells_of_people_and_programs_is_named(staffed: Bureau) -> None:
    assert found(staffed) == set()
    for change, place in CHANGES.items():
        assert found(staffed, change) == {place}, change


def test_somebody_who_was_slipped_in_as_an_administrator_is_named_with_his_post(staffed: Bureau) -> None:
    person = ("INSERT INTO person (id, login, name, language, created_at) SELECT 'e', 'evil', '影子', language,"
              " created_at FROM person WHERE login = 'admin'")  # fmt: skip
    post = ("INSERT INTO post (id, person_id, unit_id, role, title, rank, starts_on) SELECT 'p', 'e', unit_id, role,"
            " title, rank, starts_on FROM post WHERE role = 'auditor'")  # fmt: skip
    assert found(staffed, person, post) == {("person", None), ("post", None)}
