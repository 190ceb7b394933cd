"""Ending a matter of the catalogue: later conduct is not charged by it, earlier conduct and open cases are."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.cases_room import path
from tests.cases_room.room import MATTER, Room
from workflows import ledger
from workflows.calendar import clock
from workflows.cases import catalogue, choices, commands
from workflows.cases.catalogue import Matter
from workflows.cases.repealing import end_matter
from workflows.errors import Forbidden, Invalid, NotFound

DAY = timedelta(days=1)
WHY = "《安全生产法》修改，该项删去"


def end(room: Room, by: str = "legal1", code: str = MATTER, ahead: int | None = 1, why: str = WHY) -> date | None:
    """The last day of a matter once somebody has ended it."""
    with room.store.work() as session:
        first = None if ahead is None else clock.today() + ahead * DAY
        return end_matter(session, room.actor(session, by), code, ends_from=first, reason=why).effective_to


def told(room: Room) -> list[Any]:
    with room.store.read() as session:
        return [entry.data["effective_to"] for entry in ledger.of_event(session, "bureau", "MatterEnded")]


def offered(room: Room) -> dict[str, tuple[str, str]]:
    with room.store.read() as session:
        found = choices.options(session, "matters", None, room.actor(session, "officer1"))
        return {code: (zh, en) for code, zh, en in found}


def test_a_matter_ends_from_a_day_on_and_the_ledger_tells_it_once(room: Room) -> None:
    today = clock.today()
    assert [end(room), end(room, by="admin")] == [today, today]
    assert told(room) == [today.isoformat()]
    with room.store.read() as session:
        (entry,) = ledger.of_event(session, "bureau", "MatterEnded")
        assert f"停用审查事项：{MATTER}" in ledger.describe(entry) and WHY in ledger.describe(entry)


def test_later_conduct_is_not_charged_by_it_and_earlier_conduct_is(room: Room) -> None:
    last = end(room)
    zh, en = offered(room)[MATTER]
    assert zh.endswith(f"（限{last}及以前的行为）") and en.endswith(f"(conduct up to {last} only)")
    room.time.set(room.time.now() + 7 * DAY)
    with pytest.raises(Invalid) as caught:
        room.open(found_on=clock.today(), conduct_on=clock.today())
    assert [(one.place, one.code) for one in caught.value.problems] == [("matters[0].matter_code", "matter.ended")]
    room.open(found_on=clock.today(), conduct_on=last)


def test_open_cases_keep_what_they_have(room: Room) -> None:
    path.file(room)
    end(room)
    room.time.set(room.time.now() + 3 * DAY)
    path.investigate(room)
    room.do("investigation_report", "officer1", path.report(room))
    with room.store.read() as session:
        assert [row.matter_code for row in room.case(session).matters] == [MATTER]


def test_no_later_conduct_gets_it_in_an_open_case_either(room: Room) -> None:
    other = "CF-AQF-110-1"
    end(room, code=other)
    room.time.set(room.time.now() + 5 * DAY)
    room.open(found_on=clock.today(), conduct_on=clock.today())
    with room.store.work() as session, pytest.raises(Invalid, match=r"matter\.ended"):
        commands.allege_matter(session, room.actor(session, "officer1"), room.case_id, other)


def test_an_end_is_moved_or_taken_back_until_it_comes(room: Room) -> None:
    today = clock.today()
    assert [end(room, ahead=9), end(room, ahead=3), end(room, ahead=None)] == [today + 8 * DAY, today + 2 * DAY, None]
    assert told(room)[-1] is None and len(told(room)) == 3
    end(room)
    room.time.set(room.time.now() + DAY)
    with pytest.raises(Invalid, match=r"matter\.ended_already"):
        end(room, ahead=None)


@pytest.mark.parametrize(("given", "place"), [
    ({"ahead": 0}, "ends_from"), ({"ahead": -5}, "ends_from"), ({"why": " "}, "reason"), ({"why": "x" * 501}, "reason"),
])  # fmt: skip
def test_a_day_that_is_past_and_a_missing_reason_are_refused(room: Room, given: dict[str, Any], place: str) -> None:
    with pytest.raises(Invalid) as caught:
        end(room, **given)
    assert [one.place for one in caught.value.problems] == [place]
    assert told(room) == []


def test_only_legal_officers_and_administrators_end_matters(room: Room) -> None:
    for login in ("officer1", "head", "secadmin", "auditor"):
        with pytest.raises(Forbidden):
            end(room, by=login)
    with pytest.raises(NotFound, match=r"matter\.unknown"):
        end(room, code="CF-NONE-1")


def test_an_upgrade_of_the_catalogue_keeps_the_end(room: Room) -> None:
    last = end(room)
    with room.store.work() as session:
        session.get_one(Matter, MATTER).spec = {"stages": []}
    with room.store.work() as session:
        assert catalogue.load_catalogue(session).changed == 1
        assert session.get_one(Matter, MATTER).effective_to == last
