"""External tasks over HTTP, asked as the unchanged clients of Camunda 7 ask."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from tests.external.gazette import TOPIC, admit, begin, serve
from tests.webapp.site import Site
from webapp.api import bodies, external_tasks
from workflows import ledger
from workflows.actors import SYSTEM
from workflows.calendar import clock
from workflows.cases.file import Case
from workflows.engine import handlers, packages
from workflows.engine.definition import Definitions
from workflows.external import accounts
from workflows.external.tables import ExternalTask

BASE = "/engine-rest/external-task"
KEYS = {
    "activityId", "activityInstanceId", "errorMessage", "executionId", "id", "processDefinitionId",
    "processDefinitionKey", "processInstanceId", "tenantId", "retries", "workerId", "priority", "topicName",
    "lockExpirationTime",
}  # fmt: skip


class Worker:
    """A client with its token; it knows no cookie."""

    def __init__(self, site: Site, name: str = "gazette-office", topics: tuple[str, ...] = (TOPIC,)) -> None:
        self.machine, token = admit(site.store, name, topics)
        self.site = site
        self.headers = {"Authorization": f"Bearer {token}"}
        self.basic = {"Authorization": "Basic " + base64.b64encode(f"{name}:{token}".encode()).decode()}

    def post(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> TestResponse:
        client = self.site.app.test_client()
        return client.post(BASE + path, json=body, headers=self.headers if headers is None else headers)

    def fetch(self, **more: Any) -> TestResponse:
        topic = {"topicName": TOPIC, "lockDuration": 60000, "processVariables": {}, "variables": None,
                 "includeExtensionProperties": True, "deserializeValues": True}  # fmt: skip
        return self.post("/fetchAndLock", {"workerId": "w", "maxTasks": 5, "topics": [topic], "sorting": None, **more})


@pytest.fixture(autouse=True)
def served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "_topics", set())
    serve()


@pytest.fixture
def worker(site: Site) -> Worker:
    return Worker(site)


@pytest.fixture
def task(site: Site) -> str:
    (made,) = begin(site.store, site.open_case(), number=7, ratio=0.5, urgent=True, note=None, parts=["a"])
    return made


def error(answer: TestResponse) -> tuple[int, str]:
    assert answer.headers["Content-Type"] == "application/json"
    assert set(answer.json) == {"type", "message", "code"}
    return answer.status_code, answer.json["type"]


def test_a_task_is_handed_over_with_typed_variables_and_every_key(worker: Worker, task: str) -> None:
    answer = worker.fetch()
    assert answer.headers["Content-Type"] == "application/json"
    (one,) = answer.json
    assert set(one) >= KEYS
    assert (one["id"], one["topicName"], one["workerId"], one["retries"]) == (task, TOPIC, "w", None)
    assert re.fullmatch(r"2024-03-04T09:01:00\.000\+0800", one["lockExpirationTime"])
    kinds = {name: (each["type"], each["value"]) for name, each in one["variables"].items() if name != "case_id"}
    assert kinds == {
        "number": ("Integer", 7), "ratio": ("Double", 0.5), "urgent": ("Boolean", True), "note": ("Null", None),
        "parts": ("Json", '["a"]'),
    }  # fmt: skip
    assert one["extensionProperties"] == {"outputs": "page, place"}
    assert worker.fetch().json == []


def test_a_task_is_completed_once(worker: Worker, task: str) -> None:
    worker.fetch()
    body = {"workerId": "w", "variables": {"page": {"value": 3, "type": "Integer"}, "place": {"value": "x"}}}
    done = worker.post(f"/{task}/complete", body)
    assert (done.status_code, done.data) == (204, b"")
    assert error(worker.post(f"/{task}/complete", body)) == (404, "RestException")


def test_the_other_answers_are_204_without_a_body(worker: Worker, task: str) -> None:
    worker.fetch()
    client = worker.site.app.test_client()
    for path, body in (
        ("extendLock", {"workerId": "w", "newDuration": 60000}),
        ("failure", {"workerId": "w", "errorMessage": "m", "errorDetails": "d", "retries": 2, "retryTimeout": 0}),
        ("lock", {"workerId": "w", "lockDuration": 60000}),
    ):
        assert worker.post(f"/{task}/{path}", body).status_code == 204, path
    assert client.post(f"{BASE}/{task}/unlock", headers=worker.headers).status_code == 204
    worker.fetch()
    assert worker.post(f"/{task}/bpmnError", {"workerId": "w", "errorCode": "refused"}).status_code == 204


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "topics"), ([], "{}"), ({"workerId": "w", "topics": [{"topicName": TOPIC}]}, "lockDuration"),
        ({"workerId": "", "topics": [{"topicName": TOPIC, "lockDuration": 1}]}, "workerId"),
        ({"workerId": "w", "topics": [{"topicName": TOPIC, "lockDuration": True}]}, "lockDuration"),
        ({"workerId": "w", "topics": [{"topicName": TOPIC, "lockDuration": 0}]}, "lockDuration"),
        ({"workerId": "w", "maxTasks": "x", "topics": [{"topicName": TOPIC, "lockDuration": 1}]}, "maxTasks"),
    ],
)  # fmt: skip
def test_a_malformed_request_is_told_what_is_wrong(worker: Worker, body: Any, place: str) -> None:
    answer = worker.post("/fetchAndLock", body)
    assert error(answer) == (400, "InvalidRequestException")
    assert place in answer.json["message"]


def test_what_is_no_json_is_refused_as_json(worker: Worker) -> None:
    client = worker.site.app.test_client()
    answer = client.post(f"{BASE}/fetchAndLock", data=b"{", headers=worker.headers)
    assert error(answer) == (400, "InvalidRequestException")


def raw(worker: Worker, path: str, data: bytes, **more: Any) -> TestResponse:
    """Bytes as an attacker writes them, with no library of a client between."""
    return worker.site.app.test_client().post(BASE + path, data=data, headers=worker.headers, **more)


HOSTILE = [
    b"[" * 100_000, b'{"a":' * 50_000, b"\xff\xfe", b"null", b"NaN", b"1" * 5_000, b"",
    b'{"workerId": "\\ud800", "topics": [{"topicName": "gazette", "lockDuration": 1}]}',
    b'{"workerId": "a\\u0000b", "topics": [{"topicName": "gazette", "lockDuration": 1}]}',
    b'{"workerId": "a\\u001bb", "topics": [{"topicName": "gazette", "lockDuration": 1}]}',
    b'{"workerId": "w", "\\ud800": 1, "topics": [{"topicName": "gazette", "lockDuration": 1}]}',
    b'{"workerId": "w", "topics": [{"topicName": "gazette", "lockDuration": ' + b"9" * 4_000 + b"}]}",
    b'{"workerId": "w", "topics": [{"topicName": "gazette", "lockDuration": 1e999}]}',
    b'{"workerId": "w", "maxTasks": -1, "topics": [{"topicName": "gazette", "lockDuration": 1}]}',
]


@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
def test_no_body_of_an_attacker_breaks_anything(worker: Worker, task: str, data: bytes) -> None:
    for path in ("/fetchAndLock", f"/{task}/complete", f"/{task}/failure", f"/{task}/bpmnError", f"/{task}/extendLock"):
        assert error(raw(worker, path, data)) == (400, "InvalidRequestException"), path


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_body_of_more_than_a_megabyte_is_not_read(worker: Worker, kind: str) -> None:
    data = b'{"workerId": "' + b"w" * bodies.LARGEST + b'"}'
    assert error(raw(worker, "/fetchAndLock", data, content_type=kind)) == (413, "InvalidRequestException")


@pytest.mark.parametrize(
    "query", ["firstResult=99999999999999999999", "maxResults=99999999999999999999", "firstResult=-1",
              "maxResults=x", "firstResult=%D9%A3", "topicName=%00"],
)  # fmt: skip
def test_a_list_is_asked_for_with_numbers(worker: Worker, query: str) -> None:
    answer = worker.site.app.test_client().get(f"{BASE}?{query}", headers=worker.headers)
    assert error(answer) == (400, "InvalidRequestException")


@pytest.mark.parametrize(
    "entry",
    [
        {"value": "a\0b"}, {"value": "\ud800"}, {"value": ["\x01"]}, {"value": {"\0": 1}}, {"value": 2**53},
        {"value": "[" * 100_000, "type": "Json"}, {"value": '["\\u0000"]', "type": "Json"},
        {"value": "[NaN]", "type": "Json"}, {"value": "[" * 30 + "]" * 30, "type": "Json"},
        {"value": 10**30, "type": "Double"}, {"value": float("inf"), "type": "Double"},
    ],
)  # fmt: skip
def test_values_that_nothing_can_keep_are_refused(worker: Worker, task: str, entry: dict[str, Any]) -> None:
    worker.fetch()
    for path, more in (("complete", {}), ("bpmnError", {"errorCode": "refused"})):
        sent = {"workerId": "w", "variables": {"page": entry}, **more}
        assert error(worker.post(f"/{task}/{path}", sent)) == (400, "InvalidRequestException")
    assert worker.post(f"/{task}/complete", {"workerId": "w", "variables": {"page": {"value": 3}}}).status_code == 204


@pytest.mark.parametrize("said", ["a\0b", "\udfff"])
def test_a_failure_is_told_in_characters(worker: Worker, site: Site, task: str, said: str) -> None:
    worker.fetch()
    for name in ("errorMessage", "errorDetails"):
        refused = worker.post(f"/{task}/failure", {"workerId": "w", name: said})
        assert error(refused) == (400, "InvalidRequestException")
    coloured = {"workerId": "w", "errorMessage": "\x1b[31mHTTP 500", "retries": 0}
    assert worker.post(f"/{task}/failure", coloured).status_code == 204
    with site.store.read() as session:
        assert session.get_one(ExternalTask, task).error == "\ufffd[31mHTTP 500"


def test_a_worker_answers_for_its_own_tasks_and_declared_variables(worker: Worker, task: str) -> None:
    worker.fetch()
    assert error(worker.post(f"/{task}/complete", {"workerId": "v"})) == (400, "InvalidRequestException")
    undeclared = worker.post(f"/{task}/complete", {"workerId": "w", "variables": {"case_id": {"value": "x"}}})
    assert error(undeclared) == (400, "InvalidRequestException")
    mail = Worker(worker.site, "mail", ("mail",))
    assert error(mail.fetch()) == (403, "AuthorizationException")
    assert error(mail.post(f"/{task}/complete", {"workerId": "w"})) == (404, "RestException")
    assert mail.site.app.test_client().get(BASE, headers=mail.headers).json == []


def test_bearer_and_basic_open_and_nothing_else_does(worker: Worker, site: Site, task: str) -> None:
    def asked(headers: dict[str, str]) -> int:
        return int(site.app.test_client().get(BASE, headers=headers).status_code)

    assert (asked(worker.headers), asked(worker.basic)) == (200, 200)
    token = worker.headers["Authorization"].removeprefix("Bearer ")
    wrong = base64.b64encode(f"mail:{token}".encode()).decode()
    for headers in (
        {}, {"Authorization": "Bearer "}, {"Authorization": f"Bearer {token}x"}, {"Authorization": f"Basic {wrong}"},
        {"Authorization": "Bearer " + "x" * 5000}, {"Authorization": "Basic ???"}, {"Authorization": f"Token {token}"},
    ):  # fmt: skip
        assert asked(headers) == 401, headers
    admin = site.visitor("admin")
    assert admin.get(BASE).status_code == 401  # a person's login opens nothing here
    with site.store.work() as session:
        accounts.revoke(session, SYSTEM, "gazette-office")
    assert asked(worker.headers) == 401


def test_a_token_opens_no_page_of_people(worker: Worker, site: Site) -> None:
    client = site.app.test_client()
    for path in ("/desk", "/cases", "/account"):
        assert client.get(path, headers=worker.headers).status_code == 302


def test_an_operator_sees_what_waits(worker: Worker, task: str) -> None:
    answer = worker.site.app.test_client().get(f"{BASE}?topicName={TOPIC}&maxResults=10", headers=worker.headers)
    assert [(each["id"], each["workerId"]) for each in answer.json] == [(task, None)]


def test_pages_are_read_where_the_topic_is_served_no_longer(
    worker: Worker, site: Site, task: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers, "_topics", set())
    monkeypatch.setattr(packages, "_definitions", Definitions())
    with site.store.read() as session:
        case_id = session.get_one(ExternalTask, task).case_id
    officer = site.visitor("officer1")
    for path in ("/cases", f"/cases/{case_id}", "/desk"):
        assert officer.get(path).status_code == 200, path


def test_a_task_of_a_case_that_is_held_up_rests(worker: Worker, site: Site, task: str) -> None:
    worker.fetch()
    with site.store.work() as session:
        case = session.get_one(Case, session.get_one(ExternalTask, task).case_id)
        case.suspended_at, case.suspended_for = clock.now(), "等待鉴定结论"
    refused = worker.post(f"/{task}/complete", {"workerId": "w"})
    assert error(refused) == (400, "SuspendedEntityInteractionException")
    (shown,) = site.app.test_client().get(BASE, headers=worker.headers).json
    assert shown["suspended"] is True
    assert worker.post(f"/{task}/unlock").status_code == 204
    assert worker.fetch().json == []


def test_a_fetch_that_finds_nothing_waits_a_little_without_a_connection(
    worker: Worker, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        held.append(site.store.engine.pool.checkedout())  # type: ignore[attr-defined]
        waited.append(seconds)
        passed[0] += seconds

    passed = [0.0]
    monkeypatch.setattr(external_tasks.time, "sleep", sleep)
    monkeypatch.setattr(external_tasks.time, "monotonic", lambda: passed[0])
    assert worker.fetch(asyncResponseTimeout=30000).json == []
    assert sum(waited) == external_tasks.LONGEST_WAIT
    assert set(held) == {0}
    waited.clear()
    assert worker.fetch().json == []
    assert waited == []


def test_one_task_is_shown_and_the_waiting_ones_are_counted(worker: Worker, site: Site, task: str) -> None:
    client = site.app.test_client()
    one = client.get(f"{BASE}/{task}", headers=worker.headers)
    assert set(one.json) >= KEYS
    assert one.json == client.get(BASE, headers=worker.headers).json[0]
    assert client.get(f"{BASE}/count", headers=worker.headers).json == {"count": 1}
    assert client.get(f"{BASE}/count?topicName=other", headers=worker.headers).json == {"count": 0}
    worker.fetch()
    worker.post(f"/{task}/complete", {"workerId": "w"})
    assert error(client.get(f"{BASE}/{task}", headers=worker.headers)) == (404, "RestException")
    assert client.get(f"{BASE}/count", headers=worker.headers).json == {"count": 0}


def test_a_machine_is_neither_shown_nor_told_of_other_topics(worker: Worker, site: Site, task: str) -> None:
    handlers.serve("mail")
    mail = Worker(site, "mail", ("mail",))
    client = site.app.test_client()
    assert error(client.get(f"{BASE}/{task}", headers=mail.headers)) == (404, "RestException")
    assert client.get(f"{BASE}/count?topicName={TOPIC}", headers=mail.headers).json == {"count": 0}
    for path in (f"/{task}", "/count"):
        assert error(client.get(BASE + path)) == (401, "AuthenticationException"), path


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/engine-rest/nowhere", (404, "NotFoundException")),
        ("GET", "/engine-rest", (404, "NotFoundException")),
        ("POST", f"{BASE}/x/nothing", (404, "NotFoundException")),
        ("DELETE", f"{BASE}/fetchAndLock", (405, "NotAllowedException")),
    ],
)
def test_an_address_that_is_not_there_is_answered_as_programs_read_it(
    site: Site, method: str, path: str, expected: tuple[int, str]
) -> None:
    answer = site.app.test_client().open(path, method=method, headers={"Accept": "text/html"})
    assert error(answer) == expected


def test_a_database_that_is_gone_is_told_to_programs_too(site: Site, worker: Worker) -> None:
    site.store.close()
    file = str(site.store.engine.url.database)
    for more in ("-wal", "-shm"):
        Path(file + more).unlink(missing_ok=True)
    Path(file).write_bytes(b"garbage" * 1000)
    assert error(worker.fetch()) == (503, "ProcessEngineException")


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE engine_task SET body = '{' WHERE instance_id = :instance",
        "UPDATE engine_task SET element = 'nowhere' WHERE instance_id = :instance",
        "UPDATE engine_task SET state = 'odd' WHERE instance_id = :instance",
        "UPDATE engine_instance SET variables = '[1' WHERE id = :instance",
        "UPDATE engine_instance SET pins = '{}' WHERE id = :instance",
    ],
)
def test_a_case_whose_rows_are_damaged_keeps_no_other_waiting_and_is_told(
    site: Site, worker: Worker, damage: str
) -> None:
    case_id = site.open_case()
    damaged, sound = begin(site.store, case_id, 2, number=7)
    with site.store.work() as session:
        instance = session.get_one(ExternalTask, damaged).instance_id
        session.execute(text(damage), {"instance": instance})
    assert [one["id"] for one in worker.fetch().json] == [sound]
    assert worker.fetch().json == []  # the damaged one rests: nobody gets it
    assert worker.post(f"/{sound}/complete", {"workerId": "w"}).status_code == 204
    with site.store.read() as session:
        row = session.get_one(ExternalTask, damaged)
        assert (row.retries, row.error, row.worker) == (0, "engine.state_damaged", None)
        told = ledger.history(session, f"case:{case_id}", only=["IncidentRaised"])
        assert [entry.data["code"] for entry in told] == ["engine.state_damaged"]
        assert ledger.verify(session) == []
