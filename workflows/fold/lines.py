"""Lines of tokens (engine.lineage) as older programs stored them, made those of today once, at the upgrade.

A token from before tokens carried a line knows no step behind it, so that nobody could return its case to an earlier
step: the ledger's steps tell the line. One from before paths were shortened carries entries that a replay has no more.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from workflows import ledger
from workflows.engine import lineage, rows, state
from workflows.engine.state import FINISHED, EngineInstance, EngineScope, EngineTask
from workflows.errors import FashenError
from workflows.fold import position
from workflows.fold.position import Replayed

ADDED = ("line", "work")
"""What tokens carry since then (engine.lineage)."""


def add_lines(session: Session) -> int:
    """Add what old tokens of running cases lack, as a replay of the case's steps has it; how many tokens got it.

    An instance is left as it is where the replay does not come to the very same tokens: then the state differs from
    the ledger, and that is for an auditor to see (`verify_state`), not for an upgrade to paint over.
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


def shorten_lines(session: Session) -> int:
    """Shorten the lines of the tokens of running instances as every step does today; how many tokens that changed."""
    long = (
        select(EngineInstance.id).join(EngineTask, EngineTask.instance_id == EngineInstance.id)
        .where(EngineInstance.status != FINISHED, EngineTask.body.like('%"line":%')).distinct()
    )  # fmt: skip
    shortened = 0
    for instance_id in session.scalars(long.order_by(EngineInstance.id)).all():
        try:
            instance = state.load(session, instance_id)
            for scope in instance.run.scopes():
                lineage.shorten(scope)
        except (FashenError, ValueError, TypeError, LookupError, AttributeError):
            continue  # damaged: for an auditor to see, not for an upgrade to stop at
        for id, row in rows.task_rows(instance.run).items():
            if row.body != instance.stored_tasks[id].body:
                token = EngineTask.instance_id == instance_id, EngineTask.id == id
                session.execute(update(EngineTask).where(*token).values(body=row.body))
                shortened += 1
    return shortened


def _add(session: Session, one: Replayed) -> int:
    """Give the tokens of one instance what the replay's have, ages included: lines speak of ages.

    0 unless the two sides have the same tokens in the same places, oldest first, and only what was ADDED differs.
    """
    columns = EngineTask.id, EngineTask.scope, EngineTask.parent, EngineTask.element, EngineTask.state, EngineTask.body
    query = select(*columns).where(EngineTask.instance_id == one.instance_id)
    kept = session.execute(query.order_by(EngineTask.number)).all()
    told = sorted(rows.task_rows(one.instance.run).values(), key=lambda row: row.number)
    if _places(told) != _places(kept) or all(mine.body == row.body for mine, row in zip(told, kept, strict=True)):
        return 0
    for mine, row in zip(told, kept, strict=True):
        token = EngineTask.instance_id == one.instance_id, EngineTask.id == row.id
        session.execute(update(EngineTask).where(*token).values(body=mine.body, number=mine.number))
        scope = EngineScope.instance_id == one.instance_id, EngineScope.id == row.id
        session.execute(update(EngineScope).where(*scope).values(number=mine.number))
    return len(kept)


def _places(tokens: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Tokens by what does not depend on ids and ages, and without what was ADDED."""
    ages = {row.id: age for age, row in enumerate(tokens)}
    return [
        (row.element, row.state, ages.get(row.parent or ""), ages.get(row.scope), _without_added(row.body))
        for row in tokens
    ]


def _without_added(body: str) -> Any:
    read = json.loads(body)
    internal = {name: value for name, value in read.get("internal", {}).items() if name not in ADDED}
    return {**read, "internal": internal}
