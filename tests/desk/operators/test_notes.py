"""Notes pinned to pages of the file: who writes, who reads, who takes back, and that no account of the case tells."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from tests.desk.operators.conftest import Trial
from workflows import ledger
from workflows.calendar import clock
from workflows.cases import circles, notes
from workflows.cases import commands as case_commands
from workflows.cases.file import Case, CaseOfficer, Draft
from workflows.cases.meetings import AgendaItem, Meeting
from workflows.desk import notes as pinning
from workflows.desk import remarks
from workflows.desk.execute import execute
from workflows.errors import Forbidden, Invalid, NotFound
from workflows.store import new_id

EVERYBODY = ("officer1", "officer2", "unithead", "legal1", "legal2", "deputy", "auditor", "admin", "kcofficer1")
PIN = notes.Pin(page=3, text="签名日期早于询问日期。", circle="case", point="RP3", x=420, y=610)


def material(trial: Trial) -> str:
    """A paper in the file; its id."""
    paper = {"sha256": "a" * 64, "size": 9, "name": "询问笔录.pdf", "media_type": "application/pdf"}
    actor = trial.bureau.actor("officer1")
    made = execute(trial.store, case_commands.add_material, actor, trial.case_id, kind="evidence", file=paper)
    return made.id


def pin(trial: Trial, login: str, material_id: str, **changes: Any) -> str:
    made: str = trial.do(login, pinning.pin_note, trial.case_id, material_id, replace(PIN, **changes))
    return made


def reads(trial: Trial, login: str) -> list[str]:
    with trial.store.read() as session:
        case = session.get_one(Case, trial.case_id)
        return [one.id for one in notes.notes_of(session, trial.bureau.actor(login), case)]


@pytest.mark.parametrize(("author", "circle", "readers"), [
    ("legal1", "case", {"officer1", "officer2", "unithead", "legal1", "legal2", "deputy", "auditor"}),
    ("legal1", "review", {"legal1", "legal2"}),
    ("officer1", "unit", {"officer1", "officer2", "unithead"}),
    ("legal1", "unit", {"legal1", "officer1", "officer2", "unithead"}),
])  # fmt: skip
def test_a_note_is_read_by_its_circle_and_its_author_only(trial: Trial, author, circle, readers):
    made = pin(trial, author, material(trial), circle=circle)
    assert {login for login in EVERYBODY if made in reads(trial, login)} == readers


def test_a_note_knows_its_place_and_its_point_and_is_in_the_chain_beside_the_record(trial_on_both: Trial):
    trial = trial_on_both
    made = pin(trial, "legal1", material(trial), circle="review")
    with trial.store.read() as session:
        row = session.get_one(notes.PageNote, made)
        assert (row.page, row.x, row.y, row.point, row.text) == (3, 420, 610, "RP3", PIN.text)
        told = ledger.history(session, f"case:{trial.case_id}", only={"PageNotePinned"})
        assert [one.data["note_id"] for one in told] == [made]
        assert "签名" not in str(told[0].data)
        assert "PageNotePinned" not in {one.event for one in ledger.timeline(session, trial.case_id)}
    trial.check()


def test_its_author_takes_a_note_back_and_nobody_else(trial: Trial):
    made = pin(trial, "legal1", material(trial))
    with pytest.raises(NotFound, match=r"note\.unknown"):
        execute(trial.store, notes.withdraw_note, trial.bureau.actor("legal2"), made)
    for _ in range(2):
        execute(trial.store, notes.withdraw_note, trial.bureau.actor("legal1"), made)
    assert reads(trial, "legal1") == []
    with trial.store.read() as session:
        assert session.get_one(notes.PageNote, made).withdrawn_at is not None
        assert len(ledger.history(session, f"case:{trial.case_id}", only={"PageNoteWithdrawn"})) == 1
    trial.check()


@pytest.mark.parametrize(("changes", "code"), [
    ({"text": " "}, "note.text"), ({"text": "字" * 1001}, "note.text"), ({"page": 0}, "note.page"),
    ({"page": 10_000}, "note.page"), ({"circle": "people"}, "note.circle"), ({"point": "RP99"}, "note.point"),
    ({"x": None}, "note.place"), ({"y": 1001}, "note.place"), ({"x": -1}, "note.place"),
])  # fmt: skip
def test_what_is_no_note_is_refused_at_its_field(trial: Trial, changes, code):
    with pytest.raises(Invalid) as refused:
        pin(trial, "legal1", material(trial), **changes)
    assert refused.value.code == code


def test_nobody_notes_in_a_file_that_is_not_theirs_to_work_in(trial: Trial):
    paper = material(trial)
    with pytest.raises(NotFound, match=r"case\.unknown"):
        pin(trial, "kcofficer1", paper)
    with pytest.raises(Forbidden, match=r"note\.looking_on"):
        pin(trial, "auditor", paper)
    with pytest.raises(NotFound, match=r"material\.unknown"):
        pin(trial, "legal1", new_id())


def test_the_same_note_sent_twice_is_one(trial: Trial):
    paper, key, actor = material(trial), new_id(), trial.bureau.actor("legal1")
    made = {execute(trial.store, pinning.pin_note, actor, trial.case_id, paper, PIN, key=key) for _ in range(2)}
    assert reads(trial, "legal1") == list(made)


def test_a_material_takes_so_many_notes_and_no_more(trial: Trial, monkeypatch):
    monkeypatch.setattr(notes, "MOST", 1)
    paper = material(trial)
    made = pin(trial, "legal1", paper)
    with pytest.raises(Invalid, match=r"note\.too_many"):
        pin(trial, "legal1", paper)
    execute(trial.store, notes.withdraw_note, trial.bureau.actor("legal1"), made)
    pin(trial, "legal1", paper)  # what was taken back makes room


def leaves(trial: Trial, login: str) -> None:
    """Somebody's part in the case ends, as a decision on recusal ends it."""
    with trial.store.work() as session:
        wanted = select(CaseOfficer).where(
            CaseOfficer.case_id == trial.case_id, CaseOfficer.person_id == trial.person(login)
        )
        session.execute(wanted).scalar_one().until = clock.now()


