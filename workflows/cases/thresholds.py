"""Which rights and duties follow from a draft: hearing, collective discussion, legal review. Pure; amounts in fen.

The rules are bureau rules (`rules.rule`), as in `catalogue.yaml`: fine thresholds in yuan, and lists of penalty types.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflows.cases.gate_facts import Burden, DraftFact
from workflows.cases.parameters import fixed_hearing_types, highest_hearing_yuan

CONFISCATION = frozenset({"confiscate_gains", "confiscate_goods"})


@dataclass(frozen=True, slots=True)
class Weight:
    """How heavy a draft is, for routing: highest totals on an entity and on a person in whole yuan, and heavy types."""

    fine_entity_max: int
    fine_person_max: int
    heavy: bool


def hearing_right(draft: DraftFact, party_id: str, rule: Mapping[str, Any]) -> bool:
    """Whether a party may ask for a hearing (行政处罚法 63): large fine, large confiscation, or a heavy type.

    A confiscation whose value nobody stated counts as a large one: the doubt is the bureau's. The kinds that the law
    names and the highest sum give the right whatever the rule says: no setting takes it away.
    """
    burden = draft.burden(party_id)
    kind = _kind(draft, party_id)
    limit = min(int(rule[f"{kind}_fine_yuan"]), highest_hearing_yuan(kind)) * 100
    if burden.fine_fen >= limit or burden.types & fixed_hearing_types().union(rule["types"]):
        return True
    return bool(burden.types & CONFISCATION) and (burden.confiscation_fen == 0 or burden.confiscation_fen >= limit)


def weight(draft: DraftFact, rule: Mapping[str, Any]) -> Weight:
    """How heavy the draft is under the rule for collective discussion."""
    totals = {"entity": 0, "person": 0}
    heavy = False
    for party_id in draft.parties():
        burden, kind = draft.burden(party_id), _kind(draft, party_id)
        totals[kind] = max(totals[kind], burden.fine_fen)
        heavy = heavy or bool(burden.types.intersection(rule["types"]))
    return Weight(totals["entity"] // 100, totals["person"] // 100, heavy)


def collective_because(
    draft: DraftFact, rule: Mapping[str, Any], *, complex_case: bool, disputed: bool
) -> tuple[str, ...]:
    """Why the leaders must decide together (行政处罚法 57 para. 2); empty when one of them may."""
    if draft.outcome != "penalise":
        return ("dispute",) if disputed else ()
    found = []
    burdens: list[tuple[str, Burden]] = [(_kind(draft, party), draft.burden(party)) for party in draft.parties()]
    for kind in ("entity", "person"):
        if any(own == kind and burden.fine_fen >= rule[f"{kind}_fine_yuan"] * 100 for own, burden in burdens):
            found.append(f"fine_{kind}")
    if any(burden.types.intersection(rule["types"]) for _, burden in burdens):
        found.append("heavy_type")
    found += ["complex"] if complex_case else []
    found += ["dispute"] if disputed else []
    return tuple(found)


def review_required(*, public_interest: bool, hearing_held: bool, complex_case: bool, listed: bool) -> bool:
    """Whether legal review must precede the decision: by 行政处罚法 58 para. 1 or the bureau's own list."""
    return public_interest or hearing_held or complex_case or listed


def _kind(draft: DraftFact, party_id: str) -> str:
    return next(penalty.party_kind for penalty in draft.penalties if penalty.party_id == party_id)
