"""Materials that a case of a kind should hold at a stage of review: `checklists.yaml`, read once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import ledger, shipped
from workflows.cases.file import Case
from workflows.cases.materials import Material
from workflows.cases.proceedings import Hearing, Notice, Seizure


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a checklist.

    stages: where it is asked for; may: where it may be asked for though a file is whole without it; when: name of a
    condition, or ""; any_of: other kinds that satisfy it too.
    """

    key: str
    zh: str
    en: str
    stages: tuple[str, ...]
    when: str
    any_of: tuple[str, ...]
    may: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a case's checklist at a stage. required: the file is not whole without it; present: it is there."""

    key: str
    zh: str
    en: str
    required: bool
    present: bool


@cache
def entries(kind: str) -> tuple[Entry, ...]:
    """The checklist of a kind of case, in its order; empty for a kind that has none."""
    return tuple(
        Entry(
            one["key"], one["zh"], one["en"], tuple(one.get("stages", ())), one.get("when", ""),
            tuple(one.get("any_of", ())), tuple(one.get("may", ())),
        )
        for one in _written().get(kind, ())
    )  # fmt: skip


@cache
def _written() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = shipped.read("workflows.cases", "checklists.yaml")
    return loaded


def names() -> dict[str, dict[str, str]]:
    """How the keys of all checklists read: key → {zh, en}; the record tells with them what was missing."""
    return {entry.key: {"zh": entry.zh, "en": entry.en} for kind in _written() for entry in entries(kind)}


ledger.name_codes("missing", names)


def required(session: Session, case: Case, stage: str) -> list[Entry]:
    """What the case needs for review at a stage: before_notice | after_hearing | revised."""
    return [
        entry for entry in entries(case.kind)
        if stage in entry.stages and (not entry.when or CONDITIONS[entry.when](session, case))
    ]  # fmt: skip


def state(session: Session, case: Case, stage: str) -> list[Item]:
    """The checklist of the case at a stage of review (before_notice | after_hearing | revised), in its order.

    Only what this stage asks for or may ask for; what depends on something that has not happened is left out.
    """
    held = _held(session, case)
    needed = {entry.key for entry in required(session, case, stage)}
    return [
        Item(entry.key, entry.zh, entry.en, entry.key in needed, bool(held.intersection((entry.key, *entry.any_of))))
        for entry in entries(case.kind)
        if entry.key in needed or stage in entry.may
    ]


def missing(session: Session, case: Case, stage: str) -> list[Entry]:
    """What the case needs at a stage and does not hold."""
    held = _held(session, case)
    return [entry for entry in required(session, case, stage) if not held.intersection((entry.key, *entry.any_of))]


def _held(session: Session, case: Case) -> set[str]:
    """The kinds of the materials that the case holds and nothing replaced."""
    kinds = select(Material.kind).where(Material.case_id == case.id, Material.superseded_by_id.is_(None))
    return set(session.execute(kinds).scalars())


def _seized(session: Session, case: Case) -> bool:
    taken = select(Seizure.id).where(Seizure.case_id == case.id, Seizure.taken_at.is_not(None))
    return session.execute(taken.limit(1)).first() is not None


def _noticed(session: Session, case: Case) -> bool:
    return session.execute(select(Notice.id).where(Notice.case_id == case.id).limit(1)).first() is not None


def _stated(session: Session, case: Case) -> bool:
    stated = select(Notice.id).where(Notice.case_id == case.id, Notice.statement.in_(("made", "waived")))
    return session.execute(stated.limit(1)).first() is not None


def _heard(session: Session, case: Case) -> bool:
    held = select(Hearing.id).where(Hearing.case_id == case.id, Hearing.state == "held")
    return session.execute(held.limit(1)).first() is not None


def _public_interest(_session: Session, case: Case) -> bool:
    return case.public_interest


CONDITIONS: Mapping[str, Callable[[Session, Case], bool]] = {
    "seized": _seized,
    "noticed": _noticed,
    "stated": _stated,
    "heard": _heard,
    "public_interest": _public_interest,
}
"""Conditions that a checklist may name."""
