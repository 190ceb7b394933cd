"""Meetings of the leaders: which were called, who attended, what was concluded on each case."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, selectinload

from webapp import casefile
from webapp.house import actor, house
from webapp.words import CHOICES
from workflows.actors import Actor
from workflows.cases import access
from workflows.cases.file import Case
from workflows.cases.meetings import AgendaItem, Meeting, MeetingMember
from workflows.errors import NotFound

blueprint = Blueprint("meetings", __name__, url_prefix="/meetings")

@blueprint.get("")
def index() -> ResponseReturnValue:
    """The meetings one belongs to or whose cases one may see, newest first."""
    with house().store.read() as session:
        query = select(Meeting).where(_open_to(session, actor())).order_by(Meeting.planned_at.desc()).limit(100)
        rows = session.execute(
            query.options(selectinload(Meeting.items), selectinload(Meeting.members))
        ).scalars().all()  # fmt: skip
        people = casefile.people_by_id(session, {meeting.host_id for meeting in rows})
        return render_template("meetings/index.html", rows=rows, people=people)


@blueprint.get("/<meeting_id>")
def show(meeting_id: str) -> ResponseReturnValue:
    """One meeting: members, agenda, votes and conclusions of the cases that one may see."""
    who = actor()
    with house().store.read() as session:
        meeting = session.execute(
            select(Meeting).where(Meeting.id == meeting_id, _open_to(session, who))
        ).scalar_one_or_none()
        if meeting is None:
            raise NotFound("meeting.unknown", meeting=meeting_id)
        items = [
            (item, case) for item in meeting.items
            if (case := session.get(Case, item.case_id)) and access.visible(session, who, case)
        ]  # fmt: skip
        ids = {meeting.host_id, meeting.recorder_id, *(member.person_id for member in meeting.members)}
        ids |= {one["instead_id"] for item, _case in items for one in item.presiders}
        people = casefile.people_by_id(session, ids)
        return render_template(
            "meetings/show.html", meeting=meeting, items=items, people=people, choices=CHOICES,
            hidden=len(meeting.items) - len(items),
        )  # fmt: skip


def _open_to(session: Session, who: Actor) -> ColumnElement[bool]:
    """A condition on Meeting: members, host and recorder, and those who may see one of its cases."""
    member = select(MeetingMember.meeting_id).where(MeetingMember.person_id == who.person_id)
    seen = select(AgendaItem.meeting_id).join(Case, Case.id == AgendaItem.case_id).where(
        access.visible_cases(session, who)
    )
    return or_(
        Meeting.id.in_(member), Meeting.id.in_(seen), Meeting.host_id == who.person_id,
        Meeting.recorder_id == who.person_id,
    )  # fmt: skip
