"""What happened to the catalogue of matters."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from workflows.ledger.events.registry import recorded


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class CatalogueLoaded:
    """The shipped catalogue, its classes or default rules entered the tables. added, changed: rows; hash: of the
    matters and classes that are shipped (`catalogue.content_hash`), empty in an entry of before.
    """

    version: str
    added: int
    changed: int
    hash: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class RuleAsked:
    """An administrator asked that a bureau's own value of a legal parameter hold from a day on.

    name: of the parameter, title: what it is called; value: None for what the program proposes.
    """

    request_id: str
    bureau_id: str
    unit: str
    name: str
    title: str
    value: dict[str, Any] | None
    effective_from: date
    source: str
    reason: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class RuleSet:
    """Another administrator approved it: the value holds from its day on, and the one before ends."""

    request_id: str
    bureau_id: str
    unit: str
    name: str
    title: str
    value: dict[str, Any] | None
    effective_from: date
    source: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class RuleRefused:
    """It was refused, or taken back; nothing has changed."""

    request_id: str
    unit: str
    title: str
    reason: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class MatterEnded:
    """A matter ends: conduct after effective_to is not penalised by it; None where an end was taken back."""

    code: str
    name: str
    effective_to: date | None
    reason: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class MatterDefined:
    """A matter was added to the catalogue by the bureau. spec: stages, measures, amounts in yuan; what is None was not
    told before.
    """

    code: str
    name: str
    legal_basis: str
    effective_from: date | None = None
    effective_to: date | None = None
    spec: dict[str, Any] = field(default_factory=dict)
    kind: str | None = None
    dual_penalty: bool | None = None
    hearing_possible: bool | None = None
    in_local_list: bool | None = None
    source: str | None = None
