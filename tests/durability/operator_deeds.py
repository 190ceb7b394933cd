"""The commands on somebody else's work (转办, 退回, 加签, 中止, 代理, 询问), each ready to be tried.

No published case takes a step back or hands one on. So a process whose steps offer every operator runs beside the
case, on a copy that the play never sees; between the commands that are tried, it goes on from step to step.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from tests.desk.conftest import Bureau
from tests.desk.operators.conftest import SIGNERS, package
from tests.durability.trials import Deed
from workflows.actors import Actor
from workflows.calendar import clock
from workflows.cases import commands as case_commands
from workflows.cases import notes
from workflows.cases.file import lock_case
from workflows.desk import advance, bulk, commands, remarks, substitutes
from workflows.desk import notes as pinning
from workflows.desk.execute import execute
from workflows.desk.operators import halting, handing, recusing, registering, returning, signing
from workflows.desk.tasks import Task
from workflows.diagrams import library
from workflows.store import Store, new_id

if TYPE_CHECKING:
    from tests.durability.faults import Drill

KEY = "drill-key-of-operator"


class Beside:
    """The process beside the drilled case, on the store that the drill has now."""

    def __init__(self, drill: Drill) -> None:
        self.drill = drill
        signers = [self.person(login) for login in SIGNERS]
        with self.store.work() as session:
            library.publish(session, package(), self.actor("admin"), "演练")
            case = lock_case(session, drill.case_id)
            self.instance_id = advance.start(session, case, "trial", {"signers": signers}, self.actor("officer1")).id

    @property
    def store(self) -> Store:
        """The copy."""
        return self.drill.store

    def actor(self, login: str) -> Actor:
        """Who acts under a login."""
        with self.store.read() as session:
            return self.drill.actor(session, login)

    def person(self, login: str) -> str:
        """The id of whoever has a login."""
        return self.actor(login).person_id

    def task(self, element: str, login: str | None = None, kind: str = "step") -> Task:
        """The live task of a step; of one person where several hold one."""
        wanted = select(Task).where(
            Task.instance_id == self.instance_id, Task.element_id == element, Task.kind == kind, Task.ended_at.is_(None)
        )
        if login:
            wanted = wanted.where(Task.assignee_id == self.person(login))
        with self.store.read() as session:
            return session.execute(wanted).scalars().one()

    def held(self, login: str, element: str) -> Task:
        """An open step, claimed by somebody."""
        task = self.task(element)
        execute(self.store, commands.claim_task, self.actor(login), task.id, seen=task.version)
        return self.task(element)

    def done(self, login: str, element: str, kind: str = "step") -> str:
        """Complete a step without an answer; the id of its task."""
        task = self.task(element, login if element == "sign" else None, kind)
        execute(self.store, commands.complete_task, self.actor(login), task.id, {}, seen=task.version, key=new_id())
        return task.id

    def earlier(self, task: Task, element: str) -> str:
        """The name of an earlier step, as a return asks for it."""
        with self.store.read() as session:
            return next(one.target for one in returning.choices(session, task) if one.element_id == element)


def deeds(drill: Drill) -> Iterator[tuple[str, Deed]]:
    """Each command, ready on the case as it stands; what a command needs is done before it is given out."""
    with drill.aside():
        beside = Beside(drill)
        yield from _of_the_lead(beside)
        yield from _of_handing(beside)
        yield from _of_the_case(beside)
        yield from _of_substitutes(beside)
        yield from _of_remarks(beside)
        yield from _of_notes(beside)
        yield from _of_taking_back(beside)
        yield from _of_going_back(beside)
        yield from _of_asking(beside)
        yield from _of_the_round(beside)
        yield from _of_withdrawing(beside)


def _of_the_lead(beside: Beside) -> Iterator[tuple[str, Deed]]:
    """Another case, which nobody has touched."""
    bureau, day = Bureau(beside.store), clock.today().isoformat()
    officer, case_id = beside.actor("officer1"), bureau.open(found_on=day, conduct_on=day)
    yield "desk.operators.registering.withdraw_lead", lambda store, files: execute(
        store, registering.withdraw_lead, officer, case_id, reason="有误", key=KEY
    )
    execute(beside.store, registering.withdraw_lead, officer, case_id, reason="有误", key=new_id())
    task, answer = bureau.task(case_id, "lead_received"), bureau.lead(found_on=day, conduct_on=day, parties=[{
        "kind": "person", "name": "王某", "address": "衢州市柯城区", "role": "主要负责人"}])  # fmt: skip
    yield "desk.commands.complete_task lead", lambda store, files: execute(
        store, commands.complete_task, officer, task.id, answer, seen=task.version, key=KEY
    )


def _of_handing(beside: Beside) -> Iterator[tuple[str, Deed]]:
    officer, other, third = beside.actor("officer1"), beside.actor("officer2"), beside.actor("officer3")
    head, task = beside.actor("unithead"), beside.held("officer1", "draft")
    to, helper = other.person_id, third.person_id
    yield "desk.operators.handing.reassign_task", lambda store, files: execute(
        store, handing.reassign_task, officer, task.id, to, reason="出差", seen=task.version, key=KEY
    )
    yield "desk.operators.handing.delegate_task", lambda store, files: execute(
        store, handing.delegate_task, officer, task.id, helper, reason="请先拟稿", seen=task.version, key=KEY
    )
    yield "desk.operators.handing.urge_task", lambda store, files: execute(
        store, handing.urge_task, head, task.id, note="请尽快", key=KEY
    )
    row = bulk.Row(task.id, task.version, {"to": to, "reason": "出差"}, KEY)
    yield "desk.bulk.do_to_row reassign", lambda store, files: execute(
        store, bulk.do_to_row, officer, "reassign", row
    )
    execute(
        beside.store, handing.delegate_task, officer, task.id, helper, reason="先拟稿", seen=task.version, key=new_id()
    )
    lent = beside.task("draft")
    prepared: dict[str, Any] = {"values": {"opinion": ["已拟好"]}}
    yield "desk.operators.handing.hand_back_task", lambda store, files: execute(
        store, handing.hand_back_task, third, lent.id, note="", draft=prepared, seen=lent.version, key=KEY
    )
    execute(beside.store, handing.hand_back_task, third, lent.id, note="", draft={}, seen=lent.version, key=new_id())


def _of_the_case(beside: Beside) -> Iterator[tuple[str, Deed]]:
    head, leader, case_id = beside.actor("unithead"), beside.actor("deputy"), beside.drill.case_id
    yield "desk.operators.halting.terminate_case", lambda store, files: execute(
        store, halting.terminate_case, leader, case_id, reason="违法事实不能成立", key=KEY
    )
    yield "desk.operators.halting.suspend_case", lambda store, files: execute(
        store, halting.suspend_case, head, case_id, reason="等待鉴定", key=KEY
    )
    execute(beside.store, halting.suspend_case, head, case_id, reason="等待鉴定", key=new_id())
    yield "desk.operators.halting.resume_case", lambda store, files: execute(
        store, halting.resume_case, head, case_id, reason="鉴定完毕", key=KEY
    )
    execute(beside.store, halting.resume_case, head, case_id, reason="鉴定完毕", key=new_id())


def _of_substitutes(beside: Beside) -> Iterator[tuple[str, Deed]]:
    absent, present, today = beside.actor("legal1"), beside.actor("legal2"), clock.today()
    order: dict[str, Any] = {
        "roles": ("legal_reviewer",), "starts_on": today, "ends_on": today + timedelta(days=7), "reason": "出差"
    }  # fmt: skip
    yield "desk.substitutes.name_substitute", lambda store, files: execute(
        store, substitutes.name_substitute, absent, absent.person_id, present.person_id, key=KEY, **order
    )
    named = execute(
        beside.store, substitutes.name_substitute, absent, absent.person_id, present.person_id, key=new_id(), **order
    )
    yield "desk.substitutes.end_substitute", lambda store, files: execute(
        store, substitutes.end_substitute, present, named
    )
    execute(beside.store, substitutes.end_substitute, present, named)


def _of_remarks(beside: Beside) -> Iterator[tuple[str, Deed]]:
    officer, other, case_id = beside.actor("officer1"), beside.actor("officer2"), beside.drill.case_id
    yield "desk.remarks.make_remark", lambda store, files: execute(
        store, remarks.make_remark, officer, case_id, "第二页请核对。", visibility="people", people=[other.person_id],
        key=KEY,
    )  # fmt: skip
    yield "desk.remarks.put_question", lambda store, files: execute(
        store, remarks.put_question, officer, case_id, "有照片吗？", other.person_id, visibility="unit", key=KEY
    )
    asked = execute(
        beside.store, remarks.put_question, officer, case_id, "有照片吗？", other.person_id, visibility="unit",
        key=new_id(),
    )  # fmt: skip
    yield "desk.remarks.answer_question", lambda store, files: execute(
        store, remarks.answer_question, other, asked, "有三张。", key=KEY
    )


def _of_notes(beside: Beside) -> Iterator[tuple[str, Deed]]:
    officer, case_id = beside.actor("officer1"), beside.drill.case_id
    paper = {"sha256": "b" * 64, "size": 9, "name": "询问笔录.pdf", "media_type": "application/pdf"}
    material = execute(beside.store, case_commands.add_material, officer, case_id, kind="other", file=paper).id
    pin = notes.Pin(page=2, text="签名日期有误。", circle="unit", point="RP3", x=500, y=250)
    yield "desk.notes.pin_note", lambda store, files: execute(
        store, pinning.pin_note, officer, case_id, material, pin, key=KEY
    )
    pinned = execute(beside.store, pinning.pin_note, officer, case_id, material, pin, key=new_id())
    yield "cases.notes.withdraw_note", lambda store, files: execute(store, notes.withdraw_note, officer, pinned)


def _of_taking_back(beside: Beside) -> Iterator[tuple[str, Deed]]:
    officer, draft = beside.actor("officer1"), beside.done("officer1", "draft")
    yield "desk.operators.returning.withdraw_task", lambda store, files: execute(
        store, returning.withdraw_task, officer, draft, reason="数额有误", key=KEY
    )


def _of_going_back(beside: Beside) -> Iterator[tuple[str, Deed]]:
    reviewer, review = beside.actor("legal1"), beside.held("legal1", "legal")
    target = beside.earlier(review, "draft")
    for how in (returning.AGAIN, returning.RESUME):
        yield f"desk.operators.returning.return_task {how}", lambda store, files, how=how: execute(
            store, returning.return_task, reviewer, review.id, target, how=how, reason="材料不全", seen=review.version,
            key=KEY,
        )  # fmt: skip


def _of_asking(beside: Beside) -> Iterator[tuple[str, Deed]]:
    reviewer, other, review = beside.actor("legal1"), beside.actor("legal2"), beside.task("legal")
    for kind in signing.OPERATOR:
        yield f"desk.operators.signing.ask {kind}", lambda store, files, kind=kind: execute(
            store, signing.ask, reviewer, review.id, other.person_id, kind=kind, question="请审阅",
            seen=review.version, key=KEY,
        )  # fmt: skip
    asked = execute(
        beside.store, signing.ask, reviewer, review.id, other.person_id, kind="after", question="请审阅",
        seen=review.version, key=new_id(),
    )  # fmt: skip
    yield "desk.operators.signing.unask", lambda store, files: execute(
        store, signing.unask, reviewer, asked, reason="不再需要", key=KEY
    )
    beside.done("legal1", "legal")
    yield "desk.operators.signing.unask completes", lambda store, files: execute(
        store, signing.unask, reviewer, asked, reason="不再需要", key=KEY
    )
    for agrees in ("yes", "no"):
        answer = {"agrees": agrees, "text": "已阅"}
        yield f"desk.commands.complete_task signed {agrees}", lambda store, files, answer=answer: execute(
            store, commands.complete_task, other, asked, answer, seen=1, key=KEY
        )
    execute(beside.store, signing.unask, reviewer, asked, reason="不再需要", key=new_id())


def _of_the_round(beside: Beside) -> Iterator[tuple[str, Deed]]:
    beside.done("deputy", "counsel")
    signer, mine = beside.actor("legal1"), beside.task("sign", "legal1")
    newcomer = beside.person("publisher1")  # who has no other part in the drilled case
    yield "desk.operators.signing.add_signer", lambda store, files: execute(
        store, signing.add_signer, signer, mine.id, newcomer, before=False, reason="请一并会签", seen=mine.version,
        key=KEY,
    )  # fmt: skip
    execute(
        beside.store, signing.add_signer, signer, mine.id, newcomer, before=False, reason="请一并会签",
        seen=mine.version, key=new_id(),
    )  # fmt: skip
    yield "desk.operators.signing.remove_signer", lambda store, files: execute(
        store, signing.remove_signer, signer, mine.id, 3, reason="出差", seen=mine.version, key=KEY
    )


def _of_withdrawing(beside: Beside) -> Iterator[tuple[str, Deed]]:
    """Somebody who holds a place of the round, and another who handed a step in before."""
    signer, leader, case_id = beside.actor("legal1"), beside.actor("deputy"), beside.drill.case_id
    other = beside.person("legal2")
    yield "desk.operators.recusing.declare_recusal", lambda store, files: execute(
        store, recusing.declare_recusal, signer, case_id, reason="系当事人近亲属", key=KEY
    )
    yield "desk.operators.recusing.order_recusal", lambda store, files: execute(
        store, recusing.order_recusal, leader, case_id, other, reason="当事人申请回避", key=KEY
    )
