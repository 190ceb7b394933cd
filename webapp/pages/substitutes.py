"""Standing orders to act for somebody absent (委托代理): one's own, those one acts under, and what waits there."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import labels, shown
from webapp.errors import Trouble, redrawn
from webapp.formpages import form_key
from webapp.house import actor, house
from webapp.languages import language
from webapp.sentences import tell
from workflows.actors import Actor, Person, Post, subtree
from workflows.calendar import clock
from workflows.desk import standins, substitutes, texts
from workflows.desk.execute import execute
from workflows.diagrams import library
from workflows.errors import Invalid, Problem

blueprint = Blueprint("substitutes", __name__, url_prefix="/substitutes")


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The orders of a person: one's own, or as administrator anybody's (?person=…)."""
    return _page()


@blueprint.post("")
@redrawn(lambda trouble: _page(trouble))
def name() -> ResponseReturnValue:
    """Let somebody act for the person from a day on until another."""
    who, form = actor(), request.form
    days = {field: _day(form.get(field, "")) for field in ("starts_on", "ends_on")}
    problems = [Problem("field.date_expected", field) for field, value in days.items() if value is None]
    if not form.get("substitute"):
        problems.insert(0, Problem("field.required", "substitute"))
    if problems or days["starts_on"] is None or days["ends_on"] is None:
        raise Invalid("form.invalid", problems)
    person_id = form.get("person") or who.person_id
    execute(
        house().store, substitutes.name_substitute, who, person_id, form["substitute"], roles=form.getlist("roles"),
        starts_on=days["starts_on"], ends_on=days["ends_on"], reason=form.get("reason", ""), key=form.get("key", ""),
        processes=form.getlist("processes"),
    )  # fmt: skip
    flash(_("委托代理已登记，代理人已收到通知。"), "success")
    return redirect(url_for("substitutes.index", person=None if person_id == who.person_id else person_id))


@blueprint.post("/<order_id>/end")
def end(order_id: str) -> ResponseReturnValue:
    """End an order now."""
    who = actor()
    order = execute(house().store, substitutes.end_substitute, who, order_id)
    flash(_("委托代理已结束。"), "success")
    own = who.person_id in (order.person_id, order.substitute_id)
    return redirect(url_for("substitutes.index", person=None if own else order.person_id))


def _page(trouble: Trouble | None = None) -> str:
    who = actor()
    with house().store.read() as session:
        manages = "sys_admin" in who.roles
        asked = request.values.get("person", "") if manages else ""
        person = substitutes.person_of(session, who, asked) if asked else who
        rows = substitutes.orders_of(session, person.person_id)
        waiting = standins.waiting_for_absent(session, who) if person.person_id == who.person_id else []
        return render_template(
            "substitutes/index.html", person=person, mine=person.person_id == who.person_id, trouble=trouble,
            given=[row for row in rows if row.person_id == person.person_id],
            held=[row for row in rows if row.substitute_id == person.person_id],
            today=clock.today(), roles=standins.passed_on(person), key=form_key(trouble),
            colleagues=standins.could_stand_in(session, person), errors=_errors(trouble), typed=request.form,
            chosen=set(request.form.getlist("roles") if request.method == "POST" else standins.passed_on(person)),
            processes=_processes(session), scope=set(request.form.getlist("processes")),
            people=_people(session, who) if manages else [], longest=texts.LONGEST_NOTE,
            waiting=[(task, labels.step_name(session, task), absent, shown.left_of(session, task))
                     for task, absent in waiting],
        )  # fmt: skip


def _people(session: Session, who: Actor) -> list[Person]:
    """The people of the bureau that an administrator keeps."""
    units = {unit_id for top in substitutes.bureaus(session, who, "sys_admin") for unit_id in subtree(session, top)}
    wanted = (
        select(Person).where(Person.disabled_at.is_(None), Person.id.in_(
            select(Post.person_id).where(Post.unit_id.in_(units))
        )).order_by(Person.name)
    )  # fmt: skip
    return [one for one in session.execute(wanted).scalars() if one.id != who.person_id]


def _processes(session: Session) -> dict[str, str]:
    """Key → title of every published process."""
    found = {key: library.current(session, key).hash for key in library.keys(session)}
    return {key: labels.process_name(session, hash, key) for key, hash in found.items()}


def _errors(trouble: Trouble | None) -> dict[str, str]:
    """What is wrong, by field; the first of each."""
    found: dict[str, str] = {}
    for one in trouble.problems if trouble is not None else ():
        found.setdefault(one.place, tell(one, language()))
    return found


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
