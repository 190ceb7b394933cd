"""What is found, in which order, and how much of it is said to be there."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.desk.conftest import Bureau
from tests.search.conftest import Ask
from workflows.cases import commands as case_commands
from workflows.cases.file import Case, lock_case
from workflows.desk.execute import execute
from workflows.search import answers, rebuilding


def kinds(answer: answers.Answer) -> dict[str, int]:
    return {kind: count.number for kind, count in answer.counts.items()}


def test_a_case_is_found_by_its_words_and_its_parties(bureau: Bureau, ask: Ask) -> None:
    case_id = bureau.open()
    for text in (
        "无证", "焊", "特种作业操作证", "附件厂", "某车辆附件厂 无证人员", "９１３３０２１２ma", "柯城区", "张某",
        "附件厂，上岗",
    ):  # fmt: skip
        found = ask("officer1", text)
        assert {hit.case.id for hit in found.hits} == {case_id}, text
        assert any(piece.hit for piece in found.hits[0].excerpt), text


def test_nothing_is_found_that_does_not_stand_there(bureau: Bureau, ask: Ask) -> None:
    bureau.open()
    for text in ("", "　 ，", "无人", "证无", "焊工 消防", "330212", "MA0000000", "x" * 300):
        assert kinds(ask("officer1", text)) == {}


def test_a_number_is_found_whichever_brackets_are_typed(bureau: Bureau, ask: Ask) -> None:
    case_id = bureau.open()
    with bureau.store.work() as session:
        lock_case(session, case_id).number = "衢应急罚〔2024〕12号"
    for text in ("衢应急罚〔2024〕12号", "应急罚[2024]12号", "应急罚（２０２４）12 号", "应急罚2024"):
        assert kinds(ask("officer1", text)) == {"case": 1}, text
    for text in ("应急罚〔2024〕1号", "应急罚〔2024〕121号", "应急罚〔202〕12号"):
        assert kinds(ask("officer1", text)) == {}, text


HOSTILE = (
    '"', "'", '") OR 1=1 --', "焊* OR *", "NEAR(焊 工)", "grams:焊", "-焊", "^焊", "焊 AND NOT", "{a b}:c",
    "\x00焊", "焊 & !x", "焊:*", "焊\\", "%", "_", "焊" * 10_000, "(" * 10_000,
    "a AND b OR c NOT d", "近" * 5 + " " * 9000,
)  # fmt: skip


def test_a_question_is_plain_text_whatever_it_looks_like(bureau: Bureau, ask: Ask) -> None:
    bureau.open()
    for text in HOSTILE:
        assert ask("officer1", text).total.number in (0, 1), text


def test_what_changes_is_found_by_its_new_words_only(bureau: Bureau, ask: Ask) -> None:
    case_id = bureau.open()
    with bureau.store.work() as session:
        case = lock_case(session, case_id)
        case.title, case.parties[0].name = "未按规定组织演练", "乙公司"
    assert kinds(ask("officer1", "无证人员上岗作业")) == {}
    assert kinds(ask("officer1", "附件厂")) == {}
    assert kinds(ask("officer1", "乙公司")) == {"case": 1, "party": 1}
    assert kinds(ask("officer1", "组织演练")) == {"case": 1}


def test_what_is_taken_back_is_not_found(bureau: Bureau, ask: Ask) -> None:
    case_id = bureau.open()

    def rename(session: Session) -> None:
        lock_case(session, case_id).title = "从未发生"
        session.flush()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), bureau.store.work() as session:
        rename(session)
    with bureau.store.work() as session, pytest.raises(ZeroDivisionError), session.begin_nested():
        rename(session)
    assert kinds(ask("officer1", "从未发生")) == {}
    assert kinds(ask("officer1", "无证人员")) == {"case": 1}


def test_pages_hold_every_hit_once_and_names_of_cases_come_first(bureau: Bureau, ask: Ask) -> None:
    case_id = bureau.open()
    for number in range(answers.SIZE + 3):
        paper = {"sha256": f"{number:064x}", "size": 9, "name": f"车辆{number}.jpg", "media_type": "image/jpeg"}
        officer = bureau.actor("officer1")
        execute(bureau.store, case_commands.add_material, officer, case_id, kind="evidence", file=paper)
    pages = [ask("officer1", "车辆", number) for number in (1, 2, 9)]
    assert [page.page for page in pages] == [1, 2, 2]
    hits = [(hit.kind, hit.row_id) for page in pages[:2] for hit in page.hits]
    assert len(set(hits)) == len(hits) == pages[0].total.number == answers.SIZE + 5
    assert [kind for kind, _ in hits][:3] == ["case", "party", "material"]
    only = ask("officer1", "车辆", kind="party")
    assert [hit.kind for hit in only.hits] == ["party"]
    assert kinds(only) == kinds(pages[0])


def test_counting_stops(bureau: Bureau, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MOST", 2)
    for _ in range(3):
        bureau.open()
    found = ask("officer1", "附件厂")
    assert {kind: str(count) for kind, count in found.counts.items()} == {"case": "2+", "party": "2+"}
    assert (str(found.total), len(found.hits)) == ("4+", 4)


def test_a_question_is_narrowed_to_cases(bureau: Bureau, ask: Ask) -> None:
    case_id = bureau.open()
    with bureau.store.read() as session:
        case = session.get_one(Case, case_id)
    for name, fits, fits_not in (
        ("case_kind", case.kind, "admin_license"), ("unit", case.unit_id, case.bureau_id),
        ("state", case.state, "closed"), ("year", 2024, 2023),
    ):  # fmt: skip
        assert ask("officer1", "附件厂", **{name: fits}).total.number == 2
        assert ask("officer1", "附件厂", **{name: fits_not}).total.number == 0


def test_an_index_made_anew_finds_the_same(bureau: Bureau, ask: Ask) -> None:
    bureau.open()
    bureau.open(title="未按规定组织演练")
    before = [(hit.kind, hit.row_id, hit.excerpt) for hit in ask("officer1", "附件厂").hits]
    assert not rebuilding.missing(bureau.store)
    assert rebuilding.rebuild(bureau.store) == 2
    after = [(hit.kind, hit.row_id, hit.excerpt) for hit in ask("officer1", "附件厂").hits]
    assert sorted(map(str, after)) == sorted(map(str, before))
