"""运行维护: for administrators, what stands still and why, and trying it again."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp import troubles as words
from webapp.house import actor, house
from webapp.languages import language
from webapp.sentences import tell
from workflows.operations import retrying, scope, troubles
from workflows.operations import stuck as stuck_cases

blueprint = Blueprint("operations", __name__, url_prefix="/operations")


@blueprint.get("")
def index() -> ResponseReturnValue:
    """What stands still (?kind=…), page by page."""
    who, kind = actor(), request.args.get("kind", "")
    kind = kind if kind in troubles.KINDS else ""
    with house().store.read() as session:
        found = troubles.page(session, who, kind, request.args.get("page", 1, type=int))
        lines = [words.line(session, one) for one in found.troubles]
        return render_template(
            "operations/index.html", found=found, lines=lines, kind=kind, kinds=words.KINDS, acts=acts(),
            most=troubles.MOST, page_of=request.full_path,
        )  # fmt: skip


@blueprint.get("/stuck")
def stuck() -> ResponseReturnValue:
    """Cases that don't move although nothing failed (?kind=…&days=…)."""
    asked = request.args.get("days", stuck_cases.USUAL, type=int)
    days = min(max(asked, stuck_cases.FEWEST), stuck_cases.LONGEST)
    with house().store.read() as session:
        found = stuck_cases.page(session, actor(), request.args.get("kind", ""), workdays=days,
                                 number=request.args.get("page", 1, type=int))  # fmt: skip
        return render_template(
            "operations/stuck.html", found=found, kind=found.kind, days=days, words=words.STUCK, acts=acts(),
            rows=[(row, words.where(session, row.package_hash, row.process_key, row.element_id, row.name))
                  for row in found.rows], most=stuck_cases.COUNTED, usual=stuck_cases.USUAL,
        )  # fmt: skip


@blueprint.post("/retry")
def retry() -> ResponseReturnValue:
    """Try what was chosen again, and say of each what became of it."""
    back = request.form.get("back", "")
    back = back if back.startswith(url_for("operations.index")) and "//" not in back else url_for("operations.index")
    only = request.form.get("only", "")
    chosen = [only] if only else request.form.getlist("row")
    if not chosen:
        flash(_("请先勾选要重试的事项。"), "error")
        return redirect(back)
    outcomes = retrying.retry(house().store, actor(), chosen)
    if only and outcomes[0].error is None:
        flash(_("已重试，流程恢复运行。") if only.startswith("instance:") else _("已安排重试。"), "success")
        return redirect(back)
    done = sum(one.error is None for one in outcomes)
    with house().store.read() as session:
        names = troubles.named(session, actor(), chosen)
    rows = [
        (one.key.partition(":")[0], *names.get(one.key, (None, "")), tell(one.error, language()) if one.error else "")
        for one in outcomes
    ]
    return render_template("operations/retried.html", rows=rows, done=done, back=back, kinds=words.KINDS)


def acts() -> bool:
    """Whether the reader may do more than look."""
    return bool(actor().roles.intersection(scope.ACTING))
