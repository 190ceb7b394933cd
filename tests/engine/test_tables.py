"""Decision tables: files as dmn-js writes them, hit policies, required decisions, and what is refused where."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

import pytest

from workflows.engine.tables import NAMESPACES, DecisionTable, read_tables
from workflows.errors import DiagramRefused, Incident

DMN = NAMESPACES[-1]

# What the Camunda Modeler writes, with its namespaces, layout, labels, descriptions and empty cells.
MODELER = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/"
  xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/" xmlns:di="http://www.omg.org/spec/DMN/20180521/DI/"
  xmlns:camunda="http://camunda.org/schema/1.0/dmn" xmlns:biodi="http://bpmn.io/schema/dmn/biodi/2.0"
  xmlns:modeler="http://camunda.org/schema/modeler/1.0" id="Definitions_1" name="DRD"
  namespace="http://camunda.org/schema/1.0/dmn" exporter="Camunda Modeler" exporterVersion="5.0.0"
  modeler:executionPlatform="Camunda Platform" modeler:executionPlatformVersion="7.21.0">
  <inputData id="facts" name="案件事实"><variable id="v1" name="facts" /></inputData>
  <knowledgeSource id="law" name="行政处罚法第五十七条" />
  <decision id="collective_required" name="是否集体讨论" camunda:historyTimeToLive="P180D">
    <description>情节复杂或者重大违法行为，应当集体讨论。</description>
    <extensionElements><biodi:bounds x="1" y="1" width="180" height="80" /></extensionElements>
    <informationRequirement id="ir1"><requiredInput href="#facts" /></informationRequirement>
    <authorityRequirement id="ar1"><requiredAuthority href="#law" /></authorityRequirement>
    <decisionTable id="table" hitPolicy="FIRST" biodi:annotationsWidth="400">
      <input id="i1" label="对单位罚款（元）" biodi:width="192">
        <inputExpression id="ie1" typeRef="number"><text>fine_entity_max</text></inputExpression>
      </input>
      <input id="i2" label="案件类型">
        <inputExpression id="ie2" typeRef="string"><text>kind</text></inputExpression>
        <inputValues id="iv2"><text>"ordinary","serious"</text></inputValues>
      </input>
      <output id="o1" label="集体讨论" name="collective" typeRef="boolean" />
      <output id="o2" label="理由" name="reason" typeRef="string" />
      <rule id="r1"><description>5 万元以上</description>
        <inputEntry id="c11"><text>&gt;= 50000</text></inputEntry><inputEntry id="c12"><text></text></inputEntry>
        <outputEntry id="c13"><text>true</text></outputEntry><outputEntry id="c14"><text>"数额较大"</text></outputEntry>
      </rule>
      <rule id="r2">
        <inputEntry id="c21"><text>-</text></inputEntry><inputEntry id="c22"><text>"serious"</text></inputEntry>
        <outputEntry id="c23"><text>true</text></outputEntry><outputEntry id="c24"><text>"重大违法"</text></outputEntry>
      </rule>
      <rule id="r3">
        <inputEntry id="c31"><text></text></inputEntry><inputEntry id="c32"><text></text></inputEntry>
        <outputEntry id="c33"><text>false</text></outputEntry><outputEntry id="c34"><text></text></outputEntry>
      </rule>
    </decisionTable>
  </decision>
  <textAnnotation id="note"><text>注释</text></textAnnotation>
  <dmndi:DMNDI><dmndi:DMNDiagram><dmndi:DMNShape dmnElementRef="facts"><dc:Bounds height="45" width="125" x="1" y="1" />
  </dmndi:DMNShape></dmndi:DMNDiagram></dmndi:DMNDI>
</definitions>"""


def file(*decisions: str, namespace: str = DMN, attributes: str = "") -> bytes:
    head = f'<definitions xmlns="{namespace}" xmlns:camunda="http://camunda.org/schema/1.0/dmn" id="defs" {attributes}>'
    return "\n".join(['<?xml version="1.0"?>', head, *decisions, "</definitions>"]).encode()


def text(written: str) -> str:
    return f"<text>{escape(written.strip())}</text>"


