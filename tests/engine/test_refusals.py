"""What the engine does not support, or could not run as drawn, is refused with element and line."""

from __future__ import annotations

import pytest

from tests.engine.drawing import (
    boundary,
    call,
    catch,
    draw,
    end,
    error,
    escalation,
    extensions,
    flows,
    many,
    message,
    node,
    package,
    par,
    properties,
    read,
    signal,
    start,
    sub,
    timer,
    user,
    xor,
)
from workflows.engine.allowed import REASONS
from workflows.engine.definition import read as read_package
from workflows.engine.package import Package
from workflows.errors import DiagramRefused, Problem

LINE = flows("start > a > end")


def problems(*nodes: str, events: str = "", **options: object) -> list[Problem]:
    with pytest.raises(DiagramRefused) as refused:
        read_package(package(*nodes, events=events), **options)
    return refused.value.problems


def one(a: str, inner: str = "", events: str = "") -> Problem:
    """The only problem of start > a > end."""
    (problem,) = problems(start(), a, end(), inner, LINE, events=events)
    return problem


def definition(tag: str, inner: str = "") -> str:
    return f"<bpmn:{tag}>{inner}</bpmn:{tag}>"


LINK = '<bpmn:linkEventDefinition name="x"/>'
LISTENER = '<camunda:executionListener class="x" event="start"/>'
SCRIPT = '<camunda:inputOutput><camunda:inputParameter name="x"><camunda:script scriptFormat="js">1</camunda:script>' \
         "</camunda:inputParameter></camunda:inputOutput>"
UNSUPPORTED = {
    "script task": (node("scriptTask", "a", "<bpmn:script>1</bpmn:script>", scriptFormat="python"), "scriptTask"),
    "ad hoc": (node("adHocSubProcess", "a"), "adHocSubProcess"),
    "complex gateway": (node("complexGateway", "a"), "complexGateway"),
    "foreign task": ('<x:task xmlns:x="urn:x" id="a"/>', "{urn:x}task"),
    "zeebe task": ('<zeebe:taskDefinition xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="a"/>',
                   "{http://camunda.org/schema/zeebe/1.0}taskDefinition"),
}


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_an_unknown_element_is_refused_where_it_stands(name):
    a, tag = UNSUPPORTED[name]
    problem = one(a)
    assert (problem.code, problem.place) == (REASONS.get(tag, "diagram.element_unsupported"), "sample.bpmn#a")
    assert (problem.line, problem.facts["tag"]) == (5, tag if tag.startswith("{") else f"bpmn:{tag}")


INSIDE = {
    "compensation throw": node("intermediateThrowEvent", "a", definition("compensateEventDefinition")),
    "listener": user("a", extensions(LISTENER)),
    "task listener": user("a", extensions('<camunda:taskListener class="x" event="create"/>')),
    "connector": node("serviceTask", "a", extensions("<camunda:connector/>"), camunda_delegateExpression="${x}"),
    "script in inputs": user("a", extensions(SCRIPT)),
    "generated form": user("a", extensions("<camunda:formData/>")),
    "retry cycle": user("a", extensions("<camunda:failedJobRetryTimeCycle>R3/PT1M</camunda:failedJobRetryTimeCycle>")),
    "potential owner": user("a", definition("potentialOwner")),
    "io specification": user("a", definition("ioSpecification")),
    "loop data": user("a", definition("multiInstanceLoopCharacteristics",
                                      "<bpmn:loopDataInputRef>x</bpmn:loopDataInputRef>")),
    "in on a user task": user("a", extensions('<camunda:in source="x" target="y"/>')),
    "foreign extension": user("a", extensions('<x:thing xmlns:x="urn:x"/>')),
}


@pytest.mark.parametrize("name", INSIDE)
def test_an_unknown_part_of_an_element_is_refused_at_that_element(name):
    found = problems(start(), INSIDE[name], end(), LINE, events="signal:s message:m")
    assert {(problem.place, problem.line) for problem in found} == {("sample.bpmn#a", 5)}
    assert {problem.code for problem in found} <= {"diagram.element_unsupported", *REASONS.values()}


