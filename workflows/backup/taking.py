"""Taking a backup while people work."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy.exc import DatabaseError

from workflows.backup import databases
from workflows.backup.manifest import CHECKPOINT, FILES, LISTING, MANIFEST, Manifest, part_of
from workflows.calendar import clock
from workflows.errors import Invalid, Unavailable
from workflows.files import Files
from workflows.store import Store

LARGEST = 1 << 40
"""Bytes of one stored file: whatever was stored is copied."""


def take(
    store: Store, files: Files, folder: Path, *, progress: Callable[[str, int, int], None] | None = None
) -> Manifest:
    """Put a backup into a new folder; it appears under its name only when it is whole.

    progress(what, done, total): "database" in pages or "files" in files. Raises Invalid("backup.folder_used") when
    there is something in the folder, and "backup.into_files" when it lies where the files are kept; Unavailable when
    the folder can't be written ("backup.folder_unusable"), the database can't be read ("backup.database_unreadable"), a
    program of PostgreSQL fails ("backup.program_failed"), a file that a case names is missing or damaged
    ("file.missing", "file.damaged"), or the disk is full. Whatever is raised, nothing is left behind.
    """
    tell = progress or (lambda _what, _done, _total: None)
    with _writing(folder):
        folder = folder.resolve()
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise Invalid("backup.folder_used", folder=str(folder))
        if files.folder is not None and folder.is_relative_to(files.folder.resolve()):
            raise Invalid("backup.into_files", folder=str(folder))
        unfinished = folder.with_name(f".{folder.name}.unfinished")
        if unfinished.exists():
            shutil.rmtree(unfinished)  # of a backup that was interrupted
        above = [each for each in unfinished.parents if not each.exists()]
        try:
            unfinished.mkdir(parents=True, mode=0o700)
            manifest = _fill(store, files, unfinished, tell)
            if folder.exists():
                folder.rmdir()
            os.rename(unfinished, folder)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            for made in above:
                with suppress(OSError):
                    made.rmdir()
            raise
    return manifest


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Turns errors of the folder's disk, and of a SQLite file that is none, into ours."""
    try:
        yield
    except (OSError, RuntimeError) as error:  # a RuntimeError: a circle of symbolic links
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise Unavailable("backup.folder_unusable", folder=str(folder), reason=reason) from error
    except (sqlite3.Error, DatabaseError) as error:
        told = error.orig if isinstance(error, DatabaseError) else error
        raise Unavailable("backup.database_unreadable", reason=str(told).partition("\n")[0][:200]) from error


def _fill(store: Store, files: Files, folder: Path, tell: Callable[[str, int, int], None]) -> Manifest:
    taken_at = clock.now()
    with store.read() as session:
        revision, _ = databases.revision_and_names(session)
    database = folder / databases.NAMES[store.dialect]
    checkpoint = databases.copy(store, database, lambda done, total: tell("database", done, total))
    with store.read() as session:  # after the copy: whatever it names was stored before
        after, named = databases.revision_and_names(session)
    if after != revision:
        raise Invalid("backup.upgraded_meanwhile")
    (folder / CHECKPOINT).write_text(checkpoint.to_json(), "utf-8")
    count, size = _copy_files(files, folder, named, tell)
    manifest = Manifest(
        taken_at, revision, store.dialect, part_of(database), part_of(folder / CHECKPOINT), part_of(folder / LISTING),
        count, size,
    )  # fmt: skip
    (folder / MANIFEST).write_text(manifest.to_json(), "utf-8")
    return manifest


def _copy_files(
    files: Files, folder: Path, named: set[str], tell: Callable[[str, int, int], None]
) -> tuple[int, int]:
    """Copy every stored file, the hash of each checked; one that the database names and that is gone is an error."""
    wanted = sorted({*files.hashes(), *named})
    target, size = Files((folder / FILES).as_uri()), 0
    with (folder / LISTING).open("w", encoding="ascii") as lines:
        for done, sha256 in enumerate(wanted, start=1):
            with files.open(sha256) as stream:
                stored = target.put(stream, LARGEST)
            size += stored.size
            lines.write(f"{stored.sha256} {stored.size}\n")
            tell("files", done, len(wanted))
    return len(wanted), size
