"""A confined process answers, and neither a hang nor a death of it is the end."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.hostile.confined import Confined, Died, Hung


def prepare() -> Callable[[Any], Any]:
    def work(item: Any) -> Any:
        if item == "hang":
            time.sleep(600)
        if item == "die":
            os._exit(1)
        return item * 2

    return work


def test_hangs_and_deaths_are_told_and_the_next_item_is_answered() -> None:
    with Confined(prepare) as process:
        assert process.ask(2, 60) == 4
        with pytest.raises(Hung):
            process.ask("hang", 0.2)
        assert process.ask("a", 60) == "aa"
        with pytest.raises(Died):
            process.ask("die", 60)
        assert process.ask(1, 60) == 2
        assert 0 < process.peak_megabytes < 200


def test_the_memory_told_is_that_of_the_confined_process() -> None:
    held = b"x" * 300_000_000
    with Confined(prepare) as process:
        process.ask(1, 60)
        assert process.peak_megabytes < 200, len(held)
