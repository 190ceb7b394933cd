"""Playing a case file: a script of who did what when, carried out on the simulated clock through the real commands.

The format is described in docs/case-files.md. Nothing is skipped: forms are validated, gates stand, the worker fires
the timers that come due between two steps and renders the documents.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import ledger, worker
from workflows.actors import Actor, Person, acting
from workflows.calendar import clock
from workflows.calendar.clock import SHANGHAI, SimulatedClock
from workflows.cases import catalogue
from workflows.cases.file import Case, Party
from workflows.cases.meetings import Meeting
from workflows.cases.proceedings import Decision
from workflows.cases.reviews import Finding, Opinion
from workflows.desk import commands
from workflows.desk.execute import execute
from workflows.desk.tasks import Task, TaskCandidate
from workflows.documents import Document
from workflows.documents.fonts import Fonts
from workflows.documents.sheet import plain_sheet
from workflows.engine import state
from workflows.errors import Invalid
from workflows.filekinds import media_type
from workflows.files import Files
from workflows.store import Store, new_id

FILE_LIMIT = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Script:
    """A case file as read: `start`, `steps`, `expect`, and what it says about its sources."""

    title: str
    start: Mapping[str, Any]
    steps: list[Mapping[str, Any]]
    expect: Mapping[str, Any]
    matters: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def begins(self) -> datetime:
        """The moment of the first step."""
        return moment(self.start["at"])


@dataclass(frozen=True, slots=True)
class Played:
    """What a play left behind."""

    case_id: str
    steps: int


def read(path: Path) -> Script:
    """Read a case file. Raises Invalid naming what is missing or not understood."""
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise Invalid("script.unreadable", file=path.name, reason=str(error)) from error
    missing = [key for key in ("title", "start", "steps") if not isinstance(data, dict) or key not in data]
    if missing:
        raise Invalid("script.incomplete", file=path.name, missing=missing)
    return Script(data["title"], data["start"], data["steps"], data.get("expect") or {}, data.get("matters") or [])


def moment(value: Any) -> datetime:
    """A moment of a script; without a zone it is read in Asia/Shanghai."""
    when = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return when if when.tzinfo else when.replace(tzinfo=SHANGHAI)


class Player:
    """Carries out a script step by step."""

    def __init__(self, store: Store, files: Files, fonts: Fonts, time: SimulatedClock) -> None:
        self.store, self.files, self.fonts, self.time = store, files, fonts, time
        self.case_id = ""

    def play(self, script: Script, on_step: Callable[[Mapping[str, Any]], None] = lambda step: None) -> Played:
        """Play the whole script and check what it expects. Raises the command's own error at the step that fails."""
        self.time.set(script.begins)
        for entry in script.matters:
            self.add_matter(dict(entry))
        self.open(script.start)
        on_step(script.start)
        for number, step in enumerate(script.steps, 1):
            try:
                self.step(step)
            except Invalid as error:
                error.facts = {**error.facts, "step": number}
                raise
            on_step(step)
        self.work_off()
        self.check(script.expect)
        return Played(self.case_id, len(script.steps) + 1)

    def add_matter(self, entry: dict[str, Any]) -> None:
        """Add a matter that the catalogue lacks, as the legal officer `by` (legal1 unless given)."""
        with self.store.read() as session:
            actor = self.actor(session, entry.pop("by", "legal1"))
        execute(self.store, catalogue.add_matter, actor, **entry)

    def open(self, start: Mapping[str, Any]) -> None:
        """Enter the lead."""
        self.until(moment(start["at"]))
        with self.store.read() as session:
            actor = self.actor(session, start["by"])
        answer = self.resolve(start["answer"])
        process = start.get("process", "penalty")
        self.case_id = execute(self.store, commands.open_case, actor, process, answer, key=new_id()).case_id

    def step(self, step: Mapping[str, Any]) -> None:
        """One step: a task, a command, or a wait with what is expected then."""
        self.until(moment(step["at"]))
        if "task" in step:
            self.complete(step["by"], step["task"], step.get("answer") or {})
        elif step.get("command") == "flag_suspicion":
            with self.store.read() as session:
                actor = self.actor(session, step["by"])
            execute(self.store, commands.flag_suspicion, actor, self.case_id, **step["answer"], key=new_id())
        elif "expect" not in step:
            raise Invalid("script.step_unknown", step=dict(step))
        if expected := step.get("expect"):
            self.check(expected)

    def complete(self, login: str, element_id: str, answer: Mapping[str, Any]) -> None:
        """Complete the open task of an element as somebody, who claims it when it is not theirs yet."""
        with self.store.read() as session:
            actor = self.actor(session, login)
            task = self.find_task(session, actor, element_id)
            task_id, seen = task.id, task.version
        resolved = self.resolve(answer)
        execute(self.store, commands.complete_task, actor, task_id, resolved, seen=seen, key=new_id())

    def find_task(self, session: Session, actor: Actor, element_id: str) -> Task:
        """The open task of an element that this person holds or may claim. Raises Invalid naming what is open."""
        offered = select(TaskCandidate.task_id).where(TaskCandidate.person_id == actor.person_id)
        live = list(
            session.execute(
                select(Task).where(Task.case_id == self.case_id, Task.state.in_(("open", "claimed")))
            ).scalars()
        )
        may = set(session.execute(offered).scalars())
        for task in live:
            if task.element_id == element_id and (
                task.assignee_id == actor.person_id or (task.assignee_id is None and task.id in may)
            ):
                return task
        raise Invalid("script.task_not_open", task=element_id, by=actor.name, open=[t.element_id for t in live])

    def until(self, when: datetime) -> None:
        """Let the clock run to `when`, stopping at every timer on the way."""
        while True:
            with self.store.read() as session:
                due = state.earliest_due(session)
            if due is None or due >= when:
                break
            self.time.set(max(due, clock.now()))
            if not self.round().timers:
                break
        self.time.set(when)
        self.work_off()

    def work_off(self) -> None:
        """Let the worker do whatever is due now."""
        while self.round():
            pass

    def round(self) -> worker.Round:
        """One round of the worker."""
        return worker.run_round(self.store, self.files, self.fonts)

    def check(self, expect: Mapping[str, Any]) -> None:
        """Compare the case with what the script expects. Raises Invalid("script.unexpected") with both sides."""
        with self.store.read() as session:
            found = observe(session, self.case_id)
        for key, wanted in expect.items():
            have = found.get("tasks" if key == "task" else key)
            met = wanted in found["tasks"] if key == "task" else have == wanted
            if not met:
                raise Invalid("script.unexpected", what=key, expected=wanted, found=have)

    def actor(self, session: Session, login: str) -> Actor:
        """The actor behind a login. Raises Invalid for an unknown one."""
        person_id = session.execute(select(Person.id).where(Person.login == login)).scalar_one_or_none()
        if person_id is None:
            raise Invalid("script.person_unknown", login=login)
        return acting(session, person_id)

    def resolve(self, value: Any) -> Any:
        """Replace the references of a script ({party: …}, {person: …}, {finding: …}, {meeting: …}, {file: …})."""
        if isinstance(value, list):
            return [self.resolve(item) for item in value]
        if not isinstance(value, dict):
            return value
        if "file" in value and value.keys() <= {"file", "text"}:
            return self.put_file(str(value["file"]), str(value.get("text", value["file"])))
        if len(value) == 1 and (kind := next(iter(value))) in ("party", "person", "finding", "meeting"):
            with self.store.read() as session:
                return self.look_up(session, kind, value[kind])
        return {key: self.resolve(item) for key, item in value.items()}

    def look_up(self, session: Session, kind: str, name: str) -> str:
        """The id behind a name in a script."""
        queries = {
            "party": select(Party.id).where(Party.case_id == self.case_id, Party.name == name),
            "person": select(Person.id).where(Person.login == name),
            "meeting": select(Meeting.id).where(Meeting.title == name),
            "finding": select(Finding.id)
            .join(Opinion, Opinion.id == Finding.opinion_id)
            .where(Opinion.case_id == self.case_id, Finding.point == name, Finding.answer.is_(None))
            .order_by(Opinion.given_at.desc()),
        }
        found = session.execute(queries[kind].limit(1)).scalar_one_or_none()
        if found is None:
            raise Invalid("script.reference_unknown", kind=kind, name=name)
        return found

    def put_file(self, name: str, text: str) -> dict[str, Any]:
        """Put a file of the script into the content store: a sheet of paper with its text."""
        data = plain_sheet(name.rsplit(".", 1)[0], text, self.fonts) if name.endswith(".pdf") else text.encode()
        stored = self.files.put(io.BytesIO(data), FILE_LIMIT)
        return {
            "sha256": stored.sha256,
            "size": stored.size,
            "name": name,
            "media_type": media_type(name, data[:512]),
        }