def columns(tag: str, written: list[str]) -> str:
    """Inputs as "expression:type", outputs as "name:type"; what follows a `|` are the allowed values."""
    parts = []
    for index, column in enumerate(written):
        head, _, listed = column.partition("|")
        name, _, type = head.partition(":")
        ref = f'typeRef="{type}"' if type else ""
        values = f"<{tag}Values>{text(listed)}</{tag}Values>" if listed else ""
        if tag == "input":
            inner = f"<inputExpression {ref}>{text(name)}</inputExpression>"
            parts.append(f'<input id="in{index}" label="{index}">{inner}{values}</input>')
        else:
            default = ""
            if "=" in name:
                name, _, written_default = name.partition("=")
                default = f"<defaultOutputEntry>{text(written_default)}</defaultOutputEntry>"
            parts.append(f'<output id="out{index}" name="{name}" {ref}>{values}{default}</output>')
    return "".join(parts)


def decision(
    rules: list[str], *, inputs: str = "x:number", outputs: str = "y", policy: str = "", id: str = "d",
    requires: str = "",
) -> str:  # fmt: skip
    """A decision; columns separated by ";", a rule as "test; test -> result; result"."""
    rows = []
    for number, rule in enumerate(rules, 1):
        left, _, right = rule.partition("->")
        tests = "".join(f"<inputEntry>{text(cell)}</inputEntry>" for cell in left.split(";")) if inputs else ""
        results = "".join(f"<outputEntry>{text(cell)}</outputEntry>" for cell in right.split(";"))
        rows.append(f'<rule id="{id}_r{number}">{tests}{results}</rule>')
    hit, _, aggregation = policy.partition("+")
    attributes = (f' hitPolicy="{hit}"' if hit else "") + (f' aggregation="{aggregation}"' if aggregation else "")
    links = [f'<requiredDecision href="#{each}"/>' for each in requires.split()]
    needed = "".join(f"<informationRequirement>{link}</informationRequirement>" for link in links)
    heads = columns("input", inputs.split(";") if inputs else []) + columns("output", outputs.split(";"))
    body = heads + "\n".join(rows)
    logic = f'<decisionTable id="{id}_t"{attributes}>{body}</decisionTable>'
    return f'<decision id="{id}" name="{id}">{needed}{logic}</decision>'


def table(rules: list[str], **how: str) -> DecisionTable:
    return read_tables(file(decision(rules, **how)), "t.dmn")["d"]


def refusal(data: bytes) -> list[tuple[str, str, int | None]]:
    with pytest.raises(DiagramRefused) as caught:
        read_tables(data, "t.dmn")
    return [(problem.code, problem.place, problem.line) for problem in caught.value.problems]


def codes(data: bytes) -> list[str]:
    return [code for code, _, _ in refusal(data)]


def test_a_file_of_the_camunda_modeler_is_read() -> None:
    found = read_tables(MODELER.encode(), "collective.dmn")
    assert list(found) == ["collective_required"]
    read = found["collective_required"]
    assert (read.name, read.hit_policy, read.inputs) == ("是否集体讨论", "FIRST", {"fine_entity_max", "kind"})
    assert read.decide({"fine_entity_max": 50000, "kind": "ordinary"}) == {"collective": True, "reason": "数额较大"}
    assert read.decide({"fine_entity_max": 1, "kind": "serious"}) == {"collective": True, "reason": "重大违法"}
    assert read.decide({"fine_entity_max": 49999.99, "kind": "ordinary"}) == {"collective": False, "reason": None}


def test_a_table_explains_which_inputs_and_rules_led_to_its_outcome() -> None:
    read = read_tables(MODELER.encode(), "collective.dmn")["collective_required"]
    explained = read.explain({"fine_entity_max": 10, "kind": "serious"})
    assert explained.rules == (2,)
    assert explained.inputs == {"对单位罚款（元）": 10, "案件类型": "serious"}


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_three_versions_of_dmn_are_read(namespace: str) -> None:
    data = file(decision(["> 5 -> 1"]), namespace=namespace)
    assert read_tables(data, "t.dmn")["d"].decide({"x": 6}) == {"y": 1}


