"""讨论: what the page of remarks shows of a case to one reader, and who else reads each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from flask import request
from sqlalchemy.orm import Session

from webapp import casefile, labels
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
    """The page. people: unit → those who can be named or asked; speaks: whether the reader may write."""

    threads: Sequence[Thread]
    speaks: bool
    people: Sequence[tuple[Unit, Sequence[tuple[Person, Post]]]]
    typed: Typed


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
    """What somebody reads of the discussion of a case, oldest first, each answer with its question."""
    threads: dict[str, Thread] = {}
    read = remarks.remarks_of(session, who, case.id)
    names = casefile.people_by_id(session, {person for one in read for person in _named(one)})
    for one in read:
        if one.reply_to_id is None:
            step = labels.step_name(session, one.task) if one.task else ""
            waits = one.to_id == who.person_id and one.answered_at is None
            threads[one.id] = Thread(one, _seen_by(one, names), step, waits)
    for one in read:  # within one moment an answer may stand before its question
        if one.reply_to_id in threads:
            threads[one.reply_to_id].answers.append(one)
    speaks = remarks.may_speak(session, who, case)
    return Talk(list(threads.values()), speaks, _people(session, who, case) if speaks else [], Typed.of_request())


def waiting_for(session: Session, who: Actor, case_id: str) -> int:
    """How many questions about the case wait for the reader's answer."""
    return sum(one.case_id == case_id for one in remarks.questions_to(session, who))


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
