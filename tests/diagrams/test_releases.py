"""A process is published by two people, at once or at its moment, exactly once; what is approved is what was asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.diagrams.administrators import DIAGRAM, KEY, Office, at_once
from tests.diagrams.test_library import changed
from workflows import fold, ledger
from workflows.actors import Person
from workflows.calendar import clock
from workflows.calendar.clock import SHANGHAI, SimulatedClock
from workflows.diagrams import checking, concerned, drafting, drafts, library, releases
from workflows.diagrams.draft_tables import ProcessDraft
from workflows.diagrams.release_table import Release
from workflows.errors import DiagramRefused, FashenError, Forbidden, Invalid, Problem
from workflows.outbox import OutboxNotice
from workflows.rehearsal import trials
from workflows.store import Store, new_id
from workflows.worker import _publish_due

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)
FRIDAY = MORNING + timedelta(days=4)


@pytest.fixture
def time() -> Iterator[SimulatedClock]:
    with clock.simulated(MORNING) as running:
        yield running


@pytest.fixture
def office(sqlite_demo_store: Store, time: SimulatedClock) -> Office:
    return Office(sqlite_demo_store)


@pytest.fixture
def anywhere(demo_store: Store, time: SimulatedClock) -> Office:
    return Office(demo_store)


def present(office: Office) -> tuple[int, str]:
    """The version in force: its number and hash."""
    with office.store.read() as session:
        return library.versions(session, KEY)[0].version, library.current(session, KEY).hash


def told(office: Office) -> list[str]:
    """What the ledger tells of releases and publications, after those of the program."""
    with office.store.read() as session:
        entries = ledger.history(session, "bureau")
        assert ledger.verify(session) == []
    found = [entry.event for entry in entries if entry.event.startswith(("Release", "PackagePublished"))]
    return found[4:]


def notices(office: Office, login: str) -> list[str]:
    with office.store.read() as session:
        wanted = select(OutboxNotice.kind).join(Person, Person.id == OutboxNotice.person_id)
        return sorted(session.execute(wanted.where(Person.login == login)).scalars())


def refused(office: Office, *command: Any, **kwargs: Any) -> str:
    with pytest.raises(FashenError) as caught:
        office.do(*command, **kwargs)
    return caught.value.code


def test_one_asks_another_approves_and_it_is_published(anywhere: Office) -> None:
    asked = anywhere.asked(anywhere.renamed())
    assert present(anywhere)[0] == 1
    anywhere.do(releases.approve, "wang", asked.id, "同意发布")
    row = anywhere.release(asked.id)
    assert (row.state, row.version) == ("published", 2)
    assert present(anywhere) == (2, asked.package_hash)
    assert anywhere.draft(asked.draft_id).state == "published"
    assert told(anywhere) == ["ReleaseAsked", "ReleaseApproved", "PackagePublished"]
    assert notices(anywhere, "wang") == ["release_asked"]
    assert notices(anywhere, "li") == ["release_approved", "release_published"]
    with anywhere.store.read() as session:
        told_of = {one.facts["process"] for one in session.scalars(select(OutboxNotice))}
        assert told_of == {concerned.called(session, row.process_key)} != {row.process_key}, "people know it by name"


def test_a_release_without_what_somebody_could_not_save_is_confirmed(office: Office, time: SimulatedClock) -> None:
    draft = office.renamed()
    office.do(drafting.save_file, "wang", draft.id, DIAGRAM, b"<wang/>", seen=1)

    def mark() -> str:
        with office.store.read() as session:
            return drafts.copies_mark(drafts.copies(session, draft.id))

    words = {"reason": "按会议制度修改", "legal_basis": "第五十七条", "seen": draft.revision}
    seen = mark()
    assert refused(office, releases.ask, "li", draft.id, release_id=new_id(), **words) == "release.copies_wait"
    time.set(MORNING + timedelta(minutes=1))
    office.do(drafting.save_file, "wang", draft.id, DIAGRAM, b"<wang more='1'/>", seen=1)
    later = {**words, "aside": seen}  # they wrote more since the page was drawn
    assert refused(office, releases.ask, "li", draft.id, release_id=new_id(), **later) == "release.copies_wait"
    assert office.asked(draft, aside=mark()).state == "waiting"


def test_the_library_agrees_with_the_ledger_afterwards(office: Office) -> None:
    asked = office.asked(office.renamed())
    office.do(releases.approve, "wang", asked.id, "同意")
    with office.store.read() as session:
        assert list(fold.verify_state(session)) == []


def test_whoever_asked_or_wrote_does_not_approve(office: Office) -> None:
    draft = office.rename(office.renamed("li"), "wang", "会议记录")
    asked = office.asked(draft, "li")
    for login in ("li", "wang"):
        with pytest.raises(Forbidden):
            office.do(releases.approve, login, asked.id, "同意")
        with pytest.raises(Forbidden):
            office.do(releases.reject, login, asked.id, "不同意")
    assert office.release(asked.id).state == "waiting"
    assert notices(office, "wang") == []
    office.do(releases.approve, "zhao", asked.id, "同意")
    assert present(office)[0] == 2


@pytest.mark.parametrize("login", ["officer1", "legal1", "secadmin", "auditor", "head"])
def test_nobody_but_a_system_administrator_asks_or_approves(office: Office, login: str) -> None:
    draft = office.renamed()
    with pytest.raises(Forbidden):
        office.asked(draft, login)
    asked = office.asked(draft)
    for command in (releases.approve, releases.reject, releases.withdraw):
        with pytest.raises(Forbidden):
            office.do(command, login, asked.id, "意见")


def test_two_who_approve_at_once_publish_once(anywhere: Office) -> None:
    asked = anywhere.asked(anywhere.renamed())
    answers = at_once(
        lambda: anywhere.do(releases.approve, "wang", asked.id, "同意"),
        lambda: anywhere.do(releases.approve, "zhao", asked.id, "同意"),
    )
    assert sorted(isinstance(answer, Release) for answer in answers) == [False, True]
    assert "release.decided" in answers
    assert present(anywhere)[0] == 2
    assert told(anywhere).count("PackagePublished") == 1


def test_approval_and_withdrawal_at_once_end_in_one_of_the_two(anywhere: Office) -> None:
    asked = anywhere.asked(anywhere.renamed())
    answers = at_once(
        lambda: anywhere.do(releases.approve, "wang", asked.id, "同意"),
        lambda: anywhere.do(releases.withdraw, "li", asked.id, "还要修改"),
    )
    state = anywhere.release(asked.id).state
    assert answers.count("release.decided") == 1
    assert (state, present(anywhere)[0]) in {("published", 2), ("withdrawn", 1)}


def test_asked_for_twice_it_stands_once(office: Office) -> None:
    draft, id = office.renamed(), new_id()
    words = {"reason": "修改", "legal_basis": "第五十七条", "seen": draft.revision}
    for _ in range(2):
        office.do(releases.ask, "li", draft.id, release_id=id, **words)
    assert told(office) == ["ReleaseAsked"]


def test_reason_legal_basis_and_decision_are_needed(office: Office) -> None:
    draft = office.renamed()
    for words in ({"reason": " "}, {"legal_basis": ""}, {"reason": "x" * 2001}, {"publish_at": MORNING}):
        with pytest.raises(Invalid) as caught:
            office.asked(draft, **words)
        assert [problem.place for problem in caught.value.problems] == list(words)
    asked = office.asked(draft)
    for command in (releases.approve, releases.reject, releases.withdraw):
        assert refused(office, command, "wang", asked.id, "  ") == "release.incomplete"


def test_a_broken_draft_is_not_asked_for_and_every_problem_is_told(office: Office) -> None:
    draft = office.renamed()
    office.do(drafting.save_file, "li", draft.id, "forms/vote.form", b"{", seen=1)
    with pytest.raises(DiagramRefused) as caught:
        office.asked(office.draft(draft.id))
    assert "form.unreadable" in {problem.code for problem in caught.value.problems}


def test_the_checks_run_again_at_approval(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = office.asked(office.renamed())
    monkeypatch.setattr(checking, "errors", lambda _session, package: [Problem("diagram.no_end", package.key)])
    with pytest.raises(DiagramRefused):
        office.do(releases.approve, "wang", asked.id, "同意")
    assert (office.release(asked.id).state, present(office)[0]) == ("waiting", 1)


def test_what_is_approved_is_what_was_asked_for(office: Office) -> None:
    """Work on the draft goes on, and stands in the next release."""
    draft = office.renamed()
    asked = office.asked(draft)
    office.do(drafting.save_file, "li", draft.id, DIAGRAM, b"<later/>", seen=2)
    office.do(releases.approve, "wang", asked.id, "同意")
    assert present(office) == (2, asked.package_hash)
    after = office.draft(draft.id)
    assert (after.state, after.present_hash) == ("open", asked.package_hash)


def test_a_draft_that_changed_since_the_page_was_shown_is_not_asked_for(office: Office) -> None:
    draft = office.renamed()
    assert refused(office, releases.ask, "li", draft.id, release_id=new_id(), reason="x", legal_basis="y",
                   seen=draft.revision - 1) == "draft.changed"  # fmt: skip


def test_a_refused_release_leaves_the_draft_to_be_worked_on(office: Office) -> None:
    draft = office.renamed()
    asked = office.asked(draft)
    office.do(releases.reject, "wang", asked.id, "缺少会议依据")
    assert (office.release(asked.id).state, office.draft(draft.id).state) == ("rejected", "open")
    assert notices(office, "li") == ["release_rejected"]
    assert refused(office, releases.approve, "wang", asked.id, "同意") == "release.decided"
    office.asked(office.rename(draft, "li", "会议记录"))
    assert told(office) == ["ReleaseAsked", "ReleaseRejected", "ReleaseAsked"]


def test_an_unchanged_version_is_nothing_to_publish_and_one_release_at_a_time_is_under_way(office: Office) -> None:
    same = office.begin()
    with pytest.raises(FashenError, match=r"release\.nothing_new"):
        office.asked(same)
    office.asked(office.renamed())
    with pytest.raises(FashenError, match=r"release\.another"):
        office.asked(office.renamed("wang", "会议记录"), "wang")


def test_the_work_of_others_is_not_replaced_unseen(office: Office) -> None:
    """Another version was published after the draft was begun: that must be seen before it is replaced."""
    early, other = office.renamed("li"), office.renamed("wang", "会议记录")
    office.do(releases.approve, "zhao", office.asked(other, "wang").id, "同意")
    with pytest.raises(FashenError, match=r"release\.present_moved"):
        office.asked(early)
    asked = office.asked(early, over=present(office)[1])
    office.do(releases.approve, "zhao", asked.id, "同意")
    assert present(office) == (3, asked.package_hash)


def test_a_version_that_came_in_between_stops_an_approval(office: Office) -> None:
    asked = office.asked(office.renamed())
    own = changed(KEY, bpmn=lambda text: text.replace("制作会议记录", "会议记录"))
    office.do(lambda session, actor: library.publish(session, own, actor, "在终端发布"), "zhao")
    assert refused(office, releases.approve, "wang", asked.id, "同意") == "release.present_moved"


def test_an_old_version_comes_back_as_a_new_one(office: Office) -> None:
    office.do(releases.approve, "wang", office.asked(office.renamed()).id, "同意")
    back = office.begin("zhao", version=1)
    office.do(releases.approve, "wang", office.asked(back, "zhao").id, "恢复")
    assert present(office) == (3, library.shipped()[KEY].hash)


def test_a_planned_release_is_published_at_its_moment_once(anywhere: Office, time: SimulatedClock) -> None:
    asked = anywhere.asked(anywhere.renamed(), publish_at=FRIDAY)
    anywhere.do(releases.approve, "wang", asked.id, "同意")
    assert (anywhere.release(asked.id).state, present(anywhere)[0]) == ("scheduled", 1)
    time.set(FRIDAY - timedelta(seconds=1))
    assert _publish_due(anywhere.store, lambda: False) == 0
    time.set(FRIDAY)
    answers = at_once(*[lambda: _publish_due(anywhere.store, lambda: False)] * 2)
    assert sum(answers) == 1
    assert present(anywhere) == (2, asked.package_hash)
    assert told(anywhere) == ["ReleaseAsked", "ReleaseApproved", "PackagePublished"]
    assert notices(anywhere, "wang") == ["release_asked", "release_published"]
    with anywhere.store.read() as session:
        assert library.versions(session, KEY)[0].published_by == "system"


def test_a_planned_release_approved_after_its_moment_is_published_at_once(office: Office, time: SimulatedClock) -> None:
    asked = office.asked(office.renamed(), publish_at=FRIDAY)
    time.set(FRIDAY + timedelta(hours=1))
    office.do(releases.approve, "wang", asked.id, "同意")
    assert present(office)[0] == 2


def test_a_planned_release_is_withdrawn_before_its_moment(office: Office, time: SimulatedClock) -> None:
    asked = office.asked(office.renamed(), publish_at=FRIDAY)
    office.do(releases.approve, "wang", asked.id, "同意")
    office.do(releases.withdraw, "li", asked.id, "推迟")
    time.set(FRIDAY)
    assert _publish_due(office.store, lambda: False) == 0
    assert (office.release(asked.id).state, present(office)[0]) == ("withdrawn", 1)
    assert notices(office, "wang") == ["release_asked", "release_withdrawn"]


@pytest.mark.parametrize("gone", ["li", "wang"])
def test_a_planned_release_waits_again_when_one_of_the_two_left_meanwhile(
    office: Office, time: SimulatedClock, gone: str
) -> None:
    asked = office.asked(office.renamed("li"), publish_at=FRIDAY)
    office.do(releases.approve, "wang", asked.id, "同意")
    with office.store.work() as session:
        person = session.execute(select(Person).where(Person.login == gone)).scalar_one()
        person.posts[0].ends_on = FRIDAY.date() - timedelta(days=1)
    time.set(FRIDAY)
    assert _publish_due(office.store, lambda: False) == 1
    assert _publish_due(office.store, lambda: False) == 0
    row = office.release(asked.id)
    assert (row.state, row.decided_by_id, present(office)[0]) == ("waiting", None, 1)
    assert [one["code"] for one in row.problems] == ["release.left"]
    assert told(office) == ["ReleaseAsked", "ReleaseApproved", "ReleaseReopened"]
    assert notices(office, "zhao") == ["release_asked", "release_asked"]
    with office.store.work() as session:  # the approval of before serves nobody who writes to the table
        session.execute(update(Release).values(state="scheduled", decided_by_id=person.id, problems=[]))
    _publish_due(office.store, lambda: False)
    assert present(office)[0] == 1
    with office.store.work() as session:
        session.execute(update(Release).values(state="waiting", decided_by_id=None, ended_at=None))
    office.do(releases.approve, "zhao", asked.id, "同意")
    assert (office.release(asked.id).state, present(office)[0]) == ("published", 2)
    assert office.release(asked.id).problems == []


def test_whoever_saved_the_same_text_in_another_draft_does_not_approve_it(office: Office) -> None:
    written = office.renamed("wang", "列入议程")
    copied = office.renamed("li", "列入议程")
    office.begin("zhao")  # who only fetched a version wrote nothing
    asked = office.asked(copied, "li")
    with office.store.read() as session:
        assert set(asked.writers) == {written.author_id, copied.author_id}
    assert refused(office, releases.approve, "wang", asked.id, "同意") == "release.own"
    office.do(releases.approve, "zhao", asked.id, "同意")
    with office.store.read() as session:
        (entry,) = ledger.of_event(session, "bureau", "ReleaseAsked")
        assert set(entry.data["writers"]) == set(asked.writers)


def test_going_back_to_what_two_people_published_is_approved_by_one_who_once_wrote_it(office: Office) -> None:
    first = office.asked(office.renamed("wang", "整理记录"), "wang")
    office.do(releases.approve, "li", first.id, "同意")
    second = office.asked(office.renamed("li", "记录会议"), "li", over=first.package_hash)
    office.do(releases.approve, "wang", second.id, "同意")
    back = office.begin("li", version=2)
    again = office.asked(back, "li")
    office.do(releases.approve, "wang", again.id, "同意")
    assert present(office) == (4, first.package_hash)


def test_a_planned_release_that_no_longer_fits_ends_and_is_told(office: Office, time: SimulatedClock) -> None:
    asked = office.asked(office.renamed(), publish_at=FRIDAY)
    office.do(releases.approve, "wang", asked.id, "同意")
    own = changed(KEY, bpmn=lambda text: text.replace("制作会议记录", "会议记录"))
    office.do(lambda session, actor: library.publish(session, own, actor, "在终端发布"), "zhao")
    time.set(FRIDAY)
    assert _publish_due(office.store, lambda: False) == 1
    row = office.release(asked.id)
    assert (row.state, row.problems[0]["code"]) == ("failed", "release.present_moved")
    assert present(office) == (2, own.hash)
    assert told(office)[-1] == "ReleaseFailed"
    assert {"release_failed"} <= {*notices(office, "li")} & {*notices(office, "wang")}


def test_a_planned_release_ends_where_a_test_has_failed_since_then(office: Office, time: SimulatedClock) -> None:
    draft, path = office.renamed(), "tests/test-1.yaml"
    office.do(drafting.import_files, "li", draft.id, {path: b"title: t"})
    with office.store.work() as session:
        hash = drafts.package(session, session.get_one(ProcessDraft, draft.id)).hash
        trials.keep_outcomes(session, office.actor("li"), hash, [trials.Outcome(path, "t", None)])
    asked = office.asked(office.draft(draft.id), publish_at=FRIDAY)
    office.do(releases.approve, "wang", asked.id, "同意")
    failed = trials.Outcome(path, "t", Problem("trying.test_refused", path))
    with office.store.work() as session:
        trials.keep_outcomes(session, office.actor("li"), asked.package_hash, [failed])
    time.set(FRIDAY)
    assert _publish_due(office.store, lambda: False) == 1
    row = office.release(asked.id)
    assert (row.state, [one["code"] for one in row.problems]) == ("failed", ["trying.test_refused"])
    assert present(office)[0] == 1


@pytest.mark.parametrize("forged", [{"state": "scheduled"}, {"state": "scheduled", "decided_by_id": "x"}])
def test_a_row_that_nobody_approved_is_not_published(
    office: Office, time: SimulatedClock, forged: dict[str, str]
) -> None:
    """Who may write to the table and approved nothing publishes nothing."""
    asked = office.asked(office.renamed(), publish_at=FRIDAY)
    if "decided_by_id" in forged:
        forged = {**forged, "decided_by_id": office.actor("wang").person_id}
    with office.store.work() as session:
        session.execute(update(Release).where(Release.id == asked.id).values(**forged))
    time.set(FRIDAY)
    _publish_due(office.store, lambda: False)
    assert (office.release(asked.id).problems[0]["code"], present(office)[0]) == ("release.not_told", 1)


def test_a_package_that_was_exchanged_after_its_approval_is_not_published(office: Office, time: SimulatedClock) -> None:
    asked = office.asked(office.renamed(), publish_at=FRIDAY)
    office.do(releases.approve, "wang", asked.id, "同意")
    other = changed(KEY, bpmn=lambda text: text.replace("制作会议记录", "会议记录"))
    with office.store.work() as session:
        session.execute(update(Release).values(files=other.to_json()))
    time.set(FRIDAY)
    _publish_due(office.store, lambda: False)
    assert (office.release(asked.id).problems[0]["code"], present(office)[0]) == ("release.altered", 1)
