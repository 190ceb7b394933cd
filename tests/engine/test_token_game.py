"""The engine against the token game, on random diagrams, answers and orders, stored and read back after each step."""

from __future__ import annotations

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from tests.engine.matches import play_graph, play_stored, play_tree


@given(st.integers(1, 14), st.integers(0, 2**32))
def test_the_engine_always_offers_what_the_token_game_offers(leaves, seed):
    play_tree(seed, leaves, 40)


@given(st.integers(0, 2**32))
def test_the_engine_agrees_on_diagrams_that_are_neither_blocks_nor_sound(seed):
    if play_graph(seed) is None:
        reject()


@pytest.mark.parametrize("seed", range(8))
def test_what_a_database_gives_back_has_the_same_future(store, seed):
    play_stored(store, seed, 6 + seed, 25)
