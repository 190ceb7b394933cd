"""Issuing gives a number, keeps the content and tells the ledger; voiding keeps the number."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.documents.conftest import Bureau, found
from tests.documents.samples import sample
from workflows import documents, ledger
from workflows.actors import Unit
from workflows.calendar import clock
from workflows.documents import Document
from workflows.documents.numbers import NumberSeries
from workflows.errors import Invalid, NotFound
from workflows.store import Store


def content(kind: str = "penalty_decision") -> dict[str, Any]:
    """What a command gives: no number, no agency, no day."""
    return {name: value for name, value in sample(kind).items() if name not in ("number", "agency", "issued_on")}


def issue(
    store: Store, bureau: Bureau, kind: str = "penalty_decision", given: dict[str, Any] | None = None
) -> Document:
    with store.work() as session:
        unit = session.get_one(Unit, bureau.division)
        return documents.issue(
            session, bureau.actor, type=kind, unit=unit, case_id=bureau.case, content=given or content(kind)
        )


def test_a_document_bears_the_legal_subjects_name_and_the_day_in_shanghai(store: Store, bureau: Bureau) -> None:
    with clock.simulated(datetime(2023, 12, 31, 17, tzinfo=UTC)):
        document = issue(store, bureau)
    assert document.number == "（衢）应急罚〔2024〕1号"
    assert (document.year, document.seq, document.state) == (2024, 1, "pending")
    assert document.unit_id == bureau.subject
    assert document.content["agency"] == "衢州市应急管理局"
    assert document.content["issued_on"] == "2024-01-01"
    assert document.content["number"] == document.number


def test_the_ledger_holds_number_and_content(store: Store, bureau: Bureau) -> None:
    document = issue(store, bureau)
    with store.read() as session:
        (entry,) = ledger.history(session, f"case:{bureau.case}")
        assert not ledger.verify(session)
    assert entry.event == "DocumentIssued"
    assert entry.data["number"] == document.number
    assert entry.data["content"]["facts"] == content()["facts"]


def test_a_content_with_missing_fields_takes_no_number(store: Store, bureau: Bureau) -> None:
    with pytest.raises(Invalid) as refused:
        issue(store, bureau, given={**content(), "facts": "", "relief": {"court": "某法院"}})
    assert {problem.place for problem in refused.value.problems} == {"facts", "relief.reconsideration"}
    with store.read() as session:
        assert session.execute(select(func.count()).select_from(NumberSeries)).scalar_one() == 0


def test_two_types_worded_alike_do_not_share_a_number(store: Store) -> None:
    bureau = found(store, settings={"number_patterns": {"default": "（{region}）应急〔{year}〕{seq}号"}})
    issue(store, bureau)
    with pytest.raises(Invalid) as refused:
        issue(store, bureau, "penalty_notice")
    assert refused.value.code == "document.number_taken"


def test_a_voided_number_stays_and_is_never_given_again(store: Store, bureau: Bureau) -> None:
    first = issue(store, bureau)
    with store.work() as session:
        documents.void_number(session, bureau.actor, first.id, "文书内容有误，重新制作")
    second = issue(store, bureau)
    with store.read() as session:
        kept = [(one.seq, one.state) for one in documents.documents_of(session, bureau.case)]
        events = [entry.event for entry in ledger.history(session, f"case:{bureau.case}")]
    assert kept == [(1, "void"), (2, "pending")]
    assert second.seq == 2
    assert events == ["DocumentIssued", "NumberVoided", "DocumentIssued"]


def test_a_number_is_voided_once_and_with_a_reason(store: Store, bureau: Bureau) -> None:
    document = issue(store, bureau)
    for reason, code in [(" ", "document.void_reason_missing"), ("重复", None), ("重复", "document.already_void")]:
        if code is None:
            with store.work() as session:
                documents.void_number(session, bureau.actor, document.id, reason)
            continue
        with pytest.raises(Invalid) as refused, store.work() as session:
            documents.void_number(session, bureau.actor, document.id, reason)
        assert refused.value.code == code


def test_an_unknown_document_is_not_found(store: Store, bureau: Bureau) -> None:
    with pytest.raises(NotFound), store.work() as session:
        documents.void_number(session, bureau.actor, "0" * 32, "重复")
