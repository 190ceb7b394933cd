"""A form while it is being drawn, shown as one step shows it: the rendering of the desk, of a schema not yet saved.

Nothing is read from a draft and nothing kept: the editor sends the schema and process.yaml as they are on its page.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp import formview
from webapp.house import actor, house
from workflows import forms
from workflows.cases import choices
from workflows.diagrams import fieldrights
from workflows.engine import plain_yaml
from workflows.errors import DiagramRefused, FashenError, Invalid, Problem

blueprint = Blueprint("form_preview", __name__, url_prefix="/studio/form-preview")

MAX_BYTES = 600_000
"""Of what is sent: a form, and a process.yaml, within what a package may hold."""
_SAMPLES = (("sample-1", "示例一", "Example one"), ("sample-2", "示例二", "Example two"))
"""Stands for choices that only a case has: its parties, its materials."""


@blueprint.post("")
def show() -> ResponseReturnValue:
    """The fields of a form as HTML, without a page around them.

    Sent as JSON: schema (form-js), step (id of an element, or ""), description (text of process.yaml, or ""). Raises
    Invalid, or DiagramRefused with what is wrong with the form.
    """
    sent = _sent()
    form = forms.restricted(forms.parse(_schema(sent), "preview"), _rights(sent))
    with house().store.read() as session:

        def options(name: str) -> Sequence[choices.Choice]:
            try:
                return choices.options(session, name, None, actor()) or _SAMPLES
            except FashenError:
                return _SAMPLES  # a source that the checks name; the form is shown all the same

        return render_template("studio/form_preview.html", form=formview.view(form, options))


def _sent() -> Mapping[str, Any]:
    if (request.content_length or 0) > MAX_BYTES:
        raise Invalid("form.invalid")
    try:
        sent = json.loads(request.get_data())
    except (ValueError, RecursionError) as error:
        raise Invalid("form.invalid") from error
    if not isinstance(sent, dict):
        raise Invalid("form.invalid")
    return sent


def _schema(sent: Mapping[str, Any]) -> Mapping[str, Any]:
    schema = sent.get("schema")
    if not isinstance(schema, dict) or not isinstance(schema.get("components", []), list):
        problem = Problem("form.unreadable", "preview", facts={"reason": "unreadable.no_form"})
        raise DiagramRefused("form.refused", [problem], form="preview")
    return schema


def _rights(sent: Mapping[str, Any]) -> Mapping[str, str]:
    """What the step does with each field; nothing where process.yaml can't be read, which the checks say."""
    try:
        said = plain_yaml.plain(str(sent.get("description") or "").encode())
    except FashenError:
        return {}
    for name in (fieldrights.KEY, str(sent.get("step") or "")):
        said = said.get(name) if isinstance(said, dict) else None
    return {str(field): str(right) for field, right in said.items()} if isinstance(said, dict) else {}
