"""Commands of the desk: done once, by whom it belongs to, on what they saw, or not at all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import yaml
from sqlalchemy import func, select

from tests.desk.conftest import Bureau
from tests.publishing import put_in_force
from workflows import ledger
from workflows.actors import Certificate, Person, Post
from workflows.calendar import clock
from workflows.calendar.clock import SimulatedClock
from workflows.cases.file import Case
from workflows.desk import commands, inbox, offering
from workflows.desk.execute import execute
from workflows.desk.lists import pages
from workflows.desk.tasks import Receipt, Task
from workflows.diagrams import library
from workflows.diagrams.starter import starter
from workflows.engine import state
from workflows.engine.package import Package
from workflows.errors import DiagramRefused, FashenError, Forbidden, Incident, Invalid, NotFound, Stale
from workflows.ledger.entries import EntryRow
from workflows.outbox import OutboxNotice
from workflows.store import new_id

APPROVE = {"result": "approve", "opinion": "同意立案。"}


def snapshot(bureau: Bureau) -> dict[str, Any]:
    """What a refused command must leave as it was."""
    with bureau.store.read() as session:
        return {
            "entries": session.execute(select(func.count()).select_from(EntryRow)).scalar_one(),
            "receipts": session.execute(select(func.count()).select_from(Receipt)).scalar_one(),
            "tasks": sorted(session.execute(select(Task.element_id, Task.state, Task.version)).all()),
            "cases": sorted(session.execute(select(Case.state, Case.version)).all()),
            "instances": sorted(session.execute(select(state.EngineInstance.version)).all()),
        }


def refused(bureau: Bureau, error: type[FashenError], command: Any, *args: Any, **kwargs: Any) -> FashenError:
    """Run a command that must be refused and must change nothing."""
    before = snapshot(bureau)
    with pytest.raises(error) as caught:
        execute(bureau.store, command, *args, **kwargs)
    assert snapshot(bureau) == before
    return caught.value


def test_a_lead_becomes_a_case_with_its_first_task(bureau: Bureau) -> None:
    case_id = bureau.open()
    task = bureau.task(case_id, "approve_filing")
    assert (task.name, task.act, task.role) == ("立案审批", "filing", "bureau_leader")
    with bureau.store.read() as session:
        events = [entry.event for entry in ledger.history(session, f"case:{case_id}")]
        assert ledger.verify(session) == []
    assert events[0] == "CaseOpened"
    assert events[-2:] == ["InstanceStarted", "TaskOffered"]


def test_completing_a_task_moves_the_case_and_leaves_the_answer_in_the_ledger(bureau: Bureau) -> None:
    case_id = bureau.open()
    done = bureau.complete("deputy", case_id, "approve_filing", APPROVE)
    assert (done.case_id, done.next_task_id) == (case_id, None)
    assert bureau.task(case_id, "investigate").state == "open"
    with bureau.store.read() as session:
        assert session.get_one(Case, case_id).state == "filed"
        completed = next(e for e in ledger.history(session, f"case:{case_id}") if e.event == "TaskCompleted")
    assert completed.data["answer"] == APPROVE
    gateway = next(p for p in completed.data["passed"] if "filing_result" in p["inputs"])
    assert gateway["inputs"]["filing_result"] == "approve"


def test_the_same_key_is_answered_again_and_done_once(bureau: Bureau) -> None:
    case_id, key = bureau.open(), new_id()
    task, deputy = bureau.task(case_id, "approve_filing"), bureau.actor("deputy")
    first = execute(bureau.store, commands.complete_task, deputy, task.id, APPROVE, seen=task.version, key=key)
    after = snapshot(bureau)
    again = execute(bureau.store, commands.complete_task, deputy, task.id, APPROVE, seen=task.version, key=key)
    assert (first.replayed, again.replayed) == (False, True)
    assert (again.task_id, again.next_task_id) == (first.task_id, first.next_task_id)
    assert snapshot(bureau) == after


def test_a_key_serves_one_submission_only(bureau: Bureau) -> None:
    case_id, key = bureau.open(), new_id()
    task, deputy = bureau.task(case_id, "approve_filing"), bureau.actor("deputy")
    execute(bureau.store, commands.complete_task, deputy, task.id, APPROVE, seen=task.version, key=key)
    other = {**APPROVE, "opinion": "另一意见"}
    error = refused(bureau, Invalid, commands.complete_task, deputy, task.id, other, seen=task.version, key=key)
    assert error.code == "receipt.key_reused"


def test_a_lead_sent_twice_opens_one_case(bureau: Bureau) -> None:
    officer, key, lead = bureau.actor("officer1"), new_id(), bureau.lead()
    opened = [execute(bureau.store, commands.open_case, officer, "penalty", lead, key=key) for _ in range(2)]
    assert opened[0].case_id == opened[1].case_id
    assert [o.replayed for o in opened] == [False, True]


def test_a_finished_task_says_who_finished_it(bureau: Bureau) -> None:
    case_id = bureau.open()
    task = bureau.task(case_id, "approve_filing")
    bureau.complete("deputy", case_id, "approve_filing", APPROVE)
    deputy = bureau.actor("deputy")
    error = refused(bureau, Stale, commands.complete_task, deputy, task.id, APPROVE, seen=task.version, key=new_id())
    assert (error.code, error.facts["by"]) == ("task.completed", "王建军")


def test_a_form_drawn_before_a_claim_is_stale(bureau: Bureau) -> None:
    case_id = bureau.open()
    bureau.complete("deputy", case_id, "approve_filing", APPROVE)
    task = bureau.task(case_id, "investigate")
    officer = bureau.actor("officer2")
    execute(bureau.store, commands.claim_task, officer, task.id, seen=task.version)
    other = bureau.actor("officer1")
    error = refused(bureau, Stale, commands.claim_task, other, task.id, seen=task.version)
    assert (error.code, error.facts["holder"]) == ("task.changed", "周敏")


def test_a_claimed_task_can_be_given_back(bureau: Bureau) -> None:
    case_id = bureau.open()
    bureau.complete("deputy", case_id, "approve_filing", APPROVE)
    task = bureau.task(case_id, "investigate")
    officer = bureau.actor("officer1")
    claimed = execute(bureau.store, commands.claim_task, officer, task.id, seen=task.version)
    assert (claimed.state, claimed.assignee_id) == ("claimed", officer.person_id)
    released = execute(bureau.store, commands.release_task, officer, task.id, seen=claimed.version)
    assert (released.state, released.assignee_id) == ("open", None)


@pytest.mark.parametrize(
    ("login", "error"),
    [
        ("officer1", Forbidden),
        ("legal1", Forbidden),
        ("admin", NotFound),
        ("kcofficer1", NotFound),
        ("auditor", Forbidden),
    ],
)
def test_nobody_else_completes_a_leaders_task(bureau: Bureau, login: str, error: type[FashenError]) -> None:
    task = bureau.task(bureau.open(), "approve_filing")
    actor = bureau.actor(login)
    refused(bureau, error, commands.complete_task, actor, task.id, APPROVE, seen=task.version, key=new_id())


def test_a_post_that_ended_yesterday_counts_no_more(bureau: Bureau) -> None:
    case_id = bureau.open()
    task, deputy = bureau.task(case_id, "approve_filing"), bureau.actor("deputy")
    with bureau.store.work() as session:
        for post in session.execute(select(Post).where(Post.person_id == deputy.person_id)).scalars():
            post.ends_on = clock.today() - timedelta(days=1)
    refused(bureau, Forbidden, commands.complete_task, deputy, task.id, APPROVE, seen=task.version, key=new_id())


def test_only_case_officers_open_cases(bureau: Bureau) -> None:
    refused(bureau, Forbidden, commands.open_case, bureau.actor("legal1"), "penalty", bureau.lead(), key=new_id())


@pytest.mark.parametrize(
    ("answer", "place"),
    [({"result": "approve"}, "opinion"), ({"result": "certainly", "opinion": "x"}, "result"), ({}, "result")],
)
def test_wrong_answers_name_their_fields(bureau: Bureau, answer: dict[str, Any], place: str) -> None:
    task, deputy = bureau.task(bureau.open(), "approve_filing"), bureau.actor("deputy")
    error = refused(bureau, Invalid, commands.complete_task, deputy, task.id, answer, seen=task.version, key=new_id())
    assert isinstance(error, Invalid)
    assert place in [problem.place for problem in error.problems]


def test_what_a_form_does_not_show_is_not_stored(bureau: Bureau) -> None:
    case_id = bureau.open()
    bureau.complete("deputy", case_id, "approve_filing", {**APPROVE, "state": "archived", "filing_result": "reject"})
    with bureau.store.read() as session:
        case = session.get_one(Case, case_id)
        task = session.execute(select(Task).where(Task.element_id == "approve_filing")).scalar_one()
    assert (case.state, task.answer) == ("filed", APPROVE)


def test_drafts_are_kept_for_their_writer_and_go_with_the_task(bureau: Bureau) -> None:
    case_id = bureau.open()
    task, deputy = bureau.task(case_id, "approve_filing"), bureau.actor("deputy")
    typed = {"opinion": ["先写一半"]}
    posted = {"values": {**typed, "state": ["archived"], "csrf_token": ["x"]}, "files": {"opinion.0": []}, "more": {}}
    execute(bureau.store, commands.save_draft, deputy, task.id, posted)
    with bureau.store.read() as session:
        assert session.get_one(commands.TaskDraft, (task.id, deputy.person_id)).answer == {
            "values": typed, "files": {},
        }  # fmt: skip
    bureau.complete("deputy", case_id, "approve_filing", APPROVE)
    with bureau.store.read() as session:
        assert session.get(commands.TaskDraft, (task.id, deputy.person_id)) is None


def test_lists_hold_what_belongs_on_them(bureau: Bureau) -> None:
    case_id = bureau.open()
    with bureau.store.read() as session:
        todo = pages.page(session, bureau.actor("deputy"), "todo")
        assert [task.element_id for task in todo.tasks] == ["approve_filing"]
        assert pages.counts(session, bureau.actor("officer1"))["started"].number == 1
    bureau.complete("deputy", case_id, "approve_filing", APPROVE)
    with bureau.store.read() as session:
        counted = pages.counts(session, bureau.actor("deputy"))
        assert {which for which, count in counted.items() if count} == {"done", "unit"}
        claimable = pages.page(session, bureau.actor("officer2"), "claimable")
        assert [inbox.waiting_for(session, task) for task in claimable.tasks] == [sorted(["陈立", "周敏"])]


def test_an_officer_without_a_valid_certificate_keeps_the_acts_on_site_from_counting(
    bureau: Bureau, time: SimulatedClock
) -> None:
    case_id = bureau.open()
    bureau.complete("deputy", case_id, "approve_filing", APPROVE)
    officers = [bureau.actor("officer1").person_id, bureau.actor("officer2").person_id]
    with bureau.store.work() as session:
        held = select(Certificate).where(Certificate.person_id == officers[1])
        session.execute(held).scalar_one().valid_to = clock.today() - timedelta(days=1)
    act = {"kind": "inspection", "done_on": "2024-02-27", "place": "焊接车间", "officers": officers}
    task, officer = bureau.task(case_id, "investigate"), bureau.actor("officer1")
    answer = {"acts": [act], "seizure": "none"}
    error = refused(
        bureau, FashenError, commands.complete_task, officer, task.id, answer, seen=task.version, key=new_id()
    )
    assert (error.code, error.facts["missing"]) == ("gate.G1", ["周敏"])


def test_an_engine_that_cannot_advance_leaves_the_case_and_an_incident(
    sqlite_bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    bureau = sqlite_bureau
    case_id = bureau.open()
    task, deputy = bureau.task(case_id, "approve_filing"), bureau.actor("deputy")
    monkeypatch.setattr("workflows.engine.scopes.MAX_STEPS", 0)
    with pytest.raises(Incident) as caught:
        execute(bureau.store, commands.complete_task, deputy, task.id, APPROVE, seen=task.version, key=new_id())
    monkeypatch.undo()
    assert caught.value.code == "engine.step_limit"
    with bureau.store.read() as session:
        assert session.get_one(Case, case_id).state == "lead"
        assert state.incident(session, task.instance_id) is not None
        assert ledger.history(session, f"case:{case_id}")[-1].event == "IncidentRaised"
        told = session.execute(select(OutboxNotice.kind).join(Person).where(Person.login == "admin")).scalars()
        assert list(told) == ["incident"]
    bureau.complete("deputy", case_id, "approve_filing", APPROVE)
    assert bureau.task(case_id, "investigate")


def test_a_task_nobody_fits_is_told_to_the_administrator(sqlite_bureau: Bureau) -> None:
    bureau = sqlite_bureau
    with bureau.store.work() as session:
        for post in session.execute(select(Post).where(Post.role.in_(["bureau_leader", "bureau_head"]))).scalars():
            post.ends_on = clock.today() - timedelta(days=1)
    case_id = bureau.open()
    assert bureau.task(case_id, "approve_filing").candidates == []
    with bureau.store.read() as session:
        admin = session.execute(select(Person.id).where(Person.login == "admin")).scalar_one()
        (notice,) = session.execute(select(OutboxNotice).where(OutboxNotice.person_id == admin)).scalars()
        assert (notice.kind, notice.facts["title"]) == ("task_without_candidates", "安排无证人员上岗作业")


def republish(bureau: Bureau, **says: Any) -> None:
    """Publish the penalty process with other words in its process.yaml."""
    package = library.shipped()["penalty"]
    said = {**yaml.safe_load(package.files["process.yaml"]), **says}
    changed = {**package.files, "process.yaml": yaml.safe_dump(said, allow_unicode=True).encode()}
    with bureau.store.work() as session:
        library.publish(session, Package("penalty", changed), bureau.actor("admin"), "本局规定")


def test_a_bureau_adds_a_gate_at_a_step(sqlite_bureau: Bureau) -> None:
    bureau = sqlite_bureau
    republish(bureau, gates=[{"element": "approve_filing", "gate": "G4"}])
    task, deputy = bureau.task(bureau.open(), "approve_filing"), bureau.actor("deputy")
    error = refused(bureau, Invalid, commands.complete_task, deputy, task.id, APPROVE, seen=task.version, key=new_id())
    assert error.code == "draft.missing"


@pytest.mark.parametrize(
    "gates", [[{"element": "nowhere", "gate": "G4"}], [{"element": "serve", "gate": "G99"}], ["G4"]]
)
def test_a_gate_that_nobody_would_hold_is_refused(sqlite_bureau: Bureau, gates: list[Any]) -> None:
    with pytest.raises(DiagramRefused) as caught:
        republish(sqlite_bureau, gates=gates)
    assert [problem.place for problem in caught.value.problems] == ["process.yaml#gates[0]"]


def test_a_step_offers_the_operators_its_process_names(sqlite_bureau: Bureau) -> None:
    bureau = sqlite_bureau
    republish(bureau, operators={"investigate": []})
    case_id = bureau.open()
    bureau.complete("deputy", case_id, "approve_filing", APPROVE)
    task, officer = bureau.task(case_id, "investigate"), bureau.actor("officer1")
    error = refused(bureau, Forbidden, commands.claim_task, officer, task.id, seen=task.version)
    assert error.code == "task.operator_not_offered"


def test_no_case_is_opened_with_a_process_whose_start_is_not_marked(bureau: Bureau) -> None:
    """It was published before the library refused it; nothing of the law was proven of it."""
    files = starter("quick", "快速登记")
    lead = library.shipped()["penalty"].files["forms/lead.form"]
    opened = files["quick.bpmn"].replace(b'id="started"', b'id="started" camunda:formKey="lead"')
    with bureau.store.work() as session:
        put_in_force(session, Package("quick", {**files, "quick.bpmn": opened, "forms/lead.form": lead}))
    officer = bureau.actor("officer1")
    error = refused(bureau, Invalid, commands.open_case, officer, "quick", bureau.lead(), key=new_id())
    assert error.code == "process.opens_no_case"
    with bureau.store.read() as session:
        assert [one.key for one in offering.startable(session)] == ["penalty"]
