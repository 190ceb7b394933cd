"""Moments and spans written in a diagram that can hardly be meant: past already, or years away.

Asked anew each time: a date that lies ahead today is past one day. What a variable gives is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from workflows.calendar import clock
from workflows.diagrams.proof import WARNING, Finding
from workflows.diagrams.soundness import finding
from workflows.diagrams.soundness_drawing import Drawing
from workflows.engine.definition import Definition
from workflows.engine.elements import Drawn
from workflows.engine.expressions import Expression
from workflows.engine.moments import read_cycle, read_due, read_duration
from workflows.errors import Incident, Invalid

LONGEST = "P5Y"
"""Longer than any time limit of a case: what waits longer is a slip of the pen, months for minutes say."""


def check(definition: Definition) -> Iterator[Finding]:
    """One warning for each timer that would fire at once or after more than `LONGEST`, and each step that would be due
    then, were a case to come there now.
    """
    drawing, now = Drawing(definition), clock.now()
    for node in drawing.nodes.values():
        timer = node.trigger.timer if node.trigger is not None else None
        due = node.assignment.due if node.assignment is not None else None
        if timer is not None:
            yield from _at(drawing, node, "check.timer", timer.value, now, repeated=timer.kind == "cycle")
        if due is not None:
            yield from _at(drawing, node, "check.due", due, now)


def _at(
    drawing: Drawing, node: Drawn, code: str, written: Expression, now: datetime, *, repeated: bool = False
) -> Iterator[Finding]:
    text = _text(written)
    if text is None:
        return
    try:
        # a day is a step's until its end, and a timer's from its beginning: as the desk and the engine read it
        due = read_cycle(text)[1].after(now) if repeated else read_due(text, now, end_of_day=code == "check.due")
    except Invalid:  # beyond all calendars; what can't be read at all was refused when the diagram was read
        due = datetime.max.replace(tzinfo=now.tzinfo)
    spans = text.startswith(("P", "R"))
    if due < now and not spans:
        yield finding(f"{code}_past", drawing, node.id, (), WARNING, value=text)
    elif due > read_duration(LONGEST).after(now):
        yield finding(f"{code}_far", drawing, node.id, (), WARNING, value=text, year=due.year)


def _text(written: Expression) -> str | None:
    """What is written; None where a variable gives it."""
    if written.names:
        return None
    try:
        value = written.evaluate({})
    except Incident:
        return None
    return value.strip() if isinstance(value, str) else None
