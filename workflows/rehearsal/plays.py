"""The plays that administrators keep with a draft: begun, one move longer, shortened, thrown away.

Only moves are kept. What they lead to is made anew for each look (`scene.staged`), outside of any unit of work here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from workflows.actors import Actor
from workflows.calendar import clock
from workflows.diagrams import description, drafting, drafts, library, statutory
from workflows.diagrams.draft_tables import ProcessDraft
from workflows.diagrams.drafts import EDITORS
from workflows.diagrams.trying_tables import ProcessPlay
from workflows.engine import packages
from workflows.engine.definition import Definition
from workflows.engine.definition import read as read_definition
from workflows.engine.package import Package
from workflows.errors import FashenError, Invalid, NotFound, Stale
from workflows.rehearsal.sandbox import Sandbox, prepare
from workflows.rehearsal.scene import MOST_MOVES, Move

KEPT = 20
"""Plays of one person at one draft; the oldest goes when another one is begun."""
MOST_BYTES = 300_000
"""Of all moves of a play, as JSON."""
LONGEST_NAME = 100


def begin(
    session: Session, actor: Actor, draft_id: str, process_key: str, name: str, *, play_id: str,
    moves: Sequence[Move] = (), begins: datetime | None = None,
) -> ProcessPlay:  # fmt: skip
    """Begin a play of a draft. process_key: that the play opens a case with; moves: those that it begins with.

    begins: where its clock begins, now if not given; play_id: chosen by whoever asks: asked twice, one play is begun.
    Raises Forbidden, NotFound, Invalid ("trying.no_entrance", "trying.too_long").
    """
    actor.require(*EDITORS)
    drafting.require_id(play_id)
    if (known := session.get(ProcessPlay, play_id)) is not None:
        return play(session, actor, known.id)
    row = drafts.draft(session, actor, draft_id)
    if process_key not in entrances(session, row):
        raise Invalid("trying.no_entrance", process=process_key[:64])
    now = clock.now()
    found = ProcessPlay(
        id=play_id, draft_id=row.id, person_id=actor.person_id, process_key=process_key,
        name=(name.strip() or row.name)[:LONGEST_NAME], moves=_fit(moves), revision=0,
        started_at=begins or now, changed_at=now,
    )  # fmt: skip
    session.add(found)
    session.flush()
    _let_go(session, actor, row.id)
    return found


def play(session: Session, actor: Actor, play_id: str) -> ProcessPlay:
    """A play of one's own. Raises Forbidden, and NotFound ("trying.unknown")."""
    actor.require(*EDITORS)
    row = session.get(ProcessPlay, play_id)
    if row is None or row.person_id != actor.person_id:
        raise NotFound("trying.unknown")
    return row


def of_draft(session: Session, actor: Actor, draft_id: str) -> list[ProcessPlay]:
    """One's own plays of a draft, the latest first."""
    wanted = select(ProcessPlay).where(ProcessPlay.draft_id == draft_id, ProcessPlay.person_id == actor.person_id)
    return list(session.execute(wanted.order_by(ProcessPlay.changed_at.desc(), ProcessPlay.id)).scalars())


def keep_moves(session: Session, actor: Actor, play_id: str, moves: Sequence[Move], *, seen: int) -> int:
    """The moves of a play from now on; its revision. Raises Stale ("trying.moved") where another window was faster,
    Invalid ("trying.too_long").
    """
    row = session.get(ProcessPlay, play(session, actor, play_id).id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("trying.unknown")
    if row.revision != seen:
        raise Stale("trying.moved")
    row.moves, row.revision, row.changed_at = _fit(moves), row.revision + 1, clock.now()
    return row.revision


def discard(session: Session, actor: Actor, play_id: str) -> None:
    """Throw a play away. Raises Forbidden, NotFound."""
    session.delete(play(session, actor, play_id))


def sandbox_of(session: Session, actor: Actor, row: ProcessPlay) -> Sandbox:
    """The bureau in which a play takes place, with the draft as it stands. Raises DiagramRefused, Invalid."""
    return prepare(session, actor, package_of(session, actor, row.draft_id), row.started_at)


def package_of(session: Session, actor: Actor, draft_id: str) -> Package:
    """A draft as a package. Raises Forbidden, NotFound, Invalid."""
    return drafts.package(session, drafts.draft(session, actor, draft_id))


def entrances(session: Session, row: ProcessDraft) -> list[str]:
    """The processes with which a case can be opened that runs through the draft: its own, or those that call it.

    Those with a start form only, the draft's own first. Raises DiagramRefused where the draft can't be read.
    """
    published = {key: packages.current(session, key) for key in library.keys(session)}
    package = drafts.package(session, row)
    known: dict[str, Definition] = {package.key: read_definition(package, callable_keys={*published, package.key})}
    for key, found in published.items():
        if key != package.key and found is not None:
            try:
                known[key] = packages.definition(session, found)
            except FashenError:  # its own trouble: no case begins with it
                continue
    leads = {key for key in known if _leads_to(known, key, package.key)} | {package.key}
    opening = (key for key in leads if known[key].start_form is not None and statutory.marked_lead(known[key]))
    return sorted(opening, key=lambda key: (key != package.key, key))


def _leads_to(known: Mapping[str, Definition], start: str, wanted: str) -> bool:
    """Whether a process calls another one, or starts it beside itself, directly or by way of others."""
    seen, queue = {start}, [start]
    while queue:
        here = known[queue.pop()]
        started = description.read(here.package).get("starts") or []
        called = {*here.calls, *(key for key in started if isinstance(key, str))} & known.keys()
        if wanted in called:
            return True
        queue += sorted(called - seen)
        seen |= called
    return False


def _fit(moves: Sequence[Move]) -> list[dict[str, Any]]:
    fitting = [dict(move) for move in moves]
    if len(fitting) > MOST_MOVES or len(json.dumps(fitting, ensure_ascii=False).encode()) > MOST_BYTES:
        raise Invalid("trying.too_long", moves=MOST_MOVES)
    return fitting


def _let_go(session: Session, actor: Actor, draft_id: str) -> None:
    old = [row.id for row in of_draft(session, actor, draft_id)[KEPT:]]
    session.execute(delete(ProcessPlay).where(ProcessPlay.id.in_(old)))
