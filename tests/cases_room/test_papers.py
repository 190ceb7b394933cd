"""What documents say, read from what officers wrote once."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.cases_room import path
from tests.cases_room.room import Room
from workflows.cases.file import Case, current_draft
from workflows.cases.papers import parts
from workflows.cases.papers.referral import offence_basis, offence_name


@pytest.mark.parametrize(
    ("law", "violated", "basis"),
    [
        ("违反《甲法》第三条第一款，依据《甲法》第九条第七项。", "《甲法》第三条第一款", "《甲法》第九条第七项"),
        ("违反了《甲条例》第三条的规定，应当依照该条例第六条的规定处罚", "《甲条例》第三条", "《甲条例》第六条"),
        ("违反《甲法》第一条的规定;根据《乙法》第二条的规定。", "《甲法》第一条", "《乙法》第二条"),
    ],
)
def test_the_norm_breached_and_the_norm_that_punishes_are_told_apart(
    room: Room, law: str, violated: str, basis: str
) -> None:
    draft = cast(Any, SimpleNamespace(law=law))
    with room.store.read() as session:
        assert parts.law(session, draft, ()) == (violated, basis)


def test_the_catalogue_says_what_punishes_where_the_officer_does_not(room: Room) -> None:
    path.file(room)
    path.investigate(room)
    path.conclude(room, law="《中华人民共和国安全生产法》第三十条第一款")
    with room.store.read() as session:
        draft = current_draft(session, room.case(session))
        assert draft is not None
        assert parts.law(session, draft, draft.penalties) == (
            "《中华人民共和国安全生产法》第三十条第一款", "《中华人民共和国安全生产法》第九十七条第（七）项",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("1. 现场检查记录，证明焊工无证作业\n2、照片四张", [("现场检查记录", "焊工无证作业"), ("照片四张", "")]),
        ("检查记录、照片（正面、侧面），相互印证。", [("检查记录", ""), ("照片（正面、侧面）", "")]),
        ("（一）询问笔录；（二）鉴定意见", [("询问笔录", ""), ("鉴定意见", "")]),
    ],
)
def test_each_piece_of_evidence_stands_alone(
    room: Room, written: str, expected: list[tuple[str, str]]
) -> None:
    draft = cast(Any, SimpleNamespace(evidence=written))
    with room.store.read() as session:
        pieces = parts.evidence(session, cast(Case, None), draft)
    assert [(piece["name"], piece.get("proves", "")) for piece in pieces] == expected


@pytest.mark.parametrize(
    ("title", "cause"),
    [("鑫达厂焊工无证案", "焊工无证"), ("焊工无证", "焊工无证"), ("鑫达厂焊工无证案案", "焊工无证")],
)
def test_the_cause_follows_a_party_s_name(title: str, cause: str) -> None:
    case = cast(Case, SimpleNamespace(title=title, parties=[SimpleNamespace(name="鑫达厂")]))
    assert parts.cause(case) == cause


def test_an_offence_brings_its_article(room: Room) -> None:
    room.open(matters=[{"matter_code": "CF-AQF-092-1"}])
    with room.store.read() as session:
        case = room.case(session)
        assert offence_name("危险作业罪(刑法第一百三十四条之一)") == "危险作业罪"
        for offence, article in (
            ("危险作业罪(刑法第一百三十四条之一)", "《中华人民共和国刑法》第一百三十四条之一"),
            ("提供虚假证明文件罪", "《中华人民共和国刑法》第二百二十九条"),
            ("重婚罪", "《中华人民共和国刑法》的有关规定"),
        ):
            assert offence_basis(session, case, offence) == article


def test_penalties_of_one_party_are_told_together() -> None:
    rows = [
        SimpleNamespace(types=["fine"], fine_fen=3_000_000, confiscation_fen=None, confiscation="",
                        measures="责令改正"),
        SimpleNamespace(types=["fine", "confiscate_gains"], fine_fen=50, confiscation_fen=100, confiscation="",
                        measures="责令改正"),
    ]  # fmt: skip
    part = parts.penalty_part(cast(Any, rows))
    assert part == {"types": ["fine", "confiscate_gains"], "fine_fen": 3_000_050, "confiscation_fen": 100,
                    "confiscation": "", "measures": "责令改正"}  # fmt: skip
    assert parts.penalty_words(part) == "罚款人民币叁万元伍角（￥30,000.50）、没收违法所得人民币壹元整（￥1.00）"
