"""What a good colleague would point out about a draft. A hint never closes a gate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.cases.catalogue import Matter
from workflows.cases.file import Case, Draft, current_draft
from workflows.cases.ranges import ranges
from workflows.errors import Invalid, NotFound


@dataclass(frozen=True, slots=True)
class Hint:
    """One remark: `code` finds its sentence, `facts` fill it."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


def hints(session: Session, case: Case) -> list[Hint]:
    """Remarks on the case's matters and its current draft, matter by matter."""
    draft = current_draft(session, case)
    codes = [matter.matter_code for matter in case.matters]
    matters = session.execute(select(Matter).where(Matter.code.in_(codes)).order_by(Matter.code)).scalars()
    return [hint for matter in matters for hint in _of_matter(case, matter, draft)]


def _of_matter(case: Case, matter: Matter, draft: Draft | None) -> Iterator[Hint]:
    conduct = case.conduct_on or case.found_on
    if matter.effective_from is not None and conduct < matter.effective_from:
        # 从旧兼从轻: the law of the day of the conduct, unless the new one is lighter (行政处罚法 37)
        yield Hint("hint.law_changed", {"matter": matter.code, "since": matter.effective_from, "conduct": conduct})
    if matter.spec.get("crimes") and case.crime == "none":
        yield Hint("hint.crime", {"matter": matter.code, "offences": matter.spec["crimes"]})
    if draft is None:
        return
    if draft.outcome == "penalise" and matter.dual_penalty and (missing := _other_kind(case, matter, draft)):
        yield Hint("hint.dual_penalty", {"matter": matter.code, "kind": missing})
    if draft.outcome == "penalise" and matter.spec.get("minor_exemption"):
        yield Hint("hint.minor_exemption", {"matter": matter.code, "lists": matter.spec["minor_exemption"]})


def _other_kind(case: Case, matter: Matter, draft: Draft) -> dict[str, str] | None:
    """The kind of party that the law fines beside those in the draft (一案双罚)."""
    kinds = {party.id: party.kind for party in case.parties}
    rows = [row for row in draft.penalties if row.matter_code == matter.code]
    fined = {kinds[row.party_id] for row in rows}
    words = {"entity": {"zh": "单位", "en": "entity"}, "person": {"zh": "责任人员", "en": "responsible person"}}
    for kind in {"entity", "person"} - fined if len(fined) == 1 else ():
        if any(_fines(matter.spec, row.stage, kind) for row in rows):
            return words[kind]
    return None


def _fines(spec: Mapping[str, Any], stage: str, kind: str) -> bool:
    try:
        return ranges(spec, stage, kind) is not None
    except Invalid:
        return True  # by a rule whose figures nobody stated yet
    except NotFound:
        return False
