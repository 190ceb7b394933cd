"""What a notice says outside of the house where nobody told the program under which address the house is reached."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from workflows.notices import letters
from workflows.notices.letters import Item

AT = datetime(2026, 3, 4, 1, 30, tzinfo=UTC)
NUMBERED, UNFILED = Item("tasks", "（衢）应急立〔2026〕7号", "/tasks/t1", AT), Item("tasks", "", "/tasks/t2", AT)


@pytest.mark.parametrize(("item", "where"), [
    (NUMBERED, "请登录法审系统，在“通知”页查看，或者在工作台按案号（衢）应急立〔2026〕7号查找。"),
    (UNFILED, "请登录法审系统，在“通知”页查看。"),
])  # fmt: skip
def test_without_an_address_a_message_says_where_to_look_instead(item: Item, where: str) -> None:
    for digest in (False, True):
        told = letters.letter("1", "wang@example.gov.cn", "王某", [item], address="", language="zh", digest=digest)
        assert where in told.text
        (said,) = letters.content([item], address="", digest=digest)["notices"]
        assert (said["url"], said["where"]) == (None, where)


def test_with_an_address_a_message_has_its_link_and_nothing_else() -> None:
    told = letters.letter("1", "a@b.cn", "王某", [NUMBERED], address="https://fashen", language="zh", digest=False)
    assert "查看：https://fashen/tasks/t1" in told.text and "请登录法审系统" not in told.text
    (said,) = letters.content([NUMBERED], address="https://fashen", digest=False)["notices"]
    assert (said["url"], "where" in said) == ("https://fashen/tasks/t1", False)
