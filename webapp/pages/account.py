"""One's own account: who one is here, where one is logged in, the way out."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from webapp.errors import Trouble, redrawn
from webapp.house import actor, house
from webapp.security import limiter
from webapp.sessions import dismiss, idle
from workflows import passwords, sessions
from workflows.actors import Certificate, Person
from workflows.errors import Invalid, Problem

blueprint = Blueprint("account", __name__)


@blueprint.post("/logout")
def logout() -> ResponseReturnValue:
    """End this session on the server."""
    with house().store.work() as session:
        sessions.log_out(session, actor(), current_user.session_id)
    response = dismiss(make_response(redirect(url_for("public.login"))))
    flash(_("您已退出。"), "success")
    return response


@blueprint.get("/account")
def show() -> ResponseReturnValue:
    """Posts, roles and certificates, and the form for a new password."""
    return _account_page()


@blueprint.post("/account/password")
@redrawn(lambda trouble: _account_page(trouble))
@limiter.limit("10 per minute")
def change_password() -> ResponseReturnValue:
    """A new password; all other sessions end."""
    old, new = request.form.get("old", ""), request.form.get("new", "")
    with house().store.read() as session:
        stored = session.get_one(Person, actor().person_id).password_hash
    if not passwords.fits(stored, old):
        raise Invalid("password.wrong", [Problem("password.old_wrong", "old")])
    if new != request.form.get("again", ""):
        raise Invalid("password.wrong", [Problem("password.differ", "again")])
    with house().store.work() as session:
        person = session.get_one(Person, actor().person_id)
        sessions.set_password(session, actor(), person, new, keep=current_user.session_id)
    flash(_("密码已更改，其他登录已全部退出。"), "success")
    return redirect(url_for("account.show"))


@blueprint.get("/account/sessions", endpoint="sessions")
def list_sessions() -> ResponseReturnValue:
    """Where one is logged in."""
    with house().store.read() as session:
        rows = sessions.own(session, actor().person_id, idle=idle())
        return render_template("account/sessions.html", rows=rows, current=current_user.session_id)


@blueprint.post("/account/sessions/<session_id>/revoke")
def revoke(session_id: str) -> ResponseReturnValue:
    """End one of one's own sessions."""
    with house().store.work() as session:
        sessions.revoke(session, actor(), session_id, reason="revoked")
    if session_id == current_user.session_id:
        return dismiss(make_response(redirect(url_for("public.login"))))
    flash(_("该登录已退出。"), "success")
    return redirect(url_for("account.sessions"))


@blueprint.post("/account/sessions/revoke-others")
def revoke_others() -> ResponseReturnValue:
    """End all of one's own sessions but this one."""
    with house().store.work() as session:
        me = actor()
        sessions.revoke_all(session, me, me.person_id, reason="revoked", but=current_user.session_id)
    flash(_("其他登录已全部退出。"), "success")
    return redirect(url_for("account.sessions"))


def _account_page(trouble: Trouble | None = None) -> ResponseReturnValue:
    with house().store.read() as session:
        person = session.get_one(Person, actor().person_id)
        certificates = session.execute(select(Certificate).where(Certificate.person_id == person.id)).scalars().all()
        return render_template("account/show.html", person=person, certificates=certificates, trouble=trouble)
