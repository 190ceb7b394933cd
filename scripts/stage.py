"""The demonstration bureau at work, for pictures: published cases at several stages, with operators in between.

The moment is fixed, so that pictures taken again differ only where the program does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from tests.browser.conftest import LiveSite, served
from webapp import settings
from webapp.app import create_app
from workflows import bureau, migrations, play, worker
from workflows.actors import Actor, Person, acting
from workflows.calendar import clock
from workflows.calendar.clock import SHANGHAI
from workflows.cases.materials import Material
from workflows.cases.notes import Pin
from workflows.desk import commands, copies, notes, remarks, substitutes
from workflows.desk.execute import execute
from workflows.desk.operators import halting, handing, returning, signing
from workflows.desk.tasks import Task
from workflows.documents.fonts.faces import fonts_of
from workflows.files import Files
from workflows.notices import profiles
from workflows.store import Store, new_id

CASES = Path(__file__).parents[1] / "tests" / "cases"
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=SHANGHAI)
"""A Monday."""
OPENED = datetime(2026, 1, 5, 9, 0, tzinfo=SHANGHAI)
"""When the program was set up."""
OUTWARD = {
    "FASHEN_ADDRESS": "https://fashen.example.gov.cn", "FASHEN_SMTP_HOST": "mail.example.gov.cn",
    "FASHEN_SMTP_FROM": "fashen@example.gov.cn", "FASHEN_MAIL_DOMAINS": "example.gov.cn",
    "FASHEN_WEBHOOKS": "https://im.example.gov.cn/hooks/",
}  # fmt: skip
"""A bureau with e-mail and webhooks. Nothing is sent: no worker delivers here."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A case that waits. key: what the pictures call it; name: its case file; element: the step before which it stops,
    the how-manieth of that name, "" where it is carried to its end; ago: whole weeks by which its last step lies back;
    other: names changed in the file.
    """

    key: str
    name: str
    element: str
    count: int = 1
    ago: int = 0
    other: Mapping[str, str] = field(default_factory=dict)


METAL = {"鑫达车辆附件厂": "恒力金属制品公司", "徐某": "方某"}
MEASURED = {
    "侵入防隔水煤柱最大深度十二米。":
    "受演示市应急管理局委托，对鑫志安煤业井下采掘工作面与防隔水煤柱的位置关系进行测量。"
    "测量采用全站仪导线法，起算点为井口近井点，共布设导线点二十四个，闭合差符合规程要求。"
    "经与煤柱留设设计图对比，采掘工作面侵入防隔水煤柱，侵入长度八十六米，侵入防隔水煤柱最大深度十二米，平均深度七米。"
    "侵入部位顶板完整，未见淋水；煤柱剩余宽度最小处八米，小于设计宽度二十米。测量成果附平面图一份、导线计算表一份。",
}  # fmt: skip
"""A page of text to be read, in place of one line."""
STOPS = (
    Stop("metal", "yinzhou-welders", "conclude_review", ago=3, other=METAL),
    Stop("depot", "jiangmen-fireworks", "vote", other={"某购销店": "某烟花经营部"}),
    Stop("gas", "xiaoshan-cylinders", "check_completeness", ago=1),
    Stop("shop", "jiangmen-fireworks", "counsel_review"),
    Stop("bags", "qingyuan-recheck", "initial_review"),
    Stop("welders", "yinzhou-welders", "counsel_review"),
    Stop("mine", "shaanxi-coal-mine", "initial_review", count=2, other=MEASURED),
    Stop("door", "qingyuan-recheck", "check_completeness", other={"某箱包科技公司": "某门业公司"}),
    Stop("furniture", "yinzhou-welders", "check_completeness", other={"鑫达车辆附件厂": "宏盛家具厂", "徐某": "罗某"}),
    Stop("fuel", "jiangmen-fireworks", "approve_filing", other={"某购销店": "某综合商店"}),
)


@dataclass
class Stage:
    """A running site with its cases by key, and what is under change in the studio (`scripts.studio`)."""

    site: LiveSite
    cases: dict[str, str] = field(default_factory=dict)
    studio: dict[str, str] = field(default_factory=dict)

    def actor(self, login: str) -> Actor:
        """Who logs in so."""
        with self.site.store.read() as session:
            return acting(session, session.scalars(select(Person.id).where(Person.login == login)).one())

    def task(self, key: str, element: str, kind: str = "step", holder: str = "") -> Task:
        """What waits at an element of a case; the first, if several do, or that of a holder."""
        wanted = select(Task).where(
            Task.case_id == self.cases[key], Task.element_id == element, Task.kind == kind, Task.ended_at.is_(None)
        )
        if holder:
            wanted = wanted.where(Task.assignee_id == self.actor(holder).person_id)
        with self.site.store.read() as session:
            return session.scalars(wanted.order_by(Task.created_at, Task.id).limit(1)).one()

    def completed(self, login: str, key: str, element: str) -> str:
        """The id of the step that somebody completed last at an element."""
        wanted = select(Task.id).where(
            Task.case_id == self.cases[key], Task.element_id == element, Task.state == "completed",
            Task.ended_by_id == self.actor(login).person_id,
        ).order_by(Task.ended_at.desc())  # fmt: skip
        with self.site.store.read() as session:
            return session.scalars(wanted).first() or ""

    def material(self, key: str, name: str) -> str:
        """The id of a paper by its file's name."""
        wanted = select(Material.id).where(Material.case_id == self.cases[key], Material.file_name == name)
        with self.site.store.read() as session:
            return session.scalars(wanted).first() or ""

    def do(self, login: str, command: Any, *args: Any, **named: Any) -> Any:
        """A command as somebody, with a key of its own, some minutes after the one before."""
        self.site.time.set(clock.now() + timedelta(minutes=3))
        return execute(self.site.store, command, self.actor(login), *args, key=new_id(), **named)

    def claim(self, login: str, key: str, element: str) -> Task:
        """Take what waits there."""
        task = self.task(key, element)
        if task.assignee_id is None:
            execute(self.site.store, commands.claim_task, self.actor(login), task.id, seen=task.version)
        return self.task(key, element)


