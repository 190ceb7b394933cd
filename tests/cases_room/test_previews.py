"""What a step would issue can be read before it is completed, and reads as it is issued then."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import func, select

from tests.cases_room import path, test_referral
from tests.cases_room.room import Room
from workflows.cases.papers.previews import DRAFT_MARK, NOTICE_MARK, OPEN, previews
from workflows.documents import Document
from workflows.documents.fonts.faces import fonts_of
from workflows.documents.printing import render


def papers(
    room: Room, act: str, by: str, typed: Mapping[str, Sequence[str]] | None = None, **variables: Any
) -> list[tuple[str, str, dict[str, Any]]]:
    """Kind, party and content of what a step would issue, each of them printed once."""
    with room.store.read() as session:
        found = previews(session, room.actor(session, by), room.case(session), act, variables, typed or {})
        built = [(one, one.build()) for one in found]
    for one, content in built:
        text = "".join(page.extract_text() for page in PdfReader(
            io.BytesIO(render(one.type, content, fonts_of(), mark=one.mark).pdf)).pages)  # fmt: skip
        assert one.mark in text.replace("\n", "")
    return [(one.type, one.party, content) for one, content in built]


def issued(room: Room, kind: str) -> list[dict[str, Any]]:
    """The contents of the documents of a kind, in the order of the previews, without their numbers."""
    with room.store.read() as session:
        rows = session.execute(select(Document).where(Document.type == kind).order_by(Document.seq)).scalars().all()
        return [{**row.content, "number": ""} for row in rows]


def documents(room: Room) -> int:
    with room.store.read() as session:
        return session.execute(select(func.count()).select_from(Document)).scalar_one()


def to_notice(room: Room) -> None:
    path.file(room)
    path.investigate(room)
    both = [path.penalty(room, 120000, stage="overdue"), path.penalty(room, 30000, party=1, stage="overdue")]
    path.conclude(room, *both)
    path.review(room)


def test_each_party_s_notice_reads_before_it_is_served_as_it_is_issued_then(room: Room) -> None:
    to_notice(room)
    before = documents(room)
    shown = papers(room, "notice", "officer1")
    assert [(kind, party) for kind, party, _ in shown] == [("penalty_notice", "鑫达厂"), ("penalty_notice", "张三")]
    assert documents(room) == before  # a look takes no number
    path.notify(room, 0, 1)
    assert [content for _, _, content in shown] == issued(room, "penalty_notice")


def test_a_leader_reads_the_decision_before_signing_it(room: Room) -> None:
    path.to_decision(room)
    shown = papers(room, "decision", "deputy")
    path.sign(room)
    assert [content for _, _, content in shown] == issued(room, "penalty_decision")


def test_a_decision_not_to_penalise_is_shown_for_every_party(room: Room) -> None:
    path.file(room)
    path.investigate(room)
    path.conclude(room, outcome="minor", penalties=[])
    path.review(room)
    shown = papers(room, "decision", "deputy")
    assert [kind for kind, _, _ in shown] == ["no_penalty_decision", "no_penalty_decision"]
    assert papers(room, "notice", "officer1") == []


def test_the_review_opinion_takes_what_is_typed_and_shows_what_is_open(room: Room) -> None:
    path.file(room)
    path.investigate(room)
    path.conclude(room)
    agree = {"opinion": "agree", "text": "同意"}
    room.do("submission_check", "legal1", {"complete": "yes", "note": "齐"}, stage="before_notice")
    room.do("legal_review", "legal1", {**agree, "findings": path.findings()}, stage="before_notice")
    advice = {**agree, "findings": path.findings(), "conflict_free": True}
    room.do("counsel_review", "counsel", advice, stage="before_notice")
    assert papers(room, "review_conclusion", "legal1")[0][2]["text"] == OPEN
    typed = {"text": ["事实清楚。"], "adopts": ["yes"]}
    shown = papers(room, "review_conclusion", "legal1", typed, stage="before_notice")
    room.do("review_conclusion", "legal1", {**agree, "text": "事实清楚。", "adopts": "yes"}, stage="before_notice")
    assert [content for _, _, content in shown] == issued(room, "review_opinion")


def test_the_letter_of_referral_reads_before_it_is_sent(room: Room) -> None:
    path.file(room)
    path.investigate(room)
    test_referral.flag(room)
    test_referral.verify(room)
    test_referral.approve(room)
    assert papers(room, "transfer", "officer1")[0][2]["materials"] == [{"name": OPEN}]
    typed = {
        "police": ["市公安局"], "procuratorate": ["市检察院"], "materials": ["referral_letter", "investigation_report"],
    }  # fmt: skip
    shown = papers(room, "transfer", "officer1", typed)
    test_referral.transfer(room)
    assert [content for _, _, content in shown] == issued(room, "referral_letter")


def test_the_record_of_a_discussion_reads_before_it_is_signed(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    path.to_decision(room)
    seen: list[dict[str, Any]] = []
    do = room.do

    def look_first(act: str, by: str, answer: Mapping[str, Any], **variables: Any) -> Mapping[str, Any]:
        if act == "minutes":
            assert papers(room, act, by, **variables)[0][2]["report"] == OPEN
            seen.extend(content for _, _, content in papers(room, act, by, {"report": [answer["report"]]}, **variables))
        return do(act, by, answer, **variables)

    monkeypatch.setattr(room, "do", look_first)
    path.meet(room)
    assert seen == issued(room, "discussion_record")


def test_steps_that_issue_nothing_show_nothing(room: Room) -> None:
    path.file(room)
    for act in ("notice", "decision", "review_conclusion", "transfer", "investigation", None):
        assert papers(room, str(act) if act else "", "deputy") == []


def test_marks_tell_a_preview_from_a_document() -> None:
    assert DRAFT_MARK.startswith("预览稿")
    assert "文号" in NOTICE_MARK
