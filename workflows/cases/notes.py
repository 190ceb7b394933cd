"""Notes pinned to a page of a material (批注): where on the page, what about it, for which review point, read by whom.

A note is neither an opinion nor evidence: no gate and no document reads one. It stays in the file when its author takes
it back, marked, as everything does. A reviewer's finding at a point and the notes for that point lead to each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from workflows import ledger
from workflows.actors import Actor, Person
from workflows.calendar import clock
from workflows.cases import access, circles, ending, entering
from workflows.cases.file import Case
from workflows.cases.materials import Material
from workflows.cases.reviews import REVIEW_POINTS
from workflows.errors import Forbidden, Invalid, NotFound, Problem
from workflows.ledger import events
from workflows.store import Row, Utc

LONGEST = 1000
"""Characters of a note."""
MOST = 300
"""Notes on one material; more are no help to a reader."""
LAST_PAGE = 9999
WHOLE = 1000
"""Where on a page is told in thousandths of its width and height, from the upper left corner."""
CIRCLES = ("case", "unit", "review")


class PageNote(Row):
    """One note. x, y: where it is pinned, in thousandths of the page; empty: to the page as a whole."""

    __tablename__ = "page_note"
    __table_args__ = (Index("ix_page_note_case_id_material_id", "case_id", "material_id"),)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"))
    material_id: Mapped[str] = mapped_column(ForeignKey("material.id"))
    task_id: Mapped[str | None] = mapped_column(ForeignKey("task.id"))  # the step at which it was written, if one
    author_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    page: Mapped[int] = mapped_column(Integer)
    x: Mapped[int | None] = mapped_column(Integer)
    y: Mapped[int | None] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(Text)
    point: Mapped[str] = mapped_column(String(8), default="")  # REVIEW_POINTS, or none
    circle: Mapped[str] = mapped_column(String(10))
    made_at: Mapped[datetime] = mapped_column(Utc)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Utc)
    author: Mapped[Person] = relationship()
    material: Mapped[Material] = relationship()


@dataclass(frozen=True, slots=True)
class Pin:
    """What is to be noted, and where: page from 1; x, y as in `PageNote`; point: "" or one of REVIEW_POINTS."""

    page: int
    text: str
    circle: str
    point: str = ""
    x: int | None = None
    y: int | None = None


def pin_note(
    session: Session, actor: Actor, case_id: str, material_id: str, pin: Pin, *, task_id: str | None = None,
    last: int = LAST_PAGE,
) -> PageNote:  # fmt: skip
    """Pin a note to a page of a material. task_id: the step at which it is written; last: the material's last page.

    Raises NotFound, Forbidden("note.looking_on", "note.withdrawn"), Invalid("case.<state>", "note.too_many"), and
    Invalid("note.*") with a problem for each field that is wrong.
    """
    case = _locked(session, actor, case_id)
    material = session.get(Material, material_id)
    if material is None or material.case_id != case.id:
        raise NotFound("material.unknown", material=material_id)
    _check(pin, last)
    live = select(func.count()).select_from(PageNote).where(
        PageNote.case_id == case.id, PageNote.material_id == material_id, PageNote.withdrawn_at.is_(None)
    )  # fmt: skip
    if session.execute(live).scalar_one() >= MOST:
        raise Invalid("note.too_many", most=MOST)
    made = PageNote(
        case_id=case.id, material_id=material_id, task_id=task_id, author_id=actor.person_id, page=pin.page,
        x=pin.x, y=pin.y, text=pin.text.strip(), point=pin.point, circle=pin.circle, made_at=clock.now(),
    )  # fmt: skip
    session.add(made)
    session.flush()
    told = events.PageNotePinned(
        note_id=made.id, material_id=material_id, page=pin.page, point=pin.point, circle=pin.circle, task_id=task_id
    )
    ledger.append(session, f"case:{case.id}", told, actor=actor, case_id=case.id)
    return made


def withdraw_note(session: Session, actor: Actor, note_id: str) -> PageNote:
    """Take a note of one's own back; once taken back, doing it again changes nothing.

    Raises NotFound("note.unknown") for somebody else's, Forbidden and Invalid("case.<state>") as `pin_note`.
    """
    note = session.get(PageNote, note_id)
    if note is None or note.author_id != actor.person_id:
        raise NotFound("note.unknown")
    case = _locked(session, actor, note.case_id)
    session.refresh(note)
    if note.withdrawn_at is None:
        note.withdrawn_at = clock.now()
        told = events.PageNoteWithdrawn(note_id=note.id, withdrawn_at=note.withdrawn_at)
        ledger.append(session, f"case:{case.id}", told, actor=actor, case_id=case.id)
    return note


def notes_of(session: Session, actor: Actor, case: Case, material_id: str | None = None) -> list[PageNote]:
    """The notes of a case, or of one material, that the actor may read and nobody took back, by page and place."""
    mine = circles.of(session, actor, case)
    if not mine:
        return []
    wanted = select(PageNote).where(
        PageNote.case_id == case.id, PageNote.withdrawn_at.is_(None),
        PageNote.circle.in_(mine) | (PageNote.author_id == actor.person_id),
    )  # fmt: skip
    if material_id is not None:
        wanted = wanted.where(PageNote.material_id == material_id)
    rows = session.execute(wanted.order_by(PageNote.page, PageNote.y, PageNote.made_at, PageNote.id)).scalars()
    return list(rows)


def may_note(session: Session, actor: Actor, case: Case) -> bool:
    """Whether the actor may pin notes in the case now."""
    if not circles.speaks(actor) or ending.why_settled(session, case) is not None:
        return False
    return bool(circles.of(session, actor, case))


def _locked(session: Session, actor: Actor, case_id: str) -> Case:
    if not access.visible_id(session, actor, case_id):
        raise NotFound("case.unknown", case=case_id)
    if not circles.speaks(actor):
        raise Forbidden("note.looking_on")
    case = entering.lock_for(session, actor, case_id)
    if actor.person_id in circles.withdrawn(session, case.id):
        raise Forbidden("note.withdrawn")
    ending.require_unsettled(session, case)
    return case


def _check(pin: Pin, last: int) -> None:
    problems: list[Problem] = []
    if not pin.text.strip() or len(pin.text) > LONGEST:
        problems.append(Problem("note.text", "text", facts={"most": LONGEST}))
    if not 1 <= pin.page <= LAST_PAGE:
        problems.append(Problem("note.page", "page"))
    elif pin.page > last:
        problems.append(Problem("note.page_beyond", "page", facts={"page": pin.page, "last": last}))
    if pin.circle not in CIRCLES:
        problems.append(Problem("note.circle", "circle"))
    if pin.point and pin.point not in REVIEW_POINTS:
        problems.append(Problem("note.point", "point"))
    if (pin.x is None) != (pin.y is None) or not all(0 <= at <= WHOLE for at in (pin.x or 0, pin.y or 0)):
        problems.append(Problem("note.place", "page"))
    if problems:
        raise Invalid(problems[0].code, problems, **problems[0].facts)
