"""The rules of statutory time limits and the parameters of the bureau: since when each holds, and where it stands.

A statutory limit is only looked at; a parameter that the law leaves to the bureau is set here, by two administrators.
"""

from __future__ import annotations

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.errors import Trouble, redrawn
from webapp.house import actor, house
from webapp.languages import language
from webapp.pages.house.typed import needed_day, refused, text
from workflows.actors import Unit
from workflows.calendar import clock
from workflows.calendar.rules import Rule, all_rules
from workflows.cases.catalogue import BureauRule
from workflows.cases.file import PENALTY_TYPES
from workflows.cases.parameters import parameters as settable
from workflows.desk.execute import execute
from workflows.errors import NotFound
from workflows.staff import rules as parameters_of

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
    "filing_days": ("立案期限", "Time for filing"),
    "supplement_days": ("补充送审材料期限", "Time for supplementing materials under review"),
    "review_days": ("法制审核期限", "Time for the legal review"),
    "statement_days": ("陈述申辩期限", "Time for statement and defence"),
    "amount_wording": ("“以下”是否包括本数", "Whether “up to” includes the amount"),
    "credit_repair": ("信用修复期限", "Credit repair"),
    "late_fee": ("加处罚款", "Fine for late payment"),
    "publication_days": ("公示期限", "Time for publication"),
}  # fmt: skip
"""Legal parameter → (Chinese, English)."""
PARTS = {
    "rule": ("规定", "Rule"), "min_months": ("最短（月）", "Months at least"),
    "max_months": ("最长（月）", "Months at most"),
    "safety_min_months": ("安全生产领域最短（月）", "Months at least, work safety"),
    "minor": ("轻微失信", "Minor"), "general": ("一般失信", "General"), "serious": ("严重失信", "Serious"),
    "published": ("公示", "Published"),
    "max_months_if_published": ("公示的，最长（月）", "Months at most where published"),
    "daily_rate_percent": ("每日加处（%）", "Percent a day"),
    "cap_percent": ("上限（原罚款的 %）", "At most (percent of the fine)"),
    "grace_days": ("缴款期限（日）", "Days to pay"),
    "penalty_and_licence": ("行政处罚、行政许可（工作日）", "Penalties and licences (working days)"),
    "other": ("其他执法信息（工作日）", "Other (working days)"),
    "withdraw_after_change": ("变更、撤销后撤下（工作日）", "Withdrawal after a change (working days)"),
}  # fmt: skip
"""Part of a parameter that only the program sets → (Chinese, English)."""


SET_HERE = {
    "statement": "statement_days", "legal_review": "review_days", "filing": "filing_days",
    "supplement": "supplement_days",
}  # fmt: skip
"""Time limit → the legal parameter with which a bureau sets its length."""


def rules_page(trouble: Trouble | None = None, request_id: str = "") -> str:
    """All rules in force on a day (today if none is asked for), with their earlier and later versions."""
    words, on = request.args.get("q", "").strip()[:100], _day(request.args.get("on", ""))
    found: list[tuple[Rule | None, tuple[Rule, ...]]] = []
    for versions in all_rules().values():
        if words and not any(words.casefold() in text.casefold() for one in versions
                             for text in (one.zh, one.en, one.article, one.id)):  # fmt: skip
            continue
        found.append((next((one for one in versions if one.in_force(on)), None), versions))
    with house().store.read() as session:
        rows = session.execute(select(BureauRule).order_by(BureauRule.name, BureauRule.effective_from)).scalars().all()
        return render_template(
            "house/rules.html", rows=found, words=words, on=on, units=UNITS, confidence=CONFIDENCE, parameters=rows,
            PARAMETERS=PARAMETERS, PARTS=PARTS, SET_HERE=SET_HERE, PENALTY_TYPES=PENALTY_TYPES, settable=settable(),
            trouble=trouble, refused=refused(trouble), fraction=fraction, **_own(session),
        )  # fmt: skip


def fraction(numerator: int, denominator: int) -> str:
    """A part as officials write it: 二分之一; 1/2 in English. Both from 1 to 20."""
    if language() != "zh":
        return f"{numerator}/{denominator}"
    return f"{_numeral(denominator)}分之{_numeral(numerator)}"


def _numeral(number: int) -> str:
    digits = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    return ("" if tens == 1 else digits[tens]) * (tens > 0) + "十" * (tens > 0) + digits[ones] * (ones > 0)


def _own(session: Session) -> dict[str, object]:
    """What administrators see beside: their bureaus, and the requests that wait."""
    who = actor()
    bureaus = parameters_of.bureaus(session, who) if parameters_of.ROLE in who.roles else []
    mine = {unit.id for unit in bureaus}
    waiting = [(entry, asked) for entry, asked in parameters_of.waiting(session) if asked.bureau_id in mine]
    names = {unit.id: unit.name for unit in session.execute(select(Unit).where(Unit.legal_subject.is_(True))).scalars()}
    return {"bureaus": bureaus, "waiting": waiting, "names": names, "me": who.person_id,
            "pairs": [(unit.id, unit.name) for unit in bureaus], "typed_values": request.form.getlist}


@blueprint.get("")
def index() -> ResponseReturnValue:
    """All rules and parameters."""
    return rules_page()


@blueprint.post("/parameters/<name>")
@redrawn(lambda trouble, name: rules_page(trouble))
def ask(name: str) -> ResponseReturnValue:
    """Ask that the bureau's own value of a parameter hold from a day on, or no longer."""
    parameter = settable().get(name)
    if parameter is None:
        raise NotFound("rule.unknown", rule=name[:64], day="")
    typed = {one.key: _typed(one.kind, f"value.{one.key}") for one in parameter.fields}
    value = None if text("what") == "end" else typed
    execute(
        house().store, parameters_of.ask, actor(), text("unit"), name, value=value,
        effective_from=needed_day("effective_from"), source=text("source"), reason=text("reason"),
    )  # fmt: skip
    return _back(_("申请已提出，等待另一名系统管理员审批。"))


@blueprint.post("/requests/<request_id>/approve")
@redrawn(rules_page)
def approve(request_id: str) -> ResponseReturnValue:
    """Let the value hold that another administrator asked for."""
    execute(house().store, parameters_of.approve, actor(), request_id)
    return _back(_("已同意，自施行日期起适用。"))


@blueprint.post("/requests/<request_id>/refuse")
@redrawn(rules_page)
def refuse(request_id: str) -> ResponseReturnValue:
    """Refuse what another administrator asked for, or take one's own request back."""
    execute(house().store, parameters_of.refuse, actor(), request_id, decision=text("reason"))
    return _back(_("该项申请已办结，未作修改。"))


def _typed(kind: str, field: str) -> object:
    """A part of a value as it was typed; what is no number stays a text, and is refused by the command."""
    if kind == "flag":
        return text(field) == "1"
    if kind == "types":
        return request.form.getlist(field)
    written = text(field).replace(",", "")
    return int(written) if written.isascii() and written.isdigit() and len(written) <= 12 else written


def _back(told: str) -> ResponseReturnValue:
    flash(told, "success")
    return redirect(url_for("house_rules.index"))


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return clock.today()
