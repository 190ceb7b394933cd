"""Units and people entered by an administrator."""

from __future__ import annotations

import pytest

from workflows import ledger, staff
from workflows.actors import SYSTEM, acting
from workflows.errors import Invalid, NotFound
from workflows.store import Store

PASSWORD = "correct horse battery"


def test_a_bureau_is_entered_from_nothing(store: Store) -> None:
    with store.work() as session:
        staff.add_unit(session, SYSTEM, "某市应急管理局", level="city", legal_subject=True, region="某")
        staff.add_unit(session, SYSTEM, "执法队", level="division", parent="某市应急管理局")
        person = staff.add_person(
            session, SYSTEM, "chen.li", "陈立", unit="执法队", role="case_officer", title="执法队员", password=PASSWORD
        )
        given = staff.give_post(session, SYSTEM, person, unit="某市应急管理局", role="panel_member", title="委员")
        again = staff.give_post(session, SYSTEM, person, unit="某市应急管理局", role="panel_member", title="委员")
        assert again is given
    with store.read() as session:
        found = staff.find_person(session, "chen.li")
        assert acting(session, found.id).roles == {"case_officer", "panel_member"}
        told = [entry.event for entry in ledger.history(session, "bureau")]
        assert told == ["UnitAdded", "UnitAdded", "PersonAdded", "PostGiven", "PostGiven"]


@pytest.mark.parametrize("login", ["", "a", "陈立", "chen li", "chen/../x", "x" * 65])
def test_a_login_is_plain(sqlite_store: Store, login: str) -> None:
    with pytest.raises(Invalid, match="person.login_bad"), sqlite_store.work() as session:
        staff.add_person(
            session, SYSTEM, login, "陈立", unit="执法队", role="case_officer", title="", password=PASSWORD
        )


def test_what_does_not_exist_is_named(sqlite_store: Store) -> None:
    with pytest.raises(NotFound, match="unit.unknown"), sqlite_store.work() as session:
        staff.add_unit(session, SYSTEM, "执法队", level="division", parent="没有的局")
    with pytest.raises(Invalid, match="unit.level_unknown"), sqlite_store.work() as session:
        staff.add_unit(session, SYSTEM, "执法队", level="planet")
    with sqlite_store.work() as session:
        staff.add_unit(session, SYSTEM, "局", level="city", legal_subject=True)
    with pytest.raises(Invalid, match="unit.exists"), sqlite_store.work() as session:
        staff.add_unit(session, SYSTEM, "局", level="city")
    with pytest.raises(Invalid, match="role.unknown"), sqlite_store.work() as session:
        staff.add_person(session, SYSTEM, "chen", "陈立", unit="局", role="emperor", title="", password=PASSWORD)
    with sqlite_store.read() as session, pytest.raises(NotFound, match="person.unknown"):
        staff.find_person(session, "chen")  # the refused person was not half entered
