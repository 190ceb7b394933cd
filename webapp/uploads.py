"""Files on their way in: counted while they arrive, stored by content, and carried through re-drawn forms as tokens.

A file that is too large is thrown away while the rest of the form is still read, so that nothing typed is lost with it.
"""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Any, cast

from flask import Flask, Request, current_app, g, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.datastructures import FileStorage

from webapp.characters import marked
from webapp.house import actor, house
from webapp.posted import Kept, Posted
from workflows.errors import Invalid, Problem, Unavailable
from workflows.filekinds import media_type
from workflows.forms import Form, writes
from workflows.forms.characters import FOREIGN, visible

IN_MEMORY = 500_000
FILES_PER_POST = 4


class Arriving(io.RawIOBase):
    """A file that is being uploaded, no more of it than `limit` bytes; `too_large` tells that it had more.

    `no_space` tells that the disk did not take it.
    """

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._kept = cast(IO[bytes], tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))  # noqa: SIM115  # see close()
        self._limit, self._size, self.too_large, self.no_space = limit, 0, False, False

    def write(self, data: Any) -> int:
        """Keep the bytes while they fit; afterwards only pretend to."""
        self._size += len(data)
        if self._size > self._limit:
            self.too_large = True
        if self.too_large or self.no_space:
            return len(data)
        try:
            self._kept.write(data)
        except OSError:  # the disk of temporary files is full: the rest of the form must arrive all the same
            self.no_space = True
        return len(data)

    def read(self, size: int | None = -1) -> bytes:
        """The kept bytes, from where reading stands."""
        return self._kept.read(-1 if size is None else size)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move to a place. A file that the disk did not take has none: moving in it would write what is left of it."""
        return 0 if self.no_space else self._kept.seek(offset, whence)

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
        with suppress(OSError):  # a full disk refuses once more what was not written yet
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
    when the store does not answer; called again, to draw the form, it then gives what was typed, and no more files.
    """
    if "received" not in g:
        posted = Posted({name: values for name, values in request.form.lists() if not name.endswith(".token")})
        problems: list[Problem] = []
        g.received = posted, problems
        if not g.get("no_files"):
            _receive_files(posted, problems)
    found: tuple[Posted, list[Problem]] = g.received
    return found


def keep_out() -> None:
    """Store no file of this request: whoever sent it may not do what they tried."""
    g.no_files = True


def admit(form: Form) -> None:
    """Store files of this request only in fields that the form writes; others are thrown away."""
    g.form = form


def _receive_files(posted: Posted, problems: list[Problem]) -> None:
    form: Form | None = g.get("form")
    for name, tokens in request.form.lists():
        if name.endswith(".token") and _taken(form, name.removesuffix(".token")):
            posted.files[name.removesuffix(".token")] = [kept for token in tokens if (kept := _opened(token))]
    for name, arrived in _arrived():
        if not _taken(form, name):
            continue
        kept, problem = _store(name, arrived)
        if kept is not None:
            posted.files.setdefault(name, []).append(kept)
        if problem is not None:
            problems.append(problem)


def _taken(form: Form | None, name: str) -> bool:
    return form is None or writes(form, name)


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
            if part.filename and marked(name) == name:
                yield name, part


def _store(name: str, arrived: FileStorage) -> tuple[Kept | None, Problem | None]:
    shown, stream, limit = _file_name(arrived.filename or ""), arrived.stream, house().settings.upload_limit
    if isinstance(stream, Arriving) and stream.too_large:
        facts = {"file": shown, "limit": limit, "megabytes": limit // (1 << 20)}
        return None, Problem("file.too_large", name, facts=facts)
    if isinstance(stream, Arriving) and stream.no_space:
        raise Unavailable("file.storage_full")
    head = stream.read(512)
    stream.seek(0)
    try:
        kind = media_type(shown, head)
        stored = house().files.put(stream, limit)
    except Invalid as refused:  # one bad file must not hide what is wrong with the others
        return None, Problem(refused.code, name, facts=refused.facts)
    return {"sha256": stored.sha256, "size": stored.size, "name": shown, "media_type": kind}, None


def _file_name(sent: str) -> str:
    """The last part of what the browser called the file, without what can't stand in a name."""
    last = sent.replace("\\", "/").rsplit("/", 1)[-1]
    plain = re.sub(r'[\t\r\n<>:"|?*]', "_", FOREIGN.sub("_", visible(last)))
    return plain.strip(". ")[-200:] or "file"
