"""Filters as the desk's page shows them: the choices of its form, what is set, and addresses that carry them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import labels
from webapp.languages import bilingual, colon, pick
from webapp.words import KINDS_OF_CASE, SOURCES
from workflows.actors import Actor, Person, Post, Unit, legal_subject, subtree
from workflows.calendar import clock
from workflows.cases.file import CASE_STATES
from workflows.desk import candidates
from workflows.desk.lists import order as orders
from workflows.desk.lists.criteria import NOBODY, Criteria, read
from workflows.desk.lists.order import Order
from workflows.desk.lists.saved import SavedFilter
from workflows.desk.tasks import Task
from workflows.diagrams import library
from workflows.errors import NotFound

Choice = tuple[str, str]
"""Value and what the reader reads."""


@dataclass(frozen=True, slots=True)
class Look:
    """What somebody looks at: a list, narrowed and in an order. view: the saved filter it began with."""

    which: str
    criteria: Criteria = field(default_factory=Criteria)
    order: Order = ()
    view: str = ""
    people: bool = False

    def query(self, **more: Any) -> dict[str, Any]:
        """The parameters of an address that shows the same; empty ones are left out."""
        given = self.criteria.given()
        if "words" in given:
            given["q"] = given.pop("words")
        sort = orders.write(self.order) if self.order != orders.usual(self.which) else ""
        asked = {"list": self.which, **given, "sort": sort, "view": self.view, "by": "people" if self.people else ""}
        return {name: value for name, value in {**asked, **more}.items() if value not in ("", None)}

    def address(self, **more: Any) -> str:
        """The address that shows the same, with changes."""
        return url_for("desk.show", **self.query(**more))

    def sorted_by(self, name: str) -> str:
        """The address after a press on a column's head."""
        return replace(self, order=orders.pressed(self.order, name)).address()


def look(which: str, given: Any) -> tuple[Look, list[str]]:
    """What a query string or a form asks for on a list, and the names of fields that could not be read."""
    criteria, unread = read({**{name: given.get(name, "") for name in given}, "words": given.get("q", "")})
    return Look(
        which, criteria, orders.read(given.get("sort", ""), which), given.get("view", "")[:32],
        which == "unit" and given.get("by") == "people",
    ), unread  # fmt: skip


def look_of(saved: SavedFilter) -> Look:
    """What a saved filter shows."""
    return Look(saved.which, saved.asks, saved.order, saved.id)


def field_names() -> dict[str, str]:
    """What each criterion is called."""
    return {
        "words": _("关键词"), "kind": _("案件类别"), "matter": _("案由或者事项"), "party": _("当事人"),
        "unit": _("承办机构"), "step": _("当前环节"), "holder": _("等待谁"), "source": _("来源"),
        "state": _("案件状态"), "due_from": _("期限自"), "due_to": _("期限至"), "opened_from": _("登记自"),
        "opened_to": _("登记至"), "amount_from": _("拟罚款不低于（元）"),
        "amount_to": _("拟罚款不高于（元）"),
    }  # fmt: skip


def choices(session: Session, actor: Actor) -> dict[str, list[Choice]]:
    """The choices of the filter form."""
    return {
        "kind": [(value, pick(pair)) for value, pair in KINDS_OF_CASE.items()],
        "source": [(value, pick(pair)) for value, pair in SOURCES.items()],
        "state": [(value, pick(pair)) for value, pair in CASE_STATES.items()],
        "unit": units(session, actor),
        "step": _steps(session),
    }


def colleagues(session: Session, actor: Actor, tasks: Iterable[Task]) -> list[Choice]:
    """To whom one of some steps could be handed on, with the post that comes first: who holds its role in its bureau.

    What parts somebody took in a single case is asked when the step is handed on.
    """
    kinds_of = {(one.bureau_id, one.role, one.act): one for one in tasks}.values()
    fit = set().union(*(candidates.beside(session, one, one.case) for one in kinds_of)) - candidates.in_office(session)
    today, found = clock.today(), dict[str, str]()
    rows = session.execute(
        select(Person, Post).join(Post, Post.person_id == Person.id)
        .where(Post.unit_id.in_(_unit_ids(session, actor)), Person.disabled_at.is_(None), Person.id.in_(fit),
               Person.id != actor.person_id)
        .order_by(Person.name, Post.rank, Person.id)
    )  # fmt: skip
    for person, post in rows:
        if post.holds(today):
            found.setdefault(person.id, f"{person.name} · {post.title}")
    return list(found.items())


def _unit_ids(session: Session, actor: Actor) -> set[str]:
    ids: set[str] = set()
    for unit_id in set().union(*actor.units.values()):
        try:
            ids |= subtree(session, legal_subject(session, unit_id).id)
        except NotFound:
            ids.add(unit_id)
    return ids


def units(session: Session, actor: Actor) -> list[Choice]:
    """The units of the bureaus in which the actor has a post, the counties below a city's bureau with them."""
    wanted = select(Unit).where(Unit.id.in_(_unit_ids(session, actor))).order_by(Unit.parent_id.is_not(None), Unit.name)
    rows = session.execute(wanted).scalars()
    return [(unit.id, bilingual(unit.name, unit.name_en)) for unit in rows]


def _steps(session: Session) -> list[Choice]:
    """The steps of people in all processes as published now, in the order of the diagrams."""
    found: list[Choice] = []
    for key in library.keys(session):
        definition = library.current(session, key)
        found += [
            (f"{key}:{element.id}", labels.element_name(session, definition.hash, element.id, element.name))
            for element in definition.elements.values() if element.kind == "userTask"
        ]  # fmt: skip
    return found


@dataclass(frozen=True, slots=True)
class Chip:
    """One criterion that is set. without: the address that shows the list without it."""

    name: str
    text: str
    without: str


def chips(session: Session, look: Look, offered: dict[str, list[Choice]]) -> list[Chip]:
    """What is set, each with a way to take it off."""
    names = field_names()
    return [
        Chip(
            name, f"{names[name]}{colon()}{_told(session, name, value, offered)}",
            replace(look, criteria=_without(look.criteria, name), view="").address(all=1),
        )
        for name, value in look.criteria.given().items()
    ]  # fmt: skip


def _without(criteria: Criteria, name: str) -> Criteria:
    return read({kept: value for kept, value in criteria.given().items() if kept != name})[0]


def _told(session: Session, name: str, value: str, offered: dict[str, list[Choice]]) -> str:
    if name == "holder":
        if value == NOBODY:
            return str(_("待认领"))
        person = session.get(Person, value)
        return person.name if person is not None else value
    if name.startswith("amount_"):
        return f"{int(value):,}"
    return next((told for choice, told in offered.get(name, ()) if choice == value), value)


def heads(look: Look, columns: Sequence[str], sorts: dict[str, str]) -> list[tuple[str, str, str]]:
    """(column, address of its sort or "", "ascending", "descending" or "") for the heads of a table."""
    first = look.order[0] if look.order else None
    found = []
    for column in columns:
        sort = sorts[column]
        now = "" if first is None or first.name != sort or not sort else "descending" if first.down else "ascending"
        found.append((column, look.sorted_by(sort) if sort else "", now))
    return found
