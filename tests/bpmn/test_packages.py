"""Every shipped package is one that the engine reads, the contract describes, and both languages name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from lxml import etree

from tests.bpmn import notation
from tests.bpmn.shipped import BPMN, CAMUNDA, CONTRACT, KEYS, definition, diagram, form, package, said, schemas
from workflows.actors import ROLES
from workflows.ledger.history import sentences_of_events

every_package = pytest.mark.parametrize("key", KEYS)
TASKS = [(key, element) for key in KEYS for element in CONTRACT[key]]
every_task = pytest.mark.parametrize(("key", "element"), TASKS, ids=lambda value: value)
GATEWAYS = [f"{BPMN}{kind}Gateway" for kind in ("exclusive", "parallel")]
ACTIVITIES = [f"{BPMN}{kind}" for kind in ("userTask", "callActivity", "businessRuleTask")]


@every_package
def test_the_engine_reads_it_without_a_problem(key: str) -> None:
    assert definition(key).process_id == key


@every_package
def test_the_library_takes_it(key: str) -> None:
    from workflows.diagrams import library

    assert library.check(package(key), KEYS).key == key


@every_package
def test_its_tasks_are_those_of_the_contract(key: str) -> None:
    drawn = {id for id, element in definition(key).elements.items() if element.kind == "userTask" or element.form_key}
    assert drawn == set(CONTRACT[key])


@every_task
def test_a_task_has_the_form_act_and_role_of_the_contract(key: str, element: str) -> None:
    wanted = CONTRACT[key][element]
    node = diagram(key).find(f".//{BPMN}process/*[@id='{element}']")
    assert node is not None
    assert node.get(f"{CAMUNDA}formKey") == wanted["form"]
    assert node.get(f"{CAMUNDA}candidateGroups") == wanted.get("role")
    assert node.get(f"{CAMUNDA}assignee") == wanted.get("assignee")
    assert definition(key).elements[element].properties.get("act") == wanted.get("act")


@every_task
def test_a_form_asks_for_what_the_contract_names(key: str, element: str) -> None:
    wanted = CONTRACT[key][element]
    found = {field.key: notation.describe(field) for field in form(key, wanted["form"]).fields}
    for field in notation.read(wanted["fields"]):
        assert found.pop(field.key) == field
    assert not found


@every_package
def test_every_form_is_used(key: str) -> None:
    assert set(schemas(key)) == {wanted["form"] for wanted in CONTRACT[key].values()}


@every_package
def test_a_task_has_one_way_in_and_one_way_out(key: str) -> None:
    for task in diagram(key).iter(*ACTIVITIES):
        assert len(task.findall(f"{BPMN}incoming")) == 1, task.get("id")
        assert len(task.findall(f"{BPMN}outgoing")) == 1, task.get("id")


@every_package
def test_a_gateway_either_merges_or_splits(key: str) -> None:
    for gateway in diagram(key).iter(*GATEWAYS):
        ways = len(gateway.findall(f"{BPMN}incoming")), len(gateway.findall(f"{BPMN}outgoing"))
        assert 1 in ways, (gateway.get("id"), ways)
        assert sum(ways) >= 3, (gateway.get("id"), ways)


@every_package
def test_an_exclusive_choice_is_named_and_always_goes_on(key: str) -> None:
    for gateway in diagram(key).iter(GATEWAYS[0]):
        flows = [_flow(key, out.text) for out in gateway.findall(f"{BPMN}outgoing")]
        if len(flows) < 2:
            continue
        assert gateway.get("name"), gateway.get("id")
        assert all(flow.get("name") for flow in flows), gateway.get("id")
        unconditional = [flow.get("id") for flow in flows if flow.find(f"{BPMN}conditionExpression") is None]
        assert unconditional == [gateway.get("default")]


@every_package
def test_conditions_stand_on_choices_only(key: str) -> None:
    choices = {gateway.get("id") for gateway in diagram(key).iter(GATEWAYS[0])}
    for flow in diagram(key).iter(f"{BPMN}sequenceFlow"):
        if flow.find(f"{BPMN}conditionExpression") is not None:
            assert flow.get("sourceRef") in choices


@every_package
def test_what_has_a_name_has_it_in_english_too(key: str) -> None:
    labels = said(key)["labels"]
    drawn = {
        element.get("id"): element.get("name")
        for element in diagram(key).find(f"{BPMN}process").iter("*")
        if element.get("name") and element.get("id") and element.get("id") != key
    }
    assert {id: label["zh"] for id, label in labels.items()} == drawn
    assert all(label["en"].strip() and label["en"].isascii() for label in labels.values())


@every_package
def test_its_roles_are_those_that_take_part(key: str) -> None:
    roles = {role for wanted in CONTRACT[key].values() for role in wanted.get("role", "").split(",") if role}
    assert roles <= set(said(key)["roles"]) <= set(ROLES)


@every_package
def test_every_label_and_hint_of_a_form_is_in_both_languages(key: str) -> None:
    for name, schema in schemas(key).items():
        for component in _components(schema):
            properties, place = component.get("properties", {}), f"{name}#{component['id']}"
            assert component.get("label") or component.get("dateLabel"), place
            assert properties.get("label_en", "").isascii(), place
            assert properties.get("label_en"), place
            assert bool(component.get("description")) == bool(properties.get("description_en")), place
            for option in component.get("values", []):
                assert option["label"], place
                assert option["properties"]["label_en"], place


@every_package
def test_ids_in_a_form_are_its_own(key: str) -> None:
    for name, schema in schemas(key).items():
        ids = [component["id"] for component in _components(schema)]
        assert len(ids) == len(set(ids)), name


def test_the_contract_notation_is_read_strictly() -> None:
    field = notation.read("rows#points.point(point result=a|b!)!")
    assert field == (
        notation.Wanted(
            "rows",
            True,
            rows="points",
            row_key="point",
            columns=(notation.Wanted("point", False), notation.Wanted("result", True, values=("a", "b"))),
        ),
    )
    with pytest.raises(ValueError):
        notation.read("title! ? text")


def _flow(key: str, id: str | None) -> etree._Element:
    flow = diagram(key).find(f".//{BPMN}sequenceFlow[@id='{id}']")
    assert flow is not None
    return flow


def _components(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for component in schema["components"]:
        yield component
        if "components" in component:
            yield from _components(component)


@pytest.mark.parametrize("act", ["filing", "unit_check", "coercive_approval", "unit_response", "decision", "closing"])
def test_the_timeline_tells_every_answer_of_an_approval_in_words(act: str) -> None:
    words = sentences_of_events()["words"]["result"]
    forms_of_act = {(key, one["form"]) for key in KEYS for one in CONTRACT[key].values() if one.get("act") == act}
    answers = {option.value for key, name in forms_of_act for option in form(key, name).field("result").options}
    assert answers
    assert answers <= set(words)
