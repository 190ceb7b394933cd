"""Which rows are indexed, and with which words: in the unit of work that writes them, whatever command that is.

Nobody calls this and nobody can forget it: it hangs on SQLAlchemy's flush, so an entry is there when its row is, and is
taken back with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, event, inspect, select
from sqlalchemy.orm import Mapper

from workflows.calendar import clock
from workflows.cases.catalogue import Matter
from workflows.cases.file import Case, CaseMatter, Party
from workflows.cases.materials import Material
from workflows.cases.notes import PageNote
from workflows.desk.remarks import Remark
from workflows.documents.document import Document
from workflows.documents.kinds.registry import KINDS as DOCUMENT_KINDS
from workflows.search import entries, reading
from workflows.search.entries import Found

BETWEEN = " · "
"""Between the fields of a row: parts them for the eye and for the search."""
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_SAYS_SOMETHING = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]|[0-9]{3}")


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of entry: its names, the table it tells of, the columns it takes words from, and how it joins them."""

    zh: str
    en: str
    model: type[Any]
    columns: tuple[str, ...]
    tell: Callable[[Any], Iterator[str]]


def _of_fields(*names: str) -> Callable[[Any], Iterator[str]]:
    return lambda row: (getattr(row, name) or "" for name in names)


def _of_document(document: Document) -> Iterator[str]:
    """What is printed: the texts of its content; codes and days, which are written otherwise there, are left out."""
    yield from (DOCUMENT_KINDS[document.type].zh, document.number)
    yield from (leaf for leaf in _leaves(document.content) if leaf != document.number and _SAYS_SOMETHING.search(leaf))


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one)


_CASE, _PARTY = ("number", "title", "summary"), ("name", "representative", "id_number", "address", "phone")
_MATERIAL = ("title", "file_name", "note")

SOURCES: Mapping[str, Source] = {
    "case": Source("案件", "Cases", Case, _CASE, _of_fields("number", "title")),
    "party": Source("当事人", "Parties", Party, _PARTY, _of_fields(*_PARTY)),
    "document": Source("文书", "Documents", Document, ("content", "number"), _of_document),
    "material": Source("材料", "Materials", Material, (*_MATERIAL, "sha256"), _of_fields(*_MATERIAL)),
    "remark": Source("讨论", "Remarks", Remark, ("text",), _of_fields("text")),
    "note": Source("批注", "Notes on pages", PageNote, ("text",), _of_fields("text")),
}
"""Kind → what it is. In this order results stand: what names a case first, what only mentions it after."""


def found_in(kind: str, row: Any, beside: Sequence[str] = ()) -> Found:
    """What the index holds of a row. beside: of a case, what `beside_cases` found; people look for both at once."""
    fields = list(SOURCES[kind].tell(row))
    if kind == "case":
        fields += [*beside, row.summary or ""]
    readable = kind == "material" and reading.ending_of(row.file_name) in reading.READERS
    case_id = row.id if kind == "case" else row.case_id
    return Found(kind, row.id, case_id, told(*fields), clock.now() if readable else None)


def beside_cases(connection: Connection, case_ids: Collection[str]) -> dict[str, list[str]]:
    """Case → the names of its parties and the codes and names of its matters, in their order."""
    found: dict[str, list[str]] = {}
    parties = select(Party.case_id, Party.name).where(Party.case_id.in_(case_ids)).order_by(Party.position, Party.id)
    for case_id, name in connection.execute(parties):
        found.setdefault(case_id, []).append(name)
    matters = select(CaseMatter.case_id, Matter.code, Matter.name).join(Matter, Matter.code == CaseMatter.matter_code)
    of_these = matters.where(CaseMatter.case_id.in_(case_ids)).order_by(CaseMatter.position, CaseMatter.id)
    for case_id, code, name in connection.execute(of_these):
        found.setdefault(case_id, []).append(f"{code} {name}")
    return found


def told(*fields: str) -> str:
    """Fields as the text of an entry: one after the other, without the empty ones and without what nobody sees."""
    clean = (_UNSEEN.sub(" ", field).strip() for field in fields)
    return BETWEEN.join(field for field in clean if field)


def _follow(kind: str, model: type[Any]) -> None:
    """Write the entry anew whenever a column that it takes words from is written."""

    def written(_mapper: Mapper[Any], connection: Connection, row: Any) -> None:
        if kind != "case":
            entries.replace(connection, [found_in(kind, row)])
        if kind in ("case", "party"):
            _again(connection, row if kind == "case" else row.case_id)

    def changed(mapper: Mapper[Any], connection: Connection, row: Any) -> None:
        kept = inspect(row).attrs
        if any(kept[name].history.has_changes() for name in SOURCES[kind].columns):
            written(mapper, connection, row)

    event.listen(model, "after_insert", written)
    event.listen(model, "after_update", changed)


def _again(connection: Connection, case: Any) -> None:
    """Write the entry of a case, with its parties and matters. case: as it is being written, or its id."""
    if isinstance(case, str):
        columns = (Case.id, Case.number, Case.title, Case.summary)
        case = connection.execute(select(*columns).where(Case.id == case)).one()
    beside = beside_cases(connection, [case.id]).get(case.id, [])
    entries.replace(connection, [found_in("case", case, beside)])


def _of_matter(_mapper: Mapper[Any], connection: Connection, row: CaseMatter) -> None:
    """A matter that is alleged is told in the entry of its case."""
    _again(connection, row.case_id)


event.listen(CaseMatter, "after_insert", _of_matter)
event.listen(CaseMatter, "after_update", _of_matter)


for _kind, _source in SOURCES.items():
    _follow(_kind, _source.model)
