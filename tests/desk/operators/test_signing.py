"""Signing together, asking for advice."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta

import pytest
import yaml

from tests.desk.operators.conftest import LEADER, SIGNERS, Trial, step
from tests.engine import drawing as d
from workflows import ledger, staff
from workflows.actors import SYSTEM, Person
from workflows.calendar import clock
from workflows.calendar.clock import SimulatedClock
from workflows.cases import access
from workflows.cases.file import lock_case
from workflows.desk import advance, commands, copies, fitting, offers
from workflows.desk.execute import execute
from workflows.desk.operators import handing, returning, signing
from workflows.desk.tasks import Task
from workflows.diagrams import library
from workflows.engine import state
from workflows.engine.package import Package
from workflows.errors import DiagramRefused, Forbidden, Invalid, NotFound, Stale

YES, NO = {"agrees": "yes", "text": "同意"}, {"agrees": "no", "text": "事实不清"}


def ask(trial: Trial, by: str, element: str, whom: str, kind: str, question: str = "请审阅") -> str:
    task = trial.task(element)
    made: str = trial.do(by, signing.ask, task.id, trial.person(whom), kind=kind, question=question, seen=task.version)
    return made


def hold(trial: Trial, login: str, element: str) -> None:
    """Let somebody take an open step."""
    task = trial.task(element)
    if task.state == "open":
        execute(trial.store, commands.claim_task, trial.bureau.actor(login), task.id, seen=task.version)


@pytest.mark.parametrize("kind", ["before", "beside"])
def test_a_step_waits_for_those_who_sign_before_or_beside_it(trial: Trial, kind: str):
    trial.done("officer1", "draft")
    hold(trial, "legal1", "legal")
    ask(trial, "legal1", "legal", "legal2", kind)
    with pytest.raises(Forbidden, match=r"task\.waits_for"):
        trial.done("legal1", "legal")
    trial.done("legal2", "legal", kind=kind, **NO)
    trial.done("legal1", "legal")
    assert trial.waiting() == ["counsel"]
    trial.check()


def test_a_step_is_completed_when_who_signs_after_it_agrees(trial_on_both: Trial):
    trial = trial_on_both
    trial.done("officer1", "draft")
    hold(trial, "legal1", "legal")
    ask(trial, "legal1", "legal", "legal2", "after")
    with pytest.raises(Forbidden, match=r"task\.sign_after"):
        trial.done("legal2", "legal", kind="after", **YES)
    trial.done("legal1", "legal")
    assert "legal" in trial.waiting(), "it waits for the signature"
    with pytest.raises(Forbidden, match=r"task\.answered"):
        trial.done("legal1", "legal")
    step = trial.task("legal").id
    trial.done("legal2", "legal", kind="after", **YES)
    assert trial.waiting() == ["counsel"]
    assert trial.row(step).ended_by_id == trial.person("legal1"), "the answer is the holder's, not the signer's"
    trial.check()


def test_a_step_comes_back_to_its_holder_when_who_signs_after_it_does_not_agree(trial: Trial):
    trial.done("officer1", "draft")
    hold(trial, "legal1", "legal")
    ask(trial, "legal1", "legal", "legal2", "after")
    trial.done("legal1", "legal")
    trial.done("legal2", "legal", kind="after", **NO)
    assert trial.task("legal", "legal1").effect is None, "it is the holder's to do again"
    trial.check()


def test_advice_holds_nothing_up_and_ends_with_the_step(trial: Trial):
    trial.done("officer1", "draft")
    hold(trial, "legal1", "legal")
    advice = ask(trial, "legal1", "legal", "hearing1", "advice", "第三份证据能否采信？")
    trial.done("legal1", "legal")
    assert trial.row(advice).state == "cancelled"
    trial.check()


def test_what_was_asked_is_taken_back(trial: Trial):
    trial.done("officer1", "draft")
    hold(trial, "legal1", "legal")
    asked = ask(trial, "legal1", "legal", "legal2", "before")
    with pytest.raises(Forbidden, match=r"task\.not_yours"):
        trial.do("officer1", signing.unask, asked, reason="")
    trial.do("legal1", signing.unask, asked, reason="不需要")
    trial.done("legal1", "legal")
    trial.check()


def sees(trial: Trial, login: str) -> bool:
    with trial.store.read() as session:
        return access.visible_id(session, trial.bureau.actor(login), trial.case_id)


def test_advice_that_is_taken_back_unanswered_leaves_nothing_behind(trial_on_both: Trial):
    trial = trial_on_both
    trial.done("officer1", "draft")
    hold(trial, "legal1", "legal")
    assert not sees(trial, "member1")
    asked = ask(trial, "legal1", "legal", "member1", "advice", "如何裁量？")
    assert sees(trial, "member1")
    trial.do("legal1", signing.unask, asked, reason="问错人")
    assert not sees(trial, "member1")
    with pytest.raises(NotFound):
        trial.do("member1", copies.send_copies, trial.case_id, [trial.person("publisher1")], note="")
    with pytest.raises(NotFound):
        trial.do("member1", handing.urge_task, trial.task("legal").id, note="")
    trial.check()


def test_who_was_sent_a_copy_too_goes_on_reading_it_and_acts_in_nothing(trial: Trial):
    trial.done("officer1", "draft")
    hold(trial, "legal1", "legal")
    asked = ask(trial, "legal1", "legal", "member1", "advice", "如何裁量？")
    trial.do("legal1", copies.send_copies, trial.case_id, [trial.person("member1")], note="")
    trial.do("legal1", signing.unask, asked, reason="")
    assert sees(trial, "member1")
    for command, given in ((copies.send_copies, (trial.case_id, [trial.person("publisher1")])),
                           (handing.urge_task, (trial.task("legal").id,))):  # fmt: skip
        with pytest.raises(Forbidden, match=r"copy\.not_acting"):
            trial.do("member1", command, *given, note="")
    trial.check()


def test_who_answered_once_keeps_what_came_with_it(trial: Trial):
    trial.done("officer1", "draft")
    hold(trial, "legal1", "legal")
    ask(trial, "legal1", "legal", "member1", "advice", "如何裁量？")
    trial.done("member1", "legal", kind="advice", text="从轻。")
    trial.do("legal1", signing.unask, ask(trial, "legal1", "legal", "member1", "advice", "再问"), reason="")
    assert sees(trial, "member1")
    trial.do("member1", handing.urge_task, trial.task("legal").id, note="")


def test_nobody_who_handles_the_case_signs_its_review(trial: Trial):
    trial.done("officer1", "draft")
    hold(trial, "legal1", "legal")
    with pytest.raises(Forbidden, match=r"task\.unfit_handles"):
        ask(trial, "legal1", "legal", "officer2", "before")


def test_nobody_is_asked_twice_or_without_a_question(trial: Trial):
    trial.done("officer1", "draft")
    hold(trial, "legal1", "legal")
    ask(trial, "legal1", "legal", "legal2", "before")
    with pytest.raises(Invalid, match=r"sign\.asked_already"):
        ask(trial, "legal1", "legal", "legal2", "before")
    with pytest.raises(Invalid, match=r"sign\.question"):
        ask(trial, "legal1", "legal", "hearing1", "advice", " ")


def test_a_round_gets_a_signer_more_and_less(trial_on_both: Trial):
    trial = trial_on_both
    trial.reviewed()
    mine = trial.task("sign", "legal1")
    trial.do("legal1", signing.add_signer, mine.id, trial.person("head"), before=False, reason="", seen=mine.version)
    assert trial.waiting() == ["sign"] * 4
    trial.check()
    with pytest.raises(Forbidden, match=r"sign\.named"):
        trial.do("legal1", signing.remove_signer, mine.id, 1, reason="出差", seen=mine.version)
    deputy = trial.task("sign", "deputy")
    trial.do("deputy", signing.remove_signer, deputy.id, 3, reason="出差", seen=deputy.version)
    assert {task.assignee_id for task in trial.tasks()} == {trial.person(one) for one in SIGNERS}
    for login in SIGNERS:
        trial.done(login, "sign")
    assert trial.waiting() == ["check"]
    trial.check()


def test_a_step_that_is_no_round_has_no_signers(trial: Trial):
    trial.done("officer1", "draft")
    hold(trial, "legal1", "legal")
    mine = trial.task("legal")
    with pytest.raises(Stale, match=r"engine\.no_round"):
        trial.do("legal1", signing.add_signer, mine.id, trial.person("head"), before=False, reason="",
                 seen=mine.version)  # fmt: skip


def test_a_place_in_a_round_is_of_whoever_it_was_given_to(trial: Trial):
    trial.reviewed()
    mine = trial.task("sign", "legal1")
    trial.do("legal1", handing.reassign_task, mine.id, trial.person("head"), reason="出差", seen=mine.version)
    given = trial.task("sign", "head")
    with pytest.raises(Invalid, match=r"task\.to_oneself"):
        trial.do("head", signing.remove_signer, given.id, 0, reason="不签", seen=given.version)
    trial.do("head", signing.add_signer, given.id, trial.person("legal1"), before=False, reason="", seen=given.version)
    other = trial.task("sign", "deputy")
    with pytest.raises(Forbidden, match=r"sign\.named"):  # the place is one of the process, whoever has it now
        trial.do("deputy", signing.remove_signer, other.id, 0, reason="出差", seen=other.version)
    trial.do("deputy", signing.remove_signer, other.id, 3, reason="出差", seen=other.version)
    assert {task.assignee_id for task in trial.tasks()} == {trial.person(one) for one in ("head", "legal2", "deputy")}
    trial.check()


def test_no_signer_decides_alone_by_taking_out_whom_the_process_named(trial: Trial):
    trial.reviewed()
    mine, legal1 = trial.task("sign", "legal1"), trial.bureau.actor("legal1")

    def offered() -> str:
        with trial.store.read() as session:
            told = {one.operator: one.why for one in offers.offers(session, legal1, session.get_one(Task, mine.id))}
        why = told["round_remove"]
        return why.code if why is not None else ""

    assert offered() == "sign.nobody_added"
    trial.do("legal1", signing.add_signer, mine.id, trial.person("head"), before=False, reason="", seen=mine.version)
    assert offered() == ""
    trial.done("head", "sign")
    assert offered() == "sign.nobody_added", "who has signed stays"


def test_who_has_signed_in_a_round_is_not_said_to_be_asked_still(trial: Trial):
    trial.reviewed()
    trial.done("legal1", "sign")
    mine = trial.task("sign", "legal2")
    legal1 = trial.person("legal1")
    for command, given in ((signing.add_signer, {"before": False}), (handing.reassign_task, {})):
        with pytest.raises(Invalid, match=r"sign\.signed_already"):
            trial.do("legal2", command, mine.id, legal1, reason="请复核", seen=mine.version, **given)
    with trial.store.read() as session:
        told = fitting.people(session, trial.bureau.actor("legal2"), session.get_one(Task, mine.id), "round_add")
    why = {one.person.id: one.why for one in told}
    assert (why[legal1], why[trial.person("deputy")]) == (fitting.SIGNED, fitting.ASKED)


def test_nobody_signs_before_one_place_of_a_round_alone(trial: Trial):
    trial.reviewed()
    mine = trial.task("sign", "legal1")
    with pytest.raises(Forbidden, match=r"task\.operator_not_offered"):
        trial.do("legal1", signing.ask, mine.id, trial.person("head"), kind="before", question="", seen=mine.version)
    trial.do("legal1", signing.ask, mine.id, trial.person("head"), kind="advice", question="可否？", seen=mine.version)


def ruled(*, asks: bool) -> Package:
    """A round in which one refusal of three does not end it."""
    return signed_by(asks=asks, signing="share:0.66", outcome="result")


def signed_by(
    *, asks: bool = True, sequential: bool = False, operators: Sequence[str] = ("remove_signer",), **rule: str
) -> Package:
    """A round with a rule, and a step behind it. operators: what the round offers beside signing."""
    field = {"type": "radio", "key": "vote", "label": "表决", "validate": {"required": asks},
             "values": [{"value": one, "label": one} for one in ("yes", "no")]}  # fmt: skip
    said = {"key": "ruled", "title": {"zh": "会签", "en": "Round"},
            "operators": {"sign": [*operators], "decide": ["claim", "return"]}}  # fmt: skip
    inner = (d.properties(**rule) if rule else "") + d.many("signers", "signer", sequential=sequential)
    drawn = d.draw(
        d.start(), d.user("sign", inner, name="sign", camunda_assignee="${signer}", camunda_formKey="vote"),
        step("decide", LEADER), d.end(), d.flows("start > sign > decide > end"), key="ruled",
    )  # fmt: skip
    form = json.dumps({"type": "default", "id": "vote", "components": [field]}).encode()
    described = yaml.safe_dump(said, allow_unicode=True).encode()
    return Package("ruled", {"ruled.bpmn": drawn, "process.yaml": described, "forms/vote.form": form})


def test_one_refusal_under_a_share_does_not_end_the_round(trial: Trial):
    signers = [trial.person(login) for login in SIGNERS]
    with trial.store.work() as session:
        library.publish(session, ruled(asks=True), trial.bureau.actor("admin"), "试行")
        case, officer = lock_case(session, trial.case_id), trial.bureau.actor("officer1")
        trial.instance_id = advance.start(session, case, "ruled", {"signers": signers}, officer).id
    trial.done("legal1", "sign", vote="no")
    assert trial.waiting() == ["sign", "sign"]
    trial.done("legal2", "sign", vote="yes")
    trial.done("deputy", "sign", vote="yes")
    assert trial.waiting() == ["decide"]
    with trial.store.read() as session:
        assert state.load(session, trial.instance_id, lock=False).variables["result"] == "accepted"
    trial.check()


def test_a_round_whose_form_does_not_ask_for_the_vote_is_refused():
    with pytest.raises(DiagramRefused) as refused:
        library.check(ruled(asks=False), ["ruled"])
    assert [problem.code for problem in refused.value.problems] == ["diagram.vote_not_asked"]


def refused(trial: Trial) -> None:
    """legal2 was asked to sign behind legal1's review, and does not agree."""
    trial.done("officer1", "draft")
    hold(trial, "legal1", "legal")
    ask(trial, "legal1", "legal", "legal2", "after", "请复核")
    trial.done("legal1", "legal")
    trial.done("legal2", "legal", kind="after", **NO)


