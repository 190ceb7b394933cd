"""What the elements of a diagram are called on the pages of the studio; those without a name by where they stand."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from webapp import labels
from webapp.languages import bilingual
from webapp.studiowords import ELEMENTS
from workflows.diagrams import cells, description, naming
from workflows.diagrams.cells import Cell
from workflows.diagrams.naming import AFTER, BEFORE, ON, Spot
from workflows.engine import packages
from workflows.engine.plain_yaml import plain
from workflows.errors import Invalid

_SIDES = {
    AFTER: ("“{near}”之后的{nth}{kind}", "the {kind}{nth} after “{near}”"),
    BEFORE: ("“{near}”之前的{nth}{kind}", "the {kind}{nth} before “{near}”"),
    ON: ("“{near}”上的{nth}{kind}", "the {kind}{nth} on “{near}”"),
}

_spots: dict[str, Mapping[str, Spot]] = {}
"""Of published packages by hash, whose content never changes."""
_LIMIT = 50


def called(files: Mapping[str, bytes]) -> dict[str, str]:
    """Id → what an element of a package is called in the reader's language; a flow without a name by its two ends."""
    own, said = naming.names(files), _labels(files)
    by_name = words(files)
    found = {id: _cell(one) for id, one in cells.cells(files).items()}
    found |= {id: where(spot, by_name.get(spot.near, spot.near)) for id, spot in naming.spots(files).items()}
    found |= {id: bilingual(name, said.get(id, "")) for id, name in own.items()}
    flows = naming.flows(files).items()
    return {id: f"{found.get(start, start)} → {found.get(end, end)}" for id, (start, end) in flows} | found


def words(files: Mapping[str, bytes]) -> dict[str, str]:
    """Chinese name of an element of a package → its name in the reader's language, for sentences that hold names."""
    said = _labels(files)
    return {name: bilingual(name, said.get(id, "")) for id, name in naming.names(files).items()}


def _cell(one: Cell) -> str:
    """第 2 行“集体讨论”列: a cell of a decision table, or its column, in the reader's language."""
    chinese = f"第 {one.rule} 行“{one.column}”列" if one.rule else f"“{one.column}”列"
    return bilingual(chinese, f"row {one.rule}, column “{one.column}”" if one.rule else f"column “{one.column}”")


def _labels(files: Mapping[str, bytes]) -> dict[str, str]:
    """Id → English name of the elements of a package; none where what describes it can't be read."""
    try:
        said = plain(files.get(description.FILE, b""))
        given = said.get("labels", {}) if isinstance(said, dict) else {}
        return {str(id): labels.pair(one)[1] for id, one in given.items()} if isinstance(given, dict) else {}
    except Invalid:
        return {}


def of_version(session: Session, package_hash: str, element_id: str, chinese: str) -> str:
    """What an element of a published package is called in the reader's language. Raises NotFound."""
    if chinese:
        return labels.element_name(session, package_hash, element_id, chinese)
    if package_hash not in _spots:
        if len(_spots) >= _LIMIT:
            _spots.clear()
        _spots[package_hash] = naming.spots(packages.stored(session, package_hash).files)
    found = _spots[package_hash].get(element_id)
    return where(found, labels.word(session, package_hash, found.near)) if found else element_id


def where(spot: Spot, near: str) -> str:
    """“法规初审”之后的排他网关: an element without a name, in the reader's language. near: the name beside it."""
    zh, en = ELEMENTS.get(spot.kind, (spot.kind, spot.kind))
    if not spot.near:
        return bilingual(f"未命名的{zh}", f"an unnamed {en[:1].lower()}{en[1:]}")
    chinese, english = _SIDES[spot.side]
    return bilingual(
        chinese.format(near=near, nth=f"第{spot.number}个" if spot.number else "", kind=zh),
        english.format(near=near, nth=f" no. {spot.number}" if spot.number else "", kind=en[:1].lower() + en[1:]),
    )
