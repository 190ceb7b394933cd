"""What the page of a task shows: the step and how one stands to it, the form as typed, the file beside it, the tabs."""

from __future__ import annotations

from typing import Any

from flask import request
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import (
    bar,
    casefile,
    diagrams,
    drafts,
    formview,
    grounds,
    labels,
    onward,
    posted,
    reading,
    shown,
    standing,
    talk,
    timeline,
    uploads,
    watching,
    wayahead,
)
from webapp.errors import Trouble
from webapp.formpages import form_key
from webapp.posted import Posted
from workflows import forms, ledger
from workflows.actors import Actor, Person
from workflows.cases import scales
from workflows.cases.file import current_draft
from workflows.cases.papers import previews
from workflows.desk import again, candidates, inbox, offering, places, present, signers
from workflows.desk.operators import returning
from workflows.desk.tasks import Task
from workflows.documents import documents_of
from workflows.errors import NotFound
from workflows.ledger import Entry

TABS: tuple[str, ...] = ("work", "file", "diagram", "timeline", "talk")
"""办理, 卷宗, 流程图, 流转记录, 讨论."""
_GIVEN = frozenset({
    "TaskReassigned", "TaskDelegated", "TaskHandedBack", "TaskReleased", "TaskGivenUp", "RoundChanged",
})  # fmt: skip
"""Events by which a step comes to somebody, or leaves him again."""
ANSWERED = ("completed", "withdrawn")
"""States of a task whose answer is read on its page; what was withdrawn stays on the record too."""


def task_of(session: Session, who: Actor, task_id: str) -> Task:
    """The task, if this person may look at it. Raises NotFound otherwise: unknown and forbidden look the same."""
    task = session.get(Task, task_id)
    if task is None or not drafts.visible(session, who, task):
        raise NotFound("task.unknown", task=task_id)
    return task


def papers_of(session: Session, who: Actor, task: Task) -> list[previews.Preview]:
    """What a task that still waits would issue, with the words of one's draft where one is kept."""
    if task.state not in ("open", "claimed"):
        return []
    kept = drafts.of(session, who, task)
    return previews.previews(session, who, task.case, task.act, task.variables, kept[0].values if kept else {})


def head(session: Session, who: Actor, task: Task, tab: str) -> dict[str, Any]:
    """What stands above every tab."""
    return {
        "task": task, "case": task.case, "step": labels.step_name(session, task), "kind": standing.kind_name(task),
        "left": shown.left_of(session, task), "suspended": standing.suspended(task.case),
        "holders": standing.held_task(session, task),
        "told_case": watching.told_of_case(task.case), "tab": tab, "tabs": TABS,
        "read": reading.wanted(), "back": onward.back(),
        "asked_of_me": talk.waiting_for(session, who, task.case_id),
    }  # fmt: skip


def work(
    session: Session, who: Actor, task: Task, trouble: Trouble | None = None, focus: str | None = None
) -> dict[str, Any]:
    """办理: the file on the left, the form on the right; after a refusal with what was typed and what happened.

    focus: the name of a fresh row, whose first field gets the focus.
    """
    form = offering.task_form(session, task)
    typed, saved = _typed(session, who, task, form)
    operators = offering.task_operators(session, task)
    stands = standing.of(session, who, task, operators)
    signs = candidates.in_stead(session, who, stands.absent.id) if stands.absent else who
    options = offering.task_options(session, task, task.case, signs)
    drawn = formview.view(
        form, options, typed, trouble.problems if trouble and _sent() else (), focus,
        present=present.values(session, task, form), reading=task.state in ANSWERED,
    )  # fmt: skip
    stale = trouble is not None and trouble.kind == "stale"
    papers = papers_of(session, who, task)
    round_ = _round(session, task)
    return {
        "form": drawn, "stands": stands, "mine": stands.mine, "claimable": stands.claimable, "saved": saved,
        "trouble": trouble, "key": form_key(trouble),
        "draft_seen": drafts.seen(session, who, task), "unkept": _sent(), "take_over": drafts.TAKE_OVER,
        "elsewhere": trouble.sentence if trouble is not None and trouble.code == "task.draft_elsewhere" else "",
        "releasable": _releasable(session, who, task, operators),
        "gone": standing.gone(session, task), "handed": _handed(session, task),
        "round": round_, "round_rule": wayahead.round_rule(session, task) if round_ else "",
        "waits_for": inbox.waiting_for(session, task), "missing": _missing(session, task),
        "sheet": casefile.sheet(session, task.case),
        "copies": posted.typed(form, typed) if stale and typed else [],
        "meanwhile": _meanwhile(session, task) if stale else [], "papers": papers,
        "scales": scales.scales_of(session, task.case) if formview.asks(form, "stages") else [],
        "pane": reading.pane(session, who, task.case, task, papers),
        "refilled": saved is None and stands.mine and again.submitted(session, task) is not None,
        "told": watching.told(session, task, who), "goes_on": onward.chosen(session), **_grounds(session, task),
        **_around(session, who, task, stands),
    }  # fmt: skip


