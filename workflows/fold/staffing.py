"""Units, people, posts, certificates and the programs outside, compared with what the ledger of the bureau tells.

Who may write these tables without an entry could give a role to a person, let in somebody who was locked out, prolong a
certificate, or give a topic to a program. Each event says what a row is from then on (`TOLD`); the last word holds.
No entry tells of passwords and tokens; nor of the units, people and certificates of the demonstration bureau, and
nothing of a row is compared that no entry tells. In an installation whose ledger announces people, whoever neither an
entry announced nor the demonstration bureau brought was slipped in, and so was a post or certificate of anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import bureau, ledger
from workflows.actors import Certificate, Person, Post, Unit
from workflows.documents.numbers import SETTING
from workflows.external.tables import MachineAccount
from workflows.fold.difference import NOTHING, Difference
from workflows.ledger import Entry
from workflows.ledger.journal import written

_COMMAND = timedelta(minutes=1)
"""How far a row's own moment may be from its entry's: entries of before have that of a later line of the command."""
Columns = dict[str, Any]
Rows = Mapping[str, Columns]
"""Id of a row → its columns, those that the ledger tells."""


@dataclass(frozen=True, slots=True)
class Tells:
    """What an event tells of a row. id: the field with the row's id; new: it announces the row."""

    table: str
    id: str
    columns: Callable[[Entry], Columns]
    new: bool = False


def _fields(**columns: str) -> Callable[[Entry], Columns]:
    """Column → field of the event; one that an older version of the event did not have tells nothing."""
    return lambda entry: {name: entry.data[field] for name, field in columns.items() if field in entry.data}


def _post(entry: Entry) -> Columns:
    """A post as it was given; before it was told by its id, the unit was told by its name alone."""
    told = _fields(person_id="person_id", role="role", title="title")(entry)
    if entry.data.get("unit_id"):
        return {**told, **_fields(unit_id="unit_id", starts_on="starts_on", ends_on="ends_on")(entry)}
    return {**told, "unit": entry.data["unit"]}


def _entered(entry: Entry) -> Columns:
    """Who was entered, and when: in the command that the entry is of."""
    return {**_fields(login="login", name="name")(entry), "created_at": entry.happened_at}


def _is(column: str, value: bool) -> Callable[[Entry], Columns]:
    return lambda entry: {column: value}


def _settings(entry: Entry) -> Columns:
    """What a bureau's papers say: the account that fines are paid to, say."""
    return {f"settings.{name}": after for name, (_, after) in entry.data["changes"].items()}


TOLD: Mapping[str, Tells] = {
    "UnitAdded": Tells(
        "unit", "unit_id", _fields(name="name", level="level", parent_id="parent_id", region="region"), new=True
    ),
    "UnitRenamed": Tells("unit", "unit_id", _fields(name="name")),
    "UnitMoved": Tells("unit", "unit_id", _fields(parent_id="parent_id")),
    "UnitSettingsChanged": Tells("unit", "unit_id", _settings),
    "UnitEnded": Tells("unit", "unit_id", _fields(ended_on="ended_on")),
    "PersonAdded": Tells("person", "person_id", _entered, new=True),
    "PersonRenamed": Tells("person", "person_id", _fields(name="name")),
    "PersonDisabled": Tells("person", "person_id", _is("disabled", True)),
    "PersonEnabled": Tells("person", "person_id", _is("disabled", False)),
    "PostGiven": Tells("post", "post_id", _post, new=True),
    "PostEnded": Tells("post", "post_id", _fields(ends_on="ends_on")),
    "CertificateEntered": Tells(
        "certificate", "certificate_id",
        _fields(person_id="person_id", kind="certificate", number="number", valid_from="valid_from",
                valid_to="valid_to"), new=True,
    ),
    "CertificateEnded": Tells("certificate", "certificate_id", _fields(valid_to="valid_to")),
    "MachineAdmitted": Tells("machine_account", "machine_id", _fields(name="name", topics="topics"), new=True),
    "MachineRevoked": Tells("machine_account", "machine_id", _is("revoked", True)),
}  # fmt: skip
"""Event of the bureau's stream → what it tells."""


def compare(session: Session) -> Iterator[Difference]:
    """Where units, people, posts, certificates and machine accounts are not as the ledger tells."""
    told, announced = _told(session)
    people = _kept(session, Person, ("login", "name"))
    for person in session.execute(select(Person)).scalars():
        people[person.id]["disabled"] = person.disabled_at is not None
        entered = told.get("person", {}).get(person.id, {}).get("created_at")
        if entered is not None:
            same = abs(person.created_at - entered) <= _COMMAND
            told["person"][person.id]["created_at"] = written(person.created_at if same else entered)
        people[person.id]["created_at"] = written(person.created_at)
    kept: dict[str, dict[str, Columns]] = {
        "unit": _units(session),
        "person": people,
        "post": _posts(session),
        "certificate": _kept(session, Certificate, ("person_id", "kind", "number", "valid_from", "valid_to")),
        "machine_account": {
            row.id: {"name": row.name, "topics": row.topics, "revoked": row.revoked_at is not None}
            for row in session.execute(select(MachineAccount)).scalars()
        },
    }
    _put_unit_names(session, told)
    slipped = _slipped_in(session, announced, kept)
    for table, rows in kept.items():
        found = told.get(table, {})
        # A row of somebody who was entered on the record is on the record as well; programs all are.
        known = {
            id: row for id, row in rows.items() if id in found or table == "machine_account" or id in slipped
            or (table in ("post", "certificate") and row["person_id"] in announced.get("person", set()))
        }  # fmt: skip
        yield from _differences(table, found, known)


