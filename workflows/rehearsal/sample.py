"""Answers that fill a form, so that whoever tries a process types nothing that does not matter.

What the shipped steps are answered with stands in samples.yaml; days, people, files and the choices of the case are
put in here. An answer is a proposal: a gate may refuse it as it would a person's, and says why.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from importlib import resources
from typing import Any

import yaml

from workflows.calendar import clock
from workflows.forms import Field, Form, Options
from workflows.forms.reading import asked

TEXT = "示例内容"
PEOPLE = 2
"""Of a list to tick, so many: two officers handle a case (行政处罚法 42)."""
AHEAD = timedelta(days=14)
"""A day that must not have passed, from now: a hearing is told seven working days before (行政处罚法 64)."""


def file(name: str) -> dict[str, Any]:
    """A file as an answer holds it, of which there is only the name: nothing is stored."""
    return {
        "sha256": hashlib.sha256(name.encode()).hexdigest(), "size": len(name.encode()), "name": name,
        "media_type": "application/pdf",
    }  # fmt: skip


def file_of(item: Field) -> dict[str, Any]:
    """The file that stands for whatever a field asks for."""
    return file(f"{item.label or item.key}（示例）.pdf".replace("/", "、"))


def answer(form: Form, options: Options, element_id: str) -> dict[str, Any]:
    """A raw answer to a form as one step shows it, as `forms.read` gives it. options: of the case as it stands."""
    return _answer(asked(form.fields), _known().get(element_id) or {}, options)


def _answer(fields: Sequence[Field], known: Mapping[str, Any], options: Options) -> dict[str, Any]:
    return {item.key: _value(item, known.get(item.key), options) for item in fields}


def _value(item: Field, known: Any, options: Options) -> Any:
    match item.kind:
        case "dynamiclist":
            return _rows(item, known if isinstance(known, list) else [], options)
        case "select" | "radio" | "checklist":
            return _choice(item, known, options)
        case "checkbox":
            return bool(known) or item.required
        case "datetime":
            return _moment(item)
        case "filepicker":
            return [file_of(item)]
        case "number":
            return str(known if known is not None else item.rules.get("min", 1) if item.required else "")
        case _:
            return str(known or (TEXT if item.required and not item.rules.get("pattern") else ""))


def _choice(item: Field, known: Any, options: Options) -> Any:
    offered = [one.value for one in item.options]
    offered += [value for value, _zh, _en in options(item.options_from)] if item.options_from else []
    if item.kind == "checklist":
        chosen = [value for value in known or () if value in offered]
        return chosen or (offered[:PEOPLE] if item.required else [])
    return known if known in offered else offered[0] if offered and item.required else ""


def _moment(item: Field) -> str:
    at = clock.local(clock.now() + (AHEAD if item.from_today else timedelta(0)))
    if item.subtype == "date":
        return at.date().isoformat()
    return at.strftime("%H:%M" if item.subtype == "time" else "%Y-%m-%dT%H:%M")


def _rows(item: Field, known: Sequence[Any], options: Options) -> list[dict[str, Any]]:
    """The rows of a list: one for each thing that it asks about, or those of the samples, or one if any is needed."""
    fields = asked(item.fields, item.row_key)
    if item.rows_from and item.row_key:
        found = []
        for number, (value, _zh, _en) in enumerate(options(item.rows_from)):
            row = known[min(number, len(known) - 1)] if known else {}
            found.append({**_answer(fields, row, options), item.row_key: value})
        return found
    needed = max(int(item.rules.get("minRows", 0)), int(item.required))
    rows = [row for row in known if isinstance(row, Mapping)] or [{}] * needed
    return [_answer(fields, row, options) for row in rows]


@cache
def _known() -> Mapping[str, Mapping[str, Any]]:
    text = resources.files("workflows.rehearsal").joinpath("samples.yaml").read_text("utf-8")
    return dict(yaml.safe_load(text))
