"""An upgrade of the program is put onto the bureau's version, file by file; what both changed stays the bureau's."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.diagrams.administrators import DIAGRAM, KEY, Office
from tests.diagrams.test_library import changed
from workflows.diagrams import checking, drafting, drafts, library, releases, upgrades
from workflows.diagrams.draft_tables import ProcessDraft
from workflows.diagrams.upgrades import ALIKE, BOTH, BUREAU, PROGRAM, Sides
from workflows.engine.package import Package
from workflows.errors import FashenError, Forbidden, Stale
from workflows.store import Store, new_id

SAID, NOTE = "process.yaml", "forms/note.form"
SHIPPED = dict(library.shipped()[KEY].files)
OWN = SHIPPED[DIAGRAM].replace("制作会议记录".encode(), "整理会议记录".encode())
PROGRAMS = SHIPPED[DIAGRAM].replace("制作会议记录".encode(), "会议记录制作".encode())
FORM = b'{"type": "default", "id": "note", "components": []}'


@pytest.fixture
def office(sqlite_demo_store: Store) -> Office:
    return Office(sqlite_demo_store)


def programs(monkeypatch: pytest.MonkeyPatch, **files: bytes | None) -> Package:
    """The program is upgraded: files of the process that are other ones now, or gone."""
    other = {"diagram": DIAGRAM, "said": SAID, "note": NOTE}
    made = {**SHIPPED, **{other[name]: data for name, data in files.items()}}
    package = Package(KEY, {path: data for path, data in made.items() if data is not None})
    monkeypatch.setattr(library, "shipped", lambda: {KEY: package})
    return package


def published(office: Office, files: Mapping[str, bytes]) -> None:
    """The bureau publishes its own version, by two people."""
    draft = office.begin(version=version(office))
    office.do(drafting.import_files, "li", draft.id, files)
    asked = office.asked(office.draft(draft.id))
    office.do(releases.approve, "wang", asked.id, "同意")


def version(office: Office) -> int:
    with office.store.read() as session:
        return library.versions(session, KEY)[0].version


def upgrade(office: Office) -> ProcessDraft:
    begun = office.do(upgrades.begin_from_upgrade, "li", KEY, "并入升级", draft_id=new_id())
    return office.draft(begun.id)


def standing(office: Office, draft: ProcessDraft) -> tuple[dict[str, bytes], dict[str, str]]:
    """The files of a draft, and who changed which."""
    with office.store.read() as session:
        sides = upgrades.sides_of(session, session.get_one(ProcessDraft, draft.id))
        assert sides is not None
        return drafts.contents(session, draft.id), sides.changed()


def test_each_file_is_taken_from_who_changed_it() -> None:
    base = {"a": b"1", "b": b"1", "c": b"1", "d": b"1", "e": b"1", "f": b"1", "g": b"1", "h": b"1"}
    ours = {"a": b"1", "b": b"2", "c": b"2", "d": b"2", "f": b"1", "g": b"2", "own": b"2", "alike": b"4"}
    theirs = {"a": b"1", "b": b"1", "c": b"3", "d": b"2", "e": b"1", "h": b"3", "new": b"3", "alike": b"4"}
    sides = Sides(base, ours, theirs, 2)
    assert sides.changed() == {
        "b": BUREAU, "c": BOTH, "d": ALIKE, "e": BUREAU, "f": PROGRAM, "g": BOTH, "h": BOTH, "own": BUREAU,
        "new": PROGRAM, "alike": ALIKE,
    }  # fmt: skip
    assert sides.merged() == {
        "a": b"1", "b": b"2", "c": b"2", "d": b"2", "g": b"2", "own": b"2", "new": b"3", "alike": b"4",
    }  # fmt: skip


def test_what_the_bureau_changed_is_not_turned_back(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    published(office, {DIAGRAM: OWN})
    said = SHIPPED[SAID] + "# 程序\n".encode()
    newer = programs(monkeypatch, said=said)
    draft = upgrade(office)
    files, who = standing(office, draft)
    assert files == {**SHIPPED, DIAGRAM: OWN, SAID: said}
    assert who == {DIAGRAM: BUREAU, SAID: PROGRAM}
    assert (draft.origin, draft.from_hash, draft.from_version, draft.writers) == ("upgrade", newer.hash, 2, [])
    with office.store.read() as session:
        assert drafts.offers(session) == {}
        assert checking.errors(session, drafts.package(session, draft)) == []


def test_what_both_changed_stays_the_bureau_s_until_somebody_chooses(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(office, {DIAGRAM: OWN})
    programs(monkeypatch, diagram=PROGRAMS)
    draft = upgrade(office)
    files, who = standing(office, draft)
    assert (files[DIAGRAM], who) == (OWN, {DIAGRAM: BOTH})
    assert office.do(upgrades.take_side, "li", draft.id, DIAGRAM, PROGRAM, seen=1) == 2
    assert standing(office, draft)[0][DIAGRAM] == PROGRAMS
    with pytest.raises(Stale):
        office.do(upgrades.take_side, "wang", draft.id, DIAGRAM, BUREAU, seen=1)
    assert office.do(upgrades.take_side, "wang", draft.id, DIAGRAM, BUREAU, seen=2) == 3
    assert standing(office, draft)[0][DIAGRAM] == OWN


def test_a_file_that_one_side_does_not_have_comes_and_goes_by_choice(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs(monkeypatch, note=FORM)
    draft = upgrade(office)
    assert standing(office, draft)[1] == {NOTE: PROGRAM}
    assert office.do(upgrades.take_side, "li", draft.id, NOTE, BUREAU, seen=1) == 2
    assert NOTE not in standing(office, draft)[0]
    assert office.do(upgrades.take_side, "li", draft.id, NOTE, BUREAU, seen=0) == 2
    assert office.do(upgrades.take_side, "li", draft.id, NOTE, PROGRAM, seen=0) == 3
    assert standing(office, draft)[0][NOTE] == FORM


def test_the_next_upgrade_is_held_against_the_one_before(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was taken over once is not told as the bureau's own change."""
    published(office, {DIAGRAM: OWN})
    first = SHIPPED[SAID] + "# 一\n".encode()
    programs(monkeypatch, said=first)
    asked = office.asked(upgrade(office))
    office.do(releases.approve, "wang", asked.id, "同意")
    assert version(office) == 3
    second = first + "# 二\n".encode()
    programs(monkeypatch, said=second)
    files, who = standing(office, upgrade(office))
    assert (files[DIAGRAM], files[SAID]) == (OWN, second)
    assert who == {DIAGRAM: BUREAU, SAID: PROGRAM}