@pytest.mark.parametrize("attributes", [
    {"camunda_followUpDate": "2026-01-01"}, {"camunda_class": "java.lang.Runtime"}, {"camunda_jobPriority": "1"},
    {"isForCompensation": "true"}, {"completionQuantity": "2"}, {"startQuantity": "0"},
    {"camunda_formRefBinding": "version"}, {"implementation": "##WebService"}, {"onfire": "x"},
    {"camunda_asyncBefore": "maybe"},
])
def test_an_unknown_attribute_or_value_is_refused(attributes):
    problem = one(user("a", **attributes))
    assert problem.code in ("diagram.attribute_unsupported", "diagram.attribute_value", "diagram.java")
    assert (problem.place, problem.line) == ("sample.bpmn#a", 5)


@pytest.mark.parametrize("language", ["feel", "http://www.w3.org/1999/XPath", "groovy", ""])
def test_a_diagram_in_another_expression_language_is_refused(language):
    attribute = f' expressionLanguage="{language}" id="d"'.encode()
    data = draw(start(), user("a"), end(), LINE).replace(b' id="defs"', attribute)
    with pytest.raises(DiagramRefused) as refused:
        read_package(Package("sample", {"sample.bpmn": data}))
    (problem,) = refused.value.problems
    assert (problem.code, problem.place, problem.line) == ("diagram.attribute_value", "sample.bpmn#d", 2)
    assert read_package(Package("sample", {"sample.bpmn": data.replace(f'"{language}" id'.encode(), b'"JUEL" id')}))


def test_attributes_that_change_nothing_are_accepted():
    read(start(), user("a", camunda_asyncBefore="true", camunda_exclusive="false", isForCompensation="false"), end(),
         LINE)


@pytest.mark.parametrize(("tag", "code"), [
    ("signalEventDefinition", "diagram.event_reference"), ("messageEventDefinition", "diagram.event_reference"),
    ("escalationEventDefinition", "diagram.event_reference"), ("cancelEventDefinition", "diagram.cancel"),
    ("compensateEventDefinition", "diagram.compensation"),
    ("linkEventDefinition", "diagram.element_unsupported"),
])
def test_ends_that_would_not_do_what_they_say_are_refused(tag, code):
    found = problems(start(), user("a"), node("endEvent", "end", definition(tag)), LINE)
    assert found[0].code == code
    assert (found[0].place, found[0].line) == ("sample.bpmn#end", 6)


