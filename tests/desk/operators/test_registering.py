"""撤回 by whoever opened a case, while nobody has acted: the lead comes back, is corrected and sent again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.desk.conftest import Bureau
from workflows import fold, ledger
from workflows.actors import Person
from workflows.calendar import clocks
from workflows.calendar.clock import SimulatedClock
from workflows.cases.file import Case
from workflows.desk import again, commands, offering, offers
from workflows.desk.execute import execute
from workflows.desk.operators import halting, registering
from workflows.desk.tasks import Task
from workflows.errors import Forbidden, Invalid, Stale
from workflows.notices import reminders
from workflows.outbox import OutboxNotice
from workflows.store import new_id

APPROVE = {"result": "approve", "opinion": "同意立案。"}


def recall(bureau: Bureau, login: str, case_id: str, reason: str = "当事人名称有误") -> None:
    execute(bureau.store, registering.withdraw_lead, bureau.actor(login), case_id, reason=reason, key=new_id())


def waiting(bureau: Bureau, case_id: str) -> list[tuple[str, str]]:
    with bureau.store.read() as session:
        rows = session.execute(select(Task).where(Task.case_id == case_id, Task.ended_at.is_(None))).scalars()
        return sorted((row.kind, row.element_id) for row in rows)


def offered(bureau: Bureau, login: str, case_id: str) -> str | None:
    """Why the case can't be taken back: "" when it can, None where it is not offered."""
    with bureau.store.read() as session:
        found = offers.case_offers(session, bureau.actor(login), session.get_one(Case, case_id))
        return next((one.why.code if one.why else "" for one in found if one.operator == "recall"), None)


def check(bureau: Bureau) -> None:
    with bureau.store.read() as session:
        assert ledger.verify(session) == []
        assert [str(one) for one in fold.verify_state(session)] == []


def typed(bureau: Bureau, case_id: str) -> dict[str, Any]:
    """What the form starts with that came back."""
    with bureau.store.read() as session:
        task = session.get_one(Task, bureau.task(case_id, "lead_received").id)
        return again.start(session, task, offering.task_form(session, task))


def test_a_lead_comes_back_to_its_opener_with_everything_typed_and_is_sent_again_as_it_was(bureau: Bureau) -> None:
    case_id = bureau.open()
    assert offered(bureau, "officer1", case_id) == ""
    recall(bureau, "officer1", case_id)
    assert waiting(bureau, case_id) == [("lead", "lead_received")]
    task = bureau.task(case_id, "lead_received")
    assert (task.assignee_id, task.question, task.returned) == (
        bureau.actor("officer1").person_id, "当事人名称有误", True)  # fmt: skip
    said, lead = typed(bureau, case_id), bureau.lead()
    assert {name: said[name] for name in lead if name != "parties"} == {
        name: value for name, value in lead.items() if name != "parties"}  # fmt: skip
    assert lead["parties"][0].items() <= said["parties"][0].items()
    check(bureau)
    bureau.complete("officer1", case_id, "lead_received", said)
    assert waiting(bureau, case_id) == [("step", "approve_filing")]
    check(bureau)
    bureau.complete("deputy", case_id, "approve_filing", APPROVE)
    check(bureau)


def test_what_is_corrected_stands_in_the_case_and_the_ledger_has_both(bureau: Bureau) -> None:
    two = {"kind": "person", "name": "王某", "address": "衢州市柯城区", "role": "主要负责人"}
    case_id = bureau.open(parties=[*bureau.lead()["parties"], two],
                          matters=[{"matter_code": "CF-AQF-097-1-07"}, {"matter_code": "CF-AQF-097-1-03"}])  # fmt: skip
    recall(bureau, "officer1", case_id)
    party = {**bureau.lead()["parties"][0], "name": "某车辆附件有限公司"}
    third = bureau.actor("officer3").person_id
    answer = bureau.lead(parties=[party], title="安排两名无证人员上岗作业", co_officer=third)
    bureau.complete("officer1", case_id, "lead_received", answer)
    with bureau.store.read() as session:
        case = session.get_one(Case, case_id)
        assert (case.title, case.state) == ("安排两名无证人员上岗作业", "lead")
        assert [one.name for one in case.parties] == ["某车辆附件有限公司"]
        assert [one.matter_code for one in case.matters] == ["CF-AQF-097-1-07"]
        handling = {one.person.login for one in case.officers if one.until is None}
        assert handling == {"officer1", "officer3"}
        told = [entry.event for entry in ledger.history(session, f"case:{case_id}")]
        assert len(clocks.running(session, case_id)) == 1, "the time limit for filing goes on"
    assert {"LeadWithdrawn", "LeadCorrected", "PartyChanged", "PartyRemoved", "MatterRemoved", "OfficerRemoved",
            "LeadSentAgain"} <= set(told)  # fmt: skip
    assert told.count("InstanceStarted") == 2
    check(bureau)


