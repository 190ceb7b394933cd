"""Reads DMN files as dmn-js and the Camunda Modeler write them (DMN 1.1, 1.2 and 1.3).

Decision tables and literal expressions are read; everything else that decides (knowledge models, contexts, relations,
invocations, services, imports) is refused with its element and line, and so is every unknown language, type, hit policy
or cell. Layout, annotations and knowledge sources are documentation and are passed over.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lxml import etree

from workflows.engine import feel, nodes, values
from workflows.engine.decisions import (
    AGGREGATIONS,
    MULTIPLE,
    SINGLE,
    DecisionTable,
    Input,
    Output,
    Rule,
)
from workflows.engine.expressions import Expression, parse
from workflows.engine.typerefs import TYPES, typed
from workflows.engine.xml import safe_tree, stray_text
from workflows.errors import DiagramRefused, Invalid, Problem

__all__ = ["DecisionTable", "read_tables"]

NAMESPACES = (
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
)
"""DMN 1.1, 1.2, 1.3."""
MAX_REQUIRED = 20
"""How many decisions may require one another in a row."""
_CAMUNDA = "{http://camunda.org/schema/1.0/dmn}"
_FEEL = (
    "feel",
    "http://www.omg.org/spec/feel/20140401",
    "http://www.omg.org/spec/dmn/20180521/feel/",
    "https://www.omg.org/spec/dmn/20191111/feel/",
)
_AGGREGATED = {
    "SUM": frozenset({"number"}), "MIN": values.ORDERED, "MAX": values.ORDERED, "COUNT": frozenset(TYPES.values()),
}
"""Aggregation → kinds of values that it takes, as FEEL's functions of the same names do (DMN 1.3, 10.3.4.4)."""
_DOCUMENTATION = frozenset({"description", "extensionElements", "question", "allowedAnswers"})
_ALLOWED = {
    "definitions": frozenset({"decision", "inputData", "knowledgeSource", "textAnnotation", "association", "group"}),
    "decision": frozenset(
        {"variable", "informationRequirement", "authorityRequirement", "decisionTable", "literalExpression"}
    ),
    "decisionTable": frozenset({"input", "output", "rule", "annotation"}),
    "input": frozenset({"inputExpression", "inputValues"}),
    "output": frozenset({"outputValues", "defaultOutputEntry"}),
    "rule": frozenset({"inputEntry", "outputEntry", "annotationEntry"}),
    "informationRequirement": frozenset({"requiredDecision", "requiredInput"}),
    **{
        tag: frozenset({"text"})
        for tag in (
            "inputExpression", "inputValues", "outputValues", "defaultOutputEntry", "inputEntry", "outputEntry",
            "literalExpression",
        )
    },
}
"""Element → what may stand in it; elements that are not listed may hold anything, for nothing of it decides."""


def read_tables(data: bytes, file: str) -> dict[str, DecisionTable]:
    """The decisions of a DMN file by their ids.

    Raises DiagramRefused with every problem found; places are "file#element" with the nearest element's id, and a line.
    """
    root = safe_tree(data, file).getroot()
    reader = _Reader(file, root)
    tables = reader.decisions()
    if reader.problems:
        raise DiagramRefused("diagram.refused", reader.problems, file=file)
    return tables


