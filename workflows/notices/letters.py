"""What a notice says outside of the house: what it is about, the number of the case, a link. Nothing else of a case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from workflows import shipped
from workflows.calendar import clock
from workflows.notices.mail import Letter
from workflows.notices.topics import topics


@dataclass(frozen=True, slots=True)
class Item:
    """One notice, reduced to what may leave the house.

    number: of the case; empty where it has none yet or may not be told, None where the notice is about no case.
    """

    topic: str
    number: str | None
    path: str
    at: datetime


def letter(id: str, to: str, name: str, items: Sequence[Item], *, address: str, language: str, digest: bool) -> Letter:
    """An e-mail that tells of the items, in somebody's language. address: of the house, for links; empty: none."""
    written = "en" if language == "en" else "zh"
    say = partial(_say, written)
    facts = {"name": name, "count": len(items), "foot": say("foot")}
    told = [_told(item, address, written, say) for item in items]
    if digest:
        lines = "\n".join(say("line", **one) for one in told)
        subject, text = say("subject_digest", **facts), say("many", lines=lines, **facts)
    else:
        (item,), (one,) = items, told
        number = say("number", number=item.number) if item.number else ""
        link = say("open", link=one["link"]) if address else one["link"]
        case = "" if item.number is None else say("case", number=one["number"])
        subject = say("subject", topic=one["topic"], number=number)
        text = say("one", **{**facts, **one, "link": link, "case": case})
    return Letter(id, to, subject, text, clock.now())


def content(items: Sequence[Item], *, address: str, digest: bool) -> dict[str, Any]:
    """The JSON of a webhook that tells of the items: ids of topics, for a program to put into words.

    where: in words, how the notice is found, for a house without an address, whose `url` is null.
    """
    return {
        "type": "digest" if digest else "notice",
        "notices": [
            {"topic": item.topic, "name": topics()[item.topic].zh, "case_number": item.number or None,
             "url": address + item.path if address else None, "at": clock.local(item.at).isoformat(timespec="seconds"),
             **({} if address else {"where": _no_link(item, partial(_say, "zh"))})}
            for item in items
        ],
    }  # fmt: skip


Say = Callable[..., str]
"""The text of an id in one language, its facts filled in."""


def _say(language: str, text: str, /, **facts: Any) -> str:
    return _texts()[text][language].format(**facts)


def _told(item: Item, address: str, language: str, say: Say) -> dict[str, str]:
    topic = topics()[item.topic]
    return {
        "topic": topic.en if language == "en" else topic.zh, "number": _number(item, say),
        "at": clock.local(item.at).strftime("%Y-%m-%d %H:%M"),
        "link": address + item.path if address else _no_link(item, say),
    }  # fmt: skip


def _no_link(item: Item, say: Say) -> str:
    """Where to look for a notice without a link."""
    return say("no_link_number", number=item.number) if item.number else say("no_link")


def _number(item: Item, say: Say) -> str:
    if item.number is None:
        return ""
    return item.number or say("no_number")


@lru_cache(maxsize=1)
def _texts() -> dict[str, dict[str, str]]:
    read: dict[str, dict[str, str]] = shipped.read("workflows.notices", "letters.yaml")
    return read
