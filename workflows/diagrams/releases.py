"""Publishing by two people: one asks, another one approves, and the worker publishes at the moment that was set.

What is approved is what was asked for, byte for byte. Who wrote any of it, or asked, does not approve it. All checks
run when it is asked for, when it is approved, and when it is published; `library.publish` publishes. The tests that
the package carries are run before it is asked for and approved (`trying.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import ledger, outbox
from workflows.actors import SYSTEM, Actor, Person, Unit, holders
from workflows.calendar import clock
from workflows.diagrams import checking, concerned, drafting, drafts, library, trying
from workflows.diagrams.draft_tables import OPEN, ProcessDraft
from workflows.diagrams.draft_tables import PUBLISHED as DRAFT_PUBLISHED
from workflows.diagrams.drafts import EDITORS, READERS
from workflows.diagrams.release_table import FAILED, LIVE, PUBLISHED, REJECTED, SCHEDULED, WAITING, WITHDRAWN, Release
from workflows.engine import packages
from workflows.engine.package import Package
from workflows.errors import DiagramRefused, FashenError, Forbidden, Incident, Invalid, NotFound, Problem, Stale
from workflows.ledger import events

FURTHEST = timedelta(days=366)
"""A publication is planned a year ahead at most."""
LONGEST = 2_000
"""Characters of a reason."""


def release(session: Session, actor: Actor, release_id: str) -> Release:
    """A release. Raises Forbidden without a role of `drafts.READERS`, and NotFound."""
    actor.require(*READERS)
    row = session.get(Release, release_id)
    if row is None:
        raise NotFound("release.unknown")
    return row


def live(session: Session, key: str | None = None) -> Sequence[Release]:
    """The releases that wait for approval or for their moment, the oldest first; of one process if its key is given."""
    wanted = select(Release).where(Release.state.in_(LIVE))
    if key is not None:
        wanted = wanted.where(Release.process_key == key)
    return session.execute(wanted.order_by(Release.asked_at, Release.id)).scalars().all()


def of_process(session: Session, key: str) -> Sequence[Release]:
    """All releases of a process, the latest first."""
    wanted = select(Release).where(Release.process_key == key).order_by(Release.asked_at.desc(), Release.id)
    return session.execute(wanted).scalars().all()


def package(row: Release) -> Package:
    """What a release would publish. Raises Incident ("release.altered") where the row was changed behind our back."""
    try:
        found = Package.from_json(row.process_key, row.files)
    except (ValueError, TypeError, AttributeError, Invalid) as error:
        raise Incident("release.altered") from error
    if found.hash != row.package_hash:
        raise Incident("release.altered")
    return found


def may_decide(row: Release, actor: Actor) -> bool:
    """Whether this person may approve or reject: an administrator who neither asked nor wrote any of it."""
    return bool(actor.roles.intersection(EDITORS)) and actor.person_id not in {row.asked_by_id, *row.writers}


def deciders(session: Session, writers: Sequence[str]) -> list[Person]:
    """The administrators of this installation who did not write any of it."""
    units = session.execute(select(Unit.id)).scalars().all()
    return [person for person in holders(session, EDITORS[0], units) if person.id not in writers]


def ask(
    session: Session, actor: Actor, draft_id: str, *, release_id: str, seen: int, reason: str, legal_basis: str,
    publish_at: datetime | None = None, over: str | None = None, aside: str | None = None,
) -> Release:  # fmt: skip
    """Ask that a draft be published as it stands.

    release_id: of the new row, chosen by whoever asks: asked twice, it is asked once. seen: the draft's revision that
    the page showed; publish_at: when, in the future, or at once on approval; over: the hash of the version in force, if
    it was shown that this one, which came after the draft was begun, will be replaced; aside: the mark of the copies
    that wait beside the draft (`drafts.copies_mark`), if it was shown that these are left out.
    Raises Forbidden, NotFound, Stale ("draft.changed", "release.present_moved", "release.another"), Invalid
    ("release.incomplete", "release.nothing_new", "release.copies_wait"), DiagramRefused with all that the checks find.
    """
    actor.require(*EDITORS)
    drafting.require_id(release_id)
    if (known := session.get(Release, release_id)) is not None:
        return known
    _require_words({"reason": reason, "legal_basis": legal_basis}, publish_at)
    ledger.lock_stream(session, "bureau")  # one at a time, as at publishing
    row = drafting.locked(session, actor, draft_id)
    drafting.require_seen(session, row, seen)
    if other := live(session, row.process_key):
        raise Stale("release.another", by=session.get_one(Person, other[0].asked_by_id).name, at=other[0].asked_at)
    wanted = drafts.package(session, row)
    present = packages.current(session, row.process_key)
    if wanted.hash == present:
        raise Invalid("release.nothing_new")
    if row.present_hash != present:
        if over != present:
            raise Stale("release.present_moved")
        row.present_hash = present
    if (waiting := drafts.copies_mark(drafts.copies(session, row.id))) and aside != waiting:
        raise Invalid("release.copies_wait")
    _require_sound(session, wanted)
    asked = Release(
        id=release_id, draft_id=row.id, draft_revision=row.revision, process_key=row.process_key,
        package_hash=wanted.hash, files=wanted.to_json(), present_hash=present, reason=reason.strip(),
        legal_basis=legal_basis.strip(), publish_at=publish_at, state=WAITING,
        writers=sorted({*row.writers, *drafts.writers(session, wanted)}),
        asked_by_id=actor.person_id, asked_at=clock.now(),
    )  # fmt: skip
    session.add(asked)
    session.flush()
    ledger.append(session, "bureau", events.ReleaseAsked(
        release_id=asked.id, key=asked.process_key, package_hash=asked.package_hash, previous_hash=present,
        reason=asked.reason, legal_basis=asked.legal_basis, publish_at=publish_at, writers=list(asked.writers),
    ), actor=actor)  # fmt: skip
    for person in deciders(session, [actor.person_id, *asked.writers]):
        outbox.send(session, person.id, "release_asked", {**_facts(session, asked), "by": actor.name})
    return asked


def approve(session: Session, actor: Actor, release_id: str, decision: str) -> Release:
    """Approve: published at once, or at its moment. decision: the approver's words.

    Raises Forbidden ("release.own") for whoever asked or wrote, Stale ("release.decided", "release.present_moved"),
    Invalid, DiagramRefused with all that the checks find now.
    """
    row = _decided(session, actor, release_id, decision)
    if packages.current(session, row.process_key) != row.present_hash:
        raise Stale("release.present_moved")
    wanted = package(row)
    _require_sound(session, wanted)
    now = clock.now()
    later = row.publish_at is not None and row.publish_at > now
    row.state = SCHEDULED
    ledger.append(session, "bureau", events.ReleaseApproved(
        release_id=row.id, key=row.process_key, package_hash=row.package_hash, decision=row.decision,
        publish_at=row.publish_at if later else None,
    ), actor=actor)  # fmt: skip
    outbox.send(session, row.asked_by_id, "release_approved", {**_facts(session, row), "by": actor.name})
    if not later:
        _publish(session, row, wanted, actor)
    return row


def reject(session: Session, actor: Actor, release_id: str, decision: str) -> Release:
    """Refuse, and say why; the draft stays to be worked on. Raises as `approve`."""
    row = _decided(session, actor, release_id, decision)
    row.state, row.ended_at = REJECTED, row.decided_at
    event = events.ReleaseRejected(release_id=row.id, key=row.process_key, decision=row.decision)
    ledger.append(session, "bureau", event, actor=actor)
    outbox.send(session, row.asked_by_id, "release_rejected", {**_facts(session, row), "by": actor.name})
    return row


def withdraw(session: Session, actor: Actor, release_id: str, reason: str) -> Release:
    """Take a release back before it is published, approved or not. Raises Forbidden, NotFound, Stale, Invalid."""
    row = _locked(session, actor, release_id)
    _require_live(session, row, LIVE)
    _require_words({"reason": reason})
    row.state, row.ended_at = WITHDRAWN, clock.now()
    event = events.ReleaseWithdrawn(release_id=row.id, key=row.process_key, reason=reason.strip())
    ledger.append(session, "bureau", event, actor=actor)
    for id in {row.asked_by_id, row.decided_by_id} - {actor.person_id, None}:
        outbox.send(session, str(id), "release_withdrawn", {**_facts(session, row), "by": actor.name})
    return row


def waits(session: Session, now: datetime) -> bool:
    """Whether an approved release is due; takes no lock."""
    due = select(Release.id).where(Release.state == SCHEDULED, Release.publish_at <= now)
    return session.execute(due.limit(1)).first() is not None


def publish_due(session: Session, now: datetime) -> bool | None:
    """Publish the approved release that is due first. True when it was, False when it failed, None when none is due.

    One that can't be published any more (another version came in between, the checks find something, a test that was
    run since then failed) ends so, with the reasons, and whoever asked and approved are told; the version in force
    stays. Where whoever asked or approved is no administrator any more, it waits for another approval, and says why.
    """
    ledger.lock_stream(session, "bureau")
    row = session.execute(
        select(Release).where(Release.state == SCHEDULED, Release.publish_at <= now)
        .order_by(Release.publish_at, Release.id).limit(1).with_for_update()
    ).scalar_one_or_none()  # fmt: skip
    if row is None:
        return None
    try:
        with session.begin_nested():
            _require_told(session, row)
            if gone := _gone(session, row):
                _reopen(session, row, gone)
                return False
            if packages.current(session, row.process_key) != row.present_hash:
                raise Stale("release.present_moved")
            wanted = package(row)
            if problems := trying.failed(session, wanted):  # run anew since it was approved; old runs are forgotten
                raise DiagramRefused("trying.refused", problems, file=wanted.key)
            _publish(session, row, wanted, SYSTEM)
        return True
    except FashenError as error:
        _fail(session, row, error)
        return False


def _publish(session: Session, row: Release, wanted: Package, actor: Actor) -> None:
    library.publish(session, wanted, actor, row.reason)
    row.state, row.ended_at = PUBLISHED, clock.now()
    row.version = library.versions(session, row.process_key)[0].version
    draft = session.get_one(ProcessDraft, row.draft_id)
    if draft.state == OPEN and draft.revision == row.draft_revision:
        draft.state = DRAFT_PUBLISHED
    elif draft.state == OPEN:  # it was worked on meanwhile: what is in force now is what it began with
        draft.present_hash = row.package_hash
    for id in {row.asked_by_id, row.decided_by_id} - {actor.person_id, None}:
        outbox.send(session, str(id), "release_published", {**_facts(session, row), "version": row.version})


def _gone(session: Session, row: Release) -> list[Person]:
    """Which of the two, who asked and who approved, no longer holds the role, or is locked out."""
    units = session.execute(select(Unit.id)).scalars().all()
    present = {person.id for person in holders(session, EDITORS[0], units)}
    pair = dict.fromkeys((row.asked_by_id, row.decided_by_id))
    return [session.get_one(Person, id) for id in pair if id is not None and id not in present]


def _reopen(session: Session, row: Release, gone: Sequence[Person]) -> None:
    told = [Problem("release.left", facts={"by": person.name}) for person in gone]
    row.state, row.decided_by_id, row.decided_at, row.decision = WAITING, None, None, ""
    row.problems = _kept(told)
    event = events.ReleaseReopened(release_id=row.id, key=row.process_key, people=[person.name for person in gone])
    ledger.append(session, "bureau", event, actor=SYSTEM)
    for person in deciders(session, [row.asked_by_id, *row.writers]):
        by = session.get_one(Person, row.asked_by_id).name
        outbox.send(session, person.id, "release_asked", {**_facts(session, row), "by": by})


def _kept(problems: Sequence[Problem]) -> list[dict[str, object]]:
    return [{"code": one.code, "place": one.place, "line": one.line,
             "facts": {k: v if isinstance(v, (int, bool)) else str(v) for k, v in one.facts.items()}}
            for one in problems]  # fmt: skip


def _fail(session: Session, row: Release, error: FashenError) -> None:
    problems = error.problems if isinstance(error, Invalid) else []
    told = problems or [Problem(error.code, facts=error.facts)]
    row.state, row.ended_at = FAILED, clock.now()
    row.problems = _kept(told)
    event = events.ReleaseFailed(release_id=row.id, key=row.process_key, codes=[one.code for one in told])
    ledger.append(session, "bureau", event, actor=SYSTEM)
    for id in {row.asked_by_id, row.decided_by_id} - {None}:
        outbox.send(session, str(id), "release_failed", _facts(session, row))


def _require_told(session: Session, row: Release) -> None:
    """Whoever may write to this table but approved nothing must not publish: the ledger tells of the approval."""
    told = ledger.of_event(session, "bureau", "ReleaseApproved")
    reopened = max((entry.seq for entry in ledger.of_event(session, "bureau", "ReleaseReopened")
                    if entry.data["release_id"] == row.id), default=0)  # fmt: skip
    if not any(entry.seq > reopened and entry.data["release_id"] == row.id
               and entry.data["package_hash"] == row.package_hash
               and entry.actor_id not in {row.asked_by_id, *row.writers} for entry in told):  # fmt: skip
        raise Incident("release.not_told")


def _decided(session: Session, actor: Actor, release_id: str, decision: str) -> Release:
    row = _locked(session, actor, release_id)
    _require_live(session, row, (WAITING,))
    if not may_decide(row, actor):
        raise Forbidden("release.own")
    _require_words({"decision": decision})
    row.problems = []  # why it had to be decided once more
    row.decided_by_id, row.decided_at, row.decision = actor.person_id, clock.now(), decision.strip()
    return row


def _locked(session: Session, actor: Actor, release_id: str) -> Release:
    actor.require(*EDITORS)
    ledger.lock_stream(session, "bureau")
    row = session.execute(
        select(Release).where(Release.id == release_id).with_for_update().execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if row is None:
        raise NotFound("release.unknown")
    return row


def _require_live(session: Session, row: Release, states: Sequence[str]) -> None:
    if row.state not in states:
        by = session.get(Person, row.decided_by_id or row.asked_by_id)
        raise Stale("release.decided", by=by.name if by else "", at=row.ended_at or row.decided_at)


def _require_sound(session: Session, wanted: Package) -> None:
    if problems := checking.errors(session, wanted):
        raise DiagramRefused("diagram.refused", problems, file=wanted.key)
    if problems := trying.failing(session, wanted):
        raise DiagramRefused("trying.refused", problems, file=wanted.key)


def _require_words(words: dict[str, str], publish_at: datetime | None = None) -> None:
    problems = [Problem("release.words_missing", name, facts={"limit": LONGEST}) for name, text in words.items()
                if not text.strip() or len(text) > LONGEST]  # fmt: skip
    if publish_at is not None and not clock.now() < publish_at <= clock.now() + FURTHEST:
        problems.append(Problem("release.moment_bad", "publish_at"))
    if problems:
        raise Invalid("release.incomplete", problems)


def _facts(session: Session, row: Release) -> dict[str, str]:
    """What notices tell of a release."""
    return {"release": row.id, "process": concerned.called(session, row.process_key), "reason": row.reason[:200],
            "decision": row.decision[:200]}  # fmt: skip
