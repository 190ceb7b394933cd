"""No dead case: from wherever the moves have led, what is offered leads to the end."""

from __future__ import annotations

from tests.desk.model import bystanders, moves, signers
from tests.desk.model.office import HOLDING, ROLES, SIGNING, Work
from tests.desk.model.play import Play

WAY_OUT = 120
"""Moves that lead from anywhere to the end."""


def lead_out(play: Play) -> None:
    """Lead a case to its end by what is offered. Raises AssertionError where no offered way leads there."""
    for _ in range(WAY_OUT):
        if play.office.over:
            return
        if not _onward(play):
            raise AssertionError(f"no way out; {play.story()}")
    raise AssertionError(f"no end in sight; {play.story()}")


def _onward(play: Play) -> bool:
    """One move towards the end; False where there is none."""
    office = play.office
    if office.suspended:
        return bystanders.halt(play, "head", "resume")
    for work in sorted(office.live, key=lambda one: one.kind == "step"):
        if work.kind != "step":
            if (work.kind in HOLDING or work.kind == "after") and _settle(play, work):
                return True
        elif _do(play, work):
            return True
    if not all(_anybody(play, work) for work in office.live if work.kind == "step"):
        return bystanders.halt(play, "head", "terminate")
    return False


def _anybody(play: Play, work: Work) -> bool:
    """Whether somebody of the bureau could still do a step: one of its role, or somebody without another part."""
    office = play.office
    return not office.stuck(work) or any(
        office.candidate(one, work) and one not in office.taken(work) for one in ROLES
    )  # fmt: skip


def _settle(play: Play, work: Work) -> bool:
    office, parent = play.office, work.parent
    assert parent is not None
    if work.kind == "after" and parent.given is None:
        return False
    who = work.assignee or ""
    signs = work.kind in SIGNING
    fits = office.can_sign(who, parent) if signs else not office.barred(who, work) and office.holds(who, work)
    if who not in office.gone | office.recused and fits:
        same = office.game.choice if work.kind == "rework" else "a"  # another answer may lead another way
        return moves.complete(play, who, work, same, "yes")
    for one in (work.owner, parent.assignee, "head"):
        if one and one not in office.gone | office.recused and office.takes_back(one, work):
            return signers.unask(play, one, work)
    return False


def _do(play: Play, work: Work) -> bool:
    office = play.office
    if work.owner is not None and work.owner not in office.gone:
        return moves.hand_back(play, work.owner, work)
    people = [work.assignee] if work.assignee else sorted(work.candidates)
    for one in people:
        if one and one not in office.gone and office.fit(one, work) and office.free(work):
            return moves.complete(play, one, work, "a", "yes")
    if office.stuck(work):
        fit = [one for one in ROLES if office.candidate(one, work) and one not in office.taken(work)]
        return bool(fit) and moves.reassign(play, "head", work, fit[0])
    return False
