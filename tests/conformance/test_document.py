from __future__ import annotations

import re
from pathlib import Path

from tests.conformance.attributes import WITHOUT_EFFECT, allowed
from tests.conformance.document import DOCUMENT, written
from workflows.engine import allowed as tables

PUT_TOGETHER = {"camunda:errorCodeVariable", "camunda:escalationCodeVariable"}
"""Attributes that the engine reads by a name that it composes."""


def test_the_document_says_what_the_folder_says():
    assert DOCUMENT.read_text("utf-8") == written(), "run: python -m tests.conformance.document"


def test_whatever_a_diagram_may_carry_is_read_or_the_document_says_why_it_changes_nothing():
    engine = Path(tables.__file__).parent
    sources = "".join(path.read_text("utf-8") for path in engine.glob("*.py") if path.name != "allowed.py")
    told = {name for names in WITHOUT_EFFECT for name in names}
    silent = set()
    for name, elements in allowed().items():
        only_one_value = all(values is not None and len(values) == 1 for values in elements.values())
        is_read = re.search(rf'["}}]{re.escape(name.rpartition(":")[2])}"', sources)
        if not (only_one_value or is_read or name in PUT_TOGETHER):
            silent.add(name)
    assert silent == told
