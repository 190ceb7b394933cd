"""Official papers: which there are, a sample of each, and what a bureau sets for its own."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from webapp.errors import Trouble, redrawn
from webapp.house import actor, house
from webapp.languages import language
from webapp.pages.house.typed import refused, text
from webapp.security import limiter
from workflows import ledger
from workflows.actors import Unit
from workflows.calendar import clock
from workflows.desk.execute import execute
from workflows.documents.fonts import fonts_of
from workflows.documents.fonts.faces import FACES
from workflows.documents.kinds.registry import KINDS
from workflows.documents.numbers import DEFAULT_PATTERN
from workflows.documents.printing import render
from workflows.documents.samples import sample as sample_content
from workflows.staff import papers, realm

FACE_NAMES = {
    "fangsong": ("仿宋（正文）", "Fangsong (text)"), "title": ("小标宋（标题）", "Song, bold (titles)"),
    "hei": ("黑体", "Hei"), "kai": ("楷体", "Kai"), "song": ("宋体", "Song"),
}  # fmt: skip
"""Face → (Chinese, English)."""

blueprint = Blueprint("house_papers", __name__, url_prefix="/house/papers")


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The kinds of papers, the bureaus that issue them, and the faces they are printed in."""
    told = house().settings
    with house().store.read() as session:
        bureaus = session.execute(
            select(Unit).where(Unit.id.in_(realm.units_of(session, actor())), Unit.legal_subject.is_(True))
            .order_by(Unit.name)
        ).scalars().all()  # fmt: skip
        sources = fonts_of(told.fonts).sources
        faces = {face: sources[face][0].name for face in FACES}
        return render_template(
            "house/papers.html", kinds=KINDS, bureaus=bureaus, faces=faces, names=FACE_NAMES, own=bool(told.fonts)
        )


@blueprint.get("/bureaus/<unit_id>")
def show(unit_id: str) -> ResponseReturnValue:
    """What a bureau sets for its papers, and how that came about."""
    return bureau_page(None, unit_id)


def bureau_page(trouble: Trouble | None, unit_id: str) -> ResponseReturnValue:
    """The page of a bureau's papers; after a refusal with what was typed."""
    with house().store.read() as session:
        unit = realm.unit(session, actor(), unit_id)
        if not unit.legal_subject:
            abort(404)
        year = clock.today().year
        return render_template(
            "house/bureau_papers.html", unit=unit, values=papers.current(unit), fields_of=papers.FIELDS, kinds=KINDS,
            trouble=trouble, refused=refused(trouble), pattern=papers.PATTERN, usual=DEFAULT_PATTERN,
            numbers={type: papers.numbered(unit, type, year) for type in KINDS}, most=papers.LONGEST,
            told=[(one, ledger.describe(one, language())) for one in papers.history(session, unit.id)],
        )  # fmt: skip


@blueprint.post("/bureaus/<unit_id>")
@redrawn(bureau_page)
def choose(unit_id: str) -> ResponseReturnValue:
    """Set what a bureau's papers say."""
    values = {name: one for name, one in request.form.items() if name not in ("csrf_token", "form", "reason")}
    execute(house().store, papers.choose_papers, actor(), unit_id, values, reason=text("reason"))
    flash(_("已保存，此后制发的文书按新的设置，已制发的不变。"), "success")
    return redirect(url_for("house_papers.show", unit_id=unit_id))


def _of_bureau(content: dict[str, Any], own: dict[str, str]) -> dict[str, Any]:
    """A sample with what the bureau sets in the places of what was invented."""
    found: dict[str, Any] = {
        name: own.get(name) or value if isinstance(value, str) else value for name, value in content.items()
    }
    if isinstance(found.get("contact"), dict):
        known = {name: own[name] for name in ("phone", "address") if own[name]}
        found["contact"] = {**found["contact"], **known}
    return found


@blueprint.get("/samples/<kind>.pdf")
@limiter.limit("60 per minute")
def sample(kind: str) -> ResponseReturnValue:
    """A sample of a paper, marked as one; with a bureau's name, number and settings where one is asked for."""
    if kind not in KINDS:
        abort(404)
    content = sample_content(kind)
    with house().store.read() as session:
        if unit_id := request.args.get("bureau", ""):
            unit = realm.unit(session, actor(), unit_id)
            content = _of_bureau(content, papers.current(unit))
            content |= {"agency": unit.name, "number": papers.numbered(unit, kind, clock.today().year)}
    printed = render(kind, content, fonts_of(house().settings.fonts), mark=_("样张"))
    response = Response(printed.pdf, mimetype="application/pdf")
    response.headers.set("Content-Disposition", "inline", filename=f"{kind}.pdf")
    return response
