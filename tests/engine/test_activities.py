"""Activities: who does them, many instances, subprocesses, calls with their mappings, decisions, handlers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.engine.drawing import (
    DAY,
    NOW,
    begin,
    boundary,
    call,
    do,
    end,
    extensions,
    find,
    flows,
    many,
    node,
    offered,
    properties,
    read,
    start,
    sub,
    timer,
    user,
    xor,
)
from workflows.engine import handlers
from workflows.engine.definition import Definition
from workflows.errors import Incident, Invalid, Stale


def one(*nodes: str) -> Definition:
    return read(start(), *nodes, user("z"), end(), flows("start > a > z > end"))


def test_a_step_knows_who_may_do_it_and_until_when():
    definition = one(user("a", name="初审", camunda_assignee="${officer}", camunda_candidateUsers="u1, ${deputy}",
                          camunda_candidateGroups="legal_reviewer,bureau_head", camunda_dueDate="P3D",
                          camunda_priority="80"))
    step = find(begin(definition, {"officer": "p7", "deputy": "p8"}), "a")
    assert (step.assignee, step.candidate_users, step.candidate_groups) == (
        "p7", ("u1", "p8"), ("legal_reviewer", "bureau_head"))
    assert (step.due, step.priority) == (NOW + 3 * DAY, 80)
    assert definition.roles == {"legal_reviewer", "bureau_head"}
    assert definition.variables_read == {"officer", "deputy"}


def test_a_due_date_without_a_time_lasts_until_the_end_of_that_day_in_shanghai():
    step = find(begin(one(user("a", camunda_dueDate="${day}")), {"day": "2026-03-05"}), "a")
    assert step.due == datetime(2026, 3, 5, 15, 59, 59, tzinfo=UTC)


def test_candidate_groups_may_come_from_a_list_in_a_variable():
    step = find(begin(one(user("a", camunda_candidateGroups="${groups}")), {"groups": ["x", "y", "x"]}), "a")
    assert step.candidate_groups == ("x", "y")


def test_who_may_do_a_step_is_settled_when_it_is_reached():
    definition = read(start(), node("parallelGateway", "p"), user("a", camunda_assignee="${who}"), user("b"),
                      node("parallelGateway", "j"), end(), flows("""
        start > p > a > j
        p > b > j > end"""))
    instance = begin(definition, {"who": "first"})
    do(instance, "b", who="second")
    assert find(instance, "a").assignee == "first"


@pytest.mark.parametrize(("attribute", "value", "code"), [
    ("camunda_assignee", ["a"], "engine.not_text"), ("camunda_candidateGroups", 7, "engine.not_text"),
    ("camunda_dueDate", "someday", "timer.moment"), ("camunda_priority", "high", "engine.priority"),
])
def test_an_assignment_that_makes_no_sense_is_an_incident(attribute, value, code):
    with pytest.raises(Incident) as stopped:
        begin(one(user("a", **{attribute: "${x}"})), {"x": value})
    assert (stopped.value.code, stopped.value.facts["element"]) == (code, "a")


def test_all_properties_of_an_element_can_be_read():
    definition = one(user("a", properties(act="legal_review", note="初审"), camunda_formKey=""))
    assert dict(definition.elements["a"].properties) == {"act": "legal_review", "note": "初审"}


# many instances


def votes(**options: object) -> Definition:
    gather = properties(outputCollection="votes", outputElement="choice")
    return one(user("a", gather + many("voters", "voter", **options), camunda_assignee="${voter}"))


def test_each_voter_gets_a_step_and_the_votes_are_gathered_in_the_order_of_the_voters():
    instance = begin(votes(), {"voters": ["p1", "p2", "p3"]})
    assert [step.assignee for step in instance.steps()] == ["p1", "p2", "p3"]
    assert all(step.multi for step in instance.steps())
    assert find(instance, "a", 1).variables["loopCounter"] == 1
    do(instance, "a", 1, choice="no")
    do(instance, "a", 0, choice="yes")
    assert instance.variables["votes"] == ["yes", "no"]
    do(instance, "a", 0, choice="abstain")
    assert offered(instance) == ["z"]
    assert instance.variables == {"voters": ["p1", "p2", "p3"], "votes": ["yes", "no", "abstain"]}, (
        "the voters are not overwritten, and what is local to a vote stays there")


def test_a_sequence_of_instances_offers_one_at_a_time():
    instance = begin(votes(sequential=True), {"voters": ["p1", "p2", "p3"]})
    for voter in ("p1", "p2", "p3"):
        assert [step.assignee for step in instance.steps()] == [voter]
        do(instance, "a", choice=voter)
    assert offered(instance) == ["z"]
    assert instance.variables["votes"] == ["p1", "p2", "p3"]


@pytest.mark.parametrize("sequential", [False, True])
@pytest.mark.parametrize(("condition", "after"), [
    ("${nrOfCompletedInstances >= 2}", 2), ("${nrOfCompletedInstances / nrOfInstances > 0.5}", 3),
    ("${size(votes) >= 2}", 2), ("${choice == 'no'}", 2), ("${false}", 5),
])
def test_a_completion_condition_ends_early(condition, after, sequential):
    instance = begin(votes(until=condition, sequential=sequential), {"voters": ["p1", "p2", "p3", "p4", "p5"]})
    done = 0
    while offered(instance) != ["z"]:
        done += 1
        do(instance, "a", choice="no" if done == 2 else "yes")
    assert done == after
    assert len(instance.withdrawn) == (0 if sequential else 5 - after)


def test_the_counters_are_right_at_every_moment():
    instance = begin(votes(), {"voters": ["p1", "p2", "p3"]})
    for done in range(3):
        seen = find(instance, "a").variables
        assert (seen["nrOfInstances"], seen["nrOfCompletedInstances"], seen["nrOfActiveInstances"]) == (3, done,
                                                                                                        3 - done)
        do(instance, "a", choice="yes")


def test_a_vote_that_comes_too_late_is_refused():
    instance = begin(votes(until="${nrOfCompletedInstances == 1}"), {"voters": ["p1", "p2"]})
    late = find(instance, "a", 1).id
    do(instance, "a", 0, choice="yes")
    with pytest.raises(Stale):
        instance.complete(late, {"choice": "no"}, NOW)


def test_voting_again_begins_anew_with_the_voters_of_then():
    gather = properties(outputCollection="votes", outputElement="choice")
    definition = read(start(), xor("m"), user("a", gather + many("${voters}", "voter")), user("b"),
                      xor("g", default="g__end"),
                      end(), flows("""
        start > m > a > b > g
        g > m ? again
        g > end"""))
    instance = begin(definition, {"voters": ["p1", "p2", "p3"]})
    for voters in (["p1", "p2", "p3"], ["p4"], ["p5", "p6"]):
        assert [step.variables["voter"] for step in instance.steps()] == voters
        for _ in voters:
            do(instance, "a", choice="yes")
        assert instance.variables["votes"] == ["yes"] * len(voters)
        do(instance, "b", again=True, voters=["p4"] if len(voters) == 3 else ["p5", "p6"])


def test_nobody_to_ask_passes_on():
    assert offered(begin(votes(), {"voters": []})) == ["z"]


@pytest.mark.parametrize(("value", "code"), [("p1", "engine.collection"), (None, "engine.collection"),
                                             (list(range(1001)), "engine.too_many_instances")])
def test_a_collection_that_is_none_is_an_incident(value, code):
    with pytest.raises(Incident) as stopped:
        begin(votes(), {"voters": value})
    assert stopped.value.code == code


@pytest.mark.parametrize(("times", "variables", "expected"),
                         [("3", {}, 3), ("${n}", {"n": 2}, 2), ("${n}", {"n": 0}, 0)])
def test_a_number_of_instances(times, variables, expected):
    instance = begin(one(user("a", many(times=times))), variables)
    assert offered(instance) == (["a"] * expected or ["z"])


@pytest.mark.parametrize("times", ["many", -1, 1.5, 10000000, None, True, [1]])
def test_a_number_of_instances_that_makes_no_sense_is_an_incident(times):
    with pytest.raises(Incident):
        begin(one(user("a", many(times="${n}"))), {"n": times})


def test_a_boundary_timer_on_many_instances_takes_them_all_away():
    definition = read(start(), user("a", many("voters", "voter")), boundary("late", "a", timer("P1D")), user("b"),
                      user("z"),
                      end(), end("e2"), flows("""
        start > a > z > end
        late > b > e2"""))
    instance = begin(definition, {"voters": ["p1", "p2"]})
    do(instance, "a")
    instance.wake(NOW + DAY)
    assert offered(instance) == ["b"]


def test_many_subprocesses_have_their_own_item_and_share_the_rest():
    inner = start("s1") + user("x") + user("y") + end("e1") + flows("s1 > x > y > e1")
    instance = begin(one(sub("a", inner + many("items", "item"))), {"items": ["i", "j"]})
    assert [step.variables["item"] for step in instance.steps()] == ["i", "j"]
    do(instance, "x", 0, item="changed", note="n")
    assert find(instance, "y").variables["item"] == "changed"
    assert find(instance, "x").variables["item"] == "j"
    assert instance.variables == {"items": ["i", "j"], "note": "n"}


def test_many_calls_get_their_item_and_give_back_results():
    child = read(start(), user("x"), end(), flows("start > x > end"), key="child")
    mapping = '<camunda:in source="item" target="mine"/><camunda:out source="result" target="answer"/>'
    gather = '<camunda:properties><camunda:property name="outputCollection" value="answers"/>' \
             '<camunda:property name="outputElement" value="answer"/></camunda:properties>'
    instance = begin(one(call("a", "child", mapping + gather, many("items", "item"))), {"items": [1, 2]}, child)
    assert [dict(step.variables) for step in instance.steps()] == [{"mine": 1}, {"mine": 2}]
    do(instance, "x", 1, result="b")
    do(instance, "x", 0, result="a")
    assert instance.variables == {"items": [1, 2], "answers": ["a", "b"]}


# calls


def called(mappings: str, variables: dict[str, object], answer: dict[str, object]) -> tuple[dict, dict]:
    child = read(start(), user("x"), end(), flows("start > x > end"), key="child")
    instance = begin(one(call("a", "child", mappings)), variables, child)
    seen = dict(find(instance, "x").variables)
    do(instance, "x", **answer)
    return seen, instance.variables


@pytest.mark.parametrize(("mappings", "seen", "after"), [
    ("", {}, {"x": 1, "y": 2}),
    ('<camunda:in source="x" target="x"/>', {"x": 1}, {"x": 1, "y": 2}),
    ('<camunda:in source="x" target="a"/><camunda:out source="r" target="y"/>', {"a": 1}, {"x": 1, "y": 9}),
    ('<camunda:in sourceExpression="${x + y}" target="sum"/><camunda:out sourceExpression="${r + 1}" target="z"/>',
     {"sum": 3}, {"x": 1, "y": 2, "z": 10}),
    ('<camunda:in variables="all"/>', {"x": 1, "y": 2}, {"x": 1, "y": 2}),
    ('<camunda:out variables="all"/>', {}, {"x": 7, "y": 2, "r": 9}),
    ('<camunda:in source="nothing" target="n"/><camunda:out source="nothing" target="x"/>', {"n": None},
     {"x": None, "y": 2}),
    ('<camunda:in businessKey="${x}"/>', {"businessKey": 1}, {"x": 1, "y": 2}),
])
def test_a_called_process_sees_what_is_mapped_in_and_gives_what_is_mapped_out(mappings, seen, after):
    assert called(mappings, {"x": 1, "y": 2}, {"x": 7, "r": 9}) == (seen, after)


def test_what_is_mapped_is_copied():
    seen, after = called('<camunda:in source="list" target="list"/>', {"list": [1]}, {"list": [1, 2]})
    assert (seen, after) == ({"list": [1]}, {"list": [1]})


def test_a_step_in_a_called_process_says_which_process_it_is_of():
    child = read(start(), user("x"), end(), flows("start > x > end"), key="child")
    step = find(begin(one(call("a", "child")), {}, child), "x")
    assert (step.process_key, step.package_hash) == ("child", child.hash)


def test_a_process_that_calls_itself_for_ever_is_an_incident():
    definition = read(start(), call("a", "sample"), end(), flows("start > a > end"))
    with pytest.raises(Incident) as stopped:
        begin(definition)
    assert stopped.value.code == "engine.depth"


def test_a_process_that_is_not_pinned_can_not_be_called():
    with pytest.raises(Incident) as stopped:
        begin(one(call("a", "unknown")))
    assert stopped.value.code == "engine.called_missing"


# subprocesses, parameters, decisions, handlers


def test_a_subprocess_shares_the_variables_around_it():
    inner = start("s1") + user("x") + end("e1") + flows("s1 > x > e1")
    instance = begin(one(sub("a", inner)), {"v": 1})
    assert find(instance, "x").variables["v"] == 1
    do(instance, "x", v=2, w=3)
    assert (offered(instance), instance.variables) == (["z"], {"v": 2, "w": 3})
    assert len(instance.run.subprocesses) == 0


def test_inputs_are_local_and_outputs_are_set_around():
    given = ('<camunda:inputOutput><camunda:inputParameter name="local">${v + 1}</camunda:inputParameter>'
             '<camunda:inputParameter name="text">第${v}次</camunda:inputParameter>'
             '<camunda:outputParameter name="v">${local * 10}</camunda:outputParameter></camunda:inputOutput>')
    instance = begin(one(user("a", extensions(given))), {"v": 1})
    assert dict(find(instance, "a").variables) == {"v": 1, "local": 2, "text": "第1次"}
    do(instance, "a", local=5)
    assert instance.variables == {"v": 50}


DMN = b"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="http://camunda.org/schema/1.0/dmn">
<decision id="route" name="route"><decisionTable id="t" hitPolicy="UNIQUE">
<input id="i"><inputExpression id="ie" typeRef="integer"><text>fine</text></inputExpression></input>
<output id="o" name="collective" typeRef="boolean"/>
<rule id="r1"><inputEntry id="a1"><text>&gt;= 50000</text></inputEntry>
<outputEntry id="b1"><text>true</text></outputEntry></rule>
<rule id="r2"><inputEntry id="a2"><text>&lt; 50000</text></inputEntry>
<outputEntry id="b2"><text>false</text></outputEntry></rule>
</decisionTable></decision></definitions>"""


