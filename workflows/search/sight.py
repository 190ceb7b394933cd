"""Which entries a person may see, as a condition of the query: what is not theirs is neither shown nor counted, nor
does it stand between what is.

Seeing the case is asked of every entry. Remarks and notes have readers of their own besides; here stands in SQL what
`desk.remarks`, `cases.notes` and `cases.circles` say of one of them, and a test compares the two. A kind that has no
rule here is seen by nobody, a visibility or circle without one by the author alone.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, cast, exists, false, func, or_, select, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, aliased

from workflows.actors import Actor, Unit, legal_subject, subtree
from workflows.cases import access, circles
from workflows.cases.file import Case, CaseOfficer
from workflows.cases.meetings import REPORTS, AgendaItem
from workflows.cases.notes import PageNote
from workflows.cases.recusals import CaseRecusal
from workflows.desk.remarks import Remark
from workflows.errors import NotFound
from workflows.search.entries import SearchEntry

AS_THE_CASE = frozenset({"case", "party", "document", "material"})
"""Kinds that whoever sees the case sees."""
FEW = 2_000
"""Cases of somebody who sees only some: their texts are looked through faster than the index of all texts."""


def seen(session: Session, actor: Actor) -> dict[str, ColumnElement[bool]]:
    """Kind → the condition on `SearchEntry` joined with its `Case` that holds for what the actor may see of it."""
    sees = access.visible_cases(session, actor)
    stays = and_(sees, ~_withdrew(session, actor))
    return dict.fromkeys(AS_THE_CASE, sees) | {
        "remark": and_(stays, _of_remarks(session, actor)), "note": and_(stays, _of_notes(session, actor)),
    }  # fmt: skip


def few_cases(session: Session, actor: Actor) -> list[str] | None:
    """The ids of all cases that the actor sees, where they are at most FEW; None where there are more."""
    wanted = select(Case.id).where(access.visible_cases(session, actor)).limit(FEW + 1)
    found = list(session.execute(wanted).scalars())
    return found if len(found) <= FEW else None


def _of_remarks(session: Session, actor: Actor) -> ColumnElement[bool]:
    """An answer is read by whoever reads its question."""
    made, thread = aliased(Remark), aliased(Remark)
    reads = or_(
        thread.author_id == actor.person_id, thread.to_id == actor.person_id,
        _in_circle(session, actor, thread.visibility),
        and_(thread.visibility == "people", _names(session, actor, thread.people)),
    )  # fmt: skip
    asked = select(made.id).join(thread, thread.id == func.coalesce(made.reply_to_id, made.id))
    return asked.where(made.id == SearchEntry.row_id, reads).exists()


def _of_notes(session: Session, actor: Actor) -> ColumnElement[bool]:
    return exists().where(
        PageNote.id == SearchEntry.row_id, PageNote.withdrawn_at.is_(None),
        or_(PageNote.author_id == actor.person_id, _in_circle(session, actor, PageNote.circle)),
    )  # fmt: skip


def _in_circle(session: Session, actor: Actor, circle: Any) -> ColumnElement[bool]:
    """Whether a circle of the case is one of the actor's, as `circles.of` gives them."""
    handled = exists().where(CaseOfficer.case_id == Case.id, CaseOfficer.person_id == actor.person_id)
    handles = handled.where(CaseOfficer.until.is_(None))
    units, bureaus = _headed(session, actor), _reviewed(session, actor)
    return or_(
        circle == "case",
        and_(circle == "unit", or_(handles, Case.unit_id.in_(units) if units else false())),
        and_(circle == "review", ~handled, Case.bureau_id.in_(bureaus)) if bureaus else false(),
    )


def _withdrew(session: Session, actor: Actor) -> ColumnElement[bool]:
    """Whether the actor had to withdraw from the case, as `circles.withdrawn` says."""
    part = exists().where(
        CaseOfficer.case_id == Case.id, CaseOfficer.person_id == actor.person_id, circles.CHARGED
    )  # fmt: skip
    ended = and_(part.where(CaseOfficer.until.is_not(None)), ~part.where(CaseOfficer.until.is_(None)))
    recused = exists().where(AgendaItem.case_id == Case.id, _recuses(session, actor))
    told = exists().where(CaseRecusal.case_id == Case.id, CaseRecusal.person_id == actor.person_id)
    return or_(ended, recused, told)


def _recuses(session: Session, actor: Actor) -> ColumnElement[bool]:
    if session.get_bind().dialect.name == "postgresql":
        said, entry = cast(AgendaItem.recused, JSONB), {"person_id": actor.person_id}
        named: ColumnElement[bool] = and_(
            said.contains([entry]), ~said.contains([{**entry, "reason": REPORTS}])
        )
        return named
    each = func.json_each(AgendaItem.recused).table_valued("value")
    return select(each.c.value).where(
        func.json_extract(each.c.value, "$.person_id") == actor.person_id,
        func.json_extract(each.c.value, "$.reason") != REPORTS,
    ).exists()  # fmt: skip


def _names(session: Session, actor: Actor, people: Any) -> ColumnElement[bool]:
    if session.get_bind().dialect.name == "postgresql":
        named: ColumnElement[bool] = cast(people, JSONB).contains([actor.person_id])
        return named
    each = func.json_each(people).table_valued("value")
    return select(each.c.value).where(each.c.value == actor.person_id).exists()


def _headed(session: Session, actor: Actor) -> set[str]:
    """The units whose cases have one of those that the actor heads on their path to the bureau."""
    heads = actor.units.get("handling_unit_head", frozenset())
    units = session.execute(select(Unit.id)).scalars().all() if heads else ()
    return {unit_id for unit_id in units if heads & _path(session, unit_id)}


def _path(session: Session, unit_id: str) -> set[str]:
    """The unit and those above it up to its bureau, as `access.path_to_bureau` has it of a case."""
    path: set[str] = set()
    try:
        bureau = legal_subject(session, unit_id).id
    except NotFound:  # outside of every bureau: no case is handled there
        return path
    unit = session.get(Unit, unit_id)
    while unit is not None and unit.id not in path:
        path.add(unit.id)
        unit = None if unit.id == bureau else unit.parent
    return path | {bureau}


def _reviewed(session: Session, actor: Actor) -> set[str]:
    """The bureaus in which the actor holds a role of the review side."""
    held = {unit_id for role in circles.REVIEW_SIDE for unit_id in actor.units.get(role, ())}
    bureaus = session.execute(select(Unit.id).where(Unit.legal_subject.is_(true()))).scalars().all() if held else ()
    return {bureau for bureau in bureaus if held & subtree(session, bureau)}
