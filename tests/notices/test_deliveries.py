"""What goes out beside the page: when, how often, to whom; once where that is possible, and never not at all."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.notices.conftest import Postbox, Receiver
from tests.notices.test_hook import hook
from workflows import ledger, outbox
from workflows.actors import Person, acting
from workflows.calendar import clock, clocks
from workflows.calendar.clock import SHANGHAI, SimulatedClock
from workflows.cases.file import Case
from workflows.desk.execute import execute
from workflows.desk.tasks import Task
from workflows.errors import Invalid, NotFound
from workflows.notices import deliveries, posting, profiles
from workflows.notices.channels import Channels
from workflows.notices.deliveries import NoticeDelivery
from workflows.notices.mail import Mail
from workflows.notices.profiles import NoticeProfile, Wishes
from workflows.outbox import OutboxNotice
from workflows.store import Store

ROOT = Path(__file__).parents[2]
FRIDAY = datetime(2024, 9, 27, 10, 0, tzinfo=SHANGHAI)  # Sunday 29th is a working day (调休), 1–7 October are not


@pytest.fixture
def time() -> Iterator[SimulatedClock]:
    with clock.simulated(FRIDAY) as simulated:
        yield simulated


@dataclass
class Office:
    """The demonstration bureau with a mail server and a receiver of webhooks."""

    store: Store
    channels: Channels
    time: SimulatedClock

    def person(self, login: str) -> str:
        with self.store.read() as session:
            return session.execute(select(Person.id).where(Person.login == login)).scalar_one()

    def wish(self, login: str, email: str = "", webhook: str = "", hour: int = 9, **timings: str) -> None:
        """timings: topic_channel=when."""
        chosen: dict[Any, str] = {tuple(name.rsplit("_", 1)): when for name, when in timings.items()}
        with self.store.read() as session:
            who = acting(session, self.person(login))
        execute(self.store, profiles.choose_notices, who, Wishes(email, webhook, hour, chosen), self.channels)

    def tell(self, login: str, kind: str, case_id: str | None = None, **facts: Any) -> str:
        with self.store.work() as session:
            notice = outbox.send(session, self.person(login), kind, facts, case_id)
            session.flush()
            notice_id = notice.id
        execute(self.store, posting.deliver, 100, self.channels.names)
        return notice_id

    def go(self) -> int:
        """Send what is due on every channel."""
        return sum(posting.send_due(self.store, self.channels, name) for name in sorted(self.channels.names))

    def at(self, *moment: int) -> None:
        self.time.set(datetime(*moment, tzinfo=SHANGHAI))  # type: ignore[arg-type,misc]

    def rows(self) -> list[NoticeDelivery]:
        with self.store.read() as session:
            return list(session.execute(select(NoticeDelivery).order_by(NoticeDelivery.planned_at)).scalars())

    def case(self) -> str:
        """A case that officer1 handles, with a number and words that must not leave the house."""
        from tests.desk.conftest import Bureau
        from workflows.desk import commands
        from workflows.store import new_id

        bureau = Bureau(self.store)
        lead = bureau.lead(title="机密的案由", found_on="2024-09-27", conduct_on="2024-09-27")
        opened = execute(self.store, commands.open_case, bureau.actor("officer1"), "penalty", lead, key=new_id())
        with self.store.work() as session:
            session.get_one(Case, opened.case_id).number = "衢应急罚〔2024〕7号"
        execute(self.store, outbox.deliver, 100)
        return opened.case_id


@pytest.fixture
def office(demo_store: Store, time: SimulatedClock, mail: Mail, receiver: Receiver) -> Office:
    return Office(demo_store, Channels("https://fashen.example.gov.cn", mail, hook(receiver)), time)


@pytest.fixture
def one(sqlite_demo_store: Store, time: SimulatedClock, mail: Mail, receiver: Receiver) -> Office:
    """The same on SQLite only."""
    return Office(sqlite_demo_store, Channels("https://fashen.example.gov.cn", mail, hook(receiver)), time)


ME = "wang@example.gov.cn"


def test_a_letter_names_the_case_by_its_number_and_tells_nothing_else_of_it(office: Office, postbox: Postbox) -> None:
    office.wish("officer1", ME)
    case_id = office.case()
    office.tell("officer1", "task_returned", case_id, task="t1", name="机密的环节", by="机密的人", note="机密的理由")
    assert office.go() == 1
    (letter,) = postbox.letters
    text = letter.get_content()
    assert letter["Subject"] == "[法审] 退回（衢应急罚〔2024〕7号）"
    assert "案号：衢应急罚〔2024〕7号" in text
    assert "https://fashen.example.gov.cn/tasks/t1" in text
    assert "机密" not in letter["Subject"] + text
    assert office.go() == 0
    assert [row.state for row in office.rows()] == ["sent"]


def test_a_webhook_carries_no_more(one: Office, receiver: Receiver) -> None:
    one.wish("officer1", webhook=f"{receiver.url}/wang")
    case_id = one.case()
    one.tell("officer1", "task_urged", case_id, task="t1", name="机密的环节", by="机密的人", note="机密的理由")
    assert one.go() == 1
    said = json.loads(receiver.got[0][2])
    assert said == {"type": "notice", "notices": [{
        "topic": "urged", "name": "催办", "case_number": "衢应急罚〔2024〕7号",
        "url": "https://fashen.example.gov.cn/tasks/t1", "at": "2024-09-27T10:00:00+08:00",
    }]}  # fmt: skip


def test_who_may_no_longer_see_the_case_is_not_told_its_number(one: Office, postbox: Postbox) -> None:
    one.wish("publisher1", ME)
    one.wish("kcofficer1", "li@example.gov.cn")
    one.tell("kcofficer1", "task_urged", one.case(), task="t1", name="x")
    one.go()
    text = postbox.letters[0]["Subject"] + postbox.letters[0].get_content()
    assert "衢应急罚" not in text
    assert "/tasks/" not in text


def test_letters_are_in_the_language_of_their_reader(one: Office, postbox: Postbox) -> None:
    with one.store.work() as session:
        session.get_one(Person, one.person("officer1")).language = "en"
    one.wish("officer1", ME)
    case_id = one.case()
    one.tell("officer1", "task_offered", name="x")
    one.go()
    one.tell("officer1", "task_offered", case_id, name="x")
    one.go()
    assert postbox.letters[0]["Subject"] == "[Fashen] New tasks, tasks handed on"
    assert "Case:" not in postbox.letters[0].get_content(), "it is about none"
    assert "Case: 衢应急罚〔2024〕7号" in postbox.letters[1].get_content()


def test_nobody_gets_anything_without_an_address_or_with_never(one: Office, postbox: Postbox) -> None:
    one.tell("officer1", "task_offered", name="x")
    one.wish("officer1", ME, tasks_email="off")
    one.tell("officer1", "task_offered", name="x")
    one.tell("officer1", "delivery_failed", channel="email")
    assert (one.rows(), one.go()) == ([], 0)
    with one.store.read() as session:
        assert len(outbox.unread(session, one.person("officer1"))) == 3, "the page tells of everything"


def test_a_digest_is_one_letter_at_the_hour_one_chose(office: Office, postbox: Postbox) -> None:
    office.wish("officer1", ME, hour=16, tasks_email="digest")
    for number in range(3):
        office.tell("officer1", "task_offered", name=str(number))
    office.tell("officer1", "case_copied", title="机密", sender="x")
    assert office.go() == 0
    office.at(2024, 9, 27, 16)
    assert office.go() == 1
    assert postbox.letters[0]["Subject"] == "[法审] 今日通知汇总（4 条）"
    assert postbox.letters[0].get_content().count("·") == 4
    assert {row.state for row in office.rows()} == {"sent"}
    office.at(2024, 9, 27, 16, 1)
    office.tell("officer1", "task_offered", name="late")
    office.at(2024, 9, 28, 16)  # Saturday
    assert office.go() == 0
    office.at(2024, 9, 29, 16)  # Sunday, on which people work
    assert office.go() == 1


def test_what_was_read_on_the_page_is_not_repeated_in_the_digest(one: Office, postbox: Postbox) -> None:
    one.wish("officer1", ME, tasks_email="digest", hour=16)
    read, _kept = one.tell("officer1", "task_offered", name="a"), one.tell("officer1", "task_offered", name="b")
    with one.store.work() as session:
        outbox.mark_read(session, acting(session, one.person("officer1")), [read])
    one.at(2024, 9, 27, 16)
    assert one.go() == 1
    assert postbox.letters[0]["Subject"] == "[法审] 今日通知汇总（1 条）"
    assert sorted(row.state for row in one.rows()) == ["dropped", "sent"]


def test_nothing_goes_out_on_a_rest_day(office: Office, postbox: Postbox) -> None:
    office.wish("officer1", ME, hour=8)
    office.at(2024, 10, 1, 11)  # National Day
    office.tell("officer1", "task_offered", name="x")
    for day in range(1, 8):
        office.at(2024, 10, day, 23)
        assert office.go() == 0
    office.at(2024, 10, 8, 8)
    assert office.go() == 1


def test_a_new_try_waits_for_the_end_of_the_holidays_too(one: Office, postbox: Postbox) -> None:
    one.wish("officer1", ME)
    postbox.answer = "451 later"
    one.at(2024, 9, 30, 23, 59)
    one.tell("officer1", "task_offered", name="x")
    assert one.go() == 1
    one.at(2024, 10, 1, 0, 30)
    assert one.go() == 0
    assert one.rows()[0].try_at == datetime(2024, 10, 8, 9, tzinfo=SHANGHAI)


def test_a_limit_in_hours_is_told_at_once_on_a_rest_day_and_not_in_a_digest(one: Office, postbox: Postbox) -> None:
    one.wish("officer1", ME, tasks_email="digest")
    case_id = one.case()
    with one.store.work() as session:
        task = session.execute(select(Task).where(Task.case_id == case_id)).scalar_one()
        task.clock_id = clocks.start_clock(
            session, "seizure_report", case_id=case_id, start=clock.now(), actor=acting(session, one.person("officer1"))
        ).id
        task_id = task.id
    one.at(2024, 10, 1, 23, 30)
    one.tell("officer1", "task_offered", case_id, task=task_id, name="报告")
    one.tell("officer1", "task_hours_soon", case_id, task=task_id, name="报告", due="x")
    assert one.go() == 2
    with pytest.raises(Invalid):
        one.wish("officer1", ME, hours_email="digest")


def test_what_may_pass_is_tried_again_ever_later_then_given_up_and_told(office: Office, postbox: Postbox) -> None:
    office.wish("officer1", ME)
    office.tell("officer1", "task_offered", name="x")
    postbox.answer = "451 4.3.0 try later"
    tries = [FRIDAY.astimezone(clock.UTC)]
    while office.go():
        (row,) = office.rows()
        if row.try_at is None:
            break
        assert (row.state, row.code, row.reason) == ("waiting", "post.unreachable", "451 4.3.0 try later")
        tries.append(row.try_at)
        office.time.set(row.try_at - timedelta(seconds=1))
        assert office.go() == 0
        office.time.set(row.try_at)
    pauses = tuple(later - earlier for earlier, later in pairwise(tries))
    assert pauses == deliveries.PAUSES
    assert (office.rows()[0].state, office.rows()[0].attempts) == ("failed", len(pauses) + 1)
    execute(office.store, posting.deliver, 100, office.channels.names)
    with office.store.read() as session:
        told = [(one.kind, one.facts["person"]) for one in outbox.unread(session, office.person("officer1"))
                if one.kind == "delivery_failed"]  # fmt: skip
        admins = [one.kind for one in outbox.unread(session, office.person("admin"))]
    assert (len(told), admins) == (1, ["delivery_failed_of"])
    assert len(office.rows()) == 1, "what tells of a broken channel does not go through it"


def test_a_refusal_is_final_until_somebody_tries_again(one: Office, postbox: Postbox) -> None:
    one.wish("officer1", ME)
    one.tell("officer1", "task_offered", name="x")
    postbox.to_recipient = "550 no such user"
    assert (one.go(), one.rows()[0].state) == (1, "failed")
    delivery_id = one.rows()[0].id
    with one.store.read() as session:
        owner, other, admin = (acting(session, one.person(login)) for login in ("officer1", "officer2", "admin"))
        assert [row.id for row in deliveries.troubled(session, owner.person_id)] == [delivery_id]
        assert deliveries.troubled(session, other.person_id) == []
    with pytest.raises(NotFound):
        execute(one.store, deliveries.retry_delivery, other, delivery_id)
    execute(one.store, deliveries.retry_delivery, admin, delivery_id)
    postbox.to_recipient = ""
    assert (one.go(), one.rows()[0].state) == (1, "sent")
    execute(one.store, deliveries.retry_delivery, owner, delivery_id)
    assert one.go() == 0, "what has arrived is not sent again"


def test_a_worker_that_dies_before_it_notes_the_outcome_sends_again_with_the_same_id(
    office: Office, postbox: Postbox
) -> None:
    office.wish("officer1", ME)
    office.tell("officer1", "task_offered", name="x")
    parcel = execute(office.store, deliveries.take, "email")
    assert parcel is not None
    posting.send(office.channels, parcel)  # and here it dies
    assert office.go() == 0, "nobody takes it while it may be under way"
    office.time.set(clock.now() + deliveries.LEASE)
    assert office.go() == 1
    assert len({letter["Message-ID"] for letter in postbox.letters}) == 1
    assert len(postbox.letters) == 2
    execute(office.store, deliveries.settle, parcel)
    assert office.rows()[0].state == "sent", "the first, waking up late, changes nothing"


def test_two_workers_send_each_notice_once(office: Office, postbox: Postbox) -> None:
    office.wish("officer1", ME)
    for number in range(8):
        office.tell("officer1", "task_offered", name=str(number))
    threads = [threading.Thread(target=office.go) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    office.go()
    assert len({letter["Message-ID"] for letter in postbox.letters}) == len(postbox.letters) == 8


def test_who_was_disabled_or_took_the_address_away_is_not_written_to(one: Office, postbox: Postbox) -> None:
    one.wish("officer1", ME)
    one.wish("officer2", "li@example.gov.cn")
    one.tell("officer1", "task_offered", name="x")
    one.tell("officer2", "task_offered", name="x")
    one.wish("officer1")
    with one.store.work() as session:
        session.get_one(Person, one.person("officer2")).disabled_at = clock.now()
    assert one.go() == 0
    assert ([row.state for row in one.rows()], postbox.letters) == (["dropped", "dropped"], [])


def test_a_channel_that_is_gone_leaves_its_messages_waiting(one: Office) -> None:
    one.wish("officer1", ME)
    one.tell("officer1", "task_offered", name="x")
    assert posting.send_due(one.store, Channels(), "email") == 1
    assert (one.rows()[0].state, one.rows()[0].reason) == ("waiting", "post.no_channel")


@pytest.mark.parametrize("email", [
    "wang@example.com", "wang", "a@b@example.gov.cn", "王@example.gov.cn", "wang@example.gov.cn\r\nBcc: x@y.cn",
    "wang <wang@example.gov.cn>", "wang@example.gov.cn,li@example.gov.cn", " @example.gov.cn", "\"a b\"@example.gov.cn",
    "x" * 250 + "@example.gov.cn", "-o@example.gov.cn",
])  # fmt: skip
def test_other_addresses_are_refused_where_they_are_entered(one: Office, email: str) -> None:
    with pytest.raises(Invalid) as caught:
        one.wish("officer1", email)
    assert [problem.place for problem in caught.value.problems] == ["email"]
    with one.store.read() as session:
        assert session.get(NoticeProfile, one.person("officer1")) is None


def test_other_urls_hours_and_timings_are_refused_each_by_name(one: Office) -> None:
    with pytest.raises(Invalid) as caught:
        one.wish("officer1", "", "https://evil.com/", 3, tasks_email="now", nothing_email="off", trial_email="off",
                 tasks_fax="off")  # fmt: skip
    places = [problem.place for problem in caught.value.problems]
    assert places == ["webhook", "digest_hour", "tasks.email", "nothing.email", "trial.email", "tasks.fax"]


def test_a_changed_address_stands_in_the_ledger_of_the_person(office: Office) -> None:
    office.wish("officer1", ME)
    office.wish("officer1", ME, tasks_email="digest")
    office.wish("officer1", "other@example.gov.cn")
    with office.store.read() as session:
        told = [one.data["address"] for one in ledger.history(session, f"person:{office.person('officer1')}")
                if one.event == "NoticeAddressChanged"]  # fmt: skip
        assert told == [ME, "other@example.gov.cn"]
        assert ledger.verify(session) == []


def test_every_kind_of_notice_belongs_to_one_topic() -> None:
    import yaml

    from workflows.notices.topics import topics

    said = yaml.safe_load((ROOT / "workflows/sentences.yaml").read_text("utf-8"))
    listed = [kind for topic in topics().values() for kind in topic.kinds]
    assert len(listed) == len(set(listed))
    assert [kind for kind in listed if f"notice.{kind}" not in said] == []


def test_notices_of_before_are_not_sent_when_somebody_enters_an_address(one: Office) -> None:
    one.tell("officer1", "task_offered", name="old")
    one.wish("officer1", ME)
    assert one.go() == 0
    with one.store.read() as session:
        assert session.execute(select(OutboxNotice.kind)).scalars().all() == ["task_offered"]
