"""What the server does with a form-js schema, as a closed list: a setting outside of it is refused, never passed over.

form-js knows much that only its own viewer in a browser carries out: fields that are hidden on a condition, texts that
are computed, pictures and pages from elsewhere. Whoever drew such a form expects it to be so, and the server, which
draws and reads every form itself, would show and accept what was meant to be hidden. Asked when a package is published;
forms that were published before go on as they were.
Source: form-js 1.x, schema of components and their properties panel.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workflows.errors import Problem
from workflows.forms.schema import MAX_DIGITS

READ = frozenset({
    "type", "id", "key", "label", "dateLabel", "dateTimeLabel", "text", "description", "components", "values",
    "valuesKey", "properties", "validate", "appearance", "defaultValue", "subtype", "multiple", "accept",
    "decimalDigits", "allowAddRemove", "readonly", "disabled", "disallowPassedDates",
})  # fmt: skip
"""Settings that the server's reader of forms carries out."""
OF_LOOKS = frozenset({
    "layout", "timeLabel", "timeSerializingFormat", "timeInterval", "use24h", "isRepeating", "defaultRepetitions",
    "showOutline", "verticalAlignment", "nonCollapsedItems", "disableCollapse", "searchable", "increment", "height",
})  # fmt: skip
"""Settings of how a form is drawn, which change nothing of what is asked, shown or accepted."""
ONLY: Mapping[str, frozenset[str]] = {
    "path": frozenset({"dynamiclist"}), "action": frozenset({"button"}),
}  # fmt: skip
"""Setting → components with which it means what the server does; that of a field would put its answer elsewhere."""
RULES = frozenset({
    "required", "minLength", "maxLength", "min", "max", "pattern", "minRows", "maxRows", "validationType",
})  # fmt: skip
SHOWN = ("label", "dateLabel", "dateTimeLabel", "text", "description", "defaultValue")
"""Texts that form-js computes when they are expressions."""
_ADORNERS = ("prefixAdorner", "suffixAdorner")
_SWITCHES = ("readonly", "disabled", "disallowPassedDates")
"""Settings that are true or false; form-js computes them when they are expressions."""
NOT_DRAWN = frozenset({"html", "image", "iframe", "expression", "table", "documentPreview", "columns"})
"""Components of which the page would show nothing."""


def unhonoured(components: Sequence[Mapping[str, Any]], form: str) -> Iterator[Problem]:
    """One problem for each setting of a schema of sound shape that the server would pass over. form: its key."""
    for component in components:
        kind, place = str(component.get("type", "")), f"forms/{form}.form#{_name(component)}"
        if kind in NOT_DRAWN:
            yield Problem("form.component_unknown", place, None, {"type": kind})
        else:
            for setting in _settings(component, kind):
                yield Problem("form.not_honoured", place, None, {"setting": setting[:80]})
        yield from unhonoured(component.get("components") or (), form)


def _settings(component: Mapping[str, Any], kind: str) -> Iterator[str]:
    for name, value in component.items():
        if value in (None, False, "", [], {}):  # not set: the editor leaves such behind
            continue
        if name == "conditional":
            yield from (f"conditional.{what}" for what in value if what != "hide")
        elif name in ONLY:
            if kind not in ONLY[name] and not (name == "path" and value == component.get("key")):
                yield name
        elif name not in READ and name not in OF_LOOKS:
            yield f"{name}.{next(iter(value))}" if isinstance(value, dict) else name
    digits = component.get("decimalDigits")
    if digits is not None and (type(digits) is not int or not 0 <= digits <= MAX_DIGITS):
        yield "decimalDigits"
    if kind == "button" and component.get("action", "submit") != "submit":  # each page has its own buttons
        yield "action"
    yield from (f"validate.{rule}" for rule, value in (component.get("validate") or {}).items()
                if rule not in RULES and value)  # fmt: skip
    appearance = component.get("appearance") or {}
    yield from (f"appearance.{name}" for name, value in appearance.items() if name not in _ADORNERS and value)
    texts = {name: component.get(name) for name in SHOWN}
    texts |= {f"appearance.{name}": appearance.get(name) for name in _ADORNERS}
    yield from (name for name, text in texts.items() if _computed(text))
    yield from (name for name in _SWITCHES if not isinstance(component.get(name, False), bool | None))


def _computed(text: object) -> bool:
    """Whether form-js would compute a text: FEEL behind an equals sign, or a template."""
    return isinstance(text, str) and (text.lstrip().startswith("=") or "{{" in text)


def _name(component: Mapping[str, Any]) -> str:
    return str(component.get("key") or component.get("path") or component.get("id") or "")[:80]
