"""The closed list of what service tasks may do, by name: functions and topics registered at import, never code.

A handler runs inside of the command. What takes time or leaves the system is an external task of a topic: the token
waits until a worker of this installation completes it (`Instance.external`, `complete_external`, `fail_external`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from workflows.errors import Incident

Handler = Callable[[Mapping[str, Any]], Mapping[str, Any]]
_handlers: dict[str, Handler] = {}
_topics: set[str] = set()


def register(name: str, handler: Handler) -> None:
    """Make a handler known to service tasks with camunda:delegateExpression="${name}".

    It gets the variables it sees and returns those to set; it must be pure (no database, clock or network), since it
    runs inside of a command. Raises ValueError for a name twice.
    """
    if name in _handlers:
        raise ValueError(f"handler {name!r} is registered twice")
    _handlers[name] = handler


def serve(topic: str) -> None:
    """Make a topic known to external tasks; who calls this has a worker for it. Raises ValueError for one twice."""
    if topic in _topics:
        raise ValueError(f"topic {topic!r} is served twice")
    _topics.add(topic)


def known_topics() -> Collection[str]:
    """The topics that a diagram may name when it is published: others would wait for ever."""
    return frozenset(_topics)


def known_handlers() -> Collection[str]:
    """The names that service tasks may use when a diagram is published."""
    return _handlers.keys()


def handle(name: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Run a handler.

    Raises Incident: "engine.handler_missing" if this installation has none of that name, "engine.handler_failed" for
    whatever it raises itself.
    """
    if name not in _handlers:
        raise Incident("engine.handler_missing", handler=name)
    try:
        return _handlers[name](variables)
    except Incident:
        raise
    except Exception as error:
        raise Incident("engine.handler_failed", handler=name, reason=f"{type(error).__name__}: {error}") from error
