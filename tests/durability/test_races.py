"""Six people press one button on two real servers: one wins, the others are told and keep what they typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.durability import races
from tests.durability.both import demonstration

pytestmark = pytest.mark.durability


def test_of_six_who_press_one_button_one_wins_and_nobody_loses_a_word(empty_url: str, tmp_path: Path) -> None:
    demonstration(empty_url)
    counts = races.over_http(empty_url, tmp_path, 4, clients=(6,))
    assert counts.wrong == []
    assert (counts.rounds, counts.posts) == (4, 24)
