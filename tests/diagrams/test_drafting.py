"""Drafts: begun from anything, saved by several people without loss, broken files and all, and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from tests.diagrams.administrators import DIAGRAM, KEY, Office, at_once
from tests.diagrams.test_library import changed
from workflows.calendar import clock
from workflows.calendar.clock import SHANGHAI, SimulatedClock
from workflows.diagrams import archive, checking, drafting, drafts, library
from workflows.engine.package import MAX_FILES, Package
from workflows.errors import FashenError, Forbidden, Invalid, NotFound, Stale
from workflows.store import Store, new_id

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)
NOTE = "notes.yaml"


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


def files(office: Office, draft_id: str) -> dict[str, bytes]:
    with office.store.read() as session:
        return drafts.contents(session, draft_id)


def refused(office: Office, *command: object, **kwargs: object) -> str:
    with pytest.raises(FashenError) as caught:
        office.do(*command, **kwargs)  # type: ignore[arg-type]
    return caught.value.code


def test_a_draft_of_a_version_holds_its_files_byte_for_byte(anywhere: Office) -> None:
    draft = anywhere.begin()
    assert files(anywhere, draft.id) == dict(library.shipped()[KEY].files)
    assert (draft.from_version, draft.revision, draft.writers) == (1, 1, [])


def test_a_draft_asked_for_twice_is_begun_once(anywhere: Office) -> None:
    id = new_id()
    for _ in range(2):
        anywhere.do(drafting.begin_from_version, "li", KEY, 1, "调整", draft_id=id)
    with anywhere.store.read() as session:
        assert [row.id for row in drafts.open_drafts(session)] == [id]
        assert drafts.draft(session, anywhere.actor("li"), id).revision == 1


def test_of_two_who_save_at_once_one_wins_and_the_other_s_text_is_kept(anywhere: Office) -> None:
    """The loser is told who and when."""
    draft = anywhere.begin()
    texts = {"li": b"<li/>", "wang": b"<wang/>"}
    answers = at_once(*(
        lambda login=login, text=text: anywhere.do(drafting.save_file, login, draft.id, DIAGRAM, text, seen=1)
        for login, text in texts.items()
    ))  # fmt: skip
    (won,) = [answer for answer in answers if answer.lost is None]
    (lost,) = [answer for answer in answers if answer.lost is not None]
    winner, loser = ("li", "wang") if answers[0] is won else ("wang", "li")
    assert (won.revision, lost.revision) == (2, 2)
    assert (lost.lost.facts["by"], lost.lost.facts["at"]) == (anywhere.actor(winner).name, MORNING)
    assert files(anywhere, draft.id)[DIAGRAM] == texts[winner]
    with anywhere.store.read() as session:
        ((copy, by),) = drafts.copies(session, draft.id)
        assert (drafts.unpacked(copy.data), by) == (texts[loser], anywhere.actor(loser).name)


def test_two_files_of_one_draft_are_saved_at_once_without_a_conflict(anywhere: Office) -> None:
    draft = anywhere.begin()
    answers = at_once(
        lambda: anywhere.do(drafting.save_file, "li", draft.id, DIAGRAM, b"<a/>", seen=1),
        lambda: anywhere.do(drafting.save_file, "wang", draft.id, "process.yaml", b"key: x\n", seen=1),
    )
    assert sorted(answer.revision for answer in answers) == [2, 3]
    assert [answer.lost for answer in answers] == [None, None]


def test_the_loser_s_later_text_takes_the_place_of_the_earlier_one(office: Office) -> None:
    draft = office.begin()
    office.do(drafting.save_file, "li", draft.id, DIAGRAM, b"<li/>", seen=1)
    for text in (b"<wang/>", b"<wang more='1'/>"):
        assert office.do(drafting.save_file, "wang", draft.id, DIAGRAM, text, seen=1).lost
    with office.store.read() as session:
        ((copy, _),) = drafts.copies(session, draft.id)
        assert drafts.unpacked(copy.data) == b"<wang more='1'/>"


def test_a_kept_text_is_taken_over_and_its_writer_counts_as_a_writer(office: Office) -> None:
    draft = office.begin()
    office.do(drafting.save_file, "li", draft.id, DIAGRAM, b"<li/>", seen=1)
    office.do(drafting.save_file, "wang", draft.id, DIAGRAM, b"<wang/>", seen=1)
    with office.store.read() as session:
        copy_id = drafts.copies(session, draft.id)[0][0].id
    office.do(drafting.take_copy, "zhao", draft.id, copy_id)
    assert files(office, draft.id)[DIAGRAM] == b"<wang/>"
    everybody = {office.actor(login).person_id for login in ("li", "wang", "zhao")}
    assert set(office.draft(draft.id).writers) == everybody
    assert refused(office, drafting.drop_copy, "li", draft.id, copy_id) == "draft.copy_unknown"


def closed_with_a_copy(office: Office) -> tuple[str, str]:
    """A draft that was discarded while a text of 王工 waited beside it, and the id of that text."""
    draft = office.begin()
    office.do(drafting.save_file, "li", draft.id, DIAGRAM, b"<li/>", seen=1)
    office.do(drafting.save_file, "wang", draft.id, DIAGRAM, b"<wang/>", seen=1)
    office.do(drafting.discard, "li", draft.id)
    with office.store.read() as session:
        return draft.id, drafts.copies(session, draft.id)[0][0].id


def test_what_waits_beside_a_closed_draft_is_taken_into_a_new_one_of_the_version_in_force(anywhere: Office) -> None:
    closed, copy_id = closed_with_a_copy(anywhere)
    assert refused(anywhere, drafting.take_copy, "zhao", closed, copy_id) == "draft.closed"
    id = new_id()
    for _ in range(2):  # asked twice, one is begun
        row = anywhere.do(drafting.take_copy_anew, "zhao", closed, copy_id, "采用副本", new_id=id)
    assert files(anywhere, row.id) == {**library.shipped()[KEY].files, DIAGRAM: b"<wang/>"}
    row = anywhere.draft(id)
    assert (row.state, row.origin, row.from_version) == ("open", "version", 1)
    assert set(row.writers) == {anywhere.actor(login).person_id for login in ("wang", "zhao")}
    with anywhere.store.read() as session:
        assert not drafts.copies(session, closed)
    assert anywhere.draft(closed).state == "discarded" and files(anywhere, closed)[DIAGRAM] == b"<li/>"


def test_of_a_process_without_a_version_the_closed_draft_s_files_come_along(office: Office) -> None:
    draft = office.do(drafting.begin_empty, "li", "inspection_plan", "检查计划", draft_id=new_id())
    office.do(drafting.save_file, "li", draft.id, NOTE, b"a: 1", seen=0)
    office.do(drafting.save_file, "wang", draft.id, NOTE, b"a: 2", seen=0)
    office.do(drafting.discard, "li", draft.id)
    with office.store.read() as session:
        copy_id = drafts.copies(session, draft.id)[0][0].id
    row = office.do(drafting.take_copy_anew, "zhao", draft.id, copy_id, "采用副本", new_id=new_id())
    assert files(office, row.id) == {**files(office, draft.id), NOTE: b"a: 2"}
    assert len(office.draft(row.id).writers) == 3


def test_what_waits_beside_a_closed_draft_is_deleted(office: Office) -> None:
    closed, copy_id = closed_with_a_copy(office)
    office.do(drafting.drop_copy, "zhao", closed, copy_id)
    with office.store.read() as session:
        assert not drafts.copies(session, closed)


def test_who_puts_their_text_over_the_other_s_after_all_leaves_no_copy_behind(office: Office) -> None:
    draft = office.begin()
    office.do(drafting.save_file, "li", draft.id, DIAGRAM, b"<li/>", seen=1)
    office.do(drafting.save_file, "wang", draft.id, DIAGRAM, b"<wang/>", seen=1)
    assert office.do(drafting.save_file, "wang", draft.id, DIAGRAM, b"<wang/>", seen=2).revision == 3
    with office.store.read() as session:
        assert drafts.copies(session, draft.id) == []


def test_the_same_content_again_is_saved_already(office: Office) -> None:
    """A save whose answer was lost on the way is sent once more with the old revision."""
    draft = office.begin()
    first = office.do(drafting.save_file, "li", draft.id, DIAGRAM, b"<a/>", seen=1)
    again = office.do(drafting.save_file, "li", draft.id, DIAGRAM, b"<a/>", seen=1)
    assert (again.revision, again.lost) == (first.revision, None)


@pytest.mark.parametrize("data", [b"", b"\xff\xfe broken", b"<a", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', b"{"])
def test_a_broken_file_is_saved_all_the_same_and_its_problem_is_told(office: Office, data: bytes) -> None:
    draft = office.begin()
    assert office.do(drafting.save_file, "li", draft.id, DIAGRAM, data, seen=1).lost is None
    assert files(office, draft.id)[DIAGRAM] == data
    with office.store.read() as session:
        problems = checking.errors(session, drafts.package(session, office.draft(draft.id)))
    assert {problem.place.partition("#")[0] for problem in problems} == {DIAGRAM}


def test_only_size_and_name_refuse_a_save(office: Office) -> None:
    draft = office.begin()
    code = refused(office, drafting.save_file, "li", draft.id, DIAGRAM, b" " * 5_000_000, seen=1)
    assert code == "draft.file_too_large"
    for name in ("../x.bpmn", "a/b/c.form", "表单.form", "x.exe", "x" * 200 + ".form"):
        assert refused(office, drafting.save_file, "li", draft.id, name, b"", seen=0) == "package.file_name"
    many = {f"forms/f{number}.form": b"{}" for number in range(MAX_FILES)}
    assert refused(office, drafting.import_files, "li", draft.id, many) == "draft.too_large"
    assert office.draft(draft.id).revision == 1


def test_a_deleted_file_is_gone_and_a_late_save_of_it_is_kept_beside(office: Office) -> None:
    draft = office.begin()
    office.do(drafting.save_file, "li", draft.id, NOTE, b"{}", seen=0)
    office.do(drafting.remove_file, "wang", draft.id, NOTE, seen=2)
    assert NOTE not in files(office, draft.id)
    late = office.do(drafting.save_file, "li", draft.id, NOTE, b"{a: 1}", seen=2)
    assert late.lost is not None
    assert late.lost.facts["by"] == "王工"
    assert refused(office, drafting.remove_file, "li", draft.id, NOTE, seen=None) == "draft.file_unknown"


def test_a_file_is_not_deleted_over_somebody_s_save(office: Office) -> None:
    draft = office.begin()
    office.do(drafting.save_file, "li", draft.id, DIAGRAM, b"<li/>", seen=1)
    with pytest.raises(Stale) as caught:
        office.do(drafting.remove_file, "wang", draft.id, DIAGRAM, seen=1)
    assert caught.value.facts["by"] == "李工"


def test_a_file_is_renamed_but_not_over_another(office: Office) -> None:
    draft = office.begin()
    office.do(drafting.rename_file, "li", draft.id, "forms/vote.form", "forms/ballot.form")
    assert {"forms/ballot.form", "forms/vote.form"} & files(office, draft.id).keys() == {"forms/ballot.form"}
    code = refused(office, drafting.rename_file, "li", draft.id, "forms/ballot.form", DIAGRAM)
    assert code == "draft.file_exists"


def test_a_draft_goes_back_to_an_earlier_save_and_forward_again(office: Office) -> None:
    draft = office.begin()
    office.do(drafting.save_file, "li", draft.id, DIAGRAM, b"<a/>", seen=1)
    office.do(drafting.save_file, "li", draft.id, NOTE, b"{}", seen=0)
    office.do(drafting.remove_file, "li", draft.id, "process.yaml", seen=1)
    latest = files(office, draft.id)
    assert office.do(drafting.undo_to, "wang", draft.id, 1, seen=4) == 5
    assert files(office, draft.id) == dict(library.shipped()[KEY].files)
    assert refused(office, drafting.undo_to, "li", draft.id, 4, seen=4) == "draft.changed"
    office.do(drafting.undo_to, "li", draft.id, 4, seen=5)
    assert files(office, draft.id) == latest
    with office.store.read() as session:
        told = [(one.number, one.by) for one in drafts.revisions(session, draft.id)]
    assert told[:2] == [(6, "李工"), (5, "王工")]


def test_of_many_saves_the_last_are_kept_and_no_file_is_lost(anywhere: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafting, "KEPT", 5)
    draft = anywhere.begin()
    for number in range(12):
        anywhere.do(drafting.save_file, "li", draft.id, DIAGRAM, f"<a n='{number}'/>".encode(), seen=None)
    whole = dict(library.shipped()[KEY].files)
    with anywhere.store.read() as session:
        kept = [one.number for one in drafts.revisions(session, draft.id)]
        assert kept == [13, 12, 11, 10, 9, 8, 1]  # the first still holds all files that nobody changed since
        for number in range(8, 14):
            assert drafts.contents(session, draft.id, number) == {**whole, DIAGRAM: f"<a n='{number - 2}'/>".encode()}
    assert refused(anywhere, drafting.undo_to, "li", draft.id, 7, seen=13) == "draft.revision_unknown"
    anywhere.do(drafting.undo_to, "li", draft.id, 8, seen=13)
    assert files(anywhere, draft.id)[DIAGRAM] == b"<a n='6'/>"


def test_a_discarded_draft_stands_still_and_can_be_read(office: Office) -> None:
    draft = office.begin()
    office.do(drafting.rename_draft, "li", draft.id, " 新名称 ")
    office.do(drafting.discard, "li", draft.id)
    assert refused(office, drafting.save_file, "li", draft.id, DIAGRAM, b"", seen=1) == "draft.closed"
    with office.store.read() as session:
        assert drafts.open_drafts(session, KEY) == []
        assert drafts.draft(session, office.actor("auditor"), draft.id).name == "新名称"
    assert DIAGRAM in files(office, draft.id)


def test_an_empty_draft_can_be_published_as_it_is(office: Office) -> None:
    draft = office.do(drafting.begin_empty, "li", "inspection_plan", "检查计划 <审批>", draft_id=new_id())
    with office.store.read() as session:
        package = drafts.package(session, draft)
        assert checking.errors(session, package) == []
        assert library.check(package, {package.key}).name == "检查计划 <审批>"


@pytest.mark.parametrize(("key", "code"), [
    ("penalty", "draft.key_taken"), ("Inspection", "package.key"), ("../x", "package.key"), ("", "package.key"),
])  # fmt: skip
def test_a_new_process_needs_a_key_of_its_own(office: Office, key: str, code: str) -> None:
    assert refused(office, drafting.begin_empty, "li", key, "x", draft_id=new_id()) == code


def test_an_exported_draft_comes_back_as_the_same_package(office: Office) -> None:
    package = library.shipped()["penalty"]
    data = archive.zipped("penalty", package.files)
    assert data == archive.zipped("penalty", package.files)
    draft = office.do(drafting.begin_imported, "li", "penalty", "导入", "penalty.zip", data, draft_id=new_id())
    assert Package("penalty", files(office, draft.id)).hash == package.hash


def test_a_diagram_alone_takes_the_place_of_that_in_force_unchanged(office: Office) -> None:
    diagram = b"<?xml version='1.0'?>\r\n<definitions xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL'/>  "
    draft = office.do(drafting.begin_imported, "li", KEY, "导入", "x.bpmn", diagram, draft_id=new_id())
    shipped = dict(library.shipped()[KEY].files)
    assert files(office, draft.id) == {**shipped, DIAGRAM: diagram}
    new = office.do(drafting.begin_imported, "li", "something_new", "导入", "x.bpmn", diagram, draft_id=new_id())
    assert files(office, new.id).keys() == {"something_new.bpmn", "process.yaml"}


def test_what_an_upgrade_brings_is_offered_and_overwrites_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = changed(KEY, bpmn=lambda text: text.replace("制作会议记录", "整理会议记录"))
    office.do(lambda session, actor: library.publish(session, own, actor, "按本局习惯改名"), "li")
    with office.store.read() as session:
        assert drafts.offers(session) == {}
    newer = Package(KEY, {**library.shipped()[KEY].files, NOTE: b"{}"})
    monkeypatch.setattr(library, "shipped", lambda: {KEY: newer})
    office.do(lambda session, _actor: library.publish_shipped(session), "li")
    with office.store.read() as session:
        assert library.current(session, KEY).hash == own.hash
        assert drafts.offers(session) == {KEY: newer}
    draft = office.do(drafting.begin_from_shipped, "li", KEY, "随程序提供", draft_id=new_id())
    assert files(office, draft.id) == dict(newer.files)
    with office.store.read() as session:
        assert drafts.offers(session) == {}


def test_nobody_but_a_system_administrator_changes_a_draft(office: Office) -> None:
    draft = office.begin()
    for login in ("officer1", "secadmin", "auditor"):
        with pytest.raises(Forbidden):
            office.do(drafting.save_file, login, draft.id, DIAGRAM, b"", seen=1)
        with pytest.raises(Forbidden):
            office.do(drafting.begin_from_version, login, KEY, 1, "x", draft_id=new_id())
    with office.store.read() as session:
        with pytest.raises(Forbidden):
            drafts.draft(session, office.actor("officer1"), draft.id)
        with pytest.raises(NotFound):
            drafts.draft(session, office.actor("auditor"), new_id())


def test_a_draft_says_when_it_was_changed_last(office: Office, time: SimulatedClock) -> None:
    draft = office.begin()
    time.set(MORNING + timedelta(hours=1))
    office.do(drafting.save_file, "wang", draft.id, NOTE, b"{}", seen=0)
    with office.store.read() as session:
        state = {one.path: one for one in drafts.files(session, draft.id)}
    assert (state[NOTE].by, state[NOTE].at, state[NOTE].revision) == ("王工", MORNING + timedelta(hours=1), 2)
    assert (state[DIAGRAM].by, state[DIAGRAM].at, state[DIAGRAM].revision) == ("李工", MORNING, 1)


def test_a_name_is_needed(office: Office) -> None:
    for name in ("", "   ", "x" * 101):
        with pytest.raises(Invalid):
            office.do(drafting.begin_from_version, "li", KEY, 1, name, draft_id=new_id())


def test_files_that_are_imported_twice_are_one_save(office: Office) -> None:
    draft = office.begin()
    files = {DIAGRAM: library.shipped()[KEY].files[DIAGRAM] + b"\n", "forms/agenda.form": b"{}"}
    first = office.do(drafting.import_files, "li", draft.id, files)
    assert office.do(drafting.import_files, "wang", draft.id, files) == first
    assert office.draft(draft.id).writers == [office.actor("li").person_id]
