"""Who is logged in now, and ending it: one login, or all."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from webapp.errors import Trouble, redrawn
from webapp.house import actor, house
from webapp.pages.house.typed import refused, text
from webapp.sessions import idle
from workflows.actors import Person
from workflows.calendar import clock
from workflows.desk.execute import execute
from workflows.sessions import WebSession
from workflows.staff import doors, realm

blueprint = Blueprint("house_sessions", __name__, url_prefix="/house/sessions")

PAGE = 50


def sessions_page(trouble: Trouble | None = None, session_id: str = "") -> ResponseReturnValue:
    """The living logins, the latest used first. session_id: of the one that was not ended."""
    who, page, now = actor(), max(1, request.args.get("page", 1, type=int) or 1), clock.now()
    with house().store.read() as session:
        alive = (
            realm.people_of(session, who) & WebSession.revoked_at.is_(None) & (WebSession.expires_at > now)
            & (WebSession.last_seen_at > now - idle())
        )  # fmt: skip
        joined = select(WebSession).join(Person, Person.id == WebSession.person_id).where(alive)
        total = session.execute(select(func.count()).select_from(joined.subquery())).scalar_one()
        pages = max(1, -(-total // PAGE))
        page = min(page, pages)
        rows = session.execute(
            joined.options(joinedload(WebSession.person)).order_by(WebSession.last_seen_at.desc(), WebSession.id)
            .limit(PAGE).offset((page - 1) * PAGE)
        ).scalars().all()  # fmt: skip
        return render_template(
            "house/sessions.html", rows=rows, total=total, page=page, pages=pages, trouble=trouble,
            refused=refused(trouble), me=who.person_id,
        )  # fmt: skip


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The living logins."""
    return sessions_page()


@blueprint.post("/<session_id>/end")
@redrawn(sessions_page)
def end(session_id: str) -> ResponseReturnValue:
    """End one login."""
    execute(house().store, doors.end_session, actor(), session_id, reason=text("reason"))
    flash(_("该登录已退出。"), "success")
    return redirect(url_for("house_sessions.index"))


@blueprint.post("/end")
@redrawn(sessions_page)
def end_all() -> ResponseReturnValue:
    """End every login but one's own."""
    count = execute(house().store, doors.end_all_sessions, actor(), reason=text("reason"))
    flash(_("已退出 %(count)d 个登录。", count=count), "success")
    return redirect(url_for("house_sessions.index"))
