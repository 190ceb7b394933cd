"""From the words of a law to the penalty types of 行政处罚法 9."""

from __future__ import annotations

import re
from collections.abc import Iterable

_WORDS: tuple[tuple[str, str], ...] = (
    (r"警告", "warning"),
    (r"通报批评", "criticism"),
    (r"罚款|按日连续处罚", "fine"),
    (r"没收.*违法所得", "confiscate_gains"),
    (r"没收(?!违法所得).*(物品|财物|化学品|产品|工具|设备)", "confiscate_goods"),
    (r"(暂扣|暂停).*(许可|证照|资格|执照)", "suspend_permit"),
    (r"降低资质", "lower_qualification"),
    (r"(吊销|撤销).*(许可|证|资格|资质|执照)", "revoke_permit"),
    (r"限制开展生产经营", "restrict_operation"),
    # Orders to stop unlawful conduct itself (责令停止违法行为, 停止非法生产) are no penalty; these are.
    (r"停产|停业|停止(建设|施工|生产|经营|使用)", "suspend_business"),
    (r"关闭", "close_down"),
    (r"限制从业|不得担任", "restrict_employment"),
    (r"拘留", "detention"),
)


def penalty_types(measures: Iterable[str]) -> list[str]:
    """Penalty type ids (`file.PENALTY_TYPES`) that the measures of one stage speak of, in the order of the law.

    Orders to correct (责令改正) and disciplinary sanctions (处分) are no administrative penalties and give nothing.
    """
    text = list(measures)
    return [kind for pattern, kind in _WORDS if any(re.search(pattern, words) for words in text)]
