"""What a page carries so that its script can ask whether anything changed: where to look, and how things stood.

The ids of units and cases are signed, so that the question needs no look at roles and rights: a page was only drawn for
somebody who may see what stands on it, and the answer is a number. A request that a script sends by itself, to bring a
page up to date, is no use of the session: it is marked (QUIET) and leaves the login's idle time alone.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from flask import Flask, current_app, has_request_context, request
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import standing
from webapp.house import actor
from workflows import watching
from workflows.actors import Actor
from workflows.calendar import clock
from workflows.cases.file import Case
from workflows.desk.tasks import Task

QUIET = "X-Fashen-Live"
"""The header of requests that nobody's hand has sent."""
LONGEST = 4_000
"""Characters of a signed list of ids: some eighty of them."""


@dataclass(frozen=True, slots=True)
class Watch:
    """of: the signed ids; state: how things stood when the page was drawn, as the answer would name it."""

    of: str = ""
    state: str = ""


def init_app(app: Flask) -> None:
    """Let pages ask whether they were fetched by a script."""
    app.jinja_env.globals.update(quiet=quiet)


def quiet() -> bool:
    """Whether this request only brings an open page up to date."""
    return has_request_context() and request.method == "GET" and request.headers.get(QUIET) == "1"


def watch(session: Session, scopes: Collection[str] = ()) -> Watch:
    """What to put on a page for the reader; asked before what the page shows is read, so that no change is missed.

    scopes: ids of units and cases whose changes matter to the page, beside those that concern the reader's person.
    """
    beat = watching.beat(session, actor().person_id, scopes)
    return Watch(str(_signer().dumps(sorted(scopes))) if scopes else "", state(beat))


def watch_task(session: Session, task_id: str) -> Watch:
    """The same for the page of a task: whatever changes a task of its case matters. Asked before the task is read."""
    return watch(session, session.execute(select(Task.case_id).where(Task.id == task_id)).scalars().all())


def scopes(given: str) -> list[str]:
    """The ids that a page was given; none where they were not signed by us."""
    try:
        read = _signer().loads(given) if 0 < len(given) <= LONGEST else []
    except BadSignature:
        return []
    return [str(one) for one in read]


def state(beat: int) -> str:
    """How things stand, as one word. It changes with the hour too: what is due soon or overdue changes by itself."""
    return f"{beat}-{clock.local(clock.now()):%m%d%H}"


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="fashen.watch")


def told(session: Session, task: Task, who: Actor) -> str:
    """What a page says of a task that somebody has changed while it lay open; `who` reads it."""
    if task.state == "completed":
        return str(_("此任务已由%(name)s办结。", name=task.ended_by.name if task.ended_by else "—"))
    if task.state == "claimed" and task.assignee is not None:
        mine = task.assignee_id == who.person_id
        return str(_("此任务现由您办理。") if mine else _("此任务现由%(name)s办理。", name=task.assignee.name))
    others = {
        "open": _("此任务现在待认领。"), "returned": _("此任务已退回到前面的环节。"),
        "withdrawn": _("此任务办结后又撤回。"), "cancelled": standing.gone(session, task),
    }  # fmt: skip
    return str(others.get(task.state, ""))


def stands(case: Case, settled: str) -> str:
    """How a case stands, as one word that its open page compares. settled: why its file changes no more, or empty."""
    return "over" if settled else "held" if case.suspended_at is not None else "open"


def told_of_case(case: Case) -> str:
    """What the page of a task or a case says when the case was held up, or let go on, while it lay open."""
    held, goes_on = _("案件已中止办理，恢复后才能继续。"), _("案件已恢复办理，可以继续。")
    return str(held if case.suspended_at is not None else goes_on)
