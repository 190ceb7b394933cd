"""Copies for reading, and their receipts."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.ledger.events.registry import recorded


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class CaseCopied:
    """抄送: the case, or one step of it, was sent to somebody to be read."""

    copy_id: str
    person_id: str
    name: str
    note: str = ""
    task_id: str | None = None


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class CopyAcknowledged:
    """阅知: whoever was sent a copy said that they read of it."""

    copy_id: str
    person_id: str
    name: str
