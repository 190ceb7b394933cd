"""A step is offered to those who can do its act, or it is told: by role, to one named person, to each of several."""

from __future__ import annotations

import pytest

from tests.diagrams.spoiling import Edit, attribute, drawn, giving, spoiled
from workflows.diagrams import library, reading, statutory_persons, statutory_rounds
from workflows.diagrams.proof import Finding
from workflows.diagrams.soundness_drawing import Drawing, scene
from workflows.diagrams.statutory_rules import law
from workflows.engine.package import Package

PENALTY, MEETING, REFERRAL = "penalty", "collective_decision", "criminal_referral"
HIDDEN = ('<bpmn:extensionElements><camunda:inputOutput><camunda:inputParameter name="presiding">officer1'
          "</camunda:inputParameter></camunda:inputOutput></bpmn:extensionElements>")  # fmt: skip
OTHERS = {
    "counsel investigates":
        (PENALTY, attribute("investigate", camunda_candidateGroups="legal_counsel"), "person", "investigate"),
    "counsel serves beside the officers":
        (PENALTY, attribute("serve", camunda_candidateGroups="case_officer,legal_counsel"), "person", "serve"),
    "the hearing officer tells of the penalty":
        (PENALTY, attribute("issue_notice", camunda_candidateGroups="hearing_officer"), "person", "issue_notice"),
    "one officer by name archives":
        (PENALTY, attribute("archive", camunda_candidateGroups=None, camunda_assignee="officer1"), "person", "archive"),
    "a member of the discussion transfers":
        (REFERRAL, attribute("transfer", camunda_candidateGroups="panel_member"), "person", "transfer"),
    "somebody whose name is a variable's votes":
        (MEETING, attribute("vote", camunda_assignee="voter"), "not_each", "vote"),
    "somebody whose name is a variable's concludes":
        (MEETING, attribute("conclude_item", camunda_assignee="presiding"), "not_named", "conclude_item"),
    "the member who voted last concludes":
        (MEETING, attribute("conclude_item", camunda_assignee="${voter}"), "not_named", "conclude_item"),
    "legal officers conclude beside who presides":
        (MEETING, attribute("conclude_item", camunda_candidateGroups="legal_reviewer"), "not_named", "conclude_item"),
    "the step itself says who presides":
        (MEETING, drawn(HIDDEN, into="conclude_item"), "not_named", "conclude_item"),
    "the step before says who presides":
        (MEETING, giving("vote", "presiding", "${voter}"), "members_written", "vote"),
}  # fmt: skip


def found_in(package: Package) -> set[tuple[str, str]]:
    definition = reading.check(package, library.shipped().keys())
    found: list[Finding] = [*statutory_persons.check(law(), Drawing(definition)),
                            *statutory_rounds.check(law(), scene(definition, {}))]  # fmt: skip
    return {(one.code, one.element) for one in found}


def test_the_shipped_processes_offer_each_act_to_its_own() -> None:
    for package in library.shipped().values():
        assert found_in(package) == set()


@pytest.mark.parametrize(("key", "edit", "code", "element"), OTHERS.values(), ids=OTHERS)
def test_an_act_offered_to_others_is_found(key: str, edit: Edit, code: str, element: str) -> None:
    assert (f"statutory.{code}", element) in found_in(spoiled(key, edit))
