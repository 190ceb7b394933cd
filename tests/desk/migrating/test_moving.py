"""Running cases move to another version of their process: asked by one, approved by another, case by case."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.desk.conftest import Bureau
from tests.desk.migrating.office import APPROVE, KEY, Movers, another_id, for_the_head, renamed, version
from tests.diagrams.spoiling import drawn, flow, led, spoiled
from workflows.calendar import clock
from workflows.calendar.clock import SimulatedClock
from workflows.calendar.clocks import Clock
from workflows.desk import commands
from workflows.desk.execute import execute
from workflows.desk.migrating import plans, trial
from workflows.desk.migrating.tables import Migration
from workflows.desk.migrating.terms import Terms
from workflows.desk.tasks import TaskDraft
from workflows.engine import state
from workflows.engine.package import Package
from workflows.engine.state import EngineInstance, EngineTask
from workflows.errors import FashenError, Forbidden, NotFound, Stale
from workflows.models import metadata
from workflows.outbox import OutboxNotice
from workflows.store import Store, new_id


@pytest.fixture
def movers(bureau: Bureau) -> Movers:
    return Movers(bureau)


@pytest.fixture
def here(sqlite_bureau: Bureau) -> Movers:
    return Movers(sqlite_bureau)


def everything(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables."""
    with store.read() as session:
        return {name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
                for name, table in metadata.tables.items()}


def refused(movers: Movers, *command: Any, **kwargs: Any) -> str:
    before = everything(movers.store)
    with pytest.raises(FashenError) as caught:
        movers.do(*command, **kwargs)
    assert everything(movers.store) == before
    return caught.value.code


def due(movers: Movers, case_id: str) -> list[Any]:
    with movers.store.read() as session:
        return sorted(session.execute(select(Clock.rule, Clock.started_at, Clock.due_at)
                                      .where(Clock.case_id == case_id)).all())


def investigated(movers: Movers) -> str:
    """A case whose officer has begun to write the investigation."""
    case_id = movers.bureau.open()
    movers.bureau.complete("deputy", case_id, "approve_filing", APPROVE)
    task = movers.bureau.task(case_id, "investigate")
    officer = movers.bureau.actor("officer1")
    execute(movers.store, commands.claim_task, officer, task.id, seen=task.version)
    execute(movers.store, commands.save_draft, officer, task.id, {"values": {"offence": "涉嫌违规用工"}})
    return case_id


def test_a_case_moves_with_its_task_its_draft_and_its_dates(movers: Movers, time: SimulatedClock) -> None:
    case_id = investigated(movers)
    before, dates = movers.bureau.task(case_id, "investigate"), due(movers, case_id)
    target = movers.publish(another_id())
    time.set(clock.now() + timedelta(hours=3))
    row = movers.moved(target)
    assert (row.state, movers.results(row)) == ("done", [("moved", [])])
    task = movers.bureau.task(case_id, "inquire")
    assert (task.id, task.assignee_id, task.due_at) == (before.id, before.assignee_id, before.due_at)
    assert due(movers, case_id) == dates
    with movers.store.read() as session:
        draft = session.get_one(TaskDraft, (task.id, movers.bureau.actor("officer1").person_id))
        assert draft.answer["values"] == {"offence": "涉嫌违规用工"}
    movers.sound()


def test_a_step_that_is_now_for_others_is_offered_anew(movers: Movers) -> None:
    case_id = movers.bureau.open()
    row = movers.moved(movers.publish(for_the_head()))
    assert movers.results(row) == [("moved", [])]
    assert [(task.element_id, task.role) for task in movers.waiting(case_id)] == [("approve_filing", "bureau_head")]
    assert movers.events(case_id)[-3:] == ["InstanceMigrated", "TaskCancelled", "TaskOffered"]
    movers.bureau.complete("head", case_id, "approve_filing", APPROVE)
    movers.sound()


