"""通知设置: what may be chosen is offered, what is wrong is named, what did not arrive is shown to whom it concerns."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.webapp.conftest import MORNING
from tests.webapp.site import Site
from webapp import settings
from webapp.app import create_app
from webapp.security import limiter
from workflows import outbox
from workflows.calendar import clock
from workflows.desk.execute import execute
from workflows.files import Files
from workflows.notices import deliveries, posting
from workflows.notices.deliveries import NoticeDelivery
from workflows.notices.profiles import NoticeChoice, NoticeProfile
from workflows.store import Store

FIELDS = {"email": "wang@example.gov.cn", "webhook": "", "digest_hour": "16", "tasks.email": "digest"}
NOWHERE = {
    "FASHEN_SMTP_HOST": "localhost", "FASHEN_SMTP_PORT": "9", "FASHEN_SMTP_FROM": "fashen@example.gov.cn",
    "FASHEN_MAIL_DOMAINS": "example.gov.cn", "FASHEN_WEBHOOKS": "https://im.example.gov.cn/hooks",
}  # fmt: skip


@pytest.fixture
def outward(demo_template: Path, tmp_path: Path) -> Iterator[Site]:
    """A site that sends e-mail and webhooks, to servers that do not answer."""
    path = tmp_path / "demo.sqlite"
    shutil.copyfile(demo_template, path)
    told = settings.read({"FASHEN_VAR": str(tmp_path), "FASHEN_DATABASE_URL": f"sqlite:///{path}", **NOWHERE})
    store, files = Store(told.database_url), Files(str(tmp_path / "files"))
    with clock.simulated(MORNING) as time:
        yield Site(create_app(told, store, files), store, files, time)
    limiter.reset()
    store.close()


def send(site: Site) -> None:
    channels = site.app.extensions["fashen"].settings.channels
    execute(site.store, posting.deliver, 100, channels.names)
    posting.send_due(site.store, channels, "email")


def test_what_is_chosen_is_kept_and_shown_again(outward: Site) -> None:
    visitor = outward.visitor("officer1")
    assert "系统没有启用" not in visitor.get("/account/notices").text
    answer = visitor.post("/account/notices", FIELDS)
    assert (answer.status_code, answer.location) == (302, "/account/notices")
    page = visitor.get("/account/notices").text
    assert 'value="wang@example.gov.cn"' in page
    assert '<option value="16" selected>' in page
    with outward.store.read() as session:
        kept = session.execute(select(NoticeChoice.topic, NoticeChoice.channel, NoticeChoice.timing)).all()
    assert [tuple(row) for row in kept] == [("tasks", "email", "digest")]


def test_what_is_wrong_is_named_and_what_was_typed_stays(outward: Site) -> None:
    visitor = outward.visitor("officer1")
    visitor.get("/account/notices")
    wrong = {**FIELDS, "email": "wang@example.com", "webhook": "https://evil.com/x", "tasks.email": "digest"}
    answer = visitor.post("/account/notices", wrong)
    assert answer.status_code == 422
    assert "只能填写以下域名的电子邮件地址：example.gov.cn。" in answer.text
    assert "这个接口地址不在系统管理员允许的范围内。" in answer.text
    assert 'value="wang@example.com"' in answer.text
    assert answer.text.count('aria-invalid="true"') == 2
    with outward.store.read() as session:
        assert session.execute(select(NoticeProfile)).all() == []


def test_without_channels_the_page_says_so_and_takes_no_address(site: Site) -> None:
    visitor = site.visitor("officer1")
    page = visitor.get("/account/notices").text
    assert "系统没有启用电子邮件。" in page
    assert "系统没有启用即时消息接口。" in page
    assert visitor.post("/account/notices", FIELDS).status_code == 422


def test_trouble_with_processes_is_offered_to_administrators_alone(outward: Site) -> None:
    assert "系统故障" not in outward.visitor("officer1").get("/account/notices").text
    assert "系统故障" in outward.visitor("admin").get("/account/notices").text


def test_a_test_needs_an_address(outward: Site) -> None:
    visitor = outward.visitor("officer1")
    visitor.get("/account/notices")
    assert "请先填写并保存" in visitor.post("/account/notices/trial").text
    visitor.post("/account/notices", FIELDS)
    assert visitor.post("/account/notices/trial").status_code == 302


def test_what_does_not_arrive_is_shown_to_its_reader_and_the_administrators(outward: Site) -> None:
    visitor, other, admin = (outward.visitor(login) for login in ("officer1", "officer2", "admin"))
    visitor.get("/account/notices")
    visitor.post("/account/notices", FIELDS)
    visitor.post("/account/notices/trial")
    send(outward)
    page = visitor.get("/account/notices").text
    assert "暂时无法送达（无法连接对方服务器）" in page
    assert "将于 2024-03-04 09:01 重试" in page
    assert "未能通过电子邮件或者即时消息送达您" in visitor.get("/notices").text
    assert "无法连接" not in other.get("/account/notices").text
    assert other.get("/notices/deliveries").status_code == 403
    listed = admin.get("/notices/deliveries").text
    assert "暂时无法送达" in listed
    assert "测试通知" in listed
    assert 'href="/notices/deliveries"' in admin.get("/notices").text


def test_what_was_given_up_can_be_sent_again_by_its_reader_and_administrators(outward: Site) -> None:
    visitor, other = outward.visitor("officer1"), outward.visitor("officer2")
    visitor.get("/account/notices")
    visitor.post("/account/notices", FIELDS)
    visitor.post("/account/notices/trial")
    send(outward)
    with outward.store.work() as session:
        row = session.execute(select(NoticeDelivery)).scalar_one()
        deliveries._end(row, "failed")
        path = f"/notices/deliveries/{row.id}/retry"
    assert "重新发送" in visitor.get("/account/notices").text
    other.get("/account/notices")
    assert other.post(path).status_code == 404
    assert visitor.post(path, {"from": "own"}).location == "/account/notices"
    with outward.store.read() as session:
        assert session.execute(select(NoticeDelivery.state)).scalar_one() == "waiting"


def test_the_key_of_webhooks_is_shown_to_its_owner_alone(outward: Site) -> None:
    visitor = outward.visitor("officer1")
    assert "接口签名" not in visitor.get("/account/notices").text
    visitor.post("/account/notices", {**FIELDS, "webhook": "https://im.example.gov.cn/hooks/wang"})
    key = outward.app.extensions["fashen"].settings.channels.hook.key(outward.person_id("officer1"))
    assert key in visitor.get("/account/notices").text
    assert key not in outward.visitor("officer2").get("/account/notices").text


def test_notices_about_deliveries_name_the_channel_in_words(outward: Site) -> None:
    with outward.store.work() as session:
        outbox.send(session, outward.person_id("officer1"), "delivery_failed", {"channel": "email", "person": "x"})
        outbox.deliver(session)
    assert "有通知未能通过电子邮件送达您" in outward.visitor("officer1").get("/notices").text


@pytest.mark.parametrize(("given", "code"), [
    ({"FASHEN_SMTP_HOST": "mail"}, ["settings.not_a_sender", "settings.no_domains"]),
    ({**NOWHERE, "FASHEN_SMTP_FROM": "Fashen <a@example.gov.cn>"}, ["settings.not_a_sender"]),
    ({**NOWHERE, "FASHEN_SMTP_FROM": "a@example.gov.cn\nBcc: b@c.cn"}, ["settings.not_a_sender"]),
    ({**NOWHERE, "FASHEN_MAIL_DOMAINS": "*"}, ["settings.not_a_domain"]),
    ({**NOWHERE, "FASHEN_SMTP_SECURITY": "ssl"}, ["settings.not_a_security"]),
    ({**NOWHERE, "FASHEN_OUTWARD_CA": "/none.pem"}, ["settings.no_file"] * 2),
    ({"FASHEN_WEBHOOKS": "https://u:p@im.example.gov.cn/"}, ["settings.not_an_address"]),
    ({"FASHEN_WEBHOOKS": "ftp://im.example.gov.cn/"}, ["settings.not_an_address"]),
    ({"FASHEN_WEBHOOKS": "https://im.example.gov.cn/", "FASHEN_WEBHOOK_NETWORKS": "10.0.0.1/8"},
     ["settings.not_a_network"]),
    ({"FASHEN_ADDRESS": "fashen.example.gov.cn"}, ["settings.not_an_address"]),
])  # fmt: skip
def test_settings_that_would_let_messages_go_astray_are_refused(
    tmp_path: Path, given: dict[str, str], code: list[str]
) -> None:
    from workflows.errors import Invalid

    with pytest.raises(Invalid) as caught:
        settings.read({"FASHEN_VAR": str(tmp_path), **given})
    assert [problem.code for problem in caught.value.problems] == code


def test_production_sends_nothing_in_the_clear(tmp_path: Path) -> None:
    from workflows.errors import Invalid

    production = {
        "FASHEN_ENV": "production", "FASHEN_VAR": str(tmp_path), "FASHEN_TRUSTED_HOSTS": "fashen.example.gov.cn",
        "FASHEN_SECRET_KEY": "0123456789abcdef" * 4, **NOWHERE,
    }  # fmt: skip
    settings.read(production)
    plain = {"FASHEN_SMTP_SECURITY": "none", "FASHEN_WEBHOOKS": "http://im.example.gov.cn/",
             "FASHEN_ADDRESS": "http://fashen.example.gov.cn"}  # fmt: skip
    with pytest.raises(Invalid) as caught:
        settings.read({**production, **plain})
    assert {problem.place for problem in caught.value.problems} == set(plain)


def test_who_runs_the_system_is_told_that_links_are_missing_and_which_setting_to_set(outward: Site) -> None:
    for path in ("/account/notices", "/notices/deliveries"):
        page = outward.visitor("admin").get(path).text
        assert "电子邮件和即时消息中没有链接" in page and "FASHEN_ADDRESS" in page
    assert "FASHEN_ADDRESS" not in outward.visitor("officer1").get("/account/notices").text
