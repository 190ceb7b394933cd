"""One case carried by the product and by the model: each move is asked of both, and they must agree.

A move is allowed or not, by the model; the product must offer it exactly when it is allowed and its command must
succeed exactly then. After each move the rows of tasks, the engine and the record must be what the model has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.desk.model.blocks import LEGAL, Drawing
from tests.desk.model.game import At
from tests.desk.model.office import Office, Work
from workflows import ledger
from workflows.actors import Actor, Person, acting
from workflows.calendar import clock
from workflows.calendar.clock import SimulatedClock
from workflows.cases.file import Case, CaseOfficer, lock_case
from workflows.desk import advance, fitting, offers, places, substitutes
from workflows.desk.execute import execute
from workflows.desk.operators import returning
from workflows.desk.tasks import Task, TaskCandidate
from workflows.engine import state
from workflows.errors import FashenError, Incident
from workflows.fold import rows as folded
from workflows.fold import verification
from workflows.store import Store

Allowed = bool | None
EVENTS = frozenset({
    "TaskOffered", "TaskClaimed", "TaskReleased", "TaskCompleted", "TaskCancelled", "TaskReturned", "TaskWithdrawn",
    "TaskReassigned", "TaskDelegated", "TaskHandedBack", "TaskUrged", "TaskAnswered", "SubtaskOffered",
    "SubtaskAnswered", "SubtaskRemoved", "RoundChanged", "CaseSuspended", "CaseResumed", "CaseTerminated",
    "CaseCopied", "RemarkMade", "LeadWithdrawn", "TaskGivenUp",
})  # fmt: skip
"""What the record tells of tasks and operators; each must stand there as often as the model says."""

OF_NO_CASE = (substitutes.name_substitute, substitutes.end_substitute)
"""Commands on no case: all others are closed to who has withdrawn from it."""


@dataclass
class Told:
    """What the product says before a command: the operators offered, and what their pages let one choose."""

    operators: dict[str, bool] = field(default_factory=dict)
    people: dict[str, bool] = field(default_factory=dict)
    targets: dict[str, bool] = field(default_factory=dict)  # earlier element → whether it can be done again alone
    numbers: frozenset[int | None] = frozenset()


@dataclass(frozen=True)
class Begun:
    """A case that has begun. entry: the last one of its stream before that; people: login → id."""

    case_id: str
    instance_id: str
    entry: int
    people: Mapping[str, str]


def begin(session: Session, drawing: Drawing, case_id: str) -> Begun:
    """Start the drawn process for a case."""
    people = {person.login: person.id for person in session.scalars(select(Person))}
    given = {name: [people[one] for one in asked] for name, asked in drawing.rounds.items()}
    entry = max(one.seq for one in ledger.history(session, f"case:{case_id}"))
    starter, case = acting(session, people["officer1"]), lock_case(session, case_id)
    instance = advance.start(session, case, drawing.package.key, {"choice": "a", **given}, starter)
    return Begun(case_id, instance.id, entry, people)


class Play:
    """A case of a database made by `scene.py`."""

    def __init__(self, store: Store, time: SimulatedClock, drawing: Drawing, begun: Begun) -> None:
        self.store, self.time, self.begun = store, time, begun
        self.office, self.key = Office(drawing.plan), drawing.package.key
        self.case_id, self.instance_id, self.people = begun.case_id, begun.instance_id, begun.people
        self.logins = {id: login for login, id in self.people.items()}
        self.actors: dict[str, Actor] = {}
        self.versions: dict[str, int] = {}
        self.holders: dict[str, str | None] = {}
        self.moves: list[str] = []
        self.tally: Counter[tuple[str, str]] = Counter()
        self.compare()

    def actor(self, login: str) -> Actor:
        """Who acts."""
        if login not in self.actors:
            with self.store.read() as session:
                self.actors[login] = acting(session, self.people[login])
        return self.actors[login]

    def attempt(
        self, name: str, login: str, allowed: Allowed, command: Callable[..., Any], *args: Any,
        then: Callable[[], object], offered: Allowed = None, **given: Any,
    ) -> bool:  # fmt: skip
        """Try a command; whether it succeeded. then: the same in the model; offered: what the product said before."""
        who = self.actor(login)
        said = f"{len(self.moves)}: {name} by {login} {[arg for arg in args if arg != self.case_id]} {given}"
        self.moves.append(said)
        self.time.set(clock.now() + timedelta(seconds=1))
        if login in self.office.recused and command not in OF_NO_CASE:  # whatever it is, by whatever command
            allowed = False
        heard = ""
        try:
            execute(self.store, command, who, *args, **given)
        except Incident:
            raise
        except FashenError as error:
            heard = error.code
        self.moves[-1] += f" → {heard or 'done'}"
        self.tally[name, heard or "done"] += 1
        assert allowed is None or allowed == (not heard), f"{self.moves[-1]}: the model says {allowed}"
        assert offered is None or offered == (not heard), f"{self.moves[-1]}: offered is {offered}"
        if not heard:
            self.office.now += 1
            then()
            self.compare()
        return not heard

    def told(self, login: str, work: Work, operator: str = "") -> Told:
        """What the product offers somebody at a task."""
        with self.store.read() as session:
            who, task = self.actor(login), session.get_one(Task, work.row)
            found = Told({one.operator: one.why is None for one in offers.offers(session, who, task)})
            if operator in ("reassign", "delegate", "sign", "ask", "round_add"):
                found.people = {
                    self.logins[one.person.id]: not one.why for one in fitting.people(session, who, task, operator)
                }
            elif operator == "return":
                found.targets = {one.element_id: one.resumes for one in returning.choices(session, task)}
            elif operator == "round_remove":
                found.numbers = places.added(session, task) & places.left(session, task).keys() - {places.number(task)}
            return found

    def case_offer(self, login: str, operator: str) -> bool:
        """Whether the product offers somebody an operator of the case as a whole."""
        with self.store.read() as session:
            who, case = self.actor(login), session.get_one(Case, self.case_id)
            return any(one.operator == operator and one.why is None for one in offers.case_offers(session, who, case))

    def leave(self, login: str) -> None:
        """Somebody leaves the bureau."""
        with self.store.work() as session:
            session.get_one(Person, self.people[login]).disabled_at = clock.now()
        self.office.gone.add(login)
        self.actors.clear()
        self.moves.append(f"{len(self.moves)}: {login} leaves")

    def days(self, number: int) -> None:
        """So many days pass."""
        self.time.set(clock.now() + timedelta(days=number))
        self.office.pass_days(number)
        self.moves.append(f"{len(self.moves)}: {number} days pass")

    def seen(self, work: Work) -> int:
        """The task's version now."""
        return self.versions[work.row]

    def target(self, work: Work, at: At) -> str:
        """How the engine names an earlier place; one that does not exist where it offers none."""
        with self.store.read() as session:
            task = session.get_one(Task, work.row)
            try:
                earlier = state.load(session, self.instance_id, lock=False).earlier(task.engine_task_id or "")
            except FashenError:
                earlier = []
            return next((one.id for one in earlier if one.element.id == at.plan.id), f":{at.plan.id}")

    # what must hold after each move

    def compare(self) -> None:
        """Rows, engine and model say the same."""
        with self.store.read() as session:
            rows = session.scalars(select(Task).where(Task.instance_id == self.instance_id)).all()
            candidates: dict[str, set[str]] = {row.id: set() for row in rows}
            wanted = select(TaskCandidate).where(TaskCandidate.task_id.in_([row.id for row in rows]))
            for one in session.scalars(wanted):
                candidates[one.task_id].add(self.logins[one.person_id])
            self.versions = {row.id: row.version for row in rows}
            instance = state.load(session, self.instance_id, lock=False)
            handled = {self.logins[one] for one in session.scalars(
                select(CaseOfficer.person_id).where(CaseOfficer.case_id == self.case_id))}  # fmt: skip
        self._recognise(rows)
        self._same_tasks(rows, candidates)
        self._same_engine(rows, instance)
        self._duties(rows, handled)

    def _recognise(self, rows: Any) -> None:
        """Which new row is which new task."""
        known = {work.row for work in self.office.works}
        fresh = {self._key(row): row.id for row in rows if row.id not in known}
        for work in self.office.works:
            if not work.row:
                parent = work.parent.row if work.parent else None
                key = (work.kind, work.plan.id, work.number if parent is None else work.assignee, parent)
                assert key in fresh, f"lost: {key} is not among {list(fresh)}; {self.story()}"
                work.row = fresh.pop(key)
        assert not fresh, f"nobody expects {list(fresh)}; {self.story()}"

    def _key(self, row: Task) -> tuple[str, str, Any, str | None]:
        own = row.variables.get("loopCounter", 0) if row.parent_id is None else self.logins.get(row.assignee_id or "")
        return row.kind, row.element_id, own, row.parent_id

    def _same_tasks(self, rows: Any, candidates: Mapping[str, set[str]]) -> None:
        found = {row.id: self._shown(row, candidates[row.id]) for row in rows}
        expected = {
            work.row: (work.state, work.assignee, work.owner, work.returned, work.by or None, work.instead_of,
                       work.given is not None, frozenset(work.candidates) if work.live else None)
            for work in self.office.works
        }  # fmt: skip
        wrong = [f"{row}: {found.get(row)}, not {say}" for row, say in expected.items() if found.get(row) != say]
        assert not wrong, f"{wrong}; {self.story()}"

    def _shown(self, row: Task, candidates: set[str]) -> tuple[object, ...]:
        name, open_ = self.logins.get, row.ended_at is None
        return (
            row.state, name(row.assignee_id or ""), name(row.owner_id or ""), row.returned, name(row.ended_by_id or ""),
            name(row.ended_for_id or ""), row.effect is not None, frozenset(candidates) if open_ else None,
        )  # fmt: skip

    def _same_engine(self, rows: Any, instance: state.StoredInstance) -> None:
        waiting = [row.engine_task_id for row in rows if row.ended_at is None and row.kind == "step"]
        assert sorted(waiting) == sorted(step.id for step in instance.steps()), self.story()
        assert instance.finished == self.office.over, self.story()
        if not (self.office.ended or self.office.recalled):
            game, said = self.office.game, instance.variables
            assert said["choice"] == game.choice, self.story()
            assert {name: value for name, value in said.items() if name.startswith("outcome")} == game.outcomes

    def _duties(self, rows: Any, handled: set[str]) -> None:
        """Nobody who handled the case was given a part in its review; nobody has two places in one round."""
        by_id = {row.id: row for row in rows}
        for row in rows:
            holder = self.logins.get(row.assignee_id or "")
            given = holder != self.holders.get(row.id)
            self.holders[row.id] = holder
            role = (by_id[row.parent_id].role if row.parent_id and row.kind != "rework" else row.role) or ""
            if given and holder and LEGAL in role.split(",") and row.kind != "advice":
                assert holder not in handled, f"{holder} handled the case and got {row.element_id}; {self.story()}"
        for work in self.office.live:
            signer = work.owner or work.assignee
            assert not self.office.round_of(work) or signer not in self.office.taken(work), self.story()

    def check_record(self, *, whole: bool) -> None:
        """Everything that was done stands in the record, as often as it was done. whole: also that its fold is true."""
        with self.store.read() as session:
            told = [entry for entry in ledger.history(session, f"case:{self.case_id}") if entry.seq > self.begun.entry]
            if whole:
                assert ledger.verify(session) == [], self.story()
                stored = folded.stored(session, self.case_id)
                differences = verification.verify_root(session, self.case_id, "case", stored)
                assert not (wrong := [str(one) for one in differences]), f"{wrong}; {self.story()}"
        found = dict.fromkeys(EVENTS, 0)
        for entry in told:
            if entry.event in EVENTS and not self._elsewhere(entry):
                found[entry.event] += 1
        assert {event: self.office.told[event] for event in EVENTS} == found, self.story()

    def _elsewhere(self, entry: Any) -> bool:
        """Whether it tells of a task of the case's other process; a lead that is taken back concerns both."""
        id = entry.data.get("task_id")
        return entry.event != "LeadWithdrawn" and id is not None and id not in {work.row for work in self.office.works}

    def story(self) -> str:
        """What was done so far."""
        return "\n".join(["", *self.moves])
