"""People of the bureau: found, entered, renamed, locked out and let in, given a password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, selectinload

from webapp import labels
from webapp.errors import Trouble, redrawn
from webapp.house import actor, house
from webapp.languages import language
from webapp.pages.house.typed import day, refused, text
from webapp.pages.house.units import tree
from webapp.sessions import idle
from workflows import ledger, sessions
from workflows.actors import ROLES, Person, Post, legal_subject, subtree
from workflows.calendar import clock
from workflows.desk.execute import execute
from workflows.staff import certificates, doors, people, posts, realm, stuck
from workflows.staff.requests import PostRequest

blueprint = Blueprint("house_people", __name__, url_prefix="/house/people")

PAGE = 50
LONGEST_WORDS = 100
TOLD = ("PersonAdded", "PersonRenamed", "PersonDisabled", "PersonEnabled", "PasswordIssued", "PostAsked", "PostGiven",
        "PostRefused", "PostEnded", "CertificateEntered", "CertificateEnded")  # fmt: skip
"""Entries of the bureau's stream that tell of a person."""
STATES = ("active", "disabled", "without")


@dataclass(frozen=True, slots=True)
class Line:
    """A person in the list, with the posts of today."""

    person: Person
    posts: list[Post]


@blueprint.get("")
def index() -> ResponseReturnValue:
    """Everybody whom the administrator has charge of, narrowed by words, role, unit and state."""
    who, page = actor(), max(1, request.args.get("page", 1, type=int) or 1)
    asked = {name: request.args.get(name, "").strip()[:LONGEST_WORDS] for name in ("q", "role", "unit", "state")}
    today = clock.today()
    with house().store.read() as session:
        wanted = realm.people_of(session, who) & _narrowed(asked)
        total = session.execute(select(func.count()).select_from(Person).where(wanted)).scalar_one()
        pages = max(1, -(-total // PAGE))
        page = min(page, pages)
        rows = session.execute(
            select(Person).where(wanted).options(selectinload(Person.posts).joinedload(Post.unit))
            .order_by(Person.disabled_at.is_not(None), Person.name, Person.login).limit(PAGE).offset((page - 1) * PAGE)
        ).scalars().all()  # fmt: skip
        return render_template(
            "house/people.html", lines=[Line(row, [p for p in row.posts if p.holds(today)]) for row in rows],
            total=total, page=page, pages=pages, asked=asked, tree=tree(session, who), roles=ROLES,
            waiting=[(one, posts.may_decide(session, who, one)) for one in posts.waiting(session, who)],
            narrowing={name: value for name, value in asked.items() if value}, states=STATES,
        )  # fmt: skip


def _narrowed(asked: dict[str, str]) -> ColumnElement[bool]:
    """The conditions that the list was asked for."""
    today = clock.today()
    held = select(Post.person_id).where(Post.starts_on <= today, or_(Post.ends_on.is_(None), Post.ends_on >= today))
    conditions: list[ColumnElement[bool]] = [Person.id.is_not(None)]
    if asked["q"]:
        texts = (Person.name, Person.login)
        conditions.append(or_(*(column.icontains(asked["q"], autoescape=True) for column in texts)))
    if asked["role"]:
        conditions.append(Person.id.in_(held.where(Post.role == asked["role"])))
    if asked["unit"]:
        conditions.append(Person.id.in_(held.where(Post.unit_id == asked["unit"])))
    state = asked["state"]
    if state == "without":
        conditions.append(Person.id.not_in(held))
    elif state in ("active", "disabled"):
        conditions.append(Person.disabled_at.is_(None) if state == "active" else Person.disabled_at.is_not(None))
    found = conditions[0]
    for condition in conditions[1:]:
        found = found & condition
    return found


def new_page(trouble: Trouble | None = None) -> str:
    """The form for a new person."""
    with house().store.read() as session:
        return render_template(
            "house/person_new.html", refused=refused(trouble), trouble=trouble, tree=tree(session, actor()),
            roles=ROLES, today=clock.today(),
        )  # fmt: skip


@blueprint.get("/new")
def new() -> ResponseReturnValue:
    """The form for a new person."""
    return new_page()


@blueprint.post("")
@redrawn(new_page)
def enter() -> ResponseReturnValue:
    """Enter a person and ask for the first post."""
    asked = execute(
        house().store, people.enter_person, actor(), text("login"), text("name"), unit_id=text("unit"),
        role=text("role"), title=text("title"), starts_on=day("starts_on"), reason=text("reason"),
    )  # fmt: skip
    flash(_("已登记。任职由安全管理员审批后生效，并由其发放密码。"), "success")
    return redirect(url_for("house_people.show", person_id=asked.person_id))


@blueprint.get("/<person_id>")
def show(person_id: str) -> ResponseReturnValue:
    """A person: posts, certificates, logins, what waits, and what the record tells."""
    return person_page(None, person_id)


def person_page(trouble: Trouble | None, person_id: str, password: str = "") -> ResponseReturnValue:
    """The page of a person; after a refusal with its reason. password: the one that was just given, shown once."""
    who = actor()
    with house().store.read() as session:
        person = realm.person(session, who, person_id)
        waiting = stuck.waiting_with(session, person.id)
        asked = session.execute(
            select(PostRequest).where(PostRequest.person_id == person.id).order_by(PostRequest.asked_at.desc())
        ).scalars().all()  # fmt: skip
        return render_template(
            "house/person.html", person=person, trouble=trouble, refused=refused(trouble), roles=ROLES,
            tree=tree(session, who), units=realm.units_of(session, who), two=posts.TWO_PERSON, today=clock.today(),
            requests=[(one, posts.may_decide(session, who, one)) for one in asked if one.state != "approved"],
            certificates=certificates.of_person(session, person.id), kinds=certificates.KINDS,
            sessions=sessions.own(session, person.id, idle=idle()),
            waiting=[(labels.step_name(session, task), task.created_at) for task in waiting],
            heads=_heads(session, waiting, person.id), told=_told(session, person.id), password=password,
            hours=int(doors.PASSWORD_LASTS.total_seconds() // 3600), mine=person.id == who.person_id,
            orders="sys_admin" in who.roles and bool(
                {post.unit_id for post in person.posts} & subtree(session, legal_subject(session, who.unit_id).id)
            ),
        )  # fmt: skip


def _heads(session: Session, waiting: Any, but: str) -> list[str]:
    """The names of those who can give the waiting steps to somebody else."""
    return list(dict.fromkeys(one.name for task in waiting for one in stuck.heads_of(session, task, but)))


def _told(session: Session, person_id: str) -> list[tuple[ledger.Entry, str]]:
    """What the stream of the bureau tells of a person, the newest first."""
    entries = [one for event in TOLD for one in ledger.of_event(session, "bureau", event)
               if one.data.get("person_id") == person_id]  # fmt: skip
    entries.sort(key=lambda one: -one.seq)
    return [(one, ledger.describe(one, language())) for one in entries]


@blueprint.post("/<person_id>/name")
@redrawn(person_page)
def rename(person_id: str) -> ResponseReturnValue:
    """Give a person another name."""
    execute(house().store, people.rename_person, actor(), person_id, text("name"), reason=text("reason"))
    return _back(person_id, _("姓名已更改。"))


@blueprint.post("/<person_id>/disable")
@redrawn(person_page)
def disable(person_id: str) -> ResponseReturnValue:
    """Lock a person out."""
    count = execute(house().store, people.disable_person, actor(), person_id, reason=text("reason"))
    if count:
        return _back(person_id, _("账号已停用。其在办环节 %(count)d 个保留原处，已通知可以转办的负责人。", count=count))
    return _back(person_id, _("账号已停用，没有在办环节。"))


@blueprint.post("/<person_id>/enable")
@redrawn(person_page)
def enable(person_id: str) -> ResponseReturnValue:
    """Let a person in again."""
    execute(house().store, people.enable_person, actor(), person_id, reason=text("reason"))
    return _back(person_id, _("账号已启用，由安全管理员发放新密码后可以登录。"))


@blueprint.post("/<person_id>/password")
@redrawn(person_page)
def issue_password(person_id: str) -> ResponseReturnValue:
    """Give a person a one-time password and show it, this once."""
    given = execute(house().store, doors.issue_password, actor(), person_id, reason=text("reason"))
    return person_page(None, person_id, given)


@blueprint.post("/<person_id>/sessions/end")
@redrawn(person_page)
def end_sessions(person_id: str) -> ResponseReturnValue:
    """End every login of a person."""
    count = execute(house().store, doors.end_sessions, actor(), person_id, reason=text("reason"))
    return _back(person_id, _("已退出 %(count)d 个登录。", count=count))


def _back(person_id: str, told: str) -> ResponseReturnValue:
    flash(told, "success")
    return redirect(url_for("house_people.show", person_id=person_id))


