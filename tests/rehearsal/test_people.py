"""The people of the throw-away bureau: enough for drafts that need several of one role, each to be told apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.diagrams.test_second_counsel import APART, DRAWN, KEY
from tests.rehearsal.conftest import person
from workflows.actors import ROLES, Person, Post, acting
from workflows.calendar import clock
from workflows.cases.file import Case
from workflows.desk import inbox, offering
from workflows.desk.tasks import Task
from workflows.diagrams import description, library
from workflows.engine.definition import read
from workflows.engine.package import Package
from workflows.rehearsal import people, references, sample, sandbox, scene, trials
from workflows.rehearsal.sandbox import Sandbox
from workflows.rehearsal.scene import Scene, start_options
from workflows.store import Store

SHIPPED = library.shipped()
BEGINS = datetime(2026, 3, 2, 1, tzinfo=UTC)
LATER = timedelta(days=10)
"""Within which the party may make its statement."""
SECOND = "Activity_0qvgr5g"
ROUND = b'<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>%d</bpmn:loopCardinality>' \
        b"</bpmn:multiInstanceLoopCharacteristics></bpmn:userTask>"  # fmt: skip


def draft(apart: bytes = APART, drawn: bytes = DRAWN) -> Package:
    """The legal review with a second counsel in parallel, as the editor draws it."""
    described = SHIPPED[KEY].files[description.FILE] + apart
    return Package(KEY, {**SHIPPED[KEY].files, f"{KEY}.bpmn": drawn, description.FILE: described})


def bureau(store: Store, package: Package) -> Sandbox:
    with store.read() as session:
        return sandbox.prepare(session, person(store, "admin"), package, BEGINS)


def opened(played: Scene) -> dict[str, Any]:
    with played.store.read() as session:
        officer = played.actor(session, "officer1")
        form = offering.start_form(session, library.current(session, "penalty"))
        options = start_options(session, officer)
        answer = references.named(form, sample.answer(form, options, "lead_received"), options)
    return {"by": "officer1", "process": "penalty", "answer": answer}


def next_move(played: Scene) -> dict[str, Any] | None:
    """The first step that waits, done with a sample answer by the first of those for whom it is; None at the end."""
    with played.store.read() as session:
        live = inbox.live_tasks(session, played.case_id)
        if not live:
            return None
        task = live[0]
        who = task.assignee or min((one.person for one in task.candidates), key=lambda one: one.login)
        form = offering.task_form(session, task)
        options = offering.task_options(session, task, task.case, acting(session, who.id))
        answer = references.named(form, sample.answer(form, options, task.element_id), options)
        at = clock.now() + (LATER if task.element_id == "record_statement" else scene.PACE)
        return {"at": at.isoformat(), "by": who.login, "task": task.element_id, "answer": answer}


def test_a_second_counsel_who_is_another_is_played_to_the_end_and_recorded(sqlite_demo_store: Store) -> None:
    made = bureau(sqlite_demo_store, draft())
    with scene.staged(made, []) as played:
        moves = [opened(played)]
        played.make(moves[0])
        while (move := next_move(played)) is not None and len(moves) < 40:
            moves.append(move)
            played.make(move)
        with played.store.read() as session:
            assert session.get_one(Case, played.case_id).state == "archived"
            asked = select(Task).where(Task.element_id.in_(("counsel_review", SECOND)))
            did = {task.element_id: task.ended_by_id for task in session.execute(asked).scalars()}
    assert did.keys() == {"counsel_review", SECOND} and len(set(did.values())) == 2
    trial = trials.recorded(made, "penalty", "两名法律顾问", moves)
    assert len(trial.moves) == len(moves)


def test_every_role_that_acts_in_cases_has_people_who_can_be_told_apart(sqlite_demo_store: Store) -> None:
    store = bureau(sqlite_demo_store, draft()).open()
    try:
        with store.read() as session:
            posts = session.execute(select(Post.role, Person.name).join(Person)).all()
            names = {role: [name for held, name in posts if held == role] for role in ROLES}
            everybody = list(session.execute(select(Person.name)).scalars())
    finally:
        store.close()
    assert len(names["legal_counsel"]) == len(names["domain_expert"]) == people.ENOUGH
    assert names["legal_counsel"][1:] == ["法律顾问乙", "法律顾问丙"]
    assert len(set(everybody)) == len(everybody)
    assert len(names["bureau_leader"]) == 1, "a quorum counts the leaders: no more than a process needs"


@pytest.mark.parametrize(("apart", "drawn", "counsels"), [
    (b"", DRAWN, 1),
    (APART, DRAWN, 2),
    (APART, DRAWN.replace(b"</bpmn:userTask>", ROUND % 4), 8),
    (APART + b"twice: {counsel_review: exclude}\n", DRAWN, 3),
])  # fmt: skip
def test_steps_kept_apart_and_rounds_need_more_people(apart: bytes, drawn: bytes, counsels: int) -> None:
    definition = read(draft(apart, drawn), published=True)
    assert people.needed([definition])["legal_counsel"] == counsels
