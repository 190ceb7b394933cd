"""A step for people who are not there is found before anybody waits for it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.diagrams.spoiling import attribute, spoiled
from workflows.actors import Person
from workflows.diagrams import checking
from workflows.diagrams.proof import Finding
from workflows.engine.package import Package
from workflows.store import Store

KEY, STEP = "collective_decision", "sign_minutes"


def named(who: str) -> Package:
    """A shipped process whose minutes are for somebody named outright."""
    return spoiled(KEY, attribute(STEP, camunda_candidateGroups=None, camunda_candidateUsers=who))


def unknown(store: Store, package: Package) -> list[Finding]:
    with store.read() as session:
        return [one for one in checking.findings(session, package) if one.code == "check.person_unknown"]


@pytest.mark.parametrize("who", ["demo", "demo,legal1"])
def test_a_step_for_somebody_unknown_is_refused_where_it_stands(demo_store: Store, who: str) -> None:
    found = unknown(demo_store, named(who))
    assert {(one.element, one.severity) for one in found} == {(STEP, "error")}
    with demo_store.read() as session:
        assert "check.person_unknown" in {one.code for one in checking.errors(session, named(who))}


def test_a_step_for_a_person_of_the_bureau_is_not_until_the_account_is_disabled(demo_store: Store) -> None:
    with demo_store.work() as session:
        person = session.scalars(select(Person).where(Person.login == "legal1")).one()
        who = person.id
    assert unknown(demo_store, named(who)) == []
    with demo_store.work() as session:
        person = session.get_one(Person, who)
        person.disabled_at = person.created_at
    assert len(unknown(demo_store, named(who))) == 1


def test_whom_a_variable_names_is_not_looked_for(demo_store: Store) -> None:
    assert unknown(demo_store, named("${presiding}")) == []