@pytest.mark.parametrize(
    ("policy", "x", "outcome"),
    [
        ("", 1, {"y": "a"}), ("UNIQUE", 1, {"y": "a"}), ("UNIQUE", 100, None), ("FIRST", 5, {"y": "b"}),
        ("FIRST", 7, {"y": "c"}), ("FIRST", 100, None),
        ("RULE ORDER", 5, [{"y": "b"}, {"y": "a"}]), ("RULE ORDER", 100, []), ("COLLECT", 5, [{"y": "b"}, {"y": "a"}]),
        ("COLLECT", 100, []),
        ("COLLECT+COUNT", 5, 2), ("COLLECT+COUNT", 100, 0), ("PRIORITY", 5, {"y": "a"}), ("PRIORITY", 7, {"y": "c"}),
        ("PRIORITY", 100, None),
        ("OUTPUT ORDER", 7, [{"y": "c"}, {"y": "a"}]), ("OUTPUT ORDER", 5, [{"y": "a"}, {"y": "b"}]),
        ("OUTPUT ORDER", 100, []),
    ],
)  # fmt: skip
def test_a_hit_policy_says_what_the_hits_make(policy: str, x: int, outcome: Any) -> None:
    rules = ['[4..6] -> "b"', '[7..9] -> "c"', '< 10 -> "a"']
    assert table(rules, policy=policy, outputs='y:string|"c","a","b"').decide({"x": x}) == outcome


def test_two_hits_of_a_unique_table_are_an_error_that_names_the_rules() -> None:
    read = table(["< 3 -> 1", "< 4 -> 1", "< 5 -> 1"])
    assert read.decide({"x": 4}) == {"y": 1}
    with pytest.raises(Incident) as caught:
        read.decide({"x": 3})
    assert (caught.value.code, caught.value.facts["rules"]) == ("table.not_unique", [2, 3])


def test_hits_that_differ_are_an_error_under_any() -> None:
    read = table(["< 3 -> 1;2", "< 4 -> 1;2", "< 5 -> 1;3"], outputs="y;z", policy="ANY")
    assert read.decide({"x": 4}) == {"y": 1, "z": 3}
    with pytest.raises(Incident) as caught:
        read.decide({"x": 1})
    assert (caught.value.code, caught.value.facts["rules"]) == ("table.not_any", [1, 2, 3])
    assert table(["< 3 -> 1;2", "< 4 -> 1.0;2"], outputs="y;z", policy="ANY").decide({"x": 1}) == {"y": 1, "z": 2}


def test_default_outputs_stand_in_when_no_rule_hits() -> None:
    rules = ["1 -> 10;11"]
    assert table(rules, outputs="y=0;z").decide({"x": 2}) == {"y": 0, "z": None}
    assert table(rules, outputs="y=0;z").decide({"x": 1}) == {"y": 10, "z": 11}
    assert table(rules, outputs='y="none";z=x + 1', policy="RULE ORDER").decide({"x": 2}) == [{"y": "none", "z": 3}]


def test_inputs_and_outputs_are_expressions() -> None:
    read = table(["> limit -> fine * 2 + bonus"], inputs="fine / count:number", outputs="y:number")
    assert read.inputs == {"fine", "count", "limit", "bonus"}
    assert read.decide({"fine": 9, "count": 3, "limit": 2, "bonus": 1}) == {"y": 19}


def test_a_table_without_inputs_always_hits() -> None:
    assert table(["-> 7"], inputs="").decide({}) == {"y": 7}


@pytest.mark.parametrize(
    ("type", "cell", "value"),
    [("string", '"a"', "a"), ("boolean", "true", True), ("number", "1.5", 1.5), ("double", "2", 2), ("integer",
    "3", 3), ("integer", "3", 3.0),
     ("long", "3", Decimal(3)), ("date", 'date("2024-01-31")', date(2024, 1, 31)), ("date", '@"2024-01-31"',
     "2024-01-31"), ("string", "null", None)],
)  # fmt: skip
def test_a_column_takes_values_of_its_type(type: str, cell: str, value: Any) -> None:
    assert table([f"{cell} -> 1"], inputs=f"x:{type}").decide({"x": value}) == {"y": 1}


@pytest.mark.parametrize(
    ("type", "value"),
    [("string", 1), ("boolean", "true"), ("boolean", 1), ("number", "1"), ("number", True), ("integer", 1.5), ("long",
    "x"), ("date", "31.1.2024"),
     ("date", 20240131), ("string", [1]), ("number", float("nan"))],
)  # fmt: skip
def test_a_value_of_another_type_is_an_error(type: str, value: Any) -> None:
    read = table(["- -> 1"], inputs=f"x:{type}")
    with pytest.raises(Incident):
        read.decide({"x": value})


