"""Copies for reading with their receipts, and one action on several rows with a result for each."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.desk.conftest import Bureau
from workflows import ledger
from workflows.cases import access
from workflows.cases.file import Case
from workflows.desk import bulk, commands, copies
from workflows.desk.execute import execute
from workflows.desk.lists import pages
from workflows.errors import FashenError, Forbidden, Invalid, NotFound
from workflows.outbox import OutboxNotice
from workflows.store import new_id

APPROVE = {"result": "approve", "opinion": "同意立案。"}


def send(bureau: Bureau, case_id: str, by: str, *to: str, key: str = "", note: str = "请阅知。") -> int:
    people = [bureau.actor(login).person_id for login in to]
    return execute(bureau.store, copies.send_copies, bureau.actor(by), case_id, people, note=note, key=key or new_id())


def copied(bureau: Bureau, login: str) -> list[copies.CaseCopy]:
    with bureau.store.read() as session:
        return pages.page(session, bureau.actor(login), "copied").copies


def sees(bureau: Bureau, login: str, case_id: str) -> bool:
    with bureau.store.read() as session:
        return access.visible(session, bureau.actor(login), session.get_one(Case, case_id))


def test_a_copy_lets_read_is_told_and_is_acknowledged(bureau: Bureau) -> None:
    case_id = bureau.open()
    assert not sees(bureau, "officer3", case_id)
    assert send(bureau, case_id, "officer1", "officer3") == 1
    assert sees(bureau, "officer3", case_id)
    (copy,) = copied(bureau, "officer3")
    assert (copy.sent_by.name, copy.note, copy.read_at) == ("陈立", "请阅知。", None)
    reader = bureau.actor("officer3")
    for _twice in range(2):
        execute(bureau.store, copies.acknowledge_copy, reader, copy.id)
    assert copied(bureau, "officer3")[0].read_at is not None
    with bureau.store.read() as session:
        assert pages.counts(session, reader)["copied"].number == 0
        told = [entry.event for entry in ledger.history(session, f"case:{case_id}")]
        assert (told.count("CaseCopied"), told.count("CopyAcknowledged")) == (1, 1)
        kinds = session.execute(select(OutboxNotice.kind).where(OutboxNotice.kind.in_(("case_copied", "copy_read"))))
        assert sorted(kinds.scalars()) == ["case_copied", "copy_read"]


def test_a_copy_gives_no_part_in_the_case(bureau: Bureau) -> None:
    case_id = bureau.open()
    send(bureau, case_id, "officer1", "officer3")
    with pytest.raises(Forbidden) as refused:
        send(bureau, case_id, "officer3", "legal1")
    assert refused.value.code == "copy.not_acting"


def test_sent_twice_is_sent_once(bureau: Bureau) -> None:
    case_id, key = bureau.open(), new_id()
    assert send(bureau, case_id, "officer1", "officer3", key=key) == 1
    assert send(bureau, case_id, "officer1", "officer3", key=key) == 1
    assert send(bureau, case_id, "officer1", "officer3", "legal1") == 1
    assert len(copied(bureau, "officer3")) == len(copied(bureau, "legal1")) == 1


@pytest.mark.parametrize(
    ("by", "to", "code"),
    [
        ("officer1", (), "copy.nobody"),
        ("officer1", ("admin",), "copy.not_for_them"),
        ("officer1", ("kchead",), "copy.not_for_them"),
        ("officer1", ("officer1",), "copy.not_for_them"),
        ("officer3", ("legal1",), "case.unknown"),
        ("auditor", ("legal1",), "copy.not_acting"),
    ],
)
def test_who_may_not_send_or_get_a_copy(sqlite_bureau: Bureau, by: str, to: tuple[str, ...], code: str) -> None:
    case_id = sqlite_bureau.open()
    with pytest.raises(FashenError) as refused:
        send(sqlite_bureau, case_id, by, *to)
    assert refused.value.code == code
    assert copied(sqlite_bureau, "legal1") == []


def test_a_long_note_and_a_strangers_copy_are_refused(sqlite_bureau: Bureau) -> None:
    bureau = sqlite_bureau
    case_id = bureau.open()
    with pytest.raises(Invalid):
        send(bureau, case_id, "officer1", "legal1", note="长" * 501)
    send(bureau, case_id, "officer1", "legal1")
    (copy,) = copied(bureau, "legal1")
    with pytest.raises(NotFound):
        execute(bureau.store, copies.acknowledge_copy, bureau.actor("legal2"), copy.id)


def test_each_row_has_its_own_result(bureau: Bureau) -> None:
    cases = [bureau.open(title=f"案{number}") for number in range(3)]
    for case_id in cases:
        bureau.complete("deputy", case_id, "approve_filing", APPROVE)
    tasks = [bureau.task(case_id, "investigate") for case_id in cases]
    execute(bureau.store, commands.claim_task, bureau.actor("officer2"), tasks[1].id, seen=tasks[1].version)
    rows = [*((task.id, task.version) for task in tasks), ("0" * 32, 1)]
    outcomes = bulk.run(bureau.store, bureau.actor("officer1"), "claim", rows, key=new_id())
    codes = [outcome.error.code if outcome.error else "" for outcome in outcomes]
    assert codes == ["", "task.changed", "", "task.unknown"]
    with bureau.store.read() as session:
        assert pages.counts(session, bureau.actor("officer1"))["todo"].number == 2
    held = [bureau.task(case_id, "investigate") for case_id in (cases[0], cases[2])]
    outcomes = bulk.run(
        bureau.store, bureau.actor("officer1"), "release", [(task.id, task.version) for task in held], key=new_id()
    )
    assert [outcome.error for outcome in outcomes] == [None, None]


def test_the_whole_sent_twice_does_nothing_twice(bureau: Bureau) -> None:
    case_id, key = bureau.open(), new_id()
    bureau.complete("deputy", case_id, "approve_filing", APPROVE)
    task = bureau.task(case_id, "investigate")
    for _twice in range(2):
        outcomes = bulk.run(bureau.store, bureau.actor("officer1"), "claim", [(task.id, task.version)], key=key)
        assert [outcome.error for outcome in outcomes] == [None]
    with bureau.store.read() as session:
        told = [entry.event for entry in ledger.history(session, f"case:{case_id}")]
        assert told.count("TaskClaimed") == 1


def test_rows_are_urged_and_handed_on_by_those_who_may(bureau: Bureau) -> None:
    cases = [bureau.open(title=f"案{number}") for number in range(2)]
    rows = [(bureau.task(case_id, "approve_filing").id, 1) for case_id in cases]
    outcomes = bulk.run(bureau.store, bureau.actor("officer1"), "urge", rows, key=new_id())
    assert [outcome.error for outcome in outcomes] == [None, None]
    again = bulk.run(bureau.store, bureau.actor("officer1"), "urge", rows, key=new_id())
    assert [outcome.error.code for outcome in again if outcome.error] == ["urge.too_soon"] * 2
    rows = [(task.id, task.version) for task in (bureau.task(case_id, "approve_filing") for case_id in cases)]
    given = {"to": bureau.actor("officer3").person_id, "reason": "工作调整"}
    refused = bulk.run(bureau.store, bureau.actor("deputy"), "reassign", rows, key=new_id(), given=given)
    assert all(outcome.error is not None for outcome in refused)
    with bureau.store.read() as session:
        assert pages.counts(session, bureau.actor("deputy"))["todo"].number == 2


def test_copies_are_acknowledged_together(bureau: Bureau) -> None:
    for number in range(2):
        send(bureau, bureau.open(title=f"案{number}"), "officer1", "legal1")
    rows = [(copy.id, 1) for copy in copied(bureau, "legal1")]
    outcomes = bulk.run(bureau.store, bureau.actor("legal1"), "acknowledge", rows, key=new_id())
    assert [outcome.error for outcome in outcomes] == [None, None]
    assert all(copy.read_at for copy in copied(bureau, "legal1"))


def test_nothing_that_decides_is_done_to_several_rows_at_once() -> None:
    assert set(bulk.BULK) <= {"claim", "release", "acknowledge", "reassign", "urge"}


@pytest.mark.parametrize(
    ("name", "rows", "code"),
    [("complete", [("x", 1)], "desk.bulk_unknown"), ("claim", [], "desk.bulk_nothing"),
     ("claim", [(str(n), 1) for n in range(101)], "desk.bulk_too_many")],
)  # fmt: skip
def test_a_wrong_order_is_refused_whole(
    sqlite_bureau: Bureau, name: str, rows: list[tuple[str, int]], code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        bulk.run(sqlite_bureau.store, sqlite_bureau.actor("officer1"), name, rows, key=new_id())
    assert refused.value.code == code


def test_rows_are_read_as_they_were_ticked() -> None:
    assert bulk.read_rows(["a:1", "b", ":2", "c:x", "d:99999999999", "e:12"]) == [("a", 1), ("e", 12)]