def third(trial: Trial) -> str:
    """One legal officer more; the login."""
    with trial.store.work() as session:
        person = staff.find_person(session, "officer3")
        staff.give_post(session, SYSTEM, person, unit="政策法规处", role="legal_reviewer", title="干部")
    return "officer3"


def later(time: SimulatedClock) -> None:
    time.set(time.now() + timedelta(minutes=1))


def test_who_refused_behind_a_step_is_asked_again_and_it_passes_with_his_consent_only(
    trial_on_both: Trial, time: SimulatedClock
):
    trial = trial_on_both
    refused(trial)
    for said in (NO, YES):
        later(time)
        trial.done("legal1", "legal")
        assert "legal" in trial.waiting(), "nothing passes without whoever refused"
        again = trial.task("legal", kind="after")
        assert (again.assignee_id, again.owner_id, again.question) == (
            trial.person("legal2"), trial.person("legal1"), "请复核",
        )  # fmt: skip
        later(time)
        trial.done("legal2", "legal", kind="after", **said)
    assert trial.waiting() == ["counsel"]
    trial.check()


def test_who_agreed_is_not_asked_again_when_another_refused(trial: Trial, time: SimulatedClock):
    trial.done("officer1", "draft")
    hold(trial, "legal1", "legal")
    for login in ("legal2", third(trial)):
        ask(trial, "legal1", "legal", login, "after")
    trial.done("legal1", "legal")
    trial.done("officer3", "legal", kind="after", **NO)
    assert trial.row(trial.task("legal").id).effect is not None, "somebody is still to sign"
    trial.done("legal2", "legal", kind="after", **YES)
    later(time)
    trial.done("legal1", "legal")
    assert [one.assignee_id for one in trial.tasks("after")] == [trial.person("officer3")]
    trial.done("officer3", "legal", kind="after", **YES)
    assert trial.waiting() == ["counsel"]
    trial.check()


