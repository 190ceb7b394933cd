"""`fashen serve` and `fashen worker`: the processes of an installation."""

from __future__ import annotations

import signal
import threading

import click

from webapp import launch, settings
from webapp.commands.terminal import say
from workflows import ledger, migrations
from workflows import worker as work
from workflows.desk.execute import execute
from workflows.documents.fonts.faces import fonts_of
from workflows.files import Files
from workflows.notices import posting, reminders


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=5000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--demo", is_flag=True, help="载入演示机构 / load the demonstration bureau")
@click.option("--no-worker", is_flag=True, help="后台进程另行运行 / the worker runs elsewhere")
def serve(host: str, port: int, demo: bool, no_worker: bool) -> int:
    """启动服务及一个后台进程 / the server with one worker beside it."""
    given = ["--host", host, "--port", str(port)]
    return launch.main([*given, *(["--demo"] if demo else []), *(["--no-worker"] if no_worker else [])])


@click.command()
@click.option("--once", is_flag=True, help="只处理一轮 / one round, then end")
def worker(once: bool) -> int:
    """处理到期事项、通知和文书 / timers, notices and documents; exit code 4 after an upgrade of the database."""
    told = settings.read()
    settings.make_known(told)
    store, files, fonts = settings.opened(told), Files(told.files_url), fonts_of(told.fonts)
    try:
        migrations.require_newest(store)
        with store.read() as session:
            ledger.immutability.require_protected(session)
        if once:
            execute(store, reminders.remind)
            done = work.run_round(store, files, fonts, channels=told.channels.names)
            for channel in told.channels.names:
                posting.send_due(store, told.channels, channel)
            click.echo(say(
                f"到期事项 {done.timers}，通知 {done.notices}，文书 {done.documents}",
                f"timers {done.timers}, notices {done.notices}, documents {done.documents}",
            ))  # fmt: skip
            return 0
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        click.echo(say("后台进程已启动，Ctrl-C 结束。", "The worker runs; Ctrl-C ends it."))
        return launch.work_on(store, files, fonts, stop.is_set, told.channels)
    finally:
        store.close()
