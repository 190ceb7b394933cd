"""`fashen db`, `fashen ledger`, `fashen demo`: what lies in the database."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click
from sqlalchemy import make_url
from tqdm import tqdm

from webapp import launch, settings
from webapp.commands.terminal import language, say
from workflows import bureau, fold, grants, migrations
from workflows import ledger as log
from workflows.errors import Invalid, Unavailable
from workflows.ledger import Checkpoint, Fault
from workflows.ledger.immutability import Gap
from workflows.store import Store

FAULTY = 3
"""The exit code of `ledger verify` when it found something."""


@contextmanager
def opened(*, existing: bool = False) -> Iterator[Store]:
    """The database of the installation, closed at the end.

    existing: do not make a SQLite file where there is none. Raises Unavailable("database.missing") then.
    """
    url = settings.read().database_url
    file = make_url(url).database or ""
    if existing and url.startswith("sqlite") and not Path(file).is_file():
        raise Unavailable("database.missing", file=file)
    store = Store(url)
    try:
        yield store
    finally:
        store.close()


@click.group()
def db() -> None:
    """数据库 / the database."""


@db.command()
def upgrade() -> None:
    """升级到最新结构并装入基础数据 / bring tables and reference data to the newest version; all rows stay."""
    with opened() as store:
        revision = launch.prepare(store, demo=False)
    click.echo(say(f"数据库结构：{revision}", f"The database is at revision {revision}."))


@click.group()
def ledger() -> None:
    """流转记录账本 / the ledger."""


@db.command()
@click.argument("role")
def grant(role: str) -> None:
    """授予应用用户最小权限（PostgreSQL）/ give the application's database user the least rights it needs."""
    with opened() as store, store.engine.begin() as connection:
        grants.grant(connection, role)
    click.echo(say(f"已授予用户 {role} 所需的最小权限；升级数据库后请再次执行。",
                   f"{role} has the rights it needs and no more; run this again after every upgrade."))  # fmt: skip


@ledger.command()
@click.option("--checkpoint", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="与此前导出的检查点比对 / compare with an exported checkpoint")  # fmt: skip
@click.option("--state", is_flag=True,
              help="并逐案核对数据表与账本 / compare the tables of every case with the ledger too")  # fmt: skip
def verify(checkpoint: Path | None, state: bool) -> int:
    """校验账本 / verify the chains; exit code 3 when something is wrong."""
    known = Checkpoint.from_json(checkpoint.read_bytes()) if checkpoint else None
    different = 0
    with opened(existing=True) as store, store.read(snapshot=True) as session:
        with tqdm(desc=say("校验", "verifying"), unit=say("条", " entries"), disable=None) as bar:
            faults = log.verify(session, known, progress=lambda done, total: _show(bar, done, total))
        total = log.checkpoint(session).total
        tell_faults(faults)
        gaps = log.immutability.gaps(session)
        tell_gaps(gaps)
        if state:
            with tqdm(desc=say("核对", "comparing"), unit=say("件", " cases"), disable=None) as bar:
                found = fold.verify_state(session, progress=lambda done, total: _show(bar, done, total))
                different = tell_differences(found)
    if faults or gaps or different:
        return FAULTY
    click.echo(say(f"账本完整：共 {total} 条记录，未发现问题。", f"The ledger is whole: {total} entries, no fault."))
    if state:
        click.echo(say("全部案件的数据与账本一致。", "The tables of every case say what the ledger says."))
    return 0


def tell_faults(faults: Iterable[Fault]) -> None:
    """Name every faulty stream and its first wrong entry on the error stream."""
    for fault in faults:
        click.echo(say(
            f"{fault.stream} 第 {fault.seq} 条：{KINDS[fault.kind][0]}（{fault.detail}）",
            f"{fault.stream} entry {fault.seq}: {KINDS[fault.kind][1]} ({fault.detail_en})",
        ), err=True)  # fmt: skip


