"""What notices are about, and what holds for each kind until somebody chooses otherwise: `topics.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from workflows import shipped

Channel = Literal["email", "webhook"]
Timing = Literal["at_once", "digest", "off"]

CHANNELS: dict[Channel, tuple[str, str]] = {"email": ("电子邮件", "E-mail"), "webhook": ("即时消息接口", "Webhook")}
"""Ways out of the house beside the page, where every notice stands in any case: id → (Chinese, English)."""

TIMINGS: dict[Timing, tuple[str, str]] = {
    "at_once": ("立即", "At once"), "digest": ("每日汇总", "Daily digest"), "off": ("不发送", "Never"),
}  # fmt: skip
"""When a notice goes out on a channel: id → (Chinese, English)."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One row of the choices. urgent: goes at once on every day, or never; hidden: nobody is asked about it."""

    id: str
    zh: str
    en: str
    kinds: tuple[str, ...]
    usual: dict[Channel, Timing]
    urgent: bool = False
    hidden: bool = False

    @property
    def timings(self) -> tuple[Timing, ...]:
        """What may be chosen: an urgent topic is not put off to a digest."""
        return ("at_once", "off") if self.urgent else ("at_once", "digest", "off")


@lru_cache(maxsize=1)
def topics() -> dict[str, Topic]:
    """All topics by id, in the order of the page."""
    read = shipped.read("workflows.notices", "topics.yaml")
    return {
        one["id"]: Topic(
            one["id"], one["zh"], one["en"], tuple(one["kinds"]), {name: one[name] for name in CHANNELS},
            bool(one.get("urgent")), bool(one.get("hidden")),
        )
        for one in read
    }  # fmt: skip


def topic_of(kind: str) -> Topic | None:
    """The topic of a kind of notice; None for one that is told on the page only."""
    return _by_kind().get(kind)


@lru_cache(maxsize=1)
def _by_kind() -> dict[str, Topic]:
    return {kind: topic for topic in topics().values() for kind in topic.kinds}
