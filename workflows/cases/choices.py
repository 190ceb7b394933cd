"""The choices that forms offer: what a select's `valuesKey` and a list's `rows` stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflows.actors import Actor, Person, Unit, holders, subtree
from workflows.calendar import clock
from workflows.cases import checklist
from workflows.cases.acts.answering import open_findings
from workflows.cases.catalogue import Matter
from workflows.cases.file import PENALTY_TYPES, Case, CaseOfficer, officer_ids
from workflows.cases.materials import Material
from workflows.cases.meetings import LEADERS, AgendaItem, Meeting, MeetingMember
from workflows.cases.ranges import STAGES as STAGES
from workflows.cases.reviews import REVIEW_POINTS, STAGES_OF_REVIEW
from workflows.errors import NotFound

Choice = tuple[str, str, str]
"""Value, Chinese, English."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a source of choices may look at. case: None while a case is being opened, in the unit `unit_id`."""

    session: Session
    case: Case | None
    actor: Actor
    unit_id: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)


def options(
    session: Session, name: str, case: Case | None, actor: Actor, *, unit_id: str | None = None,
    variables: Mapping[str, Any] | None = None, element_id: str = "",
) -> list[Choice]:  # fmt: skip
    """The choices of a source. element_id is the step that asks; no shipped source depends on it.

    Raises NotFound("choices.unknown") for a name that is no source.
    """
    if name not in SOURCES:
        raise NotFound("choices.unknown", name=name, element=element_id)
    return SOURCES[name](Asked(session, case, actor, unit_id or (case.unit_id if case else None), variables or {}))


def _parties(asked: Asked) -> list[Choice]:
    return [(party.id, party.name, party.name) for party in asked.case.parties] if asked.case else []


def _matters(asked: Asked) -> list[Choice]:
    """The case's matters; while it is being opened, every penalty matter in force.

    Each begins with its norm, by which officials know it; in Chinese for English readers too, as the law is written.
    """
    if asked.case is not None:
        codes = [matter.matter_code for matter in asked.case.matters]
        wanted = select(Matter).where(Matter.code.in_(codes))
    else:
        today = clock.today()
        wanted = select(Matter).where(
            Matter.kind == "行政处罚",
            or_(Matter.effective_from.is_(None), Matter.effective_from <= today),
        )
    rows = asked.session.execute(wanted.order_by(Matter.code)).scalars()
    return [_matter(row, ends=asked.case is None) for row in rows]


def _matter(row: Matter, *, ends: bool) -> Choice:
    """ends: whether to say up to which day of the conduct it may be chosen."""
    words = f"{matter_basis(row.legal_basis)} {matter_name(row.name)}"
    if not ends or row.effective_to is None:
        return row.code, words, words
    return row.code, f"{words}（限{row.effective_to}及以前的行为）", f"{words} (conduct up to {row.effective_to} only)"


def matter_basis(legal_basis: str) -> str:
    """The norm of a matter as officials say it: 《安全生产法》第九十七条第（七）项."""
    return legal_basis.replace("《中华人民共和国", "《")


def matter_name(name: str) -> str:
    """What was done, without the words that every matter has around it: 对……的行政处罚."""
    return name.removeprefix("对").removesuffix("的行政处罚") or name


def _stages(asked: Asked) -> list[Choice]:
    codes = [matter.matter_code for matter in asked.case.matters] if asked.case else []
    specs = asked.session.execute(select(Matter.spec).where(Matter.code.in_(codes)).order_by(Matter.code)).scalars()
    names = dict.fromkeys(entry["stage"] for spec in specs for entry in spec["stages"])
    return [(name, *STAGES.get(name, (name, name))) for name in names]


def _officers(asked: Asked) -> list[Choice]:
    if asked.case is None:
        return []
    rows = asked.session.execute(
        select(Person)
        .join(CaseOfficer, CaseOfficer.person_id == Person.id)
        .where(CaseOfficer.case_id == asked.case.id, CaseOfficer.until.is_(None))
        .order_by(CaseOfficer.position)
    ).scalars()
    people = {person.id: person for person in rows}
    if asked.actor.for_id in people:  # whoever acts for one of them was there in his stead
        people.setdefault(asked.actor.person_id, asked.session.get_one(Person, asked.actor.person_id))
    return _people(people.values())


def _unit_officers(asked: Asked) -> list[Choice]:
    """Officers of the handling unit who do not handle the case yet; while it is being opened, all but oneself."""
    if asked.unit_id is None:
        return []
    present = officer_ids(asked.session, asked.case.id) if asked.case else {asked.actor.person_id}
    people = holders(asked.session, "case_officer", subtree(asked.session, asked.unit_id))
    return _people(person for person in people if person.id not in present)


def _leaders(asked: Asked) -> list[Choice]:
    return _holders(asked, LEADERS)