def test_whoever_holds_a_step_that_begins_anew_holds_it_again(here: Movers) -> None:
    case_id = here.bureau.open()
    task = here.bureau.task(case_id, "approve_filing")
    if task.assignee_id is None:
        execute(here.store, commands.claim_task, here.bureau.actor("deputy"), task.id, seen=task.version)
    both = version(lambda text: text.replace(
        'camunda:formKey="approve_filing" camunda:candidateGroups="bureau_leader"',
        'camunda:formKey="approve_filing" camunda:candidateGroups="bureau_leader,bureau_head"'))
    here.moved(here.publish(both))
    fresh = here.bureau.task(case_id, "approve_filing")
    assert fresh.id != task.id
    assert fresh.assignee_id == here.bureau.actor("deputy").person_id
    here.sound()


def called(spots: Any) -> list[str]:
    return [name for _, _, name in spots]


def test_a_trial_leaves_no_trace_and_says_what_the_move_will_do(movers: Movers) -> None:
    investigated(movers)
    movers.bureau.open()
    target = movers.publish(for_the_head())
    before = everything(movers.store)
    second, first = sorted(movers.tried(target), key=lambda verdict: verdict.number)
    assert everything(movers.store) == before
    assert (called(first.steps), first.problems, first.anew) == (["调查取证"], (), ())
    assert (called(second.steps), second.problems, called(second.anew)) == (["立案审批"], (), ["立案审批"])
    assert first.number and not second.number, "a lead has no number yet"


def test_a_case_that_can_not_move_stays_with_its_reasons_and_the_others_move(here: Movers) -> None:
    staying, leaving = investigated(here), here.bureau.open()
    row = here.moved(here.publish(another_id()), elements={})
    assert here.by_case(row) == {staying: ("refused", ["migration.gone"]), leaving: ("moved", [])}
    assert "InstanceMigrated" not in here.events(staying)
    assert "InstanceMigrated" in here.events(leaving)
    kept = next(one for one in here.page(row) if one.state == "refused")
    assert called(kept.steps) == ["调查取证"], "where it stands is told of it, too"
    assert [bool(one.number) for one in here.page(row)] == [True, False], "by their numbers, those without one last"
    here.sound()


def test_steps_that_are_new_before_the_place_of_a_case_are_named_for_they_will_not_be_done(here: Movers) -> None:
    investigated(here)
    here.bureau.open()
    second = (led("filed_to_investigate", "second"), drawn(
        '<bpmn:userTask id="second" name="立案复核" camunda:formKey="amend_lead"'
        ' camunda:candidateGroups="case_officer"/>' + flow("second", "investigate")))  # fmt: skip
    behind, before = here.tried(here.publish(spoiled("penalty", *second)))
    assert (called(behind.passed_by), called(before.passed_by)) == (["立案复核"], [])


def beside_the_investigation() -> Package:
    """A second officer and a third one in parallel with the investigation; then a fourth one, after both."""

    def step(id: str, name: str) -> str:
        return (f'<bpmn:userTask id="{id}" name="{name}" camunda:formKey="amend_lead"'
                ' camunda:candidateGroups="case_officer"/>')  # fmt: skip

    drawing = (
        '<bpmn:inclusiveGateway id="split"/><bpmn:inclusiveGateway id="join"/>'
        + step("second", "另行取证") + step("third", "取证核对") + step("fourth", "取证复核")
        + flow("split", "investigate", "${true}") + flow("split", "second", "${filing_result == 'approve'}")
        + flow("second", "third") + flow("third", "join") + flow("join", "fourth") + flow("fourth", "seizure_needed")
    )  # fmt: skip
    return spoiled("penalty", led("filed_to_investigate", "split"), led("investigate_to_seizure_needed", "join"),
                   drawn(drawing))  # fmt: skip


def test_steps_that_are_new_beside_the_place_of_a_case_are_named_too_and_those_after_it_are_not(here: Movers) -> None:
    investigated(here)
    here.bureau.open()
    beside, before = here.tried(here.publish(beside_the_investigation()))
    assert [one.problems for one in (beside, before)] == [(), ()]
    assert (called(beside.passed_by), called(before.passed_by)) == (["另行取证", "取证核对"], [])


