"""Data of a process are put right by two administrators, never what decides a case, and the ledger tells all of it."""

from __future__ import annotations

import ast
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.desk.conftest import Bureau
from tests.engine.drawing import end, extensions, flows, node, package, read, start, user, xor
from tests.external.gazette import TOPIC, admit
from tests.operations.standstill import begin, waiting
from tests.operations.test_troubles import differences, told
from workflows import machines
from workflows.actors import Person, Post
from workflows.calendar import clock
from workflows.cases import acts
from workflows.desk import commands
from workflows.desk.execute import execute
from workflows.desk.tasks import Task
from workflows.engine.package import Package
from workflows.errors import Forbidden, Incident, Invalid, NotFound, Stale
from workflows.external.tables import ExternalTask
from workflows.operations import protected, repairs, values
from workflows.operations.repair_table import Repair
from workflows.outbox import OutboxNotice

OUTPUTS = '<camunda:properties><camunda:property name="outputs" value="pages, note, place, list"/></camunda:properties>'


def printing() -> Package:
    """A machine counts pages; a person looks; many pages go another way than few."""
    count = node("serviceTask", "count", extensions(OUTPUTS), camunda_type="external", camunda_topic=TOPIC)
    return package(
        start(), count, user("look", camunda_candidateGroups="case_officer"), xor("many", default="many__staple"),
        user("bind"), user("staple"), end(), end("e2"),
        flows("start > count > look > many\nmany > bind ? pages > 100\nbind > end\nmany > staple > e2"),
        key="printing",
    )  # fmt: skip


@pytest.fixture
def printed(bureau: Bureau) -> tuple[str, str]:
    """A case and its instance, in which a machine counted 12 pages where there are 120."""
    case_id = bureau.open()
    machine, _ = admit(bureau.store)
    instance_id = begin(bureau.store, case_id, printing())
    with bureau.store.read() as session:
        task_id = session.scalars(select(ExternalTask.id)).one()
    execute(bureau.store, machines.lock_tasks, machine, "w1", {TOPIC: timedelta(minutes=1)}, 1)
    execute(bureau.store, machines.complete, machine, task_id, "w1", {"pages": 12, "note": "x", "list": [1]})
    return case_id, instance_id


def ask(bureau: Bureau, instance_id: str, name: str = "pages", value: Any = 120, login: str = "admin") -> Repair:
    return execute(bureau.store, repairs.ask_variable, bureau.actor(login), instance_id, 0, name, value, "点数有误")


def approve(bureau: Bureau, asked: Repair, login: str = "secadmin") -> Repair:
    return execute(bureau.store, repairs.approve, bureau.actor(login), asked.id, "已核对")


def held(bureau: Bureau, instance_id: str) -> dict[str, Any]:
    with bureau.store.read() as session:
        return {one.name: one for one in values.values(session, bureau.actor("admin"), instance_id)}


def test_it_takes_effect_when_another_administrator_approves_and_not_before(
    bureau: Bureau, printed: tuple[str, str]
) -> None:
    case_id, instance_id = printed
    asked = ask(bureau, instance_id)
    assert (asked.old, asked.new, held(bureau, instance_id)["pages"].value) == (12, 120, 12)
    approve(bureau, asked)
    assert held(bureau, instance_id)["pages"].value == 120
    assert told(bureau.store, case_id)[-3:] == ["RepairAsked", "RepairApproved", "VariableRepaired"]
    assert differences(bureau.store) == []


def test_a_process_that_waits_for_the_value_goes_on_and_the_replay_comes_to_the_same(any_bureau: Bureau) -> None:
    case_id = any_bureau.open()
    instance_id = begin(any_bureau.store, case_id, waiting(), copies=3)
    approve(any_bureau, ask(any_bureau, instance_id, "copies", 4))
    assert any_bureau.task(case_id, "look").state == "open"
    assert differences(any_bureau.store) == []


def test_a_wrong_value_that_stopped_the_case_is_put_right_and_the_step_done(
    bureau: Bureau, printed: tuple[str, str]
) -> None:
    case_id, instance_id = printed
    approve(bureau, ask(bureau, instance_id, "pages", "一百二十"))
    look = bureau.task(case_id, "look")
    execute(bureau.store, commands.claim_task, bureau.actor("officer1"), look.id, seen=look.version)
    with pytest.raises(Incident):
        bureau.complete("officer1", case_id, "look", {})
    approve(bureau, ask(bureau, instance_id, "pages", 120))
    bureau.complete("officer1", case_id, "look", {})
    assert bureau.task(case_id, "bind").state == "open"
    assert differences(bureau.store) == []


