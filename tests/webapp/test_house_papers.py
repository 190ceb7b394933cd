"""Papers and settings on pages: samples, what a bureau sets, and no secret shown."""

from __future__ import annotations

import re

from sqlalchemy import select

from tests.webapp.site import Site
from webapp import settings
from webapp.settingwords import GROUPS, WORDS, shown, unsafe
from workflows.actors import Unit
from workflows.documents.kinds.registry import KINDS

SECRETS = {
    "FASHEN_SECRET_KEY": "k3yk3yk3yQWERTYUIOPasdfghjklzx12", "FASHEN_SMTP_PASSWORD": "m4ilpassw0rd",
    "FASHEN_DATABASE_URL": "postgresql+psycopg://fashen:d4tabasepw@db/fashen",
}  # fmt: skip


def bureau_id(site: Site) -> str:
    with site.store.read() as session:
        return session.execute(select(Unit.id).where(Unit.name == "衢州市应急管理局(演示)")).scalar_one()


def test_every_kind_has_a_sample_that_says_so(site: Site) -> None:
    admin = site.visitor("admin")
    page = admin.get("/house/papers").text
    for kind in KINDS:
        assert f"/house/papers/samples/{kind}.pdf" in page
    answer = admin.get(f"/house/papers/samples/penalty_notice.pdf?bureau={bureau_id(site)}")
    assert (answer.status_code, answer.data[:5]) == (200, b"%PDF-")
    assert admin.get("/house/papers/samples/none.pdf").status_code == 404
    assert site.visitor("officer1").get("/house/papers").status_code == 403


def test_a_bureau_sets_what_its_papers_say_with_a_reason_and_on_record(site: Site) -> None:
    admin, unit = site.visitor("admin"), bureau_id(site)
    admin.get(f"/house/papers/bureaus/{unit}")
    fields = {"form": "papers", "bank_account": "19-000000000000002", "reason": "财政局通知",
              "number.penalty_decision": "{region}应急罚〔{year}〕第{seq:03d}号"}  # fmt: skip
    assert admin.post(f"/house/papers/bureaus/{unit}", fields).status_code == 302
    page = admin.get(f"/house/papers/bureaus/{unit}").text
    assert "衢应急罚〔2024〕第001号" in page and "19-000000000000001 → 19-000000000000002" in page
    with site.store.read() as session:
        kept = session.get_one(Unit, unit).settings
        assert (kept["bank_account"], kept["payee"]) == ("19-000000000000002", "衢州市财政局非税收入结算分户")
    for wrong in ({"number.default": "没有年份{seq}"}, {"phone": "1" * 201}, {"reason": ""}, {}):
        answer = admin.post(f"/house/papers/bureaus/{unit}", {**fields, **wrong})
        assert answer.status_code == 422, wrong
    for login in ("secadmin", "auditor"):
        visitor = site.visitor(login)
        assert "衢应急罚" in visitor.get(f"/house/papers/bureaus/{unit}").text
        assert visitor.post(f"/house/papers/bureaus/{unit}", fields).status_code == 403


def test_every_setting_is_explained_in_both_languages() -> None:
    assert set(WORDS) == set(settings.DESCRIPTIONS)
    assert sorted(name for names in GROUPS.values() for name in names) == sorted(WORDS)


def test_nothing_secret_is_shown() -> None:
    told = settings.read({**SECRETS, "FASHEN_SMTP_HOST": "mail.example.gov.cn", "FASHEN_SMTP_USER": "fashen-mailer",
                          "FASHEN_SMTP_FROM": "fashen@example.gov.cn", "FASHEN_MAIL_DOMAINS": "example.gov.cn",
                          "FASHEN_WEBHOOKS": "https://hook.example.gov.cn/t0ken/"})  # fmt: skip
    page = " ".join(shown(name, told) for name in WORDS)
    for secret in (*SECRETS.values(), "m4ilpassw0rd", "d4tabasepw", "fashen-mailer", "t0ken"):
        assert secret not in page
    assert shown("FASHEN_SECRET_KEY", told) == "*" and "***" in shown("FASHEN_DATABASE_URL", told)
    assert unsafe("FASHEN_ENV", told) is not None and unsafe("FASHEN_SECRET_KEY", told) is None


def test_the_page_of_settings_marks_what_is_unsafe(site: Site) -> None:
    page = site.visitor("admin").get("/house/settings").text
    assert re.search(r"\d+ 项设置不适合正式使用", page) and "FASHEN_SECRET_KEY" in page
    key = site.app.secret_key
    assert isinstance(key, str) and key not in page
    assert site.visitor("officer1").get("/house/settings").status_code == 403
