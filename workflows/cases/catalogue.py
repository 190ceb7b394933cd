"""The catalogue of matters: which conduct may be penalised how, by which article, within which range, since when."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import JSON, Boolean, Date, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflows import ledger, shipped
from workflows.actors import SYSTEM, Actor
from workflows.cases.file import PENALTY_TYPES
from workflows.cases.measures import penalty_types
from workflows.errors import Invalid, NotFound, Problem
from workflows.ledger import events
from workflows.ledger.canonical import digest, text
from workflows.store import Base, Row


class Matter(Base):
    """One matter (e.g. CF-AQF-097-1-07). `spec` is the catalogue's entry in full; amounts there are whole yuan.

    spec["stages"]: [{stage, trigger, measures, types, entity, person}]; entity and person say how a fine on an entity
    or a person is measured (see `ranges`), types are penalty types of 行政处罚法 9.
    """

    __tablename__ = "matter"
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))  # 行政处罚 | 行政强制 | 行政许可
    name: Mapped[str] = mapped_column(Text)
    legal_basis: Mapped[str] = mapped_column(Text)  # the citations, joined
    effective_from: Mapped[date | None] = mapped_column(Date)  # None: not known
    effective_to: Mapped[date | None] = mapped_column(Date)  # last day; None: open or not known
    dual_penalty: Mapped[bool] = mapped_column(Boolean, default=False)
    hearing_possible: Mapped[bool] = mapped_column(Boolean, default=False)
    in_local_list: Mapped[bool] = mapped_column(Boolean, default=True)  # legality review by the bureau's own rule
    source: Mapped[str] = mapped_column(String(20), default="seed")  # seed | bureau
    spec: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class ReviewClass(Base):
    """A class of normative documents, administrative decisions or contracts that goes through legality review."""

    __tablename__ = "review_class"
    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))  # normative_document | decision | contract
    name: Mapped[str] = mapped_column(String(200))
    examples: Mapped[list[str]] = mapped_column(JSON, default=list)
    source: Mapped[str] = mapped_column(Text, default="")


class BureauRule(Row):
    """A configurable legal parameter with dates, e.g. hearing threshold, collective-discussion threshold, quorum."""

    __tablename__ = "bureau_rule"
    name: Mapped[str] = mapped_column(String(64), index=True)  # hearing_threshold, collective_threshold, quorum …
    bureau_id: Mapped[str | None] = mapped_column(String(32))  # None: for every bureau
    value: Mapped[dict[str, Any]] = mapped_column(JSON)
    effective_from: Mapped[date | None] = mapped_column(Date)  # None: not known, holds for every earlier day
    effective_to: Mapped[date | None] = mapped_column(Date)  # last day
    source: Mapped[str] = mapped_column(Text, default="")


_IN_FORCE = re.compile(r"(\d{4})-(\d{2})-(\d{2}) 施行")
_CODE = re.compile(r"[A-Z]{2}-[A-Z0-9][A-Z0-9a-z-]{2,36}")
_BASES = {"income": "percent", "illegal_gains": "times", "multiple": "times", "daily_repeat": "basis"}


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many rows a loading of the catalogue added and changed."""

    added: int
    changed: int


def load_catalogue(session: Session) -> Loaded:
    """Bring the shipped catalogue, classes and default rules into their tables; a second run changes nothing.

    Matters and rules that a bureau added or changed stay as they are.
    """
    data = _shipped()
    added = changed = 0
    known = {matter.code: matter for matter in session.execute(select(Matter)).scalars()}
    for item in data["items"]:
        columns = _columns(item, data["laws"], data["notes"])
        matter = known.get(item["code"])
        if matter is None:
            session.add(Matter(**columns))
            added += 1
        elif matter.source == "seed":
            columns.pop("effective_to")  # the end that a bureau set stays
            changed += _put(matter, columns)
    classes, renewed = _load_classes(session)
    added, changed = added + classes + _load_rules(session, data["rules"]), changed + renewed
    session.flush()
    if added or changed or _last_loaded(session) != content_hash():
        event = events.CatalogueLoaded(
            version=str(data["version"]), added=added, changed=changed, hash=content_hash()
        )  # fmt: skip
        ledger.append(session, "bureau", event, actor=SYSTEM)
    return Loaded(added, changed)


