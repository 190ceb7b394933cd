"""Timers and due dates that can hardly be meant are told of before a case waits for them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.diagrams.spoiling import drawn, flow, spoiled
from tests.engine import drawing as d
from webapp.sentences import sentence
from workflows.calendar import clock
from workflows.calendar.clock import SimulatedClock
from workflows.diagrams import checking, library, timings
from workflows.diagrams.proof import WARNING
from workflows.engine.definition import read
from workflows.engine.package import Package
from workflows.store import Store


@pytest.fixture(autouse=True)
def time() -> Iterator[SimulatedClock]:
    with clock.simulated(datetime(2026, 7, 15, 4, tzinfo=UTC)) as simulated:
        yield simulated


def found(kind: str, value: str, **step: str) -> list[tuple[str, str]]:
    """Code and element of what is found of a timer at the border of a step."""
    timer = f"<bpmn:timerEventDefinition><bpmn:{kind}>{value}</bpmn:{kind}></bpmn:timerEventDefinition>"
    drawn = d.draw(
        d.start(), d.user("wait", name="wait", camunda_candidateGroups="case_officer", **step),
        d.boundary("late", "wait", timer, interrupting=False), d.end("over"), d.end("chased"),
        d.flows("start > wait > over\nlate > chased"), key="sample",
    )  # fmt: skip
    told = list(timings.check(read(Package("sample", {"sample.bpmn": drawn}))))
    assert all(one.severity == WARNING for one in told)
    return [(one.code, one.element) for one in told]


@pytest.mark.parametrize(("kind", "value", "code"), [
    ("timeDate", "2026-07-15T11:59:00", "check.timer_past"), ("timeDate", "2019-01-01", "check.timer_past"),
    ("timeDate", "2026-07-15T12:01:00", ""), ("timeDate", "2031-07-15T11:59:00+08:00", ""),
    ("timeDate", "2031-07-16T00:00:00", "check.timer_far"), ("timeDate", "9999-12-31T23:59:59", "check.timer_far"),
    ("timeDuration", "P5Y", ""), ("timeDuration", "P5Y1D", "check.timer_far"), ("timeDuration", "PT15M", ""),
    ("timeDuration", "P30M", ""), ("timeDuration", "P90M", "check.timer_far"),
    ("timeDuration", "P99999D", "check.timer_far"), ("timeDuration", "PT0S", ""),
    ("timeDuration", "${duration('P600Y')}", ""), ("timeDuration", "${wait_for}", ""), ("timeDate", "${day}", ""),
    ("timeCycle", "R/P1D", ""), ("timeCycle", "R3/P6Y", "check.timer_far"),
    ("timeDuration", "P999Y9999M99999D", "check.timer_far"),
])  # fmt: skip
def test_a_timer_of_the_past_or_of_another_decade_is_told_at_its_event(kind: str, value: str, code: str) -> None:
    assert found(kind, value) == ([(code, "late")] if code else [])


@pytest.mark.parametrize(("due", "code"), [
    ("2026-07-14", "check.due_past"), ("2026-07-15", ""), ("P7D", ""), ("P7Y", "check.due_far"), ("${day}", ""),
])  # fmt: skip
def test_the_due_date_of_a_step_is_looked_at_too(due: str, code: str) -> None:
    assert found("timeDuration", "P1D", camunda_dueDate=due) == ([(code, "wait")] if code else [])


def test_a_date_that_lies_ahead_today_is_told_of_once_it_has_passed(demo_store: Store, time: SimulatedClock) -> None:
    border = ('<bpmn:boundaryEvent id="late" attachedToRef="sign_minutes" cancelActivity="false">'
              "<bpmn:timerEventDefinition><bpmn:timeDate>2026-08-01</bpmn:timeDate></bpmn:timerEventDefinition>"
              "</bpmn:boundaryEvent>")  # fmt: skip
    package = spoiled("collective_decision", drawn(border + '<bpmn:endEvent id="on"/>' + flow("late", "on")))
    told = []
    for month in (7, 8):
        time.set(datetime(2026, month, 16, tzinfo=UTC))
        with demo_store.read() as session:
            told.append([one.element for one in checking.findings(session, package) if one.code == "check.timer_past"])
    assert told == [[], ["late"]]


def test_the_shipped_processes_wait_for_nothing_of_the_kind() -> None:
    for key, package in library.shipped().items():
        assert list(timings.check(read(package, published=True))) == [], key


def test_what_is_told_names_the_year() -> None:
    facts = {"value": "P90M", "year": 2034, "place": ""}
    assert sentence("check.timer_far", facts, "zh") == "计时事件写的是“P90M”，要到 2034 年才触发，距今超过五年。"
