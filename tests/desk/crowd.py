"""A bureau with any number of tasks, written straight into the tables: to see how lists behave when there are many.

Of all tasks a tenth waits: half of it taken by somebody, half offered to three people. The same ten people hold them
however many there are, so that lists grow with the database. Everything is drawn from a seed.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import text

from workflows.store import Store

PEOPLE = 10
STEPS = 4
"""Tasks of one case."""
BEGIN = datetime(2024, 1, 2, 1, 0, tzinfo=UTC)
NOW = datetime(2024, 3, 4, 1, 0, tzinfo=UTC)
BUREAU, UNITS = "bureau", ("enforcement", "second", "legal")
ELEMENTS = ("approve_filing", "investigate", "initial_review", "conclude_review", "issue_notice", "serve")
PORTION = 20_000


@dataclass(frozen=True)
class Rows:
    """Rows of one table, in the order of `columns`."""

    table: str
    columns: Sequence[str]
    rows: Iterable[tuple[Any, ...]]


def fill(store: Store, tasks: int, seed: int = 7) -> None:
    """Fill an empty database that has its tables with `tasks` tasks in their cases."""
    indexes = _without_indexes(store)
    for part in parts(tasks, seed):
        write(store, part)
    for index in indexes:
        with store.work() as session:
            session.execute(text(index))
    if store.dialect == "postgresql":
        # As autovacuum would have it a minute later; it can't run within a transaction. SQLite runs without statistics.
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def parts(tasks: int, seed: int = 7) -> Iterator[Rows]:
    """All rows of such a bureau, table by table: a table comes after those that its rows refer to."""
    yield from (_bureau(), _people(), _posts())
    yield from _cases(tasks, seed)


def login(number: int) -> str:
    """The id of a person: 0 heads the bureau, 1 the first unit, the others are ordinary officers."""
    return f"person{number:02}"


def _without_indexes(store: Store) -> list[str]:
    """Drop the indexes of the big tables and give back how they are made again: filling is faster so."""
    tables = "('task', 'task_candidate', 'case_file', 'party')"
    asked = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN",
        "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE indexname LIKE 'ix_%' AND tablename IN",
    }
    with store.work() as session:
        found = session.execute(text(f"{asked[store.dialect]} {tables}")).all()
        for name, _how in found:
            session.execute(text(f"DROP INDEX {name}"))
    return [how for _name, how in found]


def write(store: Store, part: Rows) -> None:
    """Write rows past the models, in portions."""
    portion: list[tuple[Any, ...]] = []
    for row in part.rows:
        portion.append(row)
        if len(portion) == PORTION:
            _send(store, part, portion)
            portion = []
    if portion:
        _send(store, part, portion)


def _send(store: Store, part: Rows, rows: list[tuple[Any, ...]]) -> None:
    names = ", ".join(part.columns)
    with store.engine.begin() as connection:
        cursor: Any = connection.connection.cursor()
        if store.dialect == "postgresql":
            with cursor.copy(f"COPY {part.table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join("?" * len(part.columns))
            plain = [tuple(map(_plain, row)) for row in rows]
            cursor.executemany(f"INSERT INTO {part.table} ({names}) VALUES ({marks})", plain)  # noqa: S608
        cursor.close()


def _plain(value: Any) -> Any:
    """A value as SQLAlchemy would have SQLite keep it: moments in UTC without their zone."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    return value.isoformat() if isinstance(value, date) else value


def _bureau() -> Rows:
    columns = ("id", "parent_id", "name", "name_en", "level", "legal_subject", "region", "settings")
    units = [(unit, BUREAU, f"第{n}支队", f"Team {n}", "division", False, "", "{}") for n, unit in enumerate(UNITS, 1)]
    return Rows("unit", columns, [(BUREAU, None, "市应急管理局", "City bureau", "city", True, "衢", "{}"), *units])


def _people() -> Rows:
    rows = [(login(n), login(n), f"人员{n:02}", "zh", BEGIN) for n in range(PEOPLE)]
    return Rows("person", ("id", "login", "name", "language", "created_at"), rows)


