"""New forms and decision tables of a draft, empty or copied from one that it has: each an ordinary save of a file."""

from __future__ import annotations

import re

from sqlalchemy.orm import Session

from workflows.actors import Actor
from workflows.diagrams import blanks, drafting, drafts
from workflows.diagrams.drafting import LONGEST_NAME
from workflows.errors import Invalid

FORM, TABLE = ".form", ".dmn"
FOLDER = "forms/"
LONGEST = 60
"""Characters of a name."""
_NAME = re.compile(rf"[A-Za-z][A-Za-z0-9_-]{{0,{LONGEST - 1}}}")


def add_form(session: Session, actor: Actor, draft_id: str, name: str) -> str:
    """A new form with one field; its path. name: the form's id, which the steps of the diagram name.

    Raises Forbidden, NotFound, Invalid ("draft.new_name", "draft.file_exists", and as `drafting.save_file`).
    """
    id = _named(name)
    return _put(session, actor, draft_id, f"{FOLDER}{id}{FORM}", blanks.blank_form(id))


def add_table(session: Session, actor: Actor, draft_id: str, name: str, title: str = "") -> str:
    """A new decision table with one input and one output; its path. name: the decision's id; title: what people call
    it, its id where that is empty. Raises as above, and Invalid ("draft.decision_taken", "draft.name_missing").
    """
    id = _named(name)
    called = " ".join(title.split())
    if len(called) > LONGEST_NAME:
        raise Invalid("draft.name_missing", limit=LONGEST_NAME)
    return _put(session, actor, draft_id, f"{id}{TABLE}", blanks.blank_table(id, called or id))


def copy_file(session: Session, actor: Actor, draft_id: str, path: str, name: str) -> str:
    """A form or a decision table of the draft once more under another name; its path. Raises as above."""
    id = _named(name)
    data, _ = drafts.content(session, drafting.locked(session, actor, draft_id).id, path)
    if path.startswith(FOLDER) and path.endswith(FORM):
        return _put(session, actor, draft_id, f"{FOLDER}{id}{FORM}", blanks.copied_form(data, id))
    if path.endswith(TABLE):
        return _put(session, actor, draft_id, f"{id}{TABLE}", blanks.copied_table(data, id))
    raise Invalid("draft.copy_kind", file=path)


def _named(name: str) -> str:
    """A name without the ending or the folder that people may type with it. Raises Invalid ("draft.new_name")."""
    id = name.strip().removeprefix(FOLDER).removesuffix(FORM).removesuffix(TABLE)
    if not _NAME.fullmatch(id):
        raise Invalid("draft.new_name", name=id[:120] or None, limit=LONGEST)
    return id


def _put(session: Session, actor: Actor, draft_id: str, path: str, data: bytes) -> str:
    """Save a file that the draft has not yet; asked twice for the same one, nothing happens the second time."""
    row = drafting.locked(session, actor, draft_id)
    files = drafts.contents(session, row.id)
    if files.get(path, data) != data:
        raise Invalid("draft.file_exists", file=path)
    taken = {id: other for other in files if other.endswith(TABLE) and other != path
             for id in blanks.decisions(files[other], other)}  # fmt: skip
    for id in blanks.decisions(data, path) if path.endswith(TABLE) else ():
        if id in taken:
            raise Invalid("draft.decision_taken", decision=id, file=taken[id])
    drafting.save_file(session, actor, draft_id, path, data, seen=None)
    return path
