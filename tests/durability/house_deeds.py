"""The commands of the administrators' house, each ready to be tried: people, posts, doors, units, certificates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from tests.durability.trials import Deed
from workflows import sessions, staff
from workflows.actors import Actor, Certificate
from workflows.calendar import changes, clock
from workflows.desk.execute import execute
from workflows.ledger import checks
from workflows.notices import certificates as expiring
from workflows.notices import years
from workflows.sessions import WebSession
from workflows.staff import certificates, doors, papers, people, posts, rules, units

if TYPE_CHECKING:
    from tests.durability.faults import Drill

WHY = "演练"
CLIENT = sessions.Client("127.0.0.1", "drill")


def deeds(drill: Drill) -> Iterator[tuple[str, Deed]]:
    """Each command, ready on a copy; what it needs is done before."""
    with drill.aside():
        yield from _of_people(drill)
        yield from _of_posts(drill)
        yield from _of_doors(drill)
        yield from _of_units(drill)
        yield from _of_certificates(drill)
        yield from _of_rules(drill)


def _actor(drill: Drill, login: str) -> Actor:
    with drill.store.read() as session:
        return drill.actor(session, login)


def _unit(drill: Drill, name: str = "综合行政执法队") -> str:
    with drill.store.read() as session:
        return staff.find_unit(session, name).id


def _of_people(drill: Drill) -> Iterator[tuple[str, Deed]]:
    admin, person, unit = _actor(drill, "admin"), _actor(drill, "counsel1").person_id, _unit(drill)
    yield "staff.people.enter_person", lambda store, files: execute(
        store, people.enter_person, admin, "drill2", "演练员", unit_id=unit, role="case_officer", title="队员",
        reason=WHY,
    )  # fmt: skip
    yield "staff.people.rename_person", lambda store, files: execute(
        store, people.rename_person, admin, person, "徐大律师", reason=WHY
    )
    yield "staff.people.disable_person", lambda store, files: execute(
        store, people.disable_person, admin, person, reason=WHY
    )
    execute(drill.store, people.disable_person, admin, person, reason=WHY)
    yield "staff.people.enable_person", lambda store, files: execute(
        store, people.enable_person, admin, person, reason=WHY
    )
    execute(drill.store, people.enable_person, admin, person, reason=WHY)


def _of_posts(drill: Drill) -> Iterator[tuple[str, Deed]]:
    admin, secadmin, unit = _actor(drill, "admin"), _actor(drill, "secadmin"), _unit(drill)
    person = _actor(drill, "publisher1").person_id
    yield "staff.posts.give_post", lambda store, files: execute(
        store, posts.give_post, secadmin, person, unit, role="domain_expert", title="专家", reason=WHY
    )
    yield "staff.posts.ask_post", lambda store, files: execute(
        store, posts.ask_post, secadmin, person, unit, role="bureau_leader", title="副局长", reason=WHY
    )
    asked = execute(
        drill.store, posts.ask_post, secadmin, person, unit, role="bureau_leader", title="副局长", reason=WHY
    ).id
    yield "staff.posts.reject_post", lambda store, files: execute(
        store, posts.reject_post, admin, asked, decision=WHY
    )
    yield "staff.posts.approve_post", lambda store, files: execute(store, posts.approve_post, admin, asked)
    given = execute(drill.store, posts.approve_post, admin, asked).id
    today = clock.today()
    yield "staff.posts.end_post", lambda store, files: execute(
        store, posts.end_post, secadmin, given, last_day=today, reason=WHY
    )
    execute(drill.store, posts.end_post, secadmin, given, last_day=today, reason=WHY)


def _of_doors(drill: Drill) -> Iterator[tuple[str, Deed]]:
    secadmin, person = _actor(drill, "secadmin"), _actor(drill, "member2").person_id
    execute(drill.store, sessions.open_session, person, client=CLIENT, lasts=timedelta(hours=1))
    with drill.store.read() as session:
        wanted = select(WebSession.id).where(WebSession.person_id == person, WebSession.revoked_at.is_(None))
        opened = session.execute(wanted).scalars().first()
    assert opened is not None
    yield "staff.doors.end_session", lambda store, files: execute(
        store, doors.end_session, secadmin, opened, reason=WHY
    )
    yield "staff.doors.end_sessions", lambda store, files: execute(
        store, doors.end_sessions, secadmin, person, reason=WHY
    )
    yield "staff.doors.end_all_sessions", lambda store, files: execute(
        store, doors.end_all_sessions, secadmin, reason=WHY
    )
    execute(drill.store, doors.end_all_sessions, secadmin, reason=WHY)
    yield "staff.doors.issue_password", lambda store, files: execute(
        store, doors.issue_password, secadmin, person, reason=WHY
    )


def _of_units(drill: Drill) -> Iterator[tuple[str, Deed]]:
    admin, office, bureau = _actor(drill, "admin"), _unit(drill, "办公室"), _unit(drill, "衢州市应急管理局(演示)")
    yield "staff.units.enter_unit", lambda store, files: execute(
        store, units.enter_unit, admin, "演练科", level="division", parent_id=office, reason=WHY
    )
    made = execute(
        drill.store, units.enter_unit, admin, "演练科", level="division", parent_id=office, reason=WHY
    ).id
    yield "staff.units.rename_unit", lambda store, files: execute(
        store, units.rename_unit, admin, made, "演练处", name_en="", reason=WHY
    )
    yield "staff.units.move_unit", lambda store, files: execute(
        store, units.move_unit, admin, made, bureau, reason=WHY
    )
    today = clock.today()
    yield "staff.units.end_unit", lambda store, files: execute(
        store, units.end_unit, admin, made, last_day=today, reason=WHY
    )
    execute(drill.store, units.end_unit, admin, made, last_day=today, reason=WHY)


def _of_certificates(drill: Drill) -> Iterator[tuple[str, Deed]]:
    secadmin, person, today = _actor(drill, "secadmin"), _actor(drill, "member2").person_id, clock.today()
    shown: dict[str, Any] = {
        "kind": "enforcement", "number": "演练0001", "valid_from": today, "valid_to": today + timedelta(days=5)
    }  # fmt: skip
    yield "staff.certificates.enter_certificate", lambda store, files: execute(
        store, certificates.enter_certificate, secadmin, person, **shown
    )
    row: Certificate = execute(drill.store, certificates.enter_certificate, secadmin, person, **shown)
    held = row.id
    yield "notices.certificates.remind", lambda store, files: execute(store, expiring.remind)
    execute(drill.store, expiring.remind)
    yield "notices.years.remind", lambda store, files: execute(store, years.remind)
    admin, plan = _actor(drill, "admin"), {today + timedelta(days=1): (False, "演练")}
    auditor = _actor(drill, "auditor")
    yield "ledger.checks.ask_check", lambda store, files: execute(store, checks.ask_check, auditor)
    bureau = _unit(drill, "衢州市应急管理局(演示)")
    yield "staff.papers.choose_papers", lambda store, files: execute(
        store, papers.choose_papers, admin, bureau, {"phone": "0570-1111111"}, reason=WHY
    )
    yield "calendar.changes.change_days", lambda store, files: execute(
        store, changes.change_days, admin, plan, reason=WHY
    )
    yield "staff.certificates.end_certificate", lambda store, files: execute(
        store, certificates.end_certificate, secadmin, held, last_day=today, reason=WHY
    )


def _of_rules(drill: Drill) -> Iterator[tuple[str, Deed]]:
    admin, second, bureau = _actor(drill, "admin"), _actor(drill, "admin2"), _unit(drill, "衢州市应急管理局(演示)")
    value, today = {"working_days": 4}, clock.today()
    asking: dict[str, Any] = {"value": value, "effective_from": today, "source": WHY, "reason": WHY}
    yield "staff.rules.ask", lambda store, files: execute(
        store, rules.ask, admin, bureau, "statement_days", **asking
    )
    asked = execute(drill.store, rules.ask, admin, bureau, "statement_days", **asking)
    yield "staff.rules.refuse", lambda store, files: execute(store, rules.refuse, second, asked, decision=WHY)
    yield "staff.rules.approve", lambda store, files: execute(store, rules.approve, second, asked)
    execute(drill.store, rules.approve, second, asked)
