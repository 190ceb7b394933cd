"""`fashen package`: a process package from a folder, checked or published, as the studio does it in the browser."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click
from sqlalchemy.orm import Session

from webapp import settings
from webapp.commands.database import opened
from webapp.commands.terminal import say
from webapp.sentences import tell
from workflows import migrations, sessions
from workflows.desk.execute import execute
from workflows.diagrams import checking, library
from workflows.diagrams.proof import ERROR, Finding
from workflows.engine.definition import read as read_definition
from workflows.engine.package import Package, read_folder
from workflows.errors import DiagramRefused, Unavailable
from workflows.sessions import Client

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
LONGEST = timedelta(minutes=5)
"""How long the login at the terminal lasts if it is not ended."""


@click.group()
def package() -> None:
    """流程包 / process packages."""


@package.command()
@click.argument("folder", type=FOLDER)
def check(folder: Path) -> None:
    """检查流程包文件夹能否发布，逐条列出问题 / whether a folder could be published; names every problem."""
    settings.make_known(settings.read())
    read = read_folder(folder)
    found, now = _checked(read)
    refused = [one.problem for one in found if one.severity == ERROR]
    if refused:
        raise DiagramRefused("diagram.refused", refused, file=read.key)
    for one in found:
        click.echo(say("请留意：", "To look at: ") + tell(one.problem, say("zh", "en")))
    definition = read_definition(read)
    standing = {
        None: say("尚未发布过", "not published yet"),
        read.hash: say("与现行版本相同", "the same as the present version"),
    }.get(now, say("与现行版本不同", "other than the present version"))
    click.echo(say(
        f"“{read.key}”可以发布：{len(definition.elements)} 个环节，{len(definition.tables)} 个决策表，"
        f"摘要 {read.hash[:12]}，{standing}。",
        f"“{read.key}” can be published: {len(definition.elements)} elements, {len(definition.tables)} decision tables,"
        f" hash {read.hash[:12]}, {standing}.",
    ))  # fmt: skip


@package.command()
@click.argument("folder", type=FOLDER)
@click.option("--reason", required=True, help="发布理由，记入账本 / why; it stands in the ledger")
@click.option("--as", "login", required=True, help="系统管理员账号，另行询问密码 / a system administrator's login")
def publish(folder: Path, reason: str, login: str) -> None:
    """发布流程包，新案件即用此版本 / make it the version that new cases run on; asks for the password."""
    settings.make_known(settings.read())
    read = read_folder(folder)
    password = click.prompt(say("密码", "Password"), hide_input=True)
    with opened(existing=True) as store:
        migrations.require_newest(store)
        # The ledger names a person as the publisher: whoever sits at the terminal shows that it is them.
        entered = sessions.log_in(store, login, password, client=Client(agent="fashen package"), lasts=LONGEST)
        try:
            before = execute(store, _current, read.key)
            execute(store, library.publish, read, entered.actor, reason)
        finally:
            execute(store, sessions.log_out, entered.actor, entered.session_id)
    if before == read.hash:
        click.echo(say("这就是现行版本，未作改动。", "That is the present version already; nothing was changed."))
        return
    click.echo(say(f"已发布“{read.key}”（摘要 {read.hash[:12]}），新案件使用此版本，在办案件不变。",
                   f"“{read.key}” is published (hash {read.hash[:12]}): new cases run on it, cases under way stay on"
                   " theirs."))  # fmt: skip


def _checked(read: Package) -> tuple[list[Finding], str | None]:
    """What is found and the hash of the present version; without a database it is checked beside what is shipped."""
    try:
        with opened(existing=True) as store:
            migrations.require_newest(store)
            with store.read() as session:
                return checking.findings(session, read), _current(session, read.key)
    except Unavailable:
        shipped = {key: read_definition(one) for key, one in library.shipped().items()}
        return checking.check(read, shipped), None


def _current(session: Session, key: str) -> str | None:
    return library.current(session, key).hash if key in library.keys(session) else None