def moved(value: Any, by: timedelta, other: Mapping[str, str]) -> Any:
    """The same part of a script, all its dates and moments later by `by`, and with other names."""
    if isinstance(value, (datetime, date)):
        return value + by
    if isinstance(value, dict):
        return {key: moved(part, by, other) for key, part in value.items()}
    if isinstance(value, str):
        for old, new in other.items():
            value = value.replace(old, new)
        return WRITTEN.sub(lambda day: _written(date(*map(int, day.groups())) + by), value)
    return [moved(part, by, other) for part in value] if isinstance(value, list) else value


WRITTEN = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")


def _written(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def until(stop: Stop) -> play.Script:
    """A case file up to its stop, in whole weeks moved to end within the seven days before NOW, or `ago` earlier."""
    script = play.read(CASES / f"{stop.name}.yaml")
    places = [number for number, step in enumerate(script.steps) if step.get("task") == stop.element]
    steps = script.steps[: places[stop.count - 1]] if stop.element else script.steps
    last = play.moment(steps[-1]["at"] if steps else script.start["at"])
    by = timedelta(weeks=(NOW - last).days // 7 - stop.ago)
    start = moved(script.start, by, stop.other)
    return replace(script, start=start, steps=moved(steps, by, stop.other), expect={})


@contextmanager
def opened(folder: Path, stops: Iterable[Stop] = STOPS) -> Iterator[Stage]:
    """The bureau in a folder of its own, served until the block ends. stops: STOPS, and more where needed."""
    told = settings.read({"FASHEN_VAR": str(folder), **OUTWARD})
    store, files = Store(told.database_url), Files(told.files_url)
    migrations.upgrade(store)
    with clock.simulated(OPENED), store.work() as session:
        bureau.load_demo(session)
    found: dict[str, str] = {}
    for stop in stops:
        script = until(stop)
        with clock.simulated(script.begins) as time:
            found[stop.key] = play.Player(store, files, fonts_of(), time).play(script).case_id
    app = create_app(told, store, files)
    with clock.simulated(NOW - timedelta(hours=1)) as time, served(app) as address:
        stage = Stage(LiveSite(address, store, files, time), found)
        morning(stage, told.channels)
        yield stage
    store.close()


def morning(stage: Stage, channels: Any) -> None:
    """What the bureau did since it opened: everything that the pictures show besides the cases' own steps."""
    _hand_on(stage)
    _read(stage)
    stage.site.time.set(NOW)
    while worker.run_round(stage.site.store, stage.site.files, fonts_of()):
        pass
    wishes = profiles.Wishes("linjing@example.gov.cn", "https://im.example.gov.cn/hooks/linjing", 9, {})
    execute(stage.site.store, profiles.choose_notices, stage.actor("legal1"), wishes, channels)


def _hand_on(stage: Stage) -> None:
    """Operators: return, signers, advice, a substitute, a delegated step, copies, a reminder, a suspended case."""
    shop = stage.claim("counsel1", "shop", "counsel_review")
    with stage.site.store.read() as session:
        target = next(one for one in returning.choices(session, shop) if one.element_id == "initial_review").target
    stage.do("counsel1", returning.return_task, shop.id, target, how="again", seen=shop.version,
             reason="第三项要点引用的扣押清单缺少见证人签名，请核实后重新提出初审意见。")  # fmt: skip
    metal = stage.claim("legal1", "metal", "conclude_review")
    stage.do("legal1", signing.ask, metal.id, stage.actor("legal2").person_id, kind="before", seen=metal.version,
             question="请对从轻情节的认定签署意见。")  # fmt: skip
    mine = stage.claim("legal1", "mine", "initial_review")
    asked = stage.do("legal1", signing.ask, mine.id, stage.actor("counsel1").person_id, kind="advice",
                     seen=mine.version, question="特别规定第十条第一款与第十一条第一款，应适用哪一款？")  # fmt: skip
    advice = {"text": "应适用第十条第一款：重大隐患未排除仍进行生产。"}
    stage.do("counsel1", commands.complete_task, asked, advice, seen=1)
    bags = stage.claim("legal2", "bags", "initial_review")
    stage.do("legal2", handing.delegate_task, bags.id, stage.actor("legal1").person_id, seen=bags.version,
             reason="请代拟初审意见，重点核对复审日期。")  # fmt: skip
    stage.claim("legal2", "furniture", "check_completeness")
    today = NOW.date()
    away, present = (stage.actor(login).person_id for login in ("legal2", "legal1"))
    stage.do("legal2", substitutes.name_substitute, away, present, roles=["legal_reviewer"], starts_on=today,
             ends_on=today + timedelta(days=4), reason="外出培训。")  # fmt: skip
    to = [stage.actor(login).person_id for login in ("legal1", "hearing1")]
    stage.do("unithead", copies.send_copies, stage.cases["welders"], to, note="同类案件较多，请阅知。")
    stage.do("officer1", handing.urge_task, mine.id, note="当事人询问办理进度，请尽快审核。")
    stage.do("unithead", halting.suspend_case, stage.cases["gas"], reason="等待公安机关鉴定意见")


def _read(stage: Stage) -> None:
    """Notes on pages and remarks."""
    case, paper = stage.cases["mine"], stage.material("mine", "测量成果报告.pdf")
    pin = Pin(page=1, x=700, y=180, text="未注明测量单位资质和测量日期。", point="RP3", circle="review")
    stage.do("legal1", notes.pin_note, case, paper, pin)
    asked = stage.do("legal1", remarks.put_question, case, "测量成果报告的原件由谁保管？",
                     stage.actor("officer1").person_id, visibility="review")  # fmt: skip
    stage.do("officer1", remarks.answer_question, asked, "原件在承办机构档案柜，今日下午可以送阅。")
    stage.do("legal1", remarks.make_remark, case, "主要负责人的罚款幅度，请一并核对省裁量基准。", visibility="case")
