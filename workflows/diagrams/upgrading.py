"""An upgrade of the program put onto a bureau's own version: file by file, what only one of the two changed is taken.

What both are compared with is the last version that came with the program by itself. A file that both changed stays as
the bureau has it, and is named: an upgrade never overwrites what a bureau changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from workflows.diagrams import library
from workflows.engine import packages
from workflows.errors import NotFound


@dataclass(frozen=True, slots=True)
class Upgrade:
    """files: of the version in force with the program's changes; package_hash: of what the program brings; taken: paths
    that only the program changed; kept: those that only the bureau changed; both: those that both did, in the
    bureau's words. A file that was taken away counts as changed.
    """

    files: Mapping[str, bytes]
    package_hash: str
    taken: tuple[str, ...]
    kept: tuple[str, ...]
    both: tuple[str, ...]


def upgrade(session: Session, key: str) -> Upgrade:
    """What the program brings for a process, put onto the version in force. Raises NotFound ("library.not_shipped")."""
    brought, present = library.shipped().get(key), packages.current(session, key)
    if brought is None or present is None:
        raise NotFound("library.not_shipped", process=key)
    own, before = packages.stored(session, present).files, _before(session, key)
    files: dict[str, bytes] = {}
    changed: dict[str, list[str]] = {"taken": [], "kept": [], "both": []}
    for path in sorted({*brought.files, *own, *before}):
        ours, theirs, was = own.get(path), brought.files.get(path), before.get(path)
        found = ours
        if ours == was:
            found = theirs
        if ours != theirs:
            changed["taken" if ours == was else "kept" if theirs == was else "both"].append(path)
        if found is not None:
            files[path] = found
    return Upgrade(files, brought.hash, *(tuple(changed[name]) for name in ("taken", "kept", "both")))


def _before(session: Session, key: str) -> Mapping[str, bytes]:
    """What the program brought last by itself; nothing where it never did."""
    versions = (one for one in library.versions(session, key) if one.source == library.SHIPPED)
    last = next(versions, None)
    return packages.stored(session, last.package_hash).files if last is not None else {}
