"""Files by their content: each is kept once, under the SHA-256 of its bytes, in a folder or wherever fsspec reaches.

A file is written before the unit of work that names it begins; a unit of work that fails leaves at most a file that
nobody names. What is stored is never changed, and every reading checks the hash: a file that was altered on the disk is
an error, not an exhibit. No name that came from outside ever reaches the file system.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, BinaryIO, cast

from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from workflows.errors import Invalid, Unavailable

_CHUNK = 1 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")
_INCOMING = ".incoming"


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that is safely kept: its SHA-256 (64 hexadecimal digits) and its size in bytes."""

    sha256: str
    size: int


class Files:
    """The files of one installation.

    url: a folder, or an fsspec URL ("s3://bucket/fashen"). On a folder a stored file survives a power failure.
    """

    def __init__(self, url: str) -> None:
        self._fs, self._root = url_to_fs(url)
        self._local = Path(self._root) if isinstance(self._fs, LocalFileSystem) else None

    def put(self, stream: IO[bytes], limit: int) -> Stored:
        """Keep what `stream` gives, up to its end; storing the same bytes again changes nothing.

        limit: the largest size in bytes.
        Raises Invalid("file.too_large", limit, megabytes), Invalid("file.empty"), Unavailable("file.storage_full") and
        Unavailable("file.storage_unavailable"); then nothing is kept.
        """
        with _storage():
            if self._local is not None:
                return self._put_local(self._local, stream, limit)
            with tempfile.NamedTemporaryFile() as spool:
                stored = _copy(stream, spool, limit)
                spool.flush()
                path = self._path(stored.sha256)
                # An object store takes a whole file at once; one of the right size is there already.
                if not (self._fs.exists(path) and self._fs.size(path) == stored.size):
                    self._fs.makedirs(path.rpartition("/")[0], exist_ok=True)
                    self._fs.put_file(spool.name, path)
                return stored

    def open(self, sha256: str) -> BinaryIO:
        """The file for reading from its start, its hash checked before.

        Raises Unavailable("file.missing"), ("file.damaged") or ("file.storage_unavailable").
        """
        with _storage(sha256):
            file = cast(BinaryIO, self._fs.open(self._path(sha256), "rb"))
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
        with _storage(sha256):
            data = cast(bytes, self._fs.cat_file(self._path(sha256)))
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
def _storage(sha256: str = "") -> Iterator[None]:
    """Turns errors of the storage into ours."""
    try:
        yield
    except FileNotFoundError as error:
        raise Unavailable("file.missing", sha256=sha256) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise Unavailable("file.storage_full") from error
        raise Unavailable("file.storage_unavailable", reason=type(error).__name__) from error


_OFFICE = ("[Content_Types].xml", "_rels/", "docProps/", "customXml/")
_ZIP = b"PK\x03\x04"
KINDS: dict[str, str] = {
    "pdf": "application/pdf",
    "ofd": "application/ofd",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "txt": "text/plain",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
}
"""Ending of the name → media type: the kinds of file that a case file holds.

Archives are not among them: each exhibit is a file of its own, with a hash of its own.
"""


def media_type(name: str, head: bytes) -> str:
    """The media type of a file, if its ending is one of KINDS and its first bytes agree.

    head: the first 512 bytes or more (all of a shorter file).
    Raises Invalid("file.kind_refused", name, kinds).
    """
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ending not in KINDS or not _looks_like(ending, head):
        raise Invalid("file.kind_refused", name=name[-80:], kinds=sorted(KINDS))
    return KINDS[ending]


def _looks_like(ending: str, head: bytes) -> bool:
    match ending:
        case "pdf":
            return head.startswith(b"%PDF-")
        case "png":
            return head.startswith(b"\x89PNG\r\n\x1a\n")
        case "jpg" | "jpeg":
            return head.startswith(b"\xff\xd8\xff")
        case "tif" | "tiff":
            return head.startswith((b"II*\0", b"MM\0*"))
        case "mp4":
            return head[4:8] == b"ftyp"
        case "mp3":
            # An ID3 tag, or the sync word of an MPEG frame of layer III.
            return head.startswith(b"ID3") or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2)
        case "docx":
            return _first_entry(head).startswith((*_OFFICE, "word/"))
        case "xlsx":
            return _first_entry(head).startswith((*_OFFICE, "xl/"))
        case "ofd":
            return _first_entry(head).startswith(("OFD.xml", "Doc_"))
        case _:
            return _is_text(head)


def _first_entry(head: bytes) -> str:
    """The name of the first file in a zip archive, "" when it is none (ZIP application note, 4.3.7)."""
    if not head.startswith(_ZIP) or len(head) < 30:
        return ""
    length = int.from_bytes(head[26:28], "little")
    return head[30 : 30 + length].decode("utf-8", "replace")


def _is_text(head: bytes) -> bool:
    """Plain text in UTF-8 or GB18030 (what Chinese offices write), without control characters and no page of markup."""
    if not head or any(byte < 32 and byte not in b"\t\n\r\f" for byte in head):
        return False
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        return False
    for encoding in ("utf-8", "gb18030"):
        for cut in range(4):  # a character may be cut through at the end of the head
            with suppress(UnicodeDecodeError):
                head[: len(head) - cut].decode(encoding)
                return True
    return False
