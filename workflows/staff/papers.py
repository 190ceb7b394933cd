"""What a bureau's official papers say of it: address, bank, court … and the format of its numbers.

By the system administrator, with a reason; a change holds for papers issued from then on. Layout, seal and signature
follow GB/T 9704-2012 and the law (行政处罚法 59) and are not for a bureau to change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from workflows import ledger
from workflows.actors import Actor, Unit
from workflows.documents.kinds.registry import KINDS
from workflows.documents.numbers import DEFAULT_PATTERN, LONGEST_PATTERN, SETTING, format_number
from workflows.errors import Invalid, Problem
from workflows.ledger import Entry, events
from workflows.staff import realm

FIELDS: Mapping[str, tuple[str, str]] = {
    "address": ("地址", "Address"),
    "phone": ("联系电话", "Telephone"),
    "contact": ("联系人或者联系机构", "Contact"),
    "payee": ("收款单位", "Payee"),
    "bank": ("代收银行", "Bank"),
    "bank_account": ("收款账号", "Account"),
    "reconsideration": ("行政复议机关", "Reconsideration body"),
    "court": ("管辖法院", "Court"),
    "police": ("对应公安机关", "Police"),
    "procuratorate": ("对应检察机关", "Procuratorate"),
    "credit_site": ("信用修复网站", "Credit repair site"),
}
"""Setting of a bureau → (Chinese, English)."""
LONGEST = 200
PATTERN = "number."
"""Before the kind of a document ("number.penalty_decision"), or "default": the format of its numbers."""
EVENT = "UnitSettingsChanged"


def current(unit: Unit) -> dict[str, str]:
    """The settings of a bureau's papers as they are, "" where there is none; formats of numbers among them."""
    patterns = unit.settings.get(SETTING) or {}
    found = {name: str(unit.settings.get(name) or "") for name in FIELDS}
    return {**found, **{f"{PATTERN}{type}": str(patterns.get(type) or "") for type in ("default", *KINDS)}}


def numbered(unit: Unit, type: str, year: int) -> str:
    """The first number of a year as the bureau would write it. Raises what `documents.numbers` raises."""
    return format_number(unit, type, year, 1)


def choose_papers(
    session: Session, actor: Actor, unit_id: str, values: Mapping[str, str], *, reason: str
) -> Unit:  # fmt: skip
    """Set some of the settings; those that are not named stay, an empty one is taken away.

    Raises Forbidden("actor.role_missing"), NotFound("unit.unknown"), and Invalid: "papers.not_a_subject" for a unit
    that issues nothing in its own name, texts that are too long, formats without year and number, no reason, no change.
    """
    realm.require(actor, "sys_admin")
    why = realm.reasoned(reason)
    ledger.lock_stream(session, "bureau")
    unit = realm.unit(session, actor, unit_id, lock=True)
    if not unit.legal_subject:
        raise Invalid("papers.not_a_subject")
    before = current(unit)
    wanted = {name: text.strip() for name, text in values.items() if name in before}
    problems = [problem for name, text in wanted.items() if (problem := _problem(unit, name, text)) is not None]
    if problems:
        raise Invalid(problems[0].code, problems, **problems[0].facts)
    changes = {name: [before[name], text] for name, text in wanted.items() if text != before[name]}
    if not changes:
        raise Invalid("papers.nothing")
    unit.settings = _merged(unit.settings, {name: after for name, (_, after) in changes.items()})
    session.flush()
    event = events.UnitSettingsChanged(unit_id=unit.id, name=unit.name, changes=changes, reason=why)
    ledger.append(session, "bureau", event, actor=actor)
    return unit


def history(session: Session, unit_id: str) -> Sequence[Entry]:
    """The changes of a bureau's settings, the newest first."""
    found = [one for one in ledger.of_event(session, "bureau", EVENT) if one.data.get("unit_id") == unit_id]
    return list(reversed(found))


def _merged(settings: Mapping[str, Any], changes: Mapping[str, str]) -> dict[str, Any]:
    found = dict(settings)
    patterns = dict(found.get(SETTING) or {})
    for name, text in changes.items():
        place, key = (patterns, name.removeprefix(PATTERN)) if name.startswith(PATTERN) else (found, name)
        place.pop(key, None)
        if text:
            place[key] = text
    found.pop(SETTING, None)
    return {**found, SETTING: patterns} if patterns else found


def _problem(unit: Unit, name: str, text: str) -> Problem | None:
    if not name.startswith(PATTERN):
        return Problem("papers.too_long", name, facts={"most": LONGEST}) if len(text) > LONGEST else None
    type = name.removeprefix(PATTERN)
    tried = Unit(name=unit.name, region=unit.region, settings={SETTING: {"default": text or DEFAULT_PATTERN}})
    try:
        format_number(tried, type if type in KINDS else next(iter(KINDS)), 2024, 1)
    except Invalid:
        return Problem("papers.pattern", name, facts={"most": LONGEST_PATTERN})
    return None
