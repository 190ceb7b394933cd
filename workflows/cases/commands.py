"""What is done to a case file outside the steps of a process: materials, parties, officers, matters.

Each command locks the case, checks, changes and records; none commits. An ended case is refused, and one that is held
up where the command can wait (`ending`): new materials are filed and who has an interest withdraws at any time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows import forms, ledger
from workflows.actors import Actor, holders, subtree
from workflows.calendar import clock
from workflows.cases import access, checklist, drafts, ending, entering, opening, recusals
from workflows.cases.acts.act import ActContext
from workflows.cases.acts.attachments import put_material
from workflows.cases.catalogue import add_matter as add_matter
from workflows.cases.catalogue import matter_of
from workflows.cases.file import Case, CaseMatter, CaseOfficer, Party, officer_ids
from workflows.cases.materials import EVIDENCE, Material
from workflows.cases.repealing import covers
from workflows.errors import Forbidden, Invalid, NotFound, Problem
from workflows.ledger import events

DECIDED = ("refused", "decided", "served", "performing", "closed", "archived")
"""States in which what the decision rests on stays as it is."""

NOTE_LIMIT = 500
"""Characters of a note to a material, and of a reason."""

OWN_KINDS: Mapping[str, frozenset[str]] = {
    "legal_reviewer": frozenset({"minutes_signed", "other"}),
    "hearing_officer": frozenset({"hearing_notice", "hearing_transcript", "other"}),
    "handling_unit_head": frozenset({"other"}),
}
"""Role → the kinds of papers that somebody who is no officer of the case adds on the case's page. All others are of the
investigation, the report and the handling."""

PARTY_FIELDS = ("name", "id_number", "address", "representative", "phone", "role")


def add_material(
    session: Session, actor: Actor, case_id: str, *, kind: str, file: Mapping[str, Any], note: str = ""
) -> Material:
    """Put a file that is in the content store into the case under a heading of its checklist.

    file: {sha256, size, name, media_type}. New evidence makes a new version of the draft, so that the review must look
    again (G4). Raises NotFound, Forbidden (also "material.officers", for papers that officers add), Invalid
    ("form.invalid").
    """
    case = _locked(session, actor, case_id, waits=False)
    _require_part(session, actor, case)
    _check_kind(case, kind)
    if not own_kind(session, actor, case, kind):
        raise Forbidden("material.officers", kind=checklist.names()[kind]["zh"])
    note = forms.free_texts({"note": (note, NOTE_LIMIT)})["note"]
    material = _put(session, actor, case, kind, file, note)
    _refresh(session, actor, case, kind)
    return material


def supersede_material(
    session: Session, actor: Actor, case_id: str, material_id: str, *, file: Mapping[str, Any], reason: str
) -> Material:
    """Put a newer file in the place of a material; the old one stays in the file, marked.

    Raises Forbidden("material.not_yours") for what is another's, NotFound("material.unknown"),
    Invalid("material.superseded") and Invalid("form.invalid") without a reason.
    """
    case = _locked(session, actor, case_id)
    _require_part(session, actor, case)
    reason = _reason(reason)
    old = session.get(Material, material_id)
    if old is None or old.case_id != case.id:
        raise NotFound("material.unknown")
    if old.superseded_by_id is not None:
        raise Invalid("material.superseded", title=old.title)
    if not may_supersede(session, actor, case, old):
        raise Forbidden("material.not_yours", title=old.title)
    new = _put(session, actor, case, old.kind, file, reason)
    old.superseded_by_id = new.id
    event = events.MaterialSuperseded(
        material_id=old.id, superseded_by_id=new.id, title=old.title, reason=reason
    )
    ledger.append(session, f"case:{case.id}", event, actor=actor, case_id=case.id)
    session.flush()
    _refresh(session, actor, case, old.kind)
    return new


def add_party(session: Session, actor: Actor, case_id: str, **facts: str) -> Party:
    """Put another party into the case. facts: kind (entity | person), name, address and the like.

    Raises Invalid("form.invalid") naming what is missing, Invalid("case.decided") after the decision.
    """
    case = _officers_case(session, actor, case_id)
    needed = ["kind", "name", "address", *(["representative"] if facts.get("kind") == "entity" else [])]
    problems = [Problem("field.required", name, facts={"label": name}) for name in needed if not facts.get(name)]
    if facts.get("kind") not in ("entity", "person"):
        problems.append(Problem("field.choice_unknown", "kind", facts={"label": "kind", "value": facts.get("kind")}))
    if problems:
        raise Invalid("form.invalid", problems, count=len(problems))
    given = _party_texts({name: str(facts.get(name) or "") for name in PARTY_FIELDS})
    party = Party(kind=facts["kind"], **given)
    opening.put_party(session, actor, case, party, len(case.parties))
    session.refresh(case, ["parties"])
    return party


def change_party(session: Session, actor: Actor, case_id: str, party_id: str, **changes: str) -> Party:
    """Correct what is known of a party; the ledger keeps both versions. Raises NotFound, Invalid, Forbidden.

    What is known already changes nothing: a correction whose answer was lost may be sent again.
    """
    case = _officers_case(session, actor, case_id, counted=False)
    party = next((one for one in case.parties if one.id == party_id), None)
    if party is None:
        raise NotFound("party.unknown")
    unknown = sorted(set(changes) - set(PARTY_FIELDS))
    empty = [name for name in ("name", "address") if name in changes and not changes[name].strip()]
    problems = [Problem("field.required", name, facts={"label": name}) for name in empty]
    problems += [Problem("field.choice_unknown", name, facts={"label": name, "value": name}) for name in unknown]
    if problems:
        raise Invalid("form.invalid", problems, count=len(problems))
    told = {}
    for name, value in _party_texts(changes).items():
        before = getattr(party, name)
        if value != before:
            told[name] = [before, value]
            setattr(party, name, value)
    if told:
        case.version += 1
        event = events.PartyChanged(party_id=party.id, name=party.name, changes=told)
        ledger.append(session, f"case:{case.id}", event, actor=actor, case_id=case.id)
    return party


def add_officer(session: Session, actor: Actor, case_id: str, person_id: str) -> None:
    """Charge another officer with the case: by the head of the handling unit, a leader, or the case's officers.

    Raises Forbidden("case.stood_above") for somebody who reviewed it, chaired its hearing, voted, approved or signed
    in it, ("case.recused") for who withdrew from it because of an interest, and Invalid for one without certificate
    or post.
    """
    case = _locked(session, actor, case_id)
    _require_assigner(session, actor, case)
    possible = {person.id: person for person in holders(session, "case_officer", subtree(session, case.unit_id))}
    if person_id not in possible:
        raise Invalid("officer.not_in_unit")
    name = possible[person_id].name
    if not opening.certificate(session, person_id):
        raise Invalid("officer.no_certificate", name=name)
    if (why := opening.why_not_charged(session, case, possible[person_id])) is not None:
        raise why
    if person_id in _handling(session, case):
        raise Invalid("officer.handles_already", name=name)
    opening.put_officer(session, actor, case, person_id, len(officer_ids(session, case.id)))
    session.flush()
    session.refresh(case, ["officers"])
    opening.was_charged(session, actor, case)


def remove_officer(
    session: Session, actor: Actor, case_id: str, person_id: str, *, reason: str, recused: bool = False
) -> None:  # fmt: skip
    """End somebody's part in the case (回避, 调动), by a head or himself; two officers must stay (行政处罚法 42).

    recused: whether because of an interest in the case (行政处罚法 43); a reason that says 回避 is one too, and nothing
    else takes an officer off a case that is held up. Raises Stale("case.suspended"), Invalid("officer.not_in_case"),
    Invalid("officer.two_needed"), Invalid("form.invalid") without a reason.
    """
    case = _locked(session, actor, case_id, waits=False)
    if person_id != actor.person_id:  # a colleague who does not agree is not got rid of
        access.require_role(session, actor, case, "handling_unit_head", "bureau_leader", "bureau_head")
    reason = _reason(reason)
    recused = recusals.says(reason, recused=recused)
    if recused:
        recusals.require_deciding(session, actor, case, person_id)
    else:
        ending.require_running(case)
    handling = _handling(session, case)
    if person_id not in handling:
        raise Invalid("officer.not_in_case")
    if len(handling) <= 2:
        raise Invalid("officer.two_needed")
    part = handling[person_id]
    part.until = clock.now()
    event = events.OfficerRemoved(person_id=person_id, name=part.person.name, reason=reason, recused=recused)
    ledger.append(session, f"case:{case.id}", event, actor=actor, case_id=case.id)
    if recused:
        recusals.took_effect(session, actor, case, person_id, reason)


def allege_matter(session: Session, actor: Actor, case_id: str, code: str) -> None:
    """Allege another matter of the catalogue in the case.

    Raises NotFound, Forbidden, Invalid("matter.in_case", "matter.no_penalty", "matter.ended").
    """
    case = _officers_case(session, actor, case_id)
    matter = matter_of(session, code)
    if matter.kind != "行政处罚":
        raise Invalid("matter.no_penalty", matter=code)
    if not covers(matter, case.conduct_on or case.found_on):
        raise Invalid("matter.ended", matter=code, day=matter.effective_to)
    alleged = select(func.count()).select_from(CaseMatter).where(CaseMatter.case_id == case.id)
    if session.execute(alleged.where(CaseMatter.matter_code == code)).scalar_one():
        raise Invalid("matter.in_case", matter=code)
    opening.put_matter(session, actor, case, code, session.execute(alleged).scalar_one())
    session.flush()
    session.refresh(case, ["matters"])


def require_keeper(session: Session, actor: Actor, case_id: str) -> None:
    """Refuse somebody who may not add to the case's materials before a file of theirs is taken in.

    Raises NotFound, Forbidden and Invalid("case.*") as `add_material` does.
    """
    if not access.visible_id(session, actor, case_id):
        raise NotFound("case.unknown", case=case_id)
    case = session.get_one(Case, case_id)
    recusals.require_none(session, actor, case_id)
    ending.require_unsettled(session, case)
    _require_part(session, actor, case)


def _party_texts(typed: Mapping[str, str]) -> dict[str, str]:
    """What is told of a party, no longer than its columns."""
    columns = Party.__table__.c
    return forms.free_texts({name: (text, columns[name].type.length) for name, text in typed.items()})  # type: ignore[attr-defined]


def _reason(text: str) -> str:
    return forms.free_texts({"reason": (text, NOTE_LIMIT)}, required=True)["reason"]


def _locked(session: Session, actor: Actor, case_id: str, *, counted: bool = True, waits: bool = True) -> Case:
    """The case, locked and its file not settled; counted: as changed, whatever the command then finds. waits: whether
    the command is refused while the case is held up.
    """
    case = entering.enter(session, actor, case_id)
    ending.require_unsettled(session, case)
    if waits:
        ending.require_running(case)
    if counted:
        case.version += 1
    return case


def _officers_case(session: Session, actor: Actor, case_id: str, *, counted: bool = True) -> Case:
    case = _locked(session, actor, case_id, counted=counted)
    access.require_officer(session, actor, case)
    if case.state in DECIDED:
        raise Invalid("case.decided")
    return case


def own_kind(session: Session, actor: Actor, case: Case, kind: str) -> bool:
    """Whether papers of a kind are the actor's to add: officers keep the whole file; who checks, reviews or hears adds
    what belongs to his own part, never what the case is proved and handled with (SOD-1).
    """
    if actor.person_id in _handling(session, case):
        return True
    return any(role in actor.roles and kind in kinds for role, kinds in OWN_KINDS.items())


def may_supersede(session: Session, actor: Actor, case: Case, material: Material) -> bool:
    """Whether the actor may put a newer file in the place of a material: his own; an officer also another officer's."""
    if material.added_by_id == actor.person_id:
        return own_kind(session, actor, case, material.kind)
    return actor.person_id in _handling(session, case) and material.added_by_id in officer_ids(session, case.id)


