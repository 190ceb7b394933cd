"""What a step starts with that is done again (退回、撤回、补正): what was submitted at it last, to be corrected.

Only a proposal, as in `prefill`: the answer that counts is what the form sends.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import forms
from workflows.cases.file import CaseOfficer
from workflows.cases.materials import Material
from workflows.desk import prefill, present
from workflows.desk.offering import whole_form
from workflows.desk.tasks import REGISTRATION, REWORK, STEP, Task

OF_THE_DRAFT = frozenset({"investigation_report", "draft_correction", "evidence_supplement"})
"""Acts that write the draft of the decision: its newest version goes before what was submitted at the step itself."""


def start(session: Session, task: Task, form: forms.Form) -> dict[str, Any]:
    """The answer that a task's form starts with; keys that the form lacks are not in it."""
    proposed = prefill.start(session, task, form)
    keys = {field.key for field in form.fields}
    last = {key: value for key, value in (submitted(session, task) or {}).items() if key in keys}
    return {**last, **proposed} if task.act in OF_THE_DRAFT else {**proposed, **last}


def submitted(session: Session, task: Task) -> dict[str, Any] | None:
    """What was submitted last at a step that is to be done again; None for a step that is done for the first time, or
    comes again in the ordinary course of its process.
    """
    if task.kind == REGISTRATION:
        return _of_lead(session, task)
    if task.kind == STEP and task.ended_at is None and task.answer is not None:
        return task.answer  # somebody who signs after it refused it
    if not (task.returned or task.kind == REWORK):
        return None
    wanted = (
        select(Task.answer)
        .where(
            Task.instance_id == task.instance_id, Task.process_key == task.process_key,
            Task.element_id == task.element_id, Task.kind.in_((STEP, REWORK)),
            Task.state.in_(("completed", "withdrawn")), Task.id != task.id,
        )
        .order_by(Task.ended_at.desc(), Task.created_at.desc()).limit(1)
    )  # fmt: skip
    if task.variables.get("loopCounter") is not None:  # of a round: each signer's own
        wanted = wanted.where(Task.ended_by_id == task.assignee_id)
    return session.execute(wanted).scalar_one_or_none()


def _of_lead(session: Session, task: Task) -> dict[str, Any]:
    """What the case says of its lead, with the second officer and the files that came with it."""
    officers = session.execute(
        select(CaseOfficer.person_id).where(CaseOfficer.case_id == task.case_id, CaseOfficer.until.is_(None),
                                            CaseOfficer.person_id != task.case.opened_by_id)
        .order_by(CaseOfficer.position)
    ).scalars().all()  # fmt: skip
    materials = session.execute(
        select(Material).where(Material.case_id == task.case_id, Material.stage == "lead_received",
                               Material.superseded_by_id.is_(None)).order_by(Material.added_at, Material.id)
    ).scalars().all()  # fmt: skip
    files: dict[str, list[dict[str, Any]]] = {}
    for one in materials:
        kept = {"sha256": one.sha256, "size": one.size, "name": one.file_name, "media_type": one.media_type}
        files.setdefault(one.kind, []).append(kept)
    found = present.opened_with(session, task)
    if officers:
        found["co_officer"] = officers[0]
    for field in whole_form(session, task).fields:
        if field.kind == "filepicker" and (kept_here := files.get(field.properties.get("material") or "other")):
            found[field.key] = kept_here
    return found
