"""Who the table of the law says may do an act is who can do it: the acts refuse everybody else, and nobody of those."""

from __future__ import annotations

from tests.cases_room.room import POSTS, Room
from workflows.actors import ROLES
from workflows.cases.acts import ACTS
from workflows.diagrams.statutory_rules import law
from workflows.errors import FashenError

NOT_HIS = {"actor.role_missing", "case.not_officer"}
"""What an act says to somebody who can never do it."""


def answer_to(room: Room, act: str, login: str) -> str:
    """How an act that was not filled in answers somebody: a code, or nothing if it is content."""
    try:
        room.do(act, login, {})
    except FashenError as refused:
        return refused.code
    return ""


def test_every_act_is_somebodys() -> None:
    known = law()
    tables = (known.persons.keys(), known.named.keys(), known.rounds.keys())
    assert set().union(*tables) == ACTS.keys() and sum(map(len, tables)) == len(ACTS)
    assert set().union(*known.persons.values()) <= ROLES.keys()


def test_the_acts_let_do_them_whom_the_table_names(room: Room) -> None:
    room.open(by="officer1", co="officer2")
    people = {role: login for login, role in reversed(POSTS.items())}  # the first who holds it: officer1 has the case
    for act, roles in law().persons.items():
        assert {role for role, login in people.items() if answer_to(room, act, login) not in NOT_HIS} == roles, act


def test_an_officer_of_another_case_can_do_none_of_the_officers_acts(room: Room) -> None:
    room.open(by="officer1", co="officer2")
    for act in (act for act, roles in law().persons.items() if roles == {"case_officer"}):
        assert answer_to(room, act, "officer3") == "case.not_officer", act