def _require_part(session: Session, actor: Actor, case: Case) -> None:
    """Officers keep the file; reviewers and hearing officers may add their papers."""
    if actor.person_id not in _handling(session, case):
        access.require_role(session, actor, case, "legal_reviewer", "hearing_officer", "handling_unit_head")


def _require_assigner(session: Session, actor: Actor, case: Case) -> None:
    if actor.person_id not in _handling(session, case):
        access.require_role(session, actor, case, "handling_unit_head", "bureau_leader", "bureau_head")


def _handling(session: Session, case: Case) -> dict[str, CaseOfficer]:
    rows = session.execute(
        select(CaseOfficer).where(CaseOfficer.case_id == case.id, CaseOfficer.until.is_(None))
    ).scalars()
    return {row.person_id: row for row in rows}


def _check_kind(case: Case, kind: str) -> None:
    if kind not in {entry.key for entry in checklist.entries(case.kind)}:
        problem = Problem("field.choice_unknown", "kind", facts={"label": "kind", "value": kind})
        raise Invalid("form.invalid", [problem], count=1)


def _put(session: Session, actor: Actor, case: Case, kind: str, file: Mapping[str, Any], note: str) -> Material:
    context = ActContext(session, actor, case, "", case.state, {}, clock.now())
    name = str(file["name"])
    return put_material(
        context, kind=kind, title=name.rsplit(".", 1)[0][:200], file_name=name[:200],
        media_type=str(file["media_type"])[:80], sha256=str(file["sha256"]), size=int(file["size"]), note=note,
    )  # fmt: skip


def _refresh(session: Session, actor: Actor, case: Case, kind: str) -> None:
    if kind in EVIDENCE and case.state not in DECIDED:
        drafts.refresh(session, actor, case, reason="证据材料有变化")
