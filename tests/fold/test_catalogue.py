"""The catalogue of matters and the classes of review are what was shipped, defined and ended."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text

from tests.desk.conftest import Bureau
from tests.fold import changing
from workflows import ledger
from workflows.actors import SYSTEM
from workflows.calendar import clock
from workflows.cases import catalogue, repealing
from workflows.cases.catalogue import Matter
from workflows.desk.execute import execute
from workflows.ledger import events

OWN = "code = 'CF-BJ-001'"
SHIPPED = "code = 'CF-AQF-097-1-07'"
DAY = timedelta(days=1)


@pytest.fixture
def settled(bureau: Bureau) -> Bureau:
    """A matter of the bureau's own, and a shipped one that ends."""
    execute(
        bureau.store, catalogue.add_matter, bureau.actor("legal1"), code="CF-BJ-001", name="未按规定报送台账",
        legal_basis="《衢州市某条例》第九条", effective_from=date(2020, 1, 1),
        stages=[{"stage": "轻微", "measures": ["罚款"], "entity": [0, 5000]}],
    )  # fmt: skip
    execute(bureau.store, repealing.end_matter, bureau.actor("legal1"), "CF-AQF-097-1-07",
            ends_from=clock.today() + 9 * DAY, reason="条例修订")  # fmt: skip
    return bureau


def found(bureau: Bureau, change: str = "") -> set[tuple[str, str | None]]:
    """Table and column of what the check names after a change."""
    with changing.attacked(bureau.store) as connection:
        if change:
            meant = change.replace("OWN", OWN).replace("SHIPPED", SHIPPED)
            assert connection.execute(text(meant)).rowcount == 1, change
        return {(one.table, one.column) for one in changing.differences(connection)
                if one.table in ("matter", "review_class")}  # fmt: skip


CHANGES = {
    "UPDATE matter SET hearing_possible = FALSE WHERE OWN": ("matter", "hearing_possible"),
    "UPDATE matter SET dual_penalty = TRUE WHERE OWN": ("matter", "dual_penalty"),
    "UPDATE matter SET spec = '{}' WHERE OWN": ("matter", "spec"),
    "UPDATE matter SET effective_to = '2020-12-31' WHERE OWN": ("matter", "effective_to"),
    "UPDATE matter SET source = 'seed' WHERE OWN": ("matter", "source"),
    "DELETE FROM matter WHERE OWN": ("matter", None),
    "UPDATE matter SET effective_to = NULL WHERE SHIPPED": ("matter", "effective_to"),
    "UPDATE matter SET name = '另一事项' WHERE SHIPPED": ("matter", "name"),
    "UPDATE matter SET spec = '{}' WHERE SHIPPED": ("matter", "spec"),
    "UPDATE matter SET code = 'CF-AQF-1' WHERE SHIPPED": ("matter", None),
    "INSERT INTO matter (code, kind, name, legal_basis, dual_penalty, hearing_possible, in_local_list, source, spec)"
    " SELECT 'CF-BJ-002', kind, name, legal_basis, FALSE, FALSE, TRUE, 'seed', '{}' FROM matter WHERE SHIPPED":
    ("matter", None),
    "UPDATE review_class SET kind = 'contract' WHERE code = 'GF-1'": ("review_class", "kind"),
    "DELETE FROM review_class WHERE code = 'GF-1'": ("review_class", None),
    "UPDATE review_class SET examples = '[]' WHERE code = 'GF-1'": ("review_class", "examples"),
}  # fmt: skip


def test_a_matter_or_class_that_is_not_as_it_was_told_or_shipped_is_named(settled: Bureau) -> None:
    assert found(settled) == set()
    for change, place in CHANGES.items():
        assert place in found(settled, change), change


def test_what_another_version_of_the_program_brought_is_not_taken_for_a_change(settled: Bureau) -> None:
    with settled.store.work() as session:
        older = events.CatalogueLoaded(version="seed-2030", added=0, changed=1, hash="0" * 64)
        ledger.append(session, "bureau", older, actor=SYSTEM)
    assert found(settled, "UPDATE matter SET name = '另一事项' WHERE SHIPPED") == set(), "of another program"
    assert found(settled, "UPDATE matter SET effective_to = NULL WHERE SHIPPED") == {("matter", "effective_to")}
    assert found(settled, "UPDATE matter SET name = '另一事项' WHERE OWN") == {("matter", "name")}
    with settled.store.work() as session:
        session.execute(select(Matter).where(text(SHIPPED))).scalar_one().name = "旧名称"
        assert catalogue.load_catalogue(session) == catalogue.Loaded(0, 1)
        assert catalogue.load_catalogue(session) == catalogue.Loaded(0, 0)
    assert found(settled) == set(), "the next loading brings what is shipped, and from then on it is compared"
    assert found(settled, "UPDATE matter SET name = '另一事项' WHERE SHIPPED") == {("matter", "name")}


def test_a_matter_that_was_defined_before_all_of_it_was_told_is_compared_by_what_was(settled: Bureau) -> None:
    with settled.store.work() as session:
        session.add(Matter(code="CF-BJ-003", kind="行政处罚", name="名称", legal_basis="依据", source="bureau"))
        session.flush()
        before = events.MatterDefined(code="CF-BJ-003", name="名称", legal_basis="依据")
        ledger.append(session, "bureau", before, actor=SYSTEM)
    assert found(settled) == set()
    assert found(settled, "UPDATE matter SET name = '改' WHERE code = 'CF-BJ-003'") == {("matter", "name")}
    assert found(settled, "UPDATE matter SET dual_penalty = TRUE WHERE code = 'CF-BJ-003'") == set()
