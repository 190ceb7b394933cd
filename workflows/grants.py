"""The least rights of the application's user on PostgreSQL: it can do its work and cannot touch what was recorded.

The tables belong to an owner who upgrades them; the servers and workers log in as another user, who may neither change
nor remove entries of the ledger and published packages, nor take triggers away or alter tables. What a table allows is
data, and a table that is not named allows to read, insert and update. SQLite knows no users: there the triggers of
`ledger.immutability` stand alone.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from workflows.errors import Invalid, NotFound
from workflows.models import metadata

READ, WORK = "SELECT", "SELECT, INSERT, UPDATE"

RIGHTS: dict[str, str] = {
    "ledger_entry": "SELECT, INSERT",
    "ledger_head": WORK,  # advanced with every entry; a trigger lets it only grow
    "engine_package": "SELECT, INSERT",
    "engine_scope": f"{WORK}, DELETE",  # finished scopes and tokens leave the live state
    "engine_task": f"{WORK}, DELETE",
    "task_draft": f"{WORK}, DELETE",  # what was typed goes when it is sent
    "login_failures": f"{WORK}, DELETE",
    "web_session": f"{WORK}, DELETE",
    "list_layout": f"{WORK}, DELETE",
    "saved_filter": f"{WORK}, DELETE",
    "saved_filter_role": f"{WORK}, DELETE",
}
"""Table → what the application may do with it, where that is not `WORK`. SELECT … FOR UPDATE needs UPDATE."""

VERSION_TABLE = "alembic_version"

_TOO_STRONG = """
SELECT role.rolsuper OR EXISTS (
    SELECT 1 FROM pg_class AS relation WHERE relation.relkind IN ('r', 'p') AND relation.relnamespace =
    current_schema()::regnamespace AND pg_has_role(role.oid, relation.relowner, 'MEMBER')
) FROM pg_roles AS role WHERE role.rolname = :role
"""


def grant(connection: Connection, role: str) -> None:
    """Take every right on the tables from a user and give back those that the application needs.

    Run as the owner of the tables, and again after an upgrade that adds tables. Raises Invalid("grant.only_postgresql")
    on SQLite, NotFound("grant.role_unknown"), and Invalid("grant.role_too_strong") for a superuser or one who owns the
    tables or can become their owner: no grant binds those.
    """
    if connection.dialect.name != "postgresql":
        raise Invalid("grant.only_postgresql")
    strong = connection.execute(text(_TOO_STRONG), {"role": role}).scalar_one_or_none()
    if strong is None:
        raise NotFound("grant.role_unknown", role=role)
    if strong:
        raise Invalid("grant.role_too_strong", role=role)
    quote = connection.dialect.identifier_preparer.quote
    user = quote(role)
    schema = quote(str(connection.execute(text("SELECT current_schema()")).scalar_one()))
    for statement in (
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {user}, PUBLIC",
        f"REVOKE ALL ON SCHEMA {schema} FROM {user}",
        f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA {schema} TO {user}",
        f"GRANT {READ} ON {VERSION_TABLE} TO {user}",
        *(f"GRANT {RIGHTS.get(table, WORK)} ON {quote(table)} TO {user}" for table in sorted(metadata.tables)),
    ):
        connection.exec_driver_sql(statement)
