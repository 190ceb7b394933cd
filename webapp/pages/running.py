"""运行情况: where the cases of a version of a process wait, how long its steps take, and suspending it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp import diagrams, elementnames, labels, spreadsheet
from webapp.errors import Trouble, redrawn
from webapp.house import actor, house
from webapp.languages import language
from webapp.sentences import tell
from webapp.studiochoices import version_names
from webapp.studiowords import versions_named
from workflows.calendar import clock
from workflows.desk.execute import execute
from workflows.diagrams import drafts, library, suspensions, usage
from workflows.diagrams.library import PublishedPackage
from workflows.diagrams.suspension_table import Suspension
from workflows.errors import Invalid, NotFound, Problem
from workflows.operations import heat, scope, waiting

blueprint = Blueprint("running", __name__, url_prefix="/operations")

USUAL = timedelta(days=90)
"""How far a period goes back if nothing else is asked."""


@blueprint.get("/processes")
def index() -> ResponseReturnValue:
    """The versions that are in force or have running cases, and what is suspended."""
    return index_page(None)


def index_page(trouble: Trouble | None, **_args: str) -> ResponseReturnValue:
    """The list; after a refusal with its reason and what was typed."""
    with house().store.read() as session:
        scope.bureaus(session, actor())
        running, stands = usage.running(session), suspensions.standing(session)
        rows = [
            (row, number == 0, running.get(row.package_hash, 0), labels.process_name(session, row.package_hash, key),
             versions_named(numbers))
            for key in library.keys(session) for number, (row, numbers) in enumerate(library.contents(session, key))
            if number == 0 or running.get(row.package_hash)
        ]  # fmt: skip
        named = {row.package_hash: (name, present) for row, present, _count, _title, name in rows}
        return render_template(
            "operations/processes.html", trouble=trouble, typed=request.form, rows=rows, stands=stands, acts=_acts(),
            titles={row.process_key: title for row, present, _count, title, _name in rows if present}, named=named,
            people=drafts.names(session, [one.by_id for one in stands]),
        )  # fmt: skip


@blueprint.post("/processes/<key>/suspend")
@redrawn(index_page)
def suspend(key: str) -> ResponseReturnValue:
    """Suspend a process, or one of its versions."""
    version = request.form.get("version") or None
    execute(
        house().store, suspensions.suspend, actor(), key, package_hash=version,
        holds=request.form.get("holds") == "yes", reason=request.form.get("reason", ""),
        confirmed=request.form.get("confirmed", 0, type=int),
    )  # fmt: skip
    with house().store.read() as session:
        opens = version is None or version == library.contents(session, key)[0][0].package_hash
    flash(_("已暂停，不再受理新案件。") if opens else _("已暂停该版本；新案件按现行版本照常受理。"), "success")
    return redirect(url_for("running.index"))


@blueprint.post("/suspensions/<suspension_id>/resume")
@redrawn(index_page)
def resume(suspension_id: str) -> ResponseReturnValue:
    """End a suspension."""
    execute(house().store, suspensions.resume, actor(), suspension_id, reason=request.form.get("reason", ""))
    flash(_("已恢复，流程照常运行。"), "success")
    return redirect(url_for("running.index"))


@blueprint.get("/processes/<key>/<int:number>")
def show(key: str, number: int) -> ResponseReturnValue:
    """The diagram of a version with the cases that wait at each step, or (?view=days) with the days they took."""
    who, days = actor(), request.args.get("view") == "days"
    trouble = ""
    with house().store.read() as session:
        row = _version(session, key, number)
        spans, places = list[heat.Span](), list[waiting.Place]()
        first, last = clock.today() - USUAL, clock.today()
        if days:
            try:
                first, last = _period()
                spans = heat.spans(session, who, row.package_hash, first, last)
            except Invalid as error:
                trouble = tell(error, language())
        else:
            places = waiting.places(session, who, key, row.package_hash)
        names = _names(session, row)
        return render_template(
            "operations/process.html", row=row, title=labels.process_name(session, row.package_hash, key), days=days,
            places=places, spans=spans, first=first, last=last, trouble=trouble, names=names, levels=_levels(),
            badges=_badges(row, places, spans, names), versions=[one.version for one in library.versions(session, key)],
            stands=_stands(session, row), version_names=version_names(session, key),
        )  # fmt: skip


@blueprint.get("/processes/<key>/<int:number>/diagram")
def diagram(key: str, number: int) -> ResponseReturnValue:
    """The diagram of a version, its elements named in the reader's language."""
    with house().store.read() as session:
        data = diagrams.xml(session, _version(session, key, number).package_hash)
    return Response(data, mimetype="application/xml")