def tell_gaps(gaps: Iterable[Gap]) -> None:
    """Name every trigger on the error stream that does not protect the ledger as it should."""
    for gap in gaps:
        click.echo(say(
            f"账本保护触发器 {gap.trigger} {GAPS[gap.kind][0]}",
            f"The trigger {gap.trigger} that protects the ledger {GAPS[gap.kind][1]}",
        ), err=True)  # fmt: skip


def tell_differences(differences: Iterable[fold.Difference]) -> int:
    """Name every place where tables and ledger disagree on the error stream; how many there were."""
    count = 0
    for difference in differences:
        click.echo(difference.sentence(language()), err=True)
        count += 1
    return count


GAPS = {
    "missing": ("缺失", "is missing"),
    "changed": ("被改动或者停用", "was changed or switched off"),
    "foreign": ("不属于本系统", "is none of this system's"),
}
"""What can be wrong with a trigger: (Chinese, English)."""

KINDS = {
    "changed": ("内容被改动", "changed"),
    "removed": ("被删除", "removed"),
    "inserted": ("被插入", "inserted"),
    "reordered": ("顺序被调换", "reordered"),
    "rewritten": ("整段被改写", "rewritten"),
}
"""What can be wrong with an entry: (Chinese, English)."""


@ledger.command()
def protect() -> None:
    """恢复账本保护触发器 / set the triggers that protect the ledger again; as the owner of the tables."""
    with opened() as store:
        with store.read() as session:
            gaps = log.immutability.gaps(session)
        tell_gaps(gaps)
        with store.engine.begin() as connection:
            log.immutability.protect(connection)
        with store.read() as session:
            log.immutability.require_protected(session)  # a foreign trigger is for a person to look at and remove
    click.echo(say(
        f"已恢复（此前 {len(gaps)} 处异常）。请用此前导出的检查点运行 fashen ledger verify --state --checkpoint。",
        f"Set again ({len(gaps)} were not as they should be). Now run fashen ledger verify --state --checkpoint"
        " with a checkpoint from before.",
    ))  # fmt: skip


@ledger.command(name="checkpoint")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="写入文件 / write to a file")
def take_checkpoint(out: Path | None) -> None:
    """导出检查点 / export a checkpoint, to be kept outside of this machine."""
    with opened(existing=True) as store, store.read() as session:
        taken = log.checkpoint(session)
    if out is None:
        click.echo(taken.to_json())
        return
    _write(out, taken.to_json() + "\n")
    click.echo(say(f"已写入 {out}（{taken.total} 条，摘要 {taken.digest}）",
                   f"Written to {out} ({taken.total} entries, digest {taken.digest})"))  # fmt: skip


def _write(path: Path, text: str) -> None:
    """Write a file as a whole or not at all. Raises OSError."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        if path.exists() and not path.is_file():  # a device: what lies there must not be replaced
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), str(path))
        unfinished.write_text(text, "utf-8")
        os.replace(unfinished, path)
    except OSError:
        with suppress(OSError):
            unfinished.unlink()
        raise


@click.group()
def demo() -> None:
    """演示数据 / demonstration data."""


@demo.command()
def load() -> None:
    """载入演示机构 / load the demonstration bureau; refused in production."""
    if settings.read().production:
        raise Invalid("demo.in_production")
    with opened() as store:
        migrations.upgrade(store)
        with store.work() as session:
            new = bureau.load_demo(session)
    accounts, password = bureau.demo_accounts()
    click.echo(say("演示机构已载入。" if new else "演示机构此前已载入。",
                   "The demonstration bureau is loaded." if new else "It had been loaded before."))  # fmt: skip
    click.echo(say(f"密码：{password}", f"Password: {password}"))
    for login, name, title in accounts:
        click.echo(f"  {login:<12}{name}  {title}")


def _show(bar: tqdm, done: int, total: int) -> None:  # type: ignore[type-arg]
    bar.total = total
    bar.update(done - bar.n)
