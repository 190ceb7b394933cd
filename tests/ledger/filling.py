"""A ledger to look at: three streams of a few hundred entries, made by the real commands."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from workflows import ledger
from workflows.actors import Actor
from workflows.ledger import events
from workflows.store import Store

REVIEWER = Actor("p1", "李四", "法规科科长", "u1", "衢州市应急管理局", {})
LENGTHS = {"case:a": 150, "case:b": 100, "meeting:m": 50}


def event(number: int) -> object:
    """One of a few kinds of events, so that neighbours differ."""
    if number % 3 == 0:
        return events.OpinionGiven(
            opinion_id=str(number), level="legal_review", opinion_type="agree", text="同意。", draft_digest="0" * 64
        )
    if number % 3 == 1:
        return events.TaskCompleted(
            task_id=str(number),
            element_id="review",
            name="法规初审",
            answer={"amount": Decimal("30000.00"), "n": number},
            variables={"agreed": True},
            passed=[{"element_id": "gw", "inputs": {"agreed": True}}],
        )
    return events.CaseFiled(number=f"衢应急立〔2026〕{number}号", filed_on=date(2026, 3, 4), approved_by="王五")


def fill(store: Store, lengths: dict[str, int] | None = None) -> None:
    """Append events to several streams, a hundred entries in one unit of work."""
    for stream, length in (lengths or LENGTHS).items():
        for first in range(0, length, 100):
            with store.work() as session:
                for number in range(first, min(first + 100, length)):
                    ledger.append(session, stream, event(number), actor=REVIEWER)
