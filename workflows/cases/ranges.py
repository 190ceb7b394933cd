"""How high a fine may be: the range that the law sets for a matter, a stage and a kind of party.

Pure. Amounts come and go in fen; the catalogue holds whole yuan. Where the law gives a rule instead of amounts
(income of the previous year, illegal gains, a multiple, one fine per day) its figures come from the draft.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from workflows.errors import Invalid, NotFound

YUAN = 100
"""Fen in a yuan."""

FIGURES: dict[str, tuple[str, str]] = {
    "income": ("上一年年收入", "income of the previous year"),
    "illegal_gains": ("违法所得（没有违法所得的填0）", "illegal gains (0 if there were none)"),
    "multiple": ("按前款规定确定的罚款数额", "the fine under the preceding paragraph"),
    "daily_repeat": ("原处罚数额和连续天数", "the original fine and the number of days"),
}
"""What a computed range needs, by its basis: Chinese and English."""

STAGES: dict[str, tuple[str, str]] = {
    "initial": ("一般情形", "First finding"),
    "overdue": ("逾期未改正", "Not corrected in time"),
    "refuse": ("拒不改正、拒不执行", "Refusal"),
    "serious": ("情节严重", "Serious"),
    "fail": ("逾期整顿不合格", "Rectification failed"),
    "accident": ("导致发生生产安全事故", "Caused an accident"),
    "escape": ("逃匿", "Absconded"),
    "daily": ("按日连续处罚", "Daily repeated fine"),
}
"""Stages of the catalogue in words; those named in Chinese there stand for themselves."""


def stage_words(stage: str) -> dict[str, str]:
    """A stage of the catalogue in Chinese and English."""
    zh, en = STAGES.get(stage, (stage, stage))
    return {"zh": zh, "en": en}


@dataclass(frozen=True, slots=True)
class Range:
    """A range of fines in fen. basis: fixed | income | illegal_gains | multiple | daily_repeat."""

    min_fen: int
    max_fen: int
    basis: str = "fixed"
    max_inclusive: bool = True

    def holds(self, fine_fen: int) -> bool:
        """Whether a fine lies in the range; whether its upper end counts is a rule of its own (民法典 1259)."""
        return self.min_fen <= fine_fen and not self.above(fine_fen)

    def above(self, fine_fen: int) -> bool:
        """Whether a fine is higher than the law allows."""
        return fine_fen > self.max_fen if self.max_inclusive else fine_fen >= self.max_fen


@dataclass(frozen=True, slots=True)
class Figures:
    """What a computed range starts from. base_fen: income, illegal gains or the earlier fine; days: of a daily fine."""

    base_fen: int | None = None
    days: int | None = None


NO_FIGURES = Figures()


def stage_of(spec: Mapping[str, Any], stage: str) -> Mapping[str, Any]:
    """The entry of a stage. Raises NotFound("matter.stage_unknown") with the stages that there are."""
    for entry in spec["stages"]:
        if entry["stage"] == stage:
            found: Mapping[str, Any] = entry
            return found
    known = [stage_words(entry["stage"]) for entry in spec["stages"]]
    raise NotFound("matter.stage_unknown", stage=stage_words(stage), stages=known)


def ranges(
    spec: Mapping[str, Any], stage: str, party_kind: str, figures: Figures = NO_FIGURES, *, max_inclusive: bool = True
) -> Range | None:
    """The range of the fine on a party ("entity" or "person") in a stage of a matter; None where no fine may be set.

    A matter that nowhere fines a responsible person applies to whoever acted, so a natural person who acted in his own
    name falls under the same amounts. Raises NotFound for a stage that the matter does not have and
    Invalid("range.figure_missing", figure=…) when the law's rule needs a figure that the draft does not give.
    """
    entry = stage_of(spec, stage)
    rule = entry.get(party_kind)
    if rule is None and party_kind == "person" and not any(other.get("person") for other in spec["stages"]):
        rule = entry.get("entity")
    if rule is None:
        return None
    if isinstance(rule, Mapping):
        low, high = _computed(rule, figures)
        return Range(low, high, str(rule["basis"]), True)
    return Range(int(rule[0]) * YUAN, int(rule[1]) * YUAN, "fixed", max_inclusive)


def allowed_types(spec: Mapping[str, Any], stage: str) -> frozenset[str]:
    """Penalty types that may be set in a stage; illegal gains are always confiscated (行政处罚法 28 para. 2),
    and detention is for the police alone (18 para. 3).
    """
    return (frozenset(stage_of(spec, stage).get("types", ())) | {"confiscate_gains"}) - {"detention"}


def _computed(rule: Mapping[str, Any], figures: Figures) -> tuple[int, int]:
    basis = str(rule["basis"])
    if figures.base_fen is None or (basis == "daily_repeat" and figures.days is None):
        zh, en = FIGURES[basis]
        raise Invalid("range.figure_missing", figure={"zh": zh, "en": en}, basis=basis)
    if basis == "income":
        low, high = (Fraction(figures.base_fen * int(percent), 100) for percent in rule["percent"])
        return int(low) // YUAN * YUAN, int(high)  # the lower end rounded down to the yuan: nobody is fined fractions
    if basis == "daily_repeat":
        total = figures.base_fen * (figures.days or 0)
        return total, total
    if basis == "illegal_gains" and figures.base_fen < int(rule["threshold"]) * YUAN:
        return int(rule["below"][0]) * YUAN, int(rule["below"][1]) * YUAN
    return figures.base_fen * int(rule["times"][0]), figures.base_fen * int(rule["times"][1])
