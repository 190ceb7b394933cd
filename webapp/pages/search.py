"""The full-text search: one field in the head of every page, and what it found."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp import deskfilters
from webapp.house import actor, house
from webapp.languages import pick
from webapp.words import KINDS_OF_CASE
from workflows.calendar import clock
from workflows.cases.file import CASE_STATES, Case
from workflows.desk.remarks import Remark
from workflows.documents.kinds.registry import KINDS as DOCUMENT_KINDS
from workflows.search import answers
from workflows.search.answers import Hit, Question
from workflows.search.excerpts import Piece, excerpt
from workflows.search.sources import SOURCES
from workflows.search.words import LONGEST_QUESTION, MOST_WORDS

blueprint = Blueprint("search", __name__)

YEARS = 15
"""Years that can be chosen, counted back from this one."""


@dataclass(frozen=True, slots=True)
class Line:
    """A hit as the page shows it: its name, and where it is to be seen."""

    hit: Hit
    name: str
    address: str


@blueprint.get("/search")
def show() -> ResponseReturnValue:
    """What the words find (?q=…), of one kind (?kind=…), narrowed to cases (?unit=…&state=…&year=…), page by page."""
    question, who = _question(), actor()
    with house().store.read() as session:
        answer = answers.answer(session, who, question, request.args.get("page", 1, type=int))
        return render_template(
            "search/show.html", question=question, answer=answer, lines=[_line(hit) for hit in answer.hits],
            marked=partial(_marked, question),
            kinds={kind: (source.zh, source.en) for kind, source in SOURCES.items()}, query=_query(question),
            kinds_of_case=[(value, pick(pair)) for value, pair in KINDS_OF_CASE.items()],
            states=[(value, pick(pair)) for value, pair in CASE_STATES.items()],
            units=deskfilters.units(session, who), years=[(year, str(year)) for year in _years()], size=answers.SIZE,
            most=answers.MOST, longest=LONGEST_QUESTION, most_words=MOST_WORDS, cut=_is_cut(question),
        )  # fmt: skip


def _question() -> Question:
    """What the address asks; what can't be read narrows nothing."""
    given = request.args
    year = given.get("year", type=int)
    return Question(
        given.get("q", "").strip()[:LONGEST_QUESTION], _known(given.get("kind", ""), SOURCES),
        _known(given.get("case_kind", ""), KINDS_OF_CASE), given.get("unit", "")[:32],
        _known(given.get("state", ""), CASE_STATES), year if year in _years() else None,
    )  # fmt: skip


def _known(value: str, among: Container[str]) -> str:
    return value if value in among else ""


def _is_cut(question: Question) -> bool:
    """Whether more was asked than is looked for."""
    return len(request.args.get("q", "").strip()) > LONGEST_QUESTION or len(question.words) == MOST_WORDS


def _years() -> list[int]:
    now = clock.today().year
    return list(range(now, now - YEARS, -1))


def _query(question: Question) -> Callable[..., dict[str, Any]]:
    """The parameters of an address that asks the same, with changes."""

    def asked(**more: Any) -> dict[str, Any]:
        same = {"q": question.text, "kind": question.kind, "case_kind": question.case_kind, "unit": question.unit,
                "state": question.state, "year": question.year}  # fmt: skip
        return {name: value for name, value in {**same, **more}.items() if value not in ("", None)}

    return asked


def _marked(question: Question, text: str) -> list[Piece]:
    """A whole text in pieces, of which those that the question asks for are marked."""
    return excerpt(text, question.words, length=len(text))


def _line(hit: Hit) -> Line:
    return Line(hit, _NAMES[hit.kind](hit.row, hit.case), _PLACES[hit.kind](hit.row, hit.case))


def _tab(case: Case, tab: str) -> str:
    return url_for("cases.show", case_id=case.id, tab=tab)


def _said(row: Remark, case: Case) -> str:
    """The page of the discussion on which a remark stands; an answer stands under its question."""
    thread = row.reply_to_id or row.id
    return url_for("cases.show", case_id=case.id, tab="talk", until=thread, _anchor=f"remark-{thread}")


_PLACES: Mapping[str, Callable[[Any, Case], str]] = {
    "case": lambda _row, case: url_for("cases.show", case_id=case.id),
    "party": lambda _row, case: _tab(case, "overview"),
    "document": lambda _row, case: _tab(case, "documents"),
    "material": lambda row, case: url_for("reading.show", case_id=case.id, read=row.id),
    "remark": _said,
    "note": lambda row, case: url_for("reading.show", case_id=case.id, read=row.material_id, note=row.id),
}
"""Kind → where an entry of it is to be seen."""

_NAMES: Mapping[str, Callable[[Any, Case], str]] = {
    "case": lambda _row, case: case.title,
    "party": lambda row, _case: str(row.name),
    "document": lambda row, _case: f"{pick((DOCUMENT_KINDS[row.type].zh, DOCUMENT_KINDS[row.type].en))} {row.number}",
    "material": lambda row, _case: str(row.title or row.file_name),
    "remark": lambda row, _case: _("%(name)s的讨论", name=row.author.name),
    "note": lambda row, _case: _("%(name)s的批注", name=row.author.name),
}
"""Kind → what an entry of it is called."""