def test_who_refused_is_not_taken_away_while_he_could_sign(trial: Trial, time: SimulatedClock):
    refused(trial)
    later(time)
    trial.done("legal1", "legal")
    again = trial.task("legal", kind="after")
    with pytest.raises(Forbidden, match=r"sign\.refused"):
        trial.do("legal1", signing.unask, again.id, reason="出差")
    legal = trial.bureau.actor("legal1")
    with trial.store.read() as session:
        told = {one.operator: one.why for one in offers.offers(session, legal, session.get_one(Task, again.id))}
    assert told["unask"] is not None
    assert told["unask"].code == "sign.refused"
    with trial.store.work() as session:
        session.get_one(Person, trial.person("legal2")).disabled_at = clock.now()
    trial.do("legal1", signing.unask, again.id, reason="已离任")
    assert trial.waiting() == ["counsel"]
    trial.check()


def test_who_refused_and_left_is_not_asked_again(trial: Trial, time: SimulatedClock):
    refused(trial)
    with trial.store.work() as session:
        session.get_one(Person, trial.person("legal2")).disabled_at = clock.now()
    later(time)
    trial.done("legal1", "legal")
    assert trial.waiting() == ["counsel"]
    trial.check()


def test_a_refusal_stands_against_the_next_holder_of_the_step_too(trial: Trial, time: SimulatedClock):
    refused(trial)
    later(time)
    step = trial.task("legal")
    trial.do("legal1", handing.reassign_task, step.id, trial.person(third(trial)), reason="出差", seen=step.version)
    trial.done("officer3", "legal")
    assert [one.assignee_id for one in trial.tasks("after")] == [trial.person("legal2")]
    trial.done("legal2", "legal", kind="after", **YES)
    assert trial.waiting() == ["counsel"]
    trial.check()


