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
    "published_package": "SELECT, INSERT",
    "engine_scope": f"{WORK}, DELETE",  # finished scopes and tokens leave the live state
    "engine_task": f"{WORK}, DELETE",
    "search_entry": f"{WORK}, DELETE",  # an index: what changes is entered anew
    "process_draft_save": f"{WORK}, DELETE",  # saves that nobody can go back to any more are let go
    "process_draft_copy": f"{WORK}, DELETE",
    "process_play": f"{WORK}, DELETE",  # whoever began it throws it away, or begins many others
    "process_test_run": f"{WORK}, DELETE",
    "party": f"{WORK}, DELETE",  # of a lead that was taken back; the journal of rows keeps what it was
    "case_matter": f"{WORK}, DELETE",
    "task_candidate": f"{WORK}, DELETE",  # who withdraws from a case is offered none of its steps any more
    "case_reader": f"{WORK}, DELETE",  # a request that is taken back; the journal of rows keeps what it was
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
SELECT role.rolsuper OR role.rolreplication
    OR EXISTS (
        SELECT 1 FROM pg_class AS relation WHERE relation.relkind IN ('r', 'p') AND relation.relnamespace =
        current_schema()::regnamespace AND pg_has_role(role.oid, relation.relowner, 'MEMBER'))
    OR EXISTS (
        SELECT 1 FROM pg_namespace AS schema WHERE schema.oid = current_schema()::regnamespace
        AND pg_has_role(role.oid, schema.nspowner, 'MEMBER'))
    OR EXISTS (
        SELECT 1 FROM pg_database AS own WHERE own.datname = current_database()
        AND pg_has_role(role.oid, own.datdba, 'MEMBER'))
    OR EXISTS (
        SELECT 1 FROM pg_roles AS given WHERE given.rolname = ANY(:strong)
        AND pg_has_role(role.oid, given.oid, 'MEMBER'))
FROM pg_roles AS role WHERE role.rolname = :role
"""
_SETS_TRIGGERS_ASIDE = "SELECT has_parameter_privilege(:role, 'session_replication_role', 'SET')"
STRONG = ("pg_write_all_data", "pg_execute_server_program", "pg_write_server_files", "pg_maintain")
"""PostgreSQL's own roles whose rights no REVOKE on a table takes away."""
_ALL = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
_OF_COLUMNS = ("SELECT", "INSERT", "UPDATE", "REFERENCES")


def grant(connection: Connection, role: str) -> None:
    """Take every right on the tables from a user and give back those that the application needs.

    Run as the owner of the tables, and again after an upgrade that adds tables. Raises Invalid("grant.only_postgresql")
    on SQLite, NotFound("grant.role_unknown"), and Invalid("grant.role_too_strong") for whom no grant binds: a
    superuser, the owner of tables, schema or database and who can become it, a member of `STRONG`, who may set triggers
    aside; and, after all is granted, whoever can still do more than `RIGHTS` by way of another role.
    """
    if connection.dialect.name != "postgresql":
        raise Invalid("grant.only_postgresql")
    strong = connection.execute(text(_TOO_STRONG), {"role": role, "strong": list(STRONG)}).scalar_one_or_none()
    if strong is None:
        raise NotFound("grant.role_unknown", role=role)
    if strong or _sets_triggers_aside(connection, role):
        raise Invalid("grant.role_too_strong", role=role)
    quote = connection.dialect.identifier_preparer.quote
    user = quote(role)
    schema = quote(str(connection.execute(text("SELECT current_schema()")).scalar_one()))
    for statement in (
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {user}, PUBLIC",
        f"REVOKE ALL ON SCHEMA {schema} FROM {user}",
        f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA {schema} TO {user}",
        f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA {schema} FROM {user}, PUBLIC",
        # The next number, and no way back; a backup reads where it stands.
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {user}",
        f"GRANT {READ} ON {VERSION_TABLE} TO {user}",
        *(f"GRANT {RIGHTS.get(table, WORK)} ON {quote(table)} TO {user}" for table in sorted(metadata.tables)),
    ):
        connection.exec_driver_sql(statement)
    if too_much(connection, role):
        raise Invalid("grant.role_too_strong", role=role)


def too_much(connection: Connection, role: str) -> list[str]:
    """What a role may do with the tables beyond `RIGHTS`, by itself or by way of others: "RIGHT table", sorted."""
    found = []
    for table in sorted({*metadata.tables, VERSION_TABLE}):
        allowed = READ if table == VERSION_TABLE else RIGHTS.get(table, WORK)
        for right in _ALL:
            if right not in allowed.split(", ") and _may(connection, role, table, right):
                found.append(f"{right} {table}")
    return found


def _may(connection: Connection, role: str, table: str, right: str) -> bool:
    named = connection.dialect.identifier_preparer.quote(table)
    of = "any_column" if right in _OF_COLUMNS else "table"  # a right on one column is one too many as well
    asked = text(f"SELECT has_{of}_privilege(:role, :named, :right)")
    return bool(connection.execute(asked, {"role": role, "named": named, "right": right}).scalar_one())


def _sets_triggers_aside(connection: Connection, role: str) -> bool:
    version = connection.dialect.server_version_info or (0,)
    if version < (15,):  # before, only superusers could
        return False
    return bool(connection.execute(text(_SETS_TRIGGERS_ASIDE), {"role": role}).scalar_one())
