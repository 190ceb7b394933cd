"""A few rounds of L1; `python -m tests.durability L1` does ten thousand."""

from __future__ import annotations

from tests.durability import mutations
from workflows.store import Store


def test_random_changes_of_the_ledger_are_found(store: Store) -> None:
    outcome = mutations.Outcome()
    mutations.run(store, 60, outcome)
    assert outcome.wrong == []
    assert outcome.tried.total() == 60
