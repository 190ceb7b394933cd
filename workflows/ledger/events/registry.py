"""Which events the ledger knows: past-tense, frozen dataclasses, each with a schema version.

An event's fields are what the canonical form can write: str, int, bool, None, Decimal, date, datetime with a zone,
lists, tuples and dicts of these. A changed meaning or a removed field is a new version: the old class stays, registered
under the same name with its old version, so that old entries can still be read.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from workflows.errors import NotFound
from workflows.ledger.canonical import read_moment

EventClass = TypeVar("EventClass", bound=type)

_classes: dict[tuple[str, int], type] = {}
_identities: dict[type, tuple[str, int]] = {}


def recorded(*, version: int, name: str | None = None) -> Callable[[EventClass], EventClass]:
    """Register a frozen dataclass as an event.

    version: of its schema, from 1; name: the class's own name unless this is an old version kept for reading.
    Raises TypeError when the class is no frozen dataclass and ValueError when name and version are taken.
    """

    def register(cls: EventClass) -> EventClass:
        parameters = getattr(cls, "__dataclass_params__", None)
        if parameters is None or not parameters.frozen:
            raise TypeError(f"{cls.__name__} is no frozen dataclass")
        identity = (name or cls.__name__, version)
        if identity in _classes:
            raise ValueError(f"the event {identity} is registered already")
        _classes[identity] = cls
        _identities[cls] = identity
        return cls

    return register


def registered() -> Mapping[tuple[str, int], type]:
    """All known events: (name, version) → class."""
    return types.MappingProxyType(_classes)


def identify(event: object) -> tuple[str, int]:
    """Name and version of an event. Raises TypeError for what is not registered."""
    identity = _identities.get(type(event))
    if identity is None:
        raise TypeError(f"{type(event).__name__} is no recorded event")
    return identity


def to_data(event: Any) -> dict[str, Any]:
    """The event's fields, not yet in their written form."""
    return {field.name: getattr(event, field.name) for field in dataclasses.fields(event)}


def from_data(name: str, version: int, data: Mapping[str, Any]) -> Any:
    """The event that an entry's parsed data tells of, with days, moments and decimals as such again.

    Raises NotFound("ledger.event_unknown") for an unknown name or version.
    """
    cls = _classes.get((name, version))
    if cls is None:
        raise NotFound("ledger.event_unknown", event=name, version=version)
    hints = typing.get_type_hints(cls)
    return cls(**{key: _revive(value, hints[key]) for key, value in data.items() if key in hints})


def _revive(value: Any, hint: Any) -> Any:
    if value is None:
        return None
    arguments = typing.get_args(hint)
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        kinds = [kind for kind in arguments if kind is not types.NoneType]
        return _revive(value, kinds[0]) if len(kinds) == 1 else value
    if origin in (list, tuple) and isinstance(value, list):
        items = [_revive(item, arguments[0]) for item in value] if arguments else value
        return tuple(items) if origin is tuple else items
    if not isinstance(value, str):
        return value
    if hint is datetime:
        return read_moment(value)
    if hint is date:
        return date.fromisoformat(value)
    return Decimal(value) if hint is Decimal else value
