"""Posts and certificates of a person: given, asked for, decided on, ended."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.errors import Trouble, redrawn
from webapp.house import actor, house
from webapp.pages.house.people import person_page
from webapp.pages.house.typed import day, needed_day, text
from workflows.actors import Certificate, Post
from workflows.desk.execute import execute
from workflows.errors import NotFound
from workflows.staff import certificates, posts
from workflows.staff.requests import PostRequest

blueprint = Blueprint("house_posts", __name__, url_prefix="/house")


def _of_request(trouble: Trouble, request_id: str) -> ResponseReturnValue:
    with house().store.read() as session:
        asked = session.get(PostRequest, request_id)
    if asked is None:
        raise NotFound("post.request_unknown")
    return person_page(trouble, asked.person_id)


def _of_post(trouble: Trouble, post_id: str) -> ResponseReturnValue:
    with house().store.read() as session:
        post = session.get(Post, post_id)
    if post is None:
        raise NotFound("post.unknown")
    return person_page(trouble, post.person_id)


def _of_certificate(trouble: Trouble, certificate_id: str) -> ResponseReturnValue:
    with house().store.read() as session:
        row = session.get(Certificate, certificate_id)
    if row is None:
        raise NotFound("certificate.unknown")
    return person_page(trouble, row.person_id)


@blueprint.post("/people/<person_id>/posts")
@redrawn(person_page)
def give(person_id: str) -> ResponseReturnValue:
    """Give a post; where two administrators give it, ask for it."""
    role, first, last = text("role"), day("starts_on"), day("ends_on")
    if role in posts.TWO_PERSON:
        execute(
            house().store, posts.ask_post, actor(), person_id, text("unit"), role=role, title=text("title"),
            reason=text("reason"), starts_on=first, ends_on=last,
        )  # fmt: skip
        return _back(person_id, _("任职申请已提出，等待另一名管理员审批。"))
    execute(
        house().store, posts.give_post, actor(), person_id, text("unit"), role=role, title=text("title"),
        reason=text("reason"), starts_on=first, ends_on=last,
    )  # fmt: skip
    return _back(person_id, _("任职已登记，本人已收到通知。"))


@blueprint.post("/posts/<post_id>/end")
@redrawn(_of_post)
def end(post_id: str) -> ResponseReturnValue:
    """End a post."""
    with house().store.read() as session:
        post = session.get(Post, post_id)
    if post is None:
        raise NotFound("post.unknown")
    count = execute(
        house().store, posts.end_post, actor(), post_id, last_day=needed_day("last_day"), reason=text("reason")
    )
    if count:
        told = _("任职已结束。该岗位的在办环节 %(count)d 个，已通知可以转办的负责人。", count=count)
        return _back(post.person_id, told)
    return _back(post.person_id, _("任职已结束。"))


@blueprint.post("/requests/<request_id>/approve")
@redrawn(_of_request)
def approve(request_id: str) -> ResponseReturnValue:
    """Approve a post that another administrator asked for."""
    post = execute(house().store, posts.approve_post, actor(), request_id, decision=text("reason"))
    return _back(post.person_id, _("已同意，任职生效。"))


@blueprint.post("/requests/<request_id>/reject")
@redrawn(_of_request)
def reject(request_id: str) -> ResponseReturnValue:
    """Refuse a post that another administrator asked for."""
    asked = execute(house().store, posts.reject_post, actor(), request_id, decision=text("reason"))
    return _back(asked.person_id, _("已不同意该任职申请。"))


@blueprint.post("/people/<person_id>/certificates")
@redrawn(person_page)
def enter_certificate(person_id: str) -> ResponseReturnValue:
    """Enter a certificate."""
    execute(
        house().store, certificates.enter_certificate, actor(), person_id, kind=text("kind"), number=text("number"),
        valid_from=needed_day("valid_from"), valid_to=day("valid_to"),
    )  # fmt: skip
    return _back(person_id, _("证件已登记。"))


@blueprint.post("/certificates/<certificate_id>/end")
@redrawn(_of_certificate)
def end_certificate(certificate_id: str) -> ResponseReturnValue:
    """End a certificate early."""
    row = execute(
        house().store, certificates.end_certificate, actor(), certificate_id, last_day=needed_day("last_day"),
        reason=text("reason"),
    )  # fmt: skip
    return _back(row.person_id, _("证件的失效日期已登记。"))


def _back(person_id: str, told: str) -> ResponseReturnValue:
    flash(told, "success")
    if request.form.get("back") == "list":
        return redirect(url_for("house_people.index"))
    return redirect(url_for("house_people.show", person_id=person_id))
