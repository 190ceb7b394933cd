"""Diagrams spoiled by small edits: each is refused for the right reason, at the right element, by the path to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import pytest

from tests.diagrams.spoiling import (
    Edit,
    act,
    asked,
    attribute,
    declared,
    drawn,
    flow,
    giving,
    handed,
    led,
    made,
    marked,
    spoiled,
    timer,
    turned,
    undrawn,
    unmarked,
    without,
)
from workflows.cases.acts import ACTS
from workflows.diagrams import checking, library, reading, shipment, statutory
from workflows.diagrams.proof import ERROR, WARNING, Finding
from workflows.diagrams.soundness_drawing import Drawing
from workflows.engine.definition import Definition

PENALTY, REVIEW, MEETING, REFERRAL = "penalty", "legal_review", "collective_decision", "criminal_referral"


@cache
def shipped() -> Mapping[str, Definition]:
    packages = library.shipped()
    return {key: reading.check(package, set(packages)) for key, package in packages.items()}


@dataclass(frozen=True)
class Spoiled:
    """What is edited, and what must be found. through, without: elements that the path passes, and does not."""

    name: str
    key: str
    edits: tuple[Edit, ...]
    code: str
    element: str = ""
    through: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    process: str = ""
    severity: str = ERROR
    files: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def found_in(one: Spoiled) -> list[Finding]:
    rewritten = {name: (lambda text, pair=pair: text.replace(*pair)) for name, pair in one.files.items()}
    return checking.check(spoiled(one.key, *one.edits, files=rewritten), shipped())


def decides(id: str) -> str:
    """Another step at which the decision is signed, as XML."""
    return (f'<bpmn:userTask id="{id}" name="直接签发" camunda:formKey="sign_decision" '
            f'camunda:candidateGroups="bureau_leader">{act("decision")}</bpmn:userTask>')  # fmt: skip


def replaced(step: str, by: str, after: str, *into: str) -> tuple[Edit, ...]:
    """A step replaced by a subprocess in which nobody does anything, its start marked with an act."""
    inner = ('<bpmn:subProcess id="quick" name="快速办理">'
             f'<bpmn:startEvent id="quick_start">{act(by)}</bpmn:startEvent>'
             f'<bpmn:endEvent id="quick_end"/>{flow("quick_start", "quick_end")}</bpmn:subProcess>')  # fmt: skip
    return drawn(inner + flow("quick", after)), *(led(one, "quick") for one in into), undrawn(step)


def several(id: str, attributes: str = "", inner: str = "") -> tuple[Edit, ...]:
    """A step made a parallel multi-instance of another kind."""
    return (without(id, "multiInstanceLoopCharacteristics") if id == "vote" else attribute(id),
            drawn(f"<bpmn:multiInstanceLoopCharacteristics {attributes}>{inner}"
                  "</bpmn:multiInstanceLoopCharacteristics>", into=id))  # fmt: skip


def times(number: str) -> str:
    """How many instances there are, as XML."""
    return f'<bpmn:loopCardinality xsi:type="bpmn:tFormalExpression">{number}</bpmn:loopCardinality>'


EARLY = ('<bpmn:completionCondition xsi:type="bpmn:tFormalExpression">${nrOfCompletedInstances &gt;= 1}'
         "</bpmn:completionCondition>")  # fmt: skip
VOTERS = 'camunda:collection="voters" camunda:elementVariable="voter"'
SIGNAL = '<bpmn:signalEventDefinition signalRef="bell"/>'
UNSOUND = [
    Spoiled("one of two branches is taken, both are waited for", PENALTY,
            (made("after_service", "exclusiveGateway"), attribute("after_service", default="after_service_to_publish"),
             asked("after_service_to_perform", "${decision_outcome == 'penalty'}")),
            "soundness.deadlock", "performed", ("after_service", "publish")),
    Spoiled("one branch ends, another one waits for it", MEETING,
            (drawn('<bpmn:parallelGateway id="split"/><bpmn:parallelGateway id="join"/><bpmn:endEvent id="over"/>'
                   '<bpmn:manualTask id="tell"/>' + flow("split", "sign_minutes") + flow("split", "tell")
                   + flow("join", "discussion_ended") + flow("split", "join")),
             led("item_concluded_to_sign_minutes", "split"), led("sign_minutes_to_discussion_ended", "join"),
             drawn('<bpmn:exclusiveGateway id="whether" default="whether__over"/>' + flow("tell", "whether")
                   + flow("whether", "over") + flow("whether", "join", "${quorum}"))),
            "soundness.token_lost", "join", ("split", "over")),
    Spoiled("a condition that never holds", REFERRAL, (asked("received_to_supplement_transfer", "${1 == 2}"),),
            "soundness.dead_step", "supplement_transfer"),
    Spoiled("a loop without a way out", REFERRAL, (asked("received_to_police_decision", "${1 == 2}"),
             attribute("received", default="received_to_supplement_transfer"),
             asked("received_to_supplement_transfer", None)),
            "soundness.endless", "transfer", ("approve_referral",)),
    Spoiled("a loop that splits and never joins", REFERRAL, (made("received", "parallelGateway"),),
            "soundness.growth", "police_decision", ("transfer", "received", "supplement_transfer")),
    Spoiled("no flow can be taken", REFERRAL,
            (asked("approved_to_transfer", "${1 == 2}"), asked("approved_to_referral_refused", "${2 == 1}"),
             attribute("approved", default=None)),
            "soundness.no_flow", "approved", ("approve_referral",)),
    Spoiled("an error that nothing handles", REFERRAL,
            (declared('<bpmn:error id="wrong" name="wrong" errorCode="wrong"/>'),
             drawn('<bpmn:errorEventDefinition errorRef="wrong"/>', into="suspicion_cleared")),
            "soundness.error_uncaught", "suspicion_cleared", ("verify_suspicion", "verified")),
    Spoiled("a signal that is thrown before anybody waits for it", MEETING,
            (declared('<bpmn:signal id="bell" name="bell"/>'),
             drawn(f'<bpmn:intermediateThrowEvent id="rung">{SIGNAL}</bpmn:intermediateThrowEvent>'
                   f'<bpmn:intermediateCatchEvent id="heard">{SIGNAL}</bpmn:intermediateCatchEvent>'
                   + flow("rung", "heard") + flow("heard", "sign_minutes")),
             led("item_concluded_to_sign_minutes", "rung")),
            "soundness.waits_forever", "heard", ("conclude_item", "rung")),
    Spoiled("a message that nobody waits for", MEETING,
            (declared('<bpmn:message id="bell" name="bell"/>'),
             drawn('<bpmn:messageEventDefinition messageRef="bell"/>', into="discussion_ended")),
            "soundness.message_unawaited", "discussion_ended", ("sign_minutes",)),
    Spoiled("branches that are never joined offer a step twice", MEETING,
            (drawn('<bpmn:parallelGateway id="split"/>' + flow("split", "sign_minutes")
                   + flow("split", "sign_minutes").replace("split__sign_minutes", "again")),
             led("item_concluded_to_sign_minutes", "split")),
            "soundness.twice", "sign_minutes", ("conclude_item", "split"), severity=WARNING),
    Spoiled("too many open conditions to look at all", REFERRAL,
            (drawn('<bpmn:inclusiveGateway id="many"/>' + "".join(
                f'<bpmn:endEvent id="e{n}"/>' + flow("many", f"e{n}", "${suspicion == 'cleared'}") for n in range(9))),
             led("verified_to_suspicion_cleared", "many"), undrawn("suspicion_cleared")),
            "soundness.too_many_ways", "many"),
]  # fmt: skip

UNLAWFUL = [
    Spoiled("not filed and yet investigated", PENALTY, (led("filed_to_not_filed", "investigate"), undrawn("not_filed")),
            "statutory.filing_first", "investigate", ("approve_filing", "filed_to_not_filed")),
    Spoiled("reviewed, but the report did not come", PENALTY, (led("merge_conclude_to_conclude_investigation",
            "check_by_unit"),), "diagram.unconnected", "conclude_investigation"),
    Spoiled("what the review refused goes on: the default flow", PENALTY,
            (led("reviewed_1_to_merge_unsettled", "merge_agreed"),),
            "statutory.review_before_decision", "sign_decision", ("first_review", "reviewed_1_to_merge_unsettled")),
    Spoiled("the review is passed by: a flow around the called process", PENALTY,
            (led("unit_checked_to_first_review", "merge_agreed"), undrawn("first_review", "reviewed_1")),
            "statutory.review_before_decision", "sign_decision", ("check_by_unit",), ("initial_review",)),
    Spoiled("another process is called in its place", PENALTY, (attribute("first_review", calledElement=MEETING),),
            "statutory.review_before_decision", "sign_decision", ("vote", "first_review")),
    Spoiled("what the review came to is not taken from it", PENALTY,
            (handed("first_review", "out", "review_result", sourceExpression="${'agree'}"),),
            "statutory.review_before_decision", "sign_decision", ("initial_review", "first_review")),
    Spoiled("the called process lets every conclusion end as one that agrees", REVIEW,
            (led("concluded_to_merge_opinion", "review_agreed"),
             giving("conclude_review", "review_result", "${'agree'}")),
            "statutory.review_before_decision", "sign_decision", ("first_review",), process=PENALTY),
    Spoiled("the mark of the review's conclusion was taken away", REVIEW, (unmarked("conclude_review"),),
            "statutory.act_missing"),
    Spoiled("and so the process that calls it is broken", REVIEW, (unmarked("conclude_review"),),
            "statutory.act_missing", process=PENALTY),
    Spoiled("the mark of counsel's review was taken away", REVIEW, (unmarked("counsel_review"),),
            "statutory.counsel_before_conclusion", "conclude_review", ("initial_review", "counsel_review")),
    Spoiled("counsel's review is drawn no more", REVIEW,
            (led("after_initial_to_counsel_review", "conclude_review"), undrawn("counsel_review")),
            "statutory.counsel_before_conclusion", "conclude_review", ("initial_review",)),
    Spoiled("counsel is passed by where the first review is quick", REVIEW,
            (drawn('<bpmn:exclusiveGateway id="quick" default="quick__counsel_review"/>'
                   + flow("quick", "conclude_review", "${complete}") + flow("quick", "counsel_review")),
             led("after_initial_to_counsel_review", "quick")),
            "statutory.counsel_before_conclusion", "conclude_review", ("quick",), ("counsel_review",)),
    Spoiled("counsel is heard before the first review and not after it", REVIEW,
            (led("merge_initial_to_initial_review", "counsel_review"),
             led("counsel_review_to_conclude_review", "initial_review"),
             led("after_initial_to_counsel_review", "conclude_review")),
            "statutory.counsel_before_conclusion", "conclude_review", ("counsel_review", "initial_review")),
    Spoiled("concluded without a first review", REVIEW, (led("merge_initial_to_initial_review", "counsel_review"),
            undrawn("initial_review", "after_initial")), "statutory.review_concluded_by_reviewer", "conclude_review",
            ("check_completeness",)),
    Spoiled("a corrected draft is not reviewed again", REVIEW,
            (led("merge_answered_to_merge_initial", "conclude_review"),),
            "statutory.review_concluded_by_reviewer", "conclude_review", ("supplement_evidence",)),
    Spoiled("after a hearing nobody reviews", PENALTY, (led("revise_report_to_second_review", "merge_agreed"),
            undrawn("second_review", "reviewed_2")),
            "statutory.review_after_hearing", "sign_decision", ("hold_hearing", "revise_report")),
    Spoiled("a timer at the border of the review leads on without it", PENALTY,
            (drawn(timer("late", "first_review") + flow("late", "merge_agreed")),),
            "statutory.review_before_decision", "sign_decision", ("first_review", "late")),
    Spoiled("beside a step that is late, the decision is signed", PENALTY,
            (drawn(timer("late", "investigate", interrupting=False) + decides("early")
                   + '<bpmn:endEvent id="decided_early"/>' + flow("late", "early") + flow("early", "decided_early")),),
            "statutory.review_before_decision", "early", ("investigate", "late", "early")),
    Spoiled("it is signed within a subprocess", PENALTY,
            (drawn('<bpmn:subProcess id="quick" name="快速办理"><bpmn:startEvent id="quick_start"/><bpmn:endEvent '
                   f'id="quick_end"/>{decides("early")}{flow("quick_start", "early")}{flow("early", "quick_end")}'
                   "</bpmn:subProcess>" + flow("quick", "check_by_unit")),
             led("conclude_investigation_to_check_by_unit", "quick")),
            "statutory.review_before_decision", "early", ("conclude_investigation", "early")),
    Spoiled("it is signed in an event subprocess", PENALTY,
            (drawn('<bpmn:subProcess id="quick" name="超期处理" triggeredByEvent="true"><bpmn:startEvent '
                   'id="quick_start" isInterrupting="false"><bpmn:timerEventDefinition><bpmn:timeDuration>'
                   'P80D</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:startEvent>'
                   f'<bpmn:endEvent id="quick_end"/>{decides("early")}{flow("quick_start", "early")}'
                   f'{flow("early", "quick_end")}</bpmn:subProcess>'),),
            "statutory.review_before_decision", "early", ("quick", "early")),
    Spoiled("the parties are told and it is signed at the same time", PENALTY,
            (drawn('<bpmn:parallelGateway id="both"/><bpmn:parallelGateway id="join"/>' + flow("both", "issue_notice")
                   + flow("both", "early") + decides("early") + flow("early", "join")
                   + flow("join", "record_statement")),
             led("notice_needed_to_issue_notice", "both"), led("issue_notice_to_record_statement", "join")),
            "statutory.notice_before_decision", "early", ("first_review", "both"), ("issue_notice",)),
    Spoiled("an inclusive gateway may leave the notice out", PENALTY,
            (drawn('<bpmn:inclusiveGateway id="some" default="some__telling"/><bpmn:inclusiveGateway id="all"/>'
                   '<bpmn:userTask id="telling" name="内部通报" camunda:candidateGroups="case_officer"/>'
                   + flow("some", "issue_notice", "${hearing_right}") + flow("some", "telling") + flow("telling", "all")
                   + flow("all", "record_statement")),
             led("notice_needed_to_issue_notice", "some"), led("issue_notice_to_record_statement", "all")),
            "statutory.notice_before_decision", "sign_decision", ("some", "telling"), ("issue_notice",)),
    Spoiled("nobody is told", PENALTY, (led("notice_needed_to_issue_notice", "merge_route"),
            undrawn("issue_notice", "record_statement", "after_statement", "again", "notify_hearing", "hold_hearing",
                    "merge_heard")),
            "statutory.notice_before_decision", "sign_decision", ("first_review",)),
    Spoiled("the mark of the notice was taken away", PENALTY, (unmarked("issue_notice"),),
            "statutory.notice_before_decision", "sign_decision", ("issue_notice",)),
    Spoiled("what they state is not heard", PENALTY, (led("issue_notice_to_record_statement", "again"),
            undrawn("record_statement", "after_statement", "notify_hearing", "hold_hearing")),
            "statutory.statement_before_decision", "sign_decision", ("issue_notice",)),
    Spoiled("the hearing they asked for is not held", PENALTY, (led("notify_hearing_to_hold_hearing", "again"),
            undrawn("hold_hearing")), "statutory.hearing_held", "sign_decision", ("notify_hearing",)),
    Spoiled("the hearing is held without notice", PENALTY, (led("after_statement_to_notify_hearing", "hold_hearing"),
            undrawn("notify_hearing")), "statutory.hearing_notified", "hold_hearing", ("record_statement",)),
    Spoiled("one leader signs what must be discussed: the default turned round", PENALTY,
            (turned("routed", "routed_to_panel", "routed_to_merge_discussed"),),
            "statutory.collective_discussion", "sign_decision", ("route", "routed_to_panel"), ("panel",)),
    Spoiled("the table is not asked", PENALTY, (led("merge_route_to_route", "merge_discussed"),
            undrawn("route", "routed", "panel", "discussed")),
            "statutory.collective_discussion", "sign_decision", ("merge_route",)),
    Spoiled("one votes for all", MEETING, (without("vote", "multiInstanceLoopCharacteristics"),
            attribute("vote", camunda_assignee="${presiding}")), "statutory.not_each", "vote"),
    Spoiled("the first vote ends the round", MEETING, several("vote", VOTERS, EARLY), "statutory.not_each", "vote"),
    Spoiled("one votes one after the other", MEETING, several("vote", VOTERS + ' isSequential="true"'),
            "statutory.not_each", "vote"),
    Spoiled("the chair votes three times", MEETING,
            (*several("vote", inner=times("3")), attribute("vote", camunda_assignee="${presiding}")),
            "statutory.not_each", "vote"),
    Spoiled("a round over something else", MEETING,
            several("vote", 'camunda:collection="presiding" camunda:elementVariable="voter"'),
            "statutory.not_each", "vote"),
    Spoiled("one votes for each member", MEETING, (attribute("vote", camunda_assignee="officer1"),),
            "statutory.not_each", "vote"),
    Spoiled("case officers vote for the members", MEETING,
            (attribute("vote", camunda_assignee=None, camunda_candidateGroups="case_officer"),),
            "statutory.not_each", "vote"),
    Spoiled("case officers conclude the discussion", MEETING,
            (attribute("conclude_item", camunda_assignee=None, camunda_candidateGroups="case_officer"),),
            "statutory.not_named", "conclude_item"),
    Spoiled("counsel transfers", REFERRAL, (attribute("transfer", camunda_candidateGroups="legal_counsel"),),
            "statutory.person", "transfer"),
    Spoiled("the members are said anew before they vote", MEETING, (giving("open_item", "voters", "${[presiding]}"),),
            "statutory.members_written", "open_item"),
    Spoiled("a notice in a round of nobody", PENALTY,
            (giving("conclude_investigation", "nobody", "${0}"), *several("issue_notice", inner=times("${nobody}"))),
            "statutory.perhaps_nobody", "issue_notice"),
    Spoiled("counsel in a round of nobody", REVIEW, several("counsel_review", 'camunda:collection="${[]}"'),
            "statutory.perhaps_nobody", "counsel_review"),
    Spoiled("a meeting that may be held no times", PENALTY, several("panel", inner=times("${0}")),
            "statutory.perhaps_nobody", "panel"),
    Spoiled("minutes in a subprocess of no instances", MEETING,
            (drawn('<bpmn:subProcess id="quick" name="逐项整理"><bpmn:startEvent id="quick_start"/><bpmn:userTask '
                   'id="write" name="记录" camunda:formKey="sign_minutes" camunda:candidateGroups="legal_reviewer">'
                   f'{act("minutes")}</bpmn:userTask><bpmn:endEvent id="quick_end"/>{flow("quick_start", "write")}'
                   f'{flow("write", "quick_end")}<bpmn:multiInstanceLoopCharacteristics>{times("${quorum}")}'
                   "</bpmn:multiInstanceLoopCharacteristics></bpmn:subProcess>" + flow("quick", "discussion_ended")),
             led("item_concluded_to_sign_minutes", "quick"), undrawn("sign_minutes")),
            "statutory.perhaps_nobody", "write"),
    Spoiled("votes without a quorum", MEETING,
            (turned("quorate", "quorate_to_merge_agenda", "quorate_to_merge_vote"),),
            "statutory.quorum_before_vote", "vote", ("open_item", "quorate_to_merge_agenda")),
    Spoiled("concluded without a vote", MEETING, (led("merge_vote_to_vote", "conclude_item"), undrawn("vote")),
            "statutory.vote_before_conclusion", "conclude_item", ("open_item",)),
    Spoiled("no minutes", MEETING, (unmarked("sign_minutes"),),
            "statutory.minutes_kept", "discussion_ended", ("conclude_item", "sign_minutes")),
    Spoiled("a crime is suspected and yet it is decided", PENALTY,
            (asked("reviewed_1_to_merge_agreed", "${review_result == 'agree'}"),),
            "statutory.crime_referred", "sign_decision", ("first_review",)),
    Spoiled("seized without approval", PENALTY, (led("seizure_ok_to_merge_reopened", "merge_seizure"),),
            "statutory.seizure_approved", "execute_seizure", ("approve_seizure", "seizure_ok_to_merge_reopened")),
    Spoiled("seized in urgency and never approved", PENALTY,
            (led("seizure_urgent_to_report_seizure", "merge_investigated"), undrawn("report_seizure")),
            "statutory.seizure_reported", "conclude_investigation", ("execute_seizure",)),
    Spoiled("signed and not served", PENALTY, (led("signed_to_serve", "decided"), undrawn("serve")),
            "statutory.decision_served", "archived", ("sign_decision",)),
    Spoiled("served before it is signed", PENALTY, (led("merge_sign_to_sign_decision", "serve"),
            led("serve_to_decided", "sign_decision"), led("signed_to_serve", "decided")),
            "statutory.decision_before_service", "serve", ("merge_sign",), ("sign_decision",)),
    Spoiled("not published", PENALTY, (led("after_service_to_publish", "performed"), undrawn("publish")),
            "statutory.decision_published", "approve_closing", ("serve",)),
    Spoiled("archived without being closed", PENALTY, (turned("closed", "closed_to_archive",
            "closed_to_prepare_closing"),), "statutory.closing_before_archive", "archive", ("approve_closing",)),
    Spoiled("transferred without the head's approval", REFERRAL,
            (turned("approved", "approved_to_transfer", "approved_to_referral_refused"),),
            "statutory.head_approves_transfer", "transfer", ("approve_referral", "approved_to_referral_refused")),
    Spoiled("transferred by a way around the head", REFERRAL, (led("verified_to_approve_referral", "transfer"),
            undrawn("approve_referral", "approved", "referral_refused")),
            "statutory.head_approves_transfer", "transfer", ("verify_suspicion",)),
    Spoiled("not transferred, and the head was not asked", REFERRAL, (led("verified_to_approve_referral",
            "suspicion_cleared"), undrawn("approve_referral", "approved", "referral_refused")),
            "diagram.unconnected", "transfer"),
    Spoiled("a deputy approves the transfer", REFERRAL,
            (attribute("approve_referral", camunda_candidateGroups="bureau_leader,bureau_head"),),
            "statutory.person", "approve_referral"),
    Spoiled("a case officer reviews", REVIEW, (attribute("initial_review", camunda_candidateGroups="case_officer"),),
            "statutory.person", "initial_review"),
    Spoiled("what the police took on is not handed over", REFERRAL, (unmarked("handover"),),
            "statutory.filed_is_handed_over", "referral_accepted", ("police_decision", "handover")),
    Spoiled("what the police refused is not taken up again", REFERRAL, (unmarked("return_to_admin"),),
            "statutory.not_filed_is_returned", "referral_returned", ("police_decision", "return_to_admin")),
    Spoiled("a package that says it is for something else", PENALTY, (unmarked("hold_hearing"),),
            "statutory.act_missing",
            files={"process.yaml": ("kinds: [行政处罚]", "kinds: [contract]")}),
]  # fmt: skip

UNREADABLE = [
    Spoiled("a step without a name", MEETING, (attribute("sign_minutes", name=""),), "lint.unnamed", "sign_minutes"),
    Spoiled("two steps of one name", MEETING, (attribute("sign_minutes", name="列入会议议程"),), "lint.same_name",
            "sign_minutes", severity=WARNING),
    Spoiled("a flow behind a gateway without a name", MEETING, (attribute("quorate_to_merge_vote", name=None),),
            "lint.unnamed_flow", "quorate_to_merge_vote", severity=WARNING),
    Spoiled("no default flow", MEETING, (attribute("quorate", default=None),
            asked("quorate_to_merge_agenda", "${not quorum}")), "lint.no_default", "quorate"),
    Spoiled("no end", MEETING, (undrawn("discussion_ended"),), "diagram.no_end", MEETING),
    Spoiled("a flow that just stops", REFERRAL, (undrawn("referral_accepted"),), "diagram.dead_end", "handover"),
    Spoiled("nobody does it", MEETING, (attribute("sign_minutes", camunda_candidateGroups=None),), "lint.nobody",
            "sign_minutes"),
    Spoiled("an act without a form", MEETING, (attribute("sign_minutes", camunda_formKey=None),), "lint.no_form",
            "sign_minutes"),
    Spoiled("an act where nobody acts", PENALTY, (drawn(act("publication"), into="route"),), "lint.act_misplaced",
            "route"),
    Spoiled("counsel's review is a start event with its mark", REVIEW,
            replaced("counsel_review", "counsel_review", "conclude_review", "after_initial_to_counsel_review"),
            "lint.act_misplaced", "quick_start"),
    Spoiled("a start event with a mark is no act of the law", REVIEW,
            replaced("counsel_review", "counsel_review", "conclude_review", "after_initial_to_counsel_review"),
            "statutory.act_missing"),
    Spoiled("minutes are a start event with their mark", MEETING,
            replaced("sign_minutes", "minutes", "discussion_ended", "item_concluded_to_sign_minutes"),
            "statutory.minutes_kept", "discussion_ended"),
    Spoiled("a case is opened where none is", MEETING,
            replaced("sign_minutes", "lead", "discussion_ended", "item_concluded_to_sign_minutes"),
            "lint.act_misplaced", "quick_start"),
    Spoiled("the process itself starts with an act that is not done there", REFERRAL,
            (drawn(act("referral_approval"), into="suspicion_raised"),), "lint.act_misplaced", "suspicion_raised"),
    Spoiled("a variable that nobody writes", MEETING, (asked("quorate_to_merge_vote", "${enough}"),),
            "check.variable_unwritten", "quorate"),
    Spoiled("a variable that is written only later", MEETING,
            (asked("quorate_to_merge_vote", "${quorum and meeting_result == 'approve'}"),),
            "check.variable_late", "quorate"),
    Spoiled("an assignee who is named by the step itself", REFERRAL,
            (attribute("transfer", camunda_candidateGroups=None, camunda_assignee="${police_result}"),),
            "check.variable_late", "transfer"),
    Spoiled("a variable that the called process never writes", PENALTY,
            (handed("panel", "out", "meeting_result", source="verdict"),),
            "check.variable_not_returned", "panel"),
    Spoiled("a role that there is not", MEETING, (attribute("sign_minutes", camunda_candidateGroups="clerk"),),
            "diagram.role_unknown"),
    Spoiled("administrators decide nothing", MEETING,
            (attribute("sign_minutes", camunda_candidateGroups="legal_reviewer,sys_admin"),),
            "diagram.role_of_administrator", "sign_minutes"),
    Spoiled("auditors take no part", MEETING, (), "process.role_of_administrator", "roles",
            files={"process.yaml": ("roles: [legal_reviewer,", "roles: [auditor, legal_reviewer,")}),
    Spoiled("an act that there is not", MEETING,
            (marked("vote", "guess"),), "diagram.act_unknown", "vote"),
    Spoiled("a form that there is not", MEETING, (attribute("vote", camunda_formKey="ballot"),), "diagram.form_missing",
            "vote"),
    Spoiled("a program in an expression", MEETING, (asked("quorate_to_merge_vote", "${voters.getClass()}"),),
            "expression.unexpected", "quorate_to_merge_vote"),
    Spoiled("an element that is not supported", MEETING, (made("merge_vote", "complexGateway"),),
            "diagram.complex_gateway", "merge_vote"),
    Spoiled("a process that calls itself", MEETING, (drawn('<bpmn:callActivity id="more" name="再议" '
            f'calledElement="{PENALTY}"/>' + flow("more", "discussion_ended")),
            led("sign_minutes_to_discussion_ended", "more")), "diagram.call_circle", "more"),
    Spoiled("a kind of matter that there is not", MEETING, (), "process.value_unknown", "kinds",
            files={"process.yaml": ("kinds: [行政处罚]", "kinds: [处罚]")}),
]  # fmt: skip


@pytest.mark.parametrize("one", [*UNSOUND, *UNLAWFUL, *UNREADABLE], ids=lambda one: one.name)
def test_it_is_found_where_it_is(one: Spoiled) -> None:
    found = found_in(one)
    fitting = [f for f in found if (f.code, f.element, f.severity) == (one.code, one.element, one.severity)
               and (not one.process or f.process == one.process)]  # fmt: skip
    assert fitting, [(f.code, f.process, f.element, f.severity) for f in found]
    path = [step.id for step in fitting[0].path]
    assert list(one.through) == [id for id in one.through if id in path], path
    assert not set(one.without) & set(path), path
    assert one.severity == WARNING or any(f.severity == ERROR for f in found)


@pytest.mark.parametrize(("key", "step"), [
    (MEETING, "put_on_agenda"), (REFERRAL, "supplement_transfer"), (REVIEW, "counsel_review"),
    (REVIEW, "correct_draft"), (PENALTY, "revise_report"),
])  # fmt: skip
def test_a_step_with_the_form_of_an_act_is_told_that_its_mark_is_gone(key: str, step: str) -> None:
    drawing = Drawing(reading.check(spoiled(key, unmarked(step)), shipped().keys()))
    (one,) = statutory.unmarked(drawing)
    act = shipped()[key].elements[step].properties["act"]
    assert (one.code, one.element, one.severity) == ("statutory.unmarked", step, ERROR)
    assert one.facts["act"] == {"zh": ACTS[act].zh, "en": ACTS[act].en}


def test_every_form_that_the_program_ships_for_a_marked_step_belongs_to_its_act() -> None:
    for key, definition in shipped().items():
        assert not list(statutory.unmarked(Drawing(definition)))
        for element in definition.elements.values():
            if element.kind == "userTask" and element.form_key and "act" in element.properties:
                assert element.properties["act"] in shipment.acts_of_forms(key)[element.form_key]
