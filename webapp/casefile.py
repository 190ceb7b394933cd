"""What the pages show of a case: read from its rows and its ledger, in the order in which officials read a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from webapp import labels, shown, standing
from webapp.articles import english
from webapp.languages import bilingual, language
from webapp.sentences import sentence
from workflows.actors import Person
from workflows.calendar import clock, clocks, lights, reasons
from workflows.cases import checklist, commands, hints
from workflows.cases.acts import ACTS
from workflows.cases.catalogue import Matter
from workflows.cases.file import PENALTY_TYPES, Case, Draft, DraftPenalty, Party, current_draft
from workflows.cases.materials import Material
from workflows.cases.meetings import AgendaItem, Meeting
from workflows.cases.proceedings import Decision, Notice, Seizure
from workflows.cases.reviews import Opinion
from workflows.desk import inbox
from workflows.desk.tasks import Task
from workflows.documents import Document, documents_of


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a draft or a decision holds for one party."""

    party: str
    matter: str
    penalties: str
    fine: str
    more: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """The case at a glance, beside a task's form."""

    matters: Sequence[tuple[str, str, str]]
    officers: Sequence[str]
    draft: Draft | None
    proposed: Sequence[Proposed]
    materials: Sequence[Material]
    documents: Sequence[Document]
    opinions: Sequence[tuple[Opinion, str]]
    kind_names: Mapping[str, tuple[str, str]]
    people: Mapping[str, str]
    hints: Sequence[str]


RIGHTS = frozenset({"statement", "hearing_request", "reconsideration", "litigation"})
"""Time limits in which a party may do something: when they pass, nobody is late."""


@dataclass(frozen=True, slots=True)
class Running:
    """A statutory time limit and why it ends when it ends. moot: the case was ended first."""

    clock: clocks.Clock
    name: str
    article: str
    subject: str
    light: str
    left: shown.Left | None
    lapses: bool
    lapsed: bool
    why: Sequence[str]
    began_with: str
    waived: bool
    moot: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """A step that the case waits for, or what is asked beside one. names: of whom; of nobody there, who is to see to
    it, and what they are to do.
    """

    task: Task
    step: str
    names: Sequence[str]
    left: shown.Left | None
    mine: bool


def sheet(session: Session, case: Case) -> Sheet:
    """The case at a glance."""
    draft, materials = current_draft(session, case), materials_of(session, case.id)
    return Sheet(
        matters_of(session, case), [officer.person.name for officer in case.officers if officer.until is None], draft,
        proposed(session, draft.penalties) if draft else [], materials,
        documents_of(session, case.id), opinions_of(session, case.id), kind_names(case),
        people_by_id(session, {material.added_by_id for material in materials}), _hints(session, case),
    )  # fmt: skip


def _hints(session: Session, case: Case) -> list[str]:
    """What a good colleague would point out, until the case is decided."""
    if case.state in commands.DECIDED:
        return []
    names = {code: name for code, name, _basis in matters_of(session, case)}
    found = []
    for hint in hints.hints(session, case):
        facts = {**hint.facts, "matter": names.get(str(hint.facts.get("matter")), hint.facts.get("matter"))}
        found.append(sentence(hint.code, facts, language()))
    return found


def kind_names(case: Case) -> dict[str, tuple[str, str]]:
    """The headings of the checklist under which a material stands."""
    return {entry.key: (entry.zh, entry.en) for entry in checklist.entries(case.kind)}


def matters_of(session: Session, case: Case) -> list[tuple[str, str, str]]:
    """(code, name, legal basis) of the matters alleged."""
    codes = [matter.matter_code for matter in case.matters]
    rows = {row.code: row for row in session.execute(select(Matter).where(Matter.code.in_(codes))).scalars()}
    return [(code, rows[code].name, rows[code].legal_basis) for code in codes if code in rows]


def proposed(session: Session, penalties: Sequence[DraftPenalty]) -> list[Proposed]:
    """What a draft proposes, party by party."""
    lines = []
    for penalty in penalties:
        party, matter = session.get(Party, penalty.party_id), session.get(Matter, penalty.matter_code)
        names = [bilingual(*PENALTY_TYPES[kind]) for kind in penalty.types if kind in PENALTY_TYPES]
        lines.append(Proposed(
            party.name if party else "", matter.name if matter else penalty.matter_code,
            bilingual("、", ", ").join(names), shown.yuan(penalty.fine_fen),
            "；".join(text for text in (penalty.confiscation, penalty.measures, penalty.mitigation_ground) if text),
        ))  # fmt: skip
    return lines


