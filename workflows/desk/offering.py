"""What a task offers: its form with the choices, and the operators beside completing it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from workflows import forms
from workflows.actors import Actor
from workflows.cases import choices
from workflows.cases.file import Case
from workflows.desk.operators import subtasks
from workflows.desk.tasks import REGISTRATION, REWORK, STEP, Task
from workflows.diagrams import description, fieldrights, library, statutory
from workflows.engine.definition import Definition
from workflows.engine.package import Package
from workflows.errors import FashenError, Forbidden, Invalid

OF_THE_PROCESS = (STEP, REWORK, REGISTRATION)
"""Kinds of tasks whose form the process gives."""


def start_form(session: Session, definition: Definition) -> forms.Form:
    """The form that opens a case of a process, with what may be written in it.

    Raises Invalid("process.opens_no_case") where its start is not marked with the act `lead`: it was published before
    that was refused, and the law was not proven of it (docs/decisions/0015-proofs.md).
    """
    if definition.start_form is None:
        return forms.Form("", ())
    if not statutory.marked_lead(definition):
        raise Invalid("process.opens_no_case")
    form = forms.parse(library.form(session, definition.hash, definition.start_form), definition.start_form)
    start = next(
        one.id for one in definition.elements.values()
        if one.kind == "startEvent" and one.form_key == definition.start_form
    )  # fmt: skip
    return forms.restricted(form, fieldrights.of(definition.package, start))


def startable(session: Session) -> list[Definition]:
    """The processes that begin with a form, as new cases run on them, by key; what this version can't read is none."""
    found = []
    for key in library.keys(session):
        try:
            definition = library.current(session, key)
        except FashenError:  # its own trouble, told where it is used; the others can be begun all the same
            continue
        if definition.start_form is not None and statutory.marked_lead(definition):
            found.append(definition)
    return found


def task_form(session: Session, task: Task) -> forms.Form:
    """The form of a task as its step may see and write it, from the package the instance is pinned to."""
    return forms.restricted(whole_form(session, task), field_rights(session, task))


def whole_form(session: Session, task: Task) -> forms.Form:
    """The form of a task with every field, also those that the step may not see: not for pages."""
    if task.kind not in OF_THE_PROCESS:
        return subtasks.form_of(task.kind)
    if task.form_key is None:
        return forms.Form("", ())
    return forms.parse(library.form(session, task.package_hash, task.form_key), task.form_key)


def field_rights(session: Session, task: Task) -> Mapping[str, str]:
    """What the step may do with the fields of its form, as its process says."""
    if task.kind not in OF_THE_PROCESS or task.form_key is None:
        return {}
    return fieldrights.of(package_of(session, task), task.element_id)


def task_operators(session: Session, task: Task) -> frozenset[str]:
    """What the step offers besides completing it, as its process says and its act allows."""
    if task.kind != STEP:
        return frozenset()
    return description.operators(package_of(session, task), task.element_id, task.act)


def task_options(session: Session, task: Task, case: Case, actor: Actor) -> forms.Options:
    """The choices that a task's form may offer; of a lead that is corrected, those with which it was opened."""
    if task.kind == REGISTRATION:
        return lambda name: choices.options(session, name, None, actor, unit_id=case.unit_id)
    return lambda name: choices.options(
        session, name, case, actor, variables=task.variables, element_id=task.element_id
    )


def require_offered(session: Session, task: Task, operator: str) -> None:
    """Raise Forbidden("task.operator_not_offered") unless the step offers the operator."""
    if operator not in task_operators(session, task):
        raise Forbidden("task.operator_not_offered", name=task.name)


def package_of(session: Session, task: Task) -> Package:
    """The package that the task's process is pinned to."""
    return library.definition(session, task.package_hash).package
