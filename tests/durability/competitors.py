"""The pairs of D5: what competes with what, over which case, and what may come of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.durability.scene import open_cases
from tests.durability.timers import open_case
from tests.engine.drawing import boundary, end, flows, many, package, par, start, timer, user
from tests.publishing import put_in_force
from workflows.actors import SYSTEM, Actor, Person, acting
from workflows.calendar import clock
from workflows.calendar.clock import SimulatedClock
from workflows.cases.file import Case
from workflows.desk import advance, commands
from workflows.desk.execute import execute
from workflows.desk.tasks import Task
from workflows.diagrams import library
from workflows.engine.package import Package
from workflows.store import Store, new_id

LIVE = ("open", "claimed")

Command = Callable[[Session], Any]
BOTH = {"camunda_candidateUsers": "${who},${second}"}
SINGLE = package(start(), user("a", **BOTH), user("b", **BOTH), end(), flows("start > a > b > end"), key="single")
JOIN = package(
    start(), par("s"), user("a", **BOTH), user("b", **BOTH), par("j"), user("c", **BOTH), end(),
    flows("start > s > a > j > c > end\ns > b > j"), key="join",
)  # fmt: skip
VOTE = package(
    start(), user("v", many("voters", "voter"), camunda_assignee="${voter}"), user("c", **BOTH), end(),
    flows("start > v > c > end"), key="vote",
)  # fmt: skip
LATE = package(
    start(), user("a", **BOTH), boundary("late", "a", timer("PT1H")), user("b", **BOTH), user("c", **BOTH), end(),
    end("other"), flows("start > a > c > end\nlate > b > other"), key="overdue",
)  # fmt: skip
PACKAGES = (SINGLE, JOIN, VOTE, LATE)


def named(version: int) -> Package:
    """A process that can be published again and again: its one step bears the version's number."""
    described = "key: named\ntitle: {zh: 试行, en: Trial}\n"
    return package(
        start(), user("a", name=f"第{version}版", **BOTH), end(), flows("start > a > end"), key="named",
        files={"process.yaml": described.encode()},
    )  # fmt: skip


@dataclass
class Pair:
    """Two commands. after_one: what the other may hear when one came first; after_other: the other way round.

    live: the elements whose tasks may be live in the end; a timer is no command and stands as None. folded: whether the
    case began as cases do, so that its state must equal the fold of its ledger.
    """

    one: Command | None
    other: Command | None
    after_one: set[str]
    after_other: set[str]
    live: list[tuple[str, ...]]
    case_id: str = ""
    counted: Mapping[str, int] = field(default_factory=dict)
    folded: bool = False


class Ground:
    """Where pairs meet: a demonstration bureau with two officers, and small processes."""

    def __init__(self, store: Store, time: SimulatedClock) -> None:
        self.store, self.time, self.version = store, time, 0
        with store.work() as session:
            people = {person.login: person.id for person in session.scalars(select(Person))}
            self.people = people
            for one in PACKAGES:
                put_in_force(session, one)
            library.publish(session, named(0), acting(session, people["admin"]), "试行")

    def actor(self, login: str) -> Actor:
        """Who acts."""
        with self.store.read() as session:
            return acting(session, self.people[login])

    def begin(self, key: str, **variables: Any) -> str:
        """A case with an instance of a process; the case's id."""
        with self.store.work() as session:
            case = open_case(session)
            given = {"who": self.people["officer1"], "second": self.people["officer2"], **variables}
            advance.start(session, case, key, given, SYSTEM)
            return case.id

    def tasks(self, case_id: str) -> dict[str, Task]:
        """The live tasks of a case by element; of a vote by element and voter."""
        with self.store.read() as session:
            found = session.scalars(select(Task).where(Task.case_id == case_id, Task.state.in_(LIVE)))
            return {f"{task.element_id} {task.assignee_id or ''}".strip(): task for task in found}

    def task(self, case_id: str, element: str = "a") -> Task:
        """The one live task of an element."""
        return next(task for name, task in self.tasks(case_id).items() if name.split()[0] == element)

    def complete(self, login: str, task: Task, key: str = "") -> Command:
        """The completion of a task by somebody who saw it as it is now."""
        who, key = self.actor(login), key or new_id()
        return lambda session: commands.complete_task(session, who, task.id, {}, seen=task.version, key=key)


def complete_complete(ground: Ground) -> Pair:
    case = ground.begin("single")
    task = ground.task(case)
    return Pair(ground.complete("officer1", task), ground.complete("officer2", task), {"task.completed"},
                {"task.completed"}, [("b",)], case, {"TaskCompleted": 1})  # fmt: skip


def complete_again(ground: Ground) -> Pair:
    case, key = ground.begin("single"), new_id()
    sent = ground.complete("officer1", ground.task(case), key)
    return Pair(sent, sent, {"done"}, {"done"}, [("b",)], case, {"TaskCompleted": 1})


def complete_claim(ground: Ground) -> Pair:
    case = ground.begin("single")
    task, second = ground.task(case), ground.actor("officer2")
    claim: Command = lambda session: commands.claim_task(session, second, task.id, seen=task.version)  # noqa: E731
    return Pair(ground.complete("officer1", task), claim, {"task.completed"}, {"task.changed"}, [("a",), ("b",)], case)