def load_matter(session: Session, entry: Mapping[str, Any], *, source: str = "bureau") -> Matter:
    """Bring one matter, written as in `catalogue.yaml`, into the catalogue; one that is there already stays.

    entry: `basis[].law` may be the short code of a shipped law or a law's own name, with `version` beside it; instead
    of `basis` a text `legal_basis` will do. Raises Invalid("form.invalid") naming what is wrong.
    """
    present = session.get(Matter, str(entry.get("code") or ""))
    if present is not None:
        return present
    shipped = _shipped()
    own = {
        basis["law"]: {"name": basis["law"], "version": str(basis.get("version") or "")}
        for basis in entry.get("basis", ()) if basis["law"] not in shipped["laws"]
    }  # fmt: skip
    laws = {**shipped["laws"], **own}
    cited = str(entry.get("legal_basis") or "") or "、".join(str(basis["cite"]) for basis in entry.get("basis", ()))
    problems = _check(str(entry.get("code") or ""), str(entry.get("name") or ""), cited, entry.get("stages") or ())
    if problems:
        raise Invalid("form.invalid", problems, count=len(problems))
    whole = {"kind": "行政处罚", "basis": (), **entry}
    columns = {**_columns(whole, laws, shipped["notes"]), "source": source}
    if not whole["basis"]:
        columns["legal_basis"] = cited
    for name in ("effective_from", "effective_to"):
        if entry.get(name) is not None:
            columns[name] = entry[name]
    matter = Matter(**columns)
    session.add(matter)
    session.flush()
    event = events.MatterDefined(
        code=matter.code, name=matter.name, legal_basis=matter.legal_basis, effective_from=matter.effective_from,
        effective_to=matter.effective_to, spec=matter.spec, **_marks(matter),
    )  # fmt: skip
    ledger.append(session, "bureau", event, actor=SYSTEM)
    return matter


def add_matter(
    session: Session, actor: Actor, *, code: str, name: str, legal_basis: str, stages: Sequence[Mapping[str, Any]],
    kind: str = "行政处罚", effective_from: date | None = None, effective_to: date | None = None,
    dual_penalty: bool = False, hearing_possible: bool = True, in_local_list: bool = True, note: str = "",
) -> Matter:  # fmt: skip
    """Add a matter that the catalogue lacks.

    stages: [{stage, trigger?, measures, types?, entity?, person?}]; entity and person are [min, max] in whole yuan or a
    rule {basis: income, percent: [a, b]} and the like; types are read from the measures where they are not given.
    Raises Forbidden without the role legal_reviewer or sys_admin; Invalid("matter.taken") or Invalid("form.invalid").
    """
    actor.require("legal_reviewer", "sys_admin")
    problems = _check(code, name, legal_basis, stages)
    if problems:
        raise Invalid("form.invalid", problems, count=len(problems))
    if session.get(Matter, code) is not None:
        raise Invalid("matter.taken", matter=code)
    spec = {"stages": [_stage(entry) for entry in stages], "crimes": [], "note": note}
    matter = Matter(
        code=code, kind=kind, name=name, legal_basis=legal_basis, effective_from=effective_from,
        effective_to=effective_to, dual_penalty=dual_penalty, hearing_possible=hearing_possible,
        in_local_list=in_local_list, source="bureau", spec=spec,
    )  # fmt: skip
    session.add(matter)
    session.flush()
    event = events.MatterDefined(
        code=code, name=name, legal_basis=legal_basis, effective_from=effective_from, effective_to=effective_to,
        spec=spec, **_marks(matter),
    )  # fmt: skip
    ledger.append(session, "bureau", event, actor=actor)
    return matter


def matter_of(session: Session, code: str) -> Matter:
    """A matter by its code. Raises NotFound("matter.unknown")."""
    matter = session.get(Matter, code)
    if matter is None:
        raise NotFound("matter.unknown", matter=code)
    return matter


def shipped_rules() -> Sequence[Mapping[str, Any]]:
    """The legal parameters for every bureau that the program brings: name, value, days and source."""
    rules: Sequence[Mapping[str, Any]] = _shipped()["rules"]
    return rules


def shipped_matters() -> Sequence[Mapping[str, Any]]:
    """The columns of the matters that the program brings."""
    data = _shipped()
    return [_columns(item, data["laws"], data["notes"]) for item in data["items"]]


def shipped_classes() -> Sequence[Mapping[str, Any]]:
    """The columns of the classes of legality review that the program brings."""
    return [{"examples": [], "source": "", **entry} for entry in _shipped()["classes"]]


@lru_cache(maxsize=1)
def content_hash() -> str:
    """The SHA-256 of these columns: which contents a loading of the catalogue brought."""
    return digest("sha256", text([*shipped_matters(), *shipped_classes()]).encode("utf-8"))


@lru_cache(maxsize=1)
def _shipped() -> dict[str, Any]:
    data: dict[str, Any] = shipped.read("workflows.cases", "catalogue.yaml")
    return data


