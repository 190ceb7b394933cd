"""The bundled files of the front end, by the names that pages use.

`make assets` writes them with a hash in each name and `manifest.json` beside them; a changed file thus gets a new
address, and a browser may keep the old one for ever.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from flask import url_for

from workflows.errors import Unavailable

DIST = Path(__file__).parent / "static" / "dist"
FOR_EVER = 365 * 24 * 3600
"""Seconds that a browser may keep a file whose name carries its hash."""


def asset(name: str) -> str:
    """The address of "desk.js" and the like. Raises Unavailable when the front end has not been built."""
    files = _manifest(_stamp())
    if name not in files:
        raise Unavailable("assets.missing", file=name)
    return url_for("static", filename=f"dist/{files[name]}")


def _stamp() -> int:
    try:
        return (DIST / "manifest.json").stat().st_mtime_ns
    except OSError:
        raise Unavailable("assets.missing", file="manifest.json") from None


@lru_cache(maxsize=2)
def _manifest(stamp: int) -> dict[str, str]:
    del stamp  # only tells one build from the next
    read: dict[str, str] = json.loads((DIST / "manifest.json").read_text(encoding="utf-8"))
    return read
