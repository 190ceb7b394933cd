"""The desk: what waits for me, what I may take, what I was sent and have done, and for heads who holds what."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from webapp import deskfilters, labels, onward, spreadsheet
from webapp.deskfilters import Look
from webapp.desklines import Line, cells, headings, lines
from webapp.house import actor, house
from webapp.languages import language, pick
from webapp.pages.files import sandboxed
from webapp.sentences import codes, tell
from webapp.watching import Watch, watch
from workflows import outbox
from workflows.actors import Actor
from workflows.calendar import clock
from workflows.cases import access
from workflows.cases.file import Case
from workflows.desk import bulk as deeds
from workflows.desk.copies import CaseCopy
from workflows.desk.lists import columns, kinds, order, pages, saved, workload
from workflows.desk.lists.criteria import EARLIEST, LATEST
from workflows.desk.lists.pages import Count
from workflows.desk.tasks import Task
from workflows.errors import FashenError, Invalid
from workflows.store import new_id

blueprint = Blueprint("desk", __name__)

EXPORTED = 5_000
"""Rows of a spreadsheet: as many as a person works through, few enough that nobody waits for them."""
VIEWS = 24
"""Saved filters above a list."""


@dataclass(frozen=True, slots=True)
class View:
    """A saved filter above its list."""

    name: str
    address: str
    count: Count
    chosen: bool
    shared_by: str


@blueprint.get("/desk")
def show() -> ResponseReturnValue:
    """A list (?list=…), narrowed (?kind=…&party=…), in an order (?sort=due,-opened), page by page (?page=…).

    Opened plainly, a list shows what its saved filter says, if it opens with one; ?all=1 shows the whole.
    """
    who = actor()
    with house().store.read() as session:
        lists = kinds.offered(who)
        seen = watch(session, kinds.scopes(session, who, request.args.get("list", "")))
        counts = pages.counts(session, who)
        first = "claimable" if counts["claimable"] and not counts["todo"] else "todo"
        which = request.args.get("list", first)
        which = which if which in lists else first
        if not set(request.args) - {"list"} and (opens := saved.opens_with(session, who, which)) is not None:
            return redirect(deskfilters.look_of(opens).address())
        look, unread = deskfilters.look(which, request.args)
        return _page(session, who, look, unread, counts, seen)


def _page(
    session: Session, who: Actor, look: Look, unread: list[str], counts: dict[str, Count], seen: Watch
) -> str:  # fmt: skip
    which = look.which
    shown = columns.shown(session, who, which)
    offered = deskfilters.choices(session, who)
    offers = deeds.offered_on(which)
    page = pages.page(session, who, which, look.criteria, look.order, request.args.get("page", 1, type=int))
    rows = [] if look.people else lines(session, who, page)
    names, fields = _column_names(which), deskfilters.field_names()
    kept = saved.usable(session, who, which)[:VIEWS]
    unread = [*unread, *(name for one in kept if one.id == look.view for name in one.unread)]
    return render_template(
        "desk/show.html", which=which, lists={name: kinds.LISTS[name] for name in counts}, counts=counts, page=page,
        watch=seen, look=look, lines=rows, vain=_vain(offers, rows), columns=shown, names=names,
        heads=deskfilters.heads(look, shown, {name: columns.COLUMNS[name].sort for name in shown}),
        chips=deskfilters.chips(session, look, offered), fields=fields, choices=offered,
        unread_names=[fields[name] for name in unread], views=_views(session, who, look, kept), deeds=offers,
        colleagues=deskfilters.colleagues(session, who, [
            one.task for one in rows if one.task and "reassign" in one.can
        ]),
        loads=workload.workload(session, who) if look.people else [], key=new_id(),
        unread=outbox.count_unread(session, who.person_id), sort_names=_sort_names(which), most=page.total.number,
        via=onward.via(look), days=(EARLIEST, LATEST),
    )  # fmt: skip


def _vain(offers: Iterable[str], rows: Sequence[Line]) -> dict[str, str]:
    """The actions that could be done to no row of the page, each with the reason."""
    told = {
        "claim": _("本页没有可以认领的任务。"),
        "release": _("本页没有可以退回待认领的任务：只有您已认领、且其他人也可以办理的任务才能退回。"),
        "acknowledge": _("本页的抄送均已阅知。"),
        "urge": _("本页没有可以催办的任务：您自己的任务和四小时内已催办的任务不能催办。"),
        "reassign": _("本页没有可以转办的任务。"),
    }  # fmt: skip
    return {name: told[name] for name in offers if not any(name in line.can for line in rows)}


def _column_names(which: str) -> dict[str, str]:
    """The heads of a list's columns; what was done shows the step that was done."""
    names = {name: pick((column.zh, column.en)) for name, column in columns.COLUMNS.items()}
    return {**names, "step": _("办理环节")} if which == "done" else names


