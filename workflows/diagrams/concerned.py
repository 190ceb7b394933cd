"""What one administrator does alone to running cases: to as many as he was told of, and the others learn of it.

Stopping a process can't wait for a second person, and taking a migration back takes nothing from anybody. What a bureau
fears of both is that nobody notices: so the other administrators and the heads of the units whose cases are touched are
told, with the number and the reason, which stand in the ledger too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import outbox
from workflows.actors import Actor, Unit, holders
from workflows.cases.file import Case
from workflows.engine import packages
from workflows.engine.state import EngineInstance
from workflows.errors import Invalid, Problem

HEAD = "handling_unit_head"
_SOME = 500
"""Cases of one question; databases take no lists of any length."""


def bound_to(session: Session, key: str, package_hash: str | None) -> Sequence[str]:
    """Ids of the cases under way that run on a process, or on one version of it, or are bound to it should they call
    it: they stand still there while it is held.
    """
    version = f'"{key}":"{package_hash}"' if package_hash is not None else f'"{key}":'
    wanted = select(EngineInstance.case_id).where(
        EngineInstance.ended_at.is_(None), EngineInstance.case_id.is_not(None),
        EngineInstance.pins.contains(version, autoescape=True),
    )  # fmt: skip
    return [str(one) for one in session.execute(wanted.distinct().order_by(EngineInstance.case_id)).scalars()]


def require_told(cases: int, confirmed: int | None) -> None:
    """Raise Invalid ("process.confirm") unless a person confirmed this number of cases. confirmed: None where no person
    is asked, as in a program.
    """
    if confirmed is not None and cases and confirmed != cases:
        facts = {"cases": cases}
        raise Invalid("process.confirm", [Problem("process.confirm", "confirmed", facts=facts)], **facts)


def called(session: Session, key: str) -> str:
    """What people call a process: the name of its version in force; its key where it has none."""
    present = packages.current(session, key)
    return (packages.definition(session, present).name if present is not None else "") or key


def tell(
    session: Session, actor: Actor, key: str, kinds: tuple[str, str], facts: Mapping[str, Any], cases: Collection[str]
) -> None:
    """Tell the other administrators, and the heads of the units of these cases of their own ones.

    kinds: of the notices, those for administrators and those for heads; facts: what they say, beside `by`, `process`
    and `cases`, the number, None for none.
    """
    said = {"process": called(session, key), **facts, "by": actor.name}
    units = session.execute(select(Unit.id)).scalars().all()
    for person in holders(session, "sys_admin", units):
        if person.id != actor.person_id:
            outbox.send(session, person.id, kinds[0], {**said, "cases": len(cases) or None})
    touched, own = Counter[str](), Counter[str]()
    listed = sorted(cases)
    for first in range(0, len(listed), _SOME):
        some = listed[first : first + _SOME]
        touched.update(session.execute(select(Case.unit_id).where(Case.id.in_(some))).scalars())
    for unit_id, number in touched.items():
        for person in holders(session, HEAD, [unit_id]):
            own[person.id] += number
    for person_id, number in own.items():
        outbox.send(session, person_id, kinds[1], {**said, "cases": number})
