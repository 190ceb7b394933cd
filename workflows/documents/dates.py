"""Days as documents write them."""

from __future__ import annotations

from datetime import date, datetime

from workflows.calendar import clock

FIGURES = "〇一二三四五六七八九"


def day(value: date) -> str:
    """In figures, without leading zeros: 2023年4月13日 (GB/T 9704-2012, 7.3.5.4)."""
    return f"{value.year}年{value.month}月{value.day}日"


def day_in_characters(value: date) -> str:
    """In Chinese characters, as seals and old forms have it: 二〇二三年四月十三日."""
    year = "".join(FIGURES[int(figure)] for figure in str(value.year))
    return f"{year}年{_below_hundred(value.month)}月{_below_hundred(value.day)}日"


def moment(value: datetime) -> str:
    """A moment in Asia/Shanghai, to the minute: 2024年3月9日14时05分."""
    local = clock.local(value)
    return f"{day(local.date())}{local.hour}时{local.minute:02d}分"


def _below_hundred(number: int) -> str:
    tens, ones = divmod(number, 10)
    head = "" if not tens else "十" if tens == 1 else f"{FIGURES[tens]}十"
    return head + (FIGURES[ones] if ones else "")
