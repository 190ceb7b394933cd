"""Canaries: a web server, an FTP port and a file that nobody has any business with. Whoever comes near is counted."""

from __future__ import annotations

import ctypes
import os
import secrets
import socket
import struct
import sys
import threading
from pathlib import Path

_OPENED = 0x20  # IN_OPEN of inotify(7)


class Canary:
    """http: and ftp: addresses, a file and the word that stands in it."""

    def __init__(self, folder: Path) -> None:
        self.word = f"CANARY{secrets.token_hex(8)}"
        self.file = folder / "canary.txt"
        self.file.write_text(self.word)
        self._connections: list[str] = []
        self._listeners = {name: socket.create_server(("127.0.0.1", 0)) for name in ("http", "ftp")}
        self.http, self.ftp = (f"{name}://127.0.0.1:{self._port(name)}" for name in ("http", "ftp"))
        self._threads = [threading.Thread(target=self._listen, args=(name,), daemon=True) for name in self._listeners]
        for thread in self._threads:
            thread.start()
        self._inotify = _watch(self.file)

    def hits(self) -> list[str]:
        """Who came since the last time: connections, and openings of the file."""
        found, self._connections[:] = list(self._connections), []
        return found + ["file"] * self._openings()

    def close(self) -> None:
        """Stop listening."""
        for listener in self._listeners.values():
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for thread in self._threads:
            thread.join()
        if self._inotify >= 0:
            os.close(self._inotify)

    def _port(self, name: str) -> int:
        return int(self._listeners[name].getsockname()[1])

    def _listen(self, name: str) -> None:
        while True:
            try:
                connection, _ = self._listeners[name].accept()
            except OSError:
                return
            self._connections.append(name)
            with connection:
                connection.sendall(b"HTTP/1.0 404 Not Found\r\n\r\n" if name == "http" else b"421 No\r\n")

    def _openings(self) -> int:
        if self._inotify < 0:
            return 0
        try:
            data = os.read(self._inotify, 65_536)
        except BlockingIOError:
            return 0
        count = at = 0
        while at < len(data):
            at += 16 + struct.unpack_from("I", data, at + 12)[0]
            count += 1
        return count


def _watch(file: Path) -> int:
    """A descriptor that tells when any process opens the file, code in C too; -1 where the system has none.

    Elsewhere than on Linux, only the file's word in what came out tells.
    """
    if not sys.platform.startswith("linux"):
        return -1
    library = ctypes.CDLL(None, use_errno=True)
    descriptor = int(library.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))
    if descriptor < 0 or library.inotify_add_watch(descriptor, os.fsencode(file), _OPENED) < 0:
        raise OSError(ctypes.get_errno(), "inotify")
    return descriptor
