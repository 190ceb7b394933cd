"""What the running server has: settings, the database, the files; and who is asking.

Only `webapp` asks here. Commands below get sessions and actors as values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import current_app, request
from flask_login import current_user

from webapp.characters import marked
from webapp.settings import Settings
from workflows.actors import Actor
from workflows.files import Files
from workflows.sessions import Client
from workflows.store import Store


@dataclass(frozen=True, slots=True)
class House:
    """One installation: its settings, its database and its file store."""

    settings: Settings
    store: Store
    files: Files


def house() -> House:
    """The installation that this request belongs to."""
    return cast(House, current_app.extensions["fashen"])


def actor() -> Actor:
    """Who is asking, as a frozen value. Only for endpoints that the role table keeps from strangers."""
    return cast(Actor, current_user.actor)


def client() -> Client:
    """Where the request came from."""
    return Client(marked(request.remote_addr or ""), marked(request.headers.get("User-Agent", "")))