@pytest.mark.parametrize(("how", "expected"), [
    ("singleEntry", True), ("singleResult", {"collective": True}), ("collectEntries", [True]),
    ("resultList", [{"collective": True}]), (None, [{"collective": True}]),
])
def test_a_decision_sets_its_result_as_it_is_mapped(how, expected):
    mapped = {"camunda_mapDecisionResult": how} if how else {}
    rule = node("businessRuleTask", "a", camunda_decisionRef="route", camunda_resultVariable="answer", **mapped)
    definition = read(start(), rule, user("z"), end(), flows("start > a > z > end"), files={"route.dmn": DMN})
    instance = begin(definition, {"fine": 50_000})
    assert instance.variables == {"fine": 50_000, "answer": expected}
    passed = next(passed for passed in instance.trace if passed.element_id == "a")
    assert passed.inputs == {"fine": 50_000, "answer": expected, "route.rules": [1]}
    assert "fine" in definition.variables_read


def test_a_decision_that_fails_is_an_incident_at_its_element():
    rule = node("businessRuleTask", "a", camunda_decisionRef="route", camunda_resultVariable="answer")
    definition = read(start(), rule, user("z"), end(), flows("start > a > z > end"), files={"route.dmn": DMN})
    with pytest.raises(Incident) as stopped:
        begin(definition, {"fine": "much"})
    assert stopped.value.facts["element"] == "a"


