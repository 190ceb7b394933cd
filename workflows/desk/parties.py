"""Adding a party to a case, once however often the button is pressed or the answer is lost."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from workflows.actors import Actor
from workflows.cases import access
from workflows.cases import commands as case_commands
from workflows.cases.file import lock_case
from workflows.desk import receipts
from workflows.errors import NotFound


def add_party(session: Session, actor: Actor, case_id: str, facts: Mapping[str, str], *, key: str) -> str:
    """Put another party into the case; its id. facts: as `cases.commands.add_party` takes them; key: idempotency key.

    Raises what `cases.commands.add_party` raises.
    """
    if not access.visible_id(session, actor, case_id):
        raise NotFound("case.unknown", case=case_id)
    lock_case(session, case_id)
    arguments = {"case": case_id, "facts": dict(facts)}
    if (earlier := receipts.replay(session, actor, key, "add_party", arguments)) is not None:
        return str(earlier["party"])
    party = case_commands.add_party(session, actor, case_id, **facts)
    session.flush()
    receipts.keep(session, actor, key, "add_party", arguments, {"party": party.id})
    return party.id