def _hearing_officers(asked: Asked) -> list[Choice]:
    return _holders(asked, ("hearing_officer",))


def _holders(asked: Asked, roles: Iterable[str]) -> list[Choice]:
    if asked.case is None:
        return []
    units = subtree(asked.session, asked.case.bureau_id)
    found = {person.id: person for role in roles for person in holders(asked.session, role, units)}
    return _people(found.values())


def _members(asked: Asked) -> list[Choice]:
    """Members of the meeting that this step is about."""
    meeting_id = _meeting_id(asked)
    if meeting_id is None:
        return []
    rows = asked.session.execute(
        select(Person)
        .join(MeetingMember, MeetingMember.person_id == Person.id)
        .where(MeetingMember.meeting_id == meeting_id)
        .order_by(MeetingMember.position)
    ).scalars()
    return _people(rows)


def _meeting_id(asked: Asked) -> str | None:
    if asked.case is None:
        return None
    wanted = select(AgendaItem.meeting_id).join(Meeting).where(AgendaItem.case_id == asked.case.id)
    if asked.variables.get("item_id"):
        wanted = wanted.where(AgendaItem.id == str(asked.variables["item_id"]))
    return asked.session.execute(wanted.order_by(Meeting.planned_at.desc()).limit(1)).scalar_one_or_none()


def _meetings(asked: Asked) -> list[Choice]:
    """Meetings of the bureau that are not closed."""
    if asked.case is None:
        return []
    rows = asked.session.execute(
        select(Meeting)
        .where(Meeting.bureau_id == asked.case.bureau_id, Meeting.state != "closed")
        .order_by(Meeting.planned_at)
    ).scalars()
    shown = ((row, clock.local(row.planned_at).strftime("%Y-%m-%d %H:%M")) for row in rows)
    return [(row.id, f"{row.title}（{at}，{row.place}）", f"{row.title} ({at}, {row.place})") for row, at in shown]


def _materials(asked: Asked) -> list[Choice]:
    if asked.case is None:
        return []
    rows = asked.session.execute(
        select(Material)
        .where(Material.case_id == asked.case.id, Material.superseded_by_id.is_(None))
        .order_by(Material.added_at, Material.title)
    ).scalars()
    return [(row.id, row.title, row.title) for row in rows]


def _open_findings(asked: Asked) -> list[Choice]:
    if asked.case is None:
        return []
    found = []
    for row in open_findings(asked.session, asked.case):
        zh, en = REVIEW_POINTS[row.point]
        found.append((row.id, f"{zh}：{row.text}", f"{en}: {row.text}"))
    return found


def _checklist(asked: Asked) -> list[Choice]:
    """What this review's stage asks for, each with what is needed and what the case has."""
    if asked.case is None:
        return []
    stage = str(asked.variables.get("stage") or "")
    items = checklist.state(asked.session, asked.case, stage if stage in STAGES_OF_REVIEW else STAGES_OF_REVIEW[0])
    return [(item.key, f"{item.zh}（{_state_zh(item)}）", f"{item.en} ({_state_en(item)})") for item in items]


def _state_zh(item: checklist.Item) -> str:
    return f"{'必备' if item.required else '非必备'}，{'已有' if item.present else '缺'}"


def _state_en(item: checklist.Item) -> str:
    return f"{'required' if item.required else 'optional'}, {'present' if item.present else 'missing'}"


def _people(people: Iterable[Person]) -> list[Choice]:
    return [(person.id, *_shown(person)) for person in people]


def _shown(person: Person) -> tuple[str, str]:
    today = clock.today()
    title = next((post.title for post in person.posts if post.holds(today)), "")
    name = f"{person.name}（{title}）" if title else person.name
    return name, name


def _units(asked: Asked) -> list[Choice]:
    rows = asked.session.execute(select(Unit).order_by(Unit.name)).scalars()
    return [(row.id, row.name, row.name_en or row.name) for row in rows]


SOURCES: Mapping[str, Callable[[Asked], list[Choice]]] = {
    "parties": _parties,
    "matters": _matters,
    "stages": _stages,
    "officers": _officers,
    "unit_officers": _unit_officers,
    "leaders": _leaders,
    "hearing_officers": _hearing_officers,
    "members": _members,
    "meeting_members": _members,
    "meetings": _meetings,
    "materials": _materials,
    "open_findings": _open_findings,
    "checklist": _checklist,
    "units": _units,
    "review_points": lambda _asked: [(key, f"{key} {zh}", f"{key} {en}") for key, (zh, en) in REVIEW_POINTS.items()],
    # Detention is decided by the police alone (行政处罚法 18 para. 3).
    "penalty_types": lambda _asked: [(key, *words) for key, words in PENALTY_TYPES.items() if key != "detention"],
}
"""The closed list of sources."""
