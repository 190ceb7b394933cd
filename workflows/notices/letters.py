"""What a notice says outside of the house: what it is about, the number of the case, a link. Nothing else of a case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from workflows.calendar import clock
from workflows.notices.mail import Letter
from workflows.notices.topics import topics


@dataclass(frozen=True, slots=True)
class Item:
    """One notice, reduced to what may leave the house. number: empty where there is none or it may not be told."""

    topic: str
    number: str
    path: str
    at: datetime


def letter(id: str, to: str, name: str, items: Sequence[Item], *, address: str, language: str, digest: bool) -> Letter:
    """An e-mail that tells of the items, in somebody's language. address: of the house, for links; empty: none."""
    say = _sayer("en" if language == "en" else "zh")
    facts = {"name": name, "count": len(items), "foot": say("foot")}
    told = [_told(item, address, say) for item in items]
    if digest:
        lines = "\n".join(say("line", **one) for one in told)
        subject, text = say("subject_digest", **facts), say("many", lines=lines, **facts)
    else:
        (item,), (one,) = items, told
        number = say("number", number=item.number) if item.number else ""
        link = say("open", link=one["link"]) if address else one["link"]
        subject, text = say("subject", topic=one["topic"], number=number), say("one", **{**facts, **one, "link": link})
    return Letter(id, to, subject, text, clock.now())


def content(items: Sequence[Item], *, address: str, digest: bool) -> dict[str, Any]:
    """The JSON of a webhook that tells of the items: ids of topics, for a program to put into words."""
    return {
        "type": "digest" if digest else "notice",
        "notices": [
            {"topic": item.topic, "name": topics()[item.topic].zh, "case_number": item.number or None,
             "url": address + item.path if address else None, "at": clock.local(item.at).isoformat(timespec="seconds")}
            for item in items
        ],
    }  # fmt: skip


class _Sayer:
    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, name: str, **facts: Any) -> str:
        return str(_texts()[name][self.language]).format(**facts)


@lru_cache(maxsize=2)
def _sayer(language: str) -> _Sayer:
    return _Sayer(language)


def _told(item: Item, address: str, say: _Sayer) -> dict[str, str]:
    topic = topics()[item.topic]
    return {
        "topic": topic.en if say.language == "en" else topic.zh, "number": item.number or say("no_number"),
        "at": clock.local(item.at).strftime("%Y-%m-%d %H:%M"),
        "link": address + item.path if address else say("no_link"),
    }  # fmt: skip


@lru_cache(maxsize=1)
def _texts() -> dict[str, dict[str, str]]:
    read: dict[str, dict[str, str]] = yaml.safe_load(
        (files("workflows.notices") / "letters.yaml").read_text("utf-8")
    )
    return read
