"""The way ahead is told in officials' words: on which condition, and on what it rests where nobody has decided."""

from __future__ import annotations

import pytest

from webapp.wayahead import condition_of, rest_of


@pytest.mark.parametrize(("question", "answer", "told"), [
    ("申请听证？", "是", "申请听证的"),
    ("申请听证？", "否", "不申请听证的"),
    ("是否齐全？", "需补充", "需补充的"),
    ("初审意见？", "同意", "初审意见为“同意”的"),
    ("何种意见？", "建议纠正", "建议纠正的"),
    ("集体讨论？", "无须集体讨论", "无须集体讨论的"),
    ("查封扣押？", "报批", "查封扣押：报批"),
    ("", "批准", "批准的"),
])  # fmt: skip
def test_a_flow_is_told_as_the_condition_on_which_it_is_taken(question: str, answer: str, told: str) -> None:
    assert condition_of(question, answer) == told


@pytest.mark.parametrize(("question", "told"), [
    ("申请听证？", "是否申请听证"), ("是否立案？", "是否立案"), ("审核结论？", "审核结论"), ("有无变化？", "有无变化"),
])  # fmt: skip
def test_what_is_not_decided_yet_rests_on_the_question(question: str, told: str) -> None:
    assert rest_of(question) == told
