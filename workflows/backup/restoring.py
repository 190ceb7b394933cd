"""Restoring a backup: all of it is looked at before anything is touched, and the result is checked as an auditor would.

The files come first and the database last, so that a restore that is interrupted leaves no installation that looks
whole.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from alembic.script import Script, ScriptDirectory

from workflows import fold, ledger, migrations
from workflows.backup import databases
from workflows.backup.manifest import FILES, Manifest, check, listing, read, read_checkpoint
from workflows.backup.taking import LARGEST
from workflows.errors import Invalid, Unavailable
from workflows.files import Files
from workflows.search import rebuilding
from workflows.store import Store

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of a restore.

    entries: of the ledger; faults, differences: what the ledger's check and the fold of all cases found, both empty
    when all is well.
    """

    manifest: Manifest
    entries: int
    faults: tuple[ledger.Fault, ...]
    differences: tuple[fold.Difference, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not self.faults and not self.differences


def restore(folder: Path, store: Store, files: Files, *, progress: Progress | None = None) -> Restored:
    """Put a backup back into an empty database and an empty store of files, and check all of it.

    progress(what, done, total): "checking", "files", "ledger" or "cases". A backup of an older revision is brought to
    the newest. Raises Invalid before anything is touched: "backup.incomplete", "backup.damaged",
    "backup.format_unknown", "backup.revision_unknown" (of a newer program), "backup.dialect_other",
    "backup.database_used", "backup.files_used", "backup.no_right"; Unavailable when the storage fails.
    """
    tell = progress or (lambda _what, _done, _total: None)
    databases.require_right(store)
    manifest = examine(folder, progress=tell)
    if manifest.dialect != store.dialect:
        raise Invalid("backup.dialect_other", backup=manifest.dialect, target=store.dialect)
    if not databases.readable(store, folder / manifest.database.name, manifest.revision):
        raise Invalid("backup.damaged", part=manifest.database.name)
    databases.require_empty(store)
    if next(iter(files.hashes()), None) is not None:
        raise Invalid("backup.files_used")
    fresh = files.folder is not None and not files.folder.exists()
    try:
        _put_files_back(folder, manifest, files, tell)
        databases.put_back(store, folder / manifest.database.name)
    except BaseException:
        if files.folder is not None and fresh:  # the next try finds an empty store; on S3 nobody may delete
            shutil.rmtree(files.folder, ignore_errors=True)
        raise
    migrations.upgrade(store)
    return _checked(folder, manifest, store, files, tell)


def examine(folder: Path, *, progress: Progress | None = None) -> Manifest:
    """Whether a backup is whole: its manifest, every checksum, every file's hash. Changes nothing.

    Raises Invalid as `restore` does.
    """
    tell = progress or (lambda _what, _done, _total: None)
    manifest = read(folder)
    if manifest.revision not in {one.revision for one in _revisions()}:
        raise Invalid("backup.revision_unknown", revision=manifest.revision)
    for part in (manifest.database, manifest.checkpoint, manifest.listing):
        check(folder, part)
    read_checkpoint(folder, manifest)
    kept, count, size = Files((folder / FILES).absolute().as_uri()), 0, 0
    for sha256, length in listing(folder, manifest):
        try:
            with kept.open(sha256) as stream:
                stream.seek(0, 2)
                sound = stream.tell() == length
        except Unavailable as error:
            code = "backup.incomplete" if error.code == "file.missing" else "backup.damaged"
            raise Invalid(code, folder=str(folder), part=f"{FILES}/{sha256}") from error
        if not sound:
            raise Invalid("backup.damaged", part=f"{FILES}/{sha256}")
        count, size = count + 1, size + length
        tell("checking", count, manifest.files)
    if (count, size) != (manifest.files, manifest.bytes):
        raise Invalid("backup.damaged", part=manifest.listing.name)
    return manifest


def _revisions() -> Iterable[Script]:
    return ScriptDirectory.from_config(migrations.config()).walk_revisions()


def _put_files_back(folder: Path, manifest: Manifest, files: Files, tell: Progress) -> None:
    kept = Files((folder / FILES).absolute().as_uri())
    for done, (sha256, _) in enumerate(listing(folder, manifest), start=1):
        with kept.open(sha256) as stream:
            files.put(stream, LARGEST)
        tell("files", done, manifest.files)


def _checked(folder: Path, manifest: Manifest, store: Store, files: Files, tell: Progress) -> Restored:
    """The ledger against the backup's checkpoint, the fold of every case, and every file that a case names."""
    with store.work() as session:
        fold.take_over(session)  # of a backup from before the ledger told of rows
    if rebuilding.missing(store):  # of a backup from before there was a search
        rebuilding.fill(store)
    known = read_checkpoint(folder, manifest)
    with store.read(snapshot=True) as session:
        faults = ledger.verify(session, known, progress=lambda done, total: tell("ledger", done, total))
        found = fold.verify_state(session, progress=lambda done, total: tell("cases", done, total))
        differences = tuple(islice(found, 1_000))
        entries = ledger.checkpoint(session).total
        _, named = databases.revision_and_names(session)
    for sha256 in sorted(named):
        if not files.verify(sha256):
            raise Unavailable("file.damaged", sha256=sha256)
    return Restored(manifest, entries, tuple(faults), differences)
