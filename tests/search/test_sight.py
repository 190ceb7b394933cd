"""Nobody finds, counts or is shown what they may not see: the condition of the query against the rules of the rooms."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from tests.desk.conftest import Bureau
from tests.desk.operators.conftest import Trial
from tests.desk.operators.conftest import trial_on_both as trial_on_both
from workflows.calendar import clock
from workflows.cases import access, notes
from workflows.cases import commands as case_commands
from workflows.cases.file import HAND, Case, CaseOfficer, Draft, lock_case
from workflows.cases.meetings import AgendaItem, Meeting
from workflows.desk import notes as pinning
from workflows.desk import remarks
from workflows.desk.execute import execute
from workflows.search import answers, entries, sight
from workflows.search.answers import Answer, Question
from workflows.search.sources import SOURCES
from workflows.store import new_id

EVERYBODY = ("officer1", "officer2", "officer3", "unithead", "legal1", "legal2", "deputy", "head", "auditor", "admin",
             "kcofficer1", "counsel1")  # fmt: skip


def asks(trial: Trial, login: str, text: str, **narrowed: str) -> Answer:
    with trial.store.read() as session:
        return answers.answer(session, trial.bureau.actor(login), Question(text, **narrowed))


def found(trial: Trial, login: str, kind: str) -> set[str]:
    return {hit.row_id for hit in asks(trial, login, "证据", kind=kind).hits}


def may_read(trial: Trial, login: str) -> tuple[set[str], set[str]]:
    """Ids of the remarks and of the notes that the rooms give this person."""
    with trial.store.read() as session:
        actor, case = trial.bureau.actor(login), session.get_one(Case, trial.case_id)
        page = remarks.threads(session, actor, trial.case_id)
        said = {one.id for one in (*page.said, *page.answers)}
        sees = access.visible(session, actor, case)
        pinned = {one.id for one in notes.notes_of(session, actor, case)} if sees else set()
        return said, pinned


def talk(trial: Trial) -> None:
    """A remark and a note of each who has a voice, to each circle; a question with its answer; a note taken back.

    officer3 once had a hand in a step of the officers, and was never one of them.
    """
    with trial.store.work() as session:
        session.add(CaseOfficer(case_id=trial.case_id, person_id=trial.person("officer3"), position=HAND,
                                since=clock.now(), until=clock.now()))  # fmt: skip
    paper = {"sha256": "a" * 64, "size": 9, "name": "询问笔录.jpg", "media_type": "image/jpeg"}
    officer = trial.bureau.actor("officer1")
    material = execute(
        trial.store, case_commands.add_material, officer, trial.case_id, kind="evidence", file=paper
    )  # fmt: skip
    for login in ("officer1", "unithead", "legal1", "deputy"):
        for circle in ("case", "unit", "review"):
            trial.do(login, remarks.make_remark, trial.case_id, "请注意证据。", visibility=circle)
            pin = notes.Pin(page=1, text="证据编号有误。", circle=circle)
            trial.do(login, pinning.pin_note, trial.case_id, material.id, pin)
        trial.do(login, remarks.make_remark, trial.case_id, "证据一事，请勿外传。", visibility="people",
                 people=[trial.person("legal2"), trial.person("officer2")])  # fmt: skip
    asked = trial.do("legal1", remarks.put_question, trial.case_id, "证据原件在哪里？", trial.person("officer1"),
                     visibility="review")  # fmt: skip
    trial.do("officer1", remarks.answer_question, asked, "证据在档案室。")
    back = trial.do("legal1", pinning.pin_note, trial.case_id, material.id, notes.Pin(1, "证据齐。", "case"))
    execute(trial.store, notes.withdraw_note, trial.bureau.actor("legal1"), back)


def agrees(trial: Trial, login: str) -> None:
    said, pinned = may_read(trial, login)
    assert found(trial, login, "remark") == said, login
    assert found(trial, login, "note") == pinned, login
    whole = asks(trial, login, "证据")
    assert {kind: whole.counts[kind].number for kind in ("remark", "note") if kind in whole.counts} == {
        kind: len(ids) for kind, ids in (("remark", said), ("note", pinned)) if ids
    }, login


def withdraw(trial: Trial) -> None:
    """officer2's part ends, legal2 withdraws (回避) from the discussion by the leaders."""
    with trial.store.work() as session:
        case = lock_case(session, trial.case_id)
        part = session.scalars(
            select(CaseOfficer)
            .where(CaseOfficer.case_id == case.id, CaseOfficer.person_id == trial.person("officer2"))
        ).one()  # fmt: skip
        part.until = clock.now()
        draft = Draft(
            case_id=case.id, version=1, outcome="penalise", facts="", evidence="", law="", digest="0" * 64,
            created_at=clock.now(), created_by_id=trial.person("officer1"),
        )  # fmt: skip
        meeting = Meeting(
            bureau_id=case.bureau_id, title="集体讨论", place="会议室", planned_at=clock.now(),
            host_id=trial.person("head"), recorder_id=trial.person("legal1"),
        )  # fmt: skip
        session.add_all([draft, meeting])
        session.flush()
        recused = [{"person_id": trial.person("legal2"), "reason": "亲属"}]
        session.add(AgendaItem(meeting_id=meeting.id, case_id=case.id, draft_id=draft.id, purpose="decision",
                               draft_digest="0" * 64, recused=recused))  # fmt: skip


