"""What the fields of a form hold at present that a step does not write: shown to its reader, kept by its act."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import forms, ledger
from workflows.actors import Actor
from workflows.cases.file import Case
from workflows.desk import prefill
from workflows.desk.offering import field_rights, task_options, whole_form
from workflows.desk.tasks import STEP, Task
from workflows.diagrams import library

_PARTY = ("kind", "name", "id_number", "address", "representative", "phone", "role")


def values(session: Session, task: Task, form: forms.Form) -> dict[str, Any]:
    """What the fields of a task's form hold at present, by key, as JSON: for those that the step sees without writing.

    form: that of the task as its step may see it.

    A field holds what was answered last to the same form in the same process, up to the task's end; before that, what
    the case was opened with; while a task is open, the present draft goes before both. A hidden field is not in it.
    """
    seen = {one.key for one in form.fields if not one.writable or _columns(one)}
    if not seen:
        return {}
    answered, held = _answered(session, task), prefill.held(session, task)
    found = opened_with(session, task) | (answered | held if task.ended_at is None else held | answered)
    return {key: value for key, value in found.items() if key in seen}


def completed(session: Session, task: Task, case: Case, actor: Actor, answer: Mapping[str, Any]) -> dict[str, Any]:
    """The answer of a step with what the present draft holds in the place of what the step does not write.

    Only an act reads it: what is on record as answered stays what the step wrote.
    """
    if not field_rights(session, task):
        return dict(answer)
    whole, options = whole_form(session, task), task_options(session, task, case, actor)
    return forms.completed(whole, answer, forms.typed(whole, prefill.held(session, task), options))


def _columns(item: forms.Field) -> bool:
    return any(not column.writable for column in item.fields)


def _answered(session: Session, task: Task) -> dict[str, Any]:
    """The last answer to each field of the form; of lists with fixed rows, to each cell."""
    wanted = (
        select(Task.answer)
        .where(Task.case_id == task.case_id, Task.process_key == task.process_key, Task.form_key == task.form_key)
        .where(Task.kind.in_((STEP, "rework")), Task.state == "completed", Task.id != task.id)
        .order_by(Task.ended_at, Task.created_at, Task.id)
    )
    if task.ended_at is not None:
        wanted = wanted.where(Task.ended_at <= task.ended_at)
    row_keys = {one.key: one.row_key for one in whole_form(session, task).fields if one.row_key}
    found: dict[str, Any] = {}
    for answer in session.execute(wanted).scalars():
        for key, value in (answer or {}).items():
            if value not in (None, "", []):
                found[key] = _over(found.get(key, []), value, row_keys[key]) if key in row_keys else value
    return found


def _over(earlier: list[dict[str, Any]], later: list[dict[str, Any]], row_key: str) -> list[dict[str, Any]]:
    """Rows of a later answer over those of an earlier one, which may have filled other columns."""
    known = {row.get(row_key): row for row in earlier}
    return [{**known.get(row.get(row_key), {}), **row} for row in later]


def opened_with(session: Session, task: Task) -> dict[str, Any]:
    """What the case was opened with, where the step has the form that opened it."""
    if task.form_key is None or library.definition(session, task.package_hash).start_form != task.form_key:
        return {}
    case = task.case
    parties = [{key: getattr(party, key) for key in _PARTY} for party in case.parties]
    said = ledger.history(session, f"case:{case.id}", only=("CaseOpened", "LeadCorrected"))
    opened = said[-1] if said else None
    more = opened.data.get("content") or {} if opened else {}
    held = {
        **more, "title": case.title, "summary": case.summary, "source": case.source, "found_on": case.found_on,
        "conduct_on": case.conduct_on, "parties": parties,
        "matters": [{"matter_code": matter.matter_code} for matter in case.matters],
    }  # fmt: skip
    return dict(forms.to_json({key: value for key, value in held.items() if value}))
