"""Citations of Chinese law in English: 行政处罚法第六十四条第一项 → Administrative Penalties Law, art. 64(1)."""

from __future__ import annotations

import re

LAWS: dict[str, str] = {
    "安全生产违法行为行政处罚办法": "Measures on Penalties for Work Safety Offences",
    "人民检察院办理行政执法机关移送涉嫌犯罪案件的规定": "Procuratorate Rules on Referred Cases",
    "行政处罚法": "Administrative Penalties Law",
    "行政强制法": "Administrative Compulsion Law",
    "行政许可法": "Administrative Licensing Law",
    "行政复议法": "Administrative Reconsideration Law",
    "行政诉讼法": "Administrative Litigation Law",
    "民事诉讼法": "Civil Procedure Law",
    "安全生产法": "Work Safety Law",
    "国务院令第310号": "State Council Decree 310",
    "国务院令第493号": "State Council Decree 493",
    "国办发〔2018〕118号": "State Council Office [2018] 118",
    "应急〔2019〕54号": "Emergency Management [2019] 54",
    "（2017年修正）": " (2017)",
    "（及时立案）": " (without delay)",
    "（法律未定期限，本机关规定）": " (no limit in the law; set by this bureau)",
    "（法律未定期限）": " (no limit in the law)",
    "，": "; ",
    "、第": ", 第",
}
"""Norms and remarks that the time limits cite; longer ones stand before those that they contain."""

_DIGITS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_NUMBER = "[一二三四五六七八九十百]+"
_ARTICLE = re.compile(rf"第({_NUMBER})条(?:之({_NUMBER}))?(?:第({_NUMBER})款)?(?:第({_NUMBER})项)?")
_CHINESE = re.compile(r"[\u3400-\u9fff]")


def english(article: str) -> str:
    """A citation in English; as it stands where a norm is not known here."""
    told = article
    for zh, en in LAWS.items():
        told = told.replace(zh, en)
    told = re.sub(r"\s{2,}", " ", _ARTICLE.sub(_article, told)).strip().replace(" ,", ",")
    return article if _CHINESE.search(told) else told


def _article(found: re.Match[str]) -> str:
    number, after, paragraph, item = found.groups()
    told = f" art. {numeral(number)}" + (f"-{numeral(after)}" if after else "")
    return told + (f" para. {numeral(paragraph)}" if paragraph else "") + (f"({numeral(item)})" if item else "")


def numeral(text: str) -> int:
    """A Chinese numeral below a thousand: 一百零八, 六十四, 十."""
    hundreds, _, rest = text.replace("零", "").rpartition("百")
    tens, ten, ones = rest.rpartition("十")
    return (
        100 * (_DIGITS.get(hundreds, 0)) + (10 * _DIGITS.get(tens, 1) if ten else 0) + _DIGITS.get(ones, 0)
    )
