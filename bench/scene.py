"""The demonstration bureau with cases that run through an approval: what every benchmark of completions works on.

The approval: 初审, two reviews beside each other, their join, a decision that returns the case or ends it
(`bench/approval/approval.bpmn`). The rework is the same with two splits that nothing joins, a parallel gateway and two
flows out of a step, for cases that are returned again and again. The reminder waits for a time limit. Cases are opened
and tasks completed by the commands that the web uses.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from tests.publishing import put_in_force
from workflows import bureau, migrations
from workflows.actors import Actor, Person, acting
from workflows.calendar import clock
from workflows.cases.catalogue import Matter
from workflows.desk import commands
from workflows.desk.execute import execute
from workflows.desk.tasks import Task
from workflows.diagrams import library
from workflows.engine.package import Package, read_folder
from workflows.store import Store, new_id

PROCESS, REMINDER, REWORK = "approval", "reminder", "rework"
PEOPLE = {"first_review": "unithead", "legal_review": "legal1", "expert_review": "hearing1", "decide": "deputy"}
"""Step → who completes it, in the order of one round."""
ROUND = tuple(PEOPLE)
OPINION = {"opinion": "经审查，主体合法，事实清楚，证据确凿，同意送下一环节。"}
RETURN = {"result": "return", "opinion": "请补正线索材料后再报。"}
APPROVE = {"result": "approve", "opinion": "同意立案。"}


def package(process_key: str) -> Package:
    """The package of one of these processes; the forms of a lead and of the decision are the shipped ones."""
    own = read_folder(Path(__file__).parent / process_key)
    shipped = library.shipped()["penalty"].files
    lent = {name: shipped[name] for name in ("forms/lead.form", "forms/approve_filing.form")}
    return Package(own.key, {**own.files, **lent})


def prepare(url: str) -> None:
    """Fill an empty database: tables, demonstration bureau, the processes."""
    store = Store(url)
    try:
        migrations.upgrade(store)
        with store.work() as session:
            bureau.load_demo(session)
        publish(store)
    finally:
        store.close()


def publish(store: Store) -> None:
    """Put the processes in force in a demonstration bureau; the library would ask for the acts of the law."""
    with store.work() as session:
        for process_key in (PROCESS, REMINDER, REWORK):
            put_in_force(session, package(process_key))


class Scene:
    """A prepared database and the people who work on it."""

    def __init__(self, url: str) -> None:
        self.store = Store(url)
        with self.store.read() as session:
            ids = {person.login: person.id for person in session.scalars(select(Person))}
            self.actors = {login: acting(session, ids[login]) for login in (*PEOPLE.values(), "officer1")}
            self._beside = ids["officer2"]
            kind = Matter.kind == "行政处罚"
            self._matter = session.scalars(select(Matter.code).where(kind).order_by(Matter.code)).first()
        self._opened = 0

    def close(self) -> None:
        """Give the connections back."""
        self.store.close()

    def open_case(self, process_key: str = PROCESS) -> str:
        """A new case of a process; its id."""
        self._opened += 1
        name = f"第{self._opened}工贸有限公司"
        company = {"kind": "entity", "name": name, "address": "衢州市柯城区", "representative": "张三"}
        lead = {
            "title": f"第{self._opened}号线索",
            "found_on": clock.today().isoformat(),
            "source": "inspection",
            "summary": "现场检查发现未按规定组织应急预案演练。",
            "parties": [company],
            "matters": [{"matter_code": self._matter}],
            "co_officer": self._beside,
        }
        officer = self.actors["officer1"]
        return execute(self.store, commands.open_case, officer, process_key, lead, key=new_id()).case_id

    def waiting(self, case_id: str, element_id: str) -> Task:
        """The task of a step that waits in the case."""
        with self.store.read() as session:
            live = select(Task).where(
                Task.case_id == case_id, Task.state.in_(("open", "claimed")), Task.element_id == element_id
            )
            return session.scalars(live).one()

    def complete(self, task: Task, *, returned: bool) -> None:
        """Complete a task by the command of the desk, as who is in charge of it."""
        decision = RETURN if returned else APPROVE
        answer = decision if task.element_id == "decide" else OPINION
        execute(
            self.store, commands.complete_task, self.actor(task), task.id, answer, seen=task.version, key=new_id()
        )

    def actor(self, task: Task) -> Actor:
        """Who completes a task."""
        return self.actors[PEOPLE[task.element_id]]

    def run_round(self, case_id: str, *, returned: bool) -> None:
        """The four steps of one round, to the return or to the end."""
        for element_id in ROUND:
            self.complete(self.waiting(case_id, element_id), returned=returned)
