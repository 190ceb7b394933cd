"""What a process wants when nobody fits, when the opener fits, when one person would do two steps in a row."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from sqlalchemy import select

from tests.desk.conftest import Bureau
from tests.desk.operators.conftest import LEADER, LEGAL, OFFICER, Trial, step
from tests.engine import drawing as d
from tests.publishing import put_in_force
from workflows import ledger
from workflows.actors import Post
from workflows.cases.file import lock_case
from workflows.desk import advance
from workflows.desk.operators import handing
from workflows.diagrams import library
from workflows.engine.package import Package
from workflows.errors import DiagramRefused, Forbidden


def package(**policies: Any) -> Package:
    said = {
        "key": "two", "title": {"zh": "两步", "en": "Two"}, "kinds": ["行政处罚"],
        "operators": {"first": ["reassign"], "second": ["claim", "reassign"]}, **policies,
    }  # fmt: skip
    drawn = d.draw(
        d.start(), step("first", OFFICER), step("second", OFFICER), step("third", LEADER), step("review", LEGAL),
        d.user("vote", d.properties(act="vote"), name="vote", camunda_assignee="x"), d.end(),
        d.flows("start > first > second > third > review > vote > end"), key="two",
    )  # fmt: skip
    return Package("two", {"two.bpmn": drawn, "process.yaml": yaml.safe_dump(said, allow_unicode=True).encode()})


def begin(bureau: Bureau, **policies: Any) -> Trial:
    trial = Trial(bureau)
    with trial.store.work() as session:
        put_in_force(session, package(**policies))
        case = lock_case(session, trial.case_id)
        trial.instance_id = advance.start(session, case, "two", {}, bureau.actor("officer1")).id
    return trial


def test_the_opener_is_left_out_where_the_process_says_so(sqlite_bureau: Bureau):
    trial = begin(sqlite_bureau, opener={"first": "exclude"})
    assert trial.task("first").assignee_id == trial.person("officer2")
    task = trial.task("first")
    with pytest.raises(Forbidden, match=r"task\.opener_excluded"):
        trial.do("officer2", handing.reassign_task, task.id, trial.person("officer1"), reason="x", seen=task.version)
    trial.check()


def test_whoever_did_the_step_before_is_left_out_where_the_process_says_so(sqlite_bureau: Bureau):
    trial = begin(sqlite_bureau, twice={"second": "exclude"})
    trial.done("officer2", "first")
    task = trial.task("second")
    assert task.assignee_id == trial.person("officer1")
    with pytest.raises(Forbidden, match=r"task\.twice_excluded"):
        trial.do("officer1", handing.reassign_task, task.id, trial.person("officer2"), reason="x", seen=task.version)
    trial.done("officer1", "second")
    trial.check()


def test_a_step_that_fits_nobody_is_offered_to_the_head_and_the_record_says_so(bureau: Bureau):
    trial = begin(bureau, nobody={"third": "bureau_head"})
    with trial.store.work() as session:
        for post in session.execute(select(Post).where(Post.role == LEADER)).scalars():
            post.ends_on = post.starts_on
    trial.done("officer1", "first")
    trial.done("officer1", "second")
    assert trial.task("third").assignee_id == trial.person("head")
    with trial.store.read() as session:
        told = [one for one in ledger.history(session, f"case:{trial.case_id}") if one.event == "TaskOffered"]
    assert told[-1].data["nobody"] == "bureau_head"
    assert trial.waiting() == ["third"], "it is not passed by itself"
    trial.done("head", "third")
    trial.check()


@pytest.mark.parametrize(("policies", "code"), [
    ({"nobody": {"review": "bureau_head"}}, "process.nobody_else"),
    ({"nobody": {"vote": "bureau_head"}}, "process.nobody_else"),
    ({"nobody": {"first": "anybody"}}, "process.value_unknown"),
    ({"opener": {"nothing": "exclude"}}, "process.element_unknown"),
    ({"operators": {"vote": ["substitute"]}}, "process.operator_withheld"),
    ({"operators": {"vote": ["add_signer"]}}, "process.operator_withheld"),
])  # fmt: skip
def test_a_policy_against_the_law_or_without_sense_is_refused(policies: Any, code: str):
    with pytest.raises(DiagramRefused) as refused:
        library.check(package(**policies), ["two"])
    assert code in {problem.code for problem in refused.value.problems}