def complete_release(ground: Ground) -> Pair:
    case = ground.begin("single")
    first, task = ground.actor("officer1"), ground.task(case)
    execute(ground.store, commands.claim_task, first, task.id, seen=task.version)
    held = ground.task(case)
    release: Command = lambda session: commands.release_task(session, first, held.id, seen=held.version)  # noqa: E731
    return Pair(ground.complete("officer1", held), release, {"task.completed"}, {"task.changed"}, [("a",), ("b",)],
                case)  # fmt: skip


def claim_claim(ground: Ground) -> Pair:
    case = ground.begin("single")
    task = ground.task(case)

    def claim(login: str) -> Command:
        who = ground.actor(login)
        return lambda session: commands.claim_task(session, who, task.id, seen=task.version)

    return Pair(claim("officer1"), claim("officer2"), {"task.changed"}, {"task.changed"}, [("a",)], case,
                {"TaskClaimed": 1})  # fmt: skip


def complete_timer(ground: Ground) -> Pair:
    case = ground.begin("overdue")
    task = ground.task(case)
    ground.time.set(clock.now() + timedelta(hours=2))
    return Pair(ground.complete("officer1", task), None, {"nothing"}, {"task.cancelled"}, [("b",), ("c",)], case)


def timer_timer(ground: Ground) -> Pair:
    case = ground.begin("overdue")
    ground.time.set(clock.now() + timedelta(hours=2))
    return Pair(None, None, {"nothing"}, {"nothing"}, [("b",)], case, {"TimerFired": 1})


def join_join(ground: Ground) -> Pair:
    case = ground.begin("join")
    one, other = ground.task(case, "a"), ground.task(case, "b")
    return Pair(ground.complete("officer1", one), ground.complete("officer2", other),
                {"done"}, {"done"}, [("c",)], case, {"TaskCompleted": 2})  # fmt: skip


def vote_vote(ground: Ground) -> Pair:
    """The last two votes of three arrive together; the meeting is concluded once, and with both."""
    logins = ("officer1", "officer2", "officer3")
    case = ground.begin("vote", voters=[ground.people[login] for login in logins])
    votes = ground.tasks(case)
    first, *last = [ground.complete(login, votes[f"v {ground.people[login]}"]) for login in logins]
    execute(ground.store, first)
    return Pair(last[0], last[1], {"done"}, {"done"}, [("c",)], case, {"TaskCompleted": 3})


def publish_start(ground: Ground) -> Pair:
    """A case that begins while its process is published runs on the old version or the new, and wholly."""
    ground.version += 1
    number = ground.version
    with ground.store.work() as session:
        case_id = open_case(session).id

    def begin(session: Session) -> None:
        given = {"who": ground.people["officer1"], "second": ground.people["officer2"]}
        advance.start(session, session.get_one(Case, case_id), "named", given, SYSTEM)

    admin = ground.actor("admin")
    publish: Command = lambda session: library.publish(session, named(number), admin, "修订")  # noqa: E731
    return Pair(publish, begin, {"done"}, {"done"}, [("a",)], case_id, {"InstanceStarted": 1})


def disable_complete(ground: Ground) -> Pair:
    """Somebody is disabled while completing a task, as the web does it: who acts is read in the same unit of work."""
    person = ground.people["officer3"]
    with ground.store.work() as session:
        session.get_one(Person, person).disabled_at = None
    case = ground.begin("single", second=person)
    task, key = ground.task(case), new_id()

    def disable(session: Session) -> None:
        session.get_one(Person, person).disabled_at = clock.now()

    def complete(session: Session) -> None:
        commands.complete_task(session, acting(session, person), task.id, {}, seen=task.version, key=key)

    return Pair(disable, complete, {"done", "person.disabled"}, {"done"}, [("a",), ("b",)], case)


def flag_complete(ground: Ground) -> Pair:
    """A crime is suspected while the filing is decided: the referral runs beside, and the filing goes on."""
    url = ground.store.engine.url.render_as_string(hide_password=False)
    open_cases(url, 1)
    with ground.store.read() as session:
        wanted = select(Task).where(Task.element_id == "approve_filing", Task.state == "claimed", Task.version == 1)
        task = session.scalars(wanted.order_by(Task.created_at.desc(), Task.id)).first()
        assert task is not None
    officer, deputy, keys = ground.actor("officer1"), ground.actor("deputy"), (new_id(), new_id())
    answer = {"result": "return", "opinion": "请补正线索材料后再报。"}
    flag: Command = lambda session: commands.flag_suspicion(  # noqa: E731
        session, officer, task.case_id, offence="危险作业罪", grounds="现场发现重大隐患。", key=keys[0]
    )
    decide: Command = lambda session: commands.complete_task(  # noqa: E731
        session, deputy, task.id, answer, seen=task.version, key=keys[1]
    )
    return Pair(flag, decide, {"done"}, {"done"}, [("amend_lead", "verify_suspicion")], task.case_id,
                {"CrimeSuspected": 1, "TaskCompleted": 1})  # fmt: skip


PAIRS: dict[str, Callable[[Ground], Pair]] = {
    "complete × complete": complete_complete, "complete × the same again": complete_again,
    "complete × claim": complete_claim, "complete × release": complete_release, "claim × claim": claim_claim,
    "complete × timer": complete_timer, "timer × timer": timer_timer, "join × join": join_join,
    "last vote × last vote": vote_vote, "publish × start": publish_start, "disable × complete": disable_complete,
    "suspicion × complete": flag_complete,
}  # fmt: skip
