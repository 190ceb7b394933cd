"""What people read in the ledger ("opinion given", "task completed") compared with the rows that it speaks of.

The journal of rows says what the tables should hold; this says that the story holds too: the last entry that tells a
column must tell what the row has, and a row of an announced kind must have been announced. Which field tells which
column is data (`SAYS`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workflows.fold.difference import NOTHING, Difference
from workflows.fold.rows import State
from workflows.ledger import Entry
from workflows.ledger.journal import written


@dataclass(frozen=True, slots=True)
class Says:
    """What an event says of a row. key: the field with the row's id ("@case": the case itself).

    columns: column → field; "@actor" is who acted, "=text" a constant, "=" nothing (None), "=''" no text, "a|b"
    b where a is empty, "-" that what was told before holds no longer.
    new: it announces the row.
    """

    table: str
    key: str
    columns: Mapping[str, str]
    new: bool = False


def _as_is(*names: str) -> dict[str, str]:
    return {name: name for name in names}


_ENDS = _as_is("due_at", "due_on", "reason")

SAYS: Mapping[str, Says] = {
    "CaseOpened": Says(
        "case_file", "@case",
        {**_as_is("kind", "title", "unit_id", "bureau_id", "source", "found_on", "conduct_on", "summary"),
         "opened_by_id": "@actor"}, new=True,
    ),
    "LeadCorrected": Says(
        "case_file", "@case", _as_is("title", "source", "found_on", "conduct_on", "summary")
    ),
    "CaseFiled": Says("case_file", "@case", {"number": "number"}),
    "PartyAdded": Says("party", "party_id", _as_is("kind", "name", "role"), new=True),
    "RecusalDeclared": Says(
        "case_recusal", "recusal_id", {**_as_is("person_id", "reason"), "ordered_by_id": "="}, new=True
    ),
    "RecusalOrdered": Says(
        "case_recusal", "recusal_id", {**_as_is("person_id", "reason"), "ordered_by_id": "@actor"}, new=True
    ),
    "MaterialAdded": Says(
        "material", "material_id",
        {**_as_is("kind", "title", "sha256", "size", "stage", "file_name"), "added_by_id": "@actor"}, new=True,
    ),
    "MaterialSuperseded": Says("material", "material_id", _as_is("superseded_by_id")),
    "DraftChanged": Says(
        "draft", "draft_id", {"version": "draft_version", **_as_is("digest", "outcome", "change")}, new=True
    ),
    "OpinionGiven": Says(
        "opinion", "opinion_id",
        {**_as_is("level", "text", "draft_digest"), "opinion": "opinion_type", "reviewer_id": "@actor"}, new=True,
    ),
    "ReviewConcluded": Says(
        "opinion", "opinion_id",
        {**_as_is("text", "draft_digest", "adopts_counsel", "adoption_reason"), "opinion": "opinion_type",
         "reviewer_id": "@actor", "level": "=conclusion"}, new=True,
    ),
    "FindingAnswered": Says(
        "finding", "finding_id", {"answer": "answer", "answer_reason": "reason", "answered_by_id": "@actor"}
    ),
    "DecisionMade": Says(
        "decision", "decision_id", _as_is("outcome", "party_id", "fine_fen", "draft_digest", "collective"), new=True
    ),
    "NoticeServed": Says(
        "notice", "notice_id", _as_is("party_id", "served_on", "method", "draft_digest", "hearing_right"), new=True
    ),
    "HearingNotified": Says("hearing", "hearing_id", _as_is("notified_on", "planned_at", "place"), new=True),
    "StatementRecorded": Says(
        "notice", "notice_id",
        {**_as_is("statement", "recheck", "hearing_request"), "statement_text": "text", "statement_on": "stated_on"},
    ),
    "StatementReopened": Says(
        "notice", "notice_id",
        {**dict.fromkeys(("statement", "hearing_request", "statement_on"), "="), "statement_text": "=''",
         "recheck": "=''"},
    ),
    "HearingHeld": Says("hearing", "hearing_id", _as_is("state", "held_at", "opinion", "facts_changed")),
    "HearingReopened": Says("hearing", "hearing_id", {"state": "=notified"}),
    "HearingCalledOff": Says("hearing", "hearing_id", {"state": "=superseded"}),
    "AgendaItemWithdrawn": Says("agenda_item", "item_id", {"state": "=withdrawn"}),
    "DocumentIssued": Says(
        "document", "document_id", {**_as_is("type", "number", "party_id", "content"), "issued_by": "@actor"}, new=True
    ),
    "DocumentRendered": Says("document", "document_id", _as_is("sha256", "size", "pages")),
    "NumberVoided": Says("document", "document_id", {"void_reason": "reason", "state": "=void"}),
    "ClockStarted": Says(
        "clock", "clock_id", {**_as_is("rule", "started_at", "subject", "provisional"), **_ENDS}, new=True
    ),
    "ClockResumed": Says("clock", "clock_id", _ENDS),
    "ClockReopened": Says("clock", "clock_id", {"satisfied_at": "="}),
    "ClockExtended": Says("clock", "clock_id", _ENDS),
    "ClockRecomputed": Says("clock", "clock_id", {**_ENDS, "provisional": "provisional"}),
    "ClockSatisfied": Says("clock", "clock_id", _as_is("satisfied_at")),
    "TaskOffered": Says(
        "task", "task_id", {**_as_is("instance_id", "element_id", "name", "act", "assignee_id", "role")}, new=True
    ),
    "TaskClaimed": Says("task", "task_id", {"assignee_id": "@actor", "state": "=claimed"}),
    "TaskReleased": Says("task", "task_id", {"assignee_id": "=", "state": "=open"}),
    "TaskGivenUp": Says(
        "task", "task_id", {"assignee_id": "assignee_id", "owner_id": "=", "answer": "=", "state": "-"}
    ),
    "TaskCompleted": Says(
        "task", "task_id",
        {"answer": "answer", "assignee_id": "by_id|@actor", "ended_by_id": "by_id|@actor", "ended_for_id": "for_id",
         "state": "=completed"},
    ),
    "TaskCancelled": Says("task", "task_id", {"state": "=cancelled"}),
    "TaskReassigned": Says("task", "task_id", {"assignee_id": "to_id", "state": "=claimed", "owner_id": "="}),
    "TaskDelegated": Says("task", "task_id", {"assignee_id": "to_id", "state": "=claimed", "owner_id": "@actor"}),
    "TaskHandedBack": Says("task", "task_id", {"assignee_id": "to_id", "owner_id": "="}),
    "TaskReturned": Says("task", "task_id", {"state": "=returned", "ended_by_id": "@actor", "answer": "-"}),
    "TaskWithdrawn": Says("task", "task_id", {"state": "=withdrawn"}),
    "TaskAnswered": Says("task", "task_id", {"answer": "answer"}),
    "SubtaskOffered": Says(
        "task", "task_id",
        {**_as_is("parent_id", "kind", "element_id", "name", "question"), "assignee_id": "person_id",
         "owner_id": "@actor"}, new=True,
    ),
    "SubtaskAnswered": Says("task", "task_id", {"answer": "answer", "state": "=completed", "ended_by_id": "@actor"}),
    "SubtaskRemoved": Says("task", "task_id", {"state": "=cancelled"}),
    "LeadWithdrawn": Says(
        "task", "task_id",
        {**_as_is("element_id", "name"), "kind": "=lead", "assignee_id": "@actor", "question": "reason"}, new=True,
    ),
    "LeadSentAgain": Says("task", "task_id", {"answer": "answer", "state": "=completed", "ended_by_id": "@actor"}),
    "TaskMoved": Says("task", "task_id", _as_is("element_id", "name", "package_hash", "act")),
    "RemarkMade": Says(
        "remark", "remark_id", {**_as_is("kind", "visibility", "task_id"), "author_id": "@actor"}, new=True
    ),
    "PageNotePinned": Says(
        "page_note", "note_id",
        {**_as_is("material_id", "page", "point", "circle", "task_id"), "author_id": "@actor"}, new=True,
    ),
    "PageNoteWithdrawn": Says("page_note", "note_id", _as_is("withdrawn_at")),
    "RepairAsked": Says(
        "repair", "repair_id",
        {**_as_is("instance_id", "kind", "name", "old", "new", "reason", "process_key", "scope", "task_id"),
         "asked_by_id": "@actor", "state": "=waiting"}, new=True,
    ),
    "RepairApproved": Says(
        "repair", "repair_id", {"decided_by_id": "@actor", "decision": "decision", "state": "=done"}
    ),
    "RepairRejected": Says(
        "repair", "repair_id", {"decided_by_id": "@actor", "decision": "decision", "state": "=rejected"}
    ),
    "RepairWithdrawn": Says(
        "repair", "repair_id", {"decided_by_id": "@actor", "decision": "reason", "state": "=withdrawn"}
    ),
    "CaseSuspended": Says("case_file", "@case", {"suspended_at": "-", "suspended_for": "reason"}),
    "CaseResumed": Says("case_file", "@case", {"suspended_at": "=", "suspended_for": "=''"}),
    "CaseTerminated": Says(
        "case_file", "@case", {"state": "=terminated", "suspended_at": "=", "suspended_for": "=''"}
    ),
}  # fmt: skip
"""Event → what it says. An event that is not here tells nothing that stands in one row under its id."""

ANNOUNCED = frozenset(says.table for says in SAYS.values() if says.new)
"""Tables of which no row comes into being without a word."""

_Told = dict[tuple[str, str], dict[str, Any]]


def compare(root_id: str, entries: Iterable[Entry], found: State) -> Iterator[Difference]:
    """Where the story and the tables disagree. entries: the stream of the case; found: its rows (`rows.stored`)."""
    told: _Told = {}
    for entry in entries:
        _hear(told, root_id, entry)
    for (table, row_id), columns in sorted(told.items()):
        row = found.get(table, {}).get((row_id,))
        if row is None:
            yield Difference(root_id, table, row_id, None, columns, NOTHING)
            continue
        for column, value in sorted(columns.items()):
            if row.get(column, NOTHING) != value:
                yield Difference(root_id, table, row_id, column, value, row.get(column, NOTHING))
    for table in sorted(ANNOUNCED):
        for (row_id,), row in found.get(table, {}).items():
            if (table, row_id) not in told:
                yield Difference(root_id, table, row_id, None, NOTHING, row)


def _hear(told: _Told, root_id: str, entry: Entry) -> None:
    if entry.event == "PartyChanged":
        row = told.setdefault(("party", entry.data["party_id"]), {})
        row.update({name: written(change[1]) for name, change in entry.data["changes"].items()})
        return
    if entry.event == "PartyRemoved":
        told.pop(("party", entry.data["party_id"]), None)
        return
    says = SAYS.get(entry.event)
    row_id = None if says is None else root_id if says.key == "@case" else entry.data.get(says.key)
    if says is None or not row_id:
        return
    row = told.setdefault((says.table, str(row_id)), {})
    for column, field in says.columns.items():
        row.pop(column, None)
        if field != "-":
            row[column] = _said(entry, field)


def _said(entry: Entry, field: str) -> Any:
    if field == "@actor":
        return entry.actor_id
    if "|" in field:
        return next((value for name in field.split("|") if (value := _said(entry, name)) is not None), None)
    if field == "=''":
        return ""
    if field.startswith("="):
        return field[1:] or None
    return written(entry.data.get(field))
