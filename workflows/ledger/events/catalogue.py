"""What happened to the catalogue of matters."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from workflows.ledger.events.registry import recorded


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class CatalogueLoaded:
    """The shipped catalogue, its classes or default rules entered the tables. added, changed: rows."""

    version: str
    added: int
    changed: int


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class MatterDefined:
    """A matter was added to the catalogue by the bureau. spec: stages, measures, amounts in yuan."""

    code: str
    name: str
    legal_basis: str
    effective_from: date | None = None
    effective_to: date | None = None
    spec: dict[str, Any] = field(default_factory=dict)
