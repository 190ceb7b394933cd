"""The file beside the form: what lies on the shelf, what is open, how it can be shown, and the notes on its pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp import casefile
from webapp.house import actor, house
from webapp.languages import pick
from workflows.actors import Actor
from workflows.cases import access, notes
from workflows.cases.file import Case
from workflows.cases.materials import Material
from workflows.cases.notes import PageNote
from workflows.cases.papers.previews import Preview
from workflows.desk.tasks import Task
from workflows.documents import documents_of
from workflows.documents.kinds.registry import KINDS
from workflows.errors import Unavailable
from workflows.search.reading import Unreadable, pages_of

SHOWN: Mapping[str, str] = {
    "application/pdf": "pdf", "image/jpeg": "picture", "image/png": "picture", "text/plain": "text"
}
"""Media type → how a browser shows it in place; everything else is opened on one's own machine."""

LONGEST_TEXT = 200_000
"""Bytes of a text file that is shown in place."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to read. key: how addresses name it; kind: its heading in the checklist; shown: pdf, picture, text or
    "" for what is opened elsewhere; noted: how many notes are on it; material: None for papers of our own.
    """

    key: str
    title: str
    kind: str
    shown: str
    file: str
    noted: int = 0
    material: Material | None = None


@dataclass(frozen=True, slots=True)
class Chip:
    """A note as it is shown at its review point: where it leads, and the place as a finding cites it."""

    note: PageNote
    address: str
    place: str


@dataclass(frozen=True, slots=True)
class Pane:
    """The reading side of a page. shelf: heading → what lies under it; opened: None for the case at a glance."""

    shelf: Sequence[tuple[str, Sequence[Item]]]
    opened: Item | None
    before: str | None
    after: str | None
    place: str
    text: str
    page: int
    notes: Sequence[PageNote]
    mine: frozenset[str]
    may_note: bool
    address: Callable[[str], str]
    chips: Mapping[str, Sequence[Chip]]
    lit: str
    """The note that is pointed to, by its id; empty: none."""


def wanted() -> str:
    """What the request wants to read, by its key; empty: the case at a glance. A form that is sent says it too."""
    return request.values.get("read", "")[:40]


def only_pane() -> bool:
    """Whether the page is asked for its reading side alone, by the script of the same page."""
    return request.headers.get("HX-Target") == "reading"


def pane(
    session: Session, who: Actor, case: Case, task: Task | None = None, papers: Sequence[Preview] = ()
) -> Pane:
    """The reading side for somebody who sees the case. task: whose page it stands on; papers: what it would issue."""
    key = wanted()
    written = notes.notes_of(session, who, case)
    shelf = _shelf(session, case, written, task, papers)
    order = [item for _title, items in shelf for item in items]
    opened = next((item for item in order if item.key == key), None)
    at = order.index(opened) if opened else -1

    def address(key: str, **more: Any) -> str:
        if task is not None:
            return url_for("tasks.show", task_id=task.id, read=key or None, **more)
        return url_for("reading.show", case_id=case.id, read=key or None, **more)

    before = None if opened is None else "" if at == 0 and task is not None else order[at - 1].key if at > 0 else None
    after = order[at + 1].key if at + 1 < len(order) else None
    here = [note for note in written if opened and opened.material and note.material_id == opened.material.id]
    mine = frozenset(note.id for note in here if note.author_id == who.person_id)
    return Pane(
        shelf, opened, before, after, f"{at + 1}/{len(order)}", _text(opened), request.values.get("page", 1, type=int),
        here, mine, notes.may_note(session, who, case), address, _chips(written, address),
        request.values.get("note", "")[:32],
    )  # fmt: skip


def last_page(case_id: str, material_id: str) -> int:
    """The last page of a material to which a note can be pinned: of a PDF the page it ends with, of a picture or a
    text 1; of what is only downloaded, or can't be read, nobody knows and any page is taken.
    """
    with house().store.read() as session:
        row = session.get(Material, material_id)
        if row is None or row.case_id != case_id or not access.visible_id(session, actor(), case_id):
            return notes.LAST_PAGE  # the command says what is wrong
        shown, stored = SHOWN.get(row.media_type, ""), row.sha256
    if shown != "pdf":
        return 1 if shown else notes.LAST_PAGE
    try:
        with house().files.open(stored) as file:
            return pages_of(file)
    except (Unreadable, Unavailable):
        return notes.LAST_PAGE


def _shelf(
    session: Session, case: Case, written: Sequence[PageNote], task: Task | None, papers: Sequence[Preview]
) -> list[tuple[str, list[Item]]]:
    """Materials first, as they came in, then documents, what is to be issued, and at the end what was replaced."""
    counts = [note.material_id for note in written]
    names = casefile.kind_names(case)
    rows = [
        Item(row.id, row.file_name, pick(names.get(row.kind, (row.kind, row.kind))), SHOWN.get(row.media_type, ""),
             url_for("files.material", case_id=case.id, material_id=row.id), counts.count(row.id), row)
        for row in casefile.materials_of(session, case.id)
    ]  # fmt: skip
    issued = [
        Item(f"d-{row.id}", _name(row.type), row.number, "pdf",
             url_for("files.document", document_id=row.id))
        for row in documents_of(session, case.id) if row.sha256
    ]  # fmt: skip
    planned = [
        Item(f"p-{number}", _name(one.type), one.party, "pdf",
             url_for("tasks.preview", task_id=task.id, number=number))
        for number, one in enumerate(papers, 1)
    ] if task is not None else []  # fmt: skip
    current = [item for item in rows if item.material and not item.material.superseded_by_id]
    replaced = [item for item in rows if item not in current]
    groups = [(_("材料"), current), (_("文书"), issued), (_("将制作的文书（预览）"), planned), (_("已更换"), replaced)]
    return [(title, items) for title, items in groups if items]


def _name(type: str) -> str:
    """What a kind of document is called."""
    return pick((KINDS[type].zh, KINDS[type].en)) if type in KINDS else type


def _chips(written: Sequence[PageNote], address: Callable[..., str]) -> dict[str, list[Chip]]:
    """Review point → the notes for it."""
    found: dict[str, list[Chip]] = {}
    for note in written:
        if note.point:
            place = _("《%(title)s》第 %(page)s 页", title=note.material.title, page=note.page)
            chip = Chip(note, address(note.material_id, page=note.page, note=note.id), str(place))
            found.setdefault(note.point, []).append(chip)
    return found


def _text(opened: Item | None) -> str:
    """The content of a text file, in UTF-8 or GB18030 as Chinese offices write; empty for everything else."""
    row = opened.material if opened else None
    if row is None or opened is None or opened.shown != "text" or row.size > LONGEST_TEXT:
        return ""
    try:
        data = house().files.read(row.sha256)
    except Unavailable:  # the form beside it is not to blame for a store that does not answer
        return ""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")