CONNECTIONS = {
    "condition on a flow out of an event": ("diagram.condition_unused", "start", (start(), user("a"), end(), flows("""
        start > a ? x == 1
        a > end"""))),
    "a task's default that leaves elsewhere": ("diagram.default_flow", "a", (
        start(), user("a", default="start__a"), end(), LINE)),
    "a condition on a task's default": ("diagram.condition_unused", "a", (
        start(), user("a", default="a__end"), end(), flows("""
        start > a
        a > end ? x == 1"""))),
    "condition on a flow out of a parallel gateway": ("diagram.condition_unused", "p", (
        start(), par("p"), user("a"), user("b"), end(), flows("""
        start > p > a > end
        p > b ? x == 1
        b > end"""))),
    "condition on the default flow": ("diagram.condition_unused", "g", (
        start(), xor("g", default="g__b"), user("a"), user("b"), end(), flows("""
        start > g
        g > a ? x == 1
        g > b ? x == 2
        a > end
        b > end"""))),
    "no condition beside the default": ("diagram.condition_missing", "g", (
        start(), xor("g", default="g__b"), user("a"), user("b"), end(), flows("""
        start > g > a > end
        g > b > end"""))),
    "an inclusive flow without condition": ("diagram.condition_missing", "g", (
        start(), node("inclusiveGateway", "g"), user("a"), user("b"), end(), flows("""
        start > g
        g > a ? x == 1
        g > b
        a > end
        b > end"""))),
    "a default that is no flow of it": ("diagram.default_flow", "g", (start(), xor("g", default="x"), end(), flows(
        "start > g > end"))),
    "a node without connections": ("diagram.unconnected", "b", (start(), user("a"), user("b"), end(), flows("""
        start > a > end
        b > end"""))),
    "a ring nobody reaches": ("diagram.unconnected", "b", (start(), user("a"), user("b"), user("c"), end(), flows("""
        start > a > end
        b > c > b"""))),
    "a dead end": ("diagram.dead_end", "a", (start(), par("p"), user("a"), end(), flows("""
        start > p > a
        p > end"""))),
    "a flow into the start": ("diagram.flow_into", "start", (start(), xor("g", default="g__end"), end(), flows("""
        start > g > end
        g > start ? x"""))),
    "a flow out of the end": ("diagram.flow_out_of", "end", (start(), user("a"), end(), flows("start > a > end > a"))),
    "a start that waits": ("diagram.start_event", "start", (start(inner=timer("P1D")), user("a"), end(), LINE)),
    "a catch that waits for nothing": ("diagram.event_empty", "a", (start(), catch("a", ""), end(), LINE)),
    "a boundary on nothing": ("diagram.attached_to", "b", (
        start(), user("a"), boundary("b", "nothing", timer("P1D")), end(), flows("start > a > end\nb > end"))),
    "a boundary on a gateway": ("diagram.attached_to", "b", (
        start(), par("a"), boundary("b", "a", timer("P1D")), end(), flows("start > a > end\nb > end"))),
    "an error on a user task": ("diagram.attached_to", "b", (
        start(), user("a"), boundary("b", "a", error()), end(), flows("start > a > end\nb > end"))),
    "an error that does not interrupt": ("diagram.error_interrupts", "b", (
        start(), call("a", "x"), boundary("b", "a", error(), interrupting=False), end(),
        flows("start > a > end\nb > end"))),
    "a cycle in the flow": ("diagram.cycle", "a", (start(), catch("a", timer("R3/PT1H", "timeCycle")), end(), LINE)),
    "an event gateway to a task": ("diagram.event_gateway", "g", (
        start(), node("eventBasedGateway", "g"), user("a"), end(), flows("start > g > a > end"))),
    "no end": ("diagram.no_end", "sample", (start(), user("a"), flows("start > a > a"))),
    "a link without a name": ("diagram.link", "a", (
        start(), catch("a", definition("linkEventDefinition")), end(), LINE)),
    "a link with a flow beside": ("diagram.link", "a", (
        start(), node("intermediateThrowEvent", "a", LINK), catch("c", LINK), user("b"), end(), end("e2"), flows("""
        start > a > b > end
        c > e2"""))),
    "a cancel boundary on a subprocess": ("diagram.cancel", "b", (
        start(), sub("a", start("s1") + end("e1") + flows("s1 > e1")),
        boundary("b", "a", "<bpmn:cancelEventDefinition/>"),
        end(), flows("start > a > end\nb > end"))),
    "a transaction that nobody sees cancelled": ("diagram.cancel", "e1", (
        start(), node("transaction", "a", start("s1") + end("e1", "<bpmn:cancelEventDefinition/>") + flows("s1 > e1")),
        end(), LINE)),
    "two starts": ("diagram.one_start", "sample", (start(), start("s2"), user("a"), end(), flows("""
        start > a > end
        s2 > a"""))),
    "a flow to nowhere": ("diagram.flow_end", "start__x", (start(), user("a"), end(), LINE, flows("start > x"))),
    "a flow into a subprocess": ("diagram.flow_end", "start__in", (
        start(), sub("a", start("s1") + user("in") + end("e1") + flows("s1 > in > e1")), end(), LINE,
        flows("start > in"))),
    "an id with blanks": ("diagram.id_missing", "a b", (start(), user("a b"), end(), flows("start > a b > end"))),
    "an id too long": ("diagram.id_missing", "x" * 300, (start(), user("x" * 300), end(), flows(
        f"start > {'x' * 300} > end"))),
    "an error code in a counter": ("diagram.variable_name", "b", (
        start(), call("a", "x"), boundary("b", "a", error("", ' camunda:errorCodeVariable="loopCounter"')), end(),
        flows("start > a > end\nb > end"))),
    "a boundary event on a receive task behind an event gateway": ("diagram.event_gateway_boundary", "b", (
        start(), node("eventBasedGateway", "g"), node("receiveTask", "a", messageRef="message_m"),
        catch("c", timer("P1D")), boundary("b", "a", timer("PT1H")), end(), flows("""
        start > g > a > end
        g > c > end
        b > end"""))),
    "an id inside of itself": ("diagram.id_twice", "a", (
        start(), sub("a", start("s1") + user("a") + end("e1") + flows("s1 > a > e1")), end(), LINE)),
    "a subprocess inside of its own id": ("diagram.id_twice", "a", (
        start(), sub("a", start("s1") + sub("a", start("s2") + end("e2") + flows("s2 > e2")) + end("e1")
                     + flows("s1 > a > e1")), end(), LINE)),
    "an id twice": ("diagram.id_twice", "a", (start(), user("a"), user("a"), end(), LINE)),
    "a subprocess without start": ("diagram.one_start", "a", (start(), sub("a", end("e1")), end(), LINE)),
    "a watch without trigger": ("diagram.start_event", "es", (
        start(), user("a"), end(), LINE,
        sub("w", start("es") + end("ee") + flows("es > ee"), triggeredByEvent="true"))),
    "a watch in the flow": ("diagram.flow_into", "a", (
        start(), sub("a", start("es", timer("P1D")) + end("ee") + flows("es > ee"), triggeredByEvent="true"), end(),
        LINE)),
}


