"""Appending: in the command's transaction, in order, complete."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import threading
from datetime import UTC, datetime

import pytest

from tests.ledger.filling import REVIEWER, event
from workflows import ledger
from workflows.actors import SYSTEM
from workflows.calendar import clock
from workflows.errors import Invalid
from workflows.ledger import events
from workflows.store import Store


def test_an_entry_says_who_what_and_when(store: Store) -> None:
    recorded = datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=UTC)
    happened = datetime(2026, 3, 3, 1, tzinfo=UTC)
    with clock.simulated(recorded), store.work() as session:
        ledger.append(session, "case:a", events.FilingRefused(reason="证据不足"), actor=REVIEWER, happened=happened)
    with store.read() as session:
        (entry,) = ledger.history(session, "case:a")
    assert (entry.stream, entry.seq, entry.case_id) == ("case:a", 1, "a")
    assert (entry.event, entry.version) == ("FilingRefused", 1)
    assert (entry.actor_id, entry.actor_name, entry.post) == ("p1", "李四", "法规科科长")
    assert (entry.unit_id, entry.unit_name) == ("u1", "衢州市应急管理局")
    assert (entry.happened_at, entry.recorded_at) == (happened, recorded)
    assert entry.data == {"reason": "证据不足", "refused_by": ""}
    assert (entry.algorithm, entry.previous) == ("sha256", "")


def test_what_append_gives_back_is_what_is_stored(store: Store) -> None:
    with store.work() as session:
        given = [ledger.append(session, "case:a", event(number), actor=REVIEWER) for number in range(6)]
    with store.read() as session:
        assert ledger.history(session, "case:a") == given
        alike = [entry for entry in given if entry.event == given[0].event]
        assert ledger.history(session, "case:a", only=(given[0].event,)) == alike
        assert ledger.history(session, "case:a", only=("CaseOpened",)) == []


def test_an_outsider_can_recompute_the_hash_from_the_decision_record_alone(store: Store) -> None:
    with clock.simulated(datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)), store.work() as session:
        first = ledger.append(session, "case:a", events.FilingRefused(reason="证据不足"), actor=REVIEWER)
        entry = ledger.append(session, "case:a", events.FilingRefused(reason='"\n'), actor=REVIEWER)
    written = (
        '{"actor_id":"p1","actor_name":"李四","algorithm":"sha256","case_id":"a",'
        '"data":"{\\"reason\\":\\"\\\\\\"\\\\n\\",\\"refused_by\\":\\"\\"}","event":"FilingRefused",'
        '"happened_at":"2026-03-04T05:06:07.000000Z","post":"法规科科长","previous":"' + first.hash + '",'
        '"recorded_at":"2026-03-04T05:06:07.000000Z","seq":2,"stream":"case:a","unit_id":"u1",'
        '"unit_name":"衢州市应急管理局","version":1}'
    )
    assert json.loads(written)["seq"] == 2
    assert entry.hash == hashlib.sha256(written.encode()).hexdigest()


def test_a_command_that_fails_leaves_no_entry(store: Store) -> None:
    def fail() -> None:
        with store.work() as session:
            ledger.append(session, "case:a", event(0), actor=REVIEWER)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with store.work() as session:
        assert ledger.append(session, "case:a", event(0), actor=REVIEWER).seq == 1
    with store.read() as session:
        assert ledger.verify(session) == []


def test_a_cases_timeline_holds_what_its_meetings_said_of_it(store: Store) -> None:
    vote = events.VoteCast(meeting_id="m", item_id="i", member_id="p1", member="李四", choice="approve")
    with store.work() as session:
        ledger.append(session, "meeting:m", vote, actor=REVIEWER, case_id="a")
        ledger.append(session, "meeting:m", vote, actor=REVIEWER, case_id="b")
        ledger.append(session, "case:a", event(0), actor=REVIEWER)
    with store.read() as session:
        assert [entry.stream for entry in ledger.timeline(session, "a")] == ["meeting:m", "case:a"]


@pytest.mark.parametrize("stream", ["", "case:", "case:a b", "Case:a", "case:a:b", "case:甲"])
def test_a_bad_stream_name_is_refused(sqlite_store: Store, stream: str) -> None:
    with sqlite_store.work() as session, pytest.raises(Invalid, match=r"ledger\.stream_invalid"):
        ledger.append(session, stream, event(0), actor=SYSTEM)


def test_what_is_no_event_is_refused(sqlite_store: Store) -> None:
    with sqlite_store.work() as session, pytest.raises(TypeError):
        ledger.append(session, "case:a", {"name": "CaseFiled"}, actor=SYSTEM)


def _append_many(url: str, name: str, count: int) -> None:
    store = Store(url)
    for _ in range(count):
        with store.work() as session:
            ledger.append(session, "case:shared", events.FilingRefused(reason=name), actor=SYSTEM)
    store.close()


def test_two_processes_at_one_stream_leave_an_unbroken_chain(store: Store) -> None:
    url = store.engine.url.render_as_string(hide_password=False)
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=_append_many, args=(url, name, 25)) for name in ("one", "two")]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    with store.read() as session:
        assert ledger.verify(session) == []
        entries = ledger.history(session, "case:shared")
    assert [entry.seq for entry in entries] == list(range(1, 51))
    assert sorted(entry.data["reason"] for entry in entries) == ["one"] * 25 + ["two"] * 25


def test_two_units_that_open_a_stream_at_once_both_append(store: Store) -> None:
    gate = threading.Barrier(4)

    def open_stream() -> None:
        gate.wait()
        with store.work() as session:
            ledger.append(session, "case:new", event(1), actor=SYSTEM)

    threads = [threading.Thread(target=open_stream) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as session:
        assert [entry.seq for entry in ledger.history(session, "case:new")] == [1, 2, 3, 4]
        assert ledger.verify(session) == []
