"""Events are frozen, versioned, told in two languages, and come back as they went in."""

from __future__ import annotations

import dataclasses
import json
import string
import typing
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from workflows.actors import SYSTEM
from workflows.errors import NotFound
from workflows.ledger import Entry, canonical, describe, events, looking, name_codes
from workflows.ledger.events.registry import _classes, _identities
from workflows.ledger.history import BESIDE, _word, sentences_of_events

ALL = sorted(events.registered().items(), key=lambda item: item[0])


def sample(hint: Any, name: str) -> Any:
    """Some value of a field's type."""
    kinds = [kind for kind in typing.get_args(hint) if kind is not type(None)]
    if type(None) in typing.get_args(hint):
        return sample(kinds[0], name)
    by_type: dict[Any, Any] = {
        str: f"{name}之值",
        int: 3,
        bool: True,
        date: date(2026, 3, 4),
        datetime: datetime(2026, 3, 4, 5, 6, tzinfo=UTC),
        Decimal: Decimal("1.50"),
        list: [],
        dict: {},
    }
    return by_type[typing.get_origin(hint) or hint]


def made(cls: type) -> Any:
    """An event with a value in every field."""
    hints = typing.get_type_hints(cls)
    return cls(**{field.name: sample(hints[field.name], field.name) for field in dataclasses.fields(cls)})


def entry_of(event: Any) -> Entry:
    name, version = events.identify(event)
    data = json.loads(canonical.text(events.to_data(event)))
    now = datetime(2026, 3, 4, tzinfo=UTC)
    return Entry(
        "case:a", 1, name, version, "a", SYSTEM.person_id, SYSTEM.name, "", "", "", now, now, data, "sha256", "", ""
    )


@pytest.mark.parametrize(("identity", "cls"), ALL, ids=[f"{name}-{version}" for (name, version), _ in ALL])
def test_every_event_survives_being_written_and_read(identity: tuple[str, int], cls: type) -> None:
    event = made(cls)
    assert entry_of(event).typed() == event


@pytest.mark.parametrize(("identity", "cls"), ALL, ids=[f"{name}-{version}" for (name, version), _ in ALL])
def test_every_event_has_a_sentence_in_both_languages(identity: tuple[str, int], cls: type) -> None:
    sentences = sentences_of_events()["events"][identity[0]]
    known = {field.name for field in dataclasses.fields(cls)}
    mappings = {field.name for field in dataclasses.fields(cls) if str(field.type).startswith("dict")}
    for language in ("zh", "en"):
        used = {field for _, field, _, _ in string.Formatter().parse(sentences[language]) if field}
        within = {field for field in used if field.partition("_")[0] in mappings}  # answer_text: what an answer holds
        used -= within | BESIDE
        assert used <= known, f"{identity[0]} has no {used - known}"
        assert describe(entry_of(made(cls)), language)


def test_other_sentences_go_by_a_field_of_the_event_and_tell_nothing_else() -> None:
    classes = {name: cls for (name, _version), cls in ALL}
    for name, by_field in sentences_of_events()["variants"].items():
        known = {field.name for field in dataclasses.fields(classes[name])}
        assert set(by_field) <= known
        for sentences in (one for by_value in by_field.values() for one in by_value.values()):
            for language in ("zh", "en"):
                used = {field for _, field, _, _ in string.Formatter().parse(sentences[language]) if field}
                assert used - BESIDE <= known, f"{name} has no {used - known - BESIDE}"


def test_a_sentence_tells_what_the_reader_knows_beside_the_entry() -> None:
    offered = entry_of(events.TaskOffered(task_id="t", instance_id="i", element_id="sign", name="会签"))
    assert describe(offered) == "转入环节：会签"
    assert describe(offered, beside={"people": ["钱芳", "冯丽"]}) == "转入环节：会签，等待钱芳、冯丽办理"
    again = entry_of(events.SubtaskOffered(task_id="s", parent_id="t", kind="rework", element_id="check", name="审核",
                                           person_id="p", person_name="郑国强", question="请写明。"))  # fmt: skip
    told = "退回补正：由会签退回至审核，由郑国强补正后直送退回人：请写明。"
    assert describe(again, beside={"from_name": "会签"}) == told


def test_no_sentence_is_left_over() -> None:
    assert set(sentences_of_events()["events"]) <= {name for name, _ in events.registered()}


