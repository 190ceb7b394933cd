"""改正流程数据: what a process holds, what may be put right in it, and the second person who approves."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp import elementnames, labels
from webapp import troubles as words
from webapp.errors import Trouble, redrawn
from webapp.house import actor, house
from webapp.languages import language
from webapp.sentences import sentence
from workflows.desk.execute import execute
from workflows.diagrams import drafts
from workflows.engine import packages
from workflows.engine.state import EngineInstance
from workflows.errors import FashenError, Invalid, Problem
from workflows.operations import repairs, scope, troubles, values
from workflows.operations.repair_table import ASSIGNEE, WAITING, Repair
from workflows.operations.values import Value

blueprint = Blueprint("repairs", __name__, url_prefix="/operations")

FURTHEST_PAGE = 100_000
"""No bureau has so many; a larger number is no number of a row in any database."""
TYPES = ("text", "number", "yes", "no", "nothing")
"""What a new value may be."""


@blueprint.get("/instances/<instance_id>")
def instance(instance_id: str) -> ResponseReturnValue:
    """One process of a case: where it stands, what failed, what it holds and what may be put right."""
    return instance_page(None, instance_id)


def instance_page(trouble: Trouble | None, instance_id: str) -> ResponseReturnValue:
    """The page of an instance; after a refusal with its reason and what was typed."""
    who = actor()
    with house().store.read() as session:
        row, case = scope.instance(session, who, instance_id)
        damaged, found, stuck = "", list[Value](), list[Any]()
        try:
            found = values.values(session, who, instance_id)
            stuck = values.stuck_steps(session, who, instance_id)
        except FashenError as error:
            damaged = sentence(error.code, error.facts, language())
        failed = [words.line(session, one) for one in troubles.of_instance(session, row, case)]
        asked = repairs.of_instance(session, row.id)
        return render_template(
            "operations/instance.html", trouble=trouble, typed=request.form, row=row, case=case, damaged=damaged,
            lines=failed, title=labels.process_name(session, row.package_hash, row.process_key), kinds=words.KINDS,
            version=troubles.versions(session, [row.package_hash]).get(row.package_hash),
            values=[(one, _readers(session, one)) for one in found if not one.why],
            kept=[(one, sentence(f"repair.{one.why}", {"name": one.name}, language())) for one in found if one.why],
            stuck=[(task, labels.step_name(session, task) or task.element_id, people) for task, people in stuck],
            asked=asked,
            people=_names(session, asked), shown=shown, acts=bool(who.roles.intersection(scope.ACTING)),
            kind_of=kind_of, put=request.values.get("variable", ""), give=request.values.get("task", ""),
        )  # fmt: skip


@blueprint.post("/instances/<instance_id>/repairs")
@redrawn(instance_page)
def ask(instance_id: str) -> ResponseReturnValue:
    """Ask that a value be put right, or that a step be given to somebody who can do it."""
    form, who = request.form, actor()
    key, reason = form.get("key", ""), form.get("reason", "")
    if form.get("task"):
        row = execute(house().store, repairs.ask_assignee, who, form["task"], form.get("to", ""), reason, repair_id=key)
    else:
        place, _sep, name = form.get("variable", "").partition(":")
        row = execute(
            house().store, repairs.ask_variable, who, instance_id, int(place) if place.isdecimal() else -1, name,
            typed(form.get("type", ""), form.get("value", "")), reason, repair_id=key,
        )  # fmt: skip
    flash(_("已提出改正申请，等待其他管理员审批；批准后才生效。"), "success")
    return redirect(url_for("repairs.show", repair_id=row.id))


@blueprint.get("/repairs")
def index() -> ResponseReturnValue:
    """The repairs that wait for a second person, and those that were decided."""
    who, decided = actor(), request.args.get("show") == "decided"
    number = max(1, min(request.args.get("page", 1, type=int), FURTHEST_PAGE))
    with house().store.read() as session:
        rows, more = repairs.listed(session, who, waiting=not decided, number=number)
        return render_template(
            "operations/repairs.html", rows=rows, more=more, page=number, decided=decided, shown=shown,
            people=_names(session, [row for row, _case in rows]),
            mine={row.id for row, _case in rows if repairs.may_decide(row, who)},
        )  # fmt: skip


@blueprint.get("/repairs/<repair_id>")
def show(repair_id: str) -> ResponseReturnValue:
    """One repair: old and new, why, who asked and who decides."""
    return repair_page(None, repair_id)


def repair_page(trouble: Trouble | None, repair_id: str) -> ResponseReturnValue:
    """The page of a repair; after a refusal with its reason and what was typed."""
    who = actor()
    with house().store.read() as session:
        row, case = repairs.repair(session, who, repair_id)
        instance_row = session.get_one(EngineInstance, row.instance_id)
        people = _names(session, [row])
        return render_template(
            "operations/repair.html", trouble=trouble, typed=request.form, row=row, case=case, people=people,
            title=labels.process_name(session, instance_row.package_hash, instance_row.process_key), shown=shown,
            version=troubles.versions(session, [instance_row.package_hash]).get(instance_row.package_hash),
            may_decide=row.state == WAITING and repairs.may_decide(row, who), waiting=row.state == WAITING,
            deciders=[one.name for one in repairs.deciders(session, case, row.asked_by_id)],
            acts=bool(who.roles.intersection(scope.ACTING)),
        )  # fmt: skip


@blueprint.post("/repairs/<repair_id>/approve")
@redrawn(repair_page)
def approve(repair_id: str) -> ResponseReturnValue:
    """Approve: it takes effect at once."""
    execute(house().store, repairs.approve, actor(), repair_id, request.form.get("decision", ""))
    flash(_("已批准，改正已经生效。"), "success")
    return redirect(url_for("repairs.show", repair_id=repair_id))


@blueprint.post("/repairs/<repair_id>/reject")
@redrawn(repair_page)
def reject(repair_id: str) -> ResponseReturnValue:
    """Refuse, and say why."""
    execute(house().store, repairs.reject, actor(), repair_id, request.form.get("decision", ""))
    flash(_("已退回申请，流程数据没有变化。"), "success")
    return redirect(url_for("repairs.show", repair_id=repair_id))


@blueprint.post("/repairs/<repair_id>/withdraw")
@redrawn(repair_page)
def withdraw(repair_id: str) -> ResponseReturnValue:
    """Take it back."""
    execute(house().store, repairs.withdraw, actor(), repair_id, request.form.get("reason", ""))
    flash(_("已撤回申请，流程数据没有变化。"), "success")
    return redirect(url_for("repairs.show", repair_id=repair_id))


def typed(kind: str, text: str) -> Any:
    """A value as it was typed in. kind: one of TYPES. Raises Invalid ("repair.value", "repair.number")."""
    if kind == "text":
        return text
    if kind == "nothing":
        return None
    if kind in ("yes", "no"):
        return kind == "yes"
    if kind == "number":
        try:
            number = float(text)
            return int(text) if text.strip().lstrip("+-").isdecimal() else number
        except ValueError as error:
            raise Invalid("repair.number", [Problem("repair.number", "value")]) from error
    raise Invalid("repair.value", [Problem("repair.value", "value")], most=repairs.LONGEST)


def kind_of(value: Any) -> str:
    """Which of TYPES a value is."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "number" if isinstance(value, (int, float)) else "text"


def shown(row: Repair | None, value: Any, people: dict[str, str]) -> str:
    """A value as people read it: text in quotation marks, yes or no, the name of a person."""
    if row is not None and row.kind == ASSIGNEE:
        return str(people.get(value or "", _("（无）")))
    if value is None:
        return str(_("空"))
    if isinstance(value, bool):
        return str(_("是") if value else _("否"))
    return f"“{value}”" if isinstance(value, str) else str(value)


def _readers(session: Session, one: Value) -> list[str]:
    """What the elements that read a variable are called; those without a name by where they stand."""
    elements = packages.definition(session, one.package_hash).elements
    named = [elementnames.of_version(session, one.package_hash, id, elements[id].name) for id in one.read_by]
    return list(dict.fromkeys(named))


def _names(session: Session, rows: Collection[Repair]) -> dict[str, str]:
    """The names of those who asked, decided, and hold or are to hold a step."""
    ids = [id for row in rows for id in (row.asked_by_id, row.decided_by_id)]
    ids += [value for row in rows if row.kind == ASSIGNEE for value in (row.old, row.new)]
    return drafts.names(session, ids)
