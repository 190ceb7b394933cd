"""A bureau with one case, and the fonts."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from workflows.actors import Actor, Person, Unit
from workflows.calendar import clock
from workflows.cases.file import Case
from workflows.documents.fonts import Fonts, fonts_of
from workflows.store import Store


@pytest.fixture(scope="session")
def fonts() -> Fonts:
    """The packaged faces."""
    return fonts_of()


@dataclass(frozen=True)
class Bureau:
    """Ids of what a document hangs on."""

    subject: str
    division: str
    case: str
    actor: Actor


def found(store: Store, *, settings: dict[str, object] | None = None) -> Bureau:
    """衢州市应急管理局 with a division, an officer and a case."""
    with store.work() as session:
        subject = Unit(name="衢州市应急管理局", level="city", legal_subject=True, region="衢", settings=settings or {})
        session.add(subject)
        session.flush()
        division = Unit(name="政策法规处", level="division", parent_id=subject.id)
        person = Person(login="wu", name="吴玥")
        session.add_all([division, person])
        session.flush()
        case = Case(
            kind="admin_penalty", title="擅自开采保安矿柱", unit_id=division.id, bureau_id=subject.id,
            found_on=clock.today(), opened_at=clock.now(), opened_by_id=person.id,
        )  # fmt: skip
        session.add(case)
        session.flush()
        actor = Actor(person.id, person.name, "科长", division.id, division.name, {"legal_reviewer": frozenset()})
        return Bureau(subject.id, division.id, case.id, actor)


@pytest.fixture
def bureau(store: Store) -> Bureau:
    """The bureau, in the test's database."""
    return found(store)