def test_whoever_asked_does_not_approve_and_nobody_decides_twice(here: Movers) -> None:
    here.bureau.open()
    row = here.asked(here.publish(renamed()))
    assert refused(here, plans.approve, "li", row.id, "同意") == "migration.own"
    assert refused(here, plans.approve, "wang", row.id, " ") == "migration.incomplete"
    here.do(plans.reject, "wang", row.id, "理由不充分")
    assert here.row(row.id).state == "rejected"
    assert refused(here, plans.approve, "zhao", row.id, "同意") == "migration.decided"
    again = here.asked(row.target_version)
    here.do(plans.withdraw, "li", again.id, "另行安排")
    assert refused(here, plans.withdraw, "li", again.id, "再撤") == "migration.decided"
    assert here.work() == 0


def test_a_migration_is_asked_once_and_one_at_a_time(here: Movers) -> None:
    here.bureau.open()
    target = here.publish(renamed())
    id = new_id()
    first, second = here.asked(target, migration_id=id), here.asked(target, migration_id=id)
    assert first.id == second.id
    with here.store.read() as session:
        assert len(plans.of_process(session, KEY)) == 1
    with pytest.raises(Stale) as caught:
        here.asked(target)
    assert caught.value.code == "migration.another"


@pytest.mark.parametrize(("more", "code"), [
    ({"target": 1}, "migration.same_version"), ({"source": 9}, "library.version_unknown"),
    ({"elements": {"investigate": "no_such"}}, "migration.incomplete"), ({"reason": ""}, "migration.incomplete"),
    ({"legal_basis": "据" * 2001}, "migration.incomplete"), ({"chosen": []}, "migration.nobody"),
])  # fmt: skip
def test_what_makes_no_sense_is_not_asked(here: Movers, more: dict[str, Any], code: str) -> None:
    here.bureau.open()
    target = here.publish(renamed())
    arguments = {"migration_id": new_id(), "source": 1, "target": target, "elements": {}, "reason": "因",
                 "legal_basis": "据"}
    assert refused(here, plans.ask, "li", KEY, **{**arguments, **more}) == code


def test_only_system_administrators_move_cases(here: Movers) -> None:
    here.bureau.open()
    row = here.asked(here.publish(renamed()))
    for login in ("secadmin", "auditor", "legal1", "head"):
        with pytest.raises(Forbidden):
            execute(here.store, plans.approve, here.bureau.actor(login), row.id, "同意")
    with here.store.read() as session:
        assert plans.migration(session, here.bureau.actor("auditor"), row.id).id == row.id
        with pytest.raises(Forbidden):
            plans.migration(session, here.bureau.actor("legal1"), row.id)
        with pytest.raises(Forbidden):
            list(trial.dry_run(session, here.bureau.actor("legal1"), Terms.of(row)))
        with pytest.raises(NotFound):
            plans.migration(session, here.actor("li"), "0" * 32)


def test_only_the_cases_that_were_chosen_move(here: Movers) -> None:
    staying, leaving = here.bureau.open(), here.bureau.open()
    chosen = here.bureau.task(leaving, "approve_filing").instance_id
    row = here.moved(here.publish(for_the_head()), chosen=[chosen])
    assert here.results(row) == [("moved", [])]
    assert "InstanceMigrated" not in here.events(staying)


def test_a_row_that_nobody_approved_moves_nothing(here: Movers) -> None:
    here.bureau.open()
    row = here.asked(here.publish(for_the_head()))
    here.do(plans.approve, "wang", row.id, "同意迁移")
    with here.store.work() as session:
        session.get_one(Migration, row.id).elements = {"approve_filing": "investigate"}
    here.work()
    assert here.results(row) == [("refused", ["migration.not_told"])]