@pytest.fixture
def doubling(monkeypatch):
    monkeypatch.setattr(handlers, "_handlers", {})
    handlers.register("double", lambda seen: {"twice": seen["x"] * 2})
    handlers.register("naughty", lambda seen: {"loopCounter": 1})


def test_a_service_task_runs_a_registered_handler(doubling):
    instance = begin(one(node("serviceTask", "a", camunda_delegateExpression="${double}")), {"x": 4})
    assert instance.variables == {"x": 4, "twice": 8}
    with pytest.raises(ValueError, match="twice"):
        handlers.register("double", lambda seen: {})


def test_a_handler_may_not_set_what_multi_instance_counts(doubling):
    with pytest.raises(Incident) as stopped:
        begin(one(node("serviceTask", "a", camunda_delegateExpression="${naughty}")))
    assert stopped.value.code == "engine.variable_name"


def test_a_condition_over_a_missing_variable_is_an_incident_at_its_gateway():
    nodes = (start(), user("a"), xor("g", default="g__c"), user("b"), user("c"), xor("m"), end(), flows("""
        start > a > g
        g > b ? nowhere > 1
        g > c
        b > m
        c > m > end"""))
    with pytest.raises(Incident) as stopped:
        do(begin(read(*nodes)), "a")
    assert (stopped.value.code, stopped.value.facts["element"]) == ("expression.failed", "g")


def test_a_moment_without_a_zone_is_no_now():
    with pytest.raises(ValueError, match="zone"):
        begin(one(user("a"))).wake(datetime(2026, 1, 1))  # noqa: DTZ001
    assert timedelta(0) < DAY
    assert issubclass(Invalid, Exception)
