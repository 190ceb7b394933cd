"""Citations of the law in English."""

from __future__ import annotations

import re

import pytest

from webapp.articles import english, numeral
from workflows.calendar.rules import all_rules


@pytest.mark.parametrize(
    ("zh", "en"),
    [
        ("行政处罚法第六十四条第一项", "Administrative Penalties Law art. 64(1)"),
        ("国务院令第310号第五条", "State Council Decree 310 art. 5"),
        ("没有听说过的法第一条", "没有听说过的法第一条"),
    ],
)
def test_a_known_norm_is_cited_in_english_and_an_unknown_one_stays(zh: str, en: str) -> None:
    assert english(zh) == en


@pytest.mark.parametrize(("zh", "number"), [("五", 5), ("十", 10), ("十二", 12), ("六十四", 64), ("一百零八", 108)])
def test_numerals(zh: str, number: int) -> None:
    assert numeral(zh) == number


def test_every_time_limit_cites_its_norm_in_english() -> None:
    articles = [rule.article for versions in all_rules().values() for rule in versions]
    assert [english(one) for one in articles if re.search(r"[\u3400-\u9fff]", english(one))] == []
