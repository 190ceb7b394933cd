"""The ledger, read and verified: by the auditor all of it, by the security administrator what is about people."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, literal, or_, select
from sqlalchemy.orm import Session, undefer

from webapp.house import actor, house
from webapp.languages import language
from workflows import ledger
from workflows.actors import SYSTEM, Actor, Person, Unit
from workflows.calendar.clock import SHANGHAI
from workflows.cases.file import Case
from workflows.desk.execute import execute
from workflows.errors import NotFound
from workflows.ledger import checks, looking
from workflows.ledger.checks import LedgerCheck
from workflows.ledger.entries import EntryRow
from workflows.ledger.looking import Question
from workflows.staff import realm

blueprint = Blueprint("house_ledger", __name__, url_prefix="/house/ledger")

MOST_MATCHES = 50
"""Cases or people that a word may stand for."""
FIELDS = ("case", "person", "event", "stream", "first", "last", "rows")
DAY = timedelta(days=1)


@blueprint.get("")
def index() -> ResponseReturnValue:
    """Entries that fit what is asked, and the verifications of late."""
    who = actor()
    asked = {name: request.args.get(name, "").strip()[:100] for name in FIELDS}
    with house().store.read() as session:
        found = looking.find(
            session, _question(session, who, asked), _sight(session, who), request.args.get("page", 1, type=int)
        )
        titles = looking.titles(language())
        return render_template(
            "house/ledger.html", found=found, asked=asked, titles=dict(sorted(titles.items(), key=lambda one: one[1])),
            told=[(entry, ledger.describe(entry, language()), _raw(entry)) for entry in found.entries],
            checks=checks.latest(session, 5), people=_names(session), whole=_whole(who),
            narrowing={name: value for name, value in asked.items() if value},
        )  # fmt: skip


def _whole(who: Actor) -> bool:
    """Whether the reader may see entries about cases: the auditor alone."""
    return "auditor" in who.roles


def _sight(session: Session, who: Actor) -> ColumnElement[bool] | None:
    """What a security administrator may read: the bureau's stream and those of people, of whom he administers."""
    if _whole(who):
        return None
    people = select(Person.id).where(realm.people_of(session, who))
    everything = session.execute(select(Unit.id)).scalars().all()
    acted: ColumnElement[bool] = EntryRow.actor_id.in_(people)
    if set(everything) <= realm.units_of(session, who):
        acted = or_(acted, EntryRow.actor_id == SYSTEM.person_id)
    own = EntryRow.stream.in_(select(literal("person:") + Person.id).where(realm.people_of(session, who)))
    return EntryRow.case_id.is_(None) & or_((EntryRow.stream == "bureau") & acted, own)


def _question(session: Session, who: Actor, asked: dict[str, str]) -> Question:
    cases = people = None
    if asked["case"] and _whole(who):
        number = Case.number.icontains(asked["case"], autoescape=True)
        cases = session.execute(
            select(Case.id).where(or_(number, Case.id == asked["case"])).limit(MOST_MATCHES)
        ).scalars().all()  # fmt: skip
    if asked["person"]:
        word = asked["person"]
        texts = (Person.name, Person.login)
        people = session.execute(
            select(Person.id).where(or_(*(one.icontains(word, autoescape=True) for one in texts)))
            .limit(MOST_MATCHES)
        ).scalars().all()  # fmt: skip
    last = _moment(asked["last"])
    return Question(
        event=asked["event"], stream=asked["stream"], cases=cases, people=people, first=_moment(asked["first"]),
        last=last + DAY if last is not None else None, rows=asked["rows"] == "1" and _whole(who),
    )  # fmt: skip


def _moment(written: str) -> datetime | None:
    """The first minute of a day that was asked for."""
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None
    return datetime.combine(day, time(), SHANGHAI) if 2000 <= day.year <= 2100 else None


def _raw(entry: ledger.Entry) -> str:
    """What was hashed with an entry, as it can be read."""
    told = {
        "stream": entry.stream, "seq": entry.seq, "event": entry.event, "version": entry.version,
        "actor_id": entry.actor_id, "actor_name": entry.actor_name, "post": entry.post, "unit_name": entry.unit_name,
        "data": dict(entry.data), "previous": entry.previous, "hash": entry.hash,
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False, indent=2)


def _names(session: Session) -> dict[str, str]:
    ids = {one.asked_by_id for one in checks.latest(session, 5)}
    return {one.id: one.name for one in session.execute(select(Person).where(Person.id.in_(ids))).scalars()}


@blueprint.post("/verify")
def verify() -> ResponseReturnValue:
    """Ask for a verification of all chains; the worker does it."""
    execute(house().store, checks.ask_check, actor())
    flash(_("已提出校验，由后台程序逐条核对，完成后本页显示结果。"), "success")
    return redirect(url_for("house_ledger.index"))


@blueprint.get("/checks/<check_id>.json")
def checkpoint(check_id: str) -> ResponseReturnValue:
    """The checkpoint of a verification, to be kept outside of this machine."""
    with house().store.read() as session:
        row = session.get(LedgerCheck, check_id, options=[undefer(LedgerCheck.checkpoint)])
        if row is None or not row.checkpoint:
            raise NotFound("ledger.no_checkpoint")
        written, day = row.checkpoint, row.ended_at
    response = Response(written, mimetype="application/json")
    name = f"fashen-checkpoint-{day:%Y%m%d-%H%M}.json" if day is not None else "fashen-checkpoint.json"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
