"""A penalty case from lead to archive, act by act, on a real database."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from tests.cases_room import path
from tests.cases_room.room import Room, paper
from workflows import ledger
from workflows.calendar import clocks
from workflows.cases.file import Case
from workflows.cases.materials import Material
from workflows.cases.proceedings import Decision
from workflows.documents import documents_of
from workflows.errors import GateClosed


def finish(room: Room) -> None:
    """Service, publication, payment, closing, archive."""
    serve = {"services": [{"party_id": room.party(), "method": "direct", "served_on": date(2024, 3, 4)}],
             "files": [paper("service_receipt")]}  # fmt: skip
    room.do("service", "officer1", serve)
    room.do("publication", "publisher", {"published_on": date(2024, 3, 4), "place": "门户网站"})
    payment = {"party_id": room.party(), "amount": 30000, "paid_on": date(2024, 3, 4), "receipt_no": "001"}
    room.do("performance", "officer1", {"payments": [payment], "files": [paper("payment_receipt")]})
    room.do("closing", "deputy", {"result": "approve", "opinion": "同意结案"})
    room.do("archive", "officer1", {"volume": "2024-001", "pages": 40, "retention": "long"})


def test_a_small_fine_goes_from_lead_to_archive(room: Room) -> None:
    path.to_decision(room)
    assert path.sign(room) == {"decision_result": "sign", "decision_outcome": "penalty"}
    finish(room)
    with room.store.read() as session:
        case = room.case(session)
        decision = session.execute(select(Decision)).scalar_one()
        assert (case.state, case.number) == ("archived", "（衢）应急立〔2024〕1号")
        assert (decision.fine_fen, decision.paid_fen, decision.collective) == (3_000_000, 3_000_000, False)
        assert sorted(row.type for row in documents_of(session, case.id)) == [
            "penalty_decision", "penalty_notice", "review_opinion",
        ]  # fmt: skip
        open_rules = {clock.rule for clock in clocks.running(session, case.id)}
        assert open_rules == {"reconsideration", "litigation"}
        assert ledger.verify(session) == []


def test_a_dual_penalty_by_the_leaders_on_postgresql(postgres_room: Room) -> None:
    path.to_decision(postgres_room, 100000, 20000)
    path.meet(postgres_room)
    path.sign(postgres_room, "head")
    assert postgres_room.state() == "decided"
    with postgres_room.store.read() as session:
        fines = session.execute(select(Decision.fine_fen).order_by(Decision.position)).scalars().all()
        assert fines == [10_000_000, 2_000_000]
        assert ledger.verify(session) == []


def test_the_state_of_the_file_follows_the_acts(room: Room) -> None:
    seen = []
    room.open()
    steps: list[tuple[str, Any]] = [
        ("filed", lambda: room.do("filing", "deputy", {"result": "approve", "opinion": "同意"})),
        ("investigating", lambda: path.investigate(room)),
        ("reported", lambda: path.conclude(room)),
        ("reviewing", lambda: path.review(room)),
        ("noticed", lambda: path.notify(room)),
        ("noticed", lambda: path.waive(room)),
        ("decided", lambda: path.sign(room)),
    ]
    for _, step in steps:
        step()
        seen.append(room.state())
    assert seen == [state for state, _ in steps]


def test_files_of_every_form_become_materials_once(room: Room) -> None:
    path.file(room)
    path.investigate(room)
    path.investigate(room)  # the same photo again
    with room.store.read() as session:
        kinds = session.execute(select(Material.kind).order_by(Material.kind)).scalars().all()
    assert kinds == ["evidence", "inspection_record"]


def test_a_fine_at_the_threshold_needs_the_leaders_together(room: Room) -> None:
    path.to_decision(room, fine=50000)
    with pytest.raises(GateClosed) as closed:
        path.sign(room)
    assert (closed.value.code, closed.value.facts["cause"]) == ("gate.G6", "not_collective")
    assert path.meet(room)["meeting_result"] == "approve"
    path.sign(room, "head")
    with room.store.read() as session:
        assert session.execute(select(Decision)).scalar_one().collective is True


def test_a_case_file_is_unchanged_when_a_gate_is_closed(room: Room) -> None:
    path.file(room)
    path.investigate(room)
    path.conclude(room)
    with room.store.read() as session:
        before = len(ledger.history(session, f"case:{room.case_id}"))
    with pytest.raises(GateClosed):
        path.sign(room)
    with room.store.read() as session:
        assert len(ledger.history(session, f"case:{room.case_id}")) == before
        assert session.get_one(Case, room.case_id).state == "reported"
