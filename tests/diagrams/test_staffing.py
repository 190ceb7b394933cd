"""A step for people who are not there is found before anybody waits for it."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from tests.diagrams.spoiling import attribute, spoiled
from tests.diagrams.test_second_counsel import APART, DRAWN
from workflows.actors import Person, Post
from workflows.diagrams import checking, library, staffing
from workflows.diagrams.proof import Finding
from workflows.engine.definition import read
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


def counsels(store: Store) -> list[Finding]:
    """What the checks say of the people of a review with two counsel steps kept apart."""
    package = library.shipped()["legal_review"]
    files = {**package.files, "legal_review.bpmn": DRAWN, "process.yaml": package.files["process.yaml"] + APART}
    with store.read() as session:
        found = checking.findings(session, Package("legal_review", files))
    return [one for one in found if one.code == "check.people_few"]


def appoint(store: Store, login: str) -> None:
    with store.work() as session:
        first = session.scalars(select(Person).where(Person.login == "counsel1")).one()
        post = Post(unit_id=first.posts[0].unit_id, role="legal_counsel", title="法律顾问", starts_on=date(2020, 1, 1))
        session.add(Person(login=login, name=login, posts=[post]))


def test_steps_kept_apart_want_as_many_people_of_their_role(sqlite_demo_store: Store) -> None:
    [one] = counsels(sqlite_demo_store)
    assert (one.severity, one.facts["needed"], one.facts["found"]) == ("warning", 2, 1)
    assert one.facts["names"] == "法律顾问再审、第二法律顾问再审"
    appoint(sqlite_demo_store, "counsel2")
    assert counsels(sqlite_demo_store) == []


def test_one_person_with_two_posts_is_one_person(sqlite_demo_store: Store) -> None:
    package = library.shipped()["legal_review"]
    drawn = DRAWN.replace(b'candidateGroups="legal_counsel"', b'candidateGroups="legal_counsel,expert"')
    files = {**package.files, "legal_review.bpmn": drawn, "process.yaml": package.files["process.yaml"] + APART}
    definition = read(Package("legal_review", files))
    assert [[step.id for step in group] for group in staffing.together(definition)] == [
        ["counsel_review", "Activity_0qvgr5g"]
    ]
    assert staffing.matched([{"a"}, {"a"}]) == 1
    assert staffing.matched([{"a", "b"}, {"a"}]) == 2
    assert staffing.matched([{"a", "b"}, {"b", "c"}, {"a"}]) == 3


def test_the_shipped_processes_have_their_people(demo_store: Store) -> None:
    with demo_store.read() as session:
        for package in library.shipped().values():
            assert [one.code for one in checking.findings(session, package)] == []


def test_whom_a_variable_names_is_not_looked_for(demo_store: Store) -> None:
    assert unknown(demo_store, named("${presiding}")) == []
