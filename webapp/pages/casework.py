"""What is done to a case outside its tasks: materials, officers, a suspicion of crime."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp import uploads
from webapp.errors import redrawn
from webapp.house import actor, house
from webapp.pages.cases import case_page
from workflows.actors import Actor
from workflows.cases import commands as case_commands
from workflows.desk import commands, parties
from workflows.desk.execute import execute
from workflows.desk.materials import add_materials
from workflows.errors import Invalid, Problem
from workflows.store import new_id

blueprint = Blueprint("casework", __name__, url_prefix="/cases")


@blueprint.post("/<case_id>/materials")
@redrawn(lambda trouble, case_id: case_page(case_id, trouble, "materials"))
def add_material(case_id: str) -> ResponseReturnValue:
    """Add files to the case under one heading of the checklist."""
    _require_keeper(case_id)
    typed, problems = uploads.received()
    files = typed.files.get("files", [])
    if problems or not files:
        raise Invalid("form.invalid", problems or [Problem("field.required", "files")])
    execute(
        house().store, add_materials, actor(), case_id, kind=typed.one("kind"), files=files, note=typed.one("note"),
        key=typed.one("key") or new_id(),
    )  # fmt: skip
    flash(_("材料已加入案卷。"), "success")
    return redirect(url_for("cases.show", case_id=case_id, tab="materials"))


@blueprint.post("/<case_id>/materials/<material_id>/supersede")
@redrawn(lambda trouble, case_id, material_id: case_page(case_id, trouble, "materials"))
def supersede_material(case_id: str, material_id: str) -> ResponseReturnValue:
    """Put a newer file in the place of one; the old one stays in the file."""
    _require_keeper(case_id)
    typed, problems = uploads.received()
    files = typed.files.get("files", [])
    if problems or not files:
        raise Invalid("form.invalid", problems or [Problem("field.required", "files")])
    execute(
        house().store, case_commands.supersede_material, actor(), case_id, material_id, file=files[0],
        reason=typed.one("reason"),
    )  # fmt: skip
    flash(_("材料已更换，原件仍保存在案卷中。"), "success")
    return redirect(url_for("cases.show", case_id=case_id, tab="materials"))


@blueprint.post("/<case_id>/suspicion")
@redrawn(lambda trouble, case_id: case_page(case_id, trouble, "overview"))
def flag_suspicion(case_id: str) -> ResponseReturnValue:
    """Report a suspicion of crime: the referral begins, the fine is suspended."""
    execute(
        house().store, commands.flag_suspicion, actor(), case_id, offence=request.form.get("offence", "").strip(),
        grounds=request.form.get("grounds", "").strip(), key=request.form.get("key", ""),
    )  # fmt: skip
    flash(_("已登记涉嫌犯罪线索，行刑衔接程序已启动，罚款决定暂停。"), "success")
    return redirect(url_for("cases.show", case_id=case_id))


@blueprint.post("/<case_id>/officers")
@redrawn(lambda trouble, case_id: case_page(case_id, trouble, "overview"))
def add_officer(case_id: str) -> ResponseReturnValue:
    """Assign another officer."""
    if not (person_id := request.form.get("person", "")):
        raise Invalid("form.invalid", [Problem("field.required", "person")])
    execute(house().store, case_commands.add_officer, actor(), case_id, person_id)
    flash(_("办案人员已增加。"), "success")
    return redirect(url_for("cases.show", case_id=case_id))


@blueprint.post("/<case_id>/officers/<person_id>/remove")
@redrawn(lambda trouble, case_id, person_id: case_page(case_id, trouble, "overview"))
def remove_officer(case_id: str, person_id: str) -> ResponseReturnValue:
    """An officer leaves the case; the file keeps that they handled it."""
    reason = request.form.get("reason", "").strip()
    execute(house().store, case_commands.remove_officer, actor(), case_id, person_id, reason=reason,
            recused=request.form.get("recused") == "1")  # fmt: skip
    flash(_("办案人员已退出本案。"), "success")
    return redirect(url_for("cases.show", case_id=case_id))


@blueprint.post("/<case_id>/parties")
@redrawn(lambda trouble, case_id: case_page(case_id, trouble, "overview"))
def add_party(case_id: str) -> ResponseReturnValue:
    """Put another party into the case."""
    facts = {name: request.form.get(name, "").strip() for name in ("kind", *case_commands.PARTY_FIELDS)}
    execute(house().store, parties.add_party, actor(), case_id, facts, key=request.form.get("key", ""))
    flash(_("当事人已增加。"), "success")
    return redirect(url_for("cases.show", case_id=case_id))


@blueprint.post("/<case_id>/parties/<party_id>")
@redrawn(lambda trouble, case_id, party_id: case_page(case_id, trouble, "overview"))
def change_party(case_id: str, party_id: str) -> ResponseReturnValue:
    """Correct what is known of a party; the record keeps both versions."""
    changes = {name: request.form[name].strip() for name in case_commands.PARTY_FIELDS if name in request.form}
    execute(house().store, _change_party, actor(), case_id, party_id, changes)
    flash(_("当事人信息已更正。"), "success")
    return redirect(url_for("cases.show", case_id=case_id))


@blueprint.post("/<case_id>/matters")
@redrawn(lambda trouble, case_id: case_page(case_id, trouble, "overview"))
def allege_matter(case_id: str) -> ResponseReturnValue:
    """Allege another matter of the catalogue."""
    execute(house().store, case_commands.allege_matter, actor(), case_id, request.form.get("code", ""))
    flash(_("违法事项已增加。"), "success")
    return redirect(url_for("cases.show", case_id=case_id))


def _change_party(session: Session, who: Actor, case_id: str, party_id: str, changes: Mapping[str, str]) -> None:
    case_commands.change_party(session, who, case_id, party_id, **changes)


def _require_keeper(case_id: str) -> None:
    """Ask for the rights before the files are read: a stranger learns nothing from sending one."""
    with house().store.read() as session:
        case_commands.require_keeper(session, actor(), case_id)
