"""How many cases run on which version of a process."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.engine.state import EngineInstance

ENDED = ("finished", "cancelled")


def running(session: Session) -> Mapping[str, int]:
    """Package hash → instances under way that run on it, or are bound to it should they call it."""
    counted: Counter[str] = Counter()
    together = select(EngineInstance.pins, func.count()).where(EngineInstance.ended_at.is_(None))
    for pins, count in session.execute(together.group_by(EngineInstance.pins)):
        for package_hash in json.loads(pins).values():
            counted[str(package_hash)] += count
    return counted
