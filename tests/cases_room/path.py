"""The main path of a penalty case, step by step, for tests that need a case somewhere on it."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.cases_room.room import MATTER, Room, paper
from workflows.cases.reviews import REVIEW_POINTS


def penalty(room: Room, fine: int | None = 30000, *, party: int = 0, **changes: Any) -> dict[str, Any]:
    """A row of the report: a fine on a party at the first stage."""
    row: dict[str, Any] = {
        "party_id": room.party(party), "matter_code": MATTER, "stage": "initial", "types": ["fine"], "fine": fine,
    }  # fmt: skip
    return row | changes


def report(room: Room, *penalties: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An investigation report."""
    answer: dict[str, Any] = {
        "outcome": "penalise", "facts": "2024年3月1日焊工无证作业。", "evidence": "现场检查记录,证明无证作业",
        "law": "违反《安全生产法》第三十条第一款的规定,依据《安全生产法》第九十七条第(七)项的规定",
        "discretion": "已整改,从轻。", "penalties": list(penalties) or [penalty(room)],
        "files": [paper("investigation_report", "调查终结报告.pdf", "3")],
    }  # fmt: skip
    return answer | changes


def findings(**defects: dict[str, Any]) -> list[dict[str, Any]]:
    """All review points passed, except the defects by point."""
    return [{"point": point, "result": "pass"} | defects.get(point, {}) for point in REVIEW_POINTS]


def file(room: Room) -> None:
    """Lead and filing."""
    room.open()
    room.do("filing", "deputy", {"result": "approve", "opinion": "同意立案"})


def investigate(room: Room, **changes: Any) -> None:
    """Two officers inspect."""
    officers = [room.person("officer1"), room.person("officer2")]
    act = {"kind": "inspection", "done_on": date(2024, 3, 4), "place": "车间", "officers": officers}
    answer = {"acts": [act], "seizure": "none", "files": [paper("evidence", "照片.jpg", "2")]}
    room.do("investigation", "officer1", answer | changes)


def conclude(room: Room, *penalties: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Investigation report and the unit head's check; gives what the gateways read."""
    variables = dict(room.do("investigation_report", "officer1", report(room, *penalties, **changes)))
    room.do("unit_check", "unithead", {"result": "agree", "opinion": "同意报审"})
    return variables


def review(room: Room, stage: str = "before_notice") -> None:
    """Completeness, first review, counsel, conclusion: agreed."""
    agree = {"opinion": "agree", "text": "同意"}
    room.do("submission_check", "legal1", {"complete": "yes", "note": "回证随后归卷"}, stage=stage)
    room.do("legal_review", "legal1", {**agree, "findings": findings()}, stage=stage)
    room.do("counsel_review", "counsel", {**agree, "findings": findings(), "conflict_free": True}, stage=stage)
    room.do("review_conclusion", "legal1", {**agree, "adopts": "yes"}, stage=stage)


def notify(room: Room, *parties: int) -> dict[str, Any]:
    """Serve the notice on parties by their position."""
    services = [
        {"party_id": room.party(one), "method": "direct", "served_at": room.time.now()} for one in parties or (0,)
    ]
    return dict(room.do("notice", "officer1", {"services": services, "files": [paper("notice_receipt")]}))


def waive(room: Room, *parties: int) -> None:
    """The parties waive statement and hearing in writing."""
    replies = [
        {"party_id": room.party(one), "statement": "waived", "statement_on": date(2024, 3, 4), "hearing": "waived",
         "hearing_requested_on": date(2024, 3, 4)}
        for one in parties or (0,)
    ]  # fmt: skip
    room.do("statement", "officer1", {"replies": replies, "change": "none", "files": [paper("statement_record")]})


def to_decision(room: Room, fine: int = 30000, second: int | None = None) -> None:
    """Everything up to the decision, on one day: a fine on the entity, and `second` on the person where given."""
    file(room)
    investigate(room)
    rows = [penalty(room, fine)]
    parties: tuple[int, ...] = (0,)
    if second is not None:
        rows = [penalty(room, fine, stage="overdue"), penalty(room, second, party=1, stage="overdue")]
        parties = (0, 1)
    conclude(room, *rows)
    review(room)
    notify(room, *parties)
    waive(room, *parties)


def sign(room: Room, by: str = "deputy") -> dict[str, Any]:
    """Sign the decision."""
    return dict(room.do("decision", by, {"result": "sign", "opinion": "同意"}))


def meet(room: Room, choice: str = "approve", *, purpose: str = "decision", **conclusion: Any) -> dict[str, Any]:
    """A whole collective discussion in which everybody votes alike."""
    people = ["deputy", "head", "member1", "member2"]
    ids = [room.person(login) for login in people]
    agenda = {
        "title": "案件集体讨论会", "planned_at": room.time.now(), "place": "会议室", "members": ids, "host": ids[1],
    }  # fmt: skip
    item = room.do("agenda", "legal1", agenda, purpose=purpose)["item_id"]
    attendance = [{"person_id": one, "present": True} for one in ids]
    room.do("attendance", "legal1", {"attendance": attendance, "opened_at": room.time.now()}, item_id=item)
    for login, voter in zip(people, ids, strict=True):
        room.do("vote", login, {"choice": choice, "opinion": "意见"}, item_id=item, voter=voter)
    answer = {"conclusion": choice, "resolution": "会议决定", **conclusion}
    result = dict(room.do("meeting_conclusion", "head", answer, item_id=item))
    room.do("minutes", "legal1", {"report": "汇报案情"}, item_id=item)
    return result

