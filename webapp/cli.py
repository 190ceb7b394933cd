"""`fashen`: the command line, on Flask's own. What goes wrong is a sentence and an exit code, never a trace.

Exit codes: 0 done; 1 refused, with the reason; 2 wrong usage; 3 the ledger has faults or is not protected,
or the tables say something else; 4 a worker under which the database was upgraded.
"""

from __future__ import annotations

import sys

import click
from flask.cli import FlaskGroup
from sqlalchemy.exc import DatabaseError, OperationalError

from webapp import settings, unanswered
from webapp.app import create_app
from webapp.commands import backups, case, database, machines, packages, people, running, search
from webapp.commands.terminal import explain, say
from workflows.errors import FashenError, Unavailable


class Commands(FlaskGroup):
    """Our commands alone: what libraries add to Flask's own command line is not for administrators."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of our commands."""
        return sorted(self.commands)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """One of our commands, or None."""
        return self.commands.get(name)


@click.group(
    cls=Commands, create_app=lambda: create_app(settings.read()), add_default_commands=False, load_dotenv=False,
    help="法审 Fashen: 重大行政执法决定法制审核系统 / legal review of enforcement decisions.",
)  # fmt: skip
def cli() -> None:
    """The group of all commands."""


cli.add_command(backups.backup)
cli.add_command(backups.restore)
cli.add_command(case.case)
cli.add_command(running.serve)
cli.add_command(running.worker)
cli.add_command(database.ledger)
cli.add_command(database.db)
cli.add_command(database.demo)
cli.add_command(search.search)
cli.add_command(people.session)
cli.add_command(people.person)
cli.add_command(people.unit)
cli.add_command(packages.package)
cli.add_command(machines.token)
cli.add_command(machines.external)


def main() -> None:
    """What `fashen` on the command line runs."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command; its exit code."""
    try:
        result = cli.main(args=arguments, prog_name="fashen", standalone_mode=False)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.Abort:
        click.echo(say("已中止。", "Aborted."), err=True)
        return 1
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except FashenError as error:
        explain(error)
        return 1
    except OperationalError as error:
        explain(Unavailable("database.silent", **unanswered.facts(settings.read().database_url, error)))
        return 1
    except OSError as error:
        explain(Unavailable("disk.failed", file=str(error.filename or "—"), reason=error.strerror or str(error)))
        return 1
    except DatabaseError as error:
        explain(Unavailable("database.unreadable", reason=str(error.orig).partition("\n")[0][:200]))
        return 1
    return result if isinstance(result, int) else 0