def test_a_result_of_another_type_is_an_error() -> None:
    read = table(["- -> z"], outputs="y:boolean")
    assert read.decide({"x": 1, "z": True}) == {"y": True}
    with pytest.raises(Incident) as caught:
        read.decide({"x": 1, "z": "ja"})
    assert (caught.value.code, caught.value.facts["column"]) == ("table.wrong_type", "y")


def test_a_whole_number_comes_out_whole() -> None:
    outcome = table(["- -> z / 2"], outputs="y:integer").decide({"x": 1, "z": Decimal("6.0")})
    assert outcome == {"y": 3} and isinstance(outcome, dict) and type(outcome["y"]) is int


def test_an_input_outside_its_listed_values_is_an_error() -> None:
    read = table(['"a" -> 1', "- -> 2"], inputs='x:string|"a","b"', policy="FIRST")
    assert read.decide({"x": "b"}) == {"y": 2}
    assert read.decide({"x": None}) == {"y": 2}
    with pytest.raises(Incident) as caught:
        read.decide({"x": "c"})
    assert caught.value.code == "table.input_not_allowed"


def test_a_missing_variable_is_an_error_even_where_no_cell_looks_at_it() -> None:
    with pytest.raises(Incident) as caught:
        table(["- -> 1"]).decide({})
    assert caught.value.facts["reason"] == "expression.unknown_name"


def test_null_is_not_taken_for_a_small_number() -> None:
    with pytest.raises(Incident):
        table(["< 50000 -> false", "- -> true"], policy="FIRST").decide({"x": None})
    assert table(["null -> 0", "> 1 -> 1"], policy="FIRST").decide({"x": None}) == {"y": 0}


@pytest.mark.parametrize("policy", ["", "FIRST", "PRIORITY", "COLLECT", "OUTPUT ORDER"])
def test_a_computed_result_that_its_column_does_not_list_is_an_error(policy: str) -> None:
    listing = table(["1 -> z", "2 -> z"], outputs='y|"a","b"', policy=policy)
    with pytest.raises(Incident) as caught:
        listing.decide({"x": 2, "z": "c"})
    assert caught.value.code == "table.output_not_allowed"
    assert caught.value.facts == {"table": "d", "column": "y", "rule": 2, "value": "c"}
    with pytest.raises(Incident):
        listing.decide({"x": 2, "z": 1})
    found = listing.decide({"x": 2, "z": "b"})
    assert found in ({"y": "b"}, [{"y": "b"}])


def test_nothing_has_no_place_among_priorities() -> None:
    with pytest.raises(Incident) as caught:
        table(["- -> z"], outputs='y|"a"', policy="PRIORITY").decide({"x": 1, "z": None})
    assert caught.value.code == "table.no_priority"


def test_dates_that_came_as_texts_are_no_silent_miss() -> None:
    """Variables are JSON: where neither the column's type nor date(…) says so, a date there is a text."""
    written = table(['date("2026-01-01") -> 1', "- -> 2"], inputs="x", policy="FIRST")
    with pytest.raises(Incident) as caught:
        written.decide({"x": "2026-01-01"})
    assert caught.value.facts["reason"] == "expression.not_comparable"
    typed = table(['date("2026-01-01") -> 1', "- -> 2"], inputs="x:date", policy="FIRST")
    assert typed.decide({"x": "2026-01-01"}) == {"y": 1}


def test_priorities_count_from_the_first_output_to_the_last() -> None:
    rules = ['- -> "low";"a"', '- -> "high";"b"', '- -> "high";"a"']
    read = table(rules, outputs='y|"high","low";z|"a","b"', policy="OUTPUT ORDER")
    assert read.decide({"x": 1}) == [{"y": "high", "z": "a"}, {"y": "high", "z": "b"}, {"y": "low", "z": "a"}]


def test_cells_may_see_their_input_under_a_name() -> None:
    named = b'<input id="in0" camunda:inputVariable="amount"'
    data = file(decision(["amount > 5 and amount < limit -> 1"])).replace(b'<input id="in0"', named)
    read = read_tables(data, "t.dmn")["d"]
    assert read.inputs == {"x", "limit"}
    assert read.decide({"x": 6, "limit": 9}) == {"y": 1}


