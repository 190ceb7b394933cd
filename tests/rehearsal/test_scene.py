"""A play in the throw-away bureau: the real commands, a clock of its own, moves that lead to the same scene again."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.diagrams.test_second_counsel import APART, DRAWN
from tests.rehearsal.conftest import Archive, moves_of, person
from tests.webapp.trial import package as trial_package
from workflows import forms, play
from workflows.actors import ROLES, Post
from workflows.calendar import clock
from workflows.desk import offering
from workflows.desk.tasks import Task
from workflows.diagrams import library
from workflows.engine.package import Package
from workflows.errors import FashenError, Invalid
from workflows.models import metadata
from workflows.rehearsal import references, sample, sandbox, scene
from workflows.rehearsal.sandbox import Sandbox
from workflows.store import Store


def contents(store: Store) -> dict[str, list[Any]]:
    with store.read() as session:
        return {name: sorted(map(repr, session.execute(select(table)).all()))
                for name, table in metadata.tables.items()}  # fmt: skip


def test_a_case_with_a_hearing_and_a_discussion_is_played_to_its_end(sqlite_demo_store: Store) -> None:
    script, moves = moves_of("jiangmen-fireworks")
    before = contents(sqlite_demo_store)
    with sqlite_demo_store.read() as session:
        prepared = sandbox.prepare(
            session, person(sqlite_demo_store, "admin"), library.shipped()["penalty"], script.begins
        )
    with scene.staged(prepared, moves) as played, played.store.read() as inside:
        assert played.stopped is None
        found = play.observe(inside, played.case_id)
        assert {name: found[name] for name in ("state", "documents", "fines")} == {
            name: script.expect[name] for name in ("state", "documents", "fines")
        }
    assert contents(sqlite_demo_store) == before, "a play leaves no trace"


def test_moves_lead_to_the_same_scene_whether_it_was_kept_or_not(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = archive.moves[:6]

    def seen() -> Any:
        with scene.staged(archive.sandbox, first) as played, played.store.read() as inside:
            return play.observe(inside, played.case_id), clock.now()

    kept = seen()
    monkeypatch.setattr(scene, "_scenes", sandbox.Shelf(1))
    assert seen() == kept


def test_a_move_that_can_not_be_made_is_told_and_those_before_it_stand(prepared: Sandbox) -> None:
    _, moves = moves_of("yinzhou-welders")
    wrong = [*moves[:2], {"at": moves[2]["at"], "by": "officer1", "task": "sign_decision", "answer": {}}, moves[3]]
    with scene.staged(prepared, wrong) as played:
        assert played.stopped is not None
        assert (played.stopped.move, played.stopped.error.code) == (2, "script.task_not_open")
        with played.store.read() as inside:
            assert scene.open_elements(inside, played.case_id) == ["investigate"]


def test_time_of_a_play_is_its_threads_own() -> None:
    there, then = list[datetime](), datetime(2020, 1, 1, tzinfo=UTC)
    with clock.apart(then) as time:
        other = threading.Thread(target=lambda: there.append(clock.now()))
        other.start()
        other.join()
        assert clock.now() == then
        time.set(then + timedelta(days=1))
        assert clock.now() == then + timedelta(days=1)
    assert there[0] > then + timedelta(days=365)
    assert clock.now() > then + timedelta(days=365)


def test_time_passes_until_the_next_timer_or_as_far_as_one_says(prepared: Sandbox) -> None:
    _, moves = moves_of("yinzhou-welders")
    with scene.staged(prepared, moves[:1]) as played:
        with pytest.raises(Invalid) as refused:
            played.make({"timer": True})
        assert refused.value.code == "trying.no_timer"
        before = clock.now()
        played.make({"at": (before + timedelta(days=5)).isoformat()})
        assert clock.now() == before + timedelta(days=5)
        with pytest.raises(Invalid) as far:
            played.make({"at": (before + timedelta(days=9_999)).isoformat()})
        assert far.value.code == "trying.too_far"


def test_choices_are_kept_by_what_they_are_called(prepared: Sandbox) -> None:
    with scene.staged(prepared, []) as played, played.store.read() as session:
        officer = played.actor(session, "officer1")
        form = offering.start_form(session, library.current(session, "penalty"))
        options = scene.start_options(session, officer)
        answer = sample.answer(form, options, "lead_received")
        named = references.named(form, answer, options)
        assert set(named["co_officer"]) == {"choice"}
        assert references.given(form, named, options) == answer
        with pytest.raises(Invalid) as gone:
            references.given(form, {**named, "co_officer": {"choice": "某人"}}, options)
        assert gone.value.code == "trying.choice_gone"


@pytest.mark.parametrize("key", ["penalty", "legal_review", "collective_decision", "criminal_referral"])
def test_samples_answer_every_form_of_the_shipped_processes(prepared: Sandbox, key: str) -> None:
    with scene.staged(prepared, []) as played, played.store.read() as session:
        package = library.shipped()[key]
        definition = library.current(session, key)
        wanted = [(id, one.form_key) for id, one in definition.elements.items() if one.form_key]
        assert wanted
        for element_id, form_key in wanted:
            form = forms.parse(library.form(session, package.hash, str(form_key)), str(form_key))

            def options(name: str) -> list[tuple[str, str, str]]:
                return [("sample-1", "示例一", ""), ("sample-2", "示例二", "")]

            assert forms.validate(form, sample.answer(form, options, element_id), options), element_id


def test_a_draft_that_the_engine_can_not_read_is_refused_before_anything_is_played(sqlite_demo_store: Store) -> None:
    broken = library.Package("penalty", {"penalty.bpmn": b"<definitions/>"})
    with sqlite_demo_store.read() as session, pytest.raises(FashenError) as refused:
        sandbox.prepare(session, person(sqlite_demo_store, "admin"), broken, datetime.now(UTC))
    assert refused.value.code == "diagram.refused"


def test_every_role_has_somebody_in_the_throw_away_bureau(sqlite_demo_store: Store) -> None:
    with sqlite_demo_store.read() as session:
        made = sandbox.prepare(session, person(sqlite_demo_store, "admin"), trial_package(), datetime.now(UTC))
    store = made.open()
    try:
        with store.read() as inside:
            assert set(inside.execute(select(Post.role)).scalars()) == set(ROLES)
    finally:
        store.close()


def test_steps_kept_apart_find_as_many_people_as_they_want(sqlite_demo_store: Store) -> None:
    script, moves = moves_of("yinzhou-welders")
    shipped = library.shipped()["legal_review"].files
    described = shipped["process.yaml"] + APART
    package = Package("legal_review", {**shipped, "legal_review.bpmn": DRAWN, "process.yaml": described})
    with sqlite_demo_store.read() as session:
        prepared = sandbox.prepare(session, person(sqlite_demo_store, "admin"), package, script.begins)
    at = next(number for number, move in enumerate(moves) if move.get("task") == "counsel_review")
    second = {**moves[at], "task": "Activity_0qvgr5g", "by": "legal_counsel2"}
    with scene.staged(prepared, [*moves[: at + 1], second]) as played, played.store.read() as inside:
        assert played.stopped is None
        waiting = inside.execute(select(Task.element_id).where(Task.ended_at.is_(None))).scalars().all()
        assert "conclude_review" in waiting and "Activity_0qvgr5g" not in waiting
