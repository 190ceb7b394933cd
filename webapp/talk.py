"""讨论: what the page of remarks shows of a case to one reader, and who else reads each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from flask import request
from sqlalchemy.orm import Session

from webapp import casefile, labels, standing
from webapp.languages import bilingual, pick
from workflows.actors import Actor, Person, Post, Unit
from workflows.cases import circles
from workflows.cases.file import Case
from workflows.desk import remarks
from workflows.desk.remarks import Remark


@dataclass(slots=True)
class Thread:
    """A comment or a question with its answer. seen_by: who reads it, in words; step: about which step, if one.

    mine: whether the reader is the one who answers it.
    """

    remark: Remark
    seen_by: str
    step: str
    mine: bool
    answers: list[Remark] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Talk:
    """The page. people: unit → those who can be named or asked; speaks: whether the reader may write; until: with
    which remark it was asked to end; earlier: the same of the page before it; later: whether there are newer ones;
    waiting: questions to the reader that stand on other pages; settled: why nobody writes here any more, if so.
    """

    threads: Sequence[Thread]
    until: str
    earlier: str
    later: bool
    waiting: Sequence[Remark]
    speaks: bool
    people: Sequence[tuple[Unit, Sequence[tuple[Person, Post]]]]
    typed: Typed
    settled: str


@dataclass(frozen=True, slots=True)
class Typed:
    """What the form of the page sent."""

    kind: str
    text: str
    visibility: str
    people: frozenset[str]
    to: str
    answering: str

    @classmethod
    def of_request(cls) -> Typed:
        """The fields of the present request; for a page that is only looked at, where a comment starts."""
        form = request.form
        return cls(
            form.get("kind", "comment"), form.get("text", ""), form.get("visibility", "case"),
            frozenset(form.getlist("people")), form.get("to", ""), str((request.view_args or {}).get("remark_id", "")),
        )  # fmt: skip


def of(session: Session, who: Actor, case: Case) -> Talk:
    """What somebody reads of the discussion of a case, oldest first, each answer with its question: the newest page,
    or the one that ends with the remark of `?until=`.
    """
    until = request.args.get("until", "")[:32]
    page, threads = remarks.threads(session, who, case.id, until), dict[str, Thread]()
    names = casefile.people_by_id(session, {person for one in page.said for person in _named(one)})
    speaks = remarks.may_speak(session, who, case)
    for one in page.said:
        step = labels.step_name(session, one.task) if one.task else ""
        waits = speaks and one.to_id == who.person_id and one.answered_at is None
        threads[one.id] = Thread(one, _seen_by(one, names), step, waits)
    for one in page.answers:
        threads[one.reply_to_id or ""].answers.append(one)
    waiting = [one for one in remarks.questions_to(session, who, case.id) if one.id not in threads]
    return Talk(
        list(threads.values()), until if page.later else "", page.earlier, page.later, waiting, speaks,
        _people(session, who, case) if speaks else [], Typed.of_request(),
        standing.settled(session, case),
    )  # fmt: skip


def waiting_for(session: Session, who: Actor, case_id: str) -> int:
    """How many questions about the case wait for the reader's answer."""
    return len(remarks.questions_to(session, who, case_id))


def _named(remark: Remark) -> list[str]:
    """Ids of the people who read a remark by name: its author, whoever is asked, and those it names."""
    return list(dict.fromkeys(one for one in (remark.author_id, remark.to_id, *remark.people) if one))


def _seen_by(remark: Remark, names: dict[str, str]) -> str:
    """Who reads a remark: its circle, or everybody by name."""
    if remark.visibility == "people":
        return bilingual("、", ", ").join(names[one] for one in _named(remark))
    return pick(remarks.VISIBILITIES[remark.visibility])


def _people(session: Session, who: Actor, case: Case) -> list[tuple[Unit, list[tuple[Person, Post]]]]:
    found = [one for one in circles.readers(session, case) if one[0].id != who.person_id]
    units = {post.unit_id: post.unit for _person, post in found}
    return [(unit, [one for one in found if one[1].unit_id == unit.id]) for unit in units.values()]
