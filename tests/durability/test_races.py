"""Six people press one button on two real servers: one wins, the others are told and keep what they typed.

Here on SQLite; on both databases, with up to fifty people, by `tests.durability D4`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.durability import races

pytestmark = pytest.mark.durability


def test_of_six_who_press_one_button_one_wins_and_nobody_loses_a_word(furnished: Path) -> None:
    url = f"sqlite:///{furnished / 'fashen.sqlite'}"
    counts = races.over_http(url, furnished, 4, clients=(6,))
    assert counts.wrong == []
    assert (counts.rounds, counts.posts) == (4, 24)
