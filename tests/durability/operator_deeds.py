"""The operators of the desk, each ready to be tried on a process of its own beside the case's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from tests.desk.operators.conftest import SIGNERS, package
from tests.durability.trials import Deed
from workflows.actors import Actor
from workflows.calendar import clock
from workflows.cases.file import lock_case
from workflows.desk import advance, commands, remarks, substitutes
from workflows.desk.execute import execute
from workflows.desk.operators import halting, handing, returning, signing
from workflows.desk.tasks import Task
from workflows.diagrams import library
from workflows.store import new_id

if TYPE_CHECKING:
    from tests.durability.faults import Drill

KEY = "drill-key-of-operator"


class Beside:
    """The process, and who acts in it."""

    def __init__(self, drill: Drill, actor: Callable[[str], Actor]) -> None:
        self.store, self.case_id, self.actor = drill.store, drill.case_id, actor
        signers = [actor(login).person_id for login in SIGNERS]
        with drill.store.work() as session:
            library.publish(session, package(), actor("admin"), "演练")
            case = lock_case(session, drill.case_id)
            self.instance_id = advance.start(session, case, "trial", {"signers": signers}, actor("officer1")).id

    def task(self, element: str, login: str = "") -> Task:
        """What waits at a step."""
        with self.store.read() as session:
            wanted = select(Task).where(
                Task.instance_id == self.instance_id, Task.element_id == element, Task.ended_at.is_(None)
            )
            rows = session.execute(wanted.order_by(Task.created_at, Task.id)).scalars()
            return next(row for row in rows if not login or row.assignee_id == self.actor(login).person_id)

    def do(self, login: str, command: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Run a command for good."""
        return execute(self.store, command, self.actor(login), *args, key=new_id(), **kwargs)

    def hold(self, login: str, element: str) -> Task:
        """Let somebody take a step."""
        task = self.task(element)
        execute(self.store, commands.claim_task, self.actor(login), task.id, seen=task.version)
        return self.task(element)

    def done(self, login: str, element: str) -> str:
        """Complete a step; its task."""
        task = self.task(element)
        self.do(login, commands.complete_task, task.id, {}, seen=task.version)
        return task.id

    def deed(self, login: str, command: Callable[..., Any], *args: Any, **kwargs: Any) -> Deed:
        """The command as it is tried, always under the same key."""
        actor = self.actor(login)
        return lambda store, _files: execute(store, command, actor, *args, key=KEY, **kwargs)


def ready(drill: Drill, actor: Callable[[str], Actor]) -> Iterator[tuple[str, Deed]]:
    """Each operator with its name below `workflows`."""
    beside = Beside(drill, actor)
    yield from _handing(beside)
    yield from _signing(beside)
    yield from _of_the_case(beside)
    yield from _orders(beside)


def _handing(beside: Beside) -> Iterator[tuple[str, Deed]]:
    colleague, task = beside.actor("officer2").person_id, beside.hold("officer1", "draft")
    yield "desk.operators.handing.reassign_task", beside.deed(
        "officer1", handing.reassign_task, task.id, colleague, reason="出差", seen=task.version
    )
    yield "desk.operators.handing.delegate_task", beside.deed(
        "officer1", handing.delegate_task, task.id, colleague, reason="请拟稿", seen=task.version
    )
    yield "desk.operators.handing.urge_task", beside.deed("officer2", handing.urge_task, task.id, note="请尽快")
    beside.do("officer1", handing.delegate_task, task.id, colleague, reason="请拟稿", seen=task.version)
    task = beside.task("draft")
    yield "desk.operators.handing.hand_back_task", beside.deed(
        "officer2", handing.hand_back_task, task.id, note="已拟", draft={}, seen=task.version
    )
    beside.do("officer2", handing.hand_back_task, task.id, note="已拟", draft={}, seen=task.version)
    done = beside.done("officer1", "draft")
    yield "desk.operators.returning.withdraw_task", beside.deed(
        "officer1", returning.withdraw_task, done, reason="数额有误"
    )
    task = beside.hold("legal1", "legal")
    with beside.store.read() as session:
        target = returning.choices(session, task)[0].target
    yield "desk.operators.returning.return_task", beside.deed(
        "legal1", returning.return_task, task.id, target, how="again", reason="材料不全", seen=task.version
    )


def _signing(beside: Beside) -> Iterator[tuple[str, Deed]]:
    asked, task = beside.actor("deputy").person_id, beside.task("legal")
    yield "desk.operators.signing.ask", beside.deed(
        "legal1", signing.ask, task.id, asked, kind="before", question="请审阅", seen=task.version
    )
    made = beside.do("legal1", signing.ask, task.id, asked, kind="before", question="请审阅", seen=task.version)
    yield "desk.operators.signing.unask", beside.deed("legal1", signing.unask, made, reason="不需要")
    beside.do("legal1", signing.unask, made, reason="不需要")
    beside.done("legal1", "legal")
    beside.done("deputy", "counsel")
    task, more = beside.task("sign", "legal1"), beside.actor("head").person_id
    yield "desk.operators.signing.add_signer", beside.deed(
        "legal1", signing.add_signer, task.id, more, before=False, reason="", seen=task.version
    )
    yield "desk.operators.signing.remove_signer", beside.deed(
        "legal1", signing.remove_signer, task.id, 1, reason="出差", seen=task.version
    )


def _of_the_case(beside: Beside) -> Iterator[tuple[str, Deed]]:
    case_id = beside.case_id
    yield "desk.operators.halting.suspend_case", beside.deed(
        "unithead", halting.suspend_case, case_id, reason="等待鉴定"
    )
    yield "desk.operators.halting.terminate_case", beside.deed(
        "head", halting.terminate_case, case_id, reason="违法事实不成立"
    )
    beside.do("unithead", halting.suspend_case, case_id, reason="等待鉴定")
    yield "desk.operators.halting.resume_case", beside.deed("unithead", halting.resume_case, case_id, reason="")
    beside.do("unithead", halting.resume_case, case_id, reason="")
    asked = beside.actor("officer1").person_id
    yield "desk.remarks.make_remark", beside.deed("legal1", remarks.make_remark, case_id, "请注意。", visibility="case")
    yield "desk.remarks.put_question", beside.deed(
        "legal1", remarks.put_question, case_id, "原件在哪里？", asked, visibility="case"
    )
    question = beside.do("legal1", remarks.put_question, case_id, "原件在哪里？", asked, visibility="case")
    yield "desk.remarks.answer_question", beside.deed("officer1", remarks.answer_question, question, "在档案室。")


def _orders(beside: Beside) -> Iterator[tuple[str, Deed]]:
    absent, other, today = beside.actor("legal1").person_id, beside.actor("legal2").person_id, clock.today()
    order: dict[str, Any] = {
        "roles": ["legal_reviewer"], "starts_on": today, "ends_on": today + timedelta(days=3), "reason": "出差",
    }  # fmt: skip
    yield "desk.substitutes.name_substitute", beside.deed(
        "legal1", substitutes.name_substitute, absent, other, **order
    )
    named = beside.do("legal1", substitutes.name_substitute, absent, other, **order)
    actor = beside.actor("legal1")
    yield "desk.substitutes.end_substitute", lambda store, _files: execute(
        store, substitutes.end_substitute, actor, named
    )
