"""A full disk under the server is an answer, not a broken connection."""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest
from waitress import buffers
from waitress.server import create_server

from webapp.receiving import Channel


def app(_environ: object, start: object) -> list[bytes]:
    """Would answer every request that arrives."""
    start("200 OK", [("Content-Length", "2")])  # type: ignore[operator]
    return [b"ok"]


@pytest.fixture
def port() -> Iterator[int]:
    """A server that keeps bodies above ten thousand bytes in files."""
    server = create_server(app, host="127.0.0.1", port=0, inbuf_overflow=10_000, clear_untrusted_proxy_headers=True)
    server.channel_class = Channel

    def run() -> None:
        with suppress(OSError):  # its sockets are closed under it at the end of the test
            server.run()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield server.effective_port
    server.close()
    thread.join(5)
    server.task_dispatcher.shutdown()


def sent(port: int, size: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        head = f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode() + b"x" * size)
        return b"".join(iter(lambda: connection.recv(100_000), b""))


def test_a_body_that_the_disk_does_not_take_is_answered(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_given: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(buffers.TempfileBasedBuffer, "append", full)
    answer = sent(port, 100_000).decode()
    assert answer.startswith("HTTP/1.1 503")
    assert "存储空间已满" in answer
    assert sent(port, 500).startswith(b"HTTP/1.1 200")


def test_a_large_body_arrives_where_there_is_space(port: int) -> None:
    assert sent(port, 100_000).startswith(b"HTTP/1.1 200")
