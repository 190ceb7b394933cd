"""Who calls an interface: a machine account, by its token as Bearer or as the password of Basic."""

from __future__ import annotations

from typing import cast

from flask import g, request

from webapp.house import house
from workflows.errors import Forbidden
from workflows.external import accounts
from workflows.external.accounts import Machine


def authenticate() -> None:
    """Find the machine of this request. Raises Forbidden("machine.refused") for anybody else."""
    given = request.authorization
    name, token = None, None
    if given is not None and given.type == "bearer":
        token = given.token
    elif given is not None and given.type == "basic":
        name, token = given.username or "", given.password
    found = None
    if token and len(token) <= 200:
        with house().store.read() as session:
            found = accounts.known(session, token, name)
    if found is None:
        raise Forbidden("machine.refused")
    g.machine = found


def machine() -> Machine:
    """The machine that is asking; only behind `authenticate`."""
    return cast(Machine, g.machine)