def beside_form(session: Session, who: Actor, task: Task, trouble: Trouble | None = None) -> dict[str, Any]:
    """The reading side alone, as the script of the page asks for it; after a note was refused with the reason."""
    papers = papers_of(session, who, task)
    stands = standing.of(session, who, task, offering.task_operators(session, task))
    form = offering.task_form(session, task)
    return {
        "judges": task.state in standing.LIVE and any(one.rows_from == "review_points" for one in form.fields),
        "task": task, "case": task.case, "papers": papers, "pane": reading.pane(session, who, task.case, task, papers),
        "step": labels.step_name(session, task), "kind": standing.kind_name(task), "key": form_key(trouble),
        "trouble": trouble, "sheet": casefile.sheet(session, task.case), "stands": stands,
        **_grounds(session, task), **_around(session, who, task, stands),
    }  # fmt: skip


def other(session: Session, who: Actor, task: Task, tab: str, trouble: Trouble | None = None) -> dict[str, Any]:
    """卷宗, 流程图, 流转记录 or 讨论."""
    case = task.case
    if tab == "file":
        draft, rows = current_draft(session, case), casefile.materials_of(session, case.id)
        return {
            "materials": rows, "kind_names": casefile.kind_names(case), "keeps": False,
            "people": casefile.people_by_id(session, {row.added_by_id for row in rows}),
            "needed": grounds.list_of_materials(session, case), "opinions": casefile.opinions_of(session, case.id),
            "meetings": casefile.meetings_of(session, case.id), "current_digest": draft.digest if draft else "",
            "documents": documents_of(session, case.id), "clocks": casefile.clocks_of(session, case),
            "party_names": {party.id: party.name for party in case.parties},
            "pane": reading.pane(session, who, case, task),
        }  # fmt: skip
    if tab == "diagram":
        return {"drawings": diagrams.drawings(session, case.id)}
    if tab == "timeline":
        return {"timeline": timeline.of_case(session, case.id)}
    return {"talk": talk.of(session, who, case), "trouble": trouble, "key": form_key(trouble)}


def _sent() -> bool:
    """Whether the request sent the form of the task; claiming it, notes and remarks have forms of their own there."""
    return request.method == "POST" and request.blueprint == "tasks" and request.endpoint != "tasks.claim"


def _releasable(session: Session, who: Actor, task: Task, operators: frozenset[str]) -> bool:
    """Whether the holder may give the step back to the others it was offered to."""
    plain = task.owner_id is None and task.effect is None  # neither delegated nor answered
    mine = plain and task.assignee_id == who.person_id and "release" in operators
    return mine and bool(signers.left(session, task, who.person_id))