def test_remarks_and_notes_are_found_by_exactly_those_who_may_read_them(trial_on_both: Trial) -> None:
    talk(trial_on_both)
    for login in EVERYBODY:
        agrees(trial_on_both, login)
    withdraw(trial_on_both)
    for login in EVERYBODY:
        agrees(trial_on_both, login)
    assert found(trial_on_both, "legal2", "remark") == set()
    assert len(found(trial_on_both, "legal1", "remark")) > 5
    assert found(trial_on_both, "officer3", "remark"), "who only had a hand in it withdrew from nothing"


def test_a_case_that_one_does_not_see_leaves_no_trace(bureau: Bureau) -> None:
    case_id = bureau.open(title="某某泄密案", summary="丙公司")
    with bureau.store.read() as session:
        for login in EVERYBODY:
            actor = bureau.actor(login)
            answer = answers.answer(session, actor, Question("泄密"))
            sees = access.visible_id(session, actor, case_id)
            assert bool(answer.counts) is bool(answer.hits) is bool(answer.total.number) is sees, login


def test_what_others_have_does_not_move_what_one_has(bureau: Bureau) -> None:
    """Order and pages of one's own hits are the same, whatever is written in cases that one does not see."""
    mine = [bureau.open(), bureau.open()]

    def order() -> list[tuple[str, str]]:
        with bureau.store.read() as session:
            found = answers.answer(session, bureau.actor("officer1"), Question("附件厂"))
            return [(hit.kind, hit.case.id) for hit in found.hits]

    before = order()
    with bureau.store.work() as session:
        for _ in range(3):
            copied = session.get_one(Case, mine[0])
            values = {column.name: getattr(copied, column.name) for column in Case.__table__.columns}
            other = bureau.actor("kcofficer1")
            session.add(Case(**{**values, "id": new_id(), "bureau_id": other.unit_id, "unit_id": other.unit_id,
                                "opened_by_id": other.person_id, "title": "附件厂" * 9}))  # fmt: skip
    assert order() == before


def test_a_kind_without_a_rule_is_found_by_nobody(bureau: Bureau) -> None:
    case_id = bureau.open()
    with bureau.store.work() as session:
        entries.write(session.connection(), [entries.Found("party", "p", case_id, "传闻")])
        session.execute(update(entries.SearchEntry).values(kind="rumour").where(entries.SearchEntry.row_id == "p"))
    with bureau.store.read() as session:
        assert not answers.answer(session, bureau.actor("auditor"), Question("传闻")).counts


def test_every_kind_has_a_rule(sqlite_bureau: Bureau) -> None:
    with sqlite_bureau.store.read() as session:
        assert set(sight.seen(session, sqlite_bureau.actor("auditor"))) == set(SOURCES)


def test_who_sees_some_cases_and_who_sees_many_find_the_same(
    trial_on_both: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The two ways of looking: through the texts of a few cases, and through the index of all."""
    talk(trial_on_both)
    words = ("证", "请注意证据", "无证人员 附件厂", "91330", "没有")
    found = {(login, text): [(hit.kind, hit.row_id) for hit in asks(trial_on_both, login, text).hits]
             for login in ("officer2", "legal1", "auditor", "admin") for text in words}  # fmt: skip
    monkeypatch.setattr(sight, "FEW", 0)
    for (login, text), hits in found.items():
        assert [(hit.kind, hit.row_id) for hit in asks(trial_on_both, login, text).hits] == hits, (login, text)
