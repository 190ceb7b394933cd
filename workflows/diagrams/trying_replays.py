"""Replays of closed cases through a draft: asked for by an administrator, worked off by the worker, read by page.

A batch is looked at in a view of its own and noted in a short unit of work, so that nobody waits for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from workflows.actors import Actor, legal_subject
from workflows.calendar import clock
from workflows.calendar.clock import SHANGHAI
from workflows.cases.file import Case
from workflows.diagrams import drafting, drafts, library
from workflows.diagrams.draft_tables import ProcessDraft
from workflows.diagrams.drafts import EDITORS, READERS
from workflows.diagrams.trying_closed import OTHER, SAME, SKIPPED, Verdict, judge
from workflows.diagrams.trying_tables import DONE, STOPPED, WAITING, ClosedReplay
from workflows.engine.definition import Definition
from workflows.engine.definition import read as read_definition
from workflows.engine.package import Package
from workflows.engine.state import EngineInstance
from workflows.errors import Invalid, NotFound

LONGEST = timedelta(days=5 * 366)
BATCH = 10
"""Cases between two looks whether the worker shall end."""
MOST_FOUND = 500
"""Cases that are listed; the others are only counted."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Cases that were looked at. since: the case before the first of them; ids: of them, in order."""

    replay_id: str
    since: str
    ids: Sequence[str]
    verdicts: Sequence[Verdict]
    labels: Sequence[tuple[str, str]]


def ask(
    session: Session, actor: Actor, draft_id: str, since: date, until: date, *, replay_id: str
) -> ClosedReplay:  # fmt: skip
    """Ask that the cases closed within a period be driven through a draft as it stands.

    since, until: days in Shanghai, both included. Raises Forbidden, NotFound, Invalid ("trying.period_bad",
    "trying.replay_waits"), DiagramRefused where the engine can't read the draft.
    """
    actor.require(*EDITORS)
    drafting.require_id(replay_id)
    if (known := session.get(ClosedReplay, replay_id)) is not None:
        return known
    if not timedelta(0) <= until - since <= LONGEST:
        raise Invalid("trying.period_bad")
    row = drafts.draft(session, actor, draft_id)
    if session.execute(select(ClosedReplay.id).where(
        ClosedReplay.draft_id == draft_id, ClosedReplay.state == WAITING
    )).first():  # fmt: skip
        raise Invalid("trying.replay_waits")
    package = drafts.package(session, row)
    _read(session, package)
    units = bureaus(session, actor)
    found = ClosedReplay(
        id=replay_id, draft_id=row.id, draft_revision=row.revision, package_hash=package.hash, since=since, until=until,
        units=units, state=WAITING, found=[], asked_by_id=actor.person_id, asked_at=clock.now(),
    )  # fmt: skip
    wanted = _cases(found, row.process_key).with_only_columns(func.count()).order_by(None)
    found.total = session.execute(wanted).scalar_one()
    session.add(found)
    session.flush()
    return found


def stop(session: Session, actor: Actor, replay_id: str) -> None:
    """End a replay that still runs; what it found stays. Raises Forbidden, NotFound."""
    actor.require(*EDITORS)
    row = session.get(ClosedReplay, replay(session, actor, replay_id).id, with_for_update=True, populate_existing=True)
    if row is not None and row.state == WAITING:
        row.state, row.ended_at = STOPPED, clock.now()


def replay(session: Session, actor: Actor, replay_id: str) -> ClosedReplay:
    """A replay over cases of the actor's own bureaus. Raises Forbidden, and NotFound ("trying.replay_unknown")."""
    actor.require(*READERS)
    row = session.get(ClosedReplay, replay_id)
    if row is None or not set(row.units) <= set(bureaus(session, actor)):
        raise NotFound("trying.replay_unknown")
    return row


def of_draft(session: Session, actor: Actor, draft_id: str) -> list[ClosedReplay]:
    """The replays of a draft that one may look at, the latest first."""
    own = set(bureaus(session, actor))
    rows = session.execute(
        select(ClosedReplay).where(ClosedReplay.draft_id == draft_id).order_by(ClosedReplay.asked_at.desc())
    ).scalars()
    return [row for row in rows if set(row.units) <= own]


