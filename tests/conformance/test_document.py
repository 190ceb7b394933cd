from __future__ import annotations

from tests.conformance.document import DOCUMENT, written


def test_the_document_says_what_the_folder_says():
    assert DOCUMENT.read_text("utf-8") == written(), "run: python -m tests.conformance.document"
