"""The demonstration bureau, and the topic that its installation serves."""

from __future__ import annotations

import pytest

from tests.desk.conftest import bureau as bureau
from tests.desk.conftest import time as time
from tests.external.gazette import serve
from workflows.engine import handlers


@pytest.fixture(autouse=True)
def served(monkeypatch: pytest.MonkeyPatch) -> None:
    """One topic, for the time of a test."""
    monkeypatch.setattr(handlers, "_topics", set())
    serve()
