"""The tree of units: entered, renamed, moved, ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.errors import Trouble, redrawn
from webapp.house import actor, house
from webapp.pages.house.typed import needed_day, refused, text
from workflows.actors import Actor, Person, Post, Unit
from workflows.calendar import clock
from workflows.desk.execute import execute
from workflows.staff import realm, units

blueprint = Blueprint("house_units", __name__, url_prefix="/house/units")

LEVELS = {
    "city": ("市级", "City"), "county": ("县级", "County"), "township": ("乡镇", "Township"),
    "division": ("内设机构", "Division"),
}  # fmt: skip
STANDINGS = {
    units.DIVISION: ("内设机构（以上级机关名义办理）", "Division (acts in the name of the bureau above)"),
    units.SUBJECT: ("行政主体（以自己名义作出决定）", "Bureau (decides in its own name)"),
    units.DELEGATED: ("受委托组织（以委托机关名义办理）", "Delegated body (acts in the name of the one delegating)"),
}


@dataclass(frozen=True, slots=True)
class Branch:
    """A unit with its depth in the tree and the number of people who have a post there today."""

    unit: Unit
    depth: int
    people: int = 0


def tree(session: Session, who: Actor, *, ended: bool = False) -> list[Branch]:
    """The administrator's units, each behind the one it belongs to. ended: with those that have ended."""
    rows = session.execute(
        select(Unit).where(Unit.id.in_(realm.units_of(session, who))).order_by(Unit.name)
    ).scalars().all()  # fmt: skip
    rows = [row for row in rows if ended or row.ended_on is None]
    known, below = {row.id for row in rows}, dict[str, list[Unit]]()
    for row in rows:
        if row.parent_id in known and row.parent_id != row.id:
            below.setdefault(str(row.parent_id), []).append(row)
    counts = _people(session, known) if ended else {}
    found: list[Branch] = []
    seen: set[str] = set()

    def grow(row: Unit, depth: int) -> None:
        if row.id in seen:
            return
        seen.add(row.id)
        found.append(Branch(row, depth, counts.get(row.id, 0)))
        for child in sorted(below.get(row.id, []), key=lambda one: (one.legal_subject, one.name)):
            grow(child, depth + 1)

    for row in rows:
        if row.parent_id not in known:
            grow(row, 0)
    return found


def _people(session: Session, unit_ids: set[str]) -> dict[str, int]:
    today = clock.today()
    held = session.execute(
        select(Post).join(Person).where(Post.unit_id.in_(unit_ids), Person.disabled_at.is_(None))
    ).scalars()  # fmt: skip
    found: dict[str, set[str]] = {}
    for post in held:
        if post.holds(today):
            found.setdefault(post.unit_id, set()).add(post.person_id)
    return {unit_id: len(people) for unit_id, people in found.items()}


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The tree of units."""
    return index_page()


def index_page(trouble: Trouble | None = None) -> ResponseReturnValue:
    """The tree of units, and the form for another one."""
    with house().store.read() as session:
        return render_template(
            "house/units.html", branches=tree(session, actor(), ended=True), tree=tree(session, actor()),
            trouble=trouble, refused=refused(trouble), levels=LEVELS, standings=STANDINGS,
        )  # fmt: skip


@blueprint.post("")
@redrawn(index_page)
def enter() -> ResponseReturnValue:
    """Enter a unit."""
    unit = execute(
        house().store, units.enter_unit, actor(), text("name"), level=text("level"), parent_id=text("parent") or None,
        standing=text("standing"), region=text("region"), name_en=text("name_en"), reason=text("reason"),
    )  # fmt: skip
    flash(_("单位“%(name)s”已登记。", name=unit.name), "success")
    return redirect(url_for("house_units.index"))


@blueprint.get("/<unit_id>")
def show(unit_id: str) -> ResponseReturnValue:
    """A unit with its people."""
    return unit_page(None, unit_id)


def unit_page(trouble: Trouble | None, unit_id: str) -> ResponseReturnValue:
    """The page of a unit; after a refusal with its reason."""
    who, today = actor(), clock.today()
    with house().store.read() as session:
        unit = realm.unit(session, who, unit_id)
        below = units.descendants(session, unit.id)
        held: Sequence[Post] = session.execute(
            select(Post).join(Person).where(Post.unit_id == unit.id).order_by(Post.rank, Person.name)
        ).scalars().all()  # fmt: skip
        return render_template(
            "house/unit.html", unit=unit, trouble=trouble, refused=refused(trouble), levels=LEVELS, today=today,
            standings=STANDINGS, posts=[post for post in held if post.holds(today)],
            tree=[branch for branch in tree(session, who) if branch.unit.id not in below],
            delegated_by=session.get(Unit, unit.delegated_by_id or ""),
        )  # fmt: skip


@blueprint.post("/<unit_id>/name")
@redrawn(unit_page)
def rename(unit_id: str) -> ResponseReturnValue:
    """Give a unit another name."""
    execute(
        house().store, units.rename_unit, actor(), unit_id, text("name"), name_en=text("name_en"),
        reason=text("reason"),
    )  # fmt: skip
    return _back(unit_id, _("单位名称已更改，已制发的文书不变。"))


@blueprint.post("/<unit_id>/move")
@redrawn(unit_page)
def move(unit_id: str) -> ResponseReturnValue:
    """Hang a unit below another one."""
    execute(house().store, units.move_unit, actor(), unit_id, text("parent"), reason=text("reason"))
    return _back(unit_id, _("隶属关系已调整。"))


@blueprint.post("/<unit_id>/end")
@redrawn(unit_page)
def end(unit_id: str) -> ResponseReturnValue:
    """End a unit."""
    execute(house().store, units.end_unit, actor(), unit_id, last_day=needed_day("last_day"), reason=text("reason"))
    return _back(unit_id, _("单位已撤销，其案件和记录保留。"))


def _back(unit_id: str, told: str) -> ResponseReturnValue:
    flash(told, "success")
    return redirect(url_for("house_units.show", unit_id=unit_id))
