"""Files by their content: each is kept once, under the SHA-256 of its bytes, in a folder or on S3, through fsspec.

A file is written before the unit of work that names it begins; a unit of work that fails leaves at most a file that
nobody names. What is stored is never changed, and every reading checks the hash: a file that was altered on the disk is
an error, not an exhibit. No name that came from outside ever reaches the file system.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import re
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from workflows.errors import Invalid, Unavailable

try:
    from botocore.exceptions import BotoCoreError
except ImportError:  # without the extra `s3`

    class BotoCoreError(Exception):  # type: ignore[no-redef]
        """Never raised: nothing here reaches S3 then."""


log = logging.getLogger(__name__)

_CHUNK = 1 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")
_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/(?!\.{1,2}(/|\Z))[\w.=+-]+)*/?\Z")
"""A bucket by S3's own rules of names, and plain names below it: no wildcards, no way up, no query."""
_INCOMING = ".incoming"

S3_OPTIONS: dict[str, Any] = {
    "use_listings_cache": False,  # another machine may have stored a file since
    "config_kwargs": {
        "connect_timeout": 5, "read_timeout": 30, "retries": {"mode": "standard", "max_attempts": 2},
    },
}  # fmt: skip
"""Seconds and tries. The library's own (60 s, 5 tries, five times over) would hold every thread of a server for minutes
when the store is away; a person can be asked sooner to try again."""
S3_TRIES = 2


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that is safely kept: its SHA-256 (64 hexadecimal digits) and its size in bytes."""

    sha256: str
    size: int


class Files:
    """The files of one installation.

    url: a folder ("/…", "file:///…") or a place on S3 ("s3://bucket/fashen", with the extra `s3`; address and
    credentials are those of AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID … in the environment). On a folder a stored file
    survives a power failure. Raises Invalid("file.store_unfit") for any other URL, and Invalid("file.store_unknown")
    when the extra is not installed.
    """

    def __init__(self, url: str) -> None:
        if not fitting(url):
            raise Invalid("file.store_unfit", url=url[:200])
        try:
            self._fs, self._root = url_to_fs(url, **(S3_OPTIONS if url.startswith("s3://") else {}))
        except (ImportError, ValueError) as error:
            raise Invalid("file.store_unknown", kind=url.partition("://")[0], reason=str(error)) from error
        self._local = Path(self._root) if isinstance(self._fs, LocalFileSystem) else None
        if self._local is None:
            self._fs.retries = S3_TRIES

    @property
    def folder(self) -> Path | None:
        """The folder in which the files lie; None on S3."""
        return self._local

    def put(self, stream: IO[bytes], limit: int) -> Stored:
        """Keep what `stream` gives, up to its end; storing the same bytes again changes nothing.

        limit: the largest size in bytes.
        Raises Invalid("file.too_large", limit, megabytes), Invalid("file.empty"), Unavailable("file.storage_full") and
        Unavailable("file.storage_unavailable"); then nothing is kept.
        """
        with _storage(writing=True):
            if self._local is not None:
                return self._put_local(self._local, stream, limit)
            with tempfile.NamedTemporaryFile() as spool:
                stored = _copy(stream, spool, limit)
                spool.flush()
                path = self._path(stored.sha256)
                # An object appears whole or not at all. Also over one that is there: a damaged one is healed by it.
                self._fs.put_file(spool.name, path)
                return stored

    def open(self, sha256: str) -> BinaryIO:
        """The file for reading from its start, its hash checked before.

        From an object store it is fetched once into a temporary file, which is what was checked and what is read.
        Raises Unavailable("file.missing"), ("file.damaged") or ("file.storage_unavailable").
        """
        with _storage(sha256):
            file = self._opened(self._path(sha256))
            try:
                if _digest(file) != sha256:
                    raise Unavailable("file.damaged", sha256=sha256)
                file.seek(0)
            except BaseException:
                file.close()
                raise
            return file

    def read(self, sha256: str) -> bytes:
        """The whole content, its hash checked. Raises as `open` does."""
        with _storage(sha256), self._opened(self._path(sha256)) as file:
            data = file.read()
        if hashlib.sha256(data).hexdigest() != sha256:
            raise Unavailable("file.damaged", sha256=sha256)
        return data

    def verify(self, sha256: str) -> bool:
        """Whether the file is there and unchanged.

        Raises Unavailable("file.storage_unavailable") when nobody can tell.
        """
        try:
            self.open(sha256).close()
        except Unavailable as error:
            if error.code in ("file.missing", "file.damaged"):
                return False
            raise
        return True

    def hashes(self) -> Iterator[str]:
        """The SHA-256 of every stored file, in no order; the files themselves are not read.

        Raises Unavailable("file.storage_unavailable").
        """
        with _storage():
            if not self._fs.exists(self._root):
                return
            for path in self._fs.find(self._root):
                name = path.rpartition("/")[2]
                if _SHA256.fullmatch(name):
                    yield name

    def reachable(self) -> bool:
        """Whether the store answers now: one small question, nothing is read or written.

        A folder must be there and writable (or can be made); of S3 the bucket is asked for.
        """
        try:
            if self._local is not None:
                above = next(each for each in (self._local, *self._local.parents) if each.exists())
                return above.is_dir() and os.access(above, os.W_OK | os.X_OK)
            with _storage():
                self._fs.call_s3("head_bucket", Bucket=self._root.partition("/")[0])
                return True
        except Unavailable as error:
            log.warning("the store of files does not answer: %s", error)
            return False

    def discard_unfinished(self, before: datetime) -> int:
        """Remove what writers that died before that moment left behind; returns how many files."""
        if self._local is None:
            return 0
        removed = 0
        with _storage():
            for path in (self._local / _INCOMING).glob("*"):
                with suppress(FileNotFoundError):
                    if path.stat().st_mtime < before.timestamp():
                        path.unlink()
                        removed += 1
        return removed

    def _path(self, sha256: str) -> str:
        """Where a file lies. Raises Unavailable("file.missing") for what is no hash: nothing is stored under it."""
        if not _SHA256.fullmatch(sha256):
            raise Unavailable("file.missing", sha256=sha256[:64])
        return f"{self._root}/{sha256[:2]}/{sha256[2:4]}/{sha256}"

    def _opened(self, path: str) -> BinaryIO:
        if self._local is not None:
            return cast(BinaryIO, self._fs.open(path, "rb"))
        fetched = tempfile.NamedTemporaryFile()  # noqa: SIM115 (whoever asked closes it)
        try:
            self._fs.get_file(path, fetched.name)
        except BaseException:
            fetched.close()
            raise
        return cast(BinaryIO, fetched)

    def _put_local(self, root: Path, stream: IO[bytes], limit: int) -> Stored:
        incoming = root / _INCOMING
        _make_folders(incoming)
        unfinished = incoming / uuid.uuid4().hex
        try:
            with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                stored = _copy(stream, file, limit)
                file.flush()
                os.fsync(file.fileno())
            path = Path(self._path(stored.sha256))
            _make_folders(path.parent)
            # Also over a file that is there: the bytes are the same, and a damaged one is healed by it.
            unfinished.replace(path)
            _sync_folder(path.parent)
        finally:
            unfinished.unlink(missing_ok=True)
        return stored


def fitting(url: str) -> bool:
    """Whether a URL names what files may be kept in: an absolute folder, or a bucket of S3 with a path or none.

    fsspec reaches much else: memory that is gone with the process, archives, web and FTP servers, and chains of these
    ("a::b"); none of it keeps an exhibit for thirty years.
    """
    if url.startswith("s3://"):
        return _BUCKET.match(url) is not None
    path = url.removeprefix("file://")
    return path.startswith("/") and path.isprintable() and not {"", ".", ".."} & set(path.strip("/").split("/")) \
        and "::" not in path


def _copy(source: IO[bytes], target: IO[bytes], limit: int) -> Stored:
    """Copy up to `limit` bytes, hashing them. Raises Invalid for more ("file.too_large") or none ("file.empty")."""
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(_CHUNK):
        size += len(chunk)
        if size > limit:
            raise Invalid("file.too_large", limit=limit, megabytes=limit // (1 << 20))
        digest.update(chunk)
        target.write(chunk)
    if not size:
        raise Invalid("file.empty")
    return Stored(digest.hexdigest(), size)


def _digest(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _make_folders(folder: Path) -> None:
    """Make a folder and those above it, each entered durably into the one that holds it."""
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)
        _sync_folder(each.parent)


def _sync_folder(folder: Path) -> None:
    """Write a folder's list of names to the disk: only then does a renamed file survive a power failure."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _storage(sha256: str = "", *, writing: bool = False) -> Iterator[None]:
    """Turns errors of the storage into ours. While writing, what is not found is a place, not a file."""
    try:
        yield
    except FileNotFoundError as error:
        if writing or _bucket_missing(error):
            raise Unavailable("file.storage_unavailable", reason=type(error).__name__) from error
        raise Unavailable("file.missing", sha256=sha256) from error
    except (OSError, BotoCoreError) as error:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise Unavailable("file.storage_full") from error
        # The first line of what it says, for the log: it names address or reason, never a key.
        log.error("the store of files: %s: %s", type(error).__name__, str(error).partition("\n")[0][:300])
        raise Unavailable("file.storage_unavailable", reason=type(error).__name__) from error


def _bucket_missing(error: FileNotFoundError) -> bool:
    """Whether S3 says that the bucket itself is not there: then every file would seem lost."""
    told = getattr(error.__cause__, "response", None) or {}
    return bool(told.get("Error", {}).get("Code") == "NoSuchBucket")
