"""Who may be brought into a step by name, whatever the operator: one rule (domain brief, section 1; decision 0010)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.desk.operators.conftest import Trial
from workflows.actors import Certificate, Person, Post
from workflows.bureau import FOUNDED
from workflows.calendar import clock
from workflows.cases import commands as case_commands
from workflows.cases.file import Case
from workflows.desk import candidates, commands, fitting, substitutes
from workflows.desk.execute import execute
from workflows.desk.operators import handing, recusing, signing
from workflows.desk.tasks import Task, TaskDraft
from workflows.errors import Forbidden

APPROVE = {"result": "approve", "opinion": "同意立案。"}


def post(trial: Trial, login: str, role: str) -> None:
    """One post more, as in a small bureau."""
    with trial.store.work() as session:
        unit = session.get_one(Case, trial.case_id).bureau_id
        session.add(Post(person_id=trial.person(login), unit_id=unit, role=role, title="兼任", rank=9,
                         starts_on=FOUNDED))  # fmt: skip


def held(trial: Trial, login: str, element: str) -> Task:
    """A step that somebody holds."""
    task = trial.task(element, login if element == "sign" else None)
    if task.state == "open":
        execute(trial.store, commands.claim_task, trial.bureau.actor(login), task.id, seen=task.version)
    return trial.task(element, login)


def delegate(trial: Trial, by: str, element: str, whom: str) -> None:
    task = held(trial, by, element)
    trial.do(by, handing.delegate_task, task.id, trial.person(whom), reason="请先拟稿", seen=task.version)


def reassign(trial: Trial, by: str, element: str, whom: str) -> None:
    task = held(trial, by, element)
    trial.do(by, handing.reassign_task, task.id, trial.person(whom), reason="出差", seen=task.version)


def sign(kind: str) -> Callable[[Trial, str, str, str], None]:
    def ask(trial: Trial, by: str, element: str, whom: str) -> None:
        task = held(trial, by, element)
        trial.do(by, signing.ask, task.id, trial.person(whom), kind=kind, question="请审阅", seen=task.version)

    return ask


def join(trial: Trial, by: str, element: str, whom: str) -> None:
    task = held(trial, by, element)
    trial.do(by, signing.add_signer, task.id, trial.person(whom), before=False, reason="", seen=task.version)


def shown(trial: Trial, login: str, element: str, operator: str) -> dict[str, tuple[str, str]]:
    """Login → why somebody does not fit, and the step that they did, as the page of an operator says it."""
    task = held(trial, login, element)
    with trial.store.read() as session:
        logins: dict[str, str] = {row.id: row.login for row in session.execute(select(Person)).scalars()}
        row = session.get_one(Task, task.id)
        found = fitting.people(session, trial.bureau.actor(login), row, operator)
        return {logins[one.person.id]: (one.why, one.did.name if one.did else "") for one in found}


BRINGING: dict[str, Any] = {
    "delegate": delegate, "before": sign("before"), "beside": sign("beside"), "after": sign("after"),
    "reassign": reassign,
}  # fmt: skip


def test_whoever_did_another_step_is_not_brought_into_the_review_though_he_holds_its_role(trial: Trial) -> None:
    """officer1 drafted, officer2 handles the case with him, the head signed that draft, deputy approved the filing."""
    trial.bureau.complete("deputy", trial.case_id, "approve_filing", APPROVE)
    post(trial, "unithead", "case_officer")
    sign("before")(trial, "officer1", "draft", "unithead")
    trial.done("unithead", "draft", kind="before", agrees="yes", text="同意")
    trial.done("officer1", "draft")
    for who in ("officer1", "officer2", "unithead", "deputy"):
        post(trial, who, "legal_reviewer")
        for operator in BRINGING.values():
            with pytest.raises(Forbidden, match=r"task\.unfit_handles"):
                operator(trial, "legal1", "legal", who)
        assert shown(trial, "legal1", "legal", "delegate")[who][0] == fitting.HANDLES
    trial.check()


@pytest.mark.parametrize("operator", ["delegate", "beside", "reassign"])
def test_a_colleague_of_the_same_role_without_another_part_is_brought_in(trial: Trial, operator: str) -> None:
    trial.done("officer1", "draft")
    assert shown(trial, "legal1", "legal", "delegate")["legal2"] == ("", "")
    BRINGING[operator](trial, "legal1", "legal", "legal2")
    trial.check()


def test_who_lacks_the_role_signs_and_prepares_nothing(trial: Trial) -> None:
    trial.done("officer1", "draft")
    for who in ("hearing1", "head", "publisher1", "counsel1"):
        for operator in BRINGING.values():
            with pytest.raises(Forbidden, match=r"task\.unfit "):
                operator(trial, "legal1", "legal", who)
        assert shown(trial, "legal1", "legal", "sign")[who] == (fitting.ROLE, "")


def test_who_keeps_the_system_or_its_record_acts_in_no_case(trial: Trial) -> None:
    trial.done("officer1", "draft")
    for office in ("auditor", "admin", "secadmin"):
        post(trial, office, "legal_reviewer")  # even so
        for operator in (*(BRINGING[one] for one in ("delegate", "before", "after")), sign("advice")):
            with pytest.raises(Forbidden, match=r"task\.unfit_office"):
                operator(trial, "legal1", "legal", office)
        assert shown(trial, "legal1", "legal", "sign")[office] == (fitting.OFFICE, "")
        assert shown(trial, "legal1", "legal", "ask")[office] == (fitting.OFFICE, "")


def test_a_round_of_named_people_takes_nobody_who_did_another_step_and_no_auditor(trial: Trial) -> None:
    trial.bureau.complete("deputy", trial.case_id, "approve_filing", APPROVE)
    trial.reviewed()
    why = shown(trial, "legal1", "sign", "round_add")
    assert why["officer1"] == (fitting.HANDLES, ""), "he handles the case"
    assert why["auditor"] == (fitting.OFFICE, "")
    for who, code in (("officer1", "handles"), ("officer2", "handles"), ("auditor", "office"), ("admin", "office"),
                      ("secadmin", "office")):  # fmt: skip
        with pytest.raises(Forbidden, match=rf"task\.unfit(_{code})?"):
            join(trial, "legal1", "sign", who)
    assert why["head"] == why["hearing1"] == ("", "")
    join(trial, "legal1", "sign", "head")
    trial.check()


def test_who_got_another_part_after_he_was_asked_signs_no_more(trial: Trial) -> None:
    post(trial, "legal2", "bureau_leader")
    trial.done("officer1", "draft")
    sign("before")(trial, "legal1", "legal", "legal2")
    trial.done("legal2", "counsel")
    with pytest.raises(Forbidden, match=r"task\.unfit_handles"):
        trial.done("legal2", "legal", kind="before", agrees="yes", text="同意")
    trial.check()


def test_who_prepared_another_step_is_remembered(trial: Trial) -> None:
    post(trial, "head", "legal_reviewer")
    trial.done("officer1", "draft")
    delegate(trial, "deputy", "counsel", "head")
    lent = trial.task("counsel")
    trial.do("head", handing.hand_back_task, lent.id, note="", draft={}, seen=lent.version)
    with pytest.raises(Forbidden, match=r"task\.unfit_handles"):
        sign("before")(trial, "legal1", "legal", "head")
    assert shown(trial, "legal1", "legal", "sign")["head"] == (fitting.HANDLES, "counsel")


def test_a_substitute_has_no_other_part_in_the_case(trial: Trial) -> None:
    trial.done("officer1", "draft")
    task = held(trial, "legal1", "legal")
    post(trial, "deputy", "legal_reviewer")
    today = clock.today()
    trial.do("legal1", substitutes.name_substitute, trial.person("legal1"), trial.person("deputy"),
             roles=["legal_reviewer"], starts_on=today, ends_on=today + timedelta(days=3), reason="出差")  # fmt: skip
    trial.done("deputy", "counsel")
    with pytest.raises(Forbidden, match=r"task\.unfit_handles"):
        trial.do("deputy", commands.complete_task, task.id, {}, seen=task.version)
    trial.check()


def test_leaders_sign_for_each_other_and_the_roles_own_later_steps_stay_open(trial: Trial) -> None:
    trial.bureau.complete("deputy", trial.case_id, "approve_filing", APPROVE)
    trial.done("officer1", "draft")
    sign("after")(trial, "deputy", "counsel", "head")
    trial.done("deputy", "counsel")
    trial.done("head", "counsel", kind="after", agrees="yes", text="同意")
    trial.done("legal1", "legal")
    for login in ("legal1", "legal2", "deputy"):
        trial.done(login, "sign")
    trial.done("legal1", "check")
    trial.done("legal1", "confirm")
    trial.done("deputy", "decide")
    assert trial.waiting() == [], "who approved the filing and advised decides"
    trial.check()


def test_the_process_offers_no_review_to_who_checked_for_the_unit(trial: Trial) -> None:
    for role in ("legal_reviewer", "legal_counsel", "hearing_officer"):
        post(trial, "unithead", role)

    def offered(session: Session) -> set[str]:
        case = session.get_one(Case, trial.case_id)
        person = trial.person("unithead")
        return {role for role in ("legal_reviewer", "legal_counsel", "hearing_officer")
                for one in candidates.people_for(session, case, [role]) if one.id == person}  # fmt: skip

    with trial.store.work() as session:
        assert offered(session) == {"legal_reviewer", "legal_counsel", "hearing_officer"}
        row = session.get_one(Task, trial.task("draft").id)
        row.role, row.state, row.ended_at, row.ended_by_id = (
            "handling_unit_head", "completed", clock.now(), trial.person("unithead"))  # fmt: skip
        session.flush()
        assert offered(session) == set()
        session.rollback()


def test_a_head_who_handles_the_case_is_not_offered_its_check_but_answers_for_the_unit(trial: Trial) -> None:
    post(trial, "officer2", "handling_unit_head")
    with trial.store.read() as session:
        case, two = session.get_one(Case, trial.case_id), trial.person("officer2")
        head = ["handling_unit_head"]
        assert two not in {one.id for one in candidates.people_for(session, case, head, "unit_check")}
        assert two in {one.id for one in candidates.people_for(session, case, head, "unit_response")}


def offered(trial: Trial, login: str, *roles: str) -> set[str]:
    """The roles whose steps the process would offer somebody now."""
    with trial.store.read() as session:
        case, person = session.get_one(Case, trial.case_id), trial.person(login)
        return {role for role in roles
                for one in candidates.people_for(session, case, [role]) if one.id == person}  # fmt: skip


def standing_in(trial: Trial) -> None:
    """legal2 did not do the review: legal1 did it for him."""
    held(trial, "legal2", "legal")
    today = clock.today()
    trial.do("legal2", substitutes.name_substitute, trial.person("legal2"), trial.person("legal1"),
             roles=["legal_reviewer"], starts_on=today, ends_on=today, reason="出差")  # fmt: skip
    trial.done("legal1", "legal")


def signing_of(kind: str) -> Callable[[Trial], None]:
    def signed(trial: Trial) -> None:
        sign(kind)(trial, "legal1", "legal", "legal2")
        if kind == "after":
            trial.done("legal1", "legal")
        trial.done("legal2", "legal", kind=kind, agrees="yes", text="同意")

    return signed


def preparing(trial: Trial) -> None:
    delegate(trial, "legal1", "legal", "legal2")
    lent = trial.task("legal")
    trial.do("legal2", handing.hand_back_task, lent.id, note="", draft={}, seen=lent.version)


@pytest.mark.parametrize(
    "take_part", [signing_of("before"), signing_of("beside"), signing_of("after"), preparing, standing_in],
    ids=["before", "beside", "after", "prepared", "absent"],
)  # fmt: skip
def test_who_signed_prepared_or_answers_for_the_review_is_offered_no_step_that_judges_it_and_handles_nothing(
    trial: Trial, take_part: Callable[[Trial], None]
) -> None:
    others = ("legal_counsel", "hearing_officer", "bureau_leader", "bureau_head", "handling_unit_head")
    for role in (*others, "case_officer"):
        post(trial, "legal2", role)
    with trial.store.work() as session:
        unit = session.get_one(Case, trial.case_id).unit_id
        session.add(Post(person_id=trial.person("legal2"), unit_id=unit, role="case_officer", title="兼任", rank=9,
                         starts_on=FOUNDED))  # fmt: skip
        session.add(Certificate(person_id=trial.person("legal2"), kind="enforcement", number="浙H099",
                                valid_from=FOUNDED))  # fmt: skip
    trial.done("officer1", "draft")
    assert offered(trial, "legal2", *others) == set(others)
    take_part(trial)
    assert offered(trial, "legal2", *others, "legal_reviewer") == {"legal_reviewer"}, "to conclude it stays open"
    with pytest.raises(Forbidden, match=r"case\.stood_above"):
        execute(trial.store, case_commands.add_officer, trial.bureau.actor("officer1"), trial.case_id,
                trial.person("legal2"))  # fmt: skip
    trial.check()


def lent_by_who_became_an_officer(trial: Trial) -> Task:
    """A review that officer3, who may review as well, let legal1 prepare before he was charged with the case."""
    post(trial, "officer3", "legal_reviewer")
    trial.done("officer1", "draft")
    delegate(trial, "officer3", "legal", "legal1")
    execute(trial.store, case_commands.add_officer, trial.bureau.actor("officer1"), trial.case_id,
            trial.person("officer3"))  # fmt: skip
    return trial.task("legal")


def offers_of(trial: Trial, task: Task) -> tuple[str, set[str]]:
    """Who holds a step, and to whom it is offered; nobody answers for it beside him."""
    row = trial.row(task.id)
    assert row.owner_id is None
    with trial.store.read() as session:
        logins: dict[str, str] = {one.id: one.login for one in session.execute(select(Person)).scalars()}
        offered = {logins[one.person_id] for one in session.get_one(Task, task.id).candidates}
    return logins.get(row.assignee_id or "", ""), offered


def test_who_became_an_officer_does_not_get_the_review_back_that_he_let_another_prepare(trial: Trial) -> None:
    lent = lent_by_who_became_an_officer(trial)
    trial.do("legal1", handing.hand_back_task, lent.id, note="已拟好", draft={"values": {"opinion": ["同意"]}},
             seen=lent.version)  # fmt: skip
    assert offers_of(trial, lent) == ("", {"legal1", "legal2"})
    with trial.store.read() as session:
        drafts = session.scalars(select(TaskDraft).where(TaskDraft.task_id == lent.id)).all()
    assert [one.person_id for one in drafts] == [trial.person("legal1")], "what was prepared is not lost"
    trial.check()
    held(trial, "legal1", "legal")
    trial.done("legal1", "legal")
    trial.check()


def test_nor_does_he_take_it_back_himself_or_get_it_when_its_writer_withdraws(trial: Trial) -> None:
    lent = lent_by_who_became_an_officer(trial)
    trial.do("officer3", handing.hand_back_task, lent.id, note="", draft={}, seen=lent.version)
    assert offers_of(trial, lent) == ("", {"legal1", "legal2"})
    delegate(trial, "legal1", "legal", "legal2")
    with trial.store.work() as session:
        for one in session.scalars(select(Post).where(Post.person_id == trial.person("legal1"))):
            one.role = "domain_expert"
    trial.do("legal2", recusing.declare_recusal, trial.case_id, reason="与当事人有利害关系")
    assert offers_of(trial, lent) == ("", set()), "legal1 let it be prepared, and reviews no more"
    trial.check()
