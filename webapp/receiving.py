"""Requests on their way in: waitress keeps large bodies in temporary files, and a full disk must be an answer too.

By itself it drops the connection then, and the browser shows an error page of its own.
"""

from __future__ import annotations

import logging
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.utilities import Error

log = logging.getLogger(__name__)

SENTENCE = (
    "存储空间已满，本次提交没有收到，未作任何改动。请返回上一页（填写的内容仍在），不附文件或者稍后重试，并联系系统管理员。\n"
    "The disk of the server is full: nothing was received and nothing was changed. Go back, where all you typed still "
    "stands, try again without files or later, and tell the administrator."
)


class NoSpace(Error):  # type: ignore[misc]  # waitress has no types
    """The answer to a request whose body could not be kept."""

    code = 503
    reason = "Service Unavailable"


class Nowhere:
    """A buffer for the rest of a body that can't be kept: it is read, so that the browser reads our answer."""

    def append(self, data: bytes) -> None:
        """Forget the bytes."""

    def __len__(self) -> int:
        return 0

    def close(self) -> None:
        """Nothing is open."""


class Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    """Reads one request to its end; a body that can't be kept is answered with 503 then."""

    lost = False

    def received(self, data: bytes) -> int:
        """Take the next bytes; how many of them belong to this request."""
        try:
            taken = int(super().received(data))
        except OSError as error:
            log.error("a request could not be kept: %s", error)
            self.lost, self.body_rcv.buf = True, Nowhere()
            taken = int(super().received(data))
        if self.lost and self.completed:
            self.error = NoSpace(SENTENCE)
        return taken


class Channel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """A connection that reads its requests so."""

    parser_class: Any = Parser
