"""Reading the ledger: a stream, a case's timeline, and an entry as a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from functools import cache
from string import Formatter
from types import MappingProxyType
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import shipped
from workflows.actors import ROLES
from workflows.calendar import clock
from workflows.ledger.entries import Entry, EntryRow, entry_of

LANGUAGES = ("zh", "en")
BESIDE = frozenset({"people", "from_name", "absent", "starts_on", "ends_on", "why", "whom", "by_name", "signed_by"})
"""What a sentence may tell that stands beside its entry, where the reader knows it: who a step waits for, which step
another was returned from, for whom, when and why a substitute acts, whom a time limit or a publication concerns, and
who did and who signed a step.
"""
DANGLING = "\N{FULLWIDTH COLON}\N{FULLWIDTH COMMA}:, "
"""What an empty last field leaves behind at a sentence's end."""



def _names_of_roles() -> Mapping[str, Mapping[str, str]]:
    return {role: dict(zip(LANGUAGES, names, strict=True)) for role, names in ROLES.items()}


_named: dict[str, Callable[[], Mapping[str, Mapping[str, str]]]] = {"role": _names_of_roles, "roles": _names_of_roles}


def history(session: Session, stream: str, *, only: Collection[str] = ()) -> list[Entry]:
    """All entries of a stream in their order. only: names of events; the others are passed over by the database."""
    wanted = select(EntryRow).where(EntryRow.stream == stream).order_by(EntryRow.seq)
    if only:
        wanted = wanted.where(EntryRow.event.in_(only))
    return [entry_of(row) for row in session.execute(wanted).scalars()]


def of_event(session: Session, stream: str, event: str) -> list[Entry]:
    """The entries of one rare event in a long stream, in their order: found by the event, whatever else it holds."""
    wanted = select(EntryRow).where(EntryRow.event == event)
    found = [entry_of(row) for row in session.execute(wanted).scalars() if row.stream == stream]
    return sorted(found, key=lambda entry: entry.seq)


ASIDE = ("RemarkMade", "PageNotePinned", "PageNoteWithdrawn")
"""Events that the chain keeps and no account of the case tells: even that something was said is for its readers."""


def timeline(session: Session, case_id: str) -> list[Entry]:
    """All entries about a case, those of its meetings too, in the order of recording; but what was said aside.

    Entries of one stream keep their order whatever the clock said: one that was set back counts as standing still.
    """
    rows = session.execute(
        select(EntryRow).where(EntryRow.case_id == case_id, EntryRow.event.not_in(ASIDE))
        .order_by(EntryRow.stream, EntryRow.seq)
    ).scalars()
    latest: dict[str, datetime] = {}
    placed = []
    for row in rows:
        latest[row.stream] = max(latest.get(row.stream, row.recorded_at), row.recorded_at)
        placed.append((latest[row.stream], row))
    placed.sort(key=lambda one: one[0])  # stable: streams side by side, each in its order
    return [entry_of(row) for _, row in placed]


def describe(entry: Entry, language: str = "zh", beside: Mapping[str, Any] = MappingProxyType({})) -> str:
    """What an entry tells, as one line for a timeline. language: "zh" or "en"; beside: facts named in `BESIDE`.

    The sentences stand in `sentences.yaml`. An event without one (of a newer or a removed room) is told by its name.
    """
    language = language if language in LANGUAGES else "zh"
    template = _sentence(entry).get(language)
    if template is None:
        return entry.event
    within = {f"{key}_{name}": one for key, value in entry.data.items() if isinstance(value, Mapping)
              for name, one in value.items() if isinstance(one, str)}  # fmt: skip
    shown = _Shown({key: _word(key, value, language) for key, value in {**within, **entry.data, **beside}.items()})
    told = _CLAUSE.sub(lambda clause: _clause(clause[1], shown), str(template)).format_map(shown)
    return _STOPPED.sub("", told).rstrip(DANGLING)


def _sentence(entry: Entry) -> Mapping[str, str]:
    """The sentence of an event in each language: that for the value of a field, where there is one, else its own."""
    sentences = sentences_of_events()
    for field, by_value in sentences["variants"].get(entry.event, {}).items():
        if (found := by_value.get(str(entry.data.get(field)))) is not None:
            return cast(Mapping[str, str], found)
    return cast(Mapping[str, str], sentences["events"].get(entry.event, {}))


def name_codes(field: str, words: Callable[[], Mapping[str, Mapping[str, str]]]) -> None:
    """Let another room say how the codes of a field read: code → {zh, en}. Asked when a sentence is made."""
    _named[field] = words


@cache
def sentences_of_events() -> Mapping[str, Any]:
    """The content of `sentences.yaml`: events → {zh, en}, words → field → code → {zh, en}."""
    loaded: Mapping[str, Any] = shipped.read("workflows.ledger", "sentences.yaml")
    return loaded


_CLAUSE = re.compile(r"\[([^\[\]]*)\]")
"""A part of a sentence in brackets is told only when a field in it says something."""


_STOPPED = re.compile(r"[。；]+(?=[，；）,)])")
"""The full stop of what somebody wrote, where the sentence goes on behind it."""


def _clause(text: str, shown: _Shown) -> str:
    fields = [name for _, name, _, _ in Formatter().parse(text) if name]
    return text if any(shown.get(name) for name in fields) else ""


class _Shown(dict[str, str]):
    """Fields of an entry; one that an older version of the event did not have is empty."""

    def __missing__(self, key: str) -> str:
        return ""


def _word(field: str, value: Any, language: str) -> str:
    """A field's value as one reads it: a code as its word, money in yuan, a moment in Asia/Shanghai."""
    if isinstance(value, list):
        return ("、" if language == "zh" else ", ").join(_word(field, item, language) for item in value)
    words = _named[field]() if field in _named else sentences_of_events()["words"].get(field, {})
    code = ("no", "yes")[value] if isinstance(value, bool) else str(value) if isinstance(value, int) else value
    if isinstance(code, str):
        word = words.get(code) or words.get("other")
        if word is not None:
            return str(word[language])
    if value is None:
        return ""
    if field.endswith("_fen") and isinstance(value, int):
        return f"{value / 100:,.2f}"
    if isinstance(value, str) and field.endswith(("_at", "_on")):
        return _day_or_moment(value, language)
    return str(value)


def _day_or_moment(written: str, language: str) -> str:
    """A day or moment as one reads it; as it stands where an answer wrote something else."""
    try:
        if "T" not in written:
            day = date.fromisoformat(written)
            return f"{day.year}年{day.month}月{day.day}日" if language == "zh" else written
        moment = datetime.fromisoformat(written)  # answers write moments in a form of their own, some without a zone
        local = clock.local(moment if moment.tzinfo else moment.replace(tzinfo=clock.SHANGHAI))
    except ValueError:
        return written
    clock_time = f"{local:%H:%M}"
    if language == "zh":
        return f"{local.year}年{local.month}月{local.day}日{clock_time}"
    return f"{local:%Y-%m-%d} {clock_time}"
