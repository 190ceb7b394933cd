"""XML attacks are refused or harmless at every door; and whoever falls for one is found (H4)."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.request import urlopen

import pytest
from lxml import etree

from tests.hostile import attacks
from tests.hostile.canary import Canary
from tests.hostile.xml_attacks import Base
from workflows.diagrams import library
from workflows.engine.xml import safe_tree


@pytest.fixture(scope="module")
def canary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Canary]:
    made = Canary(tmp_path_factory.mktemp("canary"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def every(canary: Canary) -> list[attacks.Attack]:
    return attacks.made(canary)


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[attacks.Doors]:
    made = attacks.Doors(tmp_path_factory.mktemp("doors"))
    yield made
    made.store.close()


def test_attacks_at_all_doors_do_no_harm() -> None:
    figures = attacks.measure(18)
    assert figures.failures == 0, figures.wrong
    assert figures.figures["doors"] == len(attacks.DOORS)


def test_every_attack_is_refused_or_harmless_at_the_readers(
    every: list[attacks.Attack], canary: Canary, doors: attacks.Doors
) -> None:
    tried = [attack for attack in every if attack.door.endswith("reader")]
    said = {(attack.name, attack.door): doors(attack)[0] for attack in tried}
    assert {where: what for where, what in said.items() if what not in ("refused", "harmless")} == {}
    assert len(tried) >= 200
    assert canary.hits() == []


def test_the_doors_are_those_that_are_tried(doors: attacks.Doors) -> None:
    assert tuple(doors.doors) == attacks.DOORS


@pytest.mark.parametrize("suffix", [".bpmn", ".dmn"])
def test_a_file_that_was_cut_open_is_still_good(suffix: str, doors: attacks.Doors) -> None:
    sample = library.shipped()[attacks.SAMPLE]
    data = Base.cut(sample.files[sample.named(suffix)[0]]).whole().encode()
    kind = "diagram" if suffix == ".bpmn" else "tables"
    for door in attacks.DOORS:
        if door.startswith(kind):
            assert doors(attacks.Attack("none", door, data, "secret"))[0] == "harmless", door


def careless(data: bytes) -> object:
    """How XML is read when nobody thinks of it."""
    parser = etree.XMLParser(resolve_entities=True, no_network=False, load_dtd=True, huge_tree=True)
    return etree.fromstring(data, parser).getroottree()


def test_a_careless_door_is_found(
    every: list[attacks.Attack], canary: Canary, doors: attacks.Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "doors", {**doors.doors, "diagram: reader": careless})
    harm = {attack.name: attack for attack in every if attack.door == "diagram: reader"}
    for name, found in {
        "entity from file": "accepted with the contents of a file in it",
        "as much text as fits": "harmless",
        "ten megabytes of text": "accepted beyond the limits",
        "61 attributes": "accepted beyond the limits",
        "many elements": "accepted beyond the limits",
        "nothing": "XMLSyntaxError",
    }.items():
        attack = harm.get(name) or attacks.Attack(name, "diagram: reader", b"<a>" + b"<b/>" * 6_000 + b"</a>", "x")
        assert found in doors(attack)[0], name
    assert "file" in canary.hits()


def lax(data: bytes) -> object:
    """A reader that resolves no entity and fetches nothing, and takes a document type all the same."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.fromstring(data, parser).getroottree()


def test_a_reader_that_only_leaves_entities_alone_fails_the_trial(
    every: list[attacks.Attack], doors: attacks.Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "doors", {**doors.doors, "diagram: reader": lax, "tables: reader": lax})
    tried = [attack for attack in every if attack.typed and attack.door.endswith("reader")]
    said = {attack.name: doors(attack)[0] for attack in tried}
    taken = {name for name, what in said.items() if what == "accepted with a document type"}
    assert {"document type, empty", "entity from file", "external document type by http",
            "attribute by default", "entity in utf-16", "unparsed entity"} <= taken  # fmt: skip


def test_the_canaries_notice_who_comes(canary: Canary) -> None:
    assert canary.hits() == []
    with pytest.raises(OSError, match="404"):
        urlopen(f"{canary.http}/x")  # noqa: S310 (our own)
    canary.file.read_text()
    assert canary.hits() == ["http", "file"]
    assert canary.hits() == []


def test_too_many_elements_are_refused_with_a_line() -> None:
    data = b"<a>\n" + b"<b/>\n" * 9_000 + b"</a>"
    with pytest.raises(Exception, match="too_many_elements") as refused:
        safe_tree(data, "x.bpmn")
    assert refused.value.problems[0].line > 4_000  # type: ignore[attr-defined]
