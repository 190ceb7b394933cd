"""How a closed gate says why: the law it holds, what is wrong and what to do, in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from workflows.calendar import clock
from workflows.cases.gate_words import REASONS
from workflows.errors import GateClosed

ARTICLES: dict[str, str] = {
    "G1": "《行政处罚法》第四十二条",
    "G2": "《行政处罚法》第四十四条、第六十二条",
    "G3": "《行政处罚法》第六十三条至第六十五条",
    "G4": "《行政处罚法》第五十八条第一款",
    "G5": "《行政处罚法》第五十八条第二款",
    "G6": "《行政处罚法》第五十七条第二款",
    "G7": "《行政处罚法》第五条第二款、第三十二条",
    "G8": "《行政处罚法》第四十五条第二款",
    "G9": "《行政处罚法》第二十七条、国务院令第310号第三条、第十一条",
    "G12": "《行政强制法》第十七条至第十九条",
    "G16": "行政执法案卷评查标准（程序倒置、缺少编号）",
}
"""Which law each gate holds."""


def closed(gate: str, cause: str, **facts: Any) -> GateClosed:
    """The refusal of a gate: `gate` is its number ("G4"), `cause` a key of REASONS, `facts` what its words name."""
    reason = {}
    for position, language in enumerate(("zh", "en")):
        words = {key: _say(value, language) for key, value in facts.items()}
        reason[language] = REASONS[cause][position].format(**words)
    return GateClosed(f"gate.{gate}", article=ARTICLES[gate], cause=cause, reason=reason, **facts)


def last_day(due: datetime) -> date:
    """The last day of a window that closes at `due`: one that ends at 24:00 closes with its day."""
    return clock.local(due - timedelta(microseconds=1)).date()


def yuan(fen: int) -> str:
    """An amount in fen (分) written in yuan."""
    return f"{fen / 100:,.2f}".removesuffix(".00")


def pair(words: Mapping[str, tuple[str, str]], key: str) -> dict[str, str]:
    """The words of one key in both languages; an unknown key stands for itself."""
    zh, en = words.get(key, (key, key))
    return {"zh": zh, "en": en}


def pairs(words: Mapping[str, tuple[str, str]], keys: Iterable[str]) -> dict[str, str]:
    """The words of several keys, joined as each language joins them."""
    pairs = [pair(words, key) for key in keys]
    return {"zh": "、".join(pair["zh"] for pair in pairs), "en": ", ".join(pair["en"] for pair in pairs)}


def _say(value: Any, language: str) -> str:
    if isinstance(value, datetime):
        shown = clock.local(value)
        return f"{last_day(value)} 24:00" if shown.hour == shown.minute == 0 else shown.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, Mapping):
        return str(value[language])
    if isinstance(value, list):
        return ("、" if language == "zh" else ", ").join(map(str, value))
    return "—" if value is None else str(value)
