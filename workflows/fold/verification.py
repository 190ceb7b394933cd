"""The auditor's check: the state of every case and meeting equals the fold of its ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows import ledger
from workflows.documents.document import Document
from workflows.documents.numbers import NumberSeries
from workflows.fold import (
    catalogue,
    parameters,
    position,
    publications,
    requests,
    rows,
    staffing,
    suspensions,
    told,
    workdays,
)
from workflows.fold.difference import NOTHING, Difference
from workflows.ledger.entries import HeadRow
from workflows.ledger.journal import CASE, stream_of


def verify_state(
    session: Session, *, progress: Callable[[int, int], None] | None = None
) -> Iterator[Difference]:
    """Every place where the tables say something else than the ledger, case by case.

    session: of one moment (`Store.read(snapshot=True)`), or what others write meanwhile shows as a difference.
    Compared are all columns of all tables of a case (`ledger.journal.KEPT`), what the readable entries tell of them,
    the engine's rows and the waiting external tasks with a replay of the recorded steps, the series of numbers with
    the documents, what instances run on with the publications, and suspended processes, people, posts, requests for
    posts and publications, programs outside, legal parameters, the catalogue and working days with the entries that
    tell of them. Memory stays that of one case. progress(done, total) is called after each. The chains themselves are
    `ledger.verify`'s.
    """
    kinds = rows.roots(session)
    known = select(HeadRow.stream).where(HeadRow.stream.like("rows:%"))
    streams = {stream.removeprefix("rows:") for stream in session.execute(known).scalars()}
    everything = sorted({*kinds, *streams})
    seen: Counter[str] = Counter()
    for done, root_id in enumerate(everything, start=1):
        found = rows.stored(session, root_id)
        seen.update({table: len(of) for table, of in found.items()})
        yield from _once(verify_root(session, root_id, kinds.get(root_id), found))
        if progress is not None:
            progress(done, len(everything))
    for table, count in rows.counts(session).items():
        if count != seen[table]:
            cause = ("不属于任何案件或者会议的行", "rows that belong to no case or meeting")
            yield Difference("", table, "*", None, seen[table], count, cause)
    yield from _numbers(session)
    yield from publications.compare(session)
    yield from suspensions.compare(session)
    yield from staffing.compare(session)
    yield from requests.compare(session)
    yield from workdays.compare(session)
    yield from parameters.compare(session)
    yield from catalogue.compare(session)


def verify_root(session: Session, root_id: str, kind: str | None, found: rows.State) -> Iterator[Difference]:
    """The differences of one case or meeting. kind: "case", "meeting", None if the tables no longer have it."""
    journal = ledger.history(session, stream_of(root_id))
    yield from rows.compare(root_id, rows.fold(journal), found)
    if kind == CASE:
        story = ledger.history(session, f"case:{root_id}")
        yield from told.compare(root_id, story, found)
        yield from position.compare(session, root_id, story, found)


def _once(differences: Iterator[Difference]) -> Iterator[Difference]:
    """A row or column that two comparisons find is told once."""
    seen = set()
    for difference in differences:
        place = (difference.table, difference.key, difference.column, difference.cause)
        if place not in seen:
            seen.add(place)
            yield difference


def _numbers(session: Session) -> Iterator[Difference]:
    """The last number of every series is the greatest that a document bears (numbers have no gaps)."""
    key = (Document.unit_id, Document.type, Document.year)
    issued = {
        tuple(row[:3]): row[3]
        for row in session.execute(select(*key, func.max(Document.seq)).group_by(*key))
    }  # fmt: skip
    series = (NumberSeries.unit_id, NumberSeries.type, NumberSeries.year)
    kept = {tuple(row[:3]): row[3] for row in session.execute(select(*series, NumberSeries.last))}
    for one in sorted({*issued, *kept}, key=str):
        if issued.get(one, 0) != kept.get(one, 0):
            shown = "/".join(map(str, one))
            yield Difference("", "number_series", shown, "last", issued.get(one, NOTHING), kept.get(one, NOTHING))


EXCEPTED_TABLES: Mapping[str, str] = {
    "ledger_entry": "the ledger itself; its chain is verified",
    "ledger_head": "the ledger itself; its chain is verified",
    "unit": "the bureau, not a case; what the ledger tells is compared (`staffing.py`)",
    "person": "the bureau, not a case; what the ledger tells is compared (`staffing.py`)",
    "post": "the bureau, not a case; what the ledger tells is compared (`staffing.py`)",
    "certificate": "the bureau, not a case; what the ledger tells is compared (`staffing.py`)",
    "post_request": "the bureau, not a case; compared with who asked and who decided (`requests.py`)",
    "certificate_reminder": "what somebody was told; the certificate itself is compared",
    "ledger_check": "what a verification found; it is done again at any time",
    "matter": "the catalogue, no case; compared with what was defined and ended, and what is shipped (`catalogue.py`)",
    "review_class": "the catalogue, no case; compared with what is shipped (`catalogue.py`)",
    "bureau_rule": "the bureau, not a case; compared with what two administrators set and what the program ships"
    " (`parameters.py`)",
    "workday": "the calendar; compared with the days that were loaded and set (`workdays.py`)",
    "published_package": "the library of processes; compared with the publications (`publications.py`)",
    "engine_package": "never changed; its hash is computed anew, and each must be published (`publications.py`)",
    "process_draft": "work on a process; no case runs on it",
    "process_draft_save": "work on a process; no case runs on it",
    "process_draft_copy": "work on a process; no case runs on it",
    "process_release": "processes, no case; compared with what was asked, by whom, and who decided (`requests.py`)",
    "process_play": "moves in a throw-away bureau; no case",
    "process_test_run": "what came of a test of a process; no case",
    "process_replay": "what a draft would have done with closed cases, of which it holds the numbers alone",
    "process_suspension": "processes, no case; compared with who suspended and resumed which (`suspensions.py`)",
    "migration": "what was asked and approved stands in the ledger, and is asked of it before any case moves",
    "migrated_instance": "where a case is in the queue; what became of it stands in the ledger of the case, and is"
    " compared there (`position.py`)",
    "engine_current": "must name what was published last (`publications.py`)",
    "machine_account": "a program outside, not a case; what the ledger tells is compared (`staffing.py`)",
    "external_task": "who has it until when is no fact of a case; the rest is compared with the diagram and the replay"
    " (`outside.py`)",
    "substitute": "who acts for whom: told in the stream of the person",
    "outbox_notice": "on its way to a person; no fact of a case",
    "notice_profile": "where somebody likes to be told",
    "notice_choice": "what somebody likes to be told",
    "notice_delivery": "on its way to a person; no fact of a case",
    "task_reminder": "what somebody was told; the time limit itself is compared",
    "pulse": "how often something changed, for open pages; no fact of a case",
    "receipt": "the answer to a repeated request; no fact of a case",
    "search_entry": "an index of what other tables say; made anew by `search rebuild`",
    "task_draft": "typed and not sent; goes when it is sent",
    "web_session": "a login",
    "login_failures": "logins that failed",
    "list_layout": "what somebody likes to look at",
    "saved_filter": "what somebody likes to look at",
    "saved_filter_role": "what somebody likes to look at",
}
"""Table → why it is not folded. All others are."""

EXCEPTED_COLUMNS: Mapping[tuple[str, str], str] = {
    ("engine_task", "id"): "drawn at random; tokens are compared by age, and the ones that tasks stand on by id too",
    ("engine_instance", "attempts"): "how often timers failed since the last step, while an incident is open",
    ("engine_instance", "try_at"): "when failed timers are tried again, while an incident is open",
    ("number_series", "unit_id"): "part of the key: the series would be another one",
}
"""Columns of folded tables of which not every change is a difference, and why."""