def test_an_officer_who_withdrew_reads_no_note_and_no_remark_and_writes_none(trial: Trial):
    paper = material(trial)
    pin(trial, "officer2", paper)
    trial.do("officer2", remarks.make_remark, trial.case_id, "我先看第二页。", visibility="case")
    asked = trial.do("legal1", remarks.put_question, trial.case_id, "原件呢？", trial.person("officer2"),
                     visibility="case")  # fmt: skip
    leaves(trial, "officer2")
    actor = trial.bureau.actor("officer2")
    with trial.store.read() as session:
        case = session.get_one(Case, trial.case_id)
        assert circles.of(session, actor, case) == frozenset()
        assert notes.notes_of(session, actor, case) == []
        assert remarks.threads(session, actor, case.id) == remarks.Threads()
        assert remarks.questions_to(session, actor) == []
        assert not notes.may_note(session, actor, case)
        assert not remarks.may_speak(session, actor, case)
        assert actor.person_id not in {person.id for person, _post in circles.readers(session, case)}
    with pytest.raises(Forbidden, match=r"note\.withdrawn"):
        pin(trial, "officer2", paper)
    with pytest.raises(Forbidden, match=r"remark\.withdrawn"):
        trial.do("officer2", remarks.make_remark, trial.case_id, "还有一句。", visibility="case")
    with pytest.raises(NotFound, match=r"remark\.unknown"):
        trial.do("officer2", remarks.answer_question, asked, "在我这里。")
    with pytest.raises(Invalid, match=r"remark\.withdrew"):
        trial.do("legal1", remarks.make_remark, trial.case_id, "请看。", visibility="people", people=[actor.person_id])


def test_a_leader_who_withdrew_from_the_discussion_reads_none_of_what_is_said_aside(trial: Trial):
    deputy = trial.person("deputy")
    made = trial.do("legal1", remarks.make_remark, trial.case_id, "请注意。", visibility="case")
    with trial.store.work() as session:
        meeting = Meeting(
            bureau_id=session.get_one(Case, trial.case_id).bureau_id, title="集体讨论", place="会议室",
            host_id=deputy, recorder_id=deputy, planned_at=clock.now(),
        )  # fmt: skip
        draft = Draft(case_id=trial.case_id, version=1, outcome="penalise", facts="", evidence="", law="",
                      digest="a" * 64, created_at=clock.now(), created_by_id=deputy)  # fmt: skip
        session.add_all([meeting, draft])
        session.flush()
        session.add(AgendaItem(
            meeting_id=meeting.id, case_id=trial.case_id, purpose="decision", draft_id=draft.id, draft_digest="a" * 64,
            recused=[{"person_id": deputy, "reason": "亲属"}],
        ))  # fmt: skip
    with trial.store.read() as session:
        said = {login: remarks.threads(session, trial.bureau.actor(login), trial.case_id).said
                for login in ("head", "deputy")}  # fmt: skip
        assert [one.id for one in said["head"]] == [made]
        assert said["deputy"] == ()


def test_readers_are_those_who_see_the_case_and_have_a_voice(trial: Trial):
    with trial.store.read() as session:
        found = {person.login for person, _post in circles.readers(session, session.get_one(Case, trial.case_id))}
    assert {"officer1", "officer2", "unithead", "legal1", "legal2", "deputy", "head"} <= found
    assert not found & {"auditor", "admin", "kcofficer1"}
