"""An upgrade is put onto a bureau's own version file by file; what both changed stays as the bureau has it."""

from __future__ import annotations

import pytest

from tests.diagrams.administrators import DIAGRAM, KEY, Office
from tests.diagrams.test_library import changed
from workflows.diagrams import library, upgrading
from workflows.engine.package import Package
from workflows.store import Store

VOTE, NOTE = "forms/vote.form", "forms/note.form"


def brought(monkeypatch: pytest.MonkeyPatch, files: dict[str, bytes]) -> None:
    """The program ships other files of the process."""
    monkeypatch.setattr(library, "shipped", lambda: {KEY: Package(KEY, files)})


def test_each_file_is_that_of_whoever_changed_it(sqlite_demo_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    office, shipped = Office(sqlite_demo_store), dict(library.shipped()[KEY].files)
    own = changed(KEY, bpmn=lambda text: text.replace("制作会议记录", "整理会议记录")).files
    office.do(lambda session, actor: library.publish(session, Package(KEY, own), actor, "按本局习惯改名"), "li")
    brought(monkeypatch, {**{path: data for path, data in shipped.items() if path != VOTE}, NOTE: b"{}"})
    with office.store.read() as session:
        found = upgrading.upgrade(session, KEY)
        assert (found.taken, found.kept, found.both) == ((NOTE, VOTE), (DIAGRAM,), ())
        assert found.files == {**{path: data for path, data in own.items() if path != VOTE}, NOTE: b"{}"}
    brought(monkeypatch, {**shipped, DIAGRAM: shipped[DIAGRAM] + b"\n"})
    with office.store.read() as session:
        found = upgrading.upgrade(session, KEY)
        assert (found.taken, found.kept, found.both) == ((), (), (DIAGRAM,))
        assert found.files == own
