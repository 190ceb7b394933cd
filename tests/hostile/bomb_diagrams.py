"""Diagrams that never come to rest, or grow without end, and what sets each of them off (test H6).

Each is drawn so that it would run for ever, or fill the memory, in an engine that counts nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.engine import drawing as d
from tests.engine.test_tables import decision, file
from workflows.engine.runtime import Instance

BIG = "x" * 1_000
"""A part of large values: a hundred fit into the variables of a process."""
Bomb = Callable[[], object]


def _started(*nodes: str, events: str = "", files: dict[str, bytes] | None = None, **variables: Any) -> Instance:
    return d.begin(d.read(*nodes, events=events, files=files), variables)


def _parameters(kind: str, **values: str) -> str:
    """Local inputs, or outputs, of an activity."""
    entries = "".join(f'<camunda:{kind}Parameter name="{name}">{text}</camunda:{kind}Parameter>'
                      for name, text in values.items())
    return d.extensions(f"<camunda:inputOutput>{entries}</camunda:inputOutput>")


def _around(body: str, *more: str, **variables: Any) -> Instance:
    """`body`, with id b, again and again."""
    return _started(d.start(), d.xor("m"), body, d.xor("g", default="g__m"), d.end(), *more, d.flows("""
        start > m > b > g
        g > m
        g > end ? done"""), **{"done": False, **variables})


def _answering(id: str, hears: str, says: str) -> str:
    inner = d.start(f"{id}s", hears, isInterrupting="false") + d.end(f"{id}e", says)
    return d.sub(id, inner + d.flows(f"{id}s > {id}e"), triggeredByEvent="true")


def _each_other(kind: Callable[[str], str], name: str) -> Instance:
    """Two event subprocesses, each of which throws what starts the other."""
    return _started(d.start(), d.throw("t", kind("a")), d.user("u"), d.end(), d.flows("start > t > u > end"),
                    _answering("x", kind("a"), kind("b")), _answering("y", kind("b"), kind("a")),
                    events=f"{name}:a {name}:b")


def endless() -> Iterator[tuple[str, Bomb]]:
    """Loops without a wait."""
    yield "gateways alone", lambda: _around(d.xor("b"))
    yield "a task that passes", lambda: _around(d.node("manualTask", "b"))
    yield "tokens that double", lambda: _started(
        d.start(), d.xor("m"), d.par("p"), d.end(), d.flows("start > m > p\np > m\np > end"))
    yield "tokens that double at a task without a gateway", lambda: _started(
        d.start(), d.xor("m"), d.node("task", "t"), d.xor("n"), d.end(), d.flows(
            "start > m > t\nt > m\nt > n\nn > end"))
    link = '<bpmn:linkEventDefinition name="l"/>'
    yield "link events", lambda: _started(
        d.start(), d.xor("m"), d.xor("g", default="g__t"), d.throw("t", link), d.catch("c", link), d.end(),
        d.flows("start > m > g > t\nc > m\ng > end ? done"), done=False)
    yield "a standard loop", lambda: _around(d.node("task", "b", d.loop("${!done}", 999_999)))
    yield "an inclusive gateway", lambda: _around(d.inc("b"))
    yield "a subprocess", lambda: _around(d.sub("b", d.start("s") + d.end("e") + d.flows("s > e")))
    yield "signals", lambda: _each_other(d.signal, "signal")
    yield "messages", lambda: _each_other(d.message, "message")
    yield "escalations", lambda: _each_other(d.escalation, "escalation")
    count = d.start("s", d.conditional("${n > 0}"), isInterrupting="false") + d.node(
        "task", "add", _parameters("output", n="${n + 1}")) + d.end("e") + d.flows("s > add > e")
    yield "a condition that makes itself true", lambda: _started(
        d.start(), d.user("u"), d.end(), d.flows("start > u > end"), d.sub("x", count, triggeredByEvent="true"), n=1)


def timed() -> Iterator[tuple[str, Bomb]]:
    """Timers that are due the moment they are set."""
    for name, kind, text in (("no time at all", "timeDuration", "PT0S"), ("a day long ago", "timeDate", "2020-01-01")):
        def woken(kind: str = kind, text: str = text) -> None:
            _around(d.catch("b", d.timer(text, kind))).wake(d.NOW)
        yield f"a timer of {name}", woken

    def beside() -> None:
        instance = _started(d.start(), d.xor("m"), d.user("u"), d.boundary("t", "u", d.timer("PT0S")), d.end(),
                            d.flows("start > m > u > end\nt > m"))
        instance.wake(d.NOW)
    yield "a boundary timer of no time", beside


def calls() -> Iterator[tuple[str, Bomb]]:
    """Processes that call themselves or each other."""
    yield "a call of itself", lambda: _started(
        d.start(), d.call("c", "sample"), d.end(), d.flows("start > c > end"))
    yield "many calls of itself", lambda: _started(
        d.start(), d.call("c", "sample", inner=d.many(times="1000")), d.end(), d.flows("start > c > end"))
    other = d.read(d.start(), d.call("c", "sample"), d.end(), d.flows("start > c > end"), key="other")
    yield "two that call each other", lambda: d.begin(
        d.read(d.start(), d.call("c", "other"), d.end(), d.flows("start > c > end")), {}, other)
    copied = d.call("c", "idle", '<camunda:in variables="all"/>', d.many(times="400"))
    idle = d.read(d.start(), d.user("u"), d.end(), d.flows("start > u > end"), key="idle")
    yield "calls that copy everything", lambda: d.begin(
        d.read(d.start(), copied, d.end(), d.flows("start > c > end")), {"big": [BIG] * 200}, idle)


def many() -> Iterator[tuple[str, Bomb]]:
    """A million instances."""
    for name, loop, given in (
        ("a million", d.many(times="1000000"), {}),
        ("a million in turn", d.many(times="1000000", sequential=True), {}),
        ("a million, written as text", d.many(times="${n}"), {"n": "1000000"}),
        ("a number beyond all", d.many(times="${n * n}"), {"n": 10**14}),
        ("a collection of a hundred thousand", d.many("all", "one"), {"all": [1] * 100_000}),
    ):
        def begun(loop: str = loop, given: dict[str, Any] = given) -> None:
            _started(d.start(), d.user("u", loop), d.end(), d.flows("start > u > end"), **given)
        yield name, begun
    inner = d.start("s") + d.user("u", d.many(times="1000")) + d.end("e") + d.flows("s > u > e")
    yield "nine hundred times a thousand", lambda: _started(
        d.start(), d.sub("x", inner + d.many(times="900")), d.end(), d.flows("start > x > end"))


def heavy() -> Iterator[tuple[str, Bomb]]:
    """Few steps, much work or much data."""
    large = [BIG] * 150
    doubled, paired, copied = (
        d.node("task", "b", _parameters("output", v=text)) for text in ("${v + v}", "${[v, v]}", "${big}"))
    yield "a text that doubles", lambda: _around(doubled, v="ab")
    yield "a list that holds itself twice", lambda: _around(paired, v=[1])
    yield "a large variable copied in a loop", lambda: _around(copied, big=[1] * 9_000)
    yield "a large input of each instance", lambda: _started(
        d.start(), d.user("u", _parameters("input", mine="${big}") + d.many(times="900")), d.end(),
        d.flows("start > u > end"), big=[1] * 9_000)
    yield "inputs that add up", lambda: _started(
        d.start(), d.user("u", _parameters("input", mine="${big}") + d.many(times="60")), d.end(),
        d.flows("start > u > end"), big=[BIG] * 50)
    hard = " || ".join(["n == 1"] * 100)
    yield "hundreds of hard conditions in a loop", lambda: _started(
        d.start(), d.xor("m"), *(d.xor(f"x{n}", default=f"x{n}__x{n + 1}") for n in range(300)), d.xor("x300"),
        d.end(), d.flows("start > m > x0\nx300 > m" + "".join(
            f"\nx{n} > x{n + 1}\nx{n} > end ? {hard}" for n in range(300))), n=2)
    watched = d.start("s") + d.user("u") + d.end("e") + d.flows("s > u > e")
    watching = [d.boundary(f"w{n}", "x", d.conditional("${big[0] == n}"), interrupting=False) for n in range(300)]
    yield "hundreds that watch a large variable", lambda: _started(
        d.start(), d.sub("x", watched), *watching, *(d.end(f"e{n}") for n in range(300)), d.end(), d.flows(
            "start > x > end\n" + "\n".join(f"w{n} > e{n}" for n in range(300))), big=large, n=1)
    rules = file(decision([f"> {n} -> {n}" for n in range(600)], policy="COLLECT"))
    asked = d.node("businessRuleTask", "b", camunda_decisionRef="d", camunda_resultVariable="r",
                   camunda_mapDecisionResult="collectEntries")
    yield "a large table asked in a loop", lambda: _started(
        d.start(), d.xor("m"), asked, d.xor("g", default="g__m"), d.end(), d.flows(
            "start > m > b > g\ng > m\ng > end ? done"), files={"t.dmn": rules}, x=1, done=False)


def answers() -> Iterator[tuple[str, Bomb]]:
    """What people or programs send."""
    nodes = d.start(), d.user("u"), d.end(), d.flows("start > u > end")
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    yield "five megabytes at the start", lambda: _started(*nodes, big="x" * 5_000_000)
    yield "five megabytes in an answer", lambda: d.do(_started(*nodes), "u", big=[BIG] * 5_000)
    yield "a hundred thousand brackets", lambda: d.do(_started(*nodes), "u", deep=deep)

    def added() -> None:
        instance = _started(d.start(), d.xor("m"), d.user("u"), d.end(), d.flows("""
            start > m > u
            u > m ? !done
            u > end ? done"""), done=False)
        for number in range(40):
            given: dict[str, Any] = {f"v{number}": [BIG] * 9, "done": False}
            d.do(instance, "u", **given)
    yield "answers that add up", added

    def crowd() -> None:
        tasks = [d.user(f"t{n}") for n in range(400)]
        instance = _started(d.start(), d.user("u"), d.boundary("more", "u", d.signal("s"), interrupting=False), *tasks,
                            d.end(), d.flows("start > u > end\n" + "\n".join(f"more > t{n} > end" for n in range(400))),
                            events="signal:s")
        for _ in range(20):
            instance.send("s", {}, d.NOW)
    yield "a crowd that grows with each signal", crowd


def drawn() -> Iterator[tuple[str, Bomb]]:
    """Files that are too large or too deep to be read."""
    def nested(depth: int) -> str:
        if depth == 0:
            return d.start("s") + d.end("e") + d.flows("s > e")
        return d.start(f"s{depth}") + d.sub(f"x{depth}", nested(depth - 1)) + d.end(f"e{depth}") + d.flows(
            f"s{depth} > x{depth} > e{depth}")
    for depth in (16, 25, 200):
        yield f"{depth} subprocesses inside each other", lambda depth=depth: d.read(nested(depth))  # type: ignore[misc]
    yield "a diagram of two megabytes", lambda: d.read(
        d.start(), d.user("u", f"<bpmn:documentation>{'x' * 2_000_000}</bpmn:documentation>"), d.end(),
        d.flows("start > u > end"))
    yield "ten thousand tasks", lambda: d.read(
        d.start(), *(d.user(f"u{n}") for n in range(10_000)), d.end(), d.flows(
            "start > u0\n" + "\n".join(f"u{n} > u{n + 1}" for n in range(9_999)) + "\nu9999 > end"))


def every() -> list[tuple[str, Bomb]]:
    """All of them, with their names."""
    return [bomb for kind in (endless, timed, calls, many, heavy, answers, drawn) for bomb in kind()]