@pytest.mark.parametrize(
    ("aggregation", "outcome"),
    [("SUM", 6), ("COUNT", 3), ("MIN", 2), ("MAX", 2)],
)
def test_equal_results_are_each_aggregated(aggregation: str, outcome: int) -> None:
    assert table(["1 -> 2", "< 3 -> 2", "- -> 2"], policy=f"COLLECT+{aggregation}").decide({"x": 1}) == outcome


@pytest.mark.parametrize("aggregation", ["SUM", "COUNT", "MIN", "MAX"])
def test_nothing_to_aggregate_gives_the_default_output_if_there_is_one(aggregation: str) -> None:
    assert table(["1 -> 2"], outputs="y=7", policy=f"COLLECT+{aggregation}").decide({"x": 9}) == 7


@pytest.mark.parametrize(
    ("type", "cell", "value"),
    [
        ("dateTime", '< date and time("2024-01-31T09:00:00+08:00")', "2024-01-31T00:59:59+00:00"),
        ("date and time", '[@"2024-01-31T09:00:00"..@"2024-01-31T10:00:00"[', "2024-01-31T09:59:59"),
        ("dayTimeDuration", '> duration("PT35H")', "P1DT12H"), ("dayTimeDuration", '@"P2D"', "PT48H"),
        ("yearMonthDuration", '[duration("P1Y")..duration("P14M")]', "P1Y2M"), ("Any", '"a", 1', 1),
    ],
)  # fmt: skip
def test_moments_and_durations_are_compared(type: str, cell: str, value: Any) -> None:
    assert table([f"{cell} -> 1"], inputs=f"x:{type}").decide({"x": value}) == {"y": 1}


@pytest.mark.parametrize(("type", "value"), [
    ("dateTime", "2024-01-31"), ("dateTime", "noon"), ("dayTimeDuration", "P1M"), ("yearMonthDuration", "P30D"),
    ("dayTimeDuration", "P1M2D"), ("dayTimeDuration", 5)])
def test_what_is_no_moment_or_duration_is_an_error(type: str, value: Any) -> None:
    with pytest.raises(Incident) as caught:
        table(["- -> 1"], inputs=f"x:{type}").decide({"x": value})
    assert caught.value.code == "table.wrong_type"


def test_months_and_days_have_no_order() -> None:
    with pytest.raises(Incident) as caught:
        table(['< duration("P1M") -> 1'], inputs='duration(x)').decide({"x": "P30D"})
    assert caught.value.facts["reason"] == "expression.not_comparable"


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ("<literalExpression><text>x * 2</text></literalExpression>", {"lit": 8}),
        ('<variable name="n" typeRef="integer"/><literalExpression><text>x * 2</text></literalExpression>', {"n": 8}),
        ('<literalExpression expressionLanguage="juel"><text>${x > 3 ? 1 : 2}</text></literalExpression>', {"lit": 1}),
    ],
)
def test_a_literal_expression_is_a_decision(body: str, outcome: Any) -> None:
    read = read_tables(file(f'<decision id="lit">{body}</decision>'), "t.dmn")["lit"]
    assert read.decide({"x": 4}) == outcome
    assert read.inputs == {"x"}


@pytest.mark.parametrize(
    "language",
    ["feel", "FEEL", "http://www.omg.org/spec/FEEL/20140401", "https://www.omg.org/spec/DMN/20191111/FEEL/",
    "http://www.omg.org/spec/DMN/20180521/FEEL/"],
)
def test_feel_has_several_names(language: str) -> None:
    data = file(decision(["> 5 -> 1"]), attributes=f'expressionLanguage="{language}"')
    assert read_tables(data, "t.dmn")["d"].decide({"x": 6}) == {"y": 1}