def _sort_names(which: str) -> list[tuple[str, str]]:
    """The sort keys of a list and what they are called."""
    by_key = {column.sort: name for name, column in columns.COLUMNS.items() if column.sort}
    names = _column_names(which) | {"priority": _("优先级")}
    keys = [key for key in order.keys(which) if not (which != "done" and key == "ended")]
    return [(key, names[by_key.get(key, key)]) for key in keys]


def _views(session: Session, who: Actor, look: Look, kept: Sequence[saved.SavedFilter]) -> list[View]:
    counts = pages.counts_of(session, who, [(one.which, one.asks) for one in kept])
    return [
        View(
            one.name, deskfilters.look_of(one).address(), count, one.id == look.view,
            "" if one.owner_id == who.person_id else one.owner.name,
        )
        for one, count in zip(kept, counts, strict=True)
    ]  # fmt: skip


@blueprint.get("/desk/export.xlsx")
def export() -> ResponseReturnValue:
    """The list as it is narrowed, ordered and laid out, as a spreadsheet of at most EXPORTED rows."""
    who = actor()
    with house().store.read() as session:
        which = request.args.get("list", "todo")
        look, _unread = deskfilters.look(which, request.args)
        page = pages.chosen(session, who, which, look.criteria, look.order, EXPORTED)
        shown, names = columns.shown(session, who, which), _column_names(which)
        rows = [cells(line, shown) for line in lines(session, who, page)]
        notice = ""
        if page.total.more or page.total.number > len(rows):
            notice = _("共 %(total)s 项，仅导出前 %(num)s 项。请缩小范围后分次导出。",
                       total=str(page.total), num=f"{len(rows):,}")  # fmt: skip
        title = pick(kinds.LISTS[which])
        data = spreadsheet.written(title, headings(shown, names), rows, notice)
    name = f"{title}-{clock.today().isoformat()}.xlsx"
    return sandboxed(send_file(io.BytesIO(data), mimetype=spreadsheet.MEDIA_TYPE, download_name=name,
                               as_attachment=True, max_age=0))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one ticked row, as its line says."""

    title: str
    number: str
    step: str
    address: str
    done: bool
    why: str
    case: Case | None = None


@blueprint.post("/desk/bulk")
def bulk() -> ResponseReturnValue:
    """Do one thing to all ticked rows, and say of each what became of it."""
    name, back = request.form.get("act", ""), _back()
    rows = deeds.read_rows(request.form.getlist("row"))
    if not rows:
        flash(_("请先勾选要处理的事项。"), "error")
        return redirect(back)
    if name == "reassign" and not request.form.get("to"):
        flash(_("请选择转办给谁。"), "error")
        return redirect(back)
    if name == "reassign" and not request.form.get("reason", "").strip():
        flash(_("请写明转办理由。"), "error")
        return redirect(back)
    if not name:  # Enter in a field: nothing was asked for
        flash(_("请点击要办理的操作。"), "error")
        return redirect(back)
    given = {field: request.form.get(field, "") for field in ("to", "reason")}
    outcomes = deeds.run(house().store, actor(), name, rows, key=request.form.get("key", ""), given=given)
    with house().store.read() as session:
        results = [_result(session, outcome) for outcome in outcomes]
    done = sum(result.done for result in results)
    said = ngettext("已办理 %(num)d 项", "已办理 %(num)d 项", done)
    return render_template("desk/bulk.html", results=results, done=done, said=said, back=back,
                           deed=pick((deeds.BULK[name].zh, deeds.BULK[name].en)))  # fmt: skip


def _result(session: Session, outcome: deeds.Outcome) -> Result:
    """A row that this person may not see stays without a name."""
    copy, task = session.get(CaseCopy, outcome.row_id), session.get(Task, outcome.row_id)
    why = _why(session, task, outcome.error) if outcome.error is not None else ""
    row = copy or task
    if row is None or not access.visible_id(session, actor(), row.case_id):
        return Result("—", "", "", "", not why, why)
    case = session.get_one(Case, row.case_id)
    step = labels.step_name(session, task) if task is not None else ""
    address = url_for("cases.show", case_id=case.id) if task is None else url_for("tasks.show", task_id=task.id)
    return Result(case.title, case.number or _("未立案"), step, address, not why, why, case)


def _why(session: Session, task: Task | None, error: FashenError) -> str:
    """Why nothing was done to a row: on a list nothing was typed that could be kept, so nothing is said of it."""
    if task is None or isinstance(error, Invalid):
        return tell(error, language())
    own = f"bulk.{error.code}"
    return labels.told(session, task, error, own if own in codes() else "")


def _back() -> str:
    """The list from which the rows came; the desk where the form names another place."""
    asked = request.form.get("back", "")
    return asked if asked.startswith(url_for("desk.show") + "?") else url_for("desk.show")