def observe(session: Session, case_id: str) -> dict[str, Any]:
    """What a case looks like from outside: state, open tasks, documents by type, fines in yuan by party."""
    case = session.get_one(Case, case_id)
    tasks = select(Task.element_id).where(Task.case_id == case_id, Task.state.in_(("open", "claimed")))
    documents: dict[str, int] = {}
    for document in session.execute(select(Document).where(Document.case_id == case_id)).scalars():
        documents[document.type] = documents.get(document.type, 0) + 1
    decisions = session.execute(
        select(Decision, Party).join(Party, Party.id == Decision.party_id).where(Decision.case_id == case_id)
    )
    return {
        "state": case.state,
        "crime": case.crime,
        "fine_suspended": case.fine_suspended,
        "tasks": list(session.execute(tasks).scalars()),
        "documents": documents,
        "fines": {party.name: decision.fine_fen // 100 for decision, party in decisions if decision.fine_fen},
    }


def leave(store: Store, files: Files, case_id: str, folder: Path) -> list[Path]:
    """Write a case's documents as PDF, its ledger as JSON lines, and a checkpoint into `folder`; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    left: list[Path] = []
    with store.read() as session:
        for document in session.execute(select(Document).where(Document.case_id == case_id)).scalars():
            if document.sha256:
                left.append(folder / f"{document.number}.pdf")
                left[-1].write_bytes(files.read(document.sha256))
        left.append(folder / "ledger.jsonl")
        entries = ledger.history(session, f"case:{case_id}")
        lines = (json.dumps(asdict(entry), ensure_ascii=False, default=str) for entry in entries)
        left[-1].write_text("\n".join(lines) + "\n", "utf-8")
        left.append(folder / "checkpoint.json")
        left[-1].write_text(ledger.checkpoint(session).to_json(), "utf-8")
    return left
