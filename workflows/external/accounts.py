"""Machine accounts: made and revoked by an administrator at the terminal, known by a token that is stored hashed."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import ledger
from workflows.actors import Actor
from workflows.calendar import clock
from workflows.engine import handlers
from workflows.errors import Invalid, NotFound
from workflows.external.tables import MachineAccount
from workflows.ledger import events

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine that has shown its token."""

    id: str
    name: str
    topics: frozenset[str]

    @property
    def actor(self) -> Actor:
        """How it stands in the record: by its name, without a post or a role."""
        return Actor(f"machine:{self.id}", self.name, "接口程序", "", "", {})


def admit(session: Session, actor: Actor, name: str, topics: Sequence[str]) -> str:
    """Make an account that may do external tasks of these topics; gives back its token, which is stored nowhere.

    Raises Invalid for a name that is malformed or taken and for a topic that this installation does not serve.
    """
    if not _NAME.fullmatch(name):
        raise Invalid("machine.name", name=name[:80])
    if session.execute(select(MachineAccount.id).where(MachineAccount.name == name)).first():
        raise Invalid("machine.exists", name=name)
    wanted = list(dict.fromkeys(topics))
    unknown = sorted(set(wanted) - set(handlers.known_topics()))
    if unknown or not wanted:
        raise Invalid("machine.topics", topics=unknown, known=sorted(handlers.known_topics()))
    token = secrets.token_urlsafe(32)
    row = MachineAccount(name=name, token_digest=_digest(token), topics=wanted, created_at=clock.now())
    session.add(row)
    session.flush()
    event = events.MachineAdmitted(machine_id=row.id, name=name, topics=wanted)
    ledger.append(session, "bureau", event, actor=actor)
    return token


def revoke(session: Session, actor: Actor, name: str) -> None:
    """End an account: its token opens nothing from now on. Raises NotFound for an unknown or revoked one."""
    row = session.execute(
        select(MachineAccount).where(MachineAccount.name == name, MachineAccount.revoked_at.is_(None)).with_for_update()
    ).scalar_one_or_none()
    if row is None:
        raise NotFound("machine.unknown", name=name)
    row.revoked_at = clock.now()
    ledger.append(session, "bureau", events.MachineRevoked(machine_id=row.id, name=name), actor=actor)


def listed(session: Session) -> Sequence[MachineAccount]:
    """All accounts, the revoked ones too, by name."""
    return session.execute(select(MachineAccount).order_by(MachineAccount.name)).scalars().all()


def known(session: Session, token: str, name: str | None = None) -> Machine | None:
    """The machine whose token this is (and, for Basic, whose name), or None."""
    row = session.execute(
        select(MachineAccount).where(MachineAccount.token_digest == _digest(token), MachineAccount.revoked_at.is_(None))
    ).scalar_one_or_none()
    if row is None or name not in (None, row.name):
        return None
    return Machine(row.id, row.name, frozenset(row.topics))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
