"""Reading a case's timeline (流转记录) as somebody who was not there: who did what, for whom, when and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import html

from tests.cases.operators.carrying import Office
from workflows import play
from workflows.calendar import clock


@dataclass(frozen=True)
class Line:
    """One line of the page, as it reads."""

    when: str
    who: str
    what: str


def lines(page: str) -> list[Line]:
    """The lines of the page, oldest first."""
    rows = html.fromstring(page).xpath("//ol[@class='timeline']/li")
    return [Line(*(_text(row, name) for name in ("when", "who", "what"))) for row in reversed(rows)]


def _text(row: Any, name: str) -> str:
    (found,) = row.xpath(f"./span[@class='{name}']")
    return " ".join(found.text_content().split())


def told(office: Office, steps: Iterable[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], Line]]:
    """What must be read of the operators in a case, in order; `what` holds the parts that the line tells."""
    found, orders = [], {}
    for step in steps:
        if step.get("operator") == "substitute":  # stands in the person's own record; told where it is used
            orders[step.get("whose", step["by"]), step["person"]] = step["text"]
            continue
        name, who = office.named(step["task"]), office.name(step["by"])
        match step:
            case {"operator": "claim"}:
                parts = ["认领任务", name]
            case {"operator": "round_add", "person": person}:
                parts = ["会签加签", name, f"增加{office.name(person)}会签", step["text"]]
            case {"operator": "sign", "person": person}:
                parts = ["并加签", name, f"由{office.name(person)}签署", step["text"]]
            case {"operator": "return", "how": "again"}:
                parts = ["退回：", f"由{name}退回至{office.named(step['target'])}", step["text"]]
            case {"operator": "return"}:
                parts = ["退回补正", f"由{name}退回至{office.named(step['target'])}", step["text"]]
            case {"operator": "withdraw"}:
                parts = ["撤回", name, step["text"]]
            case {"for": absent}:
                who = f"{who}（代{office.name(absent)}）"
                reason = orders[absent, step["by"]]
                parts = ["办结任务", name, f"受{office.name(absent)}委托代办", f"事由：{reason}"]
        when = clock.local(play.moment(step["at"])).strftime("%Y-%m-%d %H:%M")
        found.append((step, Line(when, who, "\n".join(parts))))
    return found


def unread(page: str, wanted: list[tuple[Mapping[str, Any], Line]]) -> list[str]:
    """What the page does not tell, or not in its order."""
    left, missing = iter(lines(page)), []
    for step, line in wanted:
        if not any(_tells(one, line) for one in left):
            missing.append(f"{step}: {line}")
            left = iter(lines(page))
    return missing


def _tells(line: Line, wanted: Line) -> bool:
    parts = wanted.what.splitlines()
    return line.when == wanted.when and line.who.startswith(wanted.who) and all(part in line.what for part in parts)