def test_a_value_that_would_stop_the_process_changes_nothing(bureau: Bureau) -> None:
    case_id = bureau.open()
    instance_id = begin(bureau.store, case_id, waiting(), copies=3)
    asked = ask(bureau, instance_id, "copies", "三份")
    with pytest.raises(Incident):
        approve(bureau, asked)
    assert held(bureau, instance_id)["copies"].value == 3
    with bureau.store.read() as session:
        assert session.get_one(Repair, asked.id).state == "waiting"


def test_who_asked_does_not_approve_nor_anybody_outside_administration(
    bureau: Bureau, printed: tuple[str, str]
) -> None:
    asked = ask(bureau, printed[1])
    for login in ("admin", "auditor", "officer1", "head"):
        with pytest.raises(Forbidden):
            approve(bureau, asked, login)
    assert held(bureau, printed[1])["pages"].value == 12
    with bureau.store.read() as session:
        asked_of = set(session.scalars(select(OutboxNotice.person_id).where(OutboxNotice.kind == "repair_asked")))
    assert bureau.actor("secadmin").person_id in asked_of
    assert not asked_of & {bureau.actor(login).person_id for login in ("admin", "auditor", "officer1", "head")}


@pytest.mark.parametrize("login", ["secadmin", "auditor", "officer1", "head"])
def test_only_system_administrators_ask(bureau: Bureau, printed: tuple[str, str], login: str) -> None:
    with pytest.raises(Forbidden):
        ask(bureau, printed[1], login=login)


def test_what_changed_after_it_was_asked_for_is_left_as_it_is(bureau: Bureau, printed: tuple[str, str]) -> None:
    first = ask(bureau, printed[1])
    approve(bureau, first)
    second = ask(bureau, printed[1], value=130)
    with bureau.store.engine.begin() as connection:
        connection.execute(update(Repair).where(Repair.id == second.id).values(old=12))
    with pytest.raises(Stale) as caught:
        approve(bureau, second)
    assert caught.value.code == "repair.moved"
    assert held(bureau, printed[1])["pages"].value == 120


def test_decided_once_it_is_decided(bureau: Bureau, printed: tuple[str, str]) -> None:
    asked = ask(bureau, printed[1])
    execute(bureau.store, repairs.reject, bureau.actor("secadmin"), asked.id, "请先核对原件")
    with pytest.raises(Stale) as caught:
        approve(bureau, asked)
    assert caught.value.code == "repair.decided"
    assert held(bureau, printed[1])["pages"].value == 12
    withdrawn = ask(bureau, printed[1])
    execute(bureau.store, repairs.withdraw, bureau.actor("admin"), withdrawn.id, "不再需要")
    assert told(bureau.store, printed[0])[-1] == "RepairWithdrawn"
    assert differences(bureau.store) == []


def test_one_value_waits_for_one_approval_and_asking_twice_is_asking_once(
    bureau: Bureau, printed: tuple[str, str]
) -> None:
    asked = execute(bureau.store, repairs.ask_variable, bureau.actor("admin"), printed[1], 0, "pages", 120, "有误",
                    repair_id="a" * 32)  # fmt: skip
    again = execute(bureau.store, repairs.ask_variable, bureau.actor("admin"), printed[1], 0, "pages", 120, "有误",
                    repair_id="a" * 32)  # fmt: skip
    assert asked.id == again.id
    with pytest.raises(Stale) as caught:
        ask(bureau, printed[1], value=130)
    assert caught.value.code == "repair.waits"


@pytest.mark.parametrize(("name", "value", "code"), [
    ("case_id", "x", "repair.case"), ("note", "y", "repair.unread"), ("list", 3, "repair.unread"),
    ("nothing", 3, "repair.no_variable"), ("pages", 12, "repair.same"), ("pages", [1], "repair.value"),
    ("pages", "长" * 501, "repair.value"), ("pages", 2**60, "repair.value"), ("pages", float("inf"), "repair.value"),
])  # fmt: skip
def test_what_may_not_be_put_right_is_refused_with_the_reason(
    bureau: Bureau, printed: tuple[str, str], name: str, value: Any, code: str
) -> None:
    with pytest.raises((Invalid, NotFound)) as caught:
        ask(bureau, printed[1], name, value)
    assert caught.value.code == code


def test_a_reason_is_needed(bureau: Bureau, printed: tuple[str, str]) -> None:
    for reason in ("", "  ", "长" * 1001):
        with pytest.raises(Invalid):
            execute(bureau.store, repairs.ask_variable, bureau.actor("admin"), printed[1], 0, "pages", 120, reason)
    asked = ask(bureau, printed[1])
    with pytest.raises(Invalid):
        execute(bureau.store, repairs.approve, bureau.actor("secadmin"), asked.id, " ")


