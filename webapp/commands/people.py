"""`fashen person`, `fashen unit`, `fashen session`: what an administrator does before there is anybody to log in."""

from __future__ import annotations

import secrets

import click

from webapp.commands.database import opened
from webapp.commands.terminal import say
from workflows import sessions, staff
from workflows.actors import ROLES, SYSTEM


@click.group()
def session() -> None:
    """登录会话 / sessions."""


@session.command()
@click.argument("login")
def revoke(login: str) -> None:
    """退出某账号的全部登录 / end all sessions of a login."""
    with opened() as store, store.work() as work:
        person = staff.find_person(work, login)
        count = sessions.revoke_all(work, SYSTEM, person.id, reason="administrator")
    click.echo(say(f"已退出 {count} 个登录。", f"{count} sessions ended."))


@click.group()
def unit() -> None:
    """单位 / units."""


@unit.command(name="add")
@click.argument("name")
@click.option("--level", type=click.Choice(staff.LEVELS), required=True)
@click.option("--parent", help="上级单位名称 / name of the unit above")
@click.option("--legal-subject", is_flag=True, help="能以自己名义作出决定 / decides in its own name")
@click.option("--region", default="", help="文号地区代字，如“衢” / prefix of document numbers")
def add_unit(name: str, level: str, parent: str | None, legal_subject: bool, region: str) -> None:
    """登记单位 / enter a unit."""
    with opened() as store, store.work() as work:
        staff.add_unit(work, SYSTEM, name, level=level, parent=parent, legal_subject=legal_subject, region=region)
    click.echo(say(f"已登记单位“{name}”。", f"Unit “{name}” entered."))


@click.group()
def person() -> None:
    """人员 / people."""


@person.command()
@click.argument("login")
@click.option("--name", required=True, help="姓名 / name")
@click.option("--unit", "unit_name", required=True, help="单位名称 / name of the unit")
@click.option("--role", required=True, type=click.Choice(sorted(ROLES)))
@click.option("--title", required=True, help="职务 / title of the post")
def add(login: str, name: str, unit_name: str, role: str, title: str) -> None:
    """登记人员及其第一个职务，给出初始密码 / enter a person; prints a first password."""
    first = secrets.token_urlsafe(12)
    with opened() as store, store.work() as work:
        staff.add_person(work, SYSTEM, login, name, unit=unit_name, role=role, title=title, password=first)
    told = say(f"已登记 {name}（{login}）。初始密码：", f"{name} ({login}) entered. First password: ")
    click.echo(told + first)


@person.command()
@click.argument("login")
def password(login: str) -> None:
    """更改密码并退出其全部登录 / set a new password; all sessions end."""
    new = click.prompt(say("新密码", "New password"), hide_input=True, confirmation_prompt=True)
    with opened() as store, store.work() as work:
        sessions.set_password(work, SYSTEM, staff.find_person(work, login), new)
    click.echo(say("密码已更改，全部登录已退出。", "Password changed; all sessions ended."))
