"""Adding a party to a case, once however often the button is pressed or the answer is lost."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from workflows.actors import Actor
from workflows.cases import commands as case_commands
from workflows.cases import entering
from workflows.desk import receipts


def add_party(session: Session, actor: Actor, case_id: str, facts: Mapping[str, str], *, key: str) -> str:
    """Put another party into the case; its id. facts: as `cases.commands.add_party` takes them; key: idempotency key.

    Raises what `cases.commands.add_party` raises.
    """
    entering.enter(session, actor, case_id)
    arguments = {"case": case_id, "facts": dict(facts)}
    if (earlier := receipts.replay(session, actor, key, "add_party", arguments)) is not None:
        return str(earlier["party"])
    party = case_commands.add_party(session, actor, case_id, **facts)
    session.flush()
    receipts.keep(session, actor, key, "add_party", arguments, {"party": party.id})
    return party.id