@pytest.mark.parametrize("name", CONNECTIONS)
def test_what_hangs_together_wrongly_is_refused(name):
    code, element, nodes = CONNECTIONS[name]
    found = {(problem.code, problem.place.partition("#")[2]) for problem in problems(*nodes)}
    assert (code, element) in found


def watch(id: str, begins: str) -> str:
    """An event subprocess."""
    inner = start(f"{id}_s", begins) + end(f"{id}_e") + flows(f"{id}_s > {id}_e")
    return sub(id, inner, triggeredByEvent="true")


HANDLED = {
    "errors of one code at a border": (boundary("b", "a", error("e")), boundary("c", "a", error("e")), "c", "e"),
    "errors of any code at a border": (boundary("b", "a", error()), boundary("c", "a", error()), "c", "*"),
    "escalations at a border, of which one lets it go on": (
        boundary("b", "a", escalation("u")), boundary("c", "a", escalation("u"), interrupting=False), "c", "u"),
    "errors that start subprocesses": (watch("b", error("e")), watch("c", error("e")), "c_s", "e"),
    "escalations that start subprocesses": (watch("b", escalation()), watch("c", escalation()), "c_s", "*"),
}


@pytest.mark.parametrize("name", HANDLED)
def test_what_is_caught_twice_in_one_place_is_refused_since_one_would_never_run(name):
    one, other, element, code = HANDLED[name]
    lines = flows("start > a > end\n" + "".join(f"{id} > end\n" for id in "bc" if "boundaryEvent" in one))
    (problem,) = problems(start(), call("a", "x"), one, other, end(), lines, events="error:e escalation:u")
    assert (problem.code, problem.place, problem.line) == ("diagram.handled_twice", f"sample.bpmn#{element}", 7)
    assert problem.facts == {"element": element.replace("c", "b"), "code": code}


def test_a_transaction_that_is_cancelled_goes_on_one_way():
    inner = start("s1") + end("e1", "<bpmn:cancelEventDefinition/>") + flows("s1 > e1")
    cancels = [boundary(id, "a", "<bpmn:cancelEventDefinition/>") for id in "bc"]
    lines = flows("start > a > end\nb > end\nc > end")
    (problem,) = problems(start(), node("transaction", "a", inner), *cancels, end(), lines)
    assert (problem.code, problem.place) == ("diagram.handled_twice", "sample.bpmn#c")


def test_different_codes_different_places_and_one_for_the_rest_stand_beside_each_other():
    at_border = [boundary("b1", "a", error("e")), boundary("b2", "a", error("f")), boundary("b3", "a", error()),
                 boundary("b4", "a", escalation("e")), boundary("b5", "z", error("e"))]
    lines = flows("start > a > z > end\n" + "".join(f"b{n} > end\n" for n in range(1, 6)))
    read(start(), call("a", "x"), call("z", "x"), *at_border, watch("w1", error("e")), watch("w2", escalation("e")),
         end(), lines, events="error:e error:f escalation:e")


