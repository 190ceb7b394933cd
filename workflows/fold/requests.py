"""What one administrator asked for and another one decided: publications and posts, compared with the entries.

Who may write these tables without an entry could say that somebody else approved, or hide who wrote what was approved.
When each was asked and decided stands in the entries alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import ledger
from workflows.diagrams import library
from workflows.diagrams.release_table import FAILED, PUBLISHED, SCHEDULED, Release
from workflows.diagrams.release_table import REJECTED as NOT_PUBLISHED
from workflows.diagrams.release_table import WAITING as UNPUBLISHED
from workflows.diagrams.release_table import WITHDRAWN as TAKEN_BACK
from workflows.fold.difference import NOTHING, Difference
from workflows.ledger import Entry
from workflows.ledger.journal import written
from workflows.staff.requests import APPROVED, REJECTED, WAITING, PostRequest

Columns = dict[str, Any]


def compare(session: Session) -> Iterator[Difference]:
    """Where a release or a request for a post is not as the ledger tells, and every row that only one side has."""
    yield from _compared("process_release", _releases(session), session.execute(select(Release)).scalars())
    yield from _compared("post_request", _posts(session), session.execute(select(PostRequest)).scalars())


def _releases(session: Session) -> dict[str, Columns]:
    told: dict[str, Columns] = {}
    for entry in ledger.of_event(session, "bureau", "ReleaseAsked"):
        data = entry.data
        told[data["release_id"]] = {
            "process_key": data["key"], "package_hash": data["package_hash"], "present_hash": data["previous_hash"],
            "reason": data["reason"], "legal_basis": data["legal_basis"], "publish_at": _moment(data["publish_at"]),
            "asked_by_id": entry.actor_id, "state": UNPUBLISHED, "decided_by_id": None, "decision": "",
            # Who wrote it is told since the entries have a place for it.
            **({"writers": data["writers"]} if data.get("writers") else {}),
        }  # fmt: skip
    published = library.told(session)
    decided = [entry for event in ("ReleaseApproved", "ReleaseRejected", "ReleaseReopened")
               for entry in ledger.of_event(session, "bureau", event)]  # fmt: skip
    for entry in sorted(decided, key=lambda one: one.seq):
        row = told.setdefault(entry.data["release_id"], {})
        if entry.event == "ReleaseReopened":
            row.update(state=UNPUBLISHED, decided_by_id=None, decision="")
        else:
            approved = PUBLISHED if _follows(entry, row, published) else SCHEDULED
            row.update(state=NOT_PUBLISHED if entry.event == "ReleaseRejected" else approved,
                       decided_by_id=entry.actor_id, decision=entry.data["decision"])  # fmt: skip
    for event, state in (("ReleaseWithdrawn", TAKEN_BACK), ("ReleaseFailed", FAILED)):
        for entry in ledger.of_event(session, "bureau", event):
            told.setdefault(entry.data["release_id"], {})["state"] = state
    return told


def _follows(approved: Entry, row: Columns, published: Iterable[Entry]) -> bool:
    """Whether what was approved was published after it, in the words of whoever asked."""
    wanted = (approved.data["key"], approved.data.get("package_hash"), row.get("reason"))
    return any(
        one.seq > approved.seq and (one.data["key"], one.data["package_hash"], one.data["reason"]) == wanted
        for one in published
    )


def _posts(session: Session) -> dict[str, Columns]:
    told: dict[str, Columns] = {}
    for entry in ledger.of_event(session, "bureau", "PostAsked"):
        same = ("person_id", "unit_id", "role", "title", "starts_on", "ends_on", "reason")
        told[entry.data["request_id"]] = {
            **{name: entry.data[name] for name in same}, "asked_by_id": entry.actor_id, "state": WAITING,
            "decided_by_id": None,
        }  # fmt: skip
    given = ledger.of_event(session, "bureau", "PostGiven")
    for entry in given:
        if entry.data.get("request_id"):
            told.setdefault(entry.data["request_id"], {}).update(state=APPROVED, decided_by_id=entry.actor_id)
    for entry in ledger.of_event(session, "bureau", "PostRefused"):
        told.setdefault(entry.data["request_id"], {}).update(
            state=REJECTED, decided_by_id=entry.actor_id, decision=entry.data["reason"]
        )
    _forgive_held(session, told, given)
    return told


def _forgive_held(session: Session, told: Mapping[str, Columns], given: Iterable[Entry]) -> None:
    """A post that the person held already is not given again when it is approved: no entry tells of the decision."""
    posts = {tuple(entry.data[name] for name in ("person_id", "role", "title")) for entry in given}
    for row in session.execute(select(PostRequest).where(PostRequest.state == APPROVED)).scalars():
        expected = told.get(row.id, {})
        if expected.get("state") == WAITING and (row.person_id, row.role, row.title) in posts:
            del expected["state"], expected["decided_by_id"]


def _compared(table: str, told: Mapping[str, Columns], rows: Iterable[Any]) -> Iterator[Difference]:
    kept = {str(row.id): row for row in rows}
    for id in sorted({*told, *kept}):
        expected, row = told.get(id), kept.get(id)
        if expected is None or row is None:
            cause = ("账本没有记载", "no entry tells of it") if expected is None else ("", "")
            yield Difference("", table, id, None, expected or NOTHING, NOTHING if row is None else {"id": id}, cause)
            continue
        for column, value in expected.items():
            if (found := written(getattr(row, column))) != value:
                yield Difference("", table, id, column, value, found)


def _moment(value: datetime | str | None) -> Any:
    """A moment in one form, whatever zone it was told in."""
    return written(datetime.fromisoformat(value) if isinstance(value, str) else value)