def test_whoever_signs_behind_a_step_is_taken_away_with_a_reason_only(trial: Trial):
    trial.done("officer1", "draft")
    hold(trial, "legal1", "legal")
    asked = ask(trial, "legal1", "legal", "legal2", "after")
    trial.done("legal1", "legal")
    with pytest.raises(Invalid, match=r"case\.reason_missing") as refusal:
        trial.do("legal1", signing.unask, asked, reason=" ")
    assert [one.place for one in refusal.value.problems] == ["reason"]
    trial.do("legal1", signing.unask, asked, reason="改由会议研究")
    assert trial.waiting() == ["counsel"]
    with trial.store.read() as session:
        told = [one for one in ledger.history(session, f"case:{trial.case_id}") if one.event == "SubtaskRemoved"]
    assert told[-1].data["reason"] == "改由会议研究"
    trial.check()


@pytest.mark.parametrize(("rule", "sequential", "signs"), [
    ("", False, 3), ("", True, 3), ("all", False, 3), ("any", False, 1), ("share:0.66", False, 2),
    ("share:0.66", True, 2), ("sequential", True, 3),
])  # fmt: skip
def test_whoever_stands_twice_in_the_list_of_a_round_has_one_place(
    trial: Trial, rule: str, sequential: bool, signs: int
):
    logins = ("legal1", "deputy", "legal1", "legal2", "deputy")
    with trial.store.work() as session:
        drawn = signed_by(sequential=sequential, **({"signing": rule, "outcome": "result"} if rule else {}))
        library.publish(session, drawn, trial.bureau.actor("admin"), "试行")
        case, officer = lock_case(session, trial.case_id), trial.bureau.actor("officer1")
        given = {"signers": [trial.person(login) for login in logins]}
        trial.instance_id = advance.start(session, case, "ruled", given, officer).id
    with trial.store.read() as session:
        told = [one for one in ledger.history(session, f"case:{trial.case_id}") if one.event == "RoundChanged"]
        assert [one.data["person_id"] for one in told] == [trial.person("deputy"), trial.person("legal1")]
    trial.check()
    signed = []
    while "sign" in trial.waiting():
        mine = min((one for one in trial.tasks()), key=lambda one: one.variables["loopCounter"])
        signed.append(next(login for login in logins if trial.person(login) == mine.assignee_id))
        trial.do(signed[-1], commands.complete_task, mine.id, {"vote": "yes"}, seen=mine.version)
    assert signed == ["legal1", "deputy", "legal2"][:signs]
    assert trial.waiting() == ["decide"]
    trial.check()


def test_a_step_that_is_returned_after_a_signer_refused_its_answer_is_told_by_the_record(trial: Trial) -> None:
    refused(trial)
    task = trial.task("legal")
    with trial.store.read() as session:
        target = next(one.target for one in returning.choices(session, task) if one.element_id == "draft")
    trial.do("legal1", returning.return_task, task.id, target, how="again", reason="材料不全", seen=task.version)
    assert trial.waiting() == ["draft"]
    trial.check()
