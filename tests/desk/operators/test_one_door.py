"""Every command on a case goes through one door, which is closed to who withdrew from it (回避, 行政处罚法 43)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.durability import deeds
from tests.durability.databases import Shelf
from tests.durability.faults import BETWEEN, CASES, NAMES, Drill
from tests.durability.trials import Deed, Tally
from workflows import play
from workflows.actors import Person
from workflows.calendar import clock
from workflows.cases import recusals
from workflows.cases.file import Case
from workflows.desk.execute import execute
from workflows.desk.operators import departing, presiding
from workflows.desk.tasks import Task
from workflows.documents.fonts import Fonts
from workflows.errors import FashenError
from workflows.files import Files
from workflows.store import Store

ROOT = Path(__file__).parents[3]

ON_NO_CASE = ("desk.lists.", "desk.migrating.", "desk.substitutes.", "desk.commands.open_case", "cases.catalogue.",
           "cases.repealing.")  # fmt: skip
"""What people arrange for themselves, what administrators do to processes, the catalogue, and what makes a
case."""
OPEN = frozenset({"desk.copies.acknowledge_copy", "desk.bulk.do_to_row"})
"""The receipt of what reached somebody before: the case does not change by it. In bulk it is that receipt, too."""
LOCKING = {
    "workflows/cases/entering.py": {"lock_for"},  # the door
    "workflows/desk/copies.py": {"acknowledge_copy"},  # OPEN
    "workflows/desk/operators/recusing.py": {"declare_recusal"},  # asks for its receipt before the door
    "workflows/desk/execute.py": {"put_on_record"},  # an incident
    "workflows/machines.py": {"_locked"},  # programs
    "workflows/operations/retrying.py": {"retry_instance", "retry_document"},  # administrators, who have no part
    "workflows/operations/repairs.py": {"_begin", "_locked"},
}
"""Who locks a case himself, and may."""


class _Tried(Exception):
    """All commands were tried."""


class Door(Drill):
    """A player of a case that tries each command once more on a copy in which everybody has withdrawn."""

    said: dict[str, str]

    def attempt(self, label: str, deed: Deed) -> None:
        name = label.partition(" ")[0]
        if not name.startswith(("desk.", "cases.")) or name.startswith(ON_NO_CASE):
            return
        self.store.close()
        copy = self.shelf.copy(self.store.engine.url.render_as_string(hide_password=False))
        everybody_withdraws(store := Store(copy))
        try:
            deed(store, Files(self.files_url))
            self.said[label] = "done"
        except FashenError as error:
            self.said[label] = error.code
        finally:
            store.close()
            self.shelf.drop(copy)

    def complete(self, login: str, element_id: str, answer: object) -> None:
        if element_id == BETWEEN:
            for label, deed in chain(deeds.between(self), of_a_discussion(self)):  # each at its moment
                self.attempt(label, deed)
            raise _Tried
        super().complete(login, element_id, answer)  # type: ignore[arg-type]


def of_a_discussion(drill: Door) -> Iterator[tuple[str, Deed]]:
    """What the recorder of one does; the door is before all that they ask of their step."""
    with drill.store.read() as session:
        recorder = drill.actor(session, "legal1")
        task = session.scalars(select(Task).where(Task.case_id == drill.case_id, Task.ended_at.is_(None))).first()
    assert task is not None
    seen = task.version
    yield "desk.operators.departing.record_departure", lambda store, files: execute(
        store, departing.record_departure, recorder, task.id, reason="突发疾病", seen=seen, key=deeds.KEY
    )
    yield "desk.operators.presiding.appoint_presiding", lambda store, files: execute(
        store, presiding.appoint_presiding, recorder, task.id, recorder.person_id, how=presiding.ANOTHER,
        reason="突发疾病", seen=seen, key=deeds.KEY,
    )  # fmt: skip


def everybody_withdraws(store: Store) -> None:
    """From every case that there is."""
    with store.work() as session:
        people = session.scalars(select(Person.id)).all()
        for case_id in session.scalars(select(Case.id)).all():
            for person_id in people:
                session.add(recusals.CaseRecusal(case_id=case_id, person_id=person_id, since=clock.now(), reason="因"))


def test_who_withdrew_from_a_case_gives_no_command_in_it(sqlite_demo_store: Store, tmp_path: Path) -> None:
    script = play.read(CASES / f"{NAMES[0]}.yaml")
    with clock.simulated(script.begins) as simulated:
        files = Files(str(tmp_path / "files"))
        door = Door(sqlite_demo_store, files, Fonts(), simulated, Shelf(tmp_path, None), Tally())
        door.files_url, door.said = str(tmp_path / "files"), {}
        with pytest.raises(_Tried):
            door.play(script)
    wrong = {label: said for label, said in door.said.items() if said != "case.you_recused"}
    assert {label.partition(" ")[0] for label in wrong} <= OPEN, wrong
    assert door.said["desk.bulk.do_to_row reassign"] == "case.you_recused"
    tried = {label.partition(" ")[0] for label in door.said}
    on_cases = {name for name in deeds.of_the_code() - deeds.ELSEWHERE if name.startswith(("desk.", "cases."))}
    assert {name for name in on_cases if not name.startswith(ON_NO_CASE)} - tried == set(), "a new command: try it too"


def test_nobody_locks_a_case_but_at_the_door() -> None:
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "workflows").rglob("*.py")):
        for made in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(made, ast.FunctionDef) and any(
                isinstance(call, ast.Call) and ast.unparse(call.func).rpartition(".")[2] == "lock_case"
                for call in ast.walk(made)
            ):
                found.setdefault(str(path.relative_to(ROOT)), set()).add(made.name)
    assert found == LOCKING
