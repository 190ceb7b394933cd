"""集体讨论 (行政处罚法 57 para. 2): agenda, attendance and recusal, votes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from workflows import ledger
from workflows.actors import Person
from workflows.cases import access, facts, gates, recusals
from workflows.cases.acts.act import ActContext, Effect
from workflows.cases.acts.answers import Checks
from workflows.cases.acts.attachments import keep_files
from workflows.cases.file import current_draft, officer_ids
from workflows.cases.meetings import (
    REPORTS,
    AgendaItem,
    Meeting,
    MeetingMember,
    Vote,
    heads,
    leaders,
    presiding,
    voted,
)
from workflows.errors import Forbidden, Invalid
from workflows.ledger import events

CHOICES = ("approve", "change", "return", "refer", "abstain")


def put_on_agenda(context: ActContext, answer: Mapping[str, Any]) -> Effect:
    """列入会议议程: on an existing meeting's agenda, or on that of a new one."""
    case, session = context.case, context.session
    access.require_role(session, context.actor, case, "legal_reviewer")
    access.require_independent(session, context.actor, case)
    draft = current_draft(session, case)
    if draft is None:
        raise Invalid("draft.missing")
    checks = Checks()
    chosen = str(answer.get("meeting") or "")
    meeting = _existing(context, checks, chosen) if chosen else _new(context, checks, answer)
    checks.done()
    keep_files(context, answer)
    purpose = "dispute" if context.variables.get("purpose") == "dispute" else "decision"
    position = session.execute(
        select(func.count()).select_from(AgendaItem).where(AgendaItem.meeting_id == meeting.id)
    ).scalar_one()
    item = AgendaItem(
        meeting_id=meeting.id, case_id=case.id, position=position, purpose=purpose, draft_id=draft.id,
        draft_digest=draft.digest,
    )  # fmt: skip
    session.add(item)
    session.flush()
    case.state = "deliberating"
    listed = events.AgendaItemListed(
        meeting_id=meeting.id, item_id=item.id, case_id=case.id, purpose=purpose, draft_digest=draft.digest
    )
    ledger.append(session, f"meeting:{meeting.id}", listed, actor=context.actor, case_id=case.id)
    return Effect({"item_id": item.id, "meeting_id": meeting.id})


