"""The catalogue of matters: what conduct may be penalised how; and adding a matter that it lacks."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from webapp.errors import Trouble, redrawn
from webapp.house import actor, house
from webapp.pages.house.typed import needed_day, refused, text
from webapp.words import KINDS_OF_MATTER
from workflows import ledger
from workflows.calendar import clock
from workflows.cases.catalogue import Matter, add_matter
from workflows.cases.repealing import end_matter
from workflows.desk.execute import execute
from workflows.errors import Invalid, NotFound, Problem

blueprint = Blueprint("catalogue", __name__, url_prefix="/catalogue")

AMOUNTS = ("entity_from", "entity_to", "person_from", "person_to")
USUAL = ("逾期未改正", "拒不改正", "情节严重")
"""What leads to a stage and is said by its name already."""
NEEDED = ("code", "name", "legal_basis", "measures")
TEXTS = (*NEEDED, "note")


@blueprint.get("")
def index() -> ResponseReturnValue:
    """All matters, or those whose code, name or legal basis has the words, of a kind, in force on a day."""
    words, kind = request.args.get("q", "").strip()[:100], request.args.get("kind", "")
    query = select(Matter).order_by(Matter.kind.desc(), Matter.code)
    if kind in KINDS_OF_MATTER:
        query = query.where(Matter.kind == kind)
    if (on := _day(request.args.get("on", ""))) is not None:
        query = query.where(or_(Matter.effective_from.is_(None), Matter.effective_from <= on),
                            or_(Matter.effective_to.is_(None), Matter.effective_to >= on))  # fmt: skip
    if words:
        texts = (Matter.code, Matter.name, Matter.legal_basis)
        query = query.where(or_(*(column.icontains(words, autoescape=True) for column in texts)))
    with house().store.read() as session:
        rows = session.execute(query).scalars().all()
        return render_template("catalogue/index.html", rows=rows, words=words, kind=kind, on=on, today=clock.today())


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def matter_page(trouble: Trouble | None, code: str) -> str:
    """One matter; after a refusal with its reason and what was typed."""
    with house().store.read() as session:
        matter = session.get(Matter, code)
        if matter is None:
            raise NotFound("matter.unknown", matter=code[:40])
        told = [] if matter.source != "bureau" else _entries(session, "MatterDefined", code)
        ended = matter.effective_to is not None and matter.effective_to < clock.today()
        return render_template(
            "catalogue/show.html", matter=matter, told=told, usual=USUAL, ends=_entries(session, "MatterEnded", code),
            ended=ended, trouble=trouble, refused=refused(trouble),
            first_out=matter.effective_to and matter.effective_to + timedelta(days=1),
        )  # fmt: skip


def _entries(session: Session, event: str, code: str) -> list[ledger.Entry]:
    return [entry for entry in ledger.of_event(session, "bureau", event) if entry.data.get("code") == code]


@blueprint.get("/matter/<code>")
def show(code: str) -> ResponseReturnValue:
    """One matter: its basis, its stages with measures and ranges, since when, until when, and where it comes from."""
    return matter_page(None, code)


@blueprint.post("/matter/<code>/end")
@redrawn(matter_page)
def end(code: str) -> ResponseReturnValue:
    """Let a matter end for conduct from a day on, or take that back before it comes."""
    back = text("what") == "back"
    day = None if back else needed_day("ends_from")
    matter = execute(house().store, end_matter, actor(), code, ends_from=day, reason=text("reason"))
    undone = _("已撤销停用，事项“%(name)s”继续适用。", name=matter.name)
    flash(undone if back else _("已登记停用日期，已经受理的案件仍按原事项办理。"), "success")
    return redirect(url_for("catalogue.show", code=code))


def new_page(trouble: Trouble | None = None) -> str:
    """The form for a further matter, with what was typed."""
    return render_template("catalogue/new.html", trouble=trouble, typed=request.form)


@blueprint.get("/new")
def new() -> ResponseReturnValue:
    """The form for a matter that the catalogue lacks."""
    return new_page()


@blueprint.post("")
@redrawn(new_page)
def create() -> ResponseReturnValue:
    """Add a matter with one stage; amounts are in yuan, empty where the law sets none."""
    typed = {key: request.form.get(key, "").strip()[:2000] for key in TEXTS}
    stage: dict[str, Any] = {"stage": "initial", "measures": [m for m in typed["measures"].split("、") if m]}
    problems = [Problem("field.required", key) for key in NEEDED if not typed[key]]
    for who in ("entity", "person"):
        limits = [_yuan(f"{who}_{end}", problems) for end in ("from", "to")]
        if limits != [None, None]:
            stage[who] = [limits[0] or 0, limits[1]]
            if limits[1] is None or limits[1] < stage[who][0]:
                problems.append(Problem("matter.range_bad", f"{who}_to"))
    if problems:
        raise Invalid("form.invalid", problems, count=len(problems))
    matter = execute(
        house().store, add_matter, actor(), code=typed["code"], name=typed["name"],
        legal_basis=typed["legal_basis"], stages=[stage], dual_penalty="dual_penalty" in request.form,
        hearing_possible="hearing_possible" in request.form, note=typed["note"],
    )  # fmt: skip
    flash(_("事项“%(name)s”已加入目录。", name=matter.name), "success")
    return redirect(url_for("catalogue.index", q=matter.code))


def _yuan(key: str, problems: list[Problem]) -> int | None:
    text = request.form.get(key, "").strip().replace(",", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        problems.append(Problem("field.number_expected", key, facts={"label": _("金额")}))
        return None
    return int(text)
