"""Files on their way in: counted while they arrive, stored by content, and carried through re-drawn forms as tokens.

A file that is too large is thrown away while the rest of the form is still read, so that nothing typed is lost with it.
"""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO, Any, cast

from flask import Flask, Request, current_app, g, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.datastructures import FileStorage

from webapp.house import actor, house
from webapp.posted import Kept, Posted
from workflows.errors import Problem

MEDIA_TYPES: dict[str, str] = {
    "pdf": "application/pdf",
    "ofd": "application/ofd",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "txt": "text/plain",
    "csv": "text/csv",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "wps": "application/vnd.ms-works",
    "zip": "application/zip",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "wav": "audio/wav",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
}
"""Ending → media type: the closed list of what may go into a case file. The browser's word for it is not asked."""

MAGIC: dict[str, tuple[bytes, ...]] = {
    "application/pdf": (b"%PDF-",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
}
"""How files begin that we show in the browser; others are only ever downloaded."""

IN_MEMORY = 500_000
FILES_PER_POST = 4


class Arriving(io.RawIOBase):
    """A file that is being uploaded, no more of it than `limit` bytes; `too_large` tells that it had more."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._kept = cast(IO[bytes], tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))  # noqa: SIM115  # see close()
        self._limit, self._size, self.too_large = limit, 0, False

    def write(self, data: Any) -> int:
        """Keep the bytes while they fit; afterwards only pretend to."""
        self._size += len(data)
        if self._size > self._limit:
            self.too_large = True
        if not self.too_large:
            self._kept.write(data)
        return len(data)

    def read(self, size: int | None = -1) -> bytes:
        """The kept bytes, from where reading stands."""
        return self._kept.read(-1 if size is None else size)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move to a place."""
        return self._kept.seek(offset, whence)

    def tell(self) -> int:
        """Where reading stands."""
        return self._kept.tell()

    def readable(self) -> bool:
        """Yes."""
        return True

    def writable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def close(self) -> None:
        """Give the space back."""
        self._kept.close()
        super().close()


class CountingRequest(Request):
    """A request whose uploaded files are counted as they arrive."""

    max_form_memory_size = 4_000_000  # bytes of one text field; ours hold 20,000 characters at most
    max_form_parts = 5_000  # a form of 100 rows with 20 columns, and room

    def _get_file_stream(
        self, total_content_length: int | None, content_type: str | None, filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:  # fmt: skip
        return cast(IO[bytes], Arriving(house().settings.upload_limit))


def init_app(app: Flask, upload_limit: int) -> None:
    """Count uploads. upload_limit: bytes of one file."""
    app.request_class = CountingRequest
    app.config["MAX_CONTENT_LENGTH"] = upload_limit * FILES_PER_POST + CountingRequest.max_form_memory_size


def received() -> tuple[Posted, list[Problem]]:
    """What the present request posted, its files already in the content store, and what is wrong with those.

    Called before any unit of work begins: files are written first; called again, gives the same. Raises Unavailable
    when the store does not answer.
    """
    if "received" not in g:
        g.received = _receive()
    found: tuple[Posted, list[Problem]] = g.received
    return found


def _receive() -> tuple[Posted, list[Problem]]:
    posted = Posted({name: values for name, values in request.form.lists() if not name.endswith(".token")})
    problems: list[Problem] = []
    for name, tokens in request.form.lists():
        if name.endswith(".token"):
            posted.files[name.removesuffix(".token")] = [kept for token in tokens if (kept := _opened(token))]
    for name, arrived in _arrived():
        kept, problem = _store(name, arrived)
        if kept is not None:
            posted.files.setdefault(name, []).append(kept)
        if problem is not None:
            problems.append(problem)
    return posted, problems


def token(kept: Kept) -> str:
    """A stored file as a text that a form carries and nobody else can make: bound to the person who uploaded it."""
    return str(_signer().dumps({**kept, "by": actor().person_id}))


def _opened(text: str) -> Kept | None:
    try:
        data = dict(_signer().loads(text))
    except (BadSignature, TypeError, ValueError):
        return None
    return data if data.pop("by", None) == actor().person_id else None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="uploaded file")


def _arrived() -> Iterator[tuple[str, FileStorage]]:
    for name, parts in request.files.lists():
        for part in parts:
            if part.filename:
                yield name, part


def _store(name: str, arrived: FileStorage) -> tuple[Kept | None, Problem | None]:
    shown = _file_name(arrived.filename or "")
    ending = PurePosixPath(shown).suffix.lower().lstrip(".")
    stream = arrived.stream
    if isinstance(stream, Arriving) and stream.too_large:
        limit = house().settings.upload_limit // 1_000_000
        return None, Problem("file.too_large", name, facts={"file": shown, "limit": limit})
    media_type = MEDIA_TYPES.get(ending)
    if media_type is None:
        return None, Problem("file.type_refused", name, facts={"file": shown, "types": sorted(MEDIA_TYPES)})
    head = stream.read(16)
    stream.seek(0)
    if not head:
        return None, Problem("file.empty", name, facts={"file": shown})
    if media_type in MAGIC and not head.startswith(MAGIC[media_type]):
        return None, Problem("file.not_what_it_says", name, facts={"file": shown, "type": ending})
    stored = house().files.put(stream, house().settings.upload_limit)
    return {"sha256": stored.sha256, "size": stored.size, "name": shown, "media_type": media_type}, None


def _file_name(sent: str) -> str:
    """The last part of what the browser called the file, without what can't stand in a name."""
    last = sent.replace("\\", "/").rsplit("/", 1)[-1]
    return re.sub(r'[\x00-\x1f\x7f<>:"|?*\u202a-\u202e\u2066-\u2069]', "_", last).strip(". ")[-200:] or "file"
