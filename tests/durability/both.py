"""Both databases for a measure, outside of pytest: fresh ones, made as `fill` says, in a folder that goes with them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.postgres import TestServer
from workflows import bureau, migrations
from workflows.store import Store

DIALECTS = ("sqlite", "postgresql")


@contextmanager
def databases(fill: Callable[[str], None], dialects: Sequence[str] = DIALECTS) -> Iterator[dict[str, str]]:
    """Dialect → URL of a database of its own that `fill(url)` has filled."""
    with tempfile.TemporaryDirectory(prefix="fashen-measure-") as place:
        urls = {}
        if "sqlite" in dialects:
            urls["sqlite"] = f"sqlite:///{place}/fashen.sqlite"
        if "postgresql" in dialects:
            urls["postgresql"] = TestServer(Path(place) / "server", "measure").empty_database()
        for url in urls.values():
            fill(url)
        yield urls


def demonstration(url: str) -> None:
    """Bring an empty database to the newest revision, as an installation does, and load the demonstration bureau."""
    store = Store(url)
    try:
        migrations.upgrade(store)
        with store.work() as session:
            bureau.load_demo(session)
    finally:
        store.close()
