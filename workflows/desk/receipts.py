"""Idempotency: what a command already answered under a key is answered again, never done again."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from sqlalchemy.orm import Session

from workflows.actors import Actor
from workflows.calendar import clock
from workflows.desk.tasks import Receipt
from workflows.errors import Invalid
from workflows.forms import to_json

_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")


def digest(command: str, arguments: dict[str, Any]) -> str:
    """SHA-256 over a command's name and arguments."""
    text = json.dumps([command, to_json(arguments)], ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def replay(session: Session, actor: Actor, key: str, command: str, arguments: dict[str, Any]) -> dict[str, Any] | None:
    """The outcome of an earlier run under this key, or None.

    Raises Invalid("receipt.key_bad") for a malformed key, "receipt.key_reused" when it was used for something else.
    """
    if not _KEY.fullmatch(key):
        raise Invalid("receipt.key_bad")
    found = session.get(Receipt, (actor.person_id, key), populate_existing=True)
    if found is None:
        return None
    if found.command != command or found.digest != digest(command, arguments):
        raise Invalid("receipt.key_reused", command=found.command)
    return found.outcome


def keep(
    session: Session, actor: Actor, key: str, command: str, arguments: dict[str, Any], outcome: dict[str, Any]
) -> None:
    """Store the outcome in the command's own unit of work."""
    session.add(
        Receipt(
            person_id=actor.person_id,
            key=key,
            command=command,
            digest=digest(command, arguments),
            outcome=outcome,
            at=clock.now(),
        )
    )
