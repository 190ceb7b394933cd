"""What cases run on is what was published: any other package is refused, and named by the auditor's check."""

from __future__ import annotations

import base64
import json

import pytest
from sqlalchemy import Connection, text

from tests.desk.conftest import Bureau
from tests.engine.drawing import end, flows, package, start, user
from tests.fold import changing
from workflows.actors import SYSTEM
from workflows.calendar import clock
from workflows.cases.file import lock_case
from workflows.desk import advance
from workflows.desk.execute import execute
from workflows.diagrams import library
from workflows.engine import packages
from workflows.engine.state import EngineInstance
from workflows.errors import Incident
from workflows.store import Store

SLIPPED = package(start(), user("u"), end(), flows("start > u > end"), key="penalty")


def slip_in(connection: Connection) -> None:
    """As an application's database user could: a package that nobody checked, and the pointer to it."""
    connection.execute(
        text("INSERT INTO engine_package (hash, key, files, created_at) VALUES (:hash, 'penalty', :files, :now)"),
        {"hash": SLIPPED.hash, "files": SLIPPED.to_json(), "now": "2026-01-01 00:00:00.000000"},
    )
    connection.execute(
        text("UPDATE engine_current SET package_hash = :hash WHERE key = 'penalty'"), {"hash": SLIPPED.hash}
    )


def tables(connection: Connection) -> set[tuple[str, str | None]]:
    return {(one.table, one.column) for one in changing.differences(connection)}


def test_a_case_does_not_start_on_a_package_that_nobody_published(bureau: Bureau) -> None:
    case_id = bureau.open()
    with bureau.store.engine.begin() as connection:
        slip_in(connection)
    with pytest.raises(Incident) as caught, bureau.store.work() as session:
        advance.start(session, lock_case(session, case_id), "penalty", {}, SYSTEM)
    assert caught.value.code == "library.not_told"
    with bureau.store.read() as session:
        pinned = session.query(EngineInstance.package_hash).distinct().all()
    assert (SLIPPED.hash,) not in pinned
    with changing.attacked(bureau.store) as connection:
        assert {("engine_package", None), ("engine_current", "package_hash")} <= tables(connection)


def test_an_older_published_version_does_not_come_back_by_a_changed_pointer(bureau: Bureau) -> None:
    with bureau.store.work() as session:
        old = library.current(session, "collective_decision")
        files = dict(old.package.files)
        files["process.yaml"] += "\n# 本局版本\n".encode()
        new = library.publish(session, type(old.package)(old.key, files), SYSTEM, "调整", source=library.SHIPPED)
        library.require_told(session, {old.key: new})
        library.require_told(session, {old.key: old.hash})  # it was read just before the new one came
        packages.set_current(session, old.key, old.hash)
        with pytest.raises(Incident):
            library.require_told(session, {old.key: old.hash})


def test_a_stored_package_with_other_bytes_is_not_used(store: Store) -> None:
    bent = json.loads(SLIPPED.to_json())
    bent["sample.bpmn"] = base64.b64encode(b"<x/>").decode()
    with store.work() as session:
        packages.store(session, SLIPPED, now=clock.now())
    for files in (json.dumps(bent), "{broken", "[]", '{"sample.bpmn": 7}'):
        with store.engine.begin() as connection:
            connection.execute(text("UPDATE engine_package SET files = :files"), {"files": files})
        with pytest.raises(Incident) as caught:
            execute(store, packages.stored, SLIPPED.hash)
        assert caught.value.code == "engine.package_altered"


def test_the_check_names_each_way_to_change_what_cases_run_on(played: Store) -> None:
    attacks: dict[str, tuple[str, str | None]] = {
        "UPDATE engine_package SET files = '{}' WHERE key = 'penalty'": ("engine_package", "files"),
        "DELETE FROM engine_package WHERE key = 'penalty'": ("engine_package", None),
        "UPDATE engine_current SET package_hash = (SELECT hash FROM engine_package WHERE key = 'criminal_referral')"
        " WHERE key = 'penalty'": ("engine_current", "package_hash"),
        "DELETE FROM engine_current WHERE key = 'penalty'": ("engine_current", "package_hash"),
        "UPDATE published_package SET reason = 'x' WHERE process_key = 'penalty'": ("published_package", "reason"),
        "UPDATE published_package SET published_by = 'x' WHERE process_key = 'penalty'":
            ("published_package", "published_by"),
        "DELETE FROM published_package WHERE process_key = 'penalty'": ("published_package", None),
    }  # fmt: skip
    for attack, place in attacks.items():
        with changing.attacked(played) as connection:
            assert connection.execute(text(attack)).rowcount == 1, attack
            assert place in tables(connection), attack


def test_an_instance_pinned_to_an_unpublished_package_is_named(played: Store) -> None:
    with changing.attacked(played) as connection:
        slip_in(connection)
        connection.execute(text("UPDATE engine_current SET package_hash = (SELECT hash FROM engine_package WHERE"
                                " key = 'penalty' AND hash <> :hash) WHERE key = 'penalty'"), {"hash": SLIPPED.hash})
        pins = json.dumps({"penalty": SLIPPED.hash})
        connection.execute(text("UPDATE engine_instance SET pins = :pins WHERE process_key = 'penalty'"),
                           {"pins": pins})
        causes = [one.sentence("en") for one in changing.differences(connection) if one.column == "pins"]
    assert any("no publication" in cause and SLIPPED.hash[:20] in cause for cause in causes)
