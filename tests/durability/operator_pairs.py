"""The pairs of D5 in which an operator of the desk competes with a command that it would make void."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml
from sqlalchemy import select

from tests.desk.conftest import Bureau
from tests.durability.competitors import BOTH, Command, Ground, Pair
from tests.engine.drawing import end, flows, many, package, par, start, user
from tests.publishing import put_in_force
from workflows.cases.file import lock_case
from workflows.desk import advance, commands
from workflows.desk.execute import execute
from workflows.desk.operators import halting, handing, returning, signing
from workflows.desk.tasks import Task
from workflows.diagrams import description
from workflows.store import new_id

STEPS = ("d", "a", "b", "v", "c")
_SAID = {
    "key": "handed", "title": {"zh": "试行", "en": "Trial"},
    "operators": {id: sorted(description.OPERATORS) for id in STEPS},
}  # fmt: skip
HANDED = package(
    start(), user("d", **BOTH), par("s"), user("a", **BOTH), user("b", **BOTH), par("j"),
    user("v", many("voters", "voter"), camunda_assignee="${voter}"), user("c", **BOTH), end(),
    flows("start > d > s > a > j > v > c > end\ns > b > j"), key="handed",
    files={"process.yaml": yaml.safe_dump(_SAID, allow_unicode=True).encode()},
)  # fmt: skip
VOTERS = ("officer1", "officer2", "member1")
BESIDE = "approve_filing"
"""What else waits in the case: the step of its own process, which the pairs leave alone."""


class Scene:
    """One case in which a pair meets: two branches between a first step and a round of three."""

    def __init__(self, ground: Ground) -> None:
        self.ground, self.store = ground, ground.store
        self.case_id = Bureau(ground.store).open()
        with self.store.work() as session:
            put_in_force(session, HANDED)
            given = {
                "who": ground.people["officer1"], "second": ground.people["officer2"],
                "voters": [ground.people[login] for login in VOTERS],
            }  # fmt: skip
            case = lock_case(session, self.case_id)
            self.id = advance.start(session, case, "handed", given, ground.actor("officer1")).id

    def task(self, element: str, login: str = "", kind: str = "step") -> Task:
        """What waits at an element; of somebody where several do."""
        wanted = select(Task).where(
            Task.instance_id == self.id, Task.element_id == element, Task.kind == kind, Task.ended_at.is_(None)
        )
        if login:
            wanted = wanted.where(Task.assignee_id == self.ground.people[login])
        with self.store.read() as session:
            return session.execute(wanted).scalars().one()

    def held(self, login: str, element: str) -> Task:
        """A step that somebody has claimed."""
        self.now(self.do(login, commands.claim_task, self.task(element), keyed=False))
        return self.task(element, login)

    def done(self, login: str, element: str) -> Task:
        """A step that somebody has completed."""
        task = self.task(element, login if element == "v" else "")
        self.now(self.do(login, commands.complete_task, task, {}))
        return task

    def voting(self) -> None:
        """On to the round."""
        for element in ("d", "a", "b"):
            self.done("officer1", element)

    def do(self, login: str, command: Callable[..., Any], task: Task, *args: Any, keyed: bool = True, **given: Any
           ) -> Command:  # fmt: skip
        """A command on a task as it is now, by somebody."""
        if command not in (returning.withdraw_task, signing.unask, handing.urge_task):
            given["seen"] = task.version
        return self.also(login, command, task.id, *args, **given, **({"key": new_id()} if keyed else {}))

    def also(self, login: str, command: Callable[..., Any], *args: Any, **given: Any) -> Command:
        """Any command, by somebody."""
        who = self.ground.actor(login)
        return lambda session: command(session, who, *args, **given)

    def now(self, command: Command) -> None:
        """Carry it out before the others meet."""
        execute(self.store, command)

    def target(self, task: Task, element: str) -> str:
        """How an earlier step is named."""
        with self.store.read() as session:
            return next(one.target for one in returning.choices(session, task) if one.element_id == element)

    def pair(self, one: Command, other: Command, after_one: str, after_other: str, *live: str) -> Pair:
        """live: what may wait in the end, as "a b"."""
        waits = [tuple(sorted((*steps.split(), BESIDE))) for steps in live]
        return Pair(one, other, {after_one}, {after_other}, waits, self.case_id, folded=True)


def reassign_complete(ground: Ground) -> Pair:
    scene = Scene(ground)
    task = scene.held("officer1", "d")
    give = scene.do("officer1", handing.reassign_task, task, ground.people["member1"], reason="出差")
    return scene.pair(give, scene.do("officer1", commands.complete_task, task, {}), "task.changed", "task.completed",
                      "d", "a b")  # fmt: skip


def reassign_reassign(ground: Ground) -> Pair:
    scene = Scene(ground)
    task = scene.held("officer1", "d")
    one, other = (scene.do(login, handing.reassign_task, task, ground.people[to], reason="出差")
                  for login, to in (("officer1", "officer2"), ("head", "member1")))  # fmt: skip
    return scene.pair(one, other, "task.changed", "task.changed", "d")


def delegate_release(ground: Ground) -> Pair:
    scene = Scene(ground)
    task = scene.held("officer1", "d")
    lend = scene.do("officer1", handing.delegate_task, task, ground.people["member1"], reason="先拟稿")
    return scene.pair(lend, scene.do("officer1", commands.release_task, task, keyed=False), "task.changed",
                      "task.changed", "d")  # fmt: skip


def return_complete(ground: Ground) -> Pair:
    """Out of one branch, while the step of the same branch is completed."""
    scene = Scene(ground)
    scene.done("officer1", "d")
    task = scene.held("officer1", "a")
    back = scene.do("officer1", returning.return_task, task, scene.target(task, "d"), how="again", reason="不全")
    return scene.pair(back, scene.do("officer1", commands.complete_task, task, {}), "task.returned", "task.completed",
                      "d", "b")  # fmt: skip


def return_other_branch(ground: Ground) -> Pair:
    """Out of one branch, while the other one is completed: the step before both is done again in either order."""
    scene = Scene(ground)
    scene.done("officer1", "d")
    task = scene.held("officer1", "a")
    back = scene.do("officer1", returning.return_task, task, scene.target(task, "d"), how="again", reason="不全")
    return scene.pair(back, scene.do("officer2", commands.complete_task, scene.task("b"), {}), "task.cancelled", "done",
                      "d")  # fmt: skip


def return_vote(ground: Ground) -> Pair:
    """Out of a round, while another signer signs."""
    scene = Scene(ground)
    scene.voting()
    mine, other = scene.task("v", "officer1"), scene.task("v", "officer2")
    back = scene.do("officer1", returning.return_task, mine, scene.target(mine, "b"), how="again", reason="不全")
    return scene.pair(back, scene.do("officer2", commands.complete_task, other, {}), "task.cancelled", "done", "b")


def withdraw_claim(ground: Ground) -> Pair:
    scene = Scene(ground)
    first = scene.done("officer1", "d")
    claim = scene.do("officer2", commands.claim_task, scene.task("a"), keyed=False)
    return scene.pair(scene.do("officer1", returning.withdraw_task, first, reason="有误"), claim, "task.cancelled",
                      "withdraw.acted", "d", "a b")  # fmt: skip


def withdraw_complete(ground: Ground) -> Pair:
    scene = Scene(ground)
    first = scene.done("officer1", "d")
    go_on = scene.do("officer2", commands.complete_task, scene.task("a"), {})
    return scene.pair(scene.do("officer1", returning.withdraw_task, first, reason="有误"), go_on, "task.cancelled",
                      "withdraw.acted", "d", "b")  # fmt: skip


def suspend_complete(ground: Ground) -> Pair:
    scene = Scene(ground)
    halt = scene.also("head", halting.suspend_case, scene.case_id, reason="等待鉴定", key=new_id())
    return scene.pair(halt, scene.do("officer1", commands.complete_task, scene.task("d"), {}), "case.suspended", "done",
                      "d", "a b")  # fmt: skip


def terminate_complete(ground: Ground) -> Pair:
    scene = Scene(ground)
    stop = scene.also("head", halting.terminate_case, scene.case_id, reason="不成立", key=new_id())
    pair = scene.pair(stop, scene.do("officer1", commands.complete_task, scene.task("d"), {}),
                      "task.case_terminated", "done")  # fmt: skip
    pair.live = [()]
    return pair


def remove_vote(ground: Ground) -> Pair:
    """A signer who was added is taken out while he signs."""
    scene = Scene(ground)
    scene.voting()
    mine = scene.task("v", "officer1")
    scene.now(scene.do("officer1", signing.add_signer, mine, ground.people["unithead"], before=False, reason=""))
    mine, other = scene.task("v", "officer1"), scene.task("v", "unithead")
    take = scene.do("officer1", signing.remove_signer, mine, 3, reason="出差")
    return scene.pair(take, scene.do("unithead", commands.complete_task, other, {}), "task.cancelled",
                      "engine.no_instance", "v v v")  # fmt: skip


def add_last_vote(ground: Ground) -> Pair:
    """A signer more, while the last one signs: the round is open still, or over."""
    scene = Scene(ground)
    scene.voting()
    for login in ("officer1", "officer2"):
        scene.done(login, "v")
    last = scene.task("v", "member1")
    more = scene.do("member1", signing.add_signer, last, ground.people["unithead"], before=False, reason="")
    return scene.pair(more, scene.do("member1", commands.complete_task, last, {}), "done", "task.completed", "v", "c")


def unask_answer(ground: Ground) -> Pair:
    """What is asked of somebody is taken back while he answers."""
    scene = Scene(ground)
    task = scene.held("officer1", "d")
    scene.now(scene.do("officer1", signing.ask, task, ground.people["unithead"], kind="before", question=""))
    asked = scene.task("d", "unithead", "before")
    answer = scene.do("unithead", commands.complete_task, asked, {"agrees": "yes", "text": "同意"})
    return scene.pair(scene.do("officer1", signing.unask, asked, reason=""), answer, "task.cancelled", "task.completed",
                      "d")  # fmt: skip


def urge_urge(ground: Ground) -> Pair:
    scene = Scene(ground)
    task = scene.held("officer1", "d")
    one, other = (scene.do(login, handing.urge_task, task, note="") for login in ("officer2", "unithead"))
    return scene.pair(one, other, "urge.too_soon", "urge.too_soon", "d")


OPERATORS: dict[str, Callable[[Ground], Pair]] = {
    "reassign × complete": reassign_complete, "reassign × reassign": reassign_reassign,
    "delegate × release": delegate_release, "return × complete": return_complete,
    "return × the other branch": return_other_branch, "return × vote": return_vote, "withdraw × claim": withdraw_claim,
    "withdraw × complete": withdraw_complete, "suspend × complete": suspend_complete,
    "terminate × complete": terminate_complete, "remove signer × vote": remove_vote,
    "add signer × last vote": add_last_vote, "unask × answer": unask_answer, "urge × urge": urge_urge,
}  # fmt: skip
