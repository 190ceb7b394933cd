"""People, their posts and the programs outside, compared with what the ledger of the bureau tells of them.

Who may write these tables without an entry could give a role to a person, or a topic to a program. Compared is what an
entry tells: login, name, unit, role and title, a program's name, topics and whether it was revoked. No entry tells of
the end of a post, of somebody's being disabled, of passwords and tokens; nor of the people of the demonstration bureau.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import ledger
from workflows.actors import Person, Post, Unit
from workflows.external.tables import MachineAccount
from workflows.fold.difference import NOTHING, Difference

Rows = Mapping[str, Mapping[str, Any]]
"""Id of a row → its columns, those that the ledger tells."""


def compare(session: Session) -> Iterator[Difference]:
    """Where people, posts and machine accounts are not as the ledger tells."""
    added = _told(session, "PersonAdded", "person_id", ("login", "name"))
    people = {row.id: {"login": row.login, "name": row.name} for row in session.execute(select(Person)).scalars()}
    yield from _differences("person", added, {id: row for id, row in people.items() if id in added})
    given = _told(session, "PostGiven", "post_id", ("person_id", "unit", "role", "title"))
    held = {
        post.id: {"person_id": post.person_id, "unit": unit, "role": post.role, "title": post.title}
        for post, unit in session.execute(select(Post, Unit.name).join(Unit, Unit.id == Post.unit_id))
    }
    known = {id: row for id, row in held.items() if id in given or row["person_id"] in added}
    yield from _differences("post", given, known)
    yield from _machines(session)


def _machines(session: Session) -> Iterator[Difference]:
    admitted = _told(session, "MachineAdmitted", "machine_id", ("name", "topics"))
    ended = _told(session, "MachineRevoked", "machine_id", ())
    kept = {
        row.id: {"name": row.name, "topics": row.topics, "revoked": row.revoked_at is not None}
        for row in session.execute(select(MachineAccount)).scalars()
    }
    yield from _differences(
        "machine_account", {id: {**row, "revoked": id in ended} for id, row in admitted.items()}, kept
    )


def _told(session: Session, event: str, id: str, columns: tuple[str, ...]) -> Rows:
    """What the entries of one event in the stream of the bureau say, by the id of the row."""
    return {
        str(entry.data[id]): {column: entry.data[column] for column in columns}
        for entry in ledger.of_event(session, "bureau", event)
    }


def _differences(table: str, told: Rows, kept: Rows) -> Iterator[Difference]:
    for id in sorted({*told, *kept}):
        expected, row = told.get(id), kept.get(id)
        if expected is None or row is None:
            cause = ("账本没有记载", "no entry tells of it") if expected is None else ("", "")
            yield Difference("", table, id, None, expected or NOTHING, row or NOTHING, cause)
            continue
        for column, value in expected.items():
            if row[column] != value:
                yield Difference("", table, id, column, value, row[column])