VALUES = {
    "condition without text": ("diagram.condition_empty", catch("a", definition("conditionalEventDefinition"))),
    "loop without end": ("diagram.loop", user("a", definition("standardLoopCharacteristics"))),
    "loop of no rounds": ("diagram.loop", user("a", '<bpmn:standardLoopCharacteristics loopMaximum="0"/>')),
    "send task without action": ("diagram.handler", node("sendTask", "a")),
    "unknown escalation": ("diagram.event_reference", node("intermediateThrowEvent", "a", definition(
        "escalationEventDefinition"))),
    "thrown signal without name": ("diagram.event_reference", node("intermediateThrowEvent", "a", signal("nowhere"))),
    "timer in words": ("timer.duration", catch("a", timer("seven days"))),
    "empty timer": ("timer.missing", catch("a", timer(" "))),
    "timer without a time": ("timer.missing", catch("a", definition("timerEventDefinition"))),
    "wrong date": ("timer.moment", catch("a", timer("2026-02-30T00:00:00", "timeDate"))),
    "broken timer expression": ("expression.unclosed", catch("a", timer("${x"))),
    "unknown message": ("diagram.event_reference", catch("a", message("nowhere"))),
    "unknown signal": ("diagram.event_reference", catch("a", signal("nowhere"))),
    "receive without message": ("diagram.event_reference", node("receiveTask", "a")),
    "missing form": ("diagram.form_missing", user("a", camunda_formKey="nowhere")),
    "missing form by reference": ("diagram.form_missing",
                                  user("a", camunda_formRef="nowhere", camunda_formRefBinding="latest")),
    "missing decision": ("diagram.decision_missing", node(
        "businessRuleTask", "a", camunda_decisionRef="nowhere", camunda_resultVariable="r")),
    "decision without result": ("diagram.decision", node("businessRuleTask", "a", camunda_decisionRef="nowhere")),
    "rule without decision": ("diagram.decision", node("businessRuleTask", "a")),
    "unknown handler": ("diagram.handler_unknown", node("serviceTask", "a", camunda_delegateExpression="${nobody}")),
    "service without handler": ("diagram.handler", node("serviceTask", "a")),
    "call of an expression": ("diagram.called_element", call("a", "${x}")),
    "call of nothing": ("diagram.called_element", call("a", "")),
    "mapping without source": ("diagram.mapping", call("a", "x", '<camunda:in target="y"/>')),
    "mapping without target": ("diagram.mapping", call("a", "x", '<camunda:out source="y"/>')),
    "mapping of two sources": ("diagram.mapping",
                               call("a", "x", '<camunda:in source="y" sourceExpression="${z}" target="y"/>')),
    "mapping to a counter": ("diagram.variable_name", call("a", "x", '<camunda:in source="y" target="loopCounter"/>')),
    "mapping to a word of the language": ("diagram.variable_name",
                                          call("a", "x", '<camunda:in source="y" target="empty"/>')),
    "due date in words": ("timer.moment", user("a", camunda_dueDate="soon")),
    "priority in words": ("diagram.priority", user("a", camunda_priority="high")),
    "Python in an assignee": ("expression.name", user("a", camunda_assignee="${x.__class__}")),
    "method call": ("expression.unexpected", user("a", camunda_assignee="${x.upper()}")),
    "Python's import": ("expression.name", user("a", camunda_assignee="${__import__('os')}")),
    "unknown function": ("expression.unknown_function", user("a", camunda_assignee="${open('x')}")),
    "deferred expression": ("expression.unexpected", user("a", camunda_assignee="#{x}")),
    "many without anything": ("diagram.multi_instance", user("a", many())),
    "many of both": ("diagram.multi_instance", user("a", many("x", "y", times="3"))),
    "fewer than none": ("diagram.cardinality", user("a", many(times="-1"))),
    "two and a half": ("diagram.cardinality", user("a", many(times="2.5"))),
    "a number in words": ("diagram.cardinality", user("a", many(times="three"))),
    "two and a half as an expression": ("diagram.cardinality", user("a", many(times="${2.5}"))),
    "a difference below none": ("diagram.cardinality", user("a", many(times="${1 - 2}"))),
    "a number that can't be computed": ("diagram.cardinality", user("a", many(times="${1 / 0}"))),
    "more than run": ("diagram.cardinality", user("a", many(times="1001"))),
    "results into the collection": ("diagram.output_collection", user(
        "a", properties(outputCollection="voters", outputElement="vote") + many("voters", "voter"))),
    "results without element": ("diagram.output_collection", user(
        "a", properties(outputCollection="votes") + many("voters", "voter"))),
    "property without value": ("diagram.property", user("a", extensions(
        '<camunda:properties><camunda:property name="act"/></camunda:properties>'))),
    "broken completion condition": ("expression.ends_early", user("a", many("x", "y", until="${nrOfInstances >}"))),
    "parameter of a map": ("diagram.element_unsupported", user("a", extensions(
        '<camunda:inputOutput><camunda:inputParameter name="x"><camunda:map/></camunda:inputParameter>'
        "</camunda:inputOutput>"))),
}


