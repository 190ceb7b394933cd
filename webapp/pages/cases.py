"""Cases: the list, a new one, and the file of each."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, selectinload

from webapp import (
    bar,
    casefile,
    diagrams,
    formview,
    grounds,
    labels,
    posted,
    reading,
    standing,
    talk,
    timeline,
    uploads,
    watching,
)
from webapp.errors import Trouble, redrawn
from webapp.formpages import form_key
from webapp.house import actor, house
from webapp.preferences import kept
from workflows import forms
from workflows.actors import Actor
from workflows.cases import access, choices, ending, recusals
from workflows.cases import commands as case_commands
from workflows.cases.acts import crime
from workflows.cases.file import CASE_STATES, Case, Party, current_draft
from workflows.desk import commands, copies, offering, offers
from workflows.desk.execute import execute
from workflows.diagrams import library, suspensions
from workflows.documents import documents_of
from workflows.errors import Invalid, NotFound

blueprint = Blueprint("cases", __name__, url_prefix="/cases")

PAGE = 50
TABS: tuple[str, ...] = ("overview", "materials", "opinions", "documents", "clocks", "diagram", "timeline", "talk")


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The cases one may see, filtered by words in number, title or parties, and by state."""
    words, state = request.args.get("q", "").strip()[:80], request.args.get("state", "")
    page = max(1, request.args.get("page", 1, type=int))
    with house().store.read() as session:
        query = select(Case).where(access.visible_cases(session, actor()))
        if words:
            like = f"%{words.replace('%', '').replace('_', '')}%"
            named = select(Party.case_id).where(Party.name.like(like))
            query = query.where(or_(Case.number.like(like), Case.title.like(like), Case.id.in_(named)))
        if state in CASE_STATES:
            query = query.where(Case.state == state)
        total = session.execute(select(func.count()).select_from(query.subquery())).scalar_one()
        pages = max(1, -(-total // PAGE))
        page = min(page, pages)
        rows = session.execute(
            query.options(selectinload(Case.parties), selectinload(Case.unit))
            .order_by(Case.opened_at.desc(), Case.id).limit(PAGE).offset((page - 1) * PAGE)
        ).scalars().all()  # fmt: skip
        return render_template(
            "cases/index.html", rows=[(case, _steps(session, case)) for case in rows], total=total, page=page,
            pages=pages, words=words, state=state,
        )  # fmt: skip


@blueprint.get("/new")
def new() -> ResponseReturnValue:
    """The form of a new case; the reason why there is none, while its process is suspended."""
    with house().store.read() as session:
        suspensions.require_open(session, request.args.get("process", "penalty"))
    return _new_page(request.args.get("process", "penalty"))


@blueprint.post("/new/form", endpoint="redraw")
@redrawn(lambda trouble: _new_page(request.form.get("process", ""), trouble))
def redraw_new() -> ResponseReturnValue:
    """The same form with a row more or less; nothing is saved."""
    with house().store.read() as session:
        uploads.admit(_start_form(session, request.form.get("process", "")))
    typed, problems = uploads.received()
    fresh = posted.change_rows(typed, request.form.get("rows", ""))
    trouble = Trouble(200, "", "invalid", "", "", problems=problems) if problems else None
    return kept(_new_page(request.form.get("process", ""), trouble, fresh))


@blueprint.post("")
@redrawn(lambda trouble: _new_page(request.form.get("process", ""), trouble))
def create() -> ResponseReturnValue:
    """Enter a lead and go to the next step if it is one's own, else to the case."""
    process = request.form.get("process", "")
    with house().store.read() as session:
        form = _start_form(session, process)
    uploads.admit(form)
    typed, problems = uploads.received()
    if problems:
        raise Invalid("form.invalid", problems)
    opened = execute(
        house().store, commands.open_case, actor(), process, forms.read(form, typed.values, typed.files),
        key=request.form.get("key", ""),
    )  # fmt: skip
    flash(_("案件线索已登记，流程已启动。"), "success")
    return redirect(url_for("cases.show", case_id=opened.case_id))


@blueprint.get("/<case_id>")
def show(case_id: str) -> ResponseReturnValue:
    """The file of a case (?tab=…)."""
    return case_page(case_id)


@blueprint.get("/<case_id>/diagram.xml")
def diagram(case_id: str) -> ResponseReturnValue:
    """The diagram of one process of the case (?process=…), as it was when the case began."""
    with house().store.read() as session:
        case = case_of(session, actor(), case_id)
        wanted = request.args.get("process", "")
        drawn = next((d for d in diagrams.drawings(session, case.id) if d.process_key == wanted), None)
        if drawn is None:
            abort(404)
        return Response(diagrams.xml(session, drawn.package_hash), mimetype="application/xml")


def case_of(session: Session, who: Actor, case_id: str) -> Case:
    """The case, if this person may see it. Raises NotFound otherwise: unknown and forbidden look the same."""
    case = session.get(Case, case_id)
    if case is None or not access.visible(session, who, case):
        raise NotFound("case.unknown", case=case_id)
    return case


def case_page(case_id: str, trouble: Trouble | None = None, tab: str = "") -> ResponseReturnValue:
    """The file of a case, open at a tab; after a refusal with its reason and what was typed."""
    who = actor()
    tab = tab or request.args.get("tab", "")
    tab = tab if tab in TABS else TABS[0]
    with house().store.read() as session:
        seen = watching.watch(session, (case_id,))
        case = case_of(session, who, case_id)
        waiting, settled = casefile.waiting(session, case, who.person_id), standing.settled(session, case)
        gone = recusals.why(session, who, case.id) is not None
        return render_template(
            "cases/show.html", case=case, tab=tab, tabs=TABS, trouble=trouble, key=form_key(trouble),
            waiting=waiting, not_urged=_not_urged(session, waiting), **_parts(session, who, case), watch=seen,
            bar=bar.of_case(session, who, case), suspended=standing.suspended(case),
            urges=copies.acts_in(session, who, case) and not gone, holders=standing.held_case(session, case),
            settled=settled, recused=gone, stands=watching.stands(case, settled),
            told=settled or watching.told_of_case(case),
            **_tab(session, who, case, tab),
        )  # fmt: skip


def _not_urged(session: Session, waiting: Sequence[casefile.Waiting]) -> dict[str, str]:
    """Id of a step that waits → why nobody can be reminded of it now, in words."""
    why = {one.task.id: offers.not_urged(session, one.task) for one in waiting}
    return {one.task.id: labels.told(session, one.task, found) for one in waiting if (found := why[one.task.id])}


def _tab(session: Session, who: Actor, case: Case, tab: str) -> dict[str, object]:
    """What one tab shows."""
    if tab == "materials":
        rows = casefile.materials_of(session, case.id)
        people = casefile.people_by_id(session, {material.added_by_id for material in rows})
        names = casefile.kind_names(case)
        return {"materials": rows, "kind_names": names, "people": people,
                "own_kinds": [kind for kind in names if case_commands.own_kind(session, who, case, kind)],
                "replaces": {one.id for one in rows if case_commands.may_supersede(session, who, case, one)},
                "needed": grounds.list_of_materials(session, case)}
    if tab == "opinions":
        draft = current_draft(session, case)
        return {
            "opinions": casefile.opinions_of(session, case.id),
            "meetings": casefile.meetings_of(session, case.id),
            "current_digest": draft.digest if draft else "", "pane": reading.pane(session, who, case),
        }
    if tab == "documents":
        return {
            "documents": documents_of(session, case.id),
            "party_names": {party.id: party.name for party in case.parties},
        }
    if tab == "clocks":
        return {"clocks": casefile.clocks_of(session, case)}
    if tab == "diagram":
        return {"drawings": diagrams.drawings(session, case.id)}
    if tab == "timeline":
        return {"timeline": timeline.of_case(session, case.id)}
    if tab == "talk":
        return {"talk": talk.of(session, who, case)}
    sheet = casefile.sheet(session, case)
    candidates = choices.options(session, "unit_officers", case, who)
    return {"sheet": sheet, "decisions": casefile.decisions_of(session, case.id), "officer_choices": candidates,
            "suspicions": grounds.suspicions(session, case), "recusals": recusals.of(session, case.id),
            "left": recusals.left(session, case.id),
            **_corrections(session, who, case)}


def _corrections(session: Session, who: Actor, case: Case) -> dict[str, object]:
    """Whether parties and matters may be corrected here, and the matters that may be alleged besides."""
    parts = _parts(session, who, case)
    corrects = parts["open"] and parts["handles"] and case.state not in case_commands.DECIDED
    if not corrects:
        return {"corrects": False}
    alleged = {matter.matter_code for matter in case.matters}
    offered = choices.options(session, "matters", None, who, unit_id=case.unit_id)
    return {"corrects": True, "matter_choices": [one for one in offered if one[0] not in alleged]}


def _parts(session: Session, who: Actor, case: Case) -> dict[str, bool]:
    """What this person is in the case, for the buttons that a page offers; the commands ask again."""
    handles = who.person_id in {officer.person_id for officer in case.officers if officer.until is None}
    unsettled = ending.why_settled(session, case) is None and recusals.why(session, who, case.id) is None
    keeps = handles or bool(who.roles & {"legal_reviewer", "hearing_officer", "handling_unit_head"})
    heads = bool(who.roles & {"handling_unit_head", "bureau_leader", "bureau_head"})
    return {
        "open": unsettled, "handles": handles, "keeps": unsettled and keeps, "heads": unsettled and heads,
        "manages": unsettled and (handles or heads),
        "flags": handles and crime.needs_flag(session, case) and case.state not in crime.DECIDED,
    }


def _start_form(session: Session, process: str) -> forms.Form:
    definition = library.current(session, process)
    if definition.start_form is None:
        raise NotFound("engine.process_unknown", key=process)
    return offering.start_form(session, definition)


def _new_page(process: str, trouble: Trouble | None = None, focus: str | None = None) -> ResponseReturnValue:
    who = actor()
    with house().store.read() as session:
        form = _start_form(session, process)
        unit_id = min(who.units["case_officer"])

        def options(name: str) -> Sequence[tuple[str, str, str]]:
            return choices.options(session, name, None, who, unit_id=unit_id)

        typed = uploads.received()[0] if request.method == "POST" else None
        drawn = formview.view(form, options, typed, trouble.problems if trouble else (), focus)
        title = labels.process_name(session, library.current(session, process).hash, process)
        others = [(one.key, labels.process_name(session, one.hash, one.key)) for one in offering.startable(session)]
        return render_template(
            "cases/new.html", form=drawn, process=process, process_title=title, processes=others, trouble=trouble,
            key=form_key(trouble),
        )  # fmt: skip


def _steps(session: Session, case: Case) -> list[casefile.Waiting]:
    return casefile.waiting(session, case, actor().person_id)
