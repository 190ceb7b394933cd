"""`fashen token`, `fashen external`: accounts of machines outside, and the external tasks that they failed at."""

from __future__ import annotations

import click

from webapp import settings
from webapp.commands.database import opened
from webapp.commands.terminal import say
from workflows import machines
from workflows.actors import SYSTEM
from workflows.desk.execute import execute
from workflows.external import accounts


@click.group()
def token() -> None:
    """外部程序的账号和令牌 / accounts and tokens of programs outside."""


@token.command()
@click.argument("name")
@click.option("--topics", required=True, help="可办理的任务主题，逗号分隔 / topics, separated by commas")
def add(name: str, topics: str) -> None:
    """登记外部程序，令牌只显示这一次 / enter a program; its token is shown once."""
    settings.make_known(settings.read())
    with opened() as store, store.work() as session:
        made = accounts.admit(session, SYSTEM, name, [one.strip() for one in topics.split(",") if one.strip()])
    click.echo(made)
    click.echo(say("请妥善保存令牌，系统不再显示。", "Keep the token; it is not shown again."), err=True)


@token.command(name="list")
def list_tokens() -> None:
    """列出全部账号 / all accounts."""
    with opened() as store, store.read() as session:
        for row in accounts.listed(session):
            ended = say("已注销", "revoked") if row.revoked_at else say("有效", "valid")
            click.echo(f"{row.name}\t{ended}\t{','.join(row.topics)}")


@token.command()
@click.argument("name")
def revoke(name: str) -> None:
    """注销账号，令牌立即失效 / end an account; its token opens nothing from now on."""
    with opened() as store, store.work() as session:
        accounts.revoke(session, SYSTEM, name)
    click.echo(say("已注销。", "Revoked."))


@click.group()
def external() -> None:
    """外部任务 / external tasks."""


@external.command(name="list")
def list_tasks() -> None:
    """列出等待中的外部任务 / the external tasks that wait."""
    with opened() as store, store.read() as session:
        for row in machines.listed(session, None, limit=1000):
            left = say("未失败过", "not failed") if row.retries is None else say(
                f"剩余 {row.retries} 次", f"{row.retries} tries left")  # fmt: skip
            click.echo("\t".join((row.id, row.topic, row.name, left, row.error.partition("\n")[0])))


@external.command()
@click.argument("task")
@click.option("--retries", default=machines.FIRST_RETRIES, type=click.IntRange(1, 100), show_default=True)
def retry(task: str, retries: int) -> None:
    """失败的外部任务重新办理 / let a failed external task be tried again."""
    with opened() as store:
        execute(store, machines.retry, SYSTEM, task, retries)
    click.echo(say("已恢复。", "It will be tried again."))