class _Reader:
    """One file: its root, its namespace, and what is wrong with it."""

    def __init__(self, file: str, root: etree._Element) -> None:
        self.file, self.root = file, root
        self.problems: list[Problem] = []
        name = etree.QName(root)
        self.ns = f"{{{name.namespace}}}"
        if name.localname != "definitions" or name.namespace not in NAMESPACES:
            self.refuse("table.no_dmn", root)
            raise DiagramRefused("diagram.refused", self.problems, file=file)

    def refuse(self, code: str, at: etree._Element, **facts: Any) -> None:
        near: etree._Element | None = at
        while near is not None and near.get("id") is None:
            near = near.getparent()
        place = f"{self.file}#{near.get('id')}" if near is not None else self.file
        line: int | None = at.sourceline  # type: ignore[assignment]  # the stubs know no type for it
        self.problems.append(Problem(code, place, line, facts))

    def decisions(self) -> dict[str, DecisionTable]:
        self._check_elements(self.root)
        elements: dict[str, etree._Element] = {}
        for element in self.root.findall(f"{self.ns}decision"):
            id = element.get("id", "")
            if not id or id in elements:
                self.refuse("table.id", element, id=id)
            elements[id] = element
        requires = {id: self._requirements(element, elements) for id, element in elements.items()}
        done: dict[str, DecisionTable] = {}
        alone = {id: self._decision(id, element) for id, element in elements.items()}
        for _ in range(MAX_REQUIRED):
            ready = [id for id in elements if id not in done and all(each in done for each in requires[id])]
            done.update({id: replace(alone[id], required=tuple(done[each] for each in requires[id])) for id in ready})
        for id in [id for id in elements if id not in done]:
            self.refuse("table.requires_itself", elements[id], decision=id, limit=MAX_REQUIRED)
        for id, table in done.items():
            for name, givers in sorted(table.ambiguous.items()):
                self.refuse("table.result_ambiguous", elements[id], decision=id, name=name, decisions=givers)
        return done

    def _check_elements(self, element: etree._Element) -> None:
        """Refuse what is neither read nor documentation."""
        tag = etree.QName(element).localname
        if stray := stray_text(element):
            self.refuse("diagram.stray_text", element, text=stray[0])
        for child in element:
            name = etree.QName(child)
            if name.namespace != self.ns[1:-1]:
                if name.localname != "DMNDI":  # the layout; foreign elements elsewhere belong into extensionElements
                    self.refuse("table.unsupported", child, tag=name.localname)
            elif name.localname in _ALLOWED[tag]:
                if name.localname in _ALLOWED:
                    self._check_elements(child)
            elif name.localname not in _DOCUMENTATION:
                self.refuse("table.unsupported", child, tag=name.localname)

    def _requirements(self, decision: etree._Element, known: dict[str, etree._Element]) -> list[str]:
        found: list[str] = []
        for required in decision.iterfind(f"{self.ns}informationRequirement/{self.ns}requiredDecision"):
            href = required.get("href", "")
            if href.startswith("#") and href[1:] in known:
                found.append(href[1:])
            else:
                self.refuse("table.requires_unknown", required, decision=href)
        return found

    def _decision(self, id: str, element: etree._Element) -> DecisionTable:
        name = element.get("name", id)
        table, literal = element.find(f"{self.ns}decisionTable"), element.find(f"{self.ns}literalExpression")
        logic = [child for child in element if child in (table, literal)]
        variable = element.find(f"{self.ns}variable")
        own = variable.get("name") if variable is not None else None
        empty = DecisionTable(id, name, "UNIQUE", None, (), (), (), variable=own or None)
        if len(logic) != 1:
            self.refuse("table.one_logic", element)
            return empty
        if literal is not None:
            output = own or id
            type = self._type(literal) or (None if variable is None else self._type(variable))
            expression = self._value(literal)
            if expression is None:
                return empty
            return replace(empty, outputs=(Output(output, type),), rules=(Rule(1, (), (expression,)),))
        return self._table(logic[0], empty)

    def _table(self, element: etree._Element, empty: DecisionTable) -> DecisionTable:
        policy, aggregation = element.get("hitPolicy", "UNIQUE"), element.get("aggregation")
        columns = [(each, self._input(each)) for each in element.findall(f"{self.ns}input")]
        outputs = [(each, self._output(each, empty.id)) for each in element.findall(f"{self.ns}output")]
        names = [output.name for _, output in outputs]
        if policy not in (*SINGLE, *MULTIPLE):
            self.refuse("table.hit_policy", element, found=policy)
        if aggregation is not None and (policy != "COLLECT" or aggregation not in AGGREGATIONS):
            self.refuse("table.aggregation", element, found=aggregation)
        elif aggregation is not None and len(outputs) != 1:
            self.refuse("table.one_output", element)
        elif aggregation is not None and (type := outputs[0][1].type) and TYPES[type] not in _AGGREGATED[aggregation]:
            column = outputs[0][1].name
            self.refuse("table.aggregated_type", outputs[0][0], aggregation=aggregation, column=column, type=type)
        if not outputs or len(set(names)) != len(names):
            self.refuse("table.outputs", element)
        for at, output in outputs:
            if policy in ("PRIORITY", "OUTPUT ORDER") and not output.priorities:
                self.refuse("table.no_priorities", at, column=output.name)
        rules = [
            self._rule(number, rule, [column for _, column in columns], [output for _, output in outputs])
            for number, rule in enumerate(element.findall(f"{self.ns}rule"), 1)
        ]
        return replace(
            empty, hit_policy=policy, aggregation=aggregation, columns=tuple(column for _, column in columns if column),
            outputs=tuple(output for _, output in outputs), rules=tuple(rule for rule in rules if rule),
        )

    def _input(self, element: etree._Element) -> Input | None:
        inner = element.find(f"{self.ns}inputExpression")
        if inner is None:
            self.refuse("table.input_empty", element)
            return None
        type, expression = self._type(inner), self._value(inner)
        if expression is None:
            return None
        label = element.get("label") or expression.source
        allowed = self._tests(element.find(f"{self.ns}inputValues"), type)
        return Input(label, expression, type, allowed, element.get(f"{_CAMUNDA}inputVariable"))

    def _output(self, element: etree._Element, fallback: str) -> Output:
        output = Output(element.get("name") or fallback, self._type(element))
        listed, default = element.find(f"{self.ns}outputValues"), element.find(f"{self.ns}defaultOutputEntry")
        if listed is not None and (text := self._text(listed)):
            output = replace(output, priorities=self._priorities(listed, text, output))
        if default is not None and self._text(default):
            output = replace(output, default=self._result(default, output))
        return output

    def _priorities(self, element: etree._Element, text: str, output: Output) -> tuple[Any, ...]:
        self._language(element, feel_only=True)
        found: list[Any] = []
        try:
            for expression in feel.parse_list(text):
                if not isinstance(expression.node, nodes.Literal):
                    self.refuse("table.output_value", element, column=output.name, found=text[:40])
                    return ()
                found.append(self._literal(element, expression.node.value, output))
        except Invalid as error:
            self.refuse(error.code, element, **error.facts)
        return tuple(found)

    def _rule(
        self, number: int, element: etree._Element, columns: list[Input | None], outputs: list[Output]
    ) -> Rule | None:
        tests, results = element.findall(f"{self.ns}inputEntry"), element.findall(f"{self.ns}outputEntry")
        if len(tests) != len(columns) or len(results) != len(outputs):
            self.refuse("table.cells", element, rule=number)
            return None
        read = [self._tests(cell, column.type if column else None) for cell, column in zip(tests, columns, strict=True)]
        given = [self._result(cell, output) for cell, output in zip(results, outputs, strict=True)]
        left, right = [each for each in read if each], [each for each in given if each]
        complete = len(left) == len(read) and len(right) == len(given)
        return Rule(number, tuple(left), tuple(right)) if complete else None

    def _tests(self, cell: etree._Element | None, type: str | None) -> Expression | None:
        if cell is None or not self._language(cell, feel_only=True):
            return None
        try:
            tests = feel.parse_tests(self._text(cell))
        except Invalid as error:
            self.refuse(error.code, cell, **error.facts)
            return None
        for value in feel.literals_tested(tests):
            if type is not None and value is not None and values.kind(value) != TYPES[type]:
                self.refuse("table.cell_type", cell, expected=type, found=tests.source)
        return tests

    def _result(self, cell: etree._Element, output: Output) -> Expression | None:
        if not self._text(cell):
            return Expression("", frozenset(), nodes.Literal(None))
        result = self._value(cell)
        if result is not None and isinstance(result.node, nodes.Literal) and result.node.value is not None:
            value = self._literal(cell, result.node.value, output)
            if output.priorities and not any(values.alike(value, each) for each in output.priorities):
                self.refuse("table.output_value", cell, column=output.name, found=result.source)
        return result

    def _literal(self, at: etree._Element, value: Any, output: Output) -> Any:
        """A written result as its column's type says."""
        try:
            return typed(output.type, value) if output.type and value is not None else value
        except values.Failed:
            self.refuse("table.cell_type", at, expected=output.type, found=str(value)[:40])
            return value

    def _value(self, element: etree._Element) -> Expression | None:
        language = self._language(element)
        if not language:
            return None
        try:
            return parse(self._text(element)) if language == "juel" else feel.parse_feel(self._text(element))
        except Invalid as error:
            self.refuse(error.code, element, **error.facts)
            return None

    def _language(self, element: etree._Element, *, feel_only: bool = False) -> str | None:
        """ "feel" or "juel"; None, noted, for another language. Unary tests are FEEL alone."""
        written = element.get("expressionLanguage") or self.root.get("expressionLanguage") or "feel"
        if written.lower() in _FEEL:
            return "feel"
        if written.lower() == "juel" and not feel_only:
            return "juel"
        self.refuse("table.language", element, found=written)
        return None

    def _type(self, element: etree._Element) -> str | None:
        written = element.get("typeRef")
        if written is None or written in TYPES:
            return written
        if written.lower() == "any":
            return None
        self.refuse("table.type", element, found=written)
        return None

    def _text(self, element: etree._Element) -> str:
        return (element.findtext(f"{self.ns}text") or "").strip()
