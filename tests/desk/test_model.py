"""Random operators on random diagrams: no lost task, no double task, no dead case, history complete (issue 4).

By the same seeds in every run, though hypothesis also draws numbers that stand in the modules it finds loaded. Others,
and more of them: `python -m tests.durability D7.operators`.
"""

from __future__ import annotations

from collections import Counter
from itertools import count
from typing import Any

import pytest

from tests.desk.model import machine, scene
from tests.desk.model.signers import DIVIDED

SEQUENCES = 300


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> scene.Scene:
    """24 diagrams in one database."""
    return scene.make(tmp_path_factory.mktemp("model"), 0, 24)


def test_three_hundred_sequences_of_operators_do_what_the_model_says(stage: scene.Scene) -> None:
    counts = Counter[Any]()
    for number in count():
        if counts["sequences"] >= SEQUENCES:  # hypothesis plays some besides those that it counts
            break
        machine.run(stage, max(10, (SEQUENCES - counts["sequences"]) * 4 // 5), counts, number=number)
    done = {name for name, heard in (key for key in counts if isinstance(key, tuple)) if heard == "done"}
    assert done >= {
        "complete", "claim", "reassign", "delegate", "return again", "withdraw", "recall", "after",
        "answer", "unask", "charge", "draft", "recuse",
    }  # fmt: skip
    assert counts[DIVIDED] >= SEQUENCES / 30, "steps that not all who sign agree to were hardly reached"