def _around(session: Session, who: Actor, task: Task, stands: standing.Standing) -> dict[str, Any]:
    """What the operators made of the step: buttons, who was asked beside it, why it came back, where it leads."""
    signed, parent = standing.asked_of(task), task.parent
    answered = None
    if signed is not None and parent is not None:  # who signs after a step sees what is to be signed
        form = offering.task_form(session, parent)
        options = offering.task_options(session, parent, task.case, who)
        answered = formview.view(form, options, posted.from_answer(form, signed), reading=True,
                                 present=present.values(session, parent, form))
    asked = standing.beside(session, who, task)
    return {
        "bar": bar.of_task(session, who, task), "answered": answered, "beside": asked,
        "refusals": standing.refusals(asked) if stands.mine else [],
        "asks_about": standing.parent_step(session, task),
        "returned": standing.returned(session, task),
        "ways": wayahead.of(session, task) if stands.mine and not stands.prepares else [],
        "others_at_work": wayahead.meanwhile(session, task), "in_turn": wayahead.in_turn(session, task),
        "doer": timeline.both_names(
            task.ended_by.name if task.ended_by else "", task.ended_for.name if task.ended_for else ""
        ),
    }  # fmt: skip


def _grounds(session: Session, task: Task) -> dict[str, Any]:
    """What must be known before this step is decided."""
    referral = task.process_key == grounds.REFERRAL or task.act == "referral"
    return {
        "asked": grounds.asked(session, task.case, task),
        "suspicions": grounds.suspicions(session, task.case) if referral else [],
        "basis": grounds.basis(session, task.case) if task.act == "decision" else None,
        "reviewed": grounds.reviewed(session, task.case) if task.act == "review_conclusion" else [],
    }


def _typed(session: Session, who: Actor, task: Task, form: forms.Form) -> tuple[Posted | None, Any]:
    """What the form starts with: what was just sent, else a finished task's answer, else the draft, else nothing."""
    if _sent():
        return uploads.received()[0], None
    if task.state in ANSWERED:
        return posted.from_answer(form, task.answer or {}), None
    kept = drafts.of(session, who, task)
    if kept is not None:
        return kept[0], kept[1].saved_at
    proposed = again.start(session, task, form)
    return (posted.from_answer(form, proposed), None) if proposed else (None, None)


def _handed(session: Session, task: Task) -> timeline.Told | None:
    """Who gave the step to whoever has it now (转办、委派、交回), with the words said with it; None where nobody did or
    nothing was said.
    """
    if task.state != "claimed":
        return None
    stream = f"case:{task.case_id}"
    given = ledger.history(session, stream, only=_GIVEN)
    last = next((one for one in reversed(given) if one.data["task_id"] == task.id or _added(one, task)), None)
    if last is None or last.event in ("TaskReleased", "TaskGivenUp") or last.data.get("reason") == returning.LAST_DOER:
        return None
    if last.event != "RoundChanged" and not (last.data.get("reason") or last.data.get("note")):
        return None
    return next(iter(timeline.told(session, task.case_id, [last])))


def _added(entry: Entry, task: Task) -> bool:
    """Whether an entry tells that whoever holds a step was added to its round (加签)."""
    mine = (task.instance_id, task.element_id, task.assignee_id)
    data = entry.data
    return (
        entry.event == "RoundChanged" and data.get("index", -1) < 0 and entry.recorded_at <= task.created_at
        and (data["instance_id"], data["element_id"], data["person_id"]) == mine
    )  # fmt: skip


def _round(session: Session, task: Task) -> tuple[list[str], list[str]] | None:
    """Names of those who have signed in the round of a step, and of those who have not, in their order; None where it
    is no round or does not wait.
    """
    if task.state not in standing.LIVE or task.act == "vote" or not places.is_round(session, task):
        return None
    waiting = [person.name for person in places.left(session, task).values()]
    if not waiting:  # a round of things, each done by whoever fits
        return None
    done = places.signed(session, task)
    names = session.execute(select(Person.name).where(Person.id.in_(done)).order_by(Person.name)).scalars().all()
    return list(names), waiting


def _missing(session: Session, task: Task) -> str:
    """Who is to see to it that somebody can do a step for which nobody is there; empty where somebody is."""
    nobody = task.state in standing.LIVE and not inbox.waiting_for(session, task)
    return standing.missing(session, task) if nobody else ""


def _meanwhile(session: Session, task: Task) -> list[timeline.Told]:
    """The last entries about the case: the one that overtook this form is among them."""
    entries = [e for e in ledger.timeline(session, task.case_id) if e.actor_id != "system"][-5:]
    return timeline.told(session, task.case_id, reversed(entries))