def materials_of(session: Session, case_id: str) -> list[Material]:
    """All materials, superseded ones too, oldest first."""
    query = select(Material).where(Material.case_id == case_id).order_by(Material.added_at, Material.id)
    return list(session.execute(query).scalars())


def opinions_of(session: Session, case_id: str) -> list[tuple[Opinion, str]]:
    """The opinions with their findings and the reviewer's name, newest first."""
    query = (
        select(Opinion, Person.name).join(Person, Person.id == Opinion.reviewer_id)
        .where(Opinion.case_id == case_id).options(selectinload(Opinion.findings))
        .order_by(Opinion.given_at.desc(), Opinion.id)
    )  # fmt: skip
    return [(opinion, name) for opinion, name in session.execute(query)]


def decisions_of(session: Session, case_id: str) -> list[tuple[Decision, str]]:
    """The decisions with the party's name."""
    query = (
        select(Decision, Party.name).outerjoin(Party, Party.id == Decision.party_id)
        .where(Decision.case_id == case_id).order_by(Decision.decided_at, Decision.position)
    )  # fmt: skip
    return [(decision, name or "") for decision, name in session.execute(query)]


def people_by_id(session: Session, ids: set[str]) -> dict[str, str]:
    """Names of people."""
    return {row.id: row.name for row in session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))}


def clocks_of(session: Session, case: Case) -> list[Running]:
    """All time limits of the case, those that still run in front."""
    rows = session.execute(
        select(clocks.Clock).where(clocks.Clock.case_id == case.id)
        .order_by(clocks.Clock.satisfied_at.is_not(None), clocks.Clock.due_at, clocks.Clock.id)
    ).scalars()  # fmt: skip
    subjects, (waived, moot) = subjects_of(session, case), clocks.without_deed(session, case.id)
    steps = step_names(session, case.id)
    return [
        Running(
            row, row.version_of_rule.names[language()], _article(row),
            subjects.get(row.subject or "", ""), lights.light(session, row), shown.left_of_clock(session, row),
            row.rule in RIGHTS, not row.suspended and not row.in_time(clock.now()), _why(row),
            steps.get(row.start_event, row.start_event),
            row.id in waived, row.id in moot,
        )
        for row in rows
    ]  # fmt: skip


def _article(row: clocks.Clock) -> str:
    article = row.version_of_rule.article
    return bilingual(article, english(article))


def _why(row: clocks.Clock) -> list[str]:
    return [line.replace(row.version_of_rule.article, _article(row)) for line in reasons.explain(row, language())]


def subjects_of(session: Session, case: Case) -> dict[str, str]:
    """What a time limit may be about → how it is called: the party, also by way of a notice or a decision; goods."""
    parties = {party.id: party.name for party in case.parties}
    through = [
        *session.execute(select(Notice.id, Notice.party_id).where(Notice.case_id == case.id)),
        *session.execute(select(Decision.id, Decision.party_id).where(Decision.case_id == case.id)),
    ]
    seized = session.execute(select(Seizure).where(Seizure.case_id == case.id)).scalars()
    goods = {row.id: bilingual("、", ", ").join(str(thing.get("name", "")) for thing in row.goods) for row in seized}
    return {**parties, **goods, **{row_id: parties.get(party_id or "", "") for row_id, party_id in through}}


def waiting(session: Session, case: Case, person_id: str) -> list[Waiting]:
    """The steps that the case waits for, with the names of those it waits for."""
    tasks = inbox.live_tasks(session, case.id)
    names = inbox.waiting(session, tasks)
    return [
        Waiting(
            task, labels.step_name(session, task), names[task.id] or [standing.missing(session, task)],
            shown.left_of(session, task),
            task.assignee_id == person_id or (
                task.assignee_id is None and person_id in {candidate.person_id for candidate in task.candidates}
            ),
        )
        for task in tasks
    ]  # fmt: skip


def step_names(session: Session, case_id: str) -> dict[str, str]:
    """Chinese names of the case's steps → their names in the reader's language."""
    rows = session.execute(select(Task).where(Task.case_id == case_id)).scalars().all()
    acts = {act.zh: bilingual(act.zh, act.en) for act in ACTS.values()}  # of the law, in case no step bears the name
    return {**acts, **{task.name: labels.bare_name(session, task) for task in rows}}


def meetings_of(session: Session, case_id: str) -> list[AgendaItem]:
    """The agenda items under which the leaders discussed the case, newest first."""
    query = (
        select(AgendaItem).join(Meeting, Meeting.id == AgendaItem.meeting_id).where(AgendaItem.case_id == case_id)
        .options(selectinload(AgendaItem.meeting), selectinload(AgendaItem.votes)).order_by(Meeting.planned_at.desc())
    )  # fmt: skip
    return list(session.execute(query).scalars())
