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
from workflows.actors import Person, Post
from workflows.calendar import clock
from workflows.cases.file import lock_case
from workflows.desk import advance, commands, fitting, substitutes
from workflows.desk.operators import handing, signing
from workflows.desk.tasks import Task
from workflows.diagrams import library
from workflows.engine.package import Package
from workflows.errors import DiagramRefused, Forbidden

IN_A_ROW = "start > first > second > third > review > vote > end"
SIDE_BY_SIDE = """
    start > split > first > join
    split > second > join
    join > third > review > vote > end
"""


def package(flows: str = IN_A_ROW, **policies: Any) -> Package:
    said = {
        "key": "two", "title": {"zh": "两步", "en": "Two"}, "kinds": ["行政处罚"],
        "operators": {
            "first": ["claim", "release", "reassign", "substitute"], "second": ["claim", "reassign", "add_signer"],
        },
        **policies,
    }  # fmt: skip
    beside = (d.par("split"), d.par("join")) if "split" in flows else ()
    more = (step("again", OFFICER),) if "again" in flows else ()
    drawn = d.draw(
        d.start(), step("first", OFFICER), step("second", OFFICER), *more, step("third", LEADER), step("review", LEGAL),
        d.user("vote", d.properties(act="vote"), name="vote", camunda_assignee="x"), d.end(), *beside,
        d.flows(flows), key="two",
    )  # fmt: skip
    return Package("two", {"two.bpmn": drawn, "process.yaml": yaml.safe_dump(said, allow_unicode=True).encode()})


def begin(bureau: Bureau, flows: str = IN_A_ROW, **policies: Any) -> Trial:
    trial = Trial(bureau)
    with trial.store.work() as session:
        put_in_force(session, package(flows, **policies))
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


def claim(trial: Trial, login: str, element: str) -> None:
    task = trial.task(element)
    with trial.store.work() as session:
        commands.claim_task(session, trial.bureau.actor(login), task.id, seen=task.version)


APART = {"second": ["first"]}


@pytest.mark.parametrize("apart", [APART, {"first": ["second"]}])
def test_whoever_did_one_step_is_left_out_of_another_that_is_kept_apart(
    sqlite_bureau: Bureau, apart: dict[str, list[str]]
) -> None:
    trial = begin(sqlite_bureau, apart=apart)
    trial.done("officer2", "first")
    task = trial.task("second")
    assert task.assignee_id == trial.person("officer1")
    with pytest.raises(Forbidden, match=r"task\.apart_excluded") as refused:
        trial.do("officer1", handing.reassign_task, task.id, trial.person("officer2"), reason="x", seen=task.version)
    assert refused.value.facts["other"] == "first"
    with trial.store.read() as session:
        people = fitting.people(session, sqlite_bureau.actor("officer1"), session.get_one(Task, task.id), "reassign")
    assert [one.why for one in people if one.person.id == trial.person("officer2")] == [fitting.APART]
    with pytest.raises(Forbidden, match=r"task\.apart_excluded"):  # nor does he sign it
        trial.do(
            "officer1", signing.ask, task.id, trial.person("officer2"), kind="beside", question="请核对。",
            seen=task.version,
        )  # fmt: skip
    trial.done("officer1", "second")
    trial.check()


def test_who_holds_one_of_two_steps_side_by_side_can_not_take_the_other(bureau: Bureau) -> None:
    trial = begin(bureau, SIDE_BY_SIDE, apart=APART)
    claim(trial, "officer1", "first")
    with pytest.raises(Forbidden, match=r"task\.apart_excluded"):
        claim(trial, "officer1", "second")
    task = trial.task("first")
    with trial.store.work() as session:
        commands.release_task(session, bureau.actor("officer1"), task.id, seen=task.version)
    claim(trial, "officer1", "second")
    with pytest.raises(Forbidden, match=r"task\.apart_excluded"):
        claim(trial, "officer1", "first")
    claim(trial, "officer2", "first")
    trial.done("officer1", "second")
    trial.done("officer2", "first")
    trial.check()


def test_a_step_that_waits_goes_to_the_others_once_the_one_kept_apart_is_done(bureau: Bureau) -> None:
    trial = begin(bureau, SIDE_BY_SIDE, apart=APART)
    trial.done("officer1", "first")
    assert trial.task("second").assignee_id == trial.person("officer2")
    trial.done("officer2", "second")
    trial.check()


def test_a_step_kept_apart_from_the_only_one_who_fits_is_offered_to_the_head(bureau: Bureau) -> None:
    trial = begin(bureau, SIDE_BY_SIDE, apart=APART, nobody={"second": "unit_head"})
    with trial.store.work() as session:
        session.get_one(Person, trial.person("officer2")).disabled_at = clock.now()
    trial.done("officer1", "first")
    assert trial.task("second").assignee_id == trial.person("unithead")
    trial.done("unithead", "second")
    trial.check()


@pytest.mark.parametrize(("policies", "code"), [
    ({"nobody": {"review": "bureau_head"}}, "process.nobody_else"),
    ({"nobody": {"vote": "bureau_head"}}, "process.nobody_else"),
    ({"nobody": {"first": "anybody"}}, "process.value_unknown"),
    ({"opener": {"nothing": "exclude"}}, "process.element_unknown"),
    ({"apart": {"first": ["nothing"]}}, "process.element_unknown"),
    ({"apart": {"nothing": ["first"]}}, "process.element_unknown"),
    ({"apart": {"first": "second"}}, "process.value_bad"),
    ({"apart": {"first": [["second"]]}}, "process.element_unknown"),
    ({"apart": {"first": ["first"]}}, "process.apart_itself"),
    ({"operators": {"vote": ["substitute"]}}, "process.operator_withheld"),
    ({"operators": {"vote": ["add_signer"]}}, "process.operator_withheld"),
])  # fmt: skip
def test_a_policy_against_the_law_or_without_sense_is_refused(policies: Any, code: str):
    with pytest.raises(DiagramRefused) as refused:
        library.check(package(**policies), ["two"])
    assert code in {problem.code for problem in refused.value.problems}


def test_behind_a_join_whoever_did_the_last_step_of_any_branch_is_left_out(sqlite_bureau: Bureau) -> None:
    """Two officers did one branch each, so that nobody who is left does the step behind both."""
    for first, second in (("officer1", "officer2"), ("officer2", "officer1")):
        trial = begin(sqlite_bureau, SIDE_BY_SIDE.replace("join > third", "join > again > third"),
                      twice={"again": "exclude"})  # fmt: skip
        for login, element in ((first, "first"), (second, "second")):
            claim(trial, login, element)
            trial.done(login, element)
        assert trial.task("again").assignee_id is None
        with trial.store.read() as session:
            assert session.get_one(Task, trial.task("again").id).candidates == []


def test_who_answers_for_or_signed_the_step_before_is_left_out_too(sqlite_bureau: Bureau) -> None:
    trial = begin(sqlite_bureau, twice={"second": "exclude"})
    claim(trial, "officer1", "first")
    today = clock.today()
    trial.do("officer1", substitutes.name_substitute, trial.person("officer1"), trial.person("officer3"),
             roles=["case_officer"], starts_on=today, ends_on=today, reason="出差", processes=[])  # fmt: skip
    trial.done("officer3", "first")
    assert trial.task("second").assignee_id == trial.person("officer2"), "officer1 answers for what officer3 did"
    trial.check()
