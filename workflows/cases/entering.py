"""How every command on a case begins: whoever gives it sees the case, holds its lock, and has not withdrawn from it.

One door, so that no command can forget who withdrew (回避, 行政处罚法 43): a new one refuses them without saying so.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from workflows.actors import Actor
from workflows.cases import access, recusals
from workflows.cases.file import Case, lock_case
from workflows.errors import NotFound


def enter(session: Session, actor: Actor, case_id: str) -> Case:
    """The case, locked until the unit of work ends, for somebody who sees it and may still act in it.

    Raises NotFound("case.unknown") for who does not see it, Forbidden("case.you_recused") for who withdrew from it.
    """
    if not access.visible_id(session, actor, case_id):
        raise NotFound("case.unknown", case=case_id)
    return lock_for(session, actor, case_id)


def lock_for(session: Session, actor: Actor, case_id: str) -> Case:
    """As `enter`, for somebody of whom is known already that he sees the case or a task of it."""
    case = lock_case(session, case_id)
    recusals.require_none(session, actor, case_id)
    return case
