"""Tokens from before a token carried its line: the ledger's steps tell it, and it is added once, at the upgrade.

Without its line a token knows no step behind it, so nobody could return an old case to an earlier step.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from workflows import ledger
from workflows.engine import rows
from workflows.engine.payload import dump
from workflows.engine.state import FINISHED, EngineInstance, EngineTask
from workflows.fold import position
from workflows.fold.position import Replayed

ADDED = ("line", "work")
"""What tokens carry since then (engine.lineage)."""


def add_lines(session: Session) -> int:
    """Add what old tokens of running cases lack, as a replay of the case's steps has it; how many tokens got it.

    A token is left as it is where the replay does not come to the very same one: then the state differs from the
    ledger, and that is for an auditor to see (`verify_state`), not for an upgrade to paint over.
    """
    running = (
        select(EngineInstance.case_id).where(EngineInstance.status != FINISHED, EngineInstance.case_id.is_not(None))
        .distinct().order_by(EngineInstance.case_id)
    )  # fmt: skip
    added = 0
    for case_id in session.scalars(running).all():
        instances = select(EngineInstance.id).where(EngineInstance.case_id == case_id)
        old = select(EngineTask.id).where(EngineTask.instance_id.in_(instances), EngineTask.body.not_like('%"line":%'))
        if case_id is None or session.scalars(old).first() is None:
            continue
        replayed: dict[str, Replayed] = {}
        wrong = [
            difference for entry in ledger.history(session, f"case:{case_id}")
            for difference in position._follow(session, replayed, case_id, entry)
        ]  # fmt: skip
        added += 0 if wrong else sum(_add(session, one) for one in replayed.values() if not one.wrong)
    return added


def _add(session: Session, one: Replayed) -> int:
    columns = (EngineTask.id, EngineTask.element, EngineTask.state, EngineTask.number, EngineTask.body)
    kept = session.execute(
        select(*columns).where(EngineTask.instance_id == one.instance_id).order_by(EngineTask.number)
    ).all()
    told = sorted(rows.task_rows(one.instance.run).values(), key=lambda row: row.number)
    same = [(row.element, row.state, row.number) for row in told] == [(row[1], row[2], row[3]) for row in kept]
    return sum(_write(session, one.instance_id, pair) for pair in zip(told, kept, strict=True)) if same else 0


def _write(session: Session, instance_id: str, pair: Sequence[Any]) -> bool:
    told, kept = pair
    mine, body = json.loads(told.body), json.loads(kept.body)
    lacking = {
        name: mine["internal"][name] for name in ADDED
        if name in mine.get("internal", {}) and name not in body.get("internal", {})
    }  # fmt: skip
    if not lacking:
        return False
    body["internal"] = {**body.get("internal", {}), **lacking}
    token = EngineTask.instance_id == instance_id, EngineTask.id == kept.id
    session.execute(update(EngineTask).where(*token).values(body=dump(body)))
    return True
