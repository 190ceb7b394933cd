"""A published case of L4; `python -m tests.durability L4` plays all five on both databases."""

from __future__ import annotations

import random
from pathlib import Path

from tests.durability import fold
from workflows.files import Files
from workflows.store import Store


def test_the_tables_say_what_the_ledger_says_at_every_step(sqlite_demo_store: Store, tmp_path: Path) -> None:
    outcome, chance = fold.Outcome(), random.Random(1)
    fold.play_and_look(sqlite_demo_store, Files((tmp_path / "files").as_uri()), "yinzhou-welders", chance, outcome)
    fold.forge_and_look(sqlite_demo_store, 20, chance, outcome)
    assert outcome.wrong == []
    assert outcome.looks["after_a_random_command"] > 0
    assert outcome.looks["after_a_forgery"] == 20
