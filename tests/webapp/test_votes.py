"""The timeline of a signing round of a bureau's own process tells each vote, and with the last one the outcome."""

from __future__ import annotations

import json

import pytest
import yaml
from sqlalchemy import select

from tests.engine import drawing as d
from tests.webapp.site import Site
from tests.webapp.trial import SIGNERS
from workflows.actors import Person, acting
from workflows.cases.file import lock_case
from workflows.desk import advance, commands
from workflows.desk.execute import execute
from workflows.desk.tasks import Task
from workflows.diagrams import library
from workflows.engine.package import Package
from workflows.store import new_id


def signed(rule: str) -> Package:
    """A round with a rule, and a step behind it."""
    choices = [{"value": value, "label": zh, "label_en": en}
               for value, zh, en in (("no", "不同意", "Against"), ("yes", "同意", "For"))]  # fmt: skip
    field = {"type": "radio", "key": "vote", "label": "表决", "validate": {"required": True}, "values": choices}
    inner = d.properties(signing=rule, outcome="result") + d.many("signers", "signer")
    drawn = d.draw(
        d.start(), d.user("sign", inner, name="会签", camunda_assignee="${signer}", camunda_formKey="vote"),
        d.user("decide", name="决定", camunda_candidateGroups="bureau_leader"), d.end(),
        d.flows("start > sign > decide > end"), key="ruled",
    )  # fmt: skip
    form = json.dumps({"type": "default", "id": "vote", "components": [field]}).encode()
    said = yaml.safe_dump({"key": "ruled", "title": {"zh": "会签", "en": "Round"}}, allow_unicode=True).encode()
    return Package("ruled", {"ruled.bpmn": drawn, "process.yaml": said, "forms/vote.form": form})


def vote(site: Site, rule: str, *votes: str) -> str:
    """The timeline's address of a case in which the round was signed so, in the order of its list."""
    case_id = site.open_case()
    with site.store.work() as session:
        who = {row.login: row.id for row in session.execute(select(Person)).scalars()}
        library.publish(session, signed(rule), acting(session, who["admin"]), "试行")
        case, officer = lock_case(session, case_id), acting(session, who["officer1"])
        given = {"signers": [who[login] for login in SIGNERS]}
        instance = advance.start(session, case, "ruled", given, officer).id
    for login, said in zip(SIGNERS, votes, strict=False):
        with site.store.read() as session:
            signer = acting(session, who[login])
            mine = select(Task).where(Task.instance_id == instance, Task.assignee_id == signer.person_id)
            task = session.execute(mine).scalar_one()
        execute(site.store, commands.complete_task, signer, task.id, {"vote": said}, seen=task.version, key=new_id())
    return f"/cases/{case_id}?tab=timeline"


@pytest.mark.parametrize(("rule", "votes", "outcome"), [
    ("share:0.66", ("no", "yes", "yes"), "不同意 1、同意 2，通过"), ("all", ("yes", "no"), "不同意 1、同意 1，未通过"),
])  # fmt: skip
def test_the_timeline_tells_each_vote_and_the_outcome(
    site: Site, rule: str, votes: tuple[str, ...], outcome: str
) -> None:
    page = site.visitor("officer1").get(vote(site, rule, *votes)).text
    words = {"yes": "同意", "no": "不同意"}
    for one in set(votes):
        assert page.count(f"办结任务：会签，{words[one]}") == votes.count(one)
    assert page.count("会签结果") == 1, "with the last one only"
    assert f"（会签结果：{outcome}）" in page


def test_while_the_round_goes_on_it_has_no_outcome(site: Site) -> None:
    page = site.visitor("officer1").get(vote(site, "share:0.66", "no")).text
    assert "办结任务：会签，不同意" in page
    assert "会签结果" not in page


def test_it_is_told_in_english(site: Site) -> None:
    officer = site.visitor("officer1")
    officer.client.set_cookie("language", "en")
    page = officer.get(vote(site, "share:0.66", "no", "yes", "yes")).text
    assert "(the round: Against 1, For 2; passed)" in page
