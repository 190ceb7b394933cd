"""What administrators did to a process that stood still, or to the processes of the installation."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.ledger.events.registry import recorded


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class InstanceRetried:
    """An administrator had an instance that stood still read, checked and stored anew; nothing was due in it."""

    instance_id: str
    code: str
    name: str = ""
