"""通知设置: where and of what one is told beside the page; and for administrators, what did not arrive."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.errors import Trouble, redrawn
from webapp.house import actor, house
from webapp.languages import language
from webapp.security import limiter
from webapp.sentences import sentence
from workflows.actors import Actor
from workflows.desk.execute import execute
from workflows.notices import deliveries, profiles
from workflows.notices.deliveries import NoticeDelivery
from workflows.notices.profiles import HOURS, NoticeProfile, Wishes
from workflows.notices.topics import CHANNELS, TIMINGS, topics

blueprint = Blueprint("notifying", __name__)


@blueprint.get("/account/notices")
def show() -> ResponseReturnValue:
    """One's addresses, what comes when, and what did not arrive."""
    return _page()


@blueprint.post("/account/notices")
@redrawn(lambda trouble: _page(trouble))
def choose() -> ResponseReturnValue:
    """Keep what the page says."""
    execute(house().store, profiles.choose_notices, actor(), _typed(), house().settings.channels)
    flash(_("通知设置已保存。"), "success")
    return redirect(url_for("notifying.show"))


@blueprint.post("/account/notices/trial")
@redrawn(lambda trouble: _page(trouble))
@limiter.limit("5 per minute")
def trial() -> ResponseReturnValue:
    """Send oneself a notice by every channel for which one has an address."""
    execute(house().store, profiles.send_trial, actor(), house().settings.channels.names)
    flash(_("测试通知已交付发送，通常一分钟内送达；未送达的，本页会显示原因。"), "success")
    return redirect(url_for("notifying.show"))


@blueprint.get("/notices/deliveries")
def failures() -> ResponseReturnValue:
    """What did not reach anybody, for administrators: whom, by which channel and why, nothing of cases."""
    with house().store.read() as session:
        rows = deliveries.troubled(session)
        return render_template("notices/deliveries.html", rows=rows, told=_reasons(rows), topics=topics(),
                               channels=CHANNELS, linkless=_linkless(actor()))  # fmt: skip


@blueprint.post("/notices/deliveries/<delivery_id>/retry")
def retry(delivery_id: str) -> ResponseReturnValue:
    """Try once more what was given up."""
    row = execute(house().store, deliveries.retry_delivery, actor(), delivery_id)
    flash(_("已安排重新发送。"), "success")
    own = row.person_id == actor().person_id and request.form.get("from") == "own"
    return redirect(url_for("notifying.show" if own else "notifying.failures"))


def _typed() -> Wishes:
    """What the form says; a topic that it does not name keeps what it has."""
    form = request.form
    timings = {
        (topic.id, channel): form[name] for topic in topics().values() for channel in CHANNELS
        if not topic.hidden and (name := f"{topic.id}.{channel}") in form
    }  # fmt: skip
    hour = form.get("digest_hour", profiles.USUAL_HOUR, type=int)
    return Wishes(form.get("email", "").strip(), form.get("webhook", "").strip(), hour, timings)


def _page(trouble: Trouble | None = None) -> ResponseReturnValue:
    who, channels = actor(), house().settings.channels
    with house().store.read() as session:
        profile = session.get(NoticeProfile, who.person_id)
        timings = dict(profiles.timings_of(session, who.person_id))
        rows = deliveries.troubled(session, who.person_id, 10)
        kept = Wishes(
            profile.email if profile else "", profile.webhook if profile else "",
            profile.digest_hour if profile else profiles.USUAL_HOUR, timings,
        )  # fmt: skip
        typed = _typed() if trouble is not None and request.endpoint == "notifying.choose" else kept
        return render_template(
            "notices/settings.html", typed=typed, timings={**timings, **typed.timings}, trouble=trouble, rows=rows,
            told=_reasons(rows), hours=HOURS, timing_names=TIMINGS, channels=CHANNELS, topics=topics(),
            offered=[topic for topic in topics().values() if not topic.hidden and _concerns(who, topic.id)],
            ways=channels.names, domains=channels.mail.domains if channels.mail else (),
            allowed=channels.hook.allowed if channels.hook else (),
            key=channels.hook.key(who.person_id) if channels.hook and kept.webhook else "",
            linkless=_linkless(who), reached=any(kept_address for kept_address in (kept.email, kept.webhook)),
        )  # fmt: skip


def _concerns(who: Actor, topic: str) -> bool:
    """Trouble with processes and their publication are told to administrators alone."""
    return topic not in ("trouble", "processes") or "sys_admin" in who.roles


def _linkless(who: Actor) -> bool:
    """Whether to tell the reader that what is sent has no links: who runs the system can mend it."""
    channels = house().settings.channels
    return "sys_admin" in who.roles and bool(channels.names) and not channels.address


def _reasons(rows: Iterable[NoticeDelivery]) -> dict[str, str]:
    return {row.id: sentence(row.code, {"reason": row.reason}, language()) for row in rows}
