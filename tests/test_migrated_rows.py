"""Rows of earlier versions after a migration: nothing is lost, and what is new fits them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import bindparam, inspect, select, text
from sqlalchemy.orm import Session

from webapp import launch
from workflows import migrations, outbox, watching
from workflows.actors import Actor, Person, Unit
from workflows.calendar import clock
from workflows.cases import recusals
from workflows.cases.meetings import AgendaItem, presiding
from workflows.cases.notes import PageNote
from workflows.cases.orders import Substitute
from workflows.desk.lists.columns import ListLayout
from workflows.desk.migrating.tables import Migration
from workflows.diagrams import suspensions
from workflows.diagrams.suspension_table import Suspension
from workflows.diagrams.trying_tables import ClosedReplay, ProcessPlay, TestRun
from workflows.engine import state
from workflows.ledger.checks import LedgerCheck
from workflows.notices.certificates import CertificateReminder
from workflows.notices.deliveries import NoticeDelivery
from workflows.operations.repair_table import Repair
from workflows.search import rebuilding
from workflows.sessions import LoginFailures
from workflows.staff.requests import PostRequest
from workflows.store import Store, Utc


def test_tasks_of_before_learn_what_the_lists_look_for(empty_url: str) -> None:
    """0003: an open task, a claimed and a done one, each with a candidate, as revision 0002 held them."""
    store = Store(empty_url)
    migrations.upgrade(store, "0002")
    with store.work() as session:
        session.execute(text("INSERT INTO unit (id, name, name_en, level, legal_subject, region, settings) VALUES "
                             "('b', '局', '', 'city', TRUE, '', '{}'), ('d', '队', '', 'division', FALSE, '', '{}')"))
        session.execute(text("INSERT INTO person (id, login, name, language, created_at) "
                             "VALUES ('p', 'p', '甲', 'zh', '2024-03-01 01:00:00')"))
        session.execute(text(
            "INSERT INTO case_file (id, kind, title, unit_id, bureau_id, state, source, summary, found_on, opened_at,"
            " opened_by_id, crime, fine_suspended, complex, public_interest, archive_number, retention, version) VALUES"
            " ('c', 'admin_penalty', '案', 'd', 'b', 'lead', 'inspection', '', '2024-03-01', '2024-03-01 01:00:00',"
            " 'p', 'none', FALSE, FALSE, FALSE, '', '', 1)"
        ))  # fmt: skip
        done = "2024-03-02 01:00:00"
        for name, state, ended in (("o", "open", None), ("h", "claimed", None), ("e", "completed", done)):
            session.execute(text(
                "INSERT INTO task (id, case_id, instance_id, engine_task_id, process_key, package_hash, element_id,"
                " name, variables, unit_id, state, priority, due_at, created_at, ended_at, version) VALUES (:id, 'c',"
                " 'i', :id, 'k', 'h', 'e', 'n', '{}', 'b', :state, 50, '2024-03-05 16:00:00', '2024-03-01 01:00:00',"
                " :ended, 1)"
            ), {"id": name, "state": state, "ended": ended})  # fmt: skip
            session.execute(text("INSERT INTO task_candidate (task_id, person_id) VALUES (:id, 'p')"), {"id": name})
    migrations.upgrade(store)
    with store.read() as session:
        rows = session.execute(text("SELECT bureau_id, case_unit_id, opener_id, returned FROM task")).all()
        assert {tuple(row) for row in rows} == {("b", "d", "p", False)}
        waits = session.execute(text("SELECT task_id FROM task_candidate WHERE closed_at IS NULL")).scalars().all()
        assert waits == ["o"]
        ends = session.execute(text("SELECT count(*) FROM task_candidate WHERE due_at IS NOT NULL")).scalar()
        assert ends == 3
        came = text("SELECT DISTINCT case_unit_id, returned FROM task_candidate WHERE arrived_at IS NOT NULL")
        assert [tuple(row) for row in session.execute(came)] == [("d", False)]  # 0016
    assert rebuilding.missing(store)  # 0014 makes the index of the search, and what prepares an installation fills it
    launch.prepare(store, demo=False)
    with store.read() as session:
        assert session.execute(text("SELECT kind, text FROM search_entry")).all() == [("case", "案")]
    store.close()


def test_a_layout_of_before_opens_the_next_task(empty_url: str) -> None:
    """0017: nobody has said otherwise yet."""
    store = Store(empty_url)
    migrations.upgrade(store, "0016")
    with store.work() as session:
        session.execute(text("INSERT INTO person (id, login, name, language, created_at) "
                             "VALUES ('p', 'p', '甲', 'zh', '2024-03-01 01:00:00')"))  # fmt: skip
        session.execute(text("INSERT INTO list_layout (person_id, which, columns) VALUES ('p', 'todo', '[\"title\"]')"))
    migrations.upgrade(store)
    with store.read() as session:
        layout = session.get_one(ListLayout, ("p", "todo"))
        assert (layout.columns, layout.goes_on) == (["title"], True)
    store.close()


def test_drafts_of_before_can_be_tried(empty_url: str) -> None:
    """0021: a draft that revision 0020 held."""
    store = Store(empty_url)
    migrations.upgrade(store, "0020")
    with store.work() as session:
        session.execute(text("INSERT INTO person (id, login, name, language, created_at) "
                             "VALUES ('p', 'p', '甲', 'zh', '2024-03-01 01:00:00')"))  # fmt: skip
        session.execute(text("INSERT INTO process_draft (id, process_key, name, origin, revision, state, writers,"
                             " author_id, created_at, changed_by_id, changed_at) VALUES ('d', 'penalty', '草稿',"
                             " 'empty', 1, 'open', '[]', 'p', '2024-03-01 01:00:00', 'p',"
                             " '2024-03-01 01:00:00')"))  # fmt: skip
    migrations.upgrade(store)
    moment = datetime(2024, 3, 1, 1, tzinfo=UTC)
    with store.work() as session:
        assert [session.scalar(text(f"SELECT count(*) FROM {table}"))  # noqa: S608 (names of our own)
                for table in ("process_play", "process_test_run", "process_replay")] == [0] * 3
        session.add(ProcessPlay(draft_id="d", person_id="p", process_key="penalty", name="试", moves=[{"timer": True}],
                                started_at=moment, changed_at=moment))  # fmt: skip
        session.add(TestRun(package_hash="h", path="tests/test-1.yaml", passed=True, problem={}, ran_at=moment,
                            by_id="p"))  # fmt: skip
        session.add(ClosedReplay(draft_id="d", draft_revision=1, package_hash="h", since=moment.date(),
                                 until=moment.date(), asked_by_id="p", asked_at=moment))  # fmt: skip
    with store.read() as session:
        assert session.query(ProcessPlay).one().moves == [{"timer": True}]
    store.close()


def test_in_a_discussion_of_before_nobody_was_appointed_to_preside(empty_url: str) -> None:
    """0019: an item that waits for its conclusion."""
    store = Store(empty_url)
    migrations.upgrade(store, "0018")
    with store.work() as session:
        session.execute(text("INSERT INTO unit (id, name, name_en, level, legal_subject, region, settings) VALUES "
                             "('b', '局', '', 'city', TRUE, '', '{}')"))  # fmt: skip
        session.execute(text("INSERT INTO person (id, login, name, language, created_at) "
                             "VALUES ('p', 'p', '甲', 'zh', '2024-03-01 01:00:00')"))  # fmt: skip
        session.execute(text(
            "INSERT INTO case_file (id, kind, title, unit_id, bureau_id, state, source, summary, found_on, opened_at,"
            " opened_by_id, crime, fine_suspended, complex, public_interest, archive_number, retention, version) VALUES"
            " ('c', 'admin_penalty', '案', 'b', 'b', 'deliberating', 'inspection', '', '2024-03-01',"
            " '2024-03-01 01:00:00', 'p', 'none', FALSE, FALSE, FALSE, '', '', 1)"
        ))  # fmt: skip
        session.execute(text("INSERT INTO draft (id, case_id, version, digest, outcome, facts, evidence, law,"
                             " discretion, statement_recheck, change, created_at, created_by_id) VALUES ('d', 'c', 1,"
                             " 'x', 'penalise', '', '', '', '', '', '', '2024-03-01 01:00:00', 'p')"))  # fmt: skip
        session.execute(text("INSERT INTO meeting (id, bureau_id, title, place, planned_at, host_id, recorder_id,"
                             " observers, state) VALUES ('m', 'b', '会', '室', '2024-03-01 01:00:00', 'p', 'p', '',"
                             " 'open')"))  # fmt: skip
        session.execute(text("INSERT INTO agenda_item (id, meeting_id, case_id, position, purpose, draft_id,"
                             " draft_digest, attendance, recused, voters, round, state, resolution,"
                             " resolved_penalties) VALUES ('i', 'm', 'c', 0, 'decision', 'd', 'x',"
                             " '[{\"person_id\": \"p\", \"present\": true}]', '[]', '[\"p\"]', 1, 'voting', '',"
                             " '[]')"))  # fmt: skip
    migrations.upgrade(store)
    with store.read() as session:
        item = session.get_one(AgendaItem, "i")
        assert (item.presiders, presiding(item)) == ([], "p")
    store.close()


def test_running_cases_of_before_can_be_moved_to_other_versions(empty_url: str) -> None:
    """0024: an instance that was started before."""
    store = Store(empty_url)
    migrations.upgrade(store, "0023")
    with store.work() as session:
        session.execute(text("INSERT INTO person (id, login, name, language, created_at) "
                             "VALUES ('p', 'p', '甲', 'zh', '2024-03-01 01:00:00')"))  # fmt: skip
        session.execute(text("INSERT INTO engine_package (hash, key, files, created_at) "
                             "VALUES ('h', 'penalty', '{}', '2024-03-01 01:00:00')"))  # fmt: skip
        session.execute(text(
            "INSERT INTO engine_instance (id, process_key, package_hash, pins, version, status, variables, created_at)"
            " VALUES ('i', 'penalty', 'h', '{\"penalty\":\"h\"}', 1, 'running', '{}', '2024-03-01 01:00:00')"
        ))  # fmt: skip
    migrations.upgrade(store)
    with store.work() as session:
        session.add(Migration(
            id="m", process_key="penalty", source_hash="h", target_hash="g", source_version=1, target_version=2,
            elements={}, reason="因", legal_basis="据", asked_by_id="p", asked_at=clock.now(),
        ))  # fmt: skip
    with store.read() as session:
        assert session.get_one(Migration, "m").state == "waiting"
        assert session.execute(text("SELECT pins FROM engine_instance")).scalar_one() == '{"penalty":"h"}'
    store.close()


def test_cases_of_before_are_told_anew_for_the_search_and_what_else_was_found_stays(empty_url: str) -> None:
    """0026: a case and its party, indexed before matters were."""
    store = Store(empty_url)
    migrations.upgrade(store, "0025")
    with store.work() as session:
        session.execute(text("INSERT INTO unit (id, name, name_en, level, legal_subject, region, settings) VALUES "
                             "('b', '局', '', 'city', TRUE, '', '{}')"))  # fmt: skip
        session.execute(text("INSERT INTO person (id, login, name, language, created_at) "
                             "VALUES ('p', 'p', '甲', 'zh', '2024-03-01 01:00:00')"))  # fmt: skip
        session.execute(text(
            "INSERT INTO case_file (id, kind, title, unit_id, bureau_id, state, source, summary, found_on, opened_at,"
            " opened_by_id, crime, fine_suspended, complex, public_interest, archive_number, retention, version) VALUES"
            " ('c', 'admin_penalty', '案', 'b', 'b', 'lead', 'inspection', '', '2024-03-01', '2024-03-01 01:00:00',"
            " 'p', 'none', FALSE, FALSE, FALSE, '', '', 1)"
        ))  # fmt: skip
        for kind in ("case", "party"):
            session.execute(text("INSERT INTO search_entry (kind, row_id, part, case_id, text, folded, attempts) "
                                 "VALUES (:kind, 'c', 0, 'c', '旧', ' 旧 ', 0)"), {"kind": kind})  # fmt: skip
    migrations.upgrade(store)
    assert rebuilding.missing(store)
    rebuilding.fill(store)
    with store.read() as session:
        told = session.execute(text("SELECT kind, text FROM search_entry ORDER BY kind")).all()
    assert [tuple(row) for row in told] == [("case", "案"), ("party", "旧")]
    store.close()


def test_failed_logins_of_before_count_on_and_nobody_is_in_the_middle_of_one(empty_url: str) -> None:
    """0008: a login that was refused before the upgrade."""
    store = Store(empty_url)
    migrations.upgrade(store, "0007")
    with store.work() as session:
        session.execute(text("INSERT INTO login_failures (login_digest, moments) VALUES ('d', :moments)"),
                        {"moments": '["2024-03-01T01:00:00+00:00"]'})  # fmt: skip
    migrations.upgrade(store)
    with store.read() as session:
        row = session.get_one(LoginFailures, "d")
        assert (row.moments, row.attempts) == (["2024-03-01T01:00:00+00:00"], {})
    store.close()


def test_cases_of_before_take_external_tasks(empty_url: str) -> None:
    """0005: an instance of revision 0004 stays, and a task of a machine can be entered for it."""
    store = Store(empty_url)
    migrations.upgrade(store, "0004")
    with store.work() as session:
        session.execute(text("INSERT INTO engine_package (hash, key, files, created_at) VALUES ('h', 'k', '{}', "
                             "'2024-03-01 01:00:00')"))  # fmt: skip
        session.execute(text("INSERT INTO engine_instance (id, process_key, package_hash, pins, version, status,"
                             " variables, created_at, attempts) VALUES ('i', 'k', 'h', '{}', 1, 'running', '{}',"
                             " '2024-03-01 01:00:00', 0)"))  # fmt: skip
    migrations.upgrade(store)
    with store.work() as session:
        session.execute(text("INSERT INTO machine_account (id, name, token_digest, topics, created_at) VALUES "
                             "('m', 'office', 'd', '[\"gazette\"]', '2024-03-01 01:00:00')"))  # fmt: skip
        session.execute(text("INSERT INTO external_task (id, instance_id, case_id, topic, process_key, package_hash,"
                             " element_id, name, outputs, created_at, account_id, error) VALUES ('t', 'i', 'c',"
                             " 'gazette', 'k', 'h', 'e', 'n', '[]', '2024-03-01 01:00:00', 'm', '')"))  # fmt: skip
    with store.read() as session:
        assert session.execute(text("SELECT instance_id, account_id FROM external_task")).all() == [("i", "m")]
    store.close()


def test_timers_of_before_are_tried_when_they_are_due_also_those_that_rested_after_an_incident(empty_url: str) -> None:
    store = Store(empty_url)
    migrations.upgrade(store, "0001")
    with store.work() as session:
        session.execute(text("INSERT INTO engine_package (hash, key, files, created_at) "
                             "VALUES ('h', 'k', '{}', '2026-01-01 00:00:00')"))  # fmt: skip
        before = text("INSERT INTO engine_instance (id, process_key, package_hash, pins, version, status, due, "
                      "variables, created_at) VALUES (:id, 'k', 'h', '{}', 1, :status, :due, '{}', :began)")
        began = bindparam("began", datetime(2026, 1, 1, tzinfo=UTC), Utc)
        before = before.bindparams(bindparam("due", type_=Utc), began)
        moments = {"runs": datetime(2026, 3, 2, 1, tzinfo=UTC), "rests": datetime(2026, 3, 1, 1, tzinfo=UTC)}
        for id, status in (("runs", "running"), ("rests", "incident"), ("ended", "finished")):
            session.execute(before, {"id": id, "status": status, "due": moments.get(id)})
    migrations.upgrade(store)
    with store.read() as session:
        assert state.due_instances(session, datetime(2026, 3, 2, 1, tzinfo=UTC), 5) == ["rests", "runs"]
        assert session.scalars(text("SELECT attempts FROM engine_instance")).all() == [0, 0, 0]
    store.close()


def test_orders_of_before_are_for_all_processes_and_remarks_can_be_made(empty_url: str) -> None:
    """0011: an order that revision 0010 held."""
    store = Store(empty_url)
    migrations.upgrade(store, "0010")
    with store.work() as session:
        session.execute(text("INSERT INTO person (id, login, name, language, created_at) "
                             "VALUES ('p', 'p', '甲', 'zh', '2024-03-01 01:00:00')"))  # fmt: skip
        session.execute(text("INSERT INTO substitute (id, person_id, substitute_id, roles, starts_on, ends_on, reason,"
                             " created_at, created_by_id) VALUES ('s', 'p', 'p', '[\"case_officer\"]', '2024-03-01',"
                             " '2024-03-08', '', '2024-03-01 01:00:00', 'p')"))  # fmt: skip
    migrations.upgrade(store)
    with store.read() as session:
        assert session.get_one(Substitute, "s").processes == []
        assert session.execute(text("SELECT count(*) FROM remark")).scalar() == 0
    store.close()


def test_notes_can_be_pinned_to_materials_of_before(empty_url: str) -> None:
    """0013: a material that revision 0012 held."""
    store = Store(empty_url)
    migrations.upgrade(store, "0012")
    with store.work() as session:
        session.execute(text("INSERT INTO unit (id, name, name_en, level, legal_subject, region, settings) "
                             "VALUES ('u', '局', 'Bureau', 'city', TRUE, '', '{}')"))  # fmt: skip
        session.execute(text("INSERT INTO person (id, login, name, language, created_at) "
                             "VALUES ('p', 'p', '甲', 'zh', '2024-03-01 01:00:00')"))  # fmt: skip
        session.execute(text("INSERT INTO case_file (id, kind, title, unit_id, bureau_id, state, source, summary, "
                             "found_on, opened_at, opened_by_id, crime, fine_suspended, complex, public_interest, "
                             "archive_number, retention, version) VALUES ('c', 'k', 't', 'u', 'u', 'lead', 's', '', "
                             "'2024-03-01', '2024-03-01 01:00:00', 'p', 'none', FALSE, FALSE, FALSE, '', '', "
                             "1)"))  # fmt: skip
        session.execute(text("INSERT INTO material (id, case_id, kind, stage, title, file_name, media_type, sha256, "
                             "size, note, added_at, added_by_id) VALUES ('m', 'c', 'other', 's', 't', 't.pdf', "
                             "'application/pdf', 'x', 1, '', '2024-03-01 01:00:00', 'p')"))  # fmt: skip
    migrations.upgrade(store)
    with store.work() as session:
        session.add(PageNote(case_id="c", material_id="m", author_id="p", page=3, text="签名有误", circle="case",
                             made_at=datetime(2024, 3, 1, tzinfo=UTC)))  # fmt: skip
        session.flush()
        row = session.execute(select(PageNote)).scalar_one()
        assert (row.material.file_name, row.page, row.x, row.withdrawn_at) == ("t.pdf", 3, None, None)
        session.rollback()
    store.close()


def test_notices_of_before_stay_unread_and_go_nowhere_else(empty_url: str) -> None:
    """0012, 0015: a notice that revision 0011 held; nobody has chosen another channel yet."""
    store = Store(empty_url)
    migrations.upgrade(store, "0011")
    with store.work() as session:
        session.execute(text("INSERT INTO person (id, login, name, language, created_at) "
                             "VALUES ('p', 'p', '甲', 'zh', '2024-03-01 01:00:00')"))  # fmt: skip
        session.execute(text("INSERT INTO outbox_notice (id, person_id, kind, facts, created_at, delivered_at) VALUES "
                             "('n', 'p', 'task_offered', '{\"name\": \"x\"}', '2024-03-01 01:00:00', "
                             "'2024-03-01 01:00:01')"))  # fmt: skip
    migrations.upgrade(store)
    moment = datetime(2024, 3, 1, 1, tzinfo=UTC)
    with store.work() as session:
        assert outbox.count_unread(session, "p") == 1
        assert watching.beat(session, "p") == 0
        assert [session.scalar(text(f"SELECT count(*) FROM {table}"))  # noqa: S608 (names of our own)
                for table in ("notice_profile", "notice_choice", "notice_delivery", "task_reminder")] == [0] * 4
        session.add(NoticeDelivery(notice_id="n", person_id="p", channel="email", topic="tasks", planned_at=moment,
                                   try_at=moment))  # fmt: skip
    with store.work() as session:
        actor = Actor("p", "甲", "", "", "", {})
        assert outbox.mark_read(session, actor, ["n"]) == 1
    with store.read() as session:
        assert watching.beat(session, "p") == 1
    store.close()


def add_case(session: Session) -> None:
    """A case with its instance, a step that waits and one that is done, as revisions 0021 to 0024 hold them."""
    session.execute(text("INSERT INTO person (id, login, name, language, created_at) "
                         "VALUES ('p', 'p', '甲', 'zh', '2024-03-01 01:00:00')"))  # fmt: skip
    session.execute(text("INSERT INTO unit (id, name, name_en, level, legal_subject, region, settings) VALUES "
                         "('b', '局', '', 'city', TRUE, '', '{}')"))  # fmt: skip
    session.execute(text(
        "INSERT INTO case_file (id, kind, title, unit_id, bureau_id, state, source, summary, found_on, opened_at,"
        " opened_by_id, crime, fine_suspended, complex, public_interest, archive_number, retention, version) VALUES"
        " ('c', 'admin_penalty', '案', 'b', 'b', 'lead', 'inspection', '', '2024-03-01', '2024-03-01 01:00:00',"
        " 'p', 'none', FALSE, FALSE, FALSE, '', '', 1)"
    ))  # fmt: skip
    session.execute(text("INSERT INTO engine_package (hash, key, files, created_at) "
                         "VALUES ('h', 'penalty', '{}', '2024-03-01 01:00:00')"))  # fmt: skip
    session.execute(text(
        "INSERT INTO engine_instance (id, case_id, process_key, package_hash, pins, version, status, variables,"
        " incident, created_at) VALUES ('i', 'c', 'penalty', 'h', '{\"penalty\":\"h\"}', 1, 'running', '{}', 'x',"
        " '2024-03-01 01:00:00')"
    ))  # fmt: skip
    session.execute(text("INSERT INTO engine_scope (instance_id, id, process_key, plan, number) "
                         "VALUES ('i', 's', 'review', 'r', 1)"))  # fmt: skip
    for id, state_of, ended in (("t1", "open", None), ("t2", "completed", "2024-03-02 01:00:00")):
        session.execute(text(
            "INSERT INTO task (id, case_id, instance_id, engine_task_id, process_key, package_hash, element_id,"
            " name, variables, unit_id, bureau_id, case_unit_id, opener_id, state, priority, created_at, ended_at,"
            " returned, version) VALUES (:id, 'c', 'i', :id, 'penalty', 'h', 'e', '环节', '{}', 'b', 'b', 'b', 'p',"
            " :state, 50, '2024-03-01 01:00:00', :ended, FALSE, 1)"
        ), {"id": id, "state": state_of, "ended": ended})  # fmt: skip


def test_processes_of_before_are_in_force_and_can_be_suspended_and_repaired(empty_url: str) -> None:
    """0022: a case with a step that waits and one that is done, and the instance that they belong to."""
    store = Store(empty_url)
    migrations.upgrade(store, "0021")
    with store.work() as session:
        add_case(session)
    migrations.upgrade(store)
    now = datetime(2024, 3, 4, tzinfo=UTC)
    with store.work() as session:
        assert suspensions.standing(session) == [] and suspensions.holds(session, "i") is False
        session.add(Suspension(process_key="review", package_hash=None, holds=True, reason="因", by_id="p", at=now,
                               ended_reason=""))  # fmt: skip
        session.add(Repair(id="r", case_id="c", instance_id="i", kind="assignee", process_key="penalty", task_id="t1",
                           name="环节", old=None, new="p", reason="因", asked_by_id="p", asked_at=now))  # fmt: skip
    with store.read() as session:
        [one] = suspensions.of_case(session, "c")
        assert (one.process_key, suspensions.holds(session, "i")) == ("review", True)
        repair = session.get_one(Repair, "r")
        assert (repair.state, repair.old, repair.new, repair.decision) == ("waiting", None, "p", "")
        tasks = session.execute(text("SELECT id, state FROM task ORDER BY id")).all()
        assert [tuple(row) for row in tasks] == [("t1", "open"), ("t2", "completed")]
    store.close()


def test_steps_done_before_are_counted_along_the_new_index(empty_url: str) -> None:
    """0025: the bureau stands in the index of what was done."""
    store = Store(empty_url)
    migrations.upgrade(store, "0024")
    with store.work() as session:
        add_case(session)
    migrations.upgrade(store)
    with store.read() as session:
        [found] = [one for one in inspect(session.connection()).get_indexes("task")
                   if one["name"] == "ix_task_done_version"]  # fmt: skip
        assert found["column_names"][-2:] == ["state", "bureau_id"]
        assert session.execute(text("SELECT id, bureau_id FROM task WHERE ended_at IS NOT NULL")).one() == ("t2", "b")
    store.close()


def test_accounts_of_before_keep_their_password_and_units_exist(empty_url: str) -> None:
    """0023: nobody is asked for a new password, no unit has ended, and posts can be asked for."""
    store = Store(empty_url)
    migrations.upgrade(store, "0022")
    with store.work() as session:
        session.execute(text("INSERT INTO unit (id, name, name_en, level, legal_subject, region, settings) VALUES "
                             "('b', '局', '', 'city', TRUE, '', '{}')"))  # fmt: skip
        session.execute(text("INSERT INTO person (id, login, name, password_hash, language, created_at) "
                             "VALUES ('p', 'p', '甲', 'x', 'zh', '2024-03-01 01:00:00')"))  # fmt: skip
        session.execute(text("INSERT INTO certificate (id, person_id, kind, number, valid_from) "
                             "VALUES ('c', 'p', 'enforcement', '1', '2024-03-01')"))  # fmt: skip
    migrations.upgrade(store)
    with store.work() as session:
        person, unit = session.get_one(Person, "p"), session.get_one(Unit, "b")
        assert (person.password_hash, person.password_until, unit.ended_on) == ("x", None, None)
        session.add(PostRequest(
            person=person, unit=unit, role="auditor", title="审计员", starts_on=date(2024, 3, 4), reason="任命",
            asked_by_id="p", asked_at=datetime(2024, 3, 4, tzinfo=UTC),
        ))  # fmt: skip
        session.add(LedgerCheck(asked_by_id="p", asked_at=datetime(2024, 3, 4, tzinfo=UTC)))
        session.add(CertificateReminder(
            certificate_id="c", valid_to=date(2024, 4, 1), days=30, told_at=datetime(2024, 3, 4, tzinfo=UTC)
        ))  # fmt: skip
    store.close()


def test_people_can_withdraw_from_cases_of_before(empty_url: str) -> None:
    """0027: a case with a step that waits and one that is done."""
    store = Store(empty_url)
    migrations.upgrade(store, "0026")
    with store.work() as session:
        add_case(session)
    migrations.upgrade(store)
    with store.work() as session:
        assert recusals.recused(session, "c") == set()
        since = datetime(2024, 3, 4, tzinfo=UTC)
        session.add(recusals.CaseRecusal(case_id="c", person_id="p", since=since, reason="因"))
    with store.read() as session:
        assert recusals.recused(session, "c") == {"p"}
        tasks = session.execute(text("SELECT id, state FROM task ORDER BY id")).all()
        assert [tuple(row) for row in tasks] == [("t1", "open"), ("t2", "completed")]
    store.close()


def test_what_was_delegated_before_is_on_the_list_of_who_delegated_it(empty_url: str) -> None:
    """0028: an index over the rows that there are."""
    store = Store(empty_url)
    migrations.upgrade(store, "0027")
    with store.work() as session:
        add_case(session)
        session.execute(text("UPDATE task SET owner_id = 'p'"))
    migrations.upgrade(store)
    with store.read() as session:
        lent = text("SELECT id FROM task WHERE owner_id = 'p' AND ended_at IS NULL ORDER BY due_at")
        assert session.execute(lent).scalars().all() == ["t1"]
    store.close()
