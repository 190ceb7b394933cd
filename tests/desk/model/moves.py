"""Each operator as a move: what the model allows, what the product offers, the command, and what comes of it.

Here those of the holder of a task; in `signers` whoever signs with him and what goes back; in `bystanders` the others.
"""

from __future__ import annotations

from tests.desk.model import signers
from tests.desk.model.blocks import OFFICER
from tests.desk.model.office import PART, SIGNING, Work
from tests.desk.model.play import Play
from workflows.desk import commands
from workflows.desk.operators import handing
from workflows.store import new_id


def complete(play: Play, login: str, work: Work, choice: str, vote: str) -> bool:
    """Complete a step, for oneself or an absent one; or answer what was asked beside one."""
    office = play.office
    if work.kind in (*SIGNING, "advice"):
        return _answer(play, login, work, vote)
    absent = office.instead(login, work)
    fits = office.fit(login, work) or absent is not None
    allowed: bool | None = (
        work.live and not office.suspended and fits and (work.kind == "rework" or office.free(work))
    )  # fmt: skip
    if work.kind == "rework" and allowed and choice != office.game.choice:
        allowed = None  # whether a gateway lies between the two steps is not told here
    given = {"vote": vote} if work.plan.kind == "round" else {"choice": choice}

    def then() -> None:
        again = office.against(work)
        after = [one for one in office.beside(work) if one.kind == "after"]
        answer = (login, absent, given.get("choice"), given.get("vote"))
        if absent and work.role == OFFICER:
            office.handled.add(login)
        if work.kind == "rework":
            office.game.choice = choice
            office.end(work, "completed", "SubtaskAnswered", login)
        elif after or again:  # who refused is asked once more
            after += [signers.put_beside(play, work, "after", person, work.assignee or "") for person in again]
            work.given, work.asked = answer, after
            work.touched = True
            work.did.add(login)
            office.told["TaskAnswered"] += 1
        else:
            office.finish(work, *answer)

    return play.attempt("complete", login, allowed, commands.complete_task, work.row, given, seen=play.seen(work),
                        key=new_id(), then=then)  # fmt: skip


def _answer(play: Play, login: str, work: Work, vote: str) -> bool:
    office, parent = play.office, work.parent
    assert parent is not None
    turn = work.kind != "after" or parent.given is not None
    signs = work.kind in SIGNING
    allowed = (
        work.live and not office.suspended and work.assignee == login and turn and login not in office.recused
        and not (signs and not office.can_sign(login, parent))
    )  # fmt: skip

    def then() -> None:
        office.end(work, "completed", "SubtaskAnswered", login)
        work.agrees = vote == "yes"
        parent.touched = True
        signers.go_on(play, parent)

    answer = {"agrees": vote, "text": "已阅"} if signs else {"text": "已阅"}
    return play.attempt("answer", login, allowed, commands.complete_task, work.row, answer, seen=play.seen(work),
                        key=new_id(), then=then)  # fmt: skip


def draft(play: Play, login: str, work: Work) -> bool:
    """Keep what was typed: for who could do it. The holder has begun then, who may only claim it has not."""
    office = play.office
    allowed = work.live and (
        work.assignee == login or office.fit(login, work) or office.instead(login, work) is not None
    )  # fmt: skip

    def then() -> None:
        work.typed.add(login)
        work.drafts.add(login)

    return play.attempt("draft", login, allowed, commands.save_draft, work.row, {"values": {"choice": ["a"]}},
                        then=then)  # fmt: skip


def claim(play: Play, login: str, work: Work) -> bool:
    """认领."""
    office = play.office
    mine = work.live and work.state == "claimed" and work.assignee == login
    allowed = mine or (
        work.live and work.kind == "step" and not office.suspended and "claim" in work.plan.operators
        and not work.assignee
        and office.fit(login, work)
    )  # fmt: skip

    def then() -> None:
        if not mine:
            work.state, work.assignee, work.touched = "claimed", login, True
            office.told["TaskClaimed"] += 1

    return play.attempt("claim", login, allowed, commands.claim_task, work.row, seen=play.seen(work), then=then)


def release(play: Play, login: str, work: Work) -> bool:
    """放回."""
    office = play.office
    allowed = (
        work.live and work.kind == "step" and not office.suspended and "release" in work.plan.operators
        and work.assignee == login and office.free(work)
        and any(one != login and not office.signs(one, work) for one in work.candidates)
    )  # fmt: skip

    def then() -> None:
        work.state, work.assignee, work.touched = "open", None, True
        office.told["TaskReleased"] += 1

    return play.attempt("release", login, allowed, commands.release_task, work.row, seen=play.seen(work), then=then)


def reassign(play: Play, login: str, work: Work, to: str) -> bool:
    """转办."""
    office = play.office
    heads, stuck = office.head_of(login, work), office.stuck(work)
    usual = "reassign" in work.plan.operators and office.free(work)
    hand = (work.assignee == login and usual) or (heads and (usual or (stuck and work.assignee != login)))
    allowed = (
        work.live and work.kind == "step" and not office.suspended and hand and to != work.assignee
        and office.candidate(to, work) and to not in office.taken(work)
    )  # fmt: skip
    said = play.told(login, work, "reassign")
    offered = said.operators.get("reassign", False) and said.people.get(to, to == login and heads)

    def then() -> None:
        work.candidates.add(to)
        _give(work, to)
        work.owner, work.given = None, None
        office.told["TaskReassigned"] += 1

    return play.attempt("reassign", login, allowed, handing.reassign_task, work.row, play.people[to], reason="出差",
                        seen=play.seen(work), key=new_id(), then=then,
                        offered=None if to == login else offered)  # fmt: skip


def _give(work: Work, to: str) -> None:
    work.assignee, work.state, work.touched = to, "claimed", True


def delegate(play: Play, login: str, work: Work, to: str) -> bool:
    """委派."""
    office = play.office
    allowed = (
        work.live and work.kind == "step" and not office.suspended and "delegate" in work.plan.operators
        and work.assignee == login and office.fit(login, work) and office.free(work) and to != login
        and office.beside_fits(to, work) and not office.signs(to, work)
    )  # fmt: skip
    said = play.told(login, work, "delegate")
    offered = said.operators.get("delegate", False) and said.people.get(to, False)

    def then() -> None:
        if work.role == OFFICER:
            office.handled.add(to)
        _give(work, to)
        work.owner = login
        if login in work.drafts:
            work.drafts.add(to)
        office.told["TaskDelegated"] += 1

    return play.attempt("delegate", login, allowed, handing.delegate_task, work.row, play.people[to], reason="请先拟稿",
                        seen=play.seen(work), key=new_id(), then=then, offered=offered)  # fmt: skip


def hand_back(play: Play, login: str, work: Work) -> bool:
    """交回, or 收回 by the owner."""
    office = play.office
    allowed = (
        work.live and work.kind == "step" and not office.suspended and work.owner is not None
        and login in (work.assignee, work.owner)
    )  # fmt: skip
    offered = None
    if work.owner == login:
        offered = play.told(login, work).operators.get("take_back", False)

    def then() -> None:
        if login != work.owner:
            office.prepared.add((login, PART.get(work.role, ""), work.plan.id))
            work.did.add(login)
        office.told["TaskHandedBack"] += 1
        office.give_back(work)

    return play.attempt("hand back", login, allowed, handing.hand_back_task, work.row, note="", draft={},
                        seen=play.seen(work), key=new_id(), then=then, offered=offered)  # fmt: skip
