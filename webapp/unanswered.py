"""Why the database did not answer, told to the administrator at the terminal; pages and programs are not told."""

from __future__ import annotations

from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

LONGEST = 500
"""Characters of what the driver said."""
PORT = 5432
"""Where PostgreSQL listens when its address does not say."""


def facts(database_url: str, error: DBAPIError) -> dict[str, str]:
    """Where the database is and what its driver said, as the facts of a sentence; never its password.

    place: of PostgreSQL host, port and database, of SQLite the file. reason: as the driver says it, in one line.
    """
    url = make_url(database_url)
    place = url.database or ""
    if url.get_backend_name() != "sqlite":
        host = url.host or url.query.get("host") or "localhost"
        port = url.port or url.query.get("port") or PORT
        place = f"{host if isinstance(host, str) else ','.join(host)}:{port}/{place}"
    reason = " ".join(str(error.orig).split())
    if url.password:
        reason = reason.replace(str(url.password), "***")
    return {"place": place, "reason": reason[:LONGEST]}
