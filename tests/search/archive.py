"""Years of cases with parties, documents and remarks, written straight into the tables and indexed by the program.

Everything is drawn from a seed. Words are spread as in a bureau's archive: some stand in nearly every case, some in one
of a thousand, numbers in one. Who heads the bureau sees all, an officer some hundreds, a counsel three.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from tests.desk import crowd
from tests.desk.crowd import BEGIN, BUREAU, Rows, login, row_id
from workflows.search import rebuilding
from workflows.store import Store

HEAD, OFFICER, COUNSEL = login(0), login(5), login(6)
READS = {OFFICER: 250, COUNSEL: 30_011}
"""Person → every how-manieth case they read."""
REMARKED = 5
"""Every how-manieth case has a remark."""
PHRASES = (
    "经现场检查，发现该单位未按照规定对从业人员进行安全生产教育和培训",
    "特种作业人员未取得相应资格上岗作业",
    "未在有较大危险因素的设备设施上设置明显的安全警示标志",
    "应急救援预案未按规定组织演练",
    "消防通道堆放杂物",
    "危险化学品储存数量超过核定",
    "粉尘清理制度未落实",
    "有限空间作业未履行审批手续",
    "当事人对上述事实予以承认",
    "询问笔录、现场照片、检验报告等证据相互印证",
    "依据《中华人民共和国安全生产法》第九十七条",
    "责令限期改正并处罚款人民币",
    "当事人在法定期限内提出陈述申辩",
    "经集体讨论决定",
    "情节较轻，危害后果轻微",
    "逾期不履行的，每日按百分之三加处罚款",
)


def fill(store: Store, cases: int) -> None:
    """Fill an empty database that has its tables with so many cases, and index them."""
    for part in crowd.parts(cases * crowd.STEPS):
        if part.table not in ("task", "task_candidate"):
            crowd.write(store, part)
    crowd.write(store, _documents(cases))
    crowd.write(store, _remarks(cases))
    crowd.write(store, _readers(cases))
    rebuilding.rebuild(store)


def _documents(cases: int) -> Rows:
    columns = ("id", "case_id", "type", "unit_id", "year", "seq", "number", "content", "issued_on", "issued_by",
               "created_at", "state", "attempts", "void_reason")  # fmt: skip

    def rows() -> Iterator[tuple[Any, ...]]:
        for n in range(cases):
            draw = random.Random(f"document:{n}")
            number, amount = f"衢应急告〔2024〕{n}号", draw.randrange(10**6)
            facts = "；".join(draw.sample(PHRASES, 6)) + f"，金额{amount}元。"
            content = json.dumps({"number": number, "facts": facts}, ensure_ascii=False)
            yield (row_id("d", n), row_id("c", n), "penalty_notice", BUREAU, 2024, n, number, content, date(2024, 2, 1),
                   login(2), BEGIN + timedelta(minutes=n % 80_000), "rendered", 0, "")  # fmt: skip

    return Rows("document", columns, rows())


def _remarks(cases: int) -> Rows:
    columns = ("id", "case_id", "author_id", "kind", "visibility", "people", "text", "made_at")
    circles = ("case", "unit", "review", "people")
    rows = (
        (row_id("r", n), row_id("c", n), login(n % 10), "comment", circles[n // REMARKED % 4], "[]",
         f"请核对第{n}号证据。", BEGIN)
        for n in range(0, cases, REMARKED)
    )  # fmt: skip
    return Rows("remark", columns, rows)


def _readers(cases: int) -> Rows:
    rows = ((row_id("c", n), person, BEGIN, "") for person, step in READS.items() for n in range(0, cases, step))
    return Rows("case_reader", ("case_id", "person_id", "since", "reason"), rows)
