"""Two machines are one installation: what is done on one is seen on the other, and either may fall away."""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.deployment.machines import Machine, production, send_file
from tests.durability.both import demonstration
from tests.durability.client import Client, Gone, Page
from tests.durability.nursery import Nursery
from tests.durability.people import ANSWERS
from tests.durability.scene import open_cases
from tests.durability.server import START_SECONDS
from tests.postgres import TestServer
from tests.s3 import ObjectStore
from webapp import launch
from workflows import ledger
from workflows.cases.file import Case
from workflows.cases.materials import Material
from workflows.desk.tasks import Task
from workflows.ledger.entries import EntryRow
from workflows.outbox import OutboxNotice
from workflows.store import Store

pytestmark = pytest.mark.durability

CASES = 4


class Installation:
    """Two machines with their database and their store of files; the first one starts fast, since it is killed."""

    def __init__(self, database: str, objects: ObjectStore, folder: Path, nursery: Nursery) -> None:
        self.store, self.objects = Store(database), objects
        environment = production(database, "s3://fashen/bureau", **objects.environment)
        self.one, self.other = Machine(folder / "one", environment, nursery), Machine(folder / "other", environment)

    def case(self) -> str:
        """A case that nothing else was done to, in this test run."""
        with self.store.read() as session:
            return session.scalars(select(Case.id).order_by(Case.id)).first() or ""


