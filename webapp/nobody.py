"""Why nobody of the throw-away bureau can do a step of a play: each of its people by name."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import labels
from webapp.languages import bilingual
from workflows.actors import ROLES, Person, holders, subtree
from workflows.cases import recusals
from workflows.desk import candidates, policies
from workflows.desk.tasks import Task


def reasons(session: Session, task: Task) -> list[str]:
    """One sentence for each person who holds a role of a step that nobody can do; one alone where it has no role."""
    roles = [role for role in (task.role or "").split(",") if role in ROLES]
    if not roles:
        return [_("这一步在流程图里按姓名或变量指定了人员，临时机关里没有这个人。")]
    if roles == ["case_officer"]:
        return [_("这一步只由本案的办案人员办理，他们都因为与其分开办理的环节等原因不能办理。")]
    units = subtree(session, task.bureau_id)
    people = {one.id: one for role in roles for one in holders(session, role, units)}
    if not people:
        words = "、".join(bilingual(*ROLES[role]) for role in roles)
        return [_("临时机关里没有“%(roles)s”。", roles=words)]
    return [_why(session, task, roles, one) for one in people.values()]


def _why(session: Session, task: Task, roles: list[str], person: Person) -> str:
    other = _elsewhere(session, task, policies.together(session, task).get(person.id))
    if other:
        return str(_("%(name)s办理“%(other)s”，那个环节与这一步须由不同的人办理。", name=person.name, other=other))
    if person.id in recusals.recused(session, task.case_id):
        return str(_("%(name)s已从本案回避。", name=person.name))
    if any(person.id in candidates.own_barred(session, task.case, role, task.act) for role in roles):
        return str(_("%(name)s在本案中已办理别的环节，依法不能再办理这一步。", name=person.name))
    return str(_("%(name)s刚办理过上一步，或者是本案的登记人，流程设置不让其办理这一步。", name=person.name))


def _elsewhere(session: Session, task: Task, name: str | None) -> str:
    """What a step is called in the reader's language, whose Chinese name is known."""
    if not name:
        return ""
    wanted = select(Task).where(Task.instance_id == task.instance_id, Task.name == name).limit(1)
    other = session.execute(wanted).scalars().first()
    return labels.step_name(session, other) if other is not None else name
