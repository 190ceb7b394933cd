"""What an instance may weigh when it comes to rest, so that no diagram and no answer makes cases that nobody can load.

How much one command may do is counted while it runs (`scopes.Run.count_step`, `spend`).
"""

from __future__ import annotations

from workflows.engine.payload import MAX_VARIABLES, dump
from workflows.engine.scopes import Run
from workflows.errors import Incident

MAX_LIVE = 3_000
"""Live tokens of an instance: a vote of a thousand, with room for what is beside it."""
MAX_STATE = 2_000_000
"""Characters of all that is stored of an instance: the variables of its processes and what its tokens hold."""


def check(run: Run) -> None:
    """Raises Incident ("engine.variables_too_large", "engine.too_many_tokens", "engine.state_too_large")."""
    total = 0
    for scope in run.scopes():
        size = len(dump(scope.variables)) if scope.variables is not None else 0
        if size > MAX_VARIABLES:
            raise Incident("engine.variables_too_large", limit=MAX_VARIABLES)
        total += size
    tokens = run.tokens()
    if len(tokens) > MAX_LIVE:
        raise Incident("engine.too_many_tokens", limit=MAX_LIVE)
    total += sum(len(dump(part)) for token in tokens for part in (token.data, token.internal_data) if part)
    if total > MAX_STATE:
        raise Incident("engine.state_too_large", limit=MAX_STATE)
