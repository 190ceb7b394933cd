"""A legal review with a second counsel above a threshold, as the editor draws it, is sound and keeps to the law."""

from __future__ import annotations

from pathlib import Path

from workflows.diagrams import checking, description, library
from workflows.engine.definition import read
from workflows.engine.package import Package

DRAWN = (Path(__file__).parents[1] / "browser" / "data" / "second_counsel.bpmn").read_bytes()
SHIPPED = library.shipped()
KEY = "legal_review"


APART = b"\napart: {Activity_0qvgr5g: [counsel_review]}\n"


def found(drawn: bytes, apart: bytes = APART) -> set[tuple[str, str]]:
    published = {key: read(package, published=True) for key, package in SHIPPED.items()}
    described = SHIPPED[KEY].files[description.FILE] + apart
    package = Package(KEY, {**SHIPPED[KEY].files, f"{KEY}.bpmn": drawn, description.FILE: described})
    return {(one.code, one.severity) for one in checking.check(package, published)}


def test_it_can_be_published_as_it_is() -> None:
    assert found(DRAWN) == set()


def test_the_first_counsel_could_be_the_second_too_where_nothing_keeps_them_apart() -> None:
    assert found(DRAWN, b"") == {("check.same_reviewer", "warning")}


def test_a_gateway_whose_conditions_may_all_fail_needs_a_default() -> None:
    assert ("lint.no_default", "error") in found(DRAWN.replace(b"${true}", b"${fine_entity_max &gt;= 1}"))


def test_a_second_counsel_who_waits_for_nobody_stops_the_case() -> None:
    join = b'<bpmn:inclusiveGateway id="Gateway_0zkzq3n">'
    assert join in DRAWN
    parallel = DRAWN.replace(join, b'<bpmn:parallelGateway id="Gateway_0zkzq3n">')
    at = parallel.index(b"</bpmn:inclusiveGateway>", parallel.index(b'id="Gateway_0zkzq3n"'))
    parallel = parallel[:at] + parallel[at:].replace(b"</bpmn:inclusiveGateway>", b"</bpmn:parallelGateway>", 1)
    assert ("soundness.deadlock", "error") in found(parallel)
