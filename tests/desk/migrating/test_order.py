"""No move carries a case over what the law wants done before: neither by a mapping nor by where it would stand."""

from __future__ import annotations

import pytest

from tests.engine.drawing import NOW, begin, do, end, flows, properties, read, start, user
from workflows.desk.migrating.order import left_behind, other_acts
from workflows.diagrams.correspondence import changed, require
from workflows.diagrams.standing import Version
from workflows.engine.runtime import Instance
from workflows.errors import Invalid
from workflows.store import Store


def act(name: str) -> str:
    return properties(act=name)


OLD = read(start(), user("check", act("unit_check")), user("prepare"), user("review", act("review_conclusion")),
           user("file", act("archive")), end(), flows("start > check > prepare > review > file > end"))
NEW = read(start(), user("checked", act("unit_check")), user("ready"), user("review", act("review_conclusion")),
           user("after"), user("file", act("archive")), end(),
           flows("start > checked > ready > review > after > file > end"))


def behind(store: Store, element: str) -> list[tuple[str, str]]:
    """What the law misses of a case at the step without an act, moved to a step of the new version."""
    case = begin(OLD)
    do(case, "check")
    moved: Instance = case.migrate({"sample": NEW}, {"sample": {"prepare": element}}, NOW)
    own = Version(OLD, {"sample": OLD}).behind(case)
    with store.read() as session:
        found = left_behind(session, None, moved, Version(NEW, {"sample": NEW}), lambda: own)
    return [(one.code, one.facts["acts"]["zh"]) for one in found]


def test_a_case_may_not_stand_behind_an_act_that_it_has_not_done(sqlite_store: Store) -> None:
    assert behind(sqlite_store, "ready") == []
    assert behind(sqlite_store, "after") == [("migration.left_behind", "法制审核结论")]


def test_a_step_becomes_no_step_of_another_act() -> None:
    case = begin(OLD)
    assert [one.code for one in other_acts(case, NEW, {"check": "file"})] == ["migration.other_act"]
    assert [one.code for one in other_acts(case, NEW, {"check": "ready"})] == ["migration.other_act"]
    assert other_acts(case, NEW, {"check": "checked"}) == []
    with pytest.raises(Invalid) as caught:
        require(OLD, NEW, {"check": "file"})
    assert [one.code for one in caught.value.problems] == ["migration.other_act"]


def test_only_steps_of_the_same_act_are_offered() -> None:
    offered = {one.element.id: ({choice.id for choice in one.choices}, one.suggested) for one in changed(OLD, NEW)}
    assert offered == {"check": ({"checked"}, "checked"), "prepare": ({"ready", "after"}, "")}
