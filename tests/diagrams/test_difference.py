"""The difference of two diagrams, told in names."""

from __future__ import annotations

from pathlib import Path

from tests.engine import drawing as d
from workflows.diagrams.difference.changes import ADDED, CHANGED, REMOVED, ElementChange
from workflows.diagrams.difference.drawn import compare


def drawn(flows: str, name: str = "复核") -> bytes:
    """Three steps, of which two have names."""
    return d.draw(d.start(), d.user("draft", name="起草"), d.user("check", name=name), d.user("act"), d.end(),
                  d.flows(flows))  # fmt: skip


BEFORE = drawn("start > draft > check > end\n act > end")
AFTER = drawn("start > draft > check > act > end")


def found(old: bytes, new: bytes) -> dict[tuple[str, str], ElementChange]:
    return {(one.change, one.name): one for one in compare(old, new)}


def test_a_flow_without_a_name_is_called_by_its_two_ends() -> None:
    seen = found(BEFORE, AFTER)
    assert (ADDED, "复核 → act") in seen
    assert (REMOVED, "复核 → end") in seen


def test_where_a_flow_leads_is_told_by_id_for_the_reader_s_language_to_name() -> None:
    added = found(BEFORE, AFTER)[ADDED, "复核 → act"]
    ends = {one.name: one.new for one in added.properties if one.name in ("sourceRef", "targetRef")}
    assert ends == {"sourceRef": "check", "targetRef": "act"}


def test_a_step_that_is_called_otherwise_changes_no_flow() -> None:
    changed = compare(AFTER, drawn("start > draft > check > act > end", name="再次复核"))
    assert [(one.change, one.id) for one in changed] == [(CHANGED, "check")]


SHIPPED = Path(__file__).parents[2] / "bpmn" / "legal_review" / "legal_review.bpmn"
SECOND = Path(__file__).parents[1] / "browser" / "data" / "second_counsel.bpmn"


def test_a_flow_that_was_bent_tells_where_it_led_and_leads() -> None:
    changes = {one.id: one for one in compare(SHIPPED.read_bytes(), SECOND.read_bytes())}
    bent = changes["after_initial_to_counsel_review"]
    told = {one.name: one.old for one in bent.properties}
    assert (bent.change, told["targetRef"]) == (CHANGED, "counsel_review")
