"""One's own lists: which columns, which filters are kept, with whom they are shared, with which a list opens."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp import deskfilters
from webapp.deskfilters import look_of
from webapp.errors import Trouble, redrawn
from webapp.house import actor, house
from webapp.languages import pick
from workflows.actors import ROLES
from workflows.desk.execute import execute
from workflows.desk.lists import columns as layouts
from workflows.desk.lists import kinds, saved
from workflows.errors import NotFound

blueprint = Blueprint("lists", __name__, url_prefix="/desk")

SHARED_ROLES = tuple(role for role in ROLES if role not in ("sys_admin", "sec_admin"))
"""Roles with whose holders a filter can be shared: those that have lists worth filtering."""


@blueprint.get("/columns")
def columns() -> ResponseReturnValue:
    """The columns of a list (?list=…), to be ticked and moved."""
    which = _which(request.args.get("list", ""))
    with house().store.read() as session:
        shown = layouts.shown(session, actor(), which)
    rest = tuple(name for name in layouts.possible(which) if name not in shown)
    names = {name: pick((column.zh, column.en)) for name, column in layouts.COLUMNS.items()}
    return render_template(
        "desk/columns.html", which=which, title=kinds.LISTS[which], order=(*shown, *rest), shown=shown, names=names,
        fixed=layouts.FIXED, focus=request.args.get("moved", ""),
    )  # fmt: skip


@blueprint.post("/columns")
def choose_columns() -> ResponseReturnValue:
    """Keep what is ticked, in the order of the page; one column may be moved a place up or down."""
    which = _which(request.form.get("list", ""))
    if "usual" in request.form:
        execute(house().store, layouts.choose_columns, actor(), which, ())
        flash(_("已恢复默认列。"), "success")
        return redirect(url_for("desk.show", list=which))
    ticked = set(request.form.getlist("shown"))
    order = [name for name in request.form.getlist("order") if name in ticked or name in layouts.FIXED]
    direction, _sign, moved = request.form.get("move", "").partition(":")
    execute(house().store, layouts.choose_columns, actor(), which, _moved(order, moved, direction))
    if moved:
        return redirect(url_for("lists.columns", list=which, moved=request.form.get("move")))
    flash(_("列已保存。"), "success")
    return redirect(url_for("desk.show", list=which))


def _moved(order: list[str], name: str, direction: str) -> list[str]:
    """The order with one name a place further up or down."""
    if name not in order:
        return order
    here = order.index(name)
    there = min(max(0, here + (-1 if direction == "up" else 1)), len(order) - 1)
    changed = [one for one in order if one != name]
    changed.insert(there, name)
    return changed


@blueprint.get("/filters")
def filters() -> ResponseReturnValue:
    """All filters that this person keeps or shares in."""
    return _filters()


def _filters(trouble: Trouble | None = None) -> str:
    who = actor()
    with house().store.read() as session:
        rows = saved.usable(session, who)
        opening = {which: saved.opens_with(session, who, which) for which in kinds.offered(who)}
        choices, fields = deskfilters.choices(session, who), deskfilters.field_names()
        told = {one.id: [chip.text for chip in deskfilters.chips(session, look_of(one), choices)] for one in rows}
        return render_template(
            "desk/filters.html", rows=rows, lists=kinds.LISTS, told=told, trouble=trouble,
            opens={one.id for one in opening.values() if one is not None}, me=who.person_id, roles=SHARED_ROLES,
            addresses={one.id: look_of(one).address() for one in rows},
            unread={one.id: [fields[name] for name in one.unread] for one in rows},
        )  # fmt: skip


@blueprint.post("/filters")
@redrawn(lambda trouble: _filters(trouble))
def save() -> ResponseReturnValue:
    """Keep what the list shows under a name."""
    which = _which(request.form.get("list", ""))
    look, _unread = deskfilters.look(which, request.form)
    kept = execute(
        house().store, _kept, which, request.form.get("name", ""), look,
        saved.Sharing("share_unit" in request.form, tuple(request.form.getlist("role"))), "opens" in request.form,
    )  # fmt: skip
    flash(_("筛选已保存。"), "success")
    return redirect(kept)


def _kept(
    session: Session, which: str, name: str, look: deskfilters.Look, sharing: saved.Sharing, opens: bool
) -> str:  # fmt: skip
    made = saved.save_filter(
        session, actor(), which=which, name=name, criteria=look.criteria, order=look.order, sharing=sharing
    )
    if opens:
        saved.open_with(session, actor(), which, made.id)
    return look_of(made).address()


@blueprint.post("/filters/<filter_id>/share")
@redrawn(lambda trouble, filter_id: _filters(trouble))
def share(filter_id: str) -> ResponseReturnValue:
    """Say with whom a filter is shared from now on."""
    sharing = saved.Sharing("share_unit" in request.form, tuple(request.form.getlist("role")))
    execute(house().store, saved.share_filter, actor(), filter_id, sharing)
    flash(_("共享范围已保存。"), "success")
    return redirect(url_for("lists.filters"))


@blueprint.post("/filters/<filter_id>/delete")
def delete(filter_id: str) -> ResponseReturnValue:
    """Drop one's own filter."""
    name = execute(house().store, saved.delete_filter, actor(), filter_id)
    flash(_("筛选“%(name)s”已删除。", name=name), "success")
    return redirect(url_for("lists.filters"))


@blueprint.post("/filters/<filter_id>/opens")
def open_with(filter_id: str) -> ResponseReturnValue:
    """Let the filter's list open with it from now on, or with none any more."""
    with house().store.read() as session:
        found = next((one for one in saved.usable(session, actor()) if one.id == filter_id), None)
    if found is None:
        raise NotFound("filter.unknown")
    wanted = filter_id if request.form.get("opens") == "1" else None
    execute(house().store, saved.open_with, actor(), found.which, wanted)
    flash(_("列表的默认筛选已更改。"), "success")
    return redirect(url_for("lists.filters"))


def _which(asked: str) -> str:
    """A list that this person has. Raises NotFound."""
    if asked not in kinds.offered(actor()):
        raise NotFound("desk.list_unknown", list=asked)
    return asked