@pytest.fixture(scope="module")
def house(postgres: TestServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    url = postgres.fresh_database(demonstration)
    store = Store(url)
    launch.prepare(store, demo=True)
    store.close()
    open_cases(url, CASES)
    objects = ObjectStore().start()
    objects.make_bucket("fashen")
    with Nursery() as nursery:
        made = Installation(url, objects, tmp_path_factory.mktemp("machines"), nursery)
        for machine in (made.one, made.other):
            machine.start()
        for machine in (made.one, made.other):
            machine.wait()
        yield made
        for machine in (made.one, made.other):
            machine.stop()
    objects.stop()
    made.store.close()
    postgres.drop(url)


def claimable(client: Client) -> list[str]:
    links = client.get("/desk?list=claimable").links("/tasks/")
    return [path for path in links if path.count("/") == 2]


def to_do(client: Client) -> list[str]:
    return [path for path in client.get("/desk?list=todo").links("/tasks/") if path.count("/") == 2]


def on(machine: Machine, client: Client) -> Client:
    """The same browser, sent to this machine by the balancer."""
    return machine.browser(cookies=client.cookies)


def a_task(house: Installation) -> tuple[Client, str]:
    """The deputy at machine one, with a task that is theirs."""
    deputy = house.one.browser("deputy")
    mine = to_do(deputy)
    if not mine:
        path = claimable(deputy)[0]
        form = deputy.get(path).form(f"{path}/claim")
        assert form is not None
        deputy.post(f"{path}/claim", form.untouched)
        mine = [path]
    return deputy, mine[0]


def test_who_logs_in_on_one_works_on_the_other(house: Installation) -> None:
    deputy, path = a_task(house)
    there = on(house.other, deputy)
    page = there.get(path)
    assert page.status == 200
    form = page.form(f"{path}/complete")
    assert form is not None
    # the form was drawn by one machine and is sent to the other
    here = on(house.one, deputy)
    answer = here.post(f"{path}/complete", form.filled(ANSWERS))
    assert answer.status in (302, 303), answer.text
    again = there.post(f"{path}/complete", form.filled(ANSWERS))
    assert again.status in (302, 303)  # the same key: the outcome that there was
    with house.store.read() as session:
        assert session.get_one(Task, path.rpartition("/")[2]).state == "completed"
        completed = select(func.count()).select_from(EntryRow).where(
            EntryRow.event == "TaskCompleted", EntryRow.data.contains(path.rpartition("/")[2])
        )  # fmt: skip
        assert session.execute(completed).scalar_one() == 1


def test_a_claim_on_one_is_a_refusal_on_the_other(house: Installation) -> None:
    deputy, path = a_task(house)
    sent_back = deputy.get(path).form(f"{path}/complete")
    assert sent_back is not None
    assert deputy.post(f"{path}/complete", sent_back.filled(ANSWERS)).status in (302, 303)
    here, there = house.one.browser("officer1"), house.other.browser("officer2")
    shared = sorted(set(claimable(here)) & set(claimable(there)))
    assert shared, "no task that two officers may take"
    forms = [client.get(shared[0]).form(f"{shared[0]}/claim") for client in (here, there)]
    assert all(forms)
    first, second = (
        client.post(f"{shared[0]}/claim", form.untouched if form else {})
        for client, form in zip((here, there), forms, strict=True)
    )
    assert first.status in (302, 303)
    assert second.status == 409
    assert shared[0] not in claimable(there)
    assert shared[0] in to_do(here)


def test_a_file_uploaded_on_one_is_opened_on_the_other(house: Installation) -> None:
    officer = house.one.browser("officer1")
    path = f"/cases/{house.case()}"
    form = officer.get(f"{path}?tab=materials").form(f"{path}/materials")
    assert form is not None
    content = b"%PDF-1.7\n" + random.randbytes(200_000) + b"\n%%EOF\n"
    fields = {**form.untouched, "kind": "other", "note": "两台服务器"}
    assert send_file(officer, f"{path}/materials", fields, "笔录.pdf", content).status in (302, 303)
    with house.store.read() as session:
        row = session.scalars(select(Material).order_by(Material.added_at.desc())).first()
    assert row is not None
    assert house.objects.objects("fashen")[f"bureau/{row.sha256[:2]}/{row.sha256[2:4]}/{row.sha256}"] == len(content)
    assert read(on(house.other, officer), f"/files/{house.case()}/{row.id}?save=1") == content


def read(client: Client, path: str) -> bytes:
    from http.client import HTTPConnection

    connection = HTTPConnection("127.0.0.1", client.port, timeout=START_SECONDS)
    connection.request("GET", path, headers={"Cookie": "; ".join(f"{k}={v}" for k, v in client.cookies.items())})
    answer = connection.getresponse()
    assert answer.status == 200
    data = answer.read()
    connection.close()
    return data


def test_a_session_that_is_revoked_on_one_is_refused_on_the_other_at_once(house: Installation) -> None:
    first, second = house.one.browser("legal1"), house.other.browser("legal1")
    assert second.get("/desk").status == 200
    page = first.get("/account/sessions")
    (ends,) = {found for found in re.findall(r"/account/sessions/[0-9a-z-]+", page.text) if found.endswith("others")}
    form = page.form(ends)
    assert form is not None
    assert first.post(ends, form.untouched).status in (302, 303)
    for machine in (house.other, house.one):
        refused = on(machine, second).get("/desk")
        assert (refused.status, "/login" in refused.location) == (302, True)
    assert on(house.other, first).get("/desk").status == 200


def test_wrong_passwords_are_counted_together(house: Installation) -> None:
    browsers = [house.one.browser(), house.other.browser()]

    def tried(number: int, password: str) -> Page:
        client = browsers[number % 2]
        form = client.get("/login").form("/login")
        assert form is not None
        return client.post("/login", form.filled({"login": "auditor", "password": password}))

    assert [tried(number, "wrong").status for number in range(5)] == [401] * 5
    assert [tried(number, "fashen-demo").status for number in range(2)] == [429, 429]


def sent(client: Client, path: str, fields: dict[str, str]) -> None:
    """Send a form; whatever becomes of the answer."""
    with suppress(Gone):
        client.post(path, fields)


def test_a_machine_that_dies_in_the_middle_loses_nothing_and_the_other_goes_on(house: Installation) -> None:
    """The forms of several people are under way when the power goes; each is sent again to the other machine."""
    chance = random.Random(7)
    for _ in range(3):
        deputy, path = a_task(house)
        form = deputy.get(path).form(f"{path}/complete")
        assert form is not None
        sending = threading.Thread(target=sent, args=(deputy, f"{path}/complete", form.filled(ANSWERS)))
        sending.start()
        time.sleep(chance.uniform(0, 0.08))
        house.one.kill()
        sending.join()
        assert house.one.ready() == 0
        assert house.other.ready() == 200
        there = on(house.other, deputy)
        assert there.get("/desk").status == 200
        answer = there.post(f"{path}/complete", form.filled(ANSWERS))
        assert answer.status in (302, 303), answer.text
        with house.store.read() as session:
            assert session.get_one(Task, path.rpartition("/")[2]).state == "completed"
            completed = select(func.count()).select_from(EntryRow).where(
                EntryRow.event == "TaskCompleted", EntryRow.data.contains(path.rpartition("/")[2])
            )  # fmt: skip
            assert session.execute(completed).scalar_one() == 1
        officer = house.other.browser("officer1")  # gives it back, so that the next round has a task
        for returned in to_do(officer):
            page = officer.get(returned).form(f"{returned}/complete")
            if page is not None:
                officer.post(f"{returned}/complete", page.filled(ANSWERS))
        house.one.start()
        house.one.wait()
    with house.store.read() as session:
        assert ledger.verify(session) == []


def test_the_workers_deliver_each_notice(house: Installation) -> None:
    end = time.monotonic() + START_SECONDS
    waiting = select(func.count()).select_from(OutboxNotice).where(OutboxNotice.delivered_at.is_(None))
    while True:
        with house.store.read() as session:
            if session.execute(waiting).scalar_one() == 0:
                break
        assert time.monotonic() < end, "a notice stays undelivered"
        time.sleep(0.05)
    for machine in (house.one, house.other):
        assert "Traceback" not in machine.log()


def test_without_its_store_of_files_neither_machine_is_ready_and_nothing_typed_is_lost(house: Installation) -> None:
    officer = house.one.browser("officer1")
    path = f"/cases/{house.case()}"
    form = officer.get(f"{path}?tab=materials").form(f"{path}/materials")
    assert form is not None
    house.objects.stop()
    fields = {**form.untouched, "kind": "other", "note": "停电时填写的说明"}
    answer = send_file(officer, f"{path}/materials", fields, "笔录.pdf")
    assert answer.status == 503
    assert "文件存储暂时无法使用" in answer.text
    assert "停电时填写的说明" in answer.text
    end = time.monotonic() + START_SECONDS
    while {machine.ready() for machine in (house.one, house.other)} != {503}:
        assert time.monotonic() < end, "a machine still says that it is ready"
        time.sleep(0.1)
    assert officer.get("/desk").status == 200  # what needs no file goes on
