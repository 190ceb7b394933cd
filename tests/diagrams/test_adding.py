"""New forms and decision tables of a draft, made without a file of one's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.diagrams.administrators import Office
from tests.diagrams.test_drafting import MORNING, files
from workflows.calendar import clock
from workflows.diagrams import adding, checking, drafting, drafts
from workflows.engine.package import Package
from workflows.engine.tables import read_tables
from workflows.errors import FashenError, Forbidden
from workflows.store import Store, new_id

TABLE = "collective_required.dmn"
TWO = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:d">
  <decision id="one" name="甲"><variable id="v" name="first" typeRef="boolean" />
    <literalExpression id="x"><text>true</text></literalExpression></decision>
  <decision id="two" name="乙"><informationRequirement id="r"><requiredDecision href="#one" /></informationRequirement>
    <literalExpression id="y"><text>first</text></literalExpression></decision>
</definitions>""".encode()


@pytest.fixture
def office(sqlite_demo_store: Store) -> Iterator[Office]:
    with clock.simulated(MORNING):
        yield Office(sqlite_demo_store)


def begun(office: Office) -> str:
    """A draft of a new process, which has no form and no table."""
    return office.do(drafting.begin_empty, "li", "second_look", "再看一次", draft_id=new_id()).id


def refused(office: Office, *command: Any) -> str:
    with pytest.raises(FashenError) as caught:
        office.do(*command)
    return caught.value.code


def test_a_new_form_is_called_as_its_file_and_no_check_complains(office: Office) -> None:
    draft = begun(office)
    assert office.do(adding.add_form, "li", draft, "second_counsel") == "forms/second_counsel.form"
    form = json.loads(files(office, draft)["forms/second_counsel.form"])
    assert (form["id"], [one["key"] for one in form["components"]]) == ("second_counsel", ["note"])
    diagram = files(office, draft)["second_look.bpmn"]
    diagram = diagram.replace(b'id="handle"', b'id="handle" camunda:formKey="second_counsel"')
    office.do(drafting.save_file, "li", draft, "second_look.bpmn", diagram, seen=None)
    with office.store.read() as session:
        assert checking.findings(session, Package("second_look", files(office, draft))) == []


def test_a_new_table_always_answers(office: Office) -> None:
    draft = begun(office)
    assert office.do(adding.add_table, "li", draft, "heavy_fine", " 是否  “重罚” <&> ") == "heavy_fine.dmn"
    [table] = read_tables(files(office, draft)["heavy_fine.dmn"], "heavy_fine.dmn").values()
    assert (table.id, table.name, table.hit_policy) == ("heavy_fine", "是否 “重罚” <&>", "FIRST")
    assert (len(table.columns), len(table.outputs)) == (1, 1)
    assert table.decide({"input": "x"}) == {"result": False}
    assert office.do(adding.add_table, "li", draft, "light_fine")
    [table] = read_tables(files(office, draft)["light_fine.dmn"], "light_fine.dmn").values()
    assert table.name == "light_fine"


@pytest.mark.parametrize("name", ["", " ", "第二意见", "2nd", "a b", "../x", "a/b", "a.b", "x" * 61])
def test_a_name_that_the_diagram_could_not_say_is_refused(office: Office, name: str) -> None:
    draft = begun(office)
    before = files(office, draft)
    for command in (adding.add_form, adding.add_table):
        assert refused(office, command, "li", draft, name) == "draft.new_name"
    assert files(office, draft) == before


def test_the_ending_may_be_typed_along(office: Office) -> None:
    draft = begun(office)
    assert office.do(adding.add_form, "li", draft, " forms/lead.form ") == "forms/lead.form"
    assert office.do(adding.add_table, "li", draft, "route.dmn") == "route.dmn"


def test_nothing_that_stands_is_written_over(office: Office) -> None:
    draft = begun(office)
    office.do(adding.add_form, "li", draft, "lead")
    revision = office.draft(draft).revision
    assert office.do(adding.add_form, "li", draft, "lead") == "forms/lead.form"  # the same request, sent again
    assert office.draft(draft).revision == revision
    office.do(drafting.save_file, "wang", draft, "forms/lead.form", b"{}", seen=None)
    assert refused(office, adding.add_form, "li", draft, "lead") == "draft.file_exists"
    assert files(office, draft)["forms/lead.form"] == b"{}"
    office.do(drafting.remove_file, "wang", draft, "forms/lead.form", seen=None)
    assert office.do(adding.add_form, "li", draft, "lead") == "forms/lead.form"  # the name is free again


def test_a_decision_is_in_one_file_only(office: Office) -> None:
    draft = begun(office)
    office.do(drafting.save_file, "li", draft, "both.dmn", TWO, seen=0)
    assert refused(office, adding.add_table, "li", draft, "two") == "draft.decision_taken"


def test_a_copy_of_a_form_has_its_own_id_and_the_same_fields(office: Office) -> None:
    draft = office.begin().id
    assert office.do(adding.copy_file, "li", draft, "forms/vote.form", "ballot") == "forms/ballot.form"
    old, new = (json.loads(files(office, draft)[f"forms/{one}.form"]) for one in ("vote", "ballot"))
    assert new == {**old, "id": "ballot"}
    office.do(drafting.save_file, "li", draft, "forms/broken.form", b"{", seen=0)
    office.do(adding.copy_file, "li", draft, "forms/broken.form", "again")
    assert files(office, draft)["forms/again.form"] == b"{"  # the checks say what is wrong with it
    assert refused(office, adding.copy_file, "li", draft, "process.yaml", "another") == "draft.copy_kind"
    assert refused(office, adding.copy_file, "li", draft, "forms/none.form", "another") == "draft.file_unknown"


def test_a_copy_of_a_table_decides_the_same_under_its_own_id(office: Office) -> None:
    draft = begun(office)
    office.do(adding.add_table, "li", draft, "heavy", "重罚")
    office.do(adding.copy_file, "li", draft, "heavy.dmn", "light")
    data = files(office, draft)["light.dmn"]
    [table] = read_tables(data, "light.dmn").values()
    assert (table.id, table.name, table.decide({"input": None})) == ("light", "重罚", {"result": False})
    assert b'dmnElementRef="light"' in data
    office.do(drafting.save_file, "li", draft, "both.dmn", TWO, seen=0)
    office.do(adding.copy_file, "li", draft, "both.dmn", "pair")
    pair = read_tables(files(office, draft)["pair.dmn"], "pair.dmn")
    assert set(pair) == {"pair_one", "pair_two"}
    assert [one.id for one in pair["pair_two"].required] == ["pair_one"]


def test_only_system_administrators_add_files(office: Office) -> None:
    draft = begun(office)
    with office.store.read() as session:
        assert drafts.draft(session, office.actor("auditor"), draft)
    for command in ((adding.add_form, "x"), (adding.add_table, "x"), (adding.copy_file, "second_look.bpmn", "x")):
        with pytest.raises(Forbidden):
            office.do(command[0], "auditor", draft, *command[1:])
    office.do(drafting.discard, "li", draft)
    assert refused(office, adding.add_form, "li", draft, "late") == "draft.closed"
