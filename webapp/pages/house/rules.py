"""The rules of statutory time limits and the parameters of the bureau: since when each holds, and where it stands."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from webapp.house import house
from workflows.calendar import clock
from workflows.calendar.rules import Rule, all_rules
from workflows.cases.catalogue import BureauRule

blueprint = Blueprint("house_rules", __name__, url_prefix="/house/rules")

UNITS = {
    "working_days": ("个工作日", "working days"), "days": ("日", "days"), "months": ("个月", "months"),
    "years": ("年", "years"), "hours": ("小时", "hours"),
}  # fmt: skip
CONFIDENCE = {
    "V": ("已核对法律原文", "Read in the text of the law"),
    "V-p": ("见于公布的地方规定", "In a published local rule"),
    "M": ("尚未核对法律原文", "Not yet checked against the text of the law"),
    "D": ("本系统的建议值，须由本机关确定", "This system's proposal, for the bureau to settle"),
}
"""How sure a rule's source is, as `rules.yaml` marks it."""
PARAMETERS = {
    "hearing_threshold": ("听证范围", "What gives the right to a hearing"),
    "collective_threshold": ("集体讨论范围", "What needs a collective discussion"),
    "quorum": ("集体讨论法定人数", "Quorum of the collective discussion"),
    "review_days": ("法制审核期限", "Time for the legal review"),
    "statement_days": ("陈述申辩期限", "Time for statement and defence"),
    "amount_wording": ("“以下”是否包括本数", "Whether “up to” includes the amount"),
    "credit_repair": ("信用修复期限", "Credit repair"),
    "late_fee": ("加处罚款", "Fine for late payment"),
    "publication_days": ("公示期限", "Time for publication"),
}  # fmt: skip
"""Legal parameter → (Chinese, English)."""


@blueprint.get("")
def index() -> ResponseReturnValue:
    """All rules in force on a day (today if none is asked for), with their earlier and later versions."""
    words, on = request.args.get("q", "").strip()[:100], _day(request.args.get("on", ""))
    found: list[tuple[Rule | None, tuple[Rule, ...]]] = []
    for versions in all_rules().values():
        if words and not any(words.casefold() in text.casefold() for one in versions
                             for text in (one.zh, one.en, one.article, one.id)):  # fmt: skip
            continue
        found.append((next((one for one in versions if one.in_force(on)), None), versions))
    with house().store.read() as session:
        parameters = session.execute(
            select(BureauRule).order_by(BureauRule.name, BureauRule.effective_from)
        ).scalars().all()  # fmt: skip
        return render_template(
            "house/rules.html", rows=found, words=words, on=on, units=UNITS, confidence=CONFIDENCE,
            parameters=parameters, PARAMETERS=PARAMETERS,
        )  # fmt: skip


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return clock.today()