def _posts() -> Rows:
    def role(number: int) -> tuple[str, str]:
        heads = {0: (BUREAU, "bureau_head"), 1: (UNITS[0], "handling_unit_head")}
        return heads.get(number, (UNITS[number % 3], "case_officer"))

    rows = [(f"post{n:02}", login(n), *role(n), "干部", 0, date(2020, 1, 1)) for n in range(PEOPLE)]
    return Rows("post", ("id", "person_id", "unit_id", "role", "title", "rank", "starts_on"), rows)


_CASE = ("id", "number", "kind", "title", "unit_id", "bureau_id", "state", "source", "summary", "found_on", "opened_at",
         "opened_by_id", "crime", "fine_suspended", "complex", "public_interest", "archive_number", "retention",
         "version")  # fmt: skip
_TASK = ("id", "case_id", "instance_id", "engine_task_id", "process_key", "package_hash", "element_id", "name",
         "variables", "unit_id", "bureau_id", "case_unit_id", "opener_id", "assignee_id", "state", "priority", "due_at",
         "returned", "created_at", "ended_at", "ended_by_id", "version")  # fmt: skip


_OFFER = ("task_id", "person_id", "closed_at", "due_at", "arrived_at", "case_unit_id", "returned")


def _cases(tasks: int, seed: int) -> Iterator[Rows]:
    """The same cases four times over: as cases, parties, tasks and candidates, each drawn anew from the seed."""
    count = -(-tasks // STEPS)

    def cases() -> Iterator[tuple[Any, ...]]:
        for n in range(count):
            draw = random.Random(f"{seed}:{n}")
            yield (row_id("c", n), f"衢应急罚〔2024〕{n}号", "admin_penalty", f"违反安全生产规定第{n % 997}项案",
                   UNITS[draw.randrange(3)], BUREAU, draw.choice(("investigating", "reviewing", "closed")),
                   draw.choice(("inspection", "report")), "", date(2024, 1, 1), BEGIN + timedelta(minutes=n % 80_000),
                   login(draw.randrange(PEOPLE)), "none", False, False, False, "", "", 1)  # fmt: skip

    parties = ((row_id("p", n), row_id("c", n), 0, "entity", f"第{n % 4999}化工有限公司", "", "", "", "", "")
               for n in range(count))  # fmt: skip
    yield Rows("case_file", _CASE, cases())
    yield Rows("party", ("id", "case_id", "position", "kind", "name", "id_number", "address", "representative", "phone",
                         "role"), parties)  # fmt: skip
    yield Rows("task", _TASK, (_task(n, seed)[0] for n in range(tasks)))
    offers = ((row_id("t", n), *offer) for n in range(tasks) for offer in _task(n, seed)[1])
    yield Rows("task_candidate", _OFFER, offers)


def _task(n: int, seed: int) -> tuple[tuple[Any, ...], list[tuple[Any, ...]]]:
    """A task as a row, and its candidates as rows of _OFFER without the task."""
    of_case = random.Random(f"{seed}:{n // STEPS}")
    unit = UNITS[of_case.randrange(3)]
    draw = random.Random(f"{seed}:task:{n}")
    arrived = BEGIN + timedelta(minutes=draw.randrange(80_000))
    due = NOW + timedelta(days=draw.randrange(-5, 40)) if draw.random() < 0.8 else None
    people = [login(person) for person in draw.sample(range(PEOPLE), 3)]
    lot = draw.random()
    state = "completed" if lot < 0.9 else "claimed" if lot < 0.95 else "open"
    ended = arrived + timedelta(days=2) if state == "completed" else None
    element = draw.choice(ELEMENTS)
    row = (
        row_id("t", n), row_id("c", n // STEPS), row_id("i", n // STEPS), row_id("e", n),
        "penalty", "0" * 64, element, element,
        "{}", unit, BUREAU, unit, people[1], None if state == "open" else people[0], state, 50, due,
        returned := draw.random() < 0.02, arrived, ended, people[0] if ended else None, 1,
    )  # fmt: skip
    offered = people if n % 2 or state == "open" else people[:1]
    closed = None if state == "open" else arrived
    return row, [(person, closed, due, arrived, unit, returned) for person in offered]


def row_id(letter: str, number: int) -> str:
    """The id of a row: of cases "c", of parties "p", of tasks "t"."""
    return f"{letter}{number:031}"