def bureaus(session: Session, actor: Actor) -> list[str]:
    """Ids of the bureaus for which somebody keeps the system or its record: they see that much of their cases."""
    held = {unit for role in READERS for unit in actor.units.get(role, ())}
    return sorted({legal_subject(session, unit).id for unit in held})


def next_one(session: Session) -> str | None:
    """The replay that waits longest; takes no lock."""
    wanted = select(ClosedReplay.id).where(ClosedReplay.state == WAITING)
    return session.execute(wanted.order_by(ClosedReplay.asked_at, ClosedReplay.id).limit(1)).scalar_one_or_none()


def examine(session: Session, replay_id: str) -> Batch:
    """Look at the next cases of a replay. session: a view that only reads."""
    row = session.get_one(ClosedReplay, replay_id)
    draft = drafts.contents(session, row.draft_id, row.draft_revision)
    key = _key(session, row)
    cases = session.execute(_cases(row, key).where(Case.id > row.after).limit(BATCH)).all()
    ids = [one.id for one in cases]
    labels = [(one.number or "", one.kind) for one in cases]
    package = Package(key, draft)
    if package.hash != row.package_hash:  # saves that are too old were let go
        return Batch(replay_id, row.after, ids, [Verdict(SKIPPED, reason="trying.draft_gone")] * len(ids), labels)
    definition = _read(session, package)
    return Batch(replay_id, row.after, ids, [judge(session, definition, id) for id in ids], labels)


def note(session: Session, batch: Batch) -> bool:
    """Note what a batch came to; False where another worker was faster, or the replay was stopped."""
    row = session.get(ClosedReplay, batch.replay_id, with_for_update=True, populate_existing=True)
    if row is None or row.state != WAITING or row.after != batch.since:
        return False
    found = list(row.found)
    for verdict, (number, kind) in zip(batch.verdicts, batch.labels, strict=True):
        row.same += verdict.verdict == SAME
        row.other += verdict.verdict == OTHER
        row.skipped += verdict.verdict == SKIPPED
        if verdict.verdict != SAME and len(found) < MOST_FOUND:
            found.append(_entry(verdict, number, kind))
    row.found, row.done = found, row.done + len(batch.ids)
    if batch.ids:
        row.after = batch.ids[-1]
    if len(batch.ids) < BATCH:
        row.state, row.ended_at, row.total = DONE, clock.now(), row.done
    return True


def give_up(session: Session, replay_id: str, reason: str) -> None:
    """End a replay that can't go on. reason: a code."""
    row = session.get(ClosedReplay, replay_id, with_for_update=True, populate_existing=True)
    if row is not None and row.state == WAITING:
        row.state, row.ended_at, row.reason = STOPPED, clock.now(), reason


def _entry(verdict: Verdict, number: str, kind: str) -> dict[str, Any]:
    return {
        "number": number, "kind": kind, "verdict": verdict.verdict, "after": verdict.after,
        "then": list(verdict.then), "now": list(verdict.now), "reason": verdict.reason,
    }  # fmt: skip


def _cases(row: ClosedReplay, key: str) -> Select[str, str | None, str]:
    """The cases of a replay: closed within its days, in its bureaus, bound to a version of the process."""
    begin = datetime.combine(row.since, time(0), SHANGHAI)
    end = datetime.combine(row.until + timedelta(days=1), time(0), SHANGHAI)
    bound = select(EngineInstance.id).where(
        EngineInstance.case_id == Case.id, EngineInstance.pins.contains(f'"{key}"', autoescape=True)
    )
    return (
        select(Case.id, Case.number, Case.kind)
        .where(Case.closed_at >= begin, Case.closed_at < end, Case.bureau_id.in_(row.units), bound.exists())
        .order_by(Case.id)
    )


def _key(session: Session, row: ClosedReplay) -> str:
    return session.get_one(ProcessDraft, row.draft_id).process_key


def _read(session: Session, package: Package) -> Definition:
    return read_definition(package, callable_keys={package.key, *library.keys(session)})