@blueprint.get("/processes/<key>/<int:number>/steps/<element_id>")
def step(key: str, number: int, element_id: str) -> ResponseReturnValue:
    """The cases that wait at one step of a version, the longest first."""
    page = max(1, request.args.get("page", 1, type=int))
    with house().store.read() as session:
        row = _version(session, key, number)
        found, more = waiting.waiters(session, actor(), key, row.package_hash, element_id, page)
        return render_template(
            "operations/step.html", row=row, title=labels.process_name(session, row.package_hash, key), found=found,
            more=more, page=page, element_id=element_id, name=_names(session, row).get(element_id, element_id),
            stands=_stands(session, row), version_names=version_names(session, key),
        )  # fmt: skip


@blueprint.get("/processes/<key>/<int:number>/days.xlsx")
def export(key: str, number: int) -> ResponseReturnValue:
    """The days that the steps of a version took, as a spreadsheet."""
    with house().store.read() as session:
        row = _version(session, key, number)
        first, last = _period()
        names = _names(session, row)
        rows = [(names.get(one.element_id) or one.element_id, one.done, one.median, one.ninetieth, one.longest)
                for one in heat.spans(session, actor(), row.package_hash, first, last)]  # fmt: skip
        title = labels.process_name(session, row.package_hash, key)
    heads = [_("环节"), _("办结次数"), _("工作日中位数"), _("九成不超过（工作日）"), _("最长（工作日）")]
    notice = _("%(title)s第 %(number)d 版，%(first)s至%(last)s办结的环节。收到当日不计入。", title=title, number=number,
               first=first.isoformat(), last=last.isoformat())  # fmt: skip
    response = Response(spreadsheet.written(title, heads, rows, notice), mimetype=spreadsheet.MEDIA_TYPE)
    response.headers.set("Content-Disposition", "attachment", filename=f"{key}-v{number}-{first}-{last}.xlsx")
    return response


def _version(session: Session, key: str, number: int) -> PublishedPackage:
    found = next((one for one in library.versions(session, key) if one.version == number), None)
    if found is None:
        raise NotFound("engine.process_unknown", key=key[:64])
    return found


def _stands(session: Session, row: PublishedPackage) -> list[Suspension]:
    """The suspensions of a version, and of its whole process."""
    return [one for one in suspensions.standing(session)
            if one.process_key == row.process_key and one.package_hash in (None, row.package_hash)]  # fmt: skip


def _period() -> tuple[date, date]:
    """The period that was asked for, else the last USUAL days. Raises Invalid for what is no day."""
    try:
        last = date.fromisoformat(request.args["last"]) if request.args.get("last") else clock.today()
        first = date.fromisoformat(request.args["first"]) if request.args.get("first") else last - USUAL
    except (ValueError, OverflowError) as error:
        raise _no_period() from error
    if not date(2000, 1, 1) <= first <= date(2200, 1, 1) or not date(2000, 1, 1) <= last <= date(2200, 1, 1):
        raise _no_period()
    return first, last


def _no_period() -> Invalid:
    return Invalid("operations.period", [Problem("operations.period", "first", facts={"years": 3})], years=3)


def _names(session: Session, row: PublishedPackage) -> Mapping[str, str]:
    """What the elements of a version are called; those without a name by where they stand."""
    elements = library.definition(session, row.package_hash).elements
    return {id: elementnames.of_version(session, row.package_hash, id, one.name) for id, one in elements.items()}


def _badges(
    row: PublishedPackage, places: list[waiting.Place], spans: list[heat.Span], names: Mapping[str, str]
) -> list[dict[str, Any]]:
    """What the script writes on the elements of the drawing; names: of the elements that are counted."""
    counted = [
        {"id": one.element_id, "text": str(one.cases), "name": names.get(one.element_id, ""),
         "title": _("%(count)d 件在此等待", count=one.cases), "level": "count", "href": url_for(
             "running.step", key=row.process_key, number=row.version, element_id=one.element_id)}
        for one in places
    ]  # fmt: skip
    timed = [
        {"id": one.element_id, "level": f"heat-{one.level}",
         "text": _("%(median)d / %(ninetieth)d 日", median=one.median, ninetieth=one.ninetieth),
         "title": _("办结 %(done)d 次，中位数 %(median)d 个工作日，九成不超过 %(ninetieth)d 个工作日", done=one.done,
                    median=one.median, ninetieth=one.ninetieth)} for one in spans
    ]  # fmt: skip
    return counted + timed


def _levels() -> list[str]:
    """The legend: what each level means in words."""
    first, *inner, last = heat.LEVELS
    said = [_("%(days)d 个工作日以内", days=first)]
    said += [_("%(low)d 至 %(high)d 个工作日", low=low + 1, high=high)
             for low, high in zip(heat.LEVELS, [*inner, last], strict=False)]  # fmt: skip
    return [*said, _("超过 %(days)d 个工作日", days=last)]


def _acts() -> bool:
    return bool(actor().roles.intersection(scope.ACTING))