def test_what_was_moved_is_put_back_as_it_was_while_nobody_has_acted(movers: Movers) -> None:
    written, offered = investigated(movers), movers.bureau.open()
    before = standing_rows(movers)
    row = movers.moved(movers.publish(for_the_head()))
    movers.undone(row)
    assert movers.results(row) == [("undone", []), ("undone", [])]
    assert standing_rows(movers) == before
    assert [task.role for task in movers.waiting(offered)] == ["bureau_leader"]
    movers.bureau.complete("deputy", offered, "approve_filing", APPROVE)
    assert movers.bureau.task(written, "investigate").state == "claimed"
    movers.sound()


def standing_rows(movers: Movers) -> list[Any]:
    """What the engine stores, ids of tokens and versions of rows left out."""
    with movers.store.read() as session:
        tasks = select(EngineTask.instance_id, EngineTask.element, EngineTask.state, EngineTask.number, EngineTask.body)
        instances = select(EngineInstance.id, EngineInstance.pins, EngineInstance.due, EngineInstance.variables)
        return [sorted(session.execute(one).all(), key=repr) for one in (tasks, instances)]


def test_what_somebody_has_acted_on_is_not_put_back(here: Movers, time: SimulatedClock) -> None:
    claimed, typed, done = here.bureau.open(), investigated(here), here.bureau.open()
    row = here.moved(here.publish(another_id()))
    here.bureau.complete("deputy", done, "approve_filing", APPROVE)
    officer = here.bureau.actor("officer1")
    time.set(clock.now() + timedelta(minutes=1))
    execute(here.store, commands.save_draft, officer, here.bureau.task(typed, "inquire").id, {"values": {}})
    here.undone(row)
    acted = ("moved", ["migration.acted"])
    assert here.by_case(row) == {claimed: ("undone", []), typed: acted, done: acted}
    assert here.bureau.task(claimed, "approve_filing").package_hash == row.source_hash
    here.sound()


def test_people_learn_that_their_task_moved_and_administrators_how_it_ended(here: Movers) -> None:
    investigated(here)
    row = here.moved(here.publish(renamed()))
    with here.store.read() as session:
        kinds = {(notice.person_id, notice.kind) for notice in session.execute(select(OutboxNotice)).scalars()}
    assert (here.bureau.actor("officer1").person_id, "task_moved") in kinds
    assert {kind for person, kind in kinds if person == row.asked_by_id} >= {"migration_approved", "migration_ended"}
    assert (here.actor("wang").person_id, "migration_asked") in kinds


def test_who_takes_a_migration_back_confirms_how_many_cases_and_the_others_learn_of_it(here: Movers) -> None:
    here.bureau.open()
    row = here.moved(here.publish(for_the_head()))
    for told in (0, 2):
        assert refused(here, plans.undo, "zhao", row.id, "新版本有误", confirmed=told) == "process.confirm"
    here.do(plans.undo, "zhao", row.id, "新版本有误", confirmed=1)
    here.work()
    assert here.results(row) == [("undone", [])]
    kinds = ("migration_undo", "cases_put_back")
    with here.store.read() as session:
        found = session.execute(select(OutboxNotice).where(OutboxNotice.kind.in_(kinds))).scalars().all()
        told = {(one.person_id, one.kind): (one.facts["cases"], one.facts["reason"]) for one in found}
    undone, head = (1, "新版本有误"), here.bureau.actor("unithead").person_id
    assert told[row.asked_by_id, "migration_undo"] == told[str(row.decided_by_id), "migration_undo"] == undone
    assert told[head, "cases_put_back"] == undone
    assert (here.actor("zhao").person_id, "migration_undo") not in told
    here.sound()


def test_a_case_that_went_on_by_itself_is_left_alone(here: Movers) -> None:
    case_id = here.bureau.open()
    row = here.asked(here.publish(for_the_head()))
    here.do(plans.approve, "wang", row.id, "同意迁移")
    here.bureau.complete("deputy", case_id, "approve_filing", {"result": "reject", "opinion": "不符合立案条件。"})
    here.work()
    assert here.results(row) == [("refused", ["engine.ended"])]
    here.sound()


