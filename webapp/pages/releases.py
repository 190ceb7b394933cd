"""Releases: asked for on the page of a draft, decided by another administrator, published at once or later."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.errors import Trouble, redrawn
from webapp.house import actor, house
from webapp.pages.drafts import draft_page
from webapp.pages.studio import compared
from webapp.releasechanges import changed_files
from webapp.studiochoices import draft_title
from webapp.studiofindings import beside, by_name, findings_of
from webapp.studiosides import Side, side, version_of
from webapp.tested import tested, tested_draft
from webapp.upgraded import upgraded
from workflows.calendar.clock import SHANGHAI
from workflows.desk.execute import execute
from workflows.diagrams import checking, drafts, releases, suspensions
from workflows.diagrams.release_table import LIVE, PUBLISHED, WAITING
from workflows.engine import packages
from workflows.errors import Invalid, Problem

blueprint = Blueprint("releases", __name__, url_prefix="/studio")


@blueprint.post("/drafts/<draft_id>/release")
@redrawn(draft_page)
def ask(draft_id: str) -> ResponseReturnValue:
    """Ask that the draft be published as it stands."""
    form = request.form
    tested_draft(draft_id)
    row = execute(
        house().store, releases.ask, actor(), draft_id, release_id=form.get("key", ""),
        seen=form.get("seen", 0, type=int), reason=form.get("reason", ""), legal_basis=form.get("legal_basis", ""),
        publish_at=_moment(form.get("publish_at", "").strip()), over=form.get("over") or None,
        aside=form.get("aside") or None,
    )  # fmt: skip
    flash(_("已提出发布申请，等待其他系统管理员审批。"), "success")
    return redirect(url_for("releases.show", release_id=row.id))


@blueprint.get("/releases/<release_id>")
def show(release_id: str) -> ResponseReturnValue:
    """A release: what it would change, what the checks find, who asked and who decides."""
    return release_page(None, release_id)


def release_page(trouble: Trouble | None, release_id: str) -> ResponseReturnValue:
    """The page of a release; after a refusal with its reason and what was typed."""
    who = actor()
    with house().store.read() as session:
        row = releases.release(session, who, release_id)
        wanted = releases.package(row)
        old = side(session, who, row.process_key, version_of(session, row.process_key, row.present_hash))
        ref = f"v{row.version}" if row.state == PUBLISHED else f"release-{row.id}"
        new = Side(ref, _("申请发布的方案"), wanted.files)
        others = beside(session, wanted.files)
        alive, draft = row.state in LIVE, drafts.draft(session, who, row.draft_id)
        return render_template(
            "studio/release.html", trouble=by_name(trouble, wanted.files, others), typed=request.form, row=row,
            alive=alive, title=draft_title(row.process_key, wanted.files), draft=draft,
            copies=drafts.copies(session, draft.id), files=changed_files(session, row, draft, old.files, wanted.files),
            upgrade=upgraded(session, draft, wanted.files, {}), readonly=True,
            found=findings_of(checking.findings(session, wanted), wanted.files, others) if alive else [],
            may_decide=row.state == WAITING
            and releases.may_decide(row, who), editor=bool(who.roles.intersection(drafts.EDITORS)),
            people=drafts.names(session, [row.asked_by_id, row.decided_by_id, *row.writers]),
            deciders=[one.name for one in releases.deciders(session, [row.asked_by_id, *row.writers])],
            moved=alive and packages.current(session, row.process_key) != row.present_hash,
            failed=findings_of([Problem(one["code"], one["place"], one["line"], one["facts"]) for one in row.problems],
                               wanted.files, others),
            key=row.process_key, stands=suspensions.standing(session), **compared(row.process_key, old, new),
        )  # fmt: skip


@blueprint.post("/releases/<release_id>/approve")
@redrawn(release_page)
def approve(release_id: str) -> ResponseReturnValue:
    """Approve: published at once, or at its moment."""
    with house().store.read() as session:
        asked = releases.release(session, actor(), release_id)
        wanted = releases.package(asked) if releases.may_decide(asked, actor()) and asked.state == WAITING else None
    if wanted is not None:
        tested(wanted, anew=True)
    row = execute(house().store, releases.approve, actor(), release_id, request.form.get("decision", ""))
    if row.state == PUBLISHED:
        flash(_("已批准并发布为第 %(number)d 版，新案件使用此版本，在办案件不变。", number=row.version), "success")
    else:
        flash(_("已批准，将按时发布。"), "success")
    return redirect(url_for("releases.show", release_id=release_id))


@blueprint.post("/releases/<release_id>/reject")
@redrawn(release_page)
def reject(release_id: str) -> ResponseReturnValue:
    """Refuse, and say why."""
    execute(house().store, releases.reject, actor(), release_id, request.form.get("decision", ""))
    flash(_("已退回，草稿可以继续修改。"), "success")
    return redirect(url_for("releases.show", release_id=release_id))


@blueprint.post("/releases/<release_id>/withdraw")
@redrawn(release_page)
def withdraw(release_id: str) -> ResponseReturnValue:
    """Take the release back before it is published."""
    execute(house().store, releases.withdraw, actor(), release_id, request.form.get("reason", ""))
    flash(_("已撤回，草稿可以继续修改。"), "success")
    return redirect(url_for("releases.show", release_id=release_id))


def _moment(written: str) -> datetime | None:
    """A moment as a page's field has it, in Asia/Shanghai; None where nothing was typed. Raises Invalid."""
    if not written:
        return None
    try:
        return datetime.fromisoformat(written).replace(tzinfo=SHANGHAI)
    except ValueError as error:
        raise Invalid("release.incomplete", [Problem("release.moment_bad", "publish_at")]) from error
