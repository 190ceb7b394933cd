"""A case file with what people do besides its steps: `weave` puts steps before, after or instead of those of the file.

case: name of the case file; weave: entries {before|after|instead: element or {step, number}, steps}; a step is one of
the case file's kind ({at, by, task, answer}), {at, by, again: element} (the file's answer to that step once more; of
several, the one it stands at), or {at, by, operator, task, …} with what the operator's page asks for. `for`: whose task
a substitute does; `kind`: what was asked beside a step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from workflows import play

HERE = Path(__file__).parent
PLACES = ("before", "after", "instead")


@dataclass(frozen=True)
class Woven:
    """The file that is carried, and all its steps in their order."""

    script: play.Script
    steps: list[Mapping[str, Any]]

    def operators(self) -> list[Mapping[str, Any]]:
        """What is done besides the steps, in order: operators, and steps done for somebody."""
        return [step for step in self.steps if step.get("operator") or step.get("for")]


def read(name: str) -> Woven:
    """A case file of tests/cases with its operators."""
    said = yaml.safe_load((HERE / f"{name}.yaml").read_text("utf-8"))
    script = play.read(HERE.parent / f"{said['case']}.yaml")
    found = list(script.steps)
    for entry in said["weave"]:
        place = next(one for one in PLACES if one in entry)
        at = _place(script.steps, entry[place])
        more = [_whole(step, script.steps[: at + 1]) for step in entry["steps"]]
        here = next(number for number, step in enumerate(found) if step is script.steps[at])
        start, end = here + (place == "after"), here + (place != "before")
        found[start:end] = more
    moments = [play.moment(step["at"]) for step in found]
    assert moments == sorted(moments), f"{name}: steps out of order"
    return Woven(script, found)


def _place(steps: list[Mapping[str, Any]], told: Any) -> int:
    element, number = (told["step"], told["number"]) if isinstance(told, dict) else (told, 1)
    return [place for place, step in enumerate(steps) if step.get("task") == element][number - 1]


def _whole(step: Mapping[str, Any], earlier: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The step with the answer that the file gave last, where it is one done again."""
    if "again" not in step:
        return step
    last = next(one for one in reversed(earlier) if one.get("task") == step["again"])
    return {**step, "task": step["again"], "answer": last.get("answer") or {}}