def test_steps_of_before_the_move_can_be_gone_back_to(movers: Movers) -> None:
    case_id = movers.bureau.open()
    movers.bureau.complete("deputy", case_id, "approve_filing", {"result": "return", "opinion": "请补充线索来源。"})
    movers.moved(movers.publish(for_the_head()))
    with movers.store.read() as session:
        step = movers.bureau.task(case_id, "amend_lead")
        instance = state.load(session, step.instance_id, lock=False)
        assert [one.element.id for one in instance.earlier(step.engine_task_id or "")] == ["approve_filing"]
    movers.sound()


def timed(days: int = 5, *, id: str = "late", kind: str = "timeDuration", value: str = "") -> Package:
    """The shipped process with a timer at the approval of the filing, which does not end it."""
    said = f"<bpmn:{kind}>{value or f'P{days}D'}</bpmn:{kind}>"
    border = (f'<bpmn:boundaryEvent id="{id}" attachedToRef="approve_filing" cancelActivity="false">'
              f"<bpmn:timerEventDefinition>{said}</bpmn:timerEventDefinition></bpmn:boundaryEvent>")  # fmt: skip
    chased = f'<bpmn:endEvent id="{id}_end"/>' + flow(id, f"{id}_end")
    return spoiled("penalty", drawn(border + chased))


def dues(movers: Movers, case_id: str) -> tuple[list[str], Any]:
    """When the timers of a case fire, and when the worker looks at it next."""
    with movers.store.read() as session:
        row = session.execute(select(EngineInstance).where(EngineInstance.case_id == case_id)).scalar_one()
        bodies = session.execute(select(EngineTask.body).where(EngineTask.instance_id == row.id)).scalars()
        held = [json.loads(body).get("internal", {}).get("due") for body in bodies]
        return sorted(one for one in held if one), row.try_at


def test_a_timer_of_a_step_that_stays_keeps_its_date_over_the_move_and_back(
    movers: Movers, time: SimulatedClock
) -> None:
    first = movers.publish(timed(5))
    case_id = movers.bureau.open()
    before, began = dues(movers, case_id), clock.now()
    assert before == ([(began + timedelta(days=5)).isoformat()], began + timedelta(days=5))
    time.set(began + timedelta(days=3))
    longer = movers.publish(timed(30))
    (verdict,) = movers.tried(longer, first)
    assert (verdict.begins, verdict.ends) == ((), ())
    row = movers.moved(longer, first)
    assert (movers.results(row), dues(movers, case_id)) == ([("moved", [])], before)
    movers.undone(row)
    assert (movers.results(row), dues(movers, case_id)) == ([("undone", [])], before)
    movers.sound()


def test_a_trial_tells_which_timers_begin_and_end_with_the_move_and_when_they_fire(
    here: Movers, time: SimulatedClock
) -> None:
    first = here.publish(timed(5))
    case_id = here.bureau.open()
    began = clock.now()
    time.set(began + timedelta(days=3))
    other = here.publish(timed(9, id="reminder"))
    (verdict,) = here.tried(other, first)
    assert [(one.spot[1], one.due) for one in verdict.begins] == [("reminder", clock.now() + timedelta(days=9))]
    assert [(one.spot[1], one.due) for one in verdict.ends] == [("late", began + timedelta(days=5))]
    assert dues(here, case_id)[1] == began + timedelta(days=5), "a trial arms nothing"
    here.moved(other, first)
    assert dues(here, case_id)[0] == [(clock.now() + timedelta(days=9)).isoformat()], "as it was told"


def test_a_timer_that_moves_to_a_step_of_another_id_neither_begins_nor_ends(here: Movers) -> None:
    first = here.publish(timed(5))
    here.bureau.open()
    second = here.publish(timed(5, id="reminder"))
    terms = replace(here.terms(second, first), elements={"late": "reminder"})
    with here.store.read() as session:
        (verdict,) = trial.dry_run(session, here.actor("li"), terms)
    assert (verdict.problems, verdict.begins, verdict.ends) == ((), (), ())
