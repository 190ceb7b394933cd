"""After one's task is done, the next: the list that somebody came from goes along in the addresses of tasks.

`?via=` holds the list as its own address would (`list=todo&sort=-opened`), so that two windows on two lists do not
disturb each other. The plain list of what is to do needs no word.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp import deskfilters, labels
from webapp.deskfilters import Look
from webapp.house import actor, house
from webapp.languages import pick
from workflows.desk.execute import execute
from workflows.desk.lists import columns, kinds, onward
from workflows.desk.lists.onward import Walk
from workflows.desk.tasks import Task

VIA = "via"
LONGEST = 2000
MOST_FIELDS = 30

_CARRY = ("show", "claim", "release", "draft", "redraw", "hand_back", "complete", "act")
"""Endpoints of the pages and forms of tasks, in their blueprints."""

_CHOICE, _ASKED = "choose.goes_on", "choose.goes_on.asked"


def init(blueprint: Blueprint) -> None:
    """Let the addresses of a blueprint's tasks carry the list along, as long as somebody works through it."""

    @blueprint.url_defaults
    def carry(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint.rpartition(".")[2] in _CARRY and (via := request.args.get(VIA)):
            values.setdefault(VIA, via)


def via(look: Look) -> str | None:
    """What goes along from a list to its tasks; None from the plain list of what is to do."""
    asked = look.query(by="")
    return urlencode(asked) if asked != {"list": columns.WORK} else None


def came_from() -> Look:
    """The list that the request comes from; what is to do, in its usual order, where it says none that there is."""
    text = request.args.get(VIA, "")
    try:
        given = dict(parse_qsl(text, max_num_fields=MOST_FIELDS)) if len(text) <= LONGEST else {}
    except ValueError:
        given = {}
    which = given.get("list", columns.WORK)
    return deskfilters.look(which if which in kinds.offered(actor()) else columns.WORK, given)[0]


def back() -> tuple[str, str]:
    """The address of the list that the request comes from, and what it is called."""
    if not request.args.get(VIA):
        return url_for("desk.show"), pick(kinds.LISTS[columns.WORK])
    look = came_from()
    return look.address(), pick(kinds.LISTS[look.which])


def place(session: Session, task_id: str) -> Walk:
    """Where a task stands in the list one came from; to be asked before it is done."""
    look = came_from()
    return onward.walk(session, look.which, look.criteria, look.order, task_id)


def chosen(session: Session) -> bool:
    """Whether the next task opens by itself: as the form just sent says, else as this person keeps it."""
    return _CHOICE in request.form if _ASKED in request.form else columns.goes_on(session, actor())


def keep_choice() -> None:
    """Keep what the form says about opening the next task, where that is new."""
    if _ASKED not in request.form:
        return
    wanted = _CHOICE in request.form
    with house().store.read() as session:
        kept = columns.goes_on(session, actor())
    if wanted != kept:
        execute(house().store, columns.choose_goes_on, actor(), wanted)


def go_on(case_id: str, on: Walk) -> ResponseReturnValue:
    """Open what comes next, and say so; the list one came from when nothing does, or when one wants to choose."""
    keep_choice()
    with house().store.read() as session:
        task = onward.next_task(session, actor(), case_id, on) if chosen(session) else None
        if task is None:
            return redirect(back()[0])
        flash(_told(session, task, case_id, on), "info")
        return redirect(url_for("tasks.show", task_id=task.id))


def _told(session: Session, task: Task, case_id: str, on: Walk) -> str:
    """What is shown next, in words."""
    named = labels.step_name(session, task)
    if task.case_id == case_id:
        return str(_("接着办理本案的“%(step)s”。", step=named))
    which, case = pick(kinds.LISTS[on.which]), task.case
    return str(_("接着办理“%(list)s”中的下一件：“%(step)s”（%(case)s）。", list=which, step=named,
                 case=case.number or case.title))  # fmt: skip
