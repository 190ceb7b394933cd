"""The elements and attributes that the engine understands. Whatever is not in these tables is refused.

An allow-list, since SpiffWorkflow's parser passes over what it does not know: a forgotten listener or condition would
silently not happen. Attributes map to the values they may have; ANY leaves the value to the dialect.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import etree

from workflows.engine.xml import line_of, stray_text
from workflows.errors import Problem

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_DRAWING = "{http://www.omg.org/spec/BPMN/20100524/DI}"
_MODELER = "{http://camunda.org/schema/modeler/1.0}"

Values = frozenset[str] | None
ANY: Values = None
_NO: Values = frozenset({"false"})
_ONE: Values = frozenset({"1"})
_BOOLEAN: Values = frozenset({"true", "false"})
_BINDING: Values = frozenset({"latest", "deployment"})

_NAMED: dict[str, Values] = {"id": ANY, "name": ANY}
# Every command is one transaction, so that asking for further transaction borders changes nothing that can be seen.
_BORDERS: dict[str, Values] = {f"{CAMUNDA}{name}": _BOOLEAN for name in ("asyncBefore", "asyncAfter", "exclusive")}
_NODE = _NAMED | _BORDERS
_ACTIVITY = _NODE | {"default": ANY, "isForCompensation": _NO, "startQuantity": _ONE, "completionQuantity": _ONE}
_TEXT: dict[str, Values] = {"id": ANY, "textFormat": ANY}
_FORMAL: dict[str, Values] = {"id": ANY, f"{_XSI}type": frozenset(
    f"{prefix}tFormalExpression" for prefix in ("", "bpmn:", "bpmn2:", "semantic:"))}
_CONDITION = _FORMAL | {"language": frozenset({"feel", "FEEL", "juel", "JUEL"})}

ATTRIBUTES: Mapping[str, Mapping[str, Values]] = {
    "definitions": _NAMED | {
        "targetNamespace": ANY, "exporter": ANY, "exporterVersion": ANY, f"{_XSI}schemaLocation": ANY,
        "expressionLanguage": frozenset({"juel", "JUEL"}), "typeLanguage": ANY,
        f"{_MODELER}executionPlatform": frozenset({"Camunda Platform"}), f"{_MODELER}executionPlatformVersion": ANY,
        f"{CAMUNDA}diagramRelationId": ANY,
    },
    "process": _NAMED | {
        "isExecutable": frozenset({"true"}), "isClosed": _BOOLEAN, f"{CAMUNDA}versionTag": ANY,
        "processType": frozenset({"None", "Private", "Public"}), f"{CAMUNDA}historyTimeToLive": ANY,
        f"{CAMUNDA}isStartableInTasklist": _BOOLEAN,
    },
    "collaboration": _NAMED | {"isClosed": _BOOLEAN}, "participant": _NAMED | {"processRef": ANY},
    "messageFlow": _NAMED | {"sourceRef": ANY, "targetRef": ANY, "messageRef": ANY},
    "laneSet": _NAMED, "lane": _NAMED, "childLaneSet": _NAMED, "flowNodeRef": {},
    "documentation": _TEXT, "text": {}, "incoming": {}, "outgoing": {}, "extensionElements": {},
    "textAnnotation": _TEXT, "association": _NAMED | {"sourceRef": ANY, "targetRef": ANY, "associationDirection": ANY},
    "group": _NAMED | {"categoryValueRef": ANY}, "category": _NAMED, "categoryValue": {"id": ANY, "value": ANY},
    "dataObject": _NAMED | {"isCollection": _BOOLEAN}, "dataObjectReference": _NAMED | {"dataObjectRef": ANY},
    "dataStoreReference": _NAMED | {"dataStoreRef": ANY}, "property": _NAMED,
    "dataInputAssociation": {"id": ANY}, "dataOutputAssociation": {"id": ANY}, "sourceRef": {}, "targetRef": {},
    "message": _NAMED, "signal": _NAMED, "escalation": _NAMED | {"escalationCode": ANY},
    "error": _NAMED | {"errorCode": ANY, f"{CAMUNDA}errorMessage": ANY},
    "sequenceFlow": _NAMED | {"sourceRef": ANY, "targetRef": ANY}, "conditionExpression": _CONDITION,
    "startEvent": _NODE | {"isInterrupting": _BOOLEAN, f"{CAMUNDA}formKey": ANY, f"{CAMUNDA}formRef": ANY,
                           f"{CAMUNDA}formRefBinding": _BINDING},
    "endEvent": _NODE, "intermediateCatchEvent": _NODE, "intermediateThrowEvent": _NODE,
    "boundaryEvent": _NODE | {"attachedToRef": ANY, "cancelActivity": _BOOLEAN},
    "timerEventDefinition": {"id": ANY}, "timeDate": _FORMAL, "timeDuration": _FORMAL, "timeCycle": _FORMAL,
    "messageEventDefinition": {"id": ANY, "messageRef": ANY}, "signalEventDefinition": {"id": ANY, "signalRef": ANY},
    "errorEventDefinition": {"id": ANY, "errorRef": ANY, f"{CAMUNDA}errorCodeVariable": ANY},
    "escalationEventDefinition": {"id": ANY, "escalationRef": ANY, f"{CAMUNDA}escalationCodeVariable": ANY},
    "conditionalEventDefinition": {"id": ANY, f"{CAMUNDA}variableName": ANY}, "condition": _CONDITION,
    "linkEventDefinition": _NAMED, "terminateEventDefinition": {"id": ANY}, "cancelEventDefinition": {"id": ANY},
    "exclusiveGateway": _NODE | {"default": ANY, "gatewayDirection": ANY},
    "inclusiveGateway": _NODE | {"default": ANY, "gatewayDirection": ANY},
    "parallelGateway": _NODE | {"gatewayDirection": ANY},
    "eventBasedGateway": _NODE | {"gatewayDirection": ANY, "instantiate": _NO,
                                  "eventGatewayType": frozenset({"Exclusive"})},
    "task": _ACTIVITY, "manualTask": _ACTIVITY,
    "userTask": _ACTIVITY | {f"{CAMUNDA}{name}": ANY for name in (
        "assignee", "candidateUsers", "candidateGroups", "dueDate", "priority", "formKey", "formRef")}
        | {f"{CAMUNDA}formRefBinding": _BINDING},
    "receiveTask": _ACTIVITY | {"messageRef": ANY},
    "businessRuleTask": _ACTIVITY | {
        f"{CAMUNDA}decisionRef": ANY, f"{CAMUNDA}decisionRefBinding": _BINDING, f"{CAMUNDA}resultVariable": ANY,
        f"{CAMUNDA}mapDecisionResult": frozenset({"singleEntry", "singleResult", "collectEntries", "resultList"}),
    },
    **dict.fromkeys(("serviceTask", "sendTask"), _ACTIVITY | {
        f"{CAMUNDA}delegateExpression": ANY, f"{CAMUNDA}type": frozenset({"external"}), f"{CAMUNDA}topic": ANY}),
    "callActivity": _ACTIVITY | {"calledElement": ANY, f"{CAMUNDA}calledElementBinding": _BINDING},
    "subProcess": _ACTIVITY | {"triggeredByEvent": _BOOLEAN}, "transaction": _ACTIVITY,
    "standardLoopCharacteristics": {"id": ANY, "loopMaximum": ANY, "testBefore": _BOOLEAN}, "loopCondition": _CONDITION,
    "multiInstanceLoopCharacteristics": {"id": ANY, "isSequential": _BOOLEAN, f"{CAMUNDA}collection": ANY,
                                         f"{CAMUNDA}elementVariable": ANY} | _BORDERS,
    "loopCardinality": _FORMAL, "completionCondition": _CONDITION,
}

CAMUNDA_ATTRIBUTES: Mapping[str, Mapping[str, Values]] = {
    "properties": {}, "property": {"id": ANY, "name": ANY, "value": ANY},
    "in": {"source": ANY, "sourceExpression": ANY, "target": ANY, "businessKey": ANY, "variables": frozenset({"all"})},
    "out": {"source": ANY, "sourceExpression": ANY, "target": ANY, "variables": frozenset({"all"})},
    "inputOutput": {}, "inputParameter": {"name": ANY}, "outputParameter": {"name": ANY},
}

_WITH_TEXT = frozenset({
    "documentation", "text", "incoming", "outgoing", "flowNodeRef", "sourceRef", "targetRef", "conditionExpression",
    "condition", "timeDate", "timeDuration", "timeCycle", "loopCardinality", "loopCondition", "completionCondition",
    "inputParameter", "outputParameter",
})
"""Elements that hold text; between the elements of any other stand blanks only."""
_UNSEEN = frozenset({"timeDate", "timeDuration", "timeCycle", "loopCardinality", "completionCondition", "condition",
                     "loopCondition"})
_LOOSE = frozenset({"documentation", "extensionElements", "incoming", "outgoing"})
_DATA = frozenset({"property", "dataInputAssociation", "dataOutputAssociation"})
_CATCHES = frozenset(f"{kind}EventDefinition" for kind in (
    "timer", "message", "signal", "error", "escalation", "conditional"))
_PASSES = frozenset(f"{kind}EventDefinition" for kind in ("timer", "message", "signal", "conditional", "link"))
_THROWS = frozenset(f"{kind}EventDefinition" for kind in ("message", "signal", "escalation"))
_ARTIFACTS = frozenset({
    "textAnnotation", "association", "group", "dataObject", "dataObjectReference", "dataStoreReference",
})
EVENTS = frozenset({"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})
GATEWAYS = frozenset({"exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway"})
SUBPROCESSES = frozenset({"subProcess", "transaction"})
ACTIVITIES = SUBPROCESSES | {
    "task", "manualTask", "userTask", "receiveTask", "businessRuleTask", "serviceTask", "sendTask", "callActivity",
}
_LOOPS = frozenset({"multiInstanceLoopCharacteristics", "standardLoopCharacteristics"})
NODES = EVENTS | GATEWAYS | ACTIVITIES
_SCOPE = NODES | _ARTIFACTS | {"laneSet", "sequenceFlow"}

CHILDREN: Mapping[str, frozenset[str]] = {
    "definitions": frozenset({"process", "collaboration", "message", "signal", "error", "escalation", "category",
                              "documentation", "extensionElements"}),
    "process": _SCOPE | _LOOSE, **dict.fromkeys(SUBPROCESSES, _SCOPE | _LOOSE | _DATA | _LOOPS),
    "collaboration": _LOOSE | {"participant", "messageFlow", "textAnnotation", "association", "group"},
    "participant": _LOOSE, "messageFlow": _LOOSE,
    "laneSet": _LOOSE | {"lane"}, "lane": _LOOSE | {"flowNodeRef", "childLaneSet"}, "childLaneSet": frozenset({"lane"}),
    "textAnnotation": _LOOSE | {"text"}, "association": _LOOSE, "group": _LOOSE, "category": _LOOSE | {"categoryValue"},
    "dataObject": _LOOSE, "dataObjectReference": _LOOSE, "dataStoreReference": _LOOSE,
    "dataInputAssociation": frozenset({"sourceRef", "targetRef"}),
    "dataOutputAssociation": frozenset({"sourceRef", "targetRef"}),
    "sequenceFlow": _LOOSE | {"conditionExpression"},
    "startEvent": _LOOSE | _CATCHES, "boundaryEvent": _LOOSE | _CATCHES | {"cancelEventDefinition"},
    "intermediateCatchEvent": _LOOSE | _PASSES, "intermediateThrowEvent": _LOOSE | _THROWS | {"linkEventDefinition"},
    "endEvent": _LOOSE | _THROWS | {"errorEventDefinition", "terminateEventDefinition", "cancelEventDefinition"},
    "conditionalEventDefinition": frozenset({"condition"}),
    "timerEventDefinition": frozenset({"timeDate", "timeDuration", "timeCycle"}),
    **dict.fromkeys(GATEWAYS, _LOOSE),
    **dict.fromkeys(ACTIVITIES - SUBPROCESSES, _LOOSE | _DATA | _LOOPS),
    "standardLoopCharacteristics": frozenset({"loopCondition"}),
    "multiInstanceLoopCharacteristics": frozenset({"loopCardinality", "completionCondition"}),
    **dict.fromkeys(("message", "signal", "error", "escalation"), _LOOSE),
}
CAMUNDA_CHILDREN: Mapping[str, frozenset[str]] = {
    "properties": frozenset({"property"}), "inputOutput": frozenset({"inputParameter", "outputParameter"}),
}
# What may stand in bpmn:extensionElements of an element; elsewhere only properties.
EXTENSIONS: Mapping[str, frozenset[str]] = {
    **{tag: frozenset({"properties", "inputOutput"}) for tag in ACTIVITIES},
    "callActivity": frozenset({"properties", "inputOutput", "in", "out"}),
}


# Why users of Camunda miss what they know from there; whatever is in none of the tables is refused without more words.
REASONS: Mapping[str, str] = {
    "scriptTask": "diagram.script", "script": "diagram.script", "executionListener": "diagram.listener",
    "taskListener": "diagram.listener", "connector": "diagram.listener", "formData": "diagram.generated_form",
    "complexGateway": "diagram.complex_gateway", "adHocSubProcess": "diagram.ad_hoc",
    "compensateEventDefinition": "diagram.compensation", "ioSpecification": "diagram.data_flow",
    "loopDataInputRef": "diagram.data_flow", "loopDataOutputRef": "diagram.data_flow",
    "potentialOwner": "diagram.resource", "humanPerformer": "diagram.resource", "performer": "diagram.resource",
}
_JAVA = frozenset(f"{CAMUNDA}{name}" for name in ("class", "expression", "type", "topic"))


def check(root: etree._Element, file: str) -> list[Problem]:
    """Everything below `root` that the tables do not allow, in document order. Drawing information is passed over."""
    return list(_check(root, file, ""))


def _check(element: etree._Element, file: str, near: str) -> Iterator[Problem]:
    """near: id of the closest element around that has one."""
    tag = local(element)
    near = (element.get("id") if named(element) else None) or near
    place, line = f"{file}#{near}", line_of(element)
    own = ATTRIBUTES.get(tag) if element.tag.startswith(BPMN) else CAMUNDA_ATTRIBUTES.get(tag)
    if own is None:
        yield Problem("diagram.element_unsupported", place, line, {"tag": tag})
        return
    for name, value in element.attrib.items():
        if name not in own:
            # camunda's own elements may write their attributes with the prefix
            code = "diagram.java" if name in _JAVA else "diagram.attribute_unsupported"
            yield Problem(code, place, line, {"tag": tag, "attribute": short(str(name))})
        elif (values := own[str(name)]) is not None and value not in values:
            yield Problem("diagram.attribute_value", place, line,
                          {"tag": tag, "attribute": short(str(name)), "value": str(value)})
    if tag not in _WITH_TEXT and (stray := stray_text(element)):
        yield Problem("diagram.stray_text", place, stray[1], {"text": stray[0]})
    for child in element:
        if child.tag.startswith(_DRAWING) and tag == "definitions":
            continue
        if _may_hold(element, tag, child):
            yield from _check(child, file, near)
        else:
            own_id = child.get("id") if named(child) else None
            yield Problem(_reason(child), f"{file}#{own_id or near}", line_of(child),
                          {"tag": short(child.tag), "within": tag})


def _reason(element: etree._Element) -> str:
    """The code that says why an element is not supported, as exactly as is known."""
    known = element.tag.startswith((BPMN, CAMUNDA))
    return REASONS.get(local(element), "diagram.element_unsupported") if known else "diagram.element_unsupported"


def _may_hold(element: etree._Element, tag: str, child: etree._Element) -> bool:
    name = local(child)
    if tag == "extensionElements" and child.tag.startswith(CAMUNDA):
        parent = element.getparent()
        return name in EXTENSIONS.get(local(parent) if parent is not None else "", frozenset({"properties"}))
    if element.tag.startswith(CAMUNDA):
        return child.tag.startswith(CAMUNDA) and name in CAMUNDA_CHILDREN.get(tag, ())
    return child.tag.startswith(BPMN) and name in CHILDREN.get(tag, ())


def named(element: etree._Element) -> bool:
    """Whether people see the element on the drawing; a definition inside of an event has an id that nobody knows."""
    return not local(element).endswith(("EventDefinition", "LoopCharacteristics", "Expression")) and (
        local(element) not in _UNSEEN)


def local(element: etree._Element) -> str:
    """The tag without its namespace."""
    return str(element.tag).rpartition("}")[2]


def short(name: str) -> str:
    """A name as people write it: camunda:assignee."""
    for long, prefix in ((CAMUNDA, "camunda:"), (BPMN, "bpmn:"), (_XSI, "xsi:"), (_MODELER, "modeler:")):
        if name.startswith(long):
            return prefix + name.removeprefix(long)
    return name
