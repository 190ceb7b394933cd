"""Closed cases through a draft: the same way, another way and where, or why they could not be followed."""

from __future__ import annotations

from datetime import date, timedelta

from tests.rehearsal.conftest import Archive, person
from workflows.calendar import clock
from workflows.desk.execute import execute
from workflows.diagrams import drafting, library, trying_replays
from workflows.diagrams.trying_closed import OTHER, SAME, SKIPPED, Verdict, judge
from workflows.diagrams.trying_tables import DONE, ClosedReplay
from workflows.engine.definition import read
from workflows.engine.package import Package
from workflows.store import new_id

KEYS = {"penalty", "legal_review", "collective_decision", "criminal_referral"}


def changed(key: str, *pairs: tuple[str, str]) -> Package:
    """A shipped package with texts of its diagram replaced."""
    package = library.shipped()[key]
    text = package.files[f"{key}.bpmn"].decode()
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return Package(key, {**package.files, f"{key}.bpmn": text.encode()})


def verdict(archive: Archive, package: Package) -> Verdict:
    with archive.scene.store.read() as session:
        return judge(session, read(package, callable_keys=KEYS), archive.scene.case_id)


def test_a_case_goes_the_same_way_through_the_process_that_it_ran_on(archive: Archive) -> None:
    for key in ("penalty", "legal_review"):
        assert verdict(archive, library.shipped()[key]) == Verdict(SAME)


def test_a_case_parts_where_a_gateway_of_the_draft_decides_otherwise(archive: Archive) -> None:
    found = verdict(archive, changed("penalty", ("${seizure == 'urgent'}", "${seizure == 'none'}")))
    assert found.verdict == OTHER
    assert (found.after["zh"], [one["zh"] for one in found.then], [one["zh"] for one in found.now]) == (
        "调查取证", ["调查终结报告"], ["实施查封扣押"]
    )  # fmt: skip
    assert all(one["en"] and one["en"] != one["zh"] for one in (found.after, *found.then, *found.now))


def test_a_case_parts_within_a_called_process(archive: Archive) -> None:
    found = verdict(archive, changed(
        "legal_review",
        ('sourceRef="counsel_review" targetRef="conclude_review"', 'sourceRef="conclude_review" targetRef="X"'),
        ('sourceRef="conclude_review" targetRef="concluded"', 'sourceRef="counsel_review" targetRef="concluded"'),
        ('"after_initial" targetRef="counsel_review"', '"after_initial" targetRef="conclude_review"'),
        ('targetRef="X"', 'targetRef="counsel_review"'),
    ))  # fmt: skip
    assert found.verdict == OTHER
    assert (found.after["zh"], [one["zh"] for one in found.then], [one["zh"] for one in found.now]) == (
        "法规初审", ["法律顾问再审"], ["审核结论"]
    )  # fmt: skip


def test_a_step_without_a_counterpart_is_told(archive: Archive) -> None:
    found = verdict(archive, changed(
        "penalty", *((f'{name}="check_by_unit"', f'{name}="check_by_the_unit"')
                     for name in (" id", "sourceRef", "targetRef", "bpmnElement")),
        (">check_by_unit<", ">check_by_the_unit<"),
    ))  # fmt: skip
    assert (found.verdict, found.reason) == (SKIPPED, "trying.no_counterpart")
    assert [one["zh"] for one in found.then] == ["承办机构负责人审核"]


def test_an_administrator_learns_how_many_would_have_gone_another_way(archive: Archive) -> None:
    store, admin = archive.scene.store, person(archive.scene.store, "admin")
    draft = execute(store, drafting.begin_from_version, admin, "penalty", 1, "试", draft_id=new_id())
    other = changed("penalty", ("${seizure == 'urgent'}", "${seizure == 'none'}")).files["penalty.bpmn"]
    execute(store, drafting.save_file, admin, draft.id, "penalty.bpmn", other, seen=None)
    today = clock.today()
    asked = execute(
        store, trying_replays.ask, admin, draft.id, today - timedelta(days=365), today, replay_id=new_id()
    )
    assert asked.total == 1
    with store.read() as session:
        assert trying_replays.next_one(session) == asked.id
        batch = trying_replays.examine(session, asked.id)
    with store.work() as session:
        assert trying_replays.note(session, batch)
    with store.work() as session:
        assert not trying_replays.note(session, batch), "another worker was faster"
        row = session.get_one(ClosedReplay, asked.id)
        assert (row.state, row.done, row.same, row.other, row.skipped) == (DONE, 1, 0, 1, 0)
        assert set(row.found[0]) == {"number", "kind", "verdict", "after", "then", "now", "reason"}
        assert "鑫达" not in str(row.found), "nothing of the case but its number and its kind"


def test_only_cases_closed_within_the_days_and_of_the_own_bureau_are_looked_at(archive: Archive) -> None:
    store, admin = archive.scene.store, person(archive.scene.store, "admin")
    draft = execute(store, drafting.begin_from_version, admin, "penalty", 1, "试", draft_id=new_id())
    asked = execute(
        store, trying_replays.ask, admin, draft.id, date(2020, 1, 1), date(2021, 1, 1), replay_id=new_id()
    )
    assert asked.total == 0
    with store.read() as session:
        assert trying_replays.bureaus(session, admin) == trying_replays.replay(session, admin, asked.id).units
