"""Who could do a step once, and can't any more, moves nothing of the case; and nothing waits for him for ever."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.desk.operators.conftest import Trial
from tests.desk.operators.test_bringing_in import delegate, held, post
from workflows.actors import Person, Post
from workflows.calendar import clock
from workflows.calendar.clock import SimulatedClock
from workflows.cases import commands as case_commands
from workflows.desk import again, commands, offering, offers, substitutes
from workflows.desk.execute import execute
from workflows.desk.operators import halting, handing, recusing, registering, returning, signing
from workflows.desk.tasks import REGISTRATION, Task
from workflows.errors import Forbidden, Invalid


def unpost(trial: Trial, login: str) -> None:
    """All posts of somebody are another's now."""
    with trial.store.work() as session:
        for one in session.scalars(select(Post).where(Post.person_id == trial.person(login))):
            one.role = "domain_expert"


def disable(trial: Trial, login: str) -> None:
    with trial.store.work() as session:
        session.get_one(Person, trial.person(login)).disabled_at = clock.now()


def charge(trial: Trial, login: str) -> None:
    execute(trial.store, case_commands.add_officer, trial.bureau.actor("unithead"), trial.case_id, trial.person(login))


def discharge(
    trial: Trial, login: str, by: str = "unithead", reason: str = "工作调动", *, recused: bool = False
) -> None:
    execute(trial.store, case_commands.remove_officer, trial.bureau.actor(by), trial.case_id, trial.person(login),
            reason=reason, recused=recused)  # fmt: skip


def order(trial: Trial, absent: str, present: str, role: str, days: int = 0) -> None:
    today = clock.today()
    trial.do(absent, substitutes.name_substitute, trial.person(absent), trial.person(present), roles=[role],
             starts_on=today, ends_on=today + timedelta(days=days), reason="出差", processes=[])  # fmt: skip


def offered(trial: Trial, login: str, task_id: str) -> dict[str, str]:
    """Operator → the code of why not, empty where it can be used."""
    with trial.store.read() as session:
        found = offers.offers(session, trial.bureau.actor(login), session.get_one(Task, task_id))
        return {one.operator: one.why.code if one.why is not None else "" for one in found}


def ask(trial: Trial, by: str, element: str, whom: str, kind: str) -> str:
    task = held(trial, by, element)
    made: str = trial.do(by, signing.ask, task.id, trial.person(whom), kind=kind, question="请审阅", seen=task.version)
    return made


def test_an_officer_who_left_the_case_takes_no_step_of_it_back(trial: Trial) -> None:
    charge(trial, "officer3")
    draft = held(trial, "officer1", "draft").id
    trial.done("officer1", "draft")
    discharge(trial, "officer1")
    with pytest.raises(Forbidden, match=r"withdraw\.no_part"):
        trial.do("officer1", returning.withdraw_task, draft, reason="有误")
    assert offered(trial, "officer1", draft)["withdraw"] == "withdraw.no_part", "its page says so beforehand"
    assert trial.waiting() == ["counsel", "legal"]
    trial.check()


def test_nor_does_who_lost_the_post_or_a_substitute_whose_order_is_over(trial: Trial, time: SimulatedClock) -> None:
    draft = held(trial, "officer1", "draft").id
    order(trial, "officer1", "officer3", "case_officer")
    trial.done("officer3", "draft")
    legal = held(trial, "legal1", "legal").id
    trial.done("legal1", "legal")
    unpost(trial, "legal1")
    time.set(time.now() + timedelta(days=2))
    for login, task_id in (("officer3", draft), ("legal1", legal)):
        with pytest.raises(Forbidden, match=r"withdraw\.no_part"):
            trial.do(login, returning.withdraw_task, task_id, reason="有误")
    trial.check()


def test_a_substitute_takes_back_what_he_did_while_his_order_lasts(trial: Trial) -> None:
    draft = held(trial, "officer1", "draft").id
    order(trial, "officer1", "officer3", "case_officer", days=3)
    trial.done("officer3", "draft")
    trial.do("officer3", returning.withdraw_task, draft, reason="有误")
    assert trial.waiting() == ["draft"]
    trial.check()


def test_the_head_gives_a_lent_step_on_when_who_was_to_prepare_it_is_gone(trial: Trial) -> None:
    post(trial, "hearing1", "legal_reviewer")
    trial.done("officer1", "draft")
    delegate(trial, "legal1", "legal", "legal2")
    task = trial.task("legal")
    assert offered(trial, "head", task.id)["reassign"] == "task.delegated"
    disable(trial, "legal2")
    assert offered(trial, "head", task.id)["reassign"] == ""
    trial.do("head", handing.reassign_task, task.id, trial.person("hearing1"), reason="调离", seen=task.version)
    assert (trial.row(task.id).assignee_id, trial.row(task.id).owner_id) == (trial.person("hearing1"), None)
    trial.check()


def test_the_head_takes_a_signer_away_who_can_not_sign_any_more(trial: Trial) -> None:
    trial.done("officer1", "draft")
    asked = ask(trial, "legal1", "legal", "legal2", "before")
    with pytest.raises(Forbidden, match=r"task\.not_yours"):
        trial.do("head", signing.unask, asked, reason="调离")
    disable(trial, "legal2")
    assert offered(trial, "head", asked)["unask"] == ""
    trial.do("head", signing.unask, asked, reason="调离")
    trial.done("legal1", "legal")
    trial.check()