def test_a_lead_is_taken_back_more_than_once_and_a_wrong_form_changes_nothing(sqlite_bureau: Bureau) -> None:
    bureau = sqlite_bureau
    case_id = bureau.open()
    for _ in range(2):
        recall(bureau, "officer1", case_id, "")
        with pytest.raises(Invalid, match=r"form\.invalid"):
            bureau.complete("officer1", case_id, "lead_received", bureau.lead(parties=[]))
        with pytest.raises(Invalid, match=r"withdraw\.lead_already"):
            recall(bureau, "officer1", case_id)
        assert offered(bureau, "officer1", case_id) == "withdraw.lead_already"
        bureau.complete("officer1", case_id, "lead_received", bureau.lead())
    assert waiting(bureau, case_id) == [("step", "approve_filing")]
    check(bureau)


def test_nobody_else_takes_a_lead_back(sqlite_bureau: Bureau) -> None:
    case_id = sqlite_bureau.open()
    for login in ("officer2", "unithead", "deputy"):
        assert offered(sqlite_bureau, login, case_id) is None
        with pytest.raises(Forbidden, match=r"withdraw\.not_opener"):
            recall(sqlite_bureau, login, case_id)


def test_a_lead_on_which_somebody_has_acted_is_not_taken_back(sqlite_bureau: Bureau) -> None:
    case_id = sqlite_bureau.open()
    task = sqlite_bureau.task(case_id, "approve_filing")
    leader, draft = sqlite_bureau.actor("deputy"), {"values": {"opinion": ["同"]}}
    execute(sqlite_bureau.store, commands.save_draft, leader, task.id, draft)
    assert offered(sqlite_bureau, "officer1", case_id) == "withdraw.case_acted", "the leader is writing"
    with pytest.raises(Stale, match=r"withdraw\.case_acted"):
        recall(sqlite_bureau, "officer1", case_id)
    sqlite_bureau.complete("deputy", case_id, "approve_filing", APPROVE)
    assert offered(sqlite_bureau, "officer1", case_id) == "withdraw.case_acted"
    with pytest.raises(Stale, match=r"withdraw\.case_acted"):
        recall(sqlite_bureau, "officer1", case_id)


def test_a_lead_is_not_taken_back_while_it_is_held_up_and_ends_all_the_same(sqlite_bureau: Bureau) -> None:
    bureau = sqlite_bureau
    case_id = bureau.open()
    head, officer = bureau.actor("unithead"), bureau.actor("officer1")
    execute(bureau.store, halting.suspend_case, head, case_id, reason="核实", key=new_id())
    with pytest.raises(Stale, match=r"case\.suspended"):
        recall(bureau, "officer1", case_id)
    execute(bureau.store, halting.resume_case, head, case_id, reason="", key=new_id())
    recall(bureau, "officer1", case_id)
    execute(bureau.store, halting.terminate_case, officer, case_id, reason="重复登记", key=new_id())
    assert waiting(bureau, case_id) == []
    check(bureau)


def test_the_same_click_twice_takes_a_lead_back_once(sqlite_bureau: Bureau) -> None:
    case_id, key, officer = sqlite_bureau.open(), new_id(), sqlite_bureau.actor("officer1")
    for _ in range(2):
        execute(sqlite_bureau.store, registering.withdraw_lead, officer, case_id, reason="有误", key=key)
    assert waiting(sqlite_bureau, case_id) == [("lead", "lead_received")]


def test_a_lead_that_is_being_corrected_stands_under_the_time_for_filing_and_is_reminded_of(
    sqlite_bureau: Bureau, time: SimulatedClock
) -> None:
    bureau = sqlite_bureau
    case_id = bureau.open()
    before = bureau.task(case_id, "approve_filing")
    assert before.due_at is not None
    recall(bureau, "officer1", case_id)
    task = bureau.task(case_id, "lead_received")
    assert (task.due_at, task.clock_id) == (before.due_at, before.clock_id)
    time.set(before.due_at + timedelta(hours=9))
    execute(bureau.store, reminders.remind)
    with bureau.store.read() as session:
        found = select(Person.login, OutboxNotice.kind).join(OutboxNotice, OutboxNotice.person_id == Person.id)
        told = session.execute(found.where(OutboxNotice.kind.like("task_overdue%"))).all()
    assert ("officer1", "task_overdue") in told
    assert "unithead" in {login for login, _ in told}, "and the head of his unit"
    check(bureau)