@pytest.mark.parametrize(
    ("how", "one", "none", "many"),
    [
        ("singleEntry", "a", None, Incident), ("singleResult", {"y": "a"}, None, Incident), ("collectEntries", ["a"],
        [], ["b", "a"]),
        ("resultList", [{"y": "a"}], [], [{"y": "b"}, {"y": "a"}]), (None, [{"y": "a"}], [], [{"y": "b"}, {"y": "a"}]),
    ],
)  # fmt: skip
def test_an_outcome_is_mapped_as_the_task_wants_it(how: str | None, one: Any, none: Any, many: Any) -> None:
    read = table(['[4..6] -> "b"', '< 10 -> "a"'], policy="COLLECT")
    assert read.map_result(how, read.decide({"x": 1})) == one
    assert read.map_result(how, read.decide({"x": 100})) == none
    if many is Incident:
        with pytest.raises(Incident):
            read.map_result(how, read.decide({"x": 5}))
    else:
        assert read.map_result(how, read.decide({"x": 5})) == many


def test_a_single_hit_and_a_number_are_mapped_too() -> None:
    single = table(["1 -> 2"])
    assert single.map_result("singleEntry", single.decide({"x": 1})) == 2
    assert single.map_result("singleEntry", single.decide({"x": 9})) is None
    total = table(["- -> 2", "- -> 3"], policy="COLLECT+SUM")
    assert total.map_result("singleEntry", total.decide({"x": 1})) == 5
    assert total.map_result("resultList", total.decide({"x": 1})) == [{"y": 5}]


def test_one_entry_of_several_outputs_is_an_error() -> None:
    read = table(["- -> 1;2"], outputs="y;z")
    for how in ("singleEntry", "collectEntries"):
        with pytest.raises(Incident) as caught:
            read.map_result(how, read.decide({"x": 1}))
        assert caught.value.code == "table.several_outputs"


def test_an_unknown_mapping_is_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match="map"):
        table(["- -> 1"]).map_result("everything", None)


def test_a_cell_that_cannot_be_read_is_named_with_its_line() -> None:
    data = MODELER.replace("<text>&gt;= 50000</text>", "<text>&gt;= 5 万</text>").encode()
    line = MODELER[: MODELER.index('id="c11"')].count("\n") + 1
    with pytest.raises(DiagramRefused) as caught:
        read_tables(data, "collective.dmn")
    (problem,) = caught.value.problems
    assert (problem.code, problem.place, problem.line) == ("expression.unexpected", "collective.dmn#c11", line)
    assert problem.facts["found"] == "万"


def test_all_problems_are_told_at_once() -> None:
    data = file(decision(["> -> 1", "1 -> (", "1; 2 -> 3"]))
    assert refusal(data) == [
        ("expression.ends_early", "t.dmn#d_r1", 3), ("expression.ends_early", "t.dmn#d_r2", 4), ("table.cells",
        "t.dmn#d_r3", 5),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"policy": "BEST"}, "table.hit_policy"), ({"policy": "unique"}, "table.hit_policy"),
        ({"policy": "COLLECT+AVERAGE"}, "table.aggregation"),
        ({"policy": "FIRST+SUM"}, "table.aggregation"), ({"policy": "PRIORITY"}, "table.no_priorities"),
        ({"policy": "OUTPUT ORDER"}, "table.no_priorities"),
        ({"inputs": "x:money"}, "table.type"), ({"outputs": "y:time"}, "table.type"), ({"inputs": "x +"},
        "expression.ends_early"),
        ({"inputs": ""}, "table.cells"), ({"inputs": "x:string"}, "table.cell_type"), ({"outputs": "y:string"},
        "table.cell_type"),
        ({"outputs": "y|2,3"}, "table.output_value"), ({"outputs": "y|z"}, "table.output_value"),
        ({"outputs": "y:string|2"}, "table.cell_type"),
        ({"inputs": "x|1,,2"}, "expression.unexpected"), ({"requires": "nowhere"}, "table.requires_unknown"),
        ({"requires": "d"}, "table.requires_itself"),
    ],
)  # fmt: skip
def test_a_table_that_makes_no_sense_is_refused(how: dict[str, str], code: str) -> None:
    given: dict[str, Any] = {"inputs": "x:number", **how}
    rules = ["-> 1", "5 -> 1"] if how.get("inputs") == "" else ["5 -> 1"]
    written = decision(rules, **given)
    if how.get("inputs") == "":
        written = written.replace("<outputEntry>", "<inputEntry><text>1</text></inputEntry><outputEntry>", 1)
    assert code in codes(file(written))