def test_a_version_that_was_brought_back_goes_back_to_what_it_came_from(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(office, {DIAGRAM: OWN})
    back = office.begin(version=1)
    office.do(drafting.import_files, "li", back.id, {SAID: SHIPPED[SAID] + b"# own\n"})
    asked = office.asked(office.draft(back.id))
    office.do(releases.approve, "wang", asked.id, "同意")
    programs(monkeypatch, diagram=PROGRAMS)
    files, who = standing(office, upgrade(office))
    assert (files[DIAGRAM], who) == (PROGRAMS, {DIAGRAM: PROGRAM, SAID: BUREAU})


def test_without_a_version_of_the_program_behind_it_nothing_is_taken_silently(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office.store.read() as session:
        assert upgrades.base_of(session, "nothing", 1) == {}
    own = changed(KEY, bpmn=lambda text: text.replace("制作会议记录", "整理会议记录"))
    assert Sides({}, own.files, SHIPPED, 1).merged() == dict(own.files)


def test_nobody_but_a_system_administrator_puts_an_upgrade_onto_anything(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs(monkeypatch, note=FORM)
    draft = upgrade(office)
    for login in ("officer1", "secadmin", "auditor"):
        with pytest.raises(Forbidden):
            office.do(upgrades.begin_from_upgrade, login, KEY, "并入", draft_id=new_id())
        with pytest.raises(Forbidden):
            office.do(upgrades.take_side, login, draft.id, NOTE, BUREAU, seen=1)
    for path, whose in ((NOTE, "nobody"), (DIAGRAM, PROGRAM), ("other.form", PROGRAM)):
        with pytest.raises(FashenError):
            office.do(upgrades.take_side, "li", draft.id, path, whose, seen=1)
