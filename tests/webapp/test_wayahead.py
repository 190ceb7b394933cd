"""The way ahead is told in officials' words: on which condition, and on what it rests where nobody has decided."""

from __future__ import annotations

import pytest

from tests.webapp.site import Site
from webapp.wayahead import condition_of, rest_of, rule_of
from workflows.desk.places import Rule


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


@pytest.mark.parametrize(("rule", "told"), [
    (Rule("all", False, 3, 3), "须全部同意：有一人不同意的，会签即以不通过结束，其余人员不再签署。"),
    (Rule("all", True, 3, 3), "按顺序依次签署。须全部同意：有一人不同意的，会签即以不通过结束，其余人员不再签署。"),
    (Rule("any", False, 1, 3), "有一人同意即通过，会签结束，其余人员不再签署；全部不同意的，不通过。"),
    (Rule("share", False, 2, 3),
     "3 人中有 2 人同意即通过，不足的不通过；结果一经确定即结束，其余人员不再签署。"),
    (Rule("until", False, 0, 0), "符合流程规定的条件时会签即结束，其余人员不再签署。"),
    (Rule("", False, 0, 0), "每名签署人均须签署。"),
    (Rule("", True, 0, 0), "按顺序依次签署。每名签署人均须签署。"),
])  # fmt: skip
def test_the_rule_of_a_round_is_told_in_words(site: Site, rule: Rule, told: str) -> None:
    with site.app.test_request_context("/"):
        assert rule_of(rule) == told