def test_nothing_that_a_statutory_act_came_to_is_put_right_or_even_shown(bureau: Bureau) -> None:
    case_id = bureau.open()
    bureau.complete("deputy", case_id, "approve_filing", {"result": "return", "opinion": "请补正。"})
    with bureau.store.read() as session:
        instance_id = session.scalars(select(Task.instance_id).where(Task.case_id == case_id)).first() or ""
    found = held(bureau, instance_id)
    assert (found["filing_result"].why, found["filing_result"].value) == ("act", None)
    with pytest.raises(Invalid) as caught:
        ask(bureau, instance_id, "filing_result", "approve")
    assert caught.value.code == "repair.act"


def test_what_is_computed_from_an_opinion_and_what_an_opinion_is_computed_from_is_protected_too() -> None:
    drawn = read(
        start(), user("a", computes("copied", "outcome")), user("b", computes("again", "copied")),
        user("c", computes("conclusion", "source")), end(), flows("start > a > b > c > end"),
    )  # fmt: skip
    found = protected.protected([drawn])
    assert [found[name] for name in ("outcome", "copied", "again", "conclusion", "source")] == [
        "act", "computed", "computed", "act", "computed",
    ]  # fmt: skip


def computes(target: str, source: str) -> str:
    parameter = f'<camunda:outputParameter name="{target}">${{{source}}}</camunda:outputParameter>'
    return extensions(f"<camunda:inputOutput>{parameter}</camunda:inputOutput>")


def test_every_variable_that_an_act_sets_is_protected() -> None:
    """Read from the acts themselves: what they hand to the process as `Effect(…)`, and what `routing` names."""
    found: set[str] = set()
    for path in Path(acts.__file__).parent.glob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "Effect" and call.args:
                found |= _keys(call.args[0])
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef) and function.name == "routing":
                found |= {key for one in ast.walk(function) if isinstance(one, ast.Return) and one.value
                          for key in _keys(one.value)}  # fmt: skip
    assert {"filing_result", "fine_entity_max", "statement_due"} <= found
    assert found <= protected.set_by_acts()


def _keys(node_: ast.AST) -> set[str]:
    if not isinstance(node_, ast.Dict):
        return set()
    return {str(key.value) for key in node_.keys if isinstance(key, ast.Constant)}


def test_a_step_whose_holder_has_left_is_given_to_somebody_who_fits(bureau: Bureau) -> None:
    case_id = bureau.open()
    task = left(bureau, case_id)
    assert stuck(bureau, task) == {task.id: []}, "nobody holds the role"
    new = bureau.actor("member1")
    with bureau.store.work() as session:
        session.add(Post(person_id=new.person_id, unit_id=new.unit_id, role="bureau_leader", title="副局长",
                         starts_on=clock.today()))  # fmt: skip
    assert stuck(bureau, task) == {task.id: [new.person_id]}
    asked = execute(bureau.store, repairs.ask_assignee, bureau.actor("admin"), task.id, new.person_id, "已调离")
    approve(bureau, asked)
    assert bureau.task(case_id, "approve_filing").assignee_id == new.person_id
    assert told(bureau.store, case_id)[-2:] == ["RepairApproved", "TaskReassigned"]
    assert stuck(bureau, task) == {}


def left(bureau: Bureau, case_id: str) -> Task:
    """The step of the deputy, whose account was closed."""
    with bureau.store.work() as session:
        session.get_one(Person, bureau.actor("deputy").person_id).disabled_at = clock.now()
    return bureau.task(case_id, "approve_filing")


def stuck(bureau: Bureau, task: Task) -> dict[str, list[str]]:
    with bureau.store.read() as session:
        found = values.stuck_steps(session, bureau.actor("admin"), task.instance_id)
        return {one.id: [person.id for person in people] for one, people in found}


def test_a_step_that_somebody_can_do_stays_where_it_is(bureau: Bureau) -> None:
    task = bureau.task(bureau.open(), "approve_filing")
    with pytest.raises(Invalid) as caught:
        execute(bureau.store, repairs.ask_assignee, bureau.actor("admin"), task.id, bureau.actor("head").person_id,
                "想换人")  # fmt: skip
    assert caught.value.code == "repair.not_stuck"


def test_a_step_is_given_to_nobody_who_does_not_fit(bureau: Bureau) -> None:
    task = left(bureau, bureau.open())
    for login in ("officer1", "admin", "publisher1"):
        with pytest.raises(Forbidden):
            execute(bureau.store, repairs.ask_assignee, bureau.actor("admin"), task.id,
                    bureau.actor(login).person_id, "已调离")  # fmt: skip
