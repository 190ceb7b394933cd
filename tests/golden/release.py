"""What is kept of a release: its process packages, its revision, its case scripts, and databases in mid-case.

    tests/golden/<version>/
      release.json         version, revision, packages: process key → hash
      packages/<key>/      the content of each package
      bureau.dump(.gz)     the database with the demonstration bureau, before any case
      <case>/script.yaml   the case file that was played
      <case>/NN-after-TASK.dump(.gz)    the tables that differ from the bureau's after step NN of it
      <case>/NN-after-TASK.json         steps done, the moment, the case, and the ledger's checkpoint
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.golden import dump
from workflows import play
from workflows.ledger import Checkpoint

HERE = Path(__file__).parent
RELEASE = "release.json"


@dataclass(frozen=True)
class Golden:
    """One stored database. steps: how many of the script's steps were done; 0 after the case was opened."""

    release: Release
    case: str
    name: str
    steps: int
    moment: datetime
    case_id: str
    checkpoint: Checkpoint

    def __str__(self) -> str:
        return f"{self.release.version}/{self.case}/{self.name}"

    @property
    def script(self) -> play.Script:
        """The case file as it was at that release."""
        return play.read(self.release.folder / self.case / "script.yaml")

    def rows(self) -> dump.Dump:
        """The tables that differ from the bureau's."""
        return dump.open_file(_existing(self.release.folder / self.case / self.name))


@dataclass(frozen=True)
class Release:
    """A release as it is stored."""

    version: str
    revision: str
    packages: dict[str, str]

    @property
    def folder(self) -> Path:
        """Where it is kept."""
        return HERE / self.version

    def bureau(self) -> dump.Dump:
        """The database before any case."""
        return dump.open_file(_existing(self.folder / "bureau"))

    def goldens(self) -> list[Golden]:
        """Its stored databases, by case and step."""
        return [self._golden(file) for file in sorted(self.folder.glob("*/*-after-*.json"))]

    def _golden(self, file: Path) -> Golden:
        said: dict[str, Any] = json.loads(file.read_text("utf-8"))
        return Golden(
            self, file.parent.name, file.stem, said["steps"], datetime.fromisoformat(said["moment"]), said["case_id"],
            Checkpoint.from_json(json.dumps(said["checkpoint"])),
        )  # fmt: skip


def releases() -> list[Release]:
    """Every stored release, by version."""
    found = [json.loads(file.read_text("utf-8")) for file in HERE.glob(f"*/{RELEASE}")]
    return sorted(
        (Release(said["version"], said["revision"], said["packages"]) for said in found),
        key=lambda release: tuple(int(part) if part.isdigit() else -1 for part in release.version.split(".")),
    )


def goldens() -> list[Golden]:
    """Every stored database of every release."""
    return [golden for release in releases() for golden in release.goldens()]


def _existing(stem: Path) -> Path:
    """The dump of that name, compressed or not. Raises FileNotFoundError when there is none."""
    for ending in (".dump", ".dump.gz"):
        file = stem.with_name(stem.name + ending)
        if file.exists():
            return file
    raise FileNotFoundError(stem)
