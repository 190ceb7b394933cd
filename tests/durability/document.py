"""Writes docs/reliability.md from bench/durability.json: `python -m tests.durability.document`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.durability import record

DOCUMENT = record.ROOT / "docs" / "reliability.md"

HEAD = """# 可靠性：承诺与依据 Reliability: what is promised, and what shows it

<!-- Written by `python -m tests.durability.document` from bench/durability.json; a test fails when it is outdated. -->

每一项承诺之下列出检验它的试验：编号、一次试验做什么、次数、失败次数、耗时、所用版本。每个数字都由旁边的命令
打印出来，`make durability` 全部重做一遍。只有不少于整夜次数的试验才能替换已公布的数字；次数较少的试验只在出现失败
时才予公布，其失败一直保留，直到整夜试验无一失败。失败次数为零时，真实失败率以 95% 的把握不高于“上限”一栏（3/N）。

Under each promise stand the tests that try it: id, what one round does, rounds, failures, seconds, commit. Every figure
is printed by the command beside it; `make durability` measures all of them anew. Only a run with the rounds of a night
or more replaces a figure here; a smaller one does so when something failed in it, and that failure stands here until a
whole run is without any. Where no round failed, the true rate
of failure lies below the bound (3/N) with 95 % confidence. The kills end processes, not the power supply: what a
machine loses when the current fails depends on its disks, on `synchronous=FULL` (SQLite) and `fsync` (PostgreSQL),
which this program sets or leaves on; it was not tried.
"""


@dataclass(frozen=True)
class Promise:
    """What is promised, in both languages, how it is kept, and which ids try it (`D7` stands for `D7.x` too)."""

    name: str
    zh: str
    en: str
    how: str
    ids: tuple[str, ...]


PROMISES = (
    Promise(
        "P1",
        "页面告知已办结的任务，只办一次，绝不丢失。",
        "A completed task is done exactly once and is never lost after the page said so.",
        "One command is one transaction: engine, tasks, case, clocks, ledger and notices are committed together. A "
        "form carries a key; the answer to a key is kept in the same transaction and given again, also when a process "
        "died between the commit and the answer. Timers and notices are taken by one worker each, under a row lock.",
        ("D1", "D2", "D3", "D9", "D11", "D12"),
    ),
    Promise(
        "P2",
        "两个人不可能都办成同一项任务。",
        "Two people can't both decide one task.",
        "The row of the case is locked before anything is read, and every form tells the version it was drawn from.",
        ("D4", "D5"),
    ),
    Promise(
        "P3",
        "出现故障，案件停留在故障前的环节。",
        "A failure leaves the case at its last wait state.",
        "What was raised before the commit takes everything back; an incident is noted in a transaction of its own.",
        ("D8", "H6"),
    ),
    Promise(
        "P4",
        "每项变动与账本记录同时写入；改动或者删除记录会被发现。",
        "Every change is in the log, in the same transaction, and a changed or removed entry is detected.",
        "Entries are chained by hash; the rows of a case are told in the ledger, folded again and compared with the "
        "tables. The application's database user can't change or delete what was written.",
        ("L1", "L4", "L5"),
    ),
    Promise(
        "P5",
        "任何人只能看到、办理其职责范围内的事项；不相容职责由系统分离。",
        "Nobody sees or does what their role does not allow; separation of duties is enforced by the engine.",
        "Shown by the ordinary tests of every run (`make test`): tests/webapp/test_access.py asks every route for "
        "every role, tests/cases_room/test_separation.py the acts.",
        (),
    ),
    Promise(
        "P6",
        "外来输入不会造成 5xx、执行代码、读取文件或者访问网络。",
        "No input from outside gives a 5xx, runs code, reads files or calls the network.",
        "Diagrams are read by a parser that refuses doctypes and entities, expressions by a grammar of our own that "
        "knows no attributes, no calls but a few and bounded sizes.",
        ("H1", "H2", "H3", "H4", "H5"),
    ),
    Promise(
        "P7",
        "备份十五分钟内恢复为经过校验的系统；损失不超过约定的时点。",
        "A backup restores to a verified system within 15 minutes; loss is at most the stated point in time.",
        "A backup holds database and files of one moment and their checksums; restoring verifies the ledger.",
        ("L6", "L7"),
    ),
    Promise(
        "P8",
        "升级不改变正在办理的案件。",
        "An upgrade never changes a running case.",
        "An instance stays on the packages it began with; states and ledgers of released versions are kept in the "
        "tests and finished by the present code.",
        ("D13", "D14", "D7"),
    ),
)


def written() -> str:
    """The whole document."""
    entries = record.recorded()
    parts, told = [HEAD], set[str]()
    for promise in PROMISES:
        own = [entry for test_id, entry in entries.items() if test_id.partition(".")[0] in promise.ids]
        told |= {str(entry["id"]) for entry in own}
        missing = [one for one in promise.ids if not any(str(e["id"]).partition(".")[0] == one for e in own)]
        parts.append("\n".join(_section(promise, own, missing)))
    if rest := [entry for test_id, entry in entries.items() if test_id not in told]:
        parts.append("\n".join(["## 其他 Further figures\n", *_table(rest), ""]))
    return "\n".join(parts)


def _section(promise: Promise, entries: list[dict[str, Any]], missing: list[str]) -> Iterator[str]:
    yield f"## {promise.name} {promise.zh}\n"
    yield f"**{promise.en}** {promise.how}\n"
    if entries:
        yield from _table(entries)
        yield ""
    if missing:
        yield f"尚未测得 not measured yet: {', '.join(missing)}.\n"


def _table(entries: list[dict[str, Any]]) -> Iterator[str]:
    yield "| 编号 id | 一次试验 one round | N | 失败 failures | 上限 bound | 其他 further | 秒 s | 版本 commit | 命令 |"
    yield "|---|---|---:|---:|---:|---|---:|---|---|"
    for entry in entries:
        bound = f"{3 / entry['n']:.1e}" if entry["n"] and not entry["failures"] else "—"
        further = "; ".join(f"{name.replace('_', ' ')} {_number(value)}" for name, value in entry["figures"].items())
        cells = (
            entry["id"], entry["what"], _number(entry["n"]),
            f"**{entry['failures']:,}**" if entry["failures"] else "0", bound, further,
            _number(entry["seconds"]), f"{entry['commit']} {entry['date']}",
            f"`python -m tests.durability {entry['id']}`",
        )  # fmt: skip
        yield "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def _number(value: int | float | str) -> str:
    return f"{value:,}" if isinstance(value, (int, float)) else value


def write(document: Path = DOCUMENT) -> None:
    """Write the document anew."""
    document.write_text(written(), "utf-8")


if __name__ == "__main__":
    write()
