"""What the law lets a case's matters cost, in words: stage by stage, for entities and for persons, as a table to read.

The amounts are those that gate G7 looks at (`workflows.cases.ranges`); a rule in place of amounts is told as a rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.calendar import clock
from workflows.cases.catalogue import Matter
from workflows.cases.choices import STAGES, matter_basis, matter_name
from workflows.cases.file import Case
from workflows.cases.rules import rule

Words = tuple[str, str]
"""Chinese and English."""

NONE: Words = ("—", "—")
WAN = 10_000


@dataclass(frozen=True, slots=True)
class Scale:
    """One stage of a matter. basis: its norm; name: what was done; entity, person: the range of the fine in words;
    measures: what else the law provides, as it words it.
    """

    code: str
    basis: str
    name: str
    stage: Words
    entity: Words
    person: Words
    measures: str


def scales_of(session: Session, case: Case) -> list[Scale]:
    """All stages of the case's matters, in the order of the matters' codes and of the law."""
    inclusive = bool(rule(session, "amount_wording", case.bureau_id, clock.today())["max_inclusive"])
    codes = [matter.matter_code for matter in case.matters]
    rows = session.execute(select(Matter).where(Matter.code.in_(codes)).order_by(Matter.code)).scalars()
    return [one for row in rows for one in _stages(row, inclusive)]


def _stages(matter: Matter, inclusive: bool) -> list[Scale]:
    stages = matter.spec["stages"]
    fines_persons = any(entry.get("person") for entry in stages)
    found = []
    for entry in stages:
        entity = fine_words(entry.get("entity"), max_inclusive=inclusive)
        # Where the law fines no responsible person, whoever acted in his own name pays the same as an entity.
        person = fine_words(entry.get("person"), max_inclusive=inclusive) if fines_persons else entity
        stage = STAGES.get(entry["stage"], (entry["stage"], entry["stage"]))
        found.append(
            Scale(
                matter.code, matter_basis(matter.legal_basis), matter_name(matter.name), stage, entity, person,
                "、".join(one for one in entry.get("measures", ()) if one not in ("罚款", "可以罚款", "可以并处罚款")),
            )
        )  # fmt: skip
    return found


def fine_words(given: Any, *, max_inclusive: bool = True) -> Words:
    """The range of a fine as the law words it; given: [min, max] in yuan, a rule, or None where no fine may be set."""
    if given is None:
        return NONE
    if isinstance(given, Mapping):
        return _rule_words(given)
    low, high = int(given[0]), int(given[1])
    end = "以下" if max_inclusive else "以下（不含本数）"
    below, to = ("up to", "to") if max_inclusive else ("below", "to below")
    if low == high:
        return _money(low), f"{low:,} yuan"
    if low == 0:
        return f"{_money(high)}{end}", f"{below} {high:,} yuan"
    return f"{_money(low)}以上{_money(high)}{end}", f"{low:,} {to} {high:,} yuan"


def _rule_words(given: Mapping[str, Any]) -> Words:
    basis = given["basis"]
    if basis == "income":
        low, high = given["percent"]
        share = f"{low}%" if low == high else f"{low}%至{high}%"
        return f"上一年年收入的{share}", f"{share.replace('至', ' to ')} of the income of the previous year"
    if basis == "daily_repeat":
        return "按原处罚数额按日连续处罚", "the original fine for every day"
    low, high = given["times"]
    if basis == "multiple":
        return f"前款罚款数额的{low}倍以上{high}倍以下", f"{low} to {high} times the fine under the preceding paragraph"
    limit, below = int(given["threshold"]), fine_words(given["below"])
    return (
        f"违法所得{_money(limit)}以上的，违法所得的{low}倍以上{high}倍以下；没有违法所得或者不足{_money(limit)}的，{below[0]}",
        f"{low} to {high} times illegal gains of {limit:,} yuan or more; otherwise {below[1]}",
    )


def _money(yuan: int) -> str:
    whole, rest = divmod(yuan, WAN)
    return f"{whole}万元" if whole and not rest else f"{yuan / WAN:g}万元" if whole else f"{yuan}元"
