"""法制审核意见书 and 集体讨论记录, from opinions and votes."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.actors import Person, Post
from workflows.calendar import clock
from workflows.cases.facts import last_conclusion
from workflows.cases.file import Case, Draft
from workflows.cases.materials import Material
from workflows.cases.meetings import AgendaItem, leaders, presiding
from workflows.cases.papers import parts
from workflows.cases.reviews import OPINION_TYPES, Opinion

PROPOSALS = {
    "minor": "违法行为轻微，不予行政处罚",
    "unproven": "违法事实不能成立，不予行政处罚",
    "refer": "涉嫌犯罪，移送司法机关",
}


def review_opinion(session: Session, case: Case, draft: Draft, conclusion: Opinion) -> dict[str, Any]:
    """The content of the review opinion for a conclusion that agrees."""
    first, counsel = (_latest(session, case, draft, level) for level in ("legal_review", "counsel_review"))
    content: dict[str, Any] = {
        "issued_on": clock.local(conclusion.given_at).date().isoformat(), "handling_unit": case.unit.name,
        "submitted_on": clock.local(draft.created_at).date().isoformat(), "stage": conclusion.stage,
        "parties": [party.name for party in case.parties], "cause": parts.cause(case),
        "proposal": proposal(draft, case), "facts": draft.facts, "basis": draft.law, "draft_digest": draft.digest,
        "materials": _titles(session, case), "points": _points(first), "opinion": conclusion.opinion,
        "text": conclusion.text, "reviewers": _reviewers(session, first, conclusion),
    }  # fmt: skip
    if counsel is not None:
        person = session.get_one(Person, counsel.reviewer_id)
        content["counsel"] = {
            "name": person.name, "firm": _post(session, person.id, clock.today()), "opinion": counsel.opinion,
            "text": counsel.text, "adopted": conclusion.adopts_counsel or "yes", "reason": conclusion.adoption_reason,
        }  # fmt: skip
    return content


def proposal(draft: Draft, case: Case) -> str:
    """What the unit proposes, in one sentence a party."""
    if draft.outcome != "penalise":
        return PROPOSALS[draft.outcome]
    named = {party.id: party.name for party in case.parties}
    told = [
        f"拟对{named[party_id]}给予{parts.penalty_words(parts.penalty_part(rows))}的行政处罚"
        for party_id, rows in parts.by_party(draft).items()
    ]
    return "；".join(told)


def discussion_record(
    session: Session, case: Case, item: AgendaItem, *, report: str, questions: str, recorder: str
) -> dict[str, Any]:
    """The content of the record of one item. Members' posts are those of the day of the meeting."""
    meeting = item.meeting
    began = meeting.opened_at or meeting.planned_at
    ended = item.concluded_at or began
    on = clock.local(began).date()
    conclusion = last_conclusion(session, case)
    said = "尚无法制审核结论。"
    if conclusion is not None:
        said = f"法制审核结论：{OPINION_TYPES[conclusion.opinion][0]}。{conclusion.text}"
    votes = [vote for vote in item.votes if vote.round == item.round]
    return {
        "issued_on": clock.local(ended).date().isoformat(), "cause": parts.cause(case),
        "parties": [party.name for party in case.parties], "began_at": began.isoformat(), "ended_at": ended.isoformat(),
        "place": meeting.place, "host": _host(session, item), "recorder": recorder,
        "reporter": parts.lead_officer(session, case), "observers": [line for line in [meeting.observers] if line],
        "members": [_member(session, item, entry, on) for entry in _called(session, case, item, on)],
        "report": report, "review": said,
        "discussion": questions, "conclusion": item.resolution,
        "votes": [
            {"name": _name(session, vote.person_id), "choice": vote.choice, "opinion": vote.opinion} for vote in votes
        ],
    }  # fmt: skip


def _host(session: Session, item: AgendaItem) -> str:
    """Who presided; where another was appointed to conclude, both, with the reason."""
    if not item.presiders:
        return _name(session, presiding(item) or item.meeting.host_id)
    first = item.presiders[0]["instead_id"]
    later = [f"表决后因{one['reason']}改由{_name(session, one['person_id'])}主持" for one in item.presiders]
    return "；".join([*([_name(session, first)] if first else []), *later])


def _called(session: Session, case: Case, item: AgendaItem, on: date) -> list[dict[str, Any]]:
    """The attendance of an item; leaders of the bureau who were not called count as absent."""
    known = {entry["person_id"] for entry in item.attendance}
    others = [person.id for person in leaders(session, case.bureau_id, on) if person.id not in known]
    return [*item.attendance, *({"person_id": one, "present": False, "reason": "未通知到会"} for one in others)]


def _latest(session: Session, case: Case, draft: Draft, level: str) -> Opinion | None:
    return session.execute(
        select(Opinion)
        .where(Opinion.case_id == case.id, Opinion.level == level, Opinion.draft_digest == draft.digest)
        .order_by(Opinion.given_at.desc())
        .limit(1)
    ).scalar_one_or_none()


def _points(opinion: Opinion | None) -> list[dict[str, Any]]:
    findings = opinion.findings if opinion is not None else []
    return [
        {"point": one.point, "result": one.result, "text": one.text, "evidence": one.evidence, "basis": one.basis,
         "blocking": one.blocking}
        for one in findings
    ]  # fmt: skip


def _reviewers(session: Session, *opinions: Opinion | None) -> list[str]:
    ids = [opinion.reviewer_id for opinion in opinions if opinion is not None]
    return [_name(session, person_id) for person_id in dict.fromkeys(ids)]


def _titles(session: Session, case: Case) -> list[str]:
    wanted = select(Material.title).where(Material.case_id == case.id, Material.superseded_by_id.is_(None))
    return list(dict.fromkeys(session.execute(wanted.order_by(Material.added_at, Material.title)).scalars()))


def _member(session: Session, item: AgendaItem, entry: dict[str, Any], on: date) -> dict[str, Any]:
    withdrew = {one["person_id"]: one["reason"] for one in item.recused}
    recused = entry["person_id"] in withdrew
    return {
        "name": _name(session, entry["person_id"]), "post": _post(session, entry["person_id"], on),
        "present": bool(entry["present"]), "recused": recused,
        "reason": withdrew[entry["person_id"]] if recused else str(entry.get("reason") or ""),
    }  # fmt: skip


def _name(session: Session, person_id: str) -> str:
    return session.get_one(Person, person_id).name


def _post(session: Session, person_id: str, on: date) -> str:
    rows = session.execute(select(Post).where(Post.person_id == person_id).order_by(Post.rank)).scalars()
    return next((post.title for post in rows if post.holds(on)), "成员")
