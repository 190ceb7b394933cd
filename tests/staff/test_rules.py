"""The bureau's own legal parameters: two administrators, from a day on, told in the ledger, and reckoned with."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.staff.conftest import Office
from workflows import ledger
from workflows.calendar import clock
from workflows.cases.catalogue import BureauRule
from workflows.cases.parameters import parameters, require_value
from workflows.cases.rules import rule
from workflows.errors import Forbidden, Invalid, NotFound, Stale
from workflows.staff import rules

BUREAU, TEAM = "衢州市应急管理局(演示)", "综合行政执法队"
DAY = timedelta(days=1)
STATUTORY = ["lower_qualification", "revoke_permit", "suspend_business", "close_down", "restrict_employment"]
"""行政处罚法 63 para. 1 (3) and (4)."""


def ask(office: Office, days: int | None, first: int = 0, by: str = "admin", **more: Any) -> str:
    value = None if days is None else {"working_days": days}
    wanted = {"value": value, "source": "衢应急〔2024〕3号", "reason": "局务会议定"}
    return str(office.does(by, rules.ask, office.unit(BUREAU), "statement_days",
                           effective_from=clock.today() + first * DAY, **{**wanted, **more}))  # fmt: skip


def days_on(office: Office, ahead: int) -> int:
    with office.store.read() as session:
        return int(rule(session, "statement_days", office.unit(BUREAU), clock.today() + ahead * DAY)["working_days"])


def test_a_value_holds_from_its_day_on_once_another_administrator_approved(office: Office) -> None:
    request = ask(office, 5, first=2)
    assert ask(office, 5, first=2) == request
    assert days_on(office, 2) == 3
    with pytest.raises(Forbidden, match="rule.own_request"):
        office.does("admin", rules.approve, request)
    office.does("admin2", rules.approve, request)
    assert [days_on(office, ahead) for ahead in (0, 1, 2, 9)] == [3, 3, 5, 5]
    with pytest.raises(Stale, match="rule.decided"):
        office.does("admin2", rules.approve, request)
    with office.store.read() as session:
        (told,) = ledger.of_event(session, "bureau", "RuleSet")
        assert (told.data["value"], told.data["source"]) == ({"working_days": 5}, "衢应急〔2024〕3号")
        assert "陈述申辩期限" in ledger.describe(told)


def test_the_value_before_ends_and_the_programs_own_comes_back_when_wanted(small_office: Office) -> None:
    for days, first in ((5, 1), (7, 3), (None, 6)):
        small_office.does("admin2", rules.approve, ask(small_office, days, first))
    assert [days_on(small_office, ahead) for ahead in range(8)] == [3, 5, 5, 7, 7, 7, 3, 3]
    for days, first, code in ((4, 3, "rule.day_taken"), (4, -1, "rule.day_passed"), (None, 9, "rule.nothing_own")):
        with pytest.raises(Invalid, match=code):
            ask(small_office, days, first)


def test_a_refused_request_changes_nothing_and_the_next_may_be_asked(small_office: Office) -> None:
    request = ask(small_office, 5)
    with pytest.raises(Stale, match="rule.another"):
        ask(small_office, 6)
    small_office.does("admin2", rules.refuse, request, decision="未经局务会")
    with pytest.raises(Stale, match="rule.decided"):
        small_office.does("admin2", rules.approve, request)
    small_office.does("admin", rules.refuse, ask(small_office, 6), decision="撤回")
    assert days_on(small_office, 0) == 3
    with small_office.store.read() as session:
        assert rules.waiting(session) == [] and len(ledger.of_event(session, "bureau", "RuleRefused")) == 2


def test_only_system_administrators_ask_and_decide(small_office: Office) -> None:
    request = ask(small_office, 5)
    for login in ("secadmin", "auditor", "legal1", "head"):
        for command, more in ((rules.approve, {}), (rules.refuse, {"decision": "无"})):
            with pytest.raises(Forbidden, match="actor.role_missing"):
                small_office.does(login, command, request, **more)
        with pytest.raises(Forbidden, match="actor.role_missing"):
            ask(small_office, 6, by=login)
    with pytest.raises(NotFound, match="unit.unknown"):
        small_office.does("admin", rules.ask, small_office.unit(TEAM), "statement_days", value={"working_days": 4},
                          effective_from=clock.today(), source="文", reason="由")  # fmt: skip


@pytest.mark.parametrize(("name", "value", "place"), [
    ("statement_days", {"working_days": 0}, "value.working_days"),
    ("statement_days", {"working_days": "5"}, "value.working_days"),
    ("statement_days", {"working_days": True}, "value.working_days"),
    ("statement_days", {"working_days": 5, "more": 1}, "value"),
    ("quorum", {"numerator": 1, "denominator": 3, "handling_leader": True}, "value.numerator"),
    ("quorum", {"numerator": 3, "denominator": 2, "handling_leader": True}, "value.numerator"),
    ("hearing_threshold", {"entity_fine_yuan": 1, "person_fine_yuan": 1, "types": ["death"]}, "value.types"),
    ("hearing_threshold", {"entity_fine_yuan": 1, "person_fine_yuan": 1, "types": []}, "value.types"),
    ("amount_wording", {"max_inclusive": "yes"}, "value.max_inclusive"),
    ("amount_wording", {"max_inclusive": False}, "value.max_inclusive"),
    ("hearing_threshold", {"entity_fine_yuan": 50001, "person_fine_yuan": 1, "types": STATUTORY},
     "value.entity_fine_yuan"),
    ("hearing_threshold", {"entity_fine_yuan": 1, "person_fine_yuan": 20001, "types": STATUTORY},
     "value.person_fine_yuan"),
    ("filing_days", {"working_days": 8}, "value.working_days"),
])  # fmt: skip
def test_a_value_that_makes_no_sense_is_refused_at_its_field(name: str, value: dict[str, Any], place: str) -> None:
    with pytest.raises(Invalid) as refused:
        require_value(name, value)
    assert place in {one.place for one in refused.value.problems}


@pytest.mark.parametrize("kind", STATUTORY)
def test_no_bureau_takes_away_a_kind_that_the_law_gives_a_hearing_for(kind: str) -> None:
    limits: dict[str, Any] = {"entity_fine_yuan": 50000, "person_fine_yuan": 20000}
    require_value("hearing_threshold", {**limits, "types": [*STATUTORY, "suspend_permit"]})
    with pytest.raises(Invalid) as refused:
        require_value("hearing_threshold", {**limits, "types": [one for one in STATUTORY if one != kind]})
    (problem,) = refused.value.problems
    assert (problem.code, problem.place) == ("rule.statutory", "value.types")
    assert problem.facts["basis"] == {"zh": "《行政处罚法》第六十三条", "en": "Administrative Penalty Law, art. 63"}


def test_what_an_older_version_let_be_asked_for_is_refused_at_its_approval(
    small_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr(rules, "require_value", lambda name, value: None)
        request = small_office.does(
            "admin", rules.ask, small_office.unit(BUREAU), "amount_wording", value={"max_inclusive": False},
            effective_from=clock.today(), source="文", reason="由",
        )  # fmt: skip
    with pytest.raises(Invalid) as refused:
        small_office.does("admin2", rules.approve, request)
    assert [one.code for one in refused.value.problems] == ["rule.statutory"]


def test_every_value_that_the_program_ships_is_one_that_a_bureau_could_set(small_office: Office) -> None:
    with small_office.store.read() as session:
        shipped = {row.name: row.value for row in session.query(BureauRule).filter(BureauRule.bureau_id.is_(None))}
    own = parameters().keys() & shipped.keys()
    assert parameters().keys() - own == {"filing_days", "supplement_days"}, "these are limits of the rules until set"
    assert own >= {"statement_days", "quorum", "hearing_threshold"}
    for name in own:
        require_value(name, shipped[name])
