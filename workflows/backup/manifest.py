"""What a backup says of itself: its format, what it was taken from, and the checksum of every part."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from workflows.errors import Invalid
from workflows.ledger import Checkpoint
from workflows.ledger.canonical import digest, moment_text, read_moment, text

FORMAT = "fashen-backup-1"
MANIFEST, CHECKPOINT, LISTING, FILES = "manifest.json", "checkpoint.json", "files.txt", "files"
CHUNK = 1 << 20
LINE = 100
"""Bytes: no line of a listing is longer."""
_LINE = re.compile(rb"([0-9a-f]{64}) ([0-9]{1,15})\n")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
"""A part or a revision: a plain name, so that it leads nowhere else and can be shown."""


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the backup: its name in the folder, SHA-256 and size in bytes."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the backup consists of.

    revision: of the tables (Alembic). dialect: "sqlite" or "postgresql". files: how many stored files there are, bytes:
    how large they are together; each is a line of the listing and lies in `files/` under its hash.
    """

    taken_at: datetime
    revision: str
    dialect: str
    database: Part
    checkpoint: Part
    listing: Part
    files: int
    bytes: int

    def to_json(self) -> str:
        """Canonical JSON with the digest over everything else in it."""
        content = self._content()
        return text({**content, "digest": digest("sha256", text(content).encode())})

    def _content(self) -> dict[str, object]:
        return {**asdict(self), "taken_at": moment_text(self.taken_at), "format": FORMAT}


def read(folder: Path) -> Manifest:
    """The manifest of a backup.

    Raises Invalid: "backup.incomplete" when there is none, "backup.format_unknown" for one of another version,
    "backup.damaged" when it was altered.
    """
    try:
        content = json.loads((folder / MANIFEST).read_text("utf-8"))
    except FileNotFoundError as error:
        raise Invalid("backup.incomplete", folder=str(folder), part=MANIFEST) from error
    except (OSError, ValueError, RecursionError) as error:
        raise Invalid("backup.damaged", part=MANIFEST) from error
    if not isinstance(content, dict):
        raise Invalid("backup.damaged", part=MANIFEST)
    if content.get("format") != FORMAT:
        raise Invalid("backup.format_unknown", format=ascii(content.get("format"))[:60])
    try:
        parts = {name: Part(**content[name]) for name in ("database", "checkpoint", "listing")}
        manifest = Manifest(
            taken_at=read_moment(content["taken_at"]), revision=str(content["revision"]),
            dialect=str(content["dialect"]), files=int(content["files"]), bytes=int(content["bytes"]), **parts,
        )  # fmt: skip
        sound = manifest.to_json() == text(content)
        named = all(_NAME.fullmatch(one) for one in (*(part.name for part in parts.values()), manifest.revision))
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError, Invalid) as error:
        raise Invalid("backup.damaged", part=MANIFEST) from error
    if not sound or not named:
        raise Invalid("backup.damaged", part=MANIFEST)
    return manifest


def read_checkpoint(folder: Path, manifest: Manifest) -> Checkpoint:
    """The ledger's checkpoint of the backup. Raises Invalid("ledger.checkpoint_broken")."""
    return Checkpoint.from_json((folder / manifest.checkpoint.name).read_bytes())


def listing(folder: Path, manifest: Manifest) -> Iterator[tuple[str, int]]:
    """SHA-256 and size of every stored file, in the order of the hashes. Raises Invalid("backup.damaged")."""
    with (folder / manifest.listing.name).open("rb") as lines:
        for line in iter(partial(lines.readline, LINE), b""):
            found = _LINE.fullmatch(line)
            if found is None:
                raise Invalid("backup.damaged", part=manifest.listing.name)
            yield found[1].decode(), int(found[2])


def part_of(path: Path) -> Part:
    """A file of the backup with its checksum."""
    taken, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            taken.update(chunk)
            size += len(chunk)
    return Part(path.name, taken.hexdigest(), size)


def check(folder: Path, part: Part) -> None:
    """Refuse a part that is missing ("backup.incomplete") or not what the manifest says ("backup.damaged")."""
    path = folder / part.name
    if not path.is_file():
        raise Invalid("backup.incomplete", folder=str(folder), part=part.name)
    try:
        same = part_of(path) == part
    except OSError:  # a sector that can't be read
        same = False
    if not same:
        raise Invalid("backup.damaged", part=part.name)