def _columns(item: Mapping[str, Any], laws: Mapping[str, Any], notes: Mapping[str, str]) -> dict[str, Any]:
    cited = [f"《{laws[basis['law']]['name']}》{basis['cite']}" for basis in item["basis"]]
    note = ";".join(filter(None, (notes.get(item.get("shared_note", "")), item.get("note"))))
    spec = {
        "basis": [{**basis, "law": laws[basis["law"]]["name"], "version": laws[basis["law"]]["version"]}
                  for basis in item["basis"]],
        "stages": [_stage(entry) for entry in item["stages"]],
        "authority": item.get("authority", "应急管理部门"),
        "subtype": item.get("subtype", ""),
        "crimes": item.get("crimes", []),
        "text_says_crime": item.get("text_says_crime", False),
        "minor_exemption": item.get("minor_exemption", []),
        "note": note, "status": item.get("status", ""),
    }  # fmt: skip
    return {
        "code": item["code"], "kind": item["kind"], "name": item["name"], "legal_basis": "、".join(cited),
        "effective_from": _in_force(laws[item["basis"][0]["law"]]["version"]) if item["basis"] else None,
        "effective_to": None,
        "dual_penalty": item.get("dual", False), "hearing_possible": item.get("hearing", False),
        "in_local_list": True, "source": "seed", "spec": spec,
    }  # fmt: skip


def _in_force(version: str) -> date | None:
    """The day a version of a law took effect, where its name says so; otherwise it stays unknown."""
    found = _IN_FORCE.search(version)
    return date(*map(int, found.groups())) if found else None


def _stage(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {**entry, "types": list(entry.get("types") or penalty_types(entry.get("measures", ())))}


def _load_classes(session: Session) -> tuple[int, int]:
    """How many classes were added, and how many were as another version of the program had them."""
    known = {row.code: row for row in session.execute(select(ReviewClass)).scalars()}
    fresh = [ReviewClass(**entry) for entry in shipped_classes() if entry["code"] not in known]
    session.add_all(fresh)
    return len(fresh), sum(_put(known[entry["code"]], entry) for entry in shipped_classes() if entry["code"] in known)


def _put(row: Matter | ReviewClass, columns: Mapping[str, Any]) -> bool:
    """Bring what is shipped into a row; whether anything of it was otherwise."""
    other = {name: value for name, value in columns.items() if getattr(row, name) != value}
    for name, value in other.items():
        setattr(row, name, value)
    return bool(other)


def _last_loaded(session: Session) -> str:
    """The hash of the contents that were loaded last; empty where no entry tells."""
    told = ledger.of_event(session, "bureau", "CatalogueLoaded")
    return str(told[-1].data.get("hash", "")) if told else ""


def _marks(matter: Matter) -> dict[str, Any]:
    """What else the ledger tells of a matter that a bureau defines."""
    return {"kind": matter.kind, "dual_penalty": matter.dual_penalty, "hearing_possible": matter.hearing_possible,
            "in_local_list": matter.in_local_list, "source": matter.source}  # fmt: skip


def _load_rules(session: Session, rules: Sequence[Mapping[str, Any]]) -> int:
    shipped = session.execute(select(BureauRule).where(BureauRule.bureau_id.is_(None))).scalars()
    known = {(row.name, row.effective_from) for row in shipped}
    fresh = [BureauRule(**entry) for entry in rules if (entry["name"], entry.get("effective_from")) not in known]
    session.add_all(fresh)
    return len(fresh)


def _check(code: str, name: str, legal_basis: str, stages: Sequence[Mapping[str, Any]]) -> list[Problem]:
    problems: list[Problem] = []
    if not _CODE.fullmatch(code):
        problems.append(Problem("matter.code_bad", "code", facts={"matter": code}))
    problems += [Problem("field.required", place) for place, text in (("name", name), ("legal_basis", legal_basis))
                 if not text.strip()]  # fmt: skip
    if not stages:
        problems.append(Problem("field.row_required", "stages"))
    for row, entry in enumerate(stages):
        if not entry.get("stage"):
            problems.append(Problem("field.required", f"stages[{row}].stage"))
        if unknown := set(entry.get("types", ())) - set(PENALTY_TYPES):
            problems.append(Problem("matter.type_unknown", f"stages[{row}].types", facts={"type": sorted(unknown)}))
        problems += [Problem("matter.range_bad", f"stages[{row}].{kind}") for kind in ("entity", "person")
                     if not _range_reads(entry.get(kind))]  # fmt: skip
    return problems


def _range_reads(given: object) -> bool:
    if given is None:
        return True
    if isinstance(given, Mapping):
        return given.get("basis") in _BASES and _BASES[str(given["basis"])] in given
    return (
        isinstance(given, Sequence) and len(given) == 2 and all(type(end) is int for end in given)
        and 0 <= given[0] <= given[1]
    )  # fmt: skip
