"""A decision stands: no act that belongs before it is carried out any more, whatever the case's state says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from tests.cases_room import path
from tests.cases_room.room import Room
from workflows.cases.acts import ACTS, BEFORE_CLOSING, BEFORE_DECISION
from workflows.cases.proceedings import Decision
from workflows.errors import Invalid


@pytest.fixture
def decided(room: Room) -> Room:
    path.to_decision(room)
    path.sign(room)
    return room


@pytest.mark.parametrize(
    "again",
    [
        path.sign,
        path.review,
        path.meet,
        path.notify,
        path.conclude,
        path.investigate,
        lambda room: room.do("decision", "deputy", {"result": "return", "opinion": "重办"}),
    ],
)
def test_what_comes_before_the_decision_is_refused_after_it(decided: Room, again: Callable[[Room], Any]) -> None:
    with pytest.raises(Invalid, match=r"decision\.made_already"):
        again(decided)
    assert decided.state() == "decided"


def test_a_second_decision_is_refused_even_where_the_state_was_reset(decided: Room) -> None:
    with decided.store.work() as session:
        decided.case(session).state = "deciding"
    with pytest.raises(Invalid, match=r"decision\.made_already"):
        path.sign(decided)
    with decided.store.read() as session:
        assert len(session.execute(select(Decision)).scalars().all()) == 1


@pytest.mark.parametrize("act", sorted(BEFORE_CLOSING))
def test_what_comes_before_the_closing_is_refused_after_it(decided: Room, act: str) -> None:
    with decided.store.work() as session:
        decided.case(session).state = "archived"
    with pytest.raises(Invalid, match=r"case\.closed_already"):
        decided.do(act, "officer1", {})
    assert decided.state() == "archived"


def test_the_guarded_acts_are_acts() -> None:
    assert set(ACTS) >= BEFORE_DECISION | BEFORE_CLOSING
