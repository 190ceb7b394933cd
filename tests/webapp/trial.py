"""A case with a process beside its own whose steps offer every operator, driven through the pages."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import yaml
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.engine import drawing as d
from tests.webapp.site import Site, Visitor, form_fields
from workflows.actors import Person, acting
from workflows.cases.file import lock_case
from workflows.desk import advance
from workflows.desk.tasks import Task
from workflows.diagrams import description, library
from workflows.engine.package import Package
from workflows.store import Store

OPINION = {
    "type": "default", "id": "opinion", "schemaVersion": 16,
    "components": [{
        "type": "textarea", "key": "opinion", "id": "Field_opinion", "label": "审查意见",
        "validate": {"required": True, "maxLength": 2000}, "properties": {"label_en": "Opinion"},
    }],
}  # fmt: skip
NAMES = {
    "draft": ("起草", "Draft"), "legal": ("审查", "Check"), "which": ("意见？", "Opinion?"), "sign": ("会签", "Sign"),
    "decide": ("决定", "Decide"), "which__sign": ("同意", "Agreed"), "which__draft": ("不同意", "Not agreed"),
    "end": ("办结", "Done"),
}  # fmt: skip
SIGNERS = ("legal1", "legal2", "deputy")


def _step(id: str, role: str, inner: str = "") -> str:
    return d.user(id, inner, name=NAMES[id][0], camunda_candidateGroups=role, camunda_formKey="opinion")


def package(**policy: list[str]) -> Package:
    """draft > legal > (agreed: three sign together > decide | not agreed: draft). policy: step → its operators."""
    steps = ("draft", "legal", "sign", "decide")
    every = sorted(description.OPERATORS)
    said = {
        "key": "trial", "title": {"zh": "试行", "en": "Trial"}, "kinds": ["行政处罚"],
        "operators": {id: list(policy.get(id, every)) for id in steps},
        "labels": {id: {"zh": zh, "en": en} for id, (zh, en) in NAMES.items()},
    }  # fmt: skip
    drawn = d.draw(
        d.start(), _step("draft", "case_officer"), _step("legal", "legal_reviewer"),
        d.xor("which", name="意见？", default="which__sign"),
        d.user("sign", d.many("signers", "signer"), name="会签", camunda_assignee="${signer}",
               camunda_formKey="opinion"),
        _step("decide", "bureau_leader"), d.node("endEvent", "end", name="办结"),
        d.flows("""
            start > draft > legal > which > sign > decide > end
            which > draft ? signers == null
        """), key="trial",
    )  # fmt: skip
    text = drawn.decode()
    for id in ("which__sign", "which__draft"):
        text = text.replace(f'id="{id}"', f'id="{id}" name="{NAMES[id][0]}"')
    files = {"trial.bpmn": text.encode(), "process.yaml": yaml.safe_dump(said, allow_unicode=True).encode(),
             "forms/opinion.form": json.dumps(OPINION, ensure_ascii=False).encode()}  # fmt: skip
    return Package("trial", files)


@dataclass
class Trial:
    """The case, the instance, and what tests do with them."""

    site: Site
    case_id: str
    instance_id: str

    def tasks(self, element: str, kind: str = "step") -> list[Task]:
        """What waits at an element, oldest first."""
        wanted = select(Task).where(
            Task.instance_id == self.instance_id, Task.element_id == element, Task.ended_at.is_(None),
            Task.kind == kind,
        ).order_by(Task.created_at, Task.id)  # fmt: skip
        with self.site.store.read() as session:
            return list(session.execute(wanted).scalars())

    def path(self, element: str, login: str = "", kind: str = "step") -> str:
        """The page of what waits at an element, for somebody where several do."""
        holder = self.site.person_id(login) if login else ""
        task = next(one for one in self.tasks(element, kind) if not login or one.assignee_id == holder)
        return f"/tasks/{task.id}"

    def row(self, path: str) -> Task:
        """The task of a page as it is now."""
        with self.site.store.read() as session:
            return session.get_one(Task, path.split("/")[2])

    def claim(self, who: Visitor, path: str) -> None:
        """Take an offered task."""
        if self.row(path).state == "open":
            assert who.post(f"{path}/claim", form_fields(who.get(path))).status_code == 302

    def complete(self, who: Visitor, path: str, **answer: str) -> TestResponse:
        """Send the form of a task."""
        self.claim(who, path)
        fields = {**form_fields(who.get(path)), "opinion": "属实。", **answer}
        done = who.post(f"{path}/complete", fields)
        assert done.status_code == 302, done.text
        return done

    def do(self, who: Visitor, path: str, name: str, **fields: Any) -> TestResponse:
        """Fill in the page of an operator and send it."""
        page = who.get(f"{path}/do/{name}")
        assert page.status_code == 200, page.text
        return who.post(f"{path}/do/{name}", {**form_fields(page), **fields})


def start(store: Store, case_id: str, **policy: list[str]) -> str:
    """Publish the process and start it beside the case's own; the id of the instance."""
    with store.work() as session:
        who = {row.login: row.id for row in session.execute(select(Person)).scalars()}
        library.publish(session, package(**policy), acting(session, who["admin"]), "试行")
        case, officer = lock_case(session, case_id), acting(session, who["officer1"])
        return advance.start(session, case, "trial", {"signers": [who[login] for login in SIGNERS]}, officer).id


def begin(site: Site, **policy: list[str]) -> Trial:
    """A case of officer1 and officer2 in which the process runs, and waits for them to draft."""
    case_id = site.open_case()
    return Trial(site, case_id, start(site.store, case_id, **policy))
