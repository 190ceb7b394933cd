"""Every shipped diagram goes through the modeler that administrators draw with, and comes back as it was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SHIPPED = sorted((ROOT / "bpmn").rglob("*.bpmn"))
SMALL = HERE / "data" / "two_steps.bpmn"
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
WAIT = 60_000

# What a tool writes about itself, and what the modeler rightly leaves to its defaults.
OF_NO_MEANING = {"exporter", "exporterVersion", "{http://camunda.org/schema/modeler/1.0}executionPlatform",
                 "{http://camunda.org/schema/modeler/1.0}executionPlatformVersion"}  # fmt: skip


def content(xml: bytes) -> Counter[tuple[object, ...]]:
    """What a diagram says: each element with its parent's id, attributes and text; order, blanks and prefixes aside."""
    root = etree.fromstring(xml, etree.XMLParser(remove_comments=True, resolve_entities=False, no_network=True))
    return Counter(
        (
            element.tag,
            element.getparent().get("id", element.getparent().tag) if element.getparent() is not None else None,
            tuple(sorted(
                (name, value.rpartition(":")[2] if name == XSI_TYPE else value)
                for name, value in element.attrib.items() if name not in OF_NO_MEANING
            )),
            (element.text or "").strip(),
        )
        for element in root.iter()
    )  # fmt: skip


@pytest.fixture(scope="module")
def modeler(chromium: Browser) -> Iterator[Page]:
    """A page with the real modeler in it."""
    page = chromium.new_page()
    page.set_default_timeout(WAIT)
    page.add_script_tag(path=HERE / "dist" / "roundtrip.js")
    yield page
    page.close()


def test_there_are_diagrams_to_try() -> None:
    folders = {path.parent.name for path in SHIPPED}
    assert folders >= {"penalty", "legal_review", "collective_decision", "criminal_referral"}


@pytest.mark.parametrize("path", [SMALL, *SHIPPED], ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_diagram_comes_back_without_a_warning_and_says_the_same(path: Path, modeler: Page) -> None:
    source = path.read_bytes()
    outcome = modeler.evaluate("xml => window.roundtrip(xml)", source.decode())
    assert outcome["warnings"] == []
    before, after = content(source), content(outcome["xml"].encode())
    assert (before - after, after - before) == (Counter(), Counter())


def test_a_reference_to_nothing_is_warned_of(modeler: Page) -> None:
    """Shows that the warnings are listened to."""
    source = SMALL.read_bytes()
    spoiled = source.replace(b'sourceRef="start"', b'sourceRef="nobody"')
    outcome = modeler.evaluate("xml => window.roundtrip(xml)", spoiled.decode())
    assert outcome["warnings"] != []