@pytest.mark.parametrize("name", VALUES)
def test_values_that_make_no_sense_are_refused_at_their_element(name):
    code, a = VALUES[name]
    found = problems(start(), a, end(), LINE)
    assert code in {problem.code for problem in found}
    assert {(problem.place, problem.line) for problem in found} == {("sample.bpmn#a", 5)}


TABLE = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="defs"><decision id="d" name="d">
<decisionTable id="t"><output id="o1" name="panel"/><output id="o2" name="reason"/>
<rule id="r1"><outputEntry><text>true</text></outputEntry><outputEntry><text>"x"</text></outputEntry></rule>
</decisionTable></decision></definitions>"""


@pytest.mark.parametrize("how", ["singleEntry", "collectEntries", "singleResult", "resultList"])
def test_one_value_of_a_decision_with_two_outputs_is_refused_and_whole_rows_are_taken(how):
    task = node("businessRuleTask", "a", camunda_decisionRef="d", camunda_resultVariable="r",
                camunda_mapDecisionResult=how)
    files = {"tables.dmn": TABLE}
    if how in ("singleResult", "resultList"):
        assert read(start(), task, end(), LINE, files=files).tables
        return
    with pytest.raises(DiagramRefused) as refused:
        read(start(), task, end(), LINE, files=files)
    (problem,) = refused.value.problems
    assert (problem.code, problem.place, problem.line) == ("diagram.decision_outputs", "sample.bpmn#a", 5)
    assert problem.facts == {"decision": "d", "how": how, "found": 2}


@pytest.mark.parametrize("times", ["0", "3", "1000", "${3}", "${n}"])
def test_a_number_of_instances_that_can_run_is_read(times):
    assert read(start(), user("a", many(times=times)), end(), LINE)


def test_a_call_of_a_process_that_does_not_exist_is_refused_when_the_processes_are_known():
    nodes = (start(), call("a", "other"), end(), LINE)
    assert read(*nodes).calls == {"other"}
    (problem,) = problems(*nodes, callable_keys={"sample"})
    assert (problem.code, problem.facts["process"]) == ("diagram.called_missing", "other")


def test_everything_wrong_is_told_at_once_with_its_lines():
    found = problems(start(), user("a", camunda_assignee="${", camunda_formKey="nowhere", default="x"), user("lost"),
                     end(), catch("wait", timer("x")), flows("start > a > wait > end"))
    assert {(problem.code, problem.place.partition("#")[2], problem.line) for problem in found} == {
        ("expression.unclosed", "a", 5), ("diagram.form_missing", "a", 5), ("diagram.default_flow", "a", 5),
        ("diagram.unconnected", "lost", 6), ("diagram.dead_end", "lost", 6), ("timer.duration", "wait", 8)}


def test_reading_is_the_same_each_time():
    nodes = (start(), user("a", camunda_assignee="${", onfire="1"), user("b"), LINE)
    assert problems(*nodes) == problems(*nodes)


@pytest.mark.parametrize(("data", "code"), [
    (b"<x/>", "diagram.no_bpmn"),
    (draw(start(), user("a"), end(), LINE).replace(b'isExecutable="true"', b""), "diagram.not_executable"),
    (draw(start(), user("a"), end(), LINE).replace(b"</bpmn:process>", b'</bpmn:process><bpmn:process id="p2"/>'),
     "diagram.one_process"),
])
def test_a_file_that_is_no_process_is_refused(data, code):
    with pytest.raises(DiagramRefused) as refused:
        read_package(Package("sample", {"sample.bpmn": data}))
    assert code in {problem.code for problem in refused.value.problems}


@pytest.mark.parametrize("condition", ["x >", "open('x')", "${nested}"])
def test_a_condition_that_cannot_be_read_is_one_problem(condition):
    lines = flows(f"start > g > end\ng > a ? {condition}\na > end")
    (problem,) = problems(start(), xor("g", default="g__end"), user("a"), end(), lines)
    assert (problem.place, problem.code.partition(".")[0]) == ("sample.bpmn#g__a", "expression")


def test_a_lane_that_names_no_node_is_refused_where_it_stands():
    lane = """<bpmn:laneSet id="ls">
