"""`fashen backup` and `fashen restore`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import click
from tqdm import tqdm

from webapp import settings
from webapp.commands.database import FAULTY, opened, tell_differences, tell_faults, tell_gaps
from webapp.commands.terminal import say
from workflows import backup as backups
from workflows import ledger
from workflows.files import Files

STAGES = {
    "database": ("复制数据库", "database"),
    "files": ("复制文件", "files"),
    "checking": ("核对备份", "checking the backup"),
    "ledger": ("校验账本", "ledger"),
    "cases": ("核对案件", "cases"),
}
"""What goes on: (Chinese, English)."""


@click.command()
@click.argument("out", type=click.Path(path_type=Path))
def backup(out: Path) -> None:
    """备份到新文件夹，不影响使用 / back up into a new folder, while people work."""
    with opened(existing=True) as store, ExitStack() as stack:
        taken = backups.take(store, Files(settings.read().files_url), out, progress=_bars(stack))
    click.echo(say(
        f"备份完成：{out}（数据库结构 {taken.revision}，文件 {taken.files} 个，共 {taken.bytes:,} 字节）。",
        f"Backed up to {out} (revision {taken.revision}, {taken.files} files of {taken.bytes:,} bytes).",
    ))  # fmt: skip


@click.command()
@click.argument("source", metavar="IN", type=click.Path(exists=True, file_okay=False, path_type=Path))
def restore(source: Path) -> int:
    """恢复到空的数据库和文件库并全面核对 / restore into an empty installation and check all of it; 3 when faulty."""
    with opened() as store, ExitStack() as stack:
        done = backups.restore(source, store, Files(settings.read().files_url), progress=_bars(stack))
    tell_faults(list(done.faults))
    tell_differences(done.differences)
    with opened() as store, store.read() as session:
        gaps = ledger.immutability.gaps(session)
    tell_gaps(gaps)
    if gaps or not done.sound:
        return FAULTY
    click.echo(say(
        f"恢复完成：账本 {done.entries} 条记录、全部案件和 {done.manifest.files} 个文件核对无误。",
        f"Restored: {done.entries} entries of the ledger, all cases and {done.manifest.files} files are as they were.",
    ))  # fmt: skip
    return 0


def _bars(stack: ExitStack) -> Callable[[str, int, int], None]:
    """A bar for each stage, closed with the stack."""
    bars: dict[str, tqdm] = {}  # type: ignore[type-arg]

    def show(what: str, done: int, total: int) -> None:
        if what not in bars:
            bars[what] = stack.enter_context(tqdm(desc=say(*STAGES[what]), disable=None))
        bars[what].total = total
        bars[what].update(done - bars[what].n)

    return show