@pytest.mark.parametrize("cell", ["> \"a\"", "[\"a\"..\"b\"]", "1, \"2\"", "not(true)", "[\"a\", 1]", "? = \"a\"",
"@\"2024-01-01\""])
def test_a_cell_of_another_type_than_its_column_is_refused(cell: str) -> None:
    assert "table.cell_type" in codes(file(decision([f"{cell} -> 1"])))


def test_outputs_need_names_of_their_own() -> None:
    assert codes(file(decision(["1 -> 1;2"], outputs="y;y"))) == ["table.outputs"]
    assert codes(file('<decision id="d"><decisionTable id="t"/></decision>')) == ["table.outputs"]
    assert codes(file(decision(["1 -> 1;2"], outputs="y;z", policy="COLLECT+SUM"))) == ["table.one_output"]


def test_two_decisions_of_one_id_and_one_without_are_refused() -> None:
    assert codes(file(decision(["1 -> 1"]), decision(["1 -> 1"]))) == ["table.id"]
    assert "table.id" in codes(file(decision(["1 -> 1"]).replace('<decision id="d"', "<decision")))


@pytest.mark.parametrize(
    ("element", "tag"),
    [
        ('<businessKnowledgeModel id="b"/>', "businessKnowledgeModel"), ('<decisionService id="b"/>',
        "decisionService"),
        ('<itemDefinition id="b"/>', "itemDefinition"), ('<import id="b"/>', "import"), ('<script xmlns="x" id="b"/>',
        "script"),
    ],
)  # fmt: skip
def test_what_is_not_supported_is_refused_by_its_name(element: str, tag: str) -> None:
    data = file(decision(["1 -> 1"]), element)
    with pytest.raises(DiagramRefused) as caught:
        read_tables(data, "t.dmn")
    (problem,) = caught.value.problems
    assert (problem.code, problem.place, problem.line, problem.facts["tag"]) == ("table.unsupported", "t.dmn#b", 4, tag)


@pytest.mark.parametrize(
    "logic",
    ["<invocation/>", "<context/>", "<relation/>", "<list/>", "<functionDefinition/>",
     '<knowledgeRequirement><requiredKnowledge href="#b"/></knowledgeRequirement>', "<usingProcess/>"],
)  # fmt: skip
def test_other_logic_than_tables_and_expressions_is_refused(logic: str) -> None:
    assert codes(file(f'<decision id="d">{logic}</decision>')) == ["table.unsupported", "table.one_logic"]


def test_other_languages_are_refused() -> None:
    data = file(decision(["1 -> 1"]))
    for old, new in [
        (b"<inputEntry>", b'<inputEntry expressionLanguage="javascript">'),
        (b"<outputEntry>", b'<outputEntry expressionLanguage="groovy">'),
        (b"<inputExpression ", b'<inputExpression expressionLanguage="python" '),
        (b"<inputEntry>", b'<inputEntry expressionLanguage="juel">'),
    ]:  # fmt: skip
        assert codes(data.replace(old, new)) == ["table.language"]
    assert "table.language" in codes(file(decision(["1 -> 1"]), attributes='expressionLanguage="javascript"'))


def test_a_file_that_is_no_dmn_is_refused() -> None:
    for namespace in ("https://www.omg.org/spec/DMN/20211108/MODEL/", "http://www.omg.org/spec/BPMN/20100524/MODEL"):
        assert codes(file(namespace=namespace)) == ["table.no_dmn"]
    assert codes(b"<a/>") == ["table.no_dmn"]
    assert codes(b"<!DOCTYPE a><a/>") == ["xml.doctype"]


def test_hostile_cells_are_refused_or_fail_and_never_give_an_object() -> None:
    for cell in ["__import__('os').popen('id')", "().__class__", "x.__class__", "x.real", "open(\"a\")", "lambda: 1",
    "[y for y in x]"]:
        for rule in (f"{cell} -> 1", f"1 -> {cell}"):
            try:
                table([rule]).decide({"x": 1})
            except (DiagramRefused, Incident):
                continue
            pytest.fail(rule)


def test_text_beside_the_elements_of_a_table_is_refused() -> None:
    whole = file(decision(["1 -> 2"])).decode()
    for stray in (whole.replace("<decisionTable", "甲<decisionTable"), whole.replace("</rule>", "乙</rule>"),
                  whole.replace("</definitions>", "丙</definitions>")):  # fmt: skip
        assert codes(stray.encode()) == ["diagram.stray_text"]
