"""What the diagram's panel writes into process.yaml is what YAML reads, and no other line changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.sync_api import Browser, Page

from workflows.diagrams import library

pytestmark = pytest.mark.browser

SCRIPT = Path(__file__).parent / "dist" / "lists.js"
TEXTS = {key: package.files["process.yaml"].decode() for key, package in library.shipped().items()}
ODD = {
    "block": "operators:\n    check:\n    - claim  # by hand\n    - ask\n    later: [claim]\ngates: []\n",
    "empty": "key: a\n",
    "no parent": "operators: {}\nlabels:  # none yet\n",
    "one line": "operators: {check: [claim, ask], later: [claim]}\nlabels: {check: {zh: 甲, en: A}}\n",
    "several lines": "operators:\n  check: [claim,\n    ask]\n  later: [claim]\n",
}


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    """A page with the functions of src/studio/lists.js."""
    page = chromium.new_page()
    page.set_content("<main></main>")
    page.add_script_tag(path=SCRIPT)
    yield page
    page.close()


def call(page: Page, name: str, *given: Any) -> Any:
    return page.evaluate("([name, given]) => window.lists[name](...given)", [name, list(given)])


@pytest.mark.parametrize("text", [*TEXTS.values(), *ODD.values()], ids=[*TEXTS, *ODD])
def test_every_list_is_read_as_yaml_reads_it(page: Page, text: str) -> None:
    said = yaml.safe_load(text)
    for step, operators in (said.get("operators") or {}).items():
        assert call(page, "readList", text, "operators", step) == operators
    for id, label in (said.get("labels") or {}).items():
        assert call(page, "readLabel", text, id) == label
    for name in ("roles", "documents"):
        assert call(page, "readList", text, name) == (said.get(name) or [])


@pytest.mark.parametrize("text", [*TEXTS.values(), *ODD.values()], ids=[*TEXTS, *ODD])
def test_one_entry_changes_and_nothing_else(page: Page, text: str) -> None:
    said = yaml.safe_load(text)
    steps = [*(said.get("operators") or {}), "quite_new"]
    for step in steps:
        written = call(page, "writeList", text, ["operators", step], ["claim", "return"])
        assert yaml.safe_load(written) == {
            **said, "operators": {**(said.get("operators") or {}), step: ["claim", "return"]}}  # fmt: skip
        assert [row for row in text.splitlines() if row.startswith("#")] == [
            row for row in written.splitlines() if row.startswith("#")]  # fmt: skip
    written = call(page, "writeList", text, ["roles"], ["legal_counsel"])
    assert yaml.safe_load(written) == {**said, "roles": ["legal_counsel"]}


@pytest.mark.parametrize("text", ["apart:\n  a: [b]\n", "x: 1\napart:  # why\n  a: [b]\ny: 2\n", "apart: {a: [b]}\n"])
def test_a_mapping_whose_last_entry_is_taken_out_stays_a_mapping(page: Page, text: str) -> None:
    written = call(page, "writeList", text, ["apart", "a"], [])
    assert yaml.safe_load(written) == {**yaml.safe_load(text), "apart": {}}
    again = call(page, "writeList", written, ["apart", "c"], ["d"])
    assert yaml.safe_load(again) == {**yaml.safe_load(text), "apart": {"c": ["d"]}}
    assert ("# why" in again) == ("# why" in text)


CONDITIONS = {
    "none": "key: a\n", "empty": "gates: []  # more\nkey: a\n",
    "one line": "gates: [{element: check, gate: G4}, {gate: G6, element: 'later'}]\nkey: a\n",
    "rows": "gates:\n- element: check  # why\n  gate: G4\n- gate: G6\n  element: later\nkey: a\n",
    "indented": "gates:\n  - {element: check, gate: G4}\n  - {element: later, gate: G6}\nkey: a\n",
}  # fmt: skip


@pytest.mark.parametrize("text", CONDITIONS.values(), ids=CONDITIONS)
def test_conditions_belong_to_their_step(page: Page, text: str) -> None:
    said = yaml.safe_load(text)
    before = said.get("gates") or []
    for step in ("check", "later", "other"):
        assert call(page, "readGates", text, step) == [one["gate"] for one in before if one["element"] == step]
        written = yaml.safe_load(call(page, "writeGates", text, step, ["G2", "G3"]))
        wanted = [one for one in before if one["element"] != step]
        wanted += [{"element": step, "gate": gate} for gate in ("G2", "G3")]
        assert written == {**said, "gates": wanted}


@pytest.mark.parametrize("text", [*TEXTS.values(), *ODD.values()], ids=[*TEXTS, *ODD])
def test_labels_of_any_words_are_read_back(page: Page, text: str) -> None:
    said = yaml.safe_load(text)
    labels = said.get("labels") or {}
    for zh, en in (("甲", "A"), ("“是”？", "Yes: no?"), ("yes", "# off"), ("a, b}", 'say "it"'), ("1.0", "null")):
        written = call(page, "writeLabel", text, "step_x", {"zh": zh, "en": en})
        assert yaml.safe_load(written) == {**said, "labels": {**labels, "step_x": {"zh": zh, "en": en}}}
        assert call(page, "readLabel", written, "step_x") == {"zh": zh, "en": en}
        gone = yaml.safe_load(call(page, "writeLabel", written, "step_x", {"zh": zh, "en": ""}))
        assert {**gone, "labels": gone.get("labels") or {}} == {**said, "labels": labels}
