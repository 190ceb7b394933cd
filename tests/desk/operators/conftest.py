"""A case with a process beside its own whose steps offer every operator: two branches, a round, a subprocess."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select

from tests.desk.conftest import Bureau
from tests.desk.operators.discussion import Discussion, held
from tests.engine import drawing as d
from workflows import fold, ledger
from workflows.cases.file import lock_case
from workflows.desk import advance, commands
from workflows.desk.execute import execute
from workflows.desk.tasks import Task
from workflows.diagrams import description, library
from workflows.engine.package import Package
from workflows.store import new_id

OFFICER, LEGAL, LEADER = "case_officer", "legal_reviewer", "bureau_leader"
SIGNERS = ("legal1", "legal2", "deputy")


def step(id: str, role: str, inner: str = "", **attributes: str) -> str:
    return d.user(id, inner, name=id, camunda_candidateGroups=role, **attributes)


def package() -> Package:
    inner = d.start("s", name="s") + step("check", LEGAL) + step("confirm", LEGAL) + d.end("e") + d.flows(
        "s > check > confirm > e")  # fmt: skip
    steps = ("draft", "legal", "counsel", "sign", "check", "confirm", "decide")
    said = {
        "key": "trial", "title": {"zh": "试行", "en": "Trial"}, "kinds": ["行政处罚"],
        "operators": {id: sorted(description.OPERATORS) for id in steps},
    }  # fmt: skip
    drawn = d.draw(
        d.start(), step("draft", OFFICER), d.par("split"), step("legal", LEGAL), step("counsel", LEADER), d.par("join"),
        d.user("sign", d.many("signers", "signer"), name="sign", camunda_assignee="${signer}"),
        d.sub("inside", inner, name="inside"), step("decide", LEADER), d.end(),
        d.flows("""
            start > draft > split > legal > join
            split > counsel > join
            join > sign > inside > decide > end
        """), key="trial",
    )  # fmt: skip
    return Package("trial", {"trial.bpmn": drawn, "process.yaml": yaml.safe_dump(said, allow_unicode=True).encode()})


class Trial:
    """A case that runs the process, and what tests do in it."""

    def __init__(self, bureau: Bureau) -> None:
        self.bureau, self.store = bureau, bureau.store
        self.case_id = bureau.open()
        officer = bureau.actor("officer1")
        signers = [bureau.actor(login).person_id for login in SIGNERS]
        with self.store.work() as session:
            library.publish(session, package(), bureau.actor("admin"), "试行")
            case = lock_case(session, self.case_id)
            self.instance_id = advance.start(session, case, "trial", {"signers": signers}, officer).id

    def person(self, login: str) -> str:
        return self.bureau.actor(login).person_id

    def tasks(self, kind: str | None = "step") -> list[Task]:
        """What waits, oldest first."""
        with self.store.read() as session:
            wanted = select(Task).where(Task.instance_id == self.instance_id, Task.ended_at.is_(None))
            rows = session.execute(wanted.order_by(Task.created_at, Task.id)).scalars().all()
            return [row for row in rows if kind is None or row.kind == kind]

    def waiting(self) -> list[str]:
        """The steps that wait, sorted."""
        return sorted(task.element_id for task in self.tasks())

    def task(self, element: str, login: str | None = None, kind: str = "step") -> Task:
        """The one that waits at an element, of a person where several do."""
        holder = self.person(login) if login else None
        return next(
            task for task in self.tasks(kind)
            if task.element_id == element and (holder is None or task.assignee_id == holder)
        )  # fmt: skip

    def row(self, task_id: str) -> Task:
        with self.store.read() as session:
            return session.get_one(Task, task_id)

    def do(self, login: str, command: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Run a command as somebody, with a key of its own."""
        return execute(self.store, command, self.bureau.actor(login), *args, key=new_id(), **kwargs)

    def done(self, login: str, element: str, kind: str = "step", **answer: Any) -> commands.Completed:
        """Complete what waits at an element for somebody."""
        mine = [task for task in self.tasks(kind) if task.element_id == element]
        holder = self.person(login)
        task = next((one for one in mine if one.assignee_id == holder), mine[0])
        return self.do(login, commands.complete_task, task.id, answer, seen=task.version)

    def reviewed(self) -> None:
        """Up to the signing round."""
        for login, element in (("officer1", "draft"), ("legal1", "legal"), ("deputy", "counsel")):
            self.done(login, element)

    def check(self) -> None:
        """The record tells the whole state, and is unbroken."""
        with self.store.read() as session:
            assert ledger.verify(session) == []
            assert [str(one) for one in fold.verify_state(session)] == []


@pytest.fixture
def trial(sqlite_bureau: Bureau) -> Trial:
    """On SQLite."""
    return Trial(sqlite_bureau)


@pytest.fixture
def trial_on_both(bureau: Bureau) -> Trial:
    """On SQLite and on PostgreSQL."""
    return Trial(bureau)


@pytest.fixture
def discussion(sqlite_template: Path, tmp_path: Path) -> Iterator[Discussion]:
    """A case that waits to be put on an agenda, on SQLite."""
    with held(sqlite_template, tmp_path) as found:
        yield found
