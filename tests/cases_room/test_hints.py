"""Remarks that close no gate, and the sentences of all that the room says."""

from __future__ import annotations

import ast
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest
import yaml

from tests.cases_room import path
from tests.cases_room.room import Room
from workflows.cases.gate_refusal import ARTICLES
from workflows.cases.hints import hints

CASES = Path(__file__).parents[2] / "workflows" / "cases"


def said(room: Room) -> list[str]:
    with room.store.read() as session:
        return [hint.code for hint in hints(session, room.case(session))]


def test_a_dual_penalty_with_one_side_only_is_pointed_out(room: Room) -> None:
    path.file(room)
    path.investigate(room)
    path.conclude(room)
    assert said(room) == []  # at this stage the law fines entities only
    path.conclude(room, path.penalty(room, 100000, stage="overdue"))
    assert said(room) == ["hint.dual_penalty"]
    both = [path.penalty(room, 100000, stage="overdue"), path.penalty(room, 20000, party=1, stage="overdue")]
    path.conclude(room, *both)
    assert said(room) == []


def test_older_conduct_possible_crimes_and_exemptions_are_pointed_out(room: Room) -> None:
    matters = [{"matter_code": code} for code in ("CF-AQF-092-1", "CF-AQF-097-1-05")]
    room.open(matters=matters, conduct_on=date(2021, 8, 31))
    room.do("filing", "deputy", {"result": "approve", "opinion": "同意"})
    path.investigate(room)
    path.conclude(room, path.penalty(room, matter_code="CF-AQF-097-1-05"))
    assert said(room) == ["hint.law_changed", "hint.crime", "hint.law_changed", "hint.minor_exemption"]


@pytest.fixture(scope="module")
def sentences() -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = yaml.safe_load(files("workflows").joinpath("sentences.yaml").read_text("utf-8"))
    return loaded


def test_every_problem_the_acts_note_has_a_sentence(sentences: dict[str, dict[str, str]]) -> None:
    noted = set()
    for module in CASES.rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            if called.endswith(".need") and isinstance(node.args[1], ast.Constant):
                noted.add(node.args[1].value)
            if called == "Hint" and isinstance(node.args[0], ast.Constant):
                noted.add(node.args[0].value)
    assert len(noted) > 50
    assert {code for code in noted if code not in sentences} == set()


def test_every_gate_has_a_sentence_and_an_article(sentences: dict[str, dict[str, str]]) -> None:
    assert {f"gate.{gate}" for gate in ARTICLES} <= set(sentences)
    assert set(ARTICLES) == {"G1", "G2", "G3", "G4", "G5", "G6", "G7", "G8", "G9", "G12", "G16"}
