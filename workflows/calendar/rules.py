"""Statutory time limits as data: `rules.yaml`, read once, picked by the day on which a limit begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Any, Literal, get_args

from workflows import shipped
from workflows.errors import Invalid, NotFound

Unit = Literal["working_days", "days", "months", "years", "hours"]
UNITS: tuple[Unit, ...] = get_args(Unit)


@dataclass(frozen=True, slots=True)
class Terms:
    """What is counted: `amount` of `unit`, whether back from the start (`before`), whether the last day rolls."""

    amount: int
    unit: Unit
    roll: bool = False
    before: bool = False


@dataclass(frozen=True, slots=True)
class Extension:
    """By how much a limit may be extended at most, and who approves: one of the roles `by`, or the outside `body`."""

    amount: int
    unit: Unit
    by: tuple[str, ...] = ()
    body: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of one statutory time limit. The fields are explained in `rules.yaml`."""

    id: str
    zh: str
    en: str
    terms: Terms
    article: str
    effective_from: date
    effective_to: date | None
    suspendable: bool
    extensions: tuple[Extension, ...]
    variants: tuple[int, ...]
    configurable: bool
    confidence: str

    def in_force(self, on: date) -> bool:
        """Whether this version applies to a limit that begins on that day."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)

    @property
    def names(self) -> dict[str, str]:
        """The rule's name by language: "zh" and "en"."""
        return {"zh": self.zh, "en": self.en}

    def allows(self, amount: int) -> bool:
        """Whether the limit may have this amount instead of its usual one."""
        return amount == self.terms.amount or amount in self.variants or (self.configurable and amount > 0)


def rule(rule_id: str, on: date) -> Rule:
    """The version of a rule that applies to a limit beginning on a day.

    Raises NotFound: "calendar.rule_unknown" for an unknown id, "calendar.rule_not_in_force" when no version of it
    was in force that day.
    """
    versions = all_rules().get(rule_id)
    if versions is None:
        raise NotFound("calendar.rule_unknown", rule=rule_id)
    for version in versions:
        if version.in_force(on):
            return version
    raise NotFound("calendar.rule_not_in_force", rule=versions[-1].names, day=on)


@cache
def rule_names() -> Mapping[str, Mapping[str, str]]:
    """How each rule is called: id → {zh, en}, as its newest version says."""
    return {rule_id: versions[-1].names for rule_id, versions in all_rules().items()}


@cache
def all_rules() -> Mapping[str, tuple[Rule, ...]]:
    """All rules: id → its versions, oldest first. Raises Invalid("calendar.rules_broken") for a bad `rules.yaml`."""
    loaded = shipped.read("workflows.calendar", "rules.yaml")
    found: dict[str, list[Rule]] = {}
    for raw in loaded["rules"]:
        version = _read(raw)
        found.setdefault(version.id, []).append(version)
    for versions in found.values():
        versions.sort(key=lambda version: version.effective_from)
        for older, newer in pairwise(versions):
            if older.effective_to is None or older.effective_to >= newer.effective_from:
                raise Invalid("calendar.rules_broken", rule=newer.id)
    return {rule_id: tuple(versions) for rule_id, versions in found.items()}


def _read(raw: Mapping[str, Any]) -> Rule:
    extensions = tuple(
        Extension(e["amount"], _unit(raw, e["unit"]), tuple(e.get("by", ())), e.get("body", ""))
        for e in raw.get("extensions", ())
    )
    terms = Terms(raw["amount"], _unit(raw, raw["unit"]), raw.get("roll", False), raw.get("before", False))
    return Rule(
        id=raw["id"], zh=raw["zh"], en=raw["en"], terms=terms, article=raw["article"],
        effective_from=raw["effective_from"], effective_to=raw.get("effective_to"),
        suspendable=raw.get("suspendable", False), extensions=extensions, variants=tuple(raw.get("variants", ())),
        configurable=raw.get("configurable", False), confidence=raw["confidence"],
    )  # fmt: skip


def _unit(raw: Mapping[str, Any], unit: str) -> Unit:
    if unit not in UNITS:
        raise Invalid("calendar.rules_broken", rule=raw["id"])
    return unit