def test_codes_money_and_moments_are_told_as_people_read_them() -> None:
    opinion = events.OpinionGiven(
        opinion_id="1", level="counsel_review", opinion_type="supplement", text="", draft_digest=""
    )
    assert describe(entry_of(opinion)) == "法律顾问再审意见：建议补充"
    assert describe(entry_of(opinion), "en") == "Counsel's opinion: supplement"
    paid = events.PerformanceRecorded(
        decision_id="1",
        party_id=None,
        party="某公司",
        performed_on=date(2026, 3, 4),
        amount_fen=3_000_000,
        complete=True,
    )
    assert describe(entry_of(paid)) == "履行情况：某公司缴纳30,000.00元，已全部履行"
    meeting = events.MeetingCalled(
        meeting_id="1", title="三月例会", planned_at=datetime(2026, 3, 4, 1, 30, tzinfo=UTC), place="三楼会议室"
    )
    assert describe(entry_of(meeting)) == "召集集体讨论：三月例会（2026年3月4日09:30，三楼会议室）"


def test_a_sentence_does_not_end_in_the_sign_before_an_empty_field() -> None:
    assert describe(entry_of(events.FilingRefused(reason=""))) == "不予立案"


def test_an_event_that_nobody_knows_any_more_is_told_by_its_name() -> None:
    stranger = dataclasses.replace(entry_of(events.FilingRefused(reason="x")), event="SomethingOld")
    assert describe(stranger) == "SomethingOld"
    with pytest.raises(NotFound, match=r"ledger\.event_unknown"):
        stranger.typed()


def test_another_room_can_name_its_codes() -> None:
    name_codes("archive_number", lambda: {"x1": {"zh": "第一号", "en": "No. 1"}})
    try:
        assert describe(entry_of(events.CaseArchived(archive_number="x1")), "en") == "Case archived: No. 1"
        assert describe(entry_of(events.CaseArchived(archive_number="y")), "en") == "Case archived: y"
    finally:
        name_codes("archive_number", dict)


def test_an_event_is_a_frozen_dataclass() -> None:
    @dataclasses.dataclass
    class Loose:
        name: str

    with pytest.raises(TypeError):
        events.recorded(version=1)(Loose)


def test_a_name_and_version_is_taken_once() -> None:
    with pytest.raises(ValueError, match="registered already"):
        events.recorded(version=1, name="CaseFiled")(dataclasses.make_dataclass("Another", [], frozen=True))


def test_old_versions_of_an_event_stay_readable() -> None:
    old = dataclasses.make_dataclass("FilingRefusedZero", [("why", str)], frozen=True)
    events.recorded(version=0, name="FilingRefused")(old)
    try:
        written = dataclasses.replace(entry_of(events.FilingRefused(reason="x")), version=0, data={"why": "证据不足"})
        assert written.typed().why == "证据不足"
    finally:
        _classes.pop(("FilingRefused", 0))
        _identities.pop(old)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("2024-12-27T06:30:00+00:00", "2024年12月27日14:30"),
        ("2024-12-27T14:30", "2024年12月27日14:30"),
        ("2024-12-27", "2024年12月27日"),
        ("年底", "年底"),
    ],
)
def test_a_moment_of_an_answer_is_read_in_whatever_form_it_was_written(written: str, shown: str) -> None:
    assert _word("answer_held_at", written, "zh") == shown


def test_what_somebody_ended_with_a_full_stop_goes_on_as_one_sentence() -> None:
    asked = events.MigrationAsked(migration_id="m", key="法制审核", source_hash="1", target_hash="2", elements={},
                                  reason="统一用语。", legal_basis="不涉及。", chosen=None)  # fmt: skip
    assert describe(entry_of(asked)) == "申请迁移在办案件：法制审核，统一用语，依据：不涉及。"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_kind_of_event_has_a_name_of_its_own_to_be_looked_for_by(language: str) -> None:
    titles = looking.titles(language)
    assert {name for name, _ in _classes} <= titles.keys()
    assert len(set(titles.values())) == len(titles)
    for event, title in titles.items():
        assert title and title != event, event
        assert title[0].isupper() if language == "en" else not title.isascii(), event
        assert not title.endswith(("第", " of", " to", " by", ", round")), title


def test_roles_are_told_by_their_names() -> None:
    asked = events.PostAsked(
        request_id="r", person_id="p", name="钱芳", unit_id="u", unit="政策法规处", role="bureau_leader", title="试",
        starts_on=date(2026, 3, 4), ends_on=None, reason="任命",
    )  # fmt: skip
    entry = entry_of(asked)
    assert describe(entry) == "申请任职：钱芳，政策法规处 试（分管领导），任命"
    assert "bureau_leader" not in describe(entry, "en")
