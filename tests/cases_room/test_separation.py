"""Separation of duties in one case: who judged it does not handle it, and nobody gives both opinions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from tests.cases_room import path
from tests.cases_room.people import certify, give_post, qualify
from tests.cases_room.room import Room, at, paper
from workflows.cases import access, commands
from workflows.errors import Forbidden

AGREE = {"opinion": "agree", "text": "同意"}


def appoint(room: Room, login: str) -> None:
    """Charge somebody with the case, who may otherwise be."""
    with room.store.work() as session:
        commands.add_officer(session, room.actor(session, "officer1"), room.case_id, room.person(login))


def reviewed(room: Room) -> None:
    path.file(room)
    path.investigate(room)
    path.conclude(room, path.penalty(room, 50000))
    path.review(room)


def chaired(room: Room) -> None:
    give_post(room, "officer3", "hearing_officer")
    reviewed(room)
    path.notify(room)
    reply = {
        "party_id": room.party(), "statement": "waived", "statement_on": date(2024, 3, 4), "hearing": "requested",
        "hearing_requested_on": date(2024, 3, 4),
    }  # fmt: skip
    room.do("statement", "officer1", {"replies": [reply], "change": "none", "files": [paper("other")]})
    call = {"planned_at": at("2024-03-20 09:00"), "place": "听证室", "notified_on": date(2024, 3, 4)}
    room.do("hearing_notice", "officer3", call)


def voted(room: Room) -> None:
    give_post(room, "officer3", "panel_member")
    path.to_decision(room, 60000)
    ids = [room.person(login) for login in ("deputy", "head", "member1", "member2", "officer3")]
    agenda = {"title": "会", "planned_at": room.time.now(), "place": "室", "members": ids, "host": ids[1]}
    item = room.do("agenda", "legal1", agenda, purpose="decision")["item_id"]
    present = [{"person_id": one, "present": True} for one in ids]
    room.do("attendance", "legal1", {"attendance": present, "opened_at": room.time.now()}, item_id=item)


def approved(room: Room) -> None:
    give_post(room, "officer3", "bureau_leader")
    room.open()
    room.do("filing", "officer3", {"result": "approve", "opinion": "同意立案"})


def signed(room: Room) -> None:
    give_post(room, "officer3", "bureau_leader")
    path.to_decision(room)
    path.sign(room, "officer3")


@pytest.mark.parametrize("stand_above", [chaired, voted, approved, signed])
def test_who_chaired_voted_approved_or_signed_never_becomes_an_officer(
    room: Room, stand_above: Callable[[Room], None]
) -> None:
    stand_above(room)
    with pytest.raises(Forbidden, match=r"case\.stood_above"):
        appoint(room, "officer3")


def test_who_reviewed_never_becomes_an_officer(room: Room) -> None:
    give_post(room, "legal1", "case_officer")
    certify(room, "legal1")
    reviewed(room)
    with room.store.read() as session:
        assert room.person("legal1") in access.stood_above(session, room.case(session))
        assert room.person("officer1") not in access.stood_above(session, room.case(session))


def test_nobody_gives_both_the_first_opinion_and_the_counsel_s(room: Room) -> None:
    give_post(room, "legal1", "legal_counsel")
    give_post(room, "counsel", "legal_reviewer")
    qualify(room, "counsel")
    path.file(room)
    path.investigate(room)
    path.conclude(room)
    room.do("submission_check", "legal1", {"complete": "yes", "note": "齐"})
    room.do("legal_review", "legal1", {**AGREE, "findings": path.findings()})
    counsel = {**AGREE, "findings": [], "conflict_free": True}
    with pytest.raises(Forbidden, match=r"case\.reviewed_otherwise"):
        room.do("counsel_review", "legal1", counsel)
    room.do("counsel_review", "counsel", counsel)
    with pytest.raises(Forbidden, match=r"case\.reviewed_otherwise"):
        room.do("review_conclusion", "counsel", {**AGREE, "adopts": "yes"})
    with room.store.read() as session:
        case = room.case(session)
        assert room.person("legal1") in access.barred(session, case, "legal_counsel")
        assert room.person("counsel") in access.barred(session, case, "legal_reviewer")
        assert room.person("legal1") not in access.barred(session, case, "legal_reviewer")