def test_who_asked_once_takes_no_signature_off_what_is_another_s_now(trial: Trial) -> None:
    charge(trial, "officer3")
    asked = ask(trial, "officer1", "draft", "officer3", "after")
    task = trial.task("draft")
    trial.do("officer1", handing.reassign_task, task.id, trial.person("officer2"), reason="出差", seen=task.version)
    discharge(trial, "officer1")
    trial.done("officer2", "draft")
    with pytest.raises(Forbidden, match=r"task\.not_yours"):
        trial.do("officer1", signing.unask, asked, reason="不必了")
    trial.done("officer3", "draft", kind="after", agrees="yes", text="同意")
    trial.check()


def test_a_place_in_a_round_is_not_offered_anew_to_who_has_another(trial: Trial) -> None:
    """legal1 gave his place to the head and was added again; the head withdraws."""
    for login, element in (("officer1", "draft"), ("legal2", "legal"), ("deputy", "counsel")):
        trial.done(login, element)
    first = trial.task("sign", "legal1")
    trial.do("legal1", handing.reassign_task, first.id, trial.person("head"), reason="出差", seen=first.version)
    other = trial.task("sign", "legal2")
    trial.do("legal2", signing.add_signer, other.id, trial.person("legal1"), before=False, reason="",
             seen=other.version)  # fmt: skip
    trial.do("head", recusing.declare_recusal, trial.case_id, reason="系近亲属")
    mine = [task.id for task in trial.tasks() if task.assignee_id == trial.person("legal1")]
    assert len(mine) == 1 and mine != [first.id]
    assert trial.row(first.id).assignee_id is None
    trial.check()


def test_an_officer_decides_on_no_colleague_s_recusal(trial: Trial) -> None:
    """行政处罚法 43: whose recusal is asked for is decided on by those in charge; everybody declares his own."""
    charge(trial, "officer3")
    for how in ({"reason": "与当事人有利害关系", "recused": True}, {"reason": "系近亲属，应当回避"}):
        with pytest.raises(Forbidden, match=r"actor\.role_missing"):
            discharge(trial, "officer2", by="officer1", **how)
    discharge(trial, "officer3", by="officer3", reason="与当事人有利害关系", recused=True)
    trial.check()


def test_an_officer_takes_no_colleague_off_the_case_but_himself(trial: Trial) -> None:
    """Nor gets he rid of one who signs after him and does not agree."""
    charge(trial, "officer3")
    with pytest.raises(Forbidden, match=r"actor\.role_missing"):
        discharge(trial, "officer3", by="officer1")
    discharge(trial, "officer3", by="officer3")
    trial.check()


def test_whoever_withdrew_does_not_come_back_by_the_lead(trial: Trial) -> None:
    trial.case_id = trial.bureau.open()
    charge(trial, "officer3")
    trial.do("officer3", recusing.declare_recusal, trial.case_id, reason="与当事人有利害关系")
    trial.do("officer1", registering.withdraw_lead, trial.case_id, reason="有误")
    with trial.store.read() as session:
        task = session.scalars(select(Task).where(Task.case_id == trial.case_id, Task.kind == REGISTRATION)).one()
        answer = again.start(session, task, offering.task_form(session, task))
    send = (commands.complete_task, task.id)
    with pytest.raises(Invalid) as refused:
        trial.do("officer1", *send, {**answer, "co_officer": trial.person("officer3")}, seen=task.version)
    assert [(one.code, one.place) for one in refused.value.problems] == [("case.recused", "co_officer")]
    trial.do("officer1", *send, {**answer, "co_officer": trial.person("officer2")}, seen=task.version)


def test_a_lead_whose_officers_both_withdrew_goes_to_who_is_charged_next(trial: Trial) -> None:
    trial.case_id = trial.bureau.open()
    trial.do("officer1", registering.withdraw_lead, trial.case_id, reason="有误")
    with trial.store.read() as session:
        task = session.scalars(select(Task).where(Task.case_id == trial.case_id, Task.kind == REGISTRATION)).one()
    trial.do("officer1", recusing.declare_recusal, trial.case_id, reason="系近亲属")
    assert trial.row(task.id).assignee_id == trial.person("officer2"), "nobody has to claim it"
    trial.do("officer2", recusing.declare_recusal, trial.case_id, reason="系近亲属")
    charge(trial, "officer3")
    assert trial.row(task.id).assignee_id == trial.person("officer3"), "nobody has to give it to him"
    trial.check()


def test_a_lead_that_was_taken_back_is_given_to_another_officer_when_who_entered_it_is_gone(trial: Trial) -> None:
    case_id = trial.bureau.open()
    trial.do("officer1", registering.withdraw_lead, case_id, reason="有误")
    with trial.store.read() as session:
        task = session.scalars(select(Task).where(Task.case_id == case_id, Task.kind == REGISTRATION)).one()
    give = (handing.reassign_task, task.id, trial.person("officer2"))
    with pytest.raises(Forbidden, match=r"task\.operator_not_offered"):
        trial.do("officer1", *give, reason="出差", seen=task.version)
    with pytest.raises(Forbidden, match=r"task\.operator_not_offered"):
        trial.do("unithead", *give, reason="离职", seen=task.version)
    disable(trial, "officer1")
    assert offered(trial, "unithead", task.id)["reassign"] == ""
    trial.do("unithead", *give, reason="离职", seen=task.version)
    assert trial.row(task.id).assignee_id == trial.person("officer2")


def test_who_opened_a_lead_and_left_it_neither_takes_it_back_nor_ends_it(trial: Trial) -> None:
    trial.case_id = trial.bureau.open()
    charge(trial, "officer3")
    discharge(trial, "officer1")
    with pytest.raises(Forbidden, match=r"withdraw\.not_opener"):
        trial.do("officer1", registering.withdraw_lead, trial.case_id, reason="有误")
    with pytest.raises(Forbidden, match=r"actor\.role_missing"):
        trial.do("officer1", halting.terminate_case, trial.case_id, reason="有误")
