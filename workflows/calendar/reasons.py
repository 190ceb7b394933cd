"""为什么是这一天: the computation of a clock's end, worded for people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from workflows import shipped
from workflows.calendar.clock import local
from workflows.calendar.clocks import Clock
from workflows.calendar.days import HOLIDAYS


def explain(clock: Clock, language: str = "zh") -> list[str]:
    """Why the clock ends when it ends: one sentence a step, the legal source first. language: "zh" or "en"."""
    language = language if language in ("zh", "en") else "zh"
    sentences = _sentences()
    rule = clock.version_of_rule
    first = {
        "rule": rule.names[language], "article": rule.article, "amount": clock.terms["amount"],
        "unit": _unit(clock.terms["unit"], clock.terms["amount"], language),
    }  # fmt: skip
    told = [str(sentences["steps"]["rule"][language]).format_map(first)]
    for step in clock.reason:
        template = str(sentences["steps"][step["step"]][language])
        words = {key: _word(key, value, step, language) for key, value in step.items()}
        told.append(template.format_map({**words, "span": _span(words, language)}))
    stopped = clock.stopped_at
    if stopped is not None:
        template = str(sentences["steps"]["stopped"][language])
        told.append(template.format_map({
            "day": _day(stopped.isoformat(), language), "reason": clock.suspensions[-1]["reason"],
        }))  # fmt: skip
    return told


@cache
def _sentences() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = shipped.read("workflows.calendar", "sentences.yaml")
    return loaded


def _word(key: str, value: Any, step: Mapping[str, Any], language: str) -> str:
    if key in ("day", "from", "to", "moment"):
        return _day(str(value), language)
    if key == "unit":
        return _unit(str(value), step.get("amount", 1), language)
    if key == "note":
        return _note(str(value), language)
    return str(value)


def _span(words: Mapping[str, str], language: str) -> str:
    """From one day to another, or the one day that both are."""
    if words.get("from") == words.get("to"):
        return words.get("from", "")
    return f"{words.get('from')}{'至' if language == 'zh' else ' to '}{words.get('to')}"


def _unit(unit: str, amount: int, language: str) -> str:
    word = _sentences()["units"][unit][language]
    return str(word[0 if amount == 1 else 1] if language == "en" else word)


def _note(note: str, language: str) -> str:
    if not note:
        return str(_sentences()["weekend"][language])
    if language == "zh":
        return note
    return ", ".join(HOLIDAYS.get(name.removesuffix("调休"), name) for name in note.split("、"))


def _day(written: str, language: str) -> str:
    if "T" not in written:
        day = date.fromisoformat(written)
        return f"{day.year}年{day.month}月{day.day}日" if language == "zh" else written
    moment = datetime.fromisoformat(written)
    moment = moment if moment.tzinfo is None else local(moment)  # steps hold Shanghai minutes
    if language == "en":
        return f"{moment:%Y-%m-%d %H:%M}"
    return f"{moment.year}年{moment.month}月{moment.day}日{moment:%H}时{moment:%M}分"