def _existing(context: ActContext, checks: Checks, meeting_id: str) -> Meeting:
    meeting = context.session.execute(
        select(Meeting)
        .where(Meeting.id == meeting_id, Meeting.bureau_id == context.case.bureau_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if not checks.need(meeting is not None and meeting.state != "closed", "meeting.not_open", "meeting"):
        checks.done()
    assert meeting is not None  # noqa: S101 - `done` has raised otherwise
    members = {member.person_id for member in meeting.members}
    _leader_among(context, checks, members, "meeting")
    _head_among(context, checks, members, "meeting")
    return meeting


def _new(context: ActContext, checks: Checks, answer: Mapping[str, Any]) -> Meeting:
    case, session = context.case, context.session
    title, place = checks.text(answer, "title"), checks.text(answer, "place")
    planned_at = checks.moment(answer, "planned_at", context, future=True)
    members = checks.words(answer, "members")
    host = checks.text(answer, "host")
    possible = {person.id for person in leaders(session, case.bureau_id)}
    checks.need(len(members) >= 2, "meeting.members_few", "members")
    checks.need(set(members) <= possible, "meeting.not_a_leader", "members")
    checks.need(host in members, "meeting.host_no_member", "host")
    _leader_among(context, checks, set(members), "members")
    _head_among(context, checks, set(members), "members")
    checks.done()
    meeting = Meeting(
        bureau_id=case.bureau_id, title=title, place=place, planned_at=planned_at, host_id=host,
        recorder_id=context.actor.person_id, observers=str(answer.get("observers") or ""),
        members=[MeetingMember(person_id=one, position=number) for number, one in enumerate(members)],
    )  # fmt: skip
    session.add(meeting)
    session.flush()
    called = events.MeetingCalled(
        meeting_id=meeting.id, title=title, planned_at=planned_at, place=place, host_id=host, member_ids=members
    )
    ledger.append(session, f"meeting:{meeting.id}", called, actor=context.actor, case_id=case.id)
    return meeting


def _leader_among(context: ActContext, checks: Checks, members: set[str], place: str) -> None:
    """The leader in charge of the case belongs to its discussion, where the bureau's quorum rule says so."""
    leader = context.case.leader_id
    needed = facts.quorum_rule(context.session, context.case).leader_needed
    name = person.name if leader and (person := context.session.get(Person, leader)) else ""
    checks.need(not needed or leader is None or leader in members, "meeting.leader_missing", place, name=name)


def _head_among(context: ActContext, checks: Checks, members: set[str], place: str) -> None:
    """The head of the bureau is called to every discussion; whoever is away or withdraws says why."""
    found = heads(context.session, context.case.bureau_id)
    checks.need(not found or found & members, "meeting.head_missing", place)


def open_item(context: ActContext, answer: Mapping[str, Any]) -> Effect:
    """到会、回避和法定人数确认: who came, who withdraws, whether that is a quorum, and who votes."""
    session = context.session
    access.require_role(session, context.actor, context.case, "legal_reviewer")
    item = current_item(context, "listed")
    session.refresh(item.meeting, with_for_update=True)  # two cases of one meeting may be opened at once
    checks = Checks()
    opened_at = checks.moment(answer, "opened_at", context)
    checks.after("opened_at", opened_at, context.offered_at)
    attendance = _attendance(checks, item, answer)
    recused = _recusals(context, checks, item, answer)
    checks.done()
    keep_files(context, answer)
    item.attendance, item.recused = attendance, recused
    present = [entry["person_id"] for entry in attendance if entry["present"]]
    withdrawn = {entry["person_id"] for entry in recused}
    entitled = {person.id for person in leaders(session, context.case.bureau_id)}
    out = withdrawn | access.barred(session, context.case, "panel_member")  # who reviewed the case hears it only
    item.voters = [one for one in present if one in entitled - out]
    fact = facts.item_fact(session, context.case, item)
    quorum = gates.g6_quorum(facts.quorum_rule(session, context.case), fact) is None
    item.state = "voting" if quorum else "postponed"
    _record_attendance(context, item, opened_at, present, should=fact.members, quorum=quorum)
    for entry in item.recused:
        if entry["reason"] != REPORTS:
            recusals.took_effect(session, context.actor, context.case, entry["person_id"], entry["reason"])
    return Effect({"quorum": quorum, "voters": list(item.voters), "presiding": presiding(item)})


def current_item(context: ActContext, *states: str) -> AgendaItem:
    """The agenda item that this step is about. Raises Invalid("meeting.item_not_here")."""
    wanted = (
        select(AgendaItem)
        .join(Meeting)
        .where(AgendaItem.case_id == context.case.id, AgendaItem.state.in_(states))
        .order_by(Meeting.planned_at.desc(), AgendaItem.position.desc())
        .limit(1)
    )
    named = context.variables.get("item_id")
    if named:
        wanted = wanted.where(AgendaItem.id == str(named))
    item = context.session.execute(wanted).scalar_one_or_none()
    if item is None:
        raise Invalid("meeting.item_not_here")
    return item


def _attendance(checks: Checks, item: AgendaItem, answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    waiting = [member.person_id for member in item.meeting.members]
    found = []
    for number, row in enumerate(checks.rows(answer, "attendance")):
        person_id, present = str(row.get("person_id") or ""), row.get("present") is True
        if checks.need(person_id in waiting, "meeting.not_a_member", f"attendance[{number}].person_id"):
            waiting.remove(person_id)
        reason = checks.text(row, "reason", f"attendance[{number}].reason", optional=present)
        found.append({"person_id": person_id, "present": present, "reason": reason})
    checks.need(not waiting, "meeting.attendance_incomplete", "attendance")
    return found


def _recusals(
    context: ActContext, checks: Checks, item: AgendaItem, answer: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Whoever has an interest withdraws (43); whoever handles the case reports, but does not vote (SOD-4)."""
    members = {member.person_id for member in item.meeting.members}
    found: dict[str, str] = {}
    for number, row in enumerate(checks.rows(answer, "recusals", optional=True)):
        person_id = str(row.get("person_id") or "")
        checks.need(person_id in members, "meeting.not_a_member", f"recusals[{number}].person_id")
        found[person_id] = checks.text(row, "reason", f"recusals[{number}].reason")
    for person_id in members & officer_ids(context.session, context.case.id):
        found.setdefault(person_id, REPORTS)
    for earlier in _withdrew_before(context, item):  # an interest in a case does not end with a meeting
        if earlier["person_id"] in members:
            found.setdefault(earlier["person_id"], earlier["reason"])
    for one in recusals.of(context.session, context.case.id):
        if one.person_id in members:
            found[one.person_id] = one.reason
    return [{"person_id": person_id, "reason": reason} for person_id, reason in found.items()]


def _withdrew_before(context: ActContext, item: AgendaItem) -> list[dict[str, Any]]:
    """Who had to withdraw from the case in an earlier discussion, with the reason."""
    rows = select(AgendaItem.recused).where(AgendaItem.case_id == context.case.id, AgendaItem.id != item.id)
    return [entry for recused in context.session.execute(rows).scalars() for entry in recused]


def _record_attendance(
    context: ActContext, item: AgendaItem, opened_at: datetime, present: list[str], *, should: int, quorum: bool
) -> None:
    meeting, session = item.meeting, context.session
    if meeting.opened_at is None:
        meeting.opened_at, meeting.state = opened_at, "open"
    for member in meeting.members:
        own = next(entry for entry in item.attendance if entry["person_id"] == member.person_id)
        member.present, member.absence_reason = bool(member.present) or own["present"], own["reason"][:200]
    stream = f"meeting:{meeting.id}"
    absent = [entry for entry in item.attendance if not entry["present"]]
    recorded = events.AttendanceRecorded(
        meeting_id=meeting.id, present_ids=present, should=should, present=len(present), quorum=quorum,
        absent=[{"person_id": entry["person_id"], "reason": entry["reason"]} for entry in absent],
    )  # fmt: skip
    ledger.append(session, stream, recorded, actor=context.actor, happened=opened_at, case_id=context.case.id)
    for entry in item.recused:
        name = session.get_one(Person, entry["person_id"]).name
        withdrew = events.RecusalDecided(
            person_id=entry["person_id"], name=name, granted=True, reason=entry["reason"], part="panel_member",
            meeting_id=meeting.id,
        )  # fmt: skip
        ledger.append(session, stream, withdrew, actor=context.actor, case_id=context.case.id)


def vote(context: ActContext, answer: Mapping[str, Any]) -> Effect:
    """发表意见并表决: one vote a member and round, each in person."""
    session, actor = context.session, context.actor
    item = current_item(context, "voting")
    if context.subject not in (None, actor.person_id) or actor.person_id not in item.voters:
        raise Forbidden("vote.not_entitled", name=actor.name)
    if actor.person_id not in {person.id for person in leaders(session, context.case.bureau_id)}:
        raise Forbidden("vote.not_entitled", name=actor.name)  # the post ended since attendance was taken
    if actor.person_id in access.barred(session, context.case, "panel_member"):
        raise Forbidden("vote.not_entitled", name=actor.name)
    checks = Checks()
    choice = checks.choice(answer, "choice", CHOICES)
    opinion = checks.text(answer, "opinion")
    checks.done()
    if actor.person_id in voted(item):
        raise Invalid("vote.cast_already")
    session.add(
        Vote(
            item_id=item.id, round=item.round, person_id=actor.person_id, choice=choice, opinion=opinion,
            cast_at=context.now,
        )
    )
    session.flush()
    session.expire(item, ["votes"])
    cast = events.VoteCast(
        meeting_id=item.meeting_id, item_id=item.id, member_id=actor.person_id, member=actor.name, choice=choice,
        opinion=opinion, round=item.round,
    )  # fmt: skip
    ledger.append(session, f"meeting:{item.meeting_id}", cast, actor=actor, case_id=context.case.id)
    return Effect({})
