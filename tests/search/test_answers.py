"""What is found, in which order, and how much of it is said to be there."""

from __future__ import annotations

import pytest
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from tests.desk.conftest import Bureau
from tests.search.conftest import Ask
from workflows.cases import commands as case_commands
from workflows.cases.file import Case, lock_case
from workflows.desk.execute import execute
from workflows.search import answers, naming, rebuilding


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


def papers(bureau: Bureau, case_id: str, *names: str) -> None:
    for number, name in enumerate(names):
        file = {"sha256": f"{number:064x}", "size": 9, "name": f"{name}.jpg", "media_type": "image/jpeg"}
        execute(bureau.store, case_commands.add_material, bureau.actor("officer1"), case_id, kind="evidence", file=file)


def test_a_word_may_stand_in_what_the_case_says_of_itself(bureau: Bureau, ask: Ask) -> None:
    """One word at least stands in what is found; the others there or with the case: its title, parties, matters."""
    first, second = bureau.open(title="无证焊接案"), bureau.open(title="未组织演练案")
    papers(bureau, first, "询问笔录", "现场照片")
    papers(bureau, second, "询问笔录二")
    for text, cases in (
        ("无证焊接 询问笔录", {first}), ("询问笔录 附件厂", {first, second}), ("CF-AQF-097 询问笔录 演练", {second}),
        ("演练 现场照片", set()), ("消防 询问笔录", set()),
    ):  # fmt: skip
        found = ask("officer1", text)
        assert {hit.case.id for hit in found.hits if hit.kind == "material"} == cases, text
        assert all(any(piece.hit for piece in hit.excerpt) for hit in found.hits), text
    assert kinds(ask("officer1", "无证焊接 附件厂")) == {"case": 1, "party": 1}
    assert kinds(ask("officer1", "演练 询问笔录", state="closed")) == {}


def test_a_word_that_names_too_many_cases_stands_in_the_entry(
    bureau: Bureau, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(naming, "MOST", 1)
    first, second = bureau.open(title="无证焊接案"), bureau.open(title="未组织演练案")
    for case_id in (first, second):
        papers(bureau, case_id, "询问笔录", "附件厂询问笔录")
    assert kinds(ask("officer1", "附件厂 询问笔录")) == {"material": 2}
    assert kinds(ask("officer1", "附件厂 演练 询问笔录")) == {"material": 2}, "another word names the case"


def test_halves_of_a_question_are_counted_and_paged_together(bureau: Bureau, ask: Ask) -> None:
    case_id = bureau.open()
    papers(bureau, case_id, *(f"{'无证' if number % 2 else ''}笔录{number}" for number in range(answers.SIZE + 3)))
    pages = [ask("officer1", "无证 笔录", number) for number in (1, 2)]
    assert pages[0].total.number == answers.SIZE + 3
    rows = [hit.row_id for page in pages for hit in page.hits]
    assert len(set(rows)) == len(rows) == answers.SIZE + 3


def test_what_one_may_not_see_names_nothing(bureau: Bureau, ask: Ask) -> None:
    case_id = bureau.open(title="无证焊接案")
    papers(bureau, case_id, "询问笔录")
    assert kinds(ask("officer1", "无证焊接 询问笔录")) == {"material": 1}
    assert kinds(ask("officer3", "无证焊接 询问笔录")) == {}


def test_a_case_is_found_by_its_matter(bureau: Bureau, ask: Ask) -> None:
    bureau.open()
    for text in ("CF-AQF-097-1-07", "cf-aqf-097", "ＣＦ－ＡＱＦ－０９７"):
        assert kinds(ask("officer1", text)) == {"case": 1}, text
    assert kinds(ask("officer1", "CF-AQF-096")) == {}


def test_a_question_of_one_word_asks_nothing_more(bureau: Bureau, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    bureau.open()

    def unasked(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(naming, "missing", unasked)
    assert kinds(ask("officer1", "附件厂")) == {"case": 1, "party": 1}
    with pytest.raises(AssertionError):
        ask("officer1", "附件厂 询问笔录")


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


def test_a_case_that_lost_its_own_entry_gets_it_back(bureau: Bureau, ask: Ask) -> None:
    """What 0026 leaves to the upgrade; the text of files is not read anew."""
    case_id = bureau.open()
    papers(bureau, case_id, "询问笔录")
    with bureau.store.work() as session:
        session.execute(sql("DELETE FROM search_entry WHERE kind = 'case'"))
        kept = session.execute(sql("SELECT id FROM search_entry ORDER BY id")).scalars().all()
    assert rebuilding.missing(bureau.store)
    rebuilding.fill(bureau.store)
    assert not rebuilding.missing(bureau.store)
    with bureau.store.read() as session:
        assert session.execute(sql("SELECT id FROM search_entry ORDER BY id")).scalars().all()[: len(kept)] == kept
    assert kinds(ask("officer1", "CF-AQF-097")) == {"case": 1}
