"""A bureau in which whatever a page can show is there once: the stage of the pictures, and what they leave out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select

from scripts import stage, studio
from scripts.stage import Stage, Stop
from tests import paper
from tests.operations.standstill import begin, stand_still, waiting
from tests.publishing import put_in_force
from tests.webapp import trial
from tests.webapp.test_notifying import NOWHERE
from webapp import settings
from workflows.calendar import clock
from workflows.cases.file import Party, lock_case
from workflows.desk import advance, commands
from workflows.desk.execute import execute
from workflows.desk.lists import order, saved
from workflows.desk.lists.criteria import Criteria
from workflows.desk.operators import halting, returning, signing
from workflows.notices import posting, profiles
from workflows.notices.profiles import Wishes
from workflows.operations import repairs

STOPS = (
    *stage.STOPS,
    Stop("signing", "yinzhou-welders", "sign_decision", other={"鑫达车辆附件厂": "永固紧固件厂", "徐某": "谢某"}),
    Stop("missing", "qingyuan-recheck", "supplement_files", other={"某箱包科技公司": "某皮具公司"}),
)
LONG = "内蒙古自治区呼伦贝尔市鄂伦春自治旗大杨树镇民用爆炸物品专营有限责任公司第三分公司（筹）"
"""A name that has to break."""
OPINION = {"opinion": "现场检查属实。"}


@contextmanager
def opened(folder: Path) -> Iterator[Stage]:
    """The bureau, served until the block ends. Further cases: trial, in the middle of a round of signers; rework and
    withdrawn, whose check went back; paper, with every kind of field; ended, which was a lead only.
    """
    with stage.opened(folder, STOPS) as made:
        for key in ("trial", "rework", "withdrawn"):
            _start(made, key, trial.package(), {"signers": [made.actor(who).person_id for who in trial.SIGNERS]})
            _complete(made, "officer1", key, "draft", OPINION)
            made.claim("legal1", key, "legal")
        _complete(made, "legal1", "trial", "legal", OPINION)
        task = made.task("trial", "sign", holder="legal1")
        made.do("legal1", signing.add_signer, task.id, made.actor("head").person_id, before=False, reason="涉及资金。",
                seen=task.version)  # fmt: skip
        _go_back(made)
        _fill_in(made)
        made.cases["ended"] = _open(made, "误录的线索")
        made.do("officer1", halting.terminate_case, made.cases["ended"], reason="与前一条线索重复。")
        with made.site.store.work() as session:
            saved.save_filter(session, made.actor("legal1"), which="todo", name="万元以上",
                              criteria=Criteria(amount_from=10_000), order=order.usual("todo"))  # fmt: skip
        _fail_to_send(made, folder)
        made.cases["still"] = _open(made, "流程停住的线索")
        stand_still(made.site.store, made.cases["still"], made.site.time)
        waits = begin(made.site.store, made.cases["still"], waiting(), copies=3)
        asks = (made.actor("admin"), waits, 0, "copies", 4, "份数点错，应为四份。")
        execute(made.site.store, repairs.ask_variable, *asks)
        studio.prepare(made)
        yield made


def _open(made: Stage, title: str) -> str:
    party = {"kind": "entity", "name": LONG, "id_number": "", "address": "演示路1号", "representative": "徐某"}
    today = clock.today().isoformat()
    lead = {"found_on": today, "conduct_on": today, "source": "inspection", "summary": "现场检查发现。", "title": title,
            "parties": [party], "matters": [{"matter_code": "CF-AQF-097-1-07"}],
            "co_officer": made.actor("officer2").person_id}  # fmt: skip
    return str(made.do("officer1", commands.open_case, "penalty", lead).case_id)


def _start(made: Stage, key: str, package: Any, variables: Mapping[str, Any]) -> None:
    """A case in which a process of the tests runs beside its own."""
    made.cases[key] = _open(made, "焊工无证上岗作业案")
    with made.site.store.work() as session:
        put_in_force(session, package)
        advance.start(session, lock_case(session, made.cases[key]), package.key, variables, made.actor("officer1"))


def _complete(made: Stage, login: str, key: str, element: str, answer: Mapping[str, Any]) -> None:
    task = made.claim(login, key, element)
    made.do(login, commands.complete_task, task.id, answer, seen=task.version)


def _go_back(made: Stage) -> None:
    """One check is returned to be mended and come back at once, another is withdrawn by who completed it."""
    task = made.task("rework", "legal")
    with made.site.store.read() as session:
        target = returning.choices(session, task)[0].target
    made.do("legal1", returning.return_task, task.id, target, how="resume", seen=task.version, reason="请补充照片。")
    task = made.task("withdrawn", "legal")
    made.do("legal1", commands.complete_task, task.id, OPINION, seen=task.version)
    made.do("legal1", returning.withdraw_task, task.id, reason="意见写错。")


def _fill_in(made: Stage) -> None:
    """Two forms with every kind of field: one to be filled in, one that is read by the step after."""
    for key in ("paper", "filled"):
        _start(made, key, paper.package(paper.ALL_RIGHTS, paper.ALL), {})
        made.claim("officer1", key, "draft")
    goods = [{"name": "烟花", "count": 3, "sealed": True}]
    with made.site.store.read() as session:
        parties = session.scalars(select(Party.id).where(Party.case_id == made.cases["filled"])).all()
    replies = [{"party": party, "said": "没有意见"} for party in parties]
    answer = {"title": "移交清单", "result": "keep", "goods": goods, "kinds": ["fire"], "replies": replies}
    _complete(made, "officer1", "filled", "draft", answer)
    made.claim("legal1", "filled", "check")


def _fail_to_send(made: Stage, folder: Path) -> None:
    """officer1's e-mail did not go out: nobody answers there."""
    outward = settings.read({"FASHEN_VAR": str(folder), **NOWHERE}).channels
    wishes = Wishes("chenli@example.gov.cn", "", 9, {})
    execute(made.site.store, profiles.choose_notices, made.actor("officer1"), wishes, outward)
    execute(made.site.store, posting.deliver, 1000, outward.names)
    posting.send_due(made.site.store, outward, "email")
