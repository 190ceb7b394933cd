"""What process.yaml says of steps that are gone: told beside all else, and taken out or moved by one button."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import pytest
import yaml
from lxml import etree

from tests.diagrams.administrators import Office
from tests.diagrams.spoiling import led
from workflows.diagrams import checking, drafting, drafts, leftovers, library, mending, reading
from workflows.diagrams.proof import ERROR, WARNING
from workflows.engine.definition import Definition
from workflows.engine.package import Package
from workflows.errors import FashenError, Forbidden, Invalid, Stale
from workflows.store import Store, new_id

KEY = "legal_review"
DIAGRAM, SAID = f"{KEY}.bpmn", "process.yaml"
SHIPPED = library.shipped()[KEY]


@cache
def published() -> Mapping[str, Definition]:
    packages = library.shipped()
    return {key: reading.check(package, set(packages)) for key, package in packages.items()}


def without_step() -> bytes:
    """The diagram without 承办机构研究, as the modeler leaves it: the flow before leads to what came after."""
    root = etree.fromstring(SHIPPED.files[DIAGRAM])
    led("by_objection_to_unit_responds", "unit_answered")(root)
    for one in list(root.iter("{*}*")):
        said = (one.get("id"), one.get("sourceRef"), one.get("bpmnElement"), one.text)
        if "unit_responds" in said and (parent := one.getparent()) is not None:
            parent.remove(one)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def with_new_id(old: str = "unit_responds", new: str = "unit_answers") -> bytes:
    return SHIPPED.files[DIAGRAM].replace(f'"{old}"'.encode(), f'"{new}"'.encode()).replace(
        f">{old}<".encode(), f">{new}<".encode())  # fmt: skip


def package(diagram: bytes, said: bytes | None = None) -> Package:
    return Package(KEY, {**SHIPPED.files, DIAGRAM: diagram, SAID: said or SHIPPED.files[SAID]})


def test_the_other_checks_run_beside_what_is_said_of_a_step_that_is_gone() -> None:
    found = {one.code: one for one in checking.check(package(without_step()), published())}
    assert found["process.left_over"].facts["elements"] == ["unit_responds"]
    assert found["process.left_over"].severity == WARNING
    assert {"check.variable_unwritten", "statutory.review_before_decision"} <= found.keys()


def test_what_keeps_people_apart_at_a_step_that_is_gone_is_refused_beside_the_other_checks() -> None:
    said = SHIPPED.files[SAID] + b"apart: {unit_responds: [initial_review]}\n"
    found = {one.code: one for one in checking.check(package(without_step(), said), published())}
    assert found["process.element_unknown"].severity == ERROR
    assert "process.left_over" not in found and "statutory.review_before_decision" in found
    with pytest.raises(Invalid):
        library.check(package(without_step(), said), published())


def test_they_are_one_finding_with_names_and_the_line_of_the_first() -> None:
    told = leftovers.told(package(without_step()), yaml.safe_load(SHIPPED.files[SAID]))
    assert told is not None
    assert told.problem.facts["settings"] == [
        {"zh": "“承办机构研究”unit_responds（名称、可用操作）",
         "en": "“The unit's answer” unit_responds (names, operations)"},
    ]  # fmt: skip
    assert SHIPPED.files[SAID].decode().splitlines()[(told.problem.line or 0) - 1].strip().startswith("unit_responds:")


def test_a_step_that_became_something_else_keeps_its_name_and_nothing_more() -> None:
    known = dict(leftovers.drawn(SHIPPED))
    known["unit_responds"] = ("manualTask", "承办机构研究")
    places = leftovers.find(yaml.safe_load(SHIPPED.files[SAID]), known)
    assert places == {"unit_responds": {("operators", "unit_responds"): "operators"}}


def test_what_is_gone_is_taken_out_and_all_else_stays_byte_for_byte() -> None:
    before = SHIPPED.files[SAID].decode()
    after = leftovers.cleared(package(without_step())).decode()
    rows = [row for row in before.splitlines(keepends=True) if not row.strip().startswith("unit_responds:")]
    assert after == "".join(rows)
    assert leftovers.cleared(SHIPPED) == SHIPPED.files[SAID]


def test_every_part_that_names_a_step_is_tidied() -> None:
    said = (
        "gates: [{element: unit_responds, gate: G2}, {element: initial_review, gate: G2}]\n"
        "apart:\n  counsel_review: [unit_responds]  # 一\n  initial_review: [unit_responds, counsel_review]\n"
        "  unit_responds: [initial_review]\nfields: {unit_responds: {a: read}}\ntwice: {unit_responds: exclude}\n"
    )
    after = leftovers.cleared(package(without_step(), said.encode())).decode()
    assert after == (
        "gates: [{element: initial_review, gate: G2}]\napart:\n  initial_review: [counsel_review]\n"
        "fields: {}\ntwice: {}\n"
    )


def test_settings_move_to_the_new_id_of_the_same_step() -> None:
    renamed = package(with_new_id())
    assert leftovers.renamed(leftovers.drawn(SHIPPED), renamed) == {"unit_responds": "unit_answers"}
    after = leftovers.moved(renamed, "unit_responds", "unit_answers")
    assert after == SHIPPED.files[SAID].replace(b"  unit_responds:", b"  unit_answers:")
    assert leftovers.find(yaml.safe_load(after), leftovers.drawn(renamed)) == {}


def test_where_the_new_id_has_settings_of_its_own_they_stay() -> None:
    said = (
        "labels: {unit_responds: {zh: 旧, en: Old}, unit_answers: {zh: 新, en: New}}\n"
        "operators: {unit_responds: [ask]}\n"
        "apart: {initial_review: [unit_responds]}\ngates: [{element: unit_responds, gate: G2}]\n"
    )
    after = leftovers.moved(package(with_new_id(), said.encode()), "unit_responds", "unit_answers").decode()
    assert after == (
        "labels: {unit_answers: {zh: 新, en: New}}\noperators: {unit_answers: [ask]}\n"
        "apart: {initial_review: [unit_answers]}\ngates: [{element: unit_answers, gate: G2}]\n"
    )


def test_no_new_id_is_guessed_where_two_could_be_meant() -> None:
    before = leftovers.drawn(SHIPPED)
    second = '<bpmn:userTask id="x" name="承办机构研究"/></bpmn:process>'.encode()
    twin = with_new_id().replace(b"</bpmn:process>", second)
    assert leftovers.renamed(before, package(twin)) == {}
    assert leftovers.renamed(before, package(without_step())) == {}


# As commands ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def office(sqlite_demo_store: Store) -> Office:
    return Office(sqlite_demo_store)


def begun(office: Office, diagram: bytes) -> str:
    draft = office.do(drafting.begin_from_version, "li", KEY, 1, "调整", draft_id=new_id())
    office.do(drafting.save_file, "li", draft.id, DIAGRAM, diagram, seen=1)
    return str(draft.id)


def text(office: Office, draft_id: str) -> tuple[bytes, int]:
    with office.store.read() as session:
        return drafts.content(session, draft_id, SAID)


def test_clearing_is_a_save_like_every_other(office: Office) -> None:
    draft_id = begun(office, without_step())
    assert office.do(mending.clear_leftovers, "wang", draft_id, seen=1) == 3
    data, revision = text(office, draft_id)
    assert (b"  unit_responds:" in data, revision) == (False, 3)
    assert office.do(mending.clear_leftovers, "wang", draft_id, seen=3) == 3
    assert office.actor("wang").person_id in office.draft(draft_id).writers
    office.do(drafting.undo_to, "li", draft_id, 2, seen=3)
    assert text(office, draft_id)[0] == SHIPPED.files[SAID]


def test_a_deletion_that_was_undone_takes_nothing_out(office: Office) -> None:
    draft_id = begun(office, without_step())
    office.do(drafting.save_file, "li", draft_id, DIAGRAM, SHIPPED.files[DIAGRAM], seen=2)
    assert office.do(mending.clear_leftovers, "li", draft_id, seen=1) == 1
    assert text(office, draft_id) == (SHIPPED.files[SAID], 1)


def test_whoever_comes_second_takes_nothing_out(office: Office) -> None:
    draft_id = begun(office, without_step())
    office.do(drafting.save_file, "wang", draft_id, SAID, SHIPPED.files[SAID] + b"# \n", seen=1)
    with pytest.raises(Stale) as lost:
        office.do(mending.clear_leftovers, "li", draft_id, seen=1)
    assert (lost.value.code, lost.value.facts["by"]) == ("draft.stale", "王工")
    assert text(office, draft_id)[0] == SHIPPED.files[SAID] + b"# \n"


def test_settings_are_moved_as_the_checks_offer_it(office: Office) -> None:
    draft_id = begun(office, with_new_id())
    with office.store.read() as session:
        offered = mending.renamed(session, drafts.draft(session, office.actor("li"), draft_id))
    assert offered == {"unit_responds": "unit_answers"}
    assert office.do(mending.move_leftovers, "li", draft_id, "unit_responds", "unit_answers", seen=1) == 3
    with office.store.read() as session:
        found = checking.findings(session, drafts.package(session, office.draft(draft_id)))
    assert leftovers.CODES.isdisjoint(one.code for one in found)
    with pytest.raises(FashenError) as refused:
        office.do(mending.move_leftovers, "li", draft_id, "unit_responds", "nowhere", seen=3)
    assert refused.value.code == "draft.not_renamed"


def test_nobody_but_a_system_administrator_takes_anything_out(office: Office) -> None:
    draft_id = begun(office, without_step())
    for login in ("officer1", "secadmin", "auditor"):
        with pytest.raises(Forbidden):
            office.do(mending.clear_leftovers, login, draft_id, seen=1)
        with pytest.raises(Forbidden):
            office.do(mending.move_leftovers, login, draft_id, "unit_responds", "first", seen=1)