def _slipped_in(
    session: Session, announced: Mapping[str, set[str]], kept: Mapping[str, Mapping[str, Columns]]
) -> set[str]:
    """The ids of people, posts and certificates that neither an entry nor the demonstration bureau accounts for."""
    if not announced.get("person") and not announced.get("post"):
        return set()
    logins = {id: row["login"] for id, row in kept["person"].items()}
    first = {str(entry.data["unit_id"]): str(entry.data["before"])
             for entry in reversed(ledger.of_event(session, "bureau", "UnitRenamed"))}  # fmt: skip
    places: dict[str, Callable[[Columns], tuple[Any, ...]]] = {
        "person": lambda row: (row["login"],),
        "post": lambda row: (logins.get(row["person_id"], ""), first.get(row["unit_id"], row["unit"]), row["role"]),
        "certificate": lambda row: (logins.get(row["person_id"], ""), row["kind"], row["number"]),
    }
    brought = bureau.demo_records()
    return {
        id for table, place in places.items() for id, row in kept[table].items()
        if id not in announced.get(table, set()) and place(row) not in brought[table]
    }  # fmt: skip


def _told(session: Session) -> tuple[dict[str, dict[str, Columns]], dict[str, set[str]]]:
    """Table → id → columns as the last entries say; and the rows that an entry announced."""
    told: dict[str, dict[str, Columns]] = {}
    announced: dict[str, set[str]] = {}
    entries = [entry for event in TOLD for entry in ledger.of_event(session, "bureau", event)]
    for entry in sorted(entries, key=lambda one: one.seq):
        tells = TOLD[entry.event]
        id = str(entry.data[tells.id])
        told.setdefault(tells.table, {}).setdefault(id, {}).update(tells.columns(entry))
        if tells.new:
            announced.setdefault(tells.table, set()).add(id)
    for id in announced.get("machine_account", set()):
        told["machine_account"][id].setdefault("revoked", False)
    for table, columns in (("person", {"disabled": False}), ("unit", {"ended_on": None})):
        for id in announced.get(table, set()):
            told[table][id] = {**columns, **told[table][id]}
    return told, announced


def _kept(session: Session, table: Any, names: tuple[str, ...]) -> dict[str, Columns]:
    rows = session.execute(select(table)).scalars()
    return {row.id: {name: written(getattr(row, name)) for name in names} for row in rows}


def _units(session: Session) -> dict[str, Columns]:
    found = _kept(session, Unit, ("name", "level", "parent_id", "region", "ended_on"))
    for unit in session.execute(select(Unit)).scalars():
        patterns = unit.settings.get(SETTING) or {}
        own = {**unit.settings, **{f"number.{type}": pattern for type, pattern in patterns.items()}}
        found[unit.id].update({f"settings.{name}": written(value) for name, value in own.items()})
    return found


def _posts(session: Session) -> dict[str, Columns]:
    found = _kept(session, Post, ("person_id", "unit_id", "role", "title", "starts_on", "ends_on"))
    for id, unit in session.execute(select(Post.id, Unit.name).join(Unit, Unit.id == Post.unit_id)):
        found[id]["unit"] = unit
    return found


def _put_unit_names(session: Session, told: dict[str, dict[str, Columns]]) -> None:
    """A unit that was told by its name is meant by the name that it has now."""
    names = {entry.data["before"]: entry.data["name"] for entry in ledger.of_event(session, "bureau", "UnitRenamed")}
    for columns in told.get("post", {}).values():
        seen: set[str] = set()
        while columns.get("unit") in names and columns["unit"] not in seen:
            seen.add(columns["unit"])
            columns["unit"] = names[columns["unit"]]


def _differences(table: str, told: Rows, kept: Rows) -> Iterator[Difference]:
    for id in sorted({*told, *kept}):
        expected, row = told.get(id), kept.get(id)
        if expected is None or row is None:
            cause = ("账本没有记载", "no entry tells of it") if expected is None else ("", "")
            yield Difference("", table, id, None, expected or NOTHING, row or NOTHING, cause)
            continue
        for column, value in expected.items():
            if row.get(column, "") != value:
                yield Difference("", table, id, column, value, row.get(column, ""))
