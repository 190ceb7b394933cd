"""Units: a tree that is changed with reasons, ended with a day, and never torn from its cases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.staff.conftest import Office
from workflows import fold, ledger
from workflows.actors import Unit
from workflows.calendar import clock
from workflows.errors import Forbidden, Invalid
from workflows.staff import papers, people, posts, units

BUREAU, TEAM, OFFICE, COUNTY = "衢州市应急管理局(演示)", "综合行政执法队", "办公室", "柯城区应急管理局(演示)"


def enter(office: Office, name: str = "危化科", above: str = OFFICE, standing: str = "division") -> str:
    made = office.does("admin", units.enter_unit, name, level="division", parent_id=office.unit(above),
                       standing=standing, reason="三定方案")  # fmt: skip
    return str(made.id)


def test_what_administrators_do_is_what_the_ledger_tells(office: Office) -> None:
    """Every change of units, people, posts, certificates and papers; the auditor's comparison finds no difference."""
    unit, admin = enter(office), "admin"
    office.does(admin, units.rename_unit, unit, "危化处", name_en="Chemicals", reason="更名")
    office.does(admin, units.move_unit, unit, office.unit(BUREAU), reason="调整")
    asked = office.does(admin, people.enter_person, "zhang.san", "张三", unit_id=unit, role="case_officer",
                        title="科员", reason="新录用")  # fmt: skip
    given = office.does("secadmin", posts.approve_post, asked.id)
    office.does(admin, people.rename_person, asked.person_id, "张三丰", reason="更名")
    office.does("secadmin", posts.end_post, given.id, last_day=clock.today() - timedelta(days=1), reason="调离")
    office.does(admin, people.disable_person, asked.person_id, reason="离职")
    office.does(admin, units.end_unit, unit, last_day=clock.today(), reason="机构改革")
    office.does(admin, papers.choose_papers, office.unit(BUREAU), {"phone": "0570-1111111"}, reason="号码变更")
    with office.store.read(snapshot=True) as session:
        assert list(fold.verify_state(session)) == []
        assert ledger.verify(session) == []
    with office.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE unit SET ended_on = NULL WHERE name = '危化处'")
        connection.exec_driver_sql("UPDATE person SET disabled_at = NULL WHERE login = 'zhang.san'")
        connection.exec_driver_sql("UPDATE post SET ends_on = NULL WHERE title = '科员'")
    with office.store.read(snapshot=True) as session:
        found = {(one.table, one.column) for one in fold.verify_state(session)}
    assert found == {("unit", "ended_on"), ("person", "disabled"), ("post", "ends_on")}


def test_a_unit_ends_when_nothing_hangs_on_it(small_office: Office) -> None:
    office, today = small_office, clock.today()
    parent = enter(office)
    child = enter(office, "危化一组", "危化科")
    for id, code in ((parent, "unit.has_units"), (office.unit(TEAM), "unit.has_people")):
        with pytest.raises(Invalid, match=code):
            office.does("admin", units.end_unit, id, last_day=today, reason="机构改革")
    with pytest.raises(Invalid, match="unit.ends_later"):
        office.does("admin", units.end_unit, child, last_day=today + timedelta(days=1), reason="机构改革")
    for id in (child, parent, parent):
        office.does("admin", units.end_unit, id, last_day=today, reason="机构改革")
    with pytest.raises(Invalid, match="unit.ended"):
        enter(office, "新组", "危化科")
    with office.store.read() as session:
        assert session.get_one(Unit, parent).ended_on == today


def test_a_unit_with_open_cases_stays_in_its_bureau(small_office: Office) -> None:
    small_office.open()
    with pytest.raises(Invalid, match="unit.other_bureau"):
        small_office.does("admin", units.move_unit, small_office.unit(TEAM), small_office.unit(COUNTY), reason="划转")
    above, below = enter(small_office), enter(small_office, "下级", "危化科")
    with pytest.raises(Invalid, match="unit.circle"):
        small_office.does("admin", units.move_unit, above, below, reason="反转")
    with pytest.raises(Invalid, match="unit.is_subject"):
        small_office.does("admin", units.move_unit, small_office.unit(COUNTY), small_office.unit(TEAM), reason="划转")


@pytest.mark.parametrize("login", ["secadmin", "auditor", "head", "officer1"])
def test_nobody_else_changes_units_or_papers(small_office: Office, login: str) -> None:
    unit, above = small_office.unit(TEAM), small_office.unit(OFFICE)
    for command, facts in (
        (units.rename_unit, {"name": "新名", "name_en": ""}), (units.move_unit, {"parent_id": above}),
        (units.end_unit, {"last_day": clock.today()}), (papers.choose_papers, {"values": {"phone": "1"}}),
    ):  # fmt: skip
        with pytest.raises(Forbidden, match="actor.role_missing"):
            small_office.does(login, command, unit, reason="试", **facts)
