"""The columns of a list, and each person's own choice and order of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import JSON, Boolean, ForeignKey, String, true
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflows.actors import Actor
from workflows.desk.lists.kinds import LISTS
from workflows.errors import NotFound
from workflows.store import Base


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its names, and the sort key that its head presses, if one."""

    zh: str
    en: str
    sort: str = ""


COLUMNS: dict[str, Column] = {
    "number": Column("案号", "Number", "number"),
    "title": Column("案由", "Subject", "title"),
    "party": Column("当事人", "Parties", "party"),
    "unit": Column("承办机构", "Handling unit", "unit"),
    "step": Column("当前环节", "Step", "step"),
    "holder": Column("等待谁", "Waiting for", "holder"),
    "behalf": Column("代谁办理", "For whom"),
    "due": Column("剩余工作日", "Working days left", "due"),
    "source": Column("来源", "Source", "source"),
    "state": Column("案件状态", "State of the case", "state"),
    "opened": Column("登记日期", "Entered on", "opened"),
    "arrived": Column("到达时间", "Arrived", "arrived"),
    "ended": Column("办结时间", "Done at", "ended"),
    "sender": Column("抄送人", "Sent by", "sender"),
    "note": Column("附言", "Note"),
    "sent": Column("抄送时间", "Sent at", "sent"),
    "read": Column("阅知时间", "Read at", "read"),
}

_CASE = ("number", "title", "party", "unit")
_COPIED = (*_CASE, "sender", "note", "sent", "read", "state", "source", "opened")
_TASKS = (*_CASE, "step", "holder", "due", "source", "state", "opened", "arrived")
_STANDIN = (*_CASE, "step", "behalf", "due", "source", "state", "opened", "arrived")
_DONE = (*_CASE, "step", "ended", "source", "state", "opened", "arrived")
_SHOWN = {
    "copied": (*_CASE, "sender", "note", "sent", "read"),
    "done": (*_CASE, "step", "ended", "source"),
    "standin": (*_CASE, "step", "behalf", "due", "source"),
}
_USUAL = (*_CASE, "step", "holder", "due", "source")
WORK = "todo"
"""The list of what is to do: where one goes on when one came from no list."""
FIXED = frozenset({"title", "step"})
"""Columns that carry the links and can't be left out, where a list has them."""


class ListLayout(Base):
    """How one person wants a list: columns in their order, the saved filter it opens with, and, kept with the list of
    what is to do, whether the next task opens by itself after one is done.
    """

    __tablename__ = "list_layout"
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    which: Mapped[str] = mapped_column(String(16), primary_key=True)  # the list
    columns: Mapped[list[str]] = mapped_column(JSON, default=list)  # empty: the usual ones
    filter_id: Mapped[str | None] = mapped_column(ForeignKey("saved_filter.id", ondelete="SET NULL"))
    goes_on: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())


def possible(which: str) -> tuple[str, ...]:
    """The columns that a list can have, in their usual order."""
    return {"copied": _COPIED, "done": _DONE, "standin": _STANDIN}.get(which, _TASKS)


def usual(which: str) -> tuple[str, ...]:
    """The columns of a list when nobody chose others."""
    return _SHOWN.get(which, _USUAL)


def shown(session: Session, actor: Actor, which: str) -> tuple[str, ...]:
    """The columns that this person sees on a list; those that are gone from the program are passed over."""
    layout = session.get(ListLayout, (actor.person_id, which))
    kept = tuple(name for name in layout.columns if name in possible(which)) if layout else ()
    return _whole(kept, which) if kept else usual(which)


def choose_columns(session: Session, actor: Actor, which: str, columns: Sequence[str]) -> tuple[str, ...]:
    """Keep a choice and order of columns for this person; none means the usual ones. Gives back what will be shown.

    Raises NotFound for an unknown list. Columns that the list can't have are passed over, the links stay.
    """
    layout = layout_of(session, actor, which)
    kept = tuple(dict.fromkeys(name for name in columns if name in possible(which)))
    layout.columns = list(_whole(kept, which)) if kept else []
    return tuple(layout.columns) or usual(which)


def goes_on(session: Session, actor: Actor) -> bool:
    """Whether the next task opens by itself after this person has done one; it does unless they said otherwise."""
    layout = session.get(ListLayout, (actor.person_id, WORK))
    return layout is None or layout.goes_on


def choose_goes_on(session: Session, actor: Actor, goes_on: bool) -> None:
    """Keep whether the next task opens by itself, for this person and whatever list they come from."""
    layout_of(session, actor, WORK).goes_on = goes_on


def layout_of(session: Session, actor: Actor, which: str) -> ListLayout:
    """The person's layout of a list, made if there is none. Raises NotFound("desk.list_unknown")."""
    if which not in LISTS:
        raise NotFound("desk.list_unknown", list=which)
    layout = session.get(ListLayout, (actor.person_id, which))
    if layout is None:
        layout = ListLayout(person_id=actor.person_id, which=which, columns=[])
        session.add(layout)
    return layout


def _whole(kept: tuple[str, ...], which: str) -> tuple[str, ...]:
    return kept + tuple(name for name in possible(which) if name in FIXED and name not in kept)
