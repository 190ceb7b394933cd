"""Adding several files to a case at once: all of them or none, and once however often the button is pressed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from workflows.actors import Actor
from workflows.cases import commands as case_commands
from workflows.cases import entering
from workflows.desk import receipts


def add_materials(
    session: Session, actor: Actor, case_id: str, *, kind: str, files: Sequence[Mapping[str, Any]], note: str, key: str
) -> list[str]:
    """Put files of the content store into the case under one heading; the ids of the materials.

    files: as `add_material` takes them; key: idempotency key. Raises what `add_material` raises.
    """
    entering.enter(session, actor, case_id)
    arguments = {"case": case_id, "kind": kind, "files": [file["sha256"] for file in files], "note": note}
    if (earlier := receipts.replay(session, actor, key, "add_materials", arguments)) is not None:
        return list(earlier["materials"])
    made = [
        case_commands.add_material(session, actor, case_id, kind=kind, file=file, note=note).id for file in files
    ]  # fmt: skip
    receipts.keep(session, actor, key, "add_materials", arguments, {"materials": made})
    return made
