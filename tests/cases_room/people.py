"""People's posts and certificates, changed for a test."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from tests.cases_room.room import Room
from workflows.actors import Certificate, Post, Unit


def give_post(room: Room, login: str, role: str) -> None:
    """A second post in the bureau."""
    with room.store.work() as session:
        bureau = session.execute(select(Unit.id).where(Unit.region == "衢")).scalar_one()
        session.add(Post(person_id=room.person(login), unit_id=bureau, role=role, title=role, rank=1,
                         starts_on=date(2020, 1, 1)))  # fmt: skip


def qualify(room: Room, login: str) -> None:
    """A legal professional qualification."""
    with room.store.work() as session:
        session.add(Certificate(person_id=room.person(login), kind="legal_qualification", number="A1",
                                valid_from=date(2020, 1, 1)))  # fmt: skip


def certify(room: Room, *logins: str) -> None:
    """An enforcement certificate."""
    with room.store.work() as session:
        session.add_all(
            Certificate(person_id=room.person(login), kind="enforcement", number=login, valid_from=date(2020, 1, 1))
            for login in logins
        )
