"""调查取证, 调查终结报告 and the unit head's check (行政处罚法 42, 54, 57)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from workflows import ledger
from workflows.cases import access, facts, gates
from workflows.cases.acts import crime, limits, proposals
from workflows.cases.acts.act import ActContext, Effect
from workflows.cases.acts.answers import Checks, Row
from workflows.cases.acts.attachments import keep_files
from workflows.cases.file import officer_ids
from workflows.cases.proceedings import OnSiteAct, Seizure
from workflows.errors import Invalid
from workflows.ledger import events

ON_SITE: dict[str, tuple[str, str]] = {
    "inspection": ("现场检查", "Inspection"),
    "inquiry": ("询问", "Inquiry"),
    "sampling": ("抽样取证", "Sampling"),
    "survey": ("勘验", "Survey"),
    "preservation": ("先行登记保存", "Preservation of evidence"),
    "order": ("责令改正", "Order to correct"),
    "seizure": ("查封扣押", "Sealing or seizure"),
}
"""Kinds of acts on site that G1 counts officers for."""

TYPED = frozenset(ON_SITE) - {"seizure"}
"""What may be entered as an act on site. Sealing and seizing has an act of its own, behind G12 (行政强制法 17, 18)."""


def investigate(context: ActContext, answer: Mapping[str, Any]) -> Effect:
    """调查取证: acts on site with their officers, evidence, whether to seize, and a suspicion of crime.

    Done again after a return or a withdrawal, what is on record already is not recorded twice: acts that are as they
    were stand, those that were changed are corrected.
    """
    case, session = context.case, context.session
    access.require_officer(session, context.actor, case)
    checks = Checks()
    rows = checks.rows(answer, "acts")
    seizure = checks.choice(answer, "seizure", ("none", "approve", "urgent"))
    suspected = bool(answer.get("crime_suspected"))
    offence = checks.text(answer, "offence", optional=not suspected)
    grounds = checks.text(answer, "crime_grounds", optional=not suspected)
    for number, row in enumerate(rows):
        checks.choice(row, "kind", TYPED, f"acts[{number}].kind")
    checks.done()
    for number, (row, known) in enumerate(zip(rows, _on_record(context, rows), strict=True)):
        record_on_site(context, checks, row, f"acts[{number}]", known)
    checks.done()
    keep_files(context, answer)
    before = context.before or {}
    for name in ("complex", "public_interest"):  # once said it holds, unless this very step takes it back
        held = getattr(case, name) and not before.get(name)
        setattr(case, name, held or bool(answer.get(name)))
    case.state = "investigating"
    _seize(context, seizure)
    starts: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    if suspected and not crime.running(session, case):
        starts = crime.flag(session, context.actor, case, offence, grounds, context.now).starts
    return Effect({"seizure": seizure}, starts)


def _seize(context: ActContext, wanted: str) -> None:
    """Ask for a seizure, or change or drop what was asked for before and nobody has decided on."""
    open_ = None
    if context.before is not None:
        open_ = context.session.execute(
            select(Seizure).where(Seizure.case_id == context.case.id, Seizure.state == "requested").limit(1)
        ).scalar_one_or_none()
    if open_ is None and wanted != "none":
        ask_for_seizure(context, urgent=wanted == "urgent")
    elif open_ is not None and wanted == "none":
        open_.state = "withdrawn"
    elif open_ is not None:
        open_.urgent = wanted == "urgent"


def _on_record(context: ActContext, rows: Sequence[Row]) -> list[OnSiteAct | None]:
    """For each row the act on record that it tells: one that says the same; else, of those told by what was submitted
    at this step before, the next one of its kind that no row tells any more.
    """
    if context.before is None:
        return [None] * len(rows)
    acts = list(context.session.execute(
        select(OnSiteAct).where(OnSiteAct.case_id == context.case.id).order_by(OnSiteAct.done_on, OnSiteAct.id)
    ).scalars())  # fmt: skip
    same = [_taken(acts, row) for row in rows]
    earlier = [act for row in context.before.get("acts") or () if (act := _taken(acts, row)) is not None]
    for number, row in enumerate(rows):
        if same[number] is None:
            same[number] = next((one for one in earlier if one.kind == row.get("kind")), None)
            earlier = [one for one in earlier if one is not same[number]]
    return same


def _taken(acts: list[OnSiteAct], row: Row) -> OnSiteAct | None:
    """The act that says what a row says, taken out of the list; None where there is none."""
    found = next((one for one in acts if _told(row) == (
        one.kind, one.done_on.isoformat(), one.place, sorted(one.officer_ids), one.note)), None)  # fmt: skip
    if found is not None:
        acts.remove(found)
    return found


def _told(row: Row) -> tuple[str, str, str, list[str], str]:
    """What a row says, typed or as JSON."""
    officers = sorted({str(one) for one in row.get("officers") or ()})
    return (str(row.get("kind")), str(row.get("done_on")), str(row.get("place") or "").strip(), officers,
            str(row.get("note") or ""))  # fmt: skip


def record_on_site(
    context: ActContext, checks: Checks, row: Row, place: str, known: OnSiteAct | None = None
) -> None:  # fmt: skip
    """Record one act on site after G1, or correct the one on record that the row tells (`known`).

    Problems are noted at `place`; raises GateClosed("gate.G1").
    """
    kind = checks.choice(row, "kind", ON_SITE, f"{place}.kind")
    day = checks.day(row, "done_on", context, f"{place}.done_on")
    found_on = context.case.found_on
    checks.need(day >= found_on, "field.before", f"{place}.done_on", moment=day, earliest=found_on)
    where = checks.text(row, "place", f"{place}.place")
    officers = checks.words(row, "officers")
    strangers = set(officers) - officer_ids(context.session, context.case.id)
    ours = checks.need(not strangers, "officer.not_in_case", f"{place}.officers")
    if kind not in ON_SITE or not ours or row.get("done_on") is None:
        return
    gates.g1_officers(ON_SITE[kind][0], day, facts.officers(context.session, officers, day))
    if known is not None:
        _correct(context, known, {
            "done_on": day, "place": where, "officer_ids": officers, "note": str(row.get("note") or "")})  # fmt: skip
        return
    act = OnSiteAct(
        case_id=context.case.id, kind=kind, done_on=day, place=where, officer_ids=officers,
        note=str(row.get("note") or ""),
    )  # fmt: skip
    context.session.add(act)
    context.session.flush()
    event = events.OnSiteActRecorded(
        on_site_act_id=act.id, kind=kind, done_on=day, place=where, officer_ids=officers, note=act.note
    )
    ledger.append(
        context.session, f"case:{context.case.id}", event, actor=context.actor, case_id=context.case.id
    )


def _correct(context: ActContext, act: OnSiteAct, said: Mapping[str, Any]) -> None:
    """Put what is said now in the place of what is on record; the ledger keeps both. The same changes nothing."""
    told = {}
    for name, value in said.items():
        before = getattr(act, name)
        if (sorted(before) != sorted(value)) if name == "officer_ids" else before != value:
            told[name] = [before, value]
            setattr(act, name, value)
    if told:
        event = events.OnSiteActCorrected(
            on_site_act_id=act.id, kind=act.kind, done_on=act.done_on, place=act.place, changes=told
        )
        ledger.append(
            context.session, f"case:{context.case.id}", event, actor=context.actor, case_id=context.case.id
        )


def ask_for_seizure(context: ActContext, *, urgent: bool) -> Seizure:
    """Open a seizure that a leader has to approve. Raises GateClosed("gate.G12") for a delegated body."""
    seizure = Seizure(case_id=context.case.id, urgent=urgent, state="requested")
    fact = facts.seizure(context.session, context.case, seizure)
    if fact.delegated:
        gates.g12_coercion(fact)
    context.session.add(seizure)
    context.session.flush()
    return seizure


def report(context: ActContext, answer: Mapping[str, Any]) -> Effect:
    """调查终结报告: the proposal becomes the draft that is reviewed, discussed and decided."""
    case, session = context.case, context.session
    access.require_officer(session, context.actor, case)
    proposal = proposals.read(context, answer)
    keep_files(context, answer)
    draft = proposals.put(context, proposal, reason=context.task_name)
    case.state = "reported"
    starts: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    if proposal.outcome == "refer" and crime.needs_flag(session, case):
        offence, grounds = crime.offence_hint(session, case), proposal.facts
        starts = crime.flag(session, context.actor, case, offence, grounds, context.now).starts
    return Effect(proposals.routing(context, draft), starts)


def check_by_unit(context: ActContext, answer: Mapping[str, Any]) -> Effect:
    """承办机构负责人审核: the first look at the report before it goes to review."""
    case, session = context.case, context.session
    access.require_role(session, context.actor, case, "handling_unit_head")
    if case.draft_id is None:
        raise Invalid("draft.missing")
    checks = Checks()
    result = checks.choice(answer, "result", ("agree", "return"))
    opinion = checks.text(answer, "opinion")
    checks.done()
    event = events.ApprovalGiven(act="unit_check", result=result, opinion=opinion)
    ledger.append(session, f"case:{case.id}", event, actor=context.actor, case_id=case.id)
    if result == "return":
        case.state = "investigating"
    return Effect({"unit_result": result})


def seizure_deadline(context: ActContext, seizure: Seizure) -> None:
    """Start the 30 days of a measure that was taken, and the 24 hours of an urgent one."""
    if seizure.taken_at is not None:
        limits.begin(context, "seizure", seizure.taken_at, subject=seizure.id)
        if seizure.urgent:
            limits.begin(context, "seizure_report", seizure.taken_at)