<bpmn:lane id="l1">
<bpmn:flowNodeRef>{}</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>"""
    for named in ("gone", "", "start__a"):
        (problem,) = problems(lane.format(named), start(), user("a"), end(), LINE)
        assert (problem.code, problem.place, problem.line) == ("diagram.lane_reference", "sample.bpmn#l1", 6)
    (problem,) = problems(lane.format("a"), start(), node("scriptTask", "a"), end(), LINE)
    assert problem.code == "diagram.script", "that the script is none of ours is told once"


STRAY = {
    "in the process": ("甲", "sample.bpmn#sample", 5, "<bpmn:textAnnotation id='t'/>\n甲"),
    "in a step": ("乙", "sample.bpmn#b", 5, user("b", "\n乙 <bpmn:documentation>丙</bpmn:documentation>")),
    "behind a flow's condition": (">", "sample.bpmn#f", 5, '<bpmn:sequenceFlow id="f" sourceRef="a" targetRef="end">\n'
                                  "<bpmn:conditionExpression>${x}</bpmn:conditionExpression>&gt;</bpmn:sequenceFlow>"),
    "in an extension": ("丁", "sample.bpmn#b", 4, user("b", extensions("<camunda:properties>丁</camunda:properties>"))),
}  # fmt: skip


@pytest.mark.parametrize("name", STRAY)
def test_text_beside_the_elements_is_refused(name):
    text, place, line, beside = STRAY[name]
    found = [problem for problem in problems(beside, start(), user("a"), end(), LINE)
             if problem.code == "diagram.stray_text"]
    assert [(problem.facts["text"], problem.place, problem.line) for problem in found] == [(text, place, line)]


@pytest.mark.parametrize("files", [{}, {"a.bpmn": b"", "b.bpmn": b""}])
def test_a_package_has_exactly_one_diagram(files):
    with pytest.raises(DiagramRefused) as refused:
        read_package(Package("sample", files))
    assert refused.value.problems[0].code == "package.one_diagram"


def test_what_people_draw_for_people_is_passed_over():
    notes = """
<bpmn:textAnnotation id="t"><bpmn:text>五个工作日</bpmn:text></bpmn:textAnnotation>
<bpmn:association id="as" sourceRef="a" targetRef="t"/><bpmn:group id="gr"/>
<bpmn:dataObject id="do"/><bpmn:dataObjectReference id="dr" name="卷宗" dataObjectRef="do"/>"""
    lanes = """
<bpmn:laneSet id="ls">
<bpmn:lane id="l1" name="法规处"><bpmn:flowNodeRef>a</bpmn:flowNodeRef></bpmn:lane>
<bpmn:lane id="l2" name="执法队"><bpmn:flowNodeRef>start</bpmn:flowNodeRef></bpmn:lane>
</bpmn:laneSet>"""
    inside = """
<bpmn:documentation>按清单核对</bpmn:documentation>
<bpmn:property id="pr" name="__targetRef_placeholder"/>
<bpmn:dataInputAssociation id="di"><bpmn:sourceRef>dr</bpmn:sourceRef><bpmn:targetRef>pr</bpmn:targetRef>
</bpmn:dataInputAssociation>"""
    pool = """
<bpmn:collaboration id="co"><bpmn:participant id="pa" name="应急管理局" processRef="sample"/></bpmn:collaboration>
<bpmn:process"""
    shapes = """
<bpmndi:BPMNDiagram id="di1"><bpmndi:BPMNPlane id="pl" bpmnElement="co"><bpmndi:Anything/></bpmndi:BPMNPlane>
</bpmndi:BPMNDiagram></bpmn:definitions>"""
    data = draw(lanes, start(), user("a", inside, name="完备性\n审查"), end(), LINE, notes).decode()
    data = data.replace("<bpmn:process", pool, 1).replace("</bpmn:definitions>", shapes)
    element = read_package(Package("sample", {"sample.bpmn": data.encode()})).elements["a"]
    assert (element.name, element.lane, element.documentation) == ("完备性 审查", "法规处", "按清单核对")


def test_a_form_is_found_by_key_by_path_and_by_the_modelers_notation():
    for key in ("check", "forms/check.form", "camunda-forms:deployment:forms/check.form"):
        definition_ = read(start(), user("a", camunda_formKey=key), end(), LINE, files={"forms/check.form": b"{}"})
        assert definition_.elements["a"].form_key == "check"
    definition_ = read(start(camunda_formRef="check", camunda_formRefBinding="deployment"), user("a"), end(), LINE,
                       files={"forms/check.form": b"{}"})
    assert definition_.start_form == "check"
