"""E-mail to a real server: encrypted, logged in, to allowed domains alone; nobody writes headers of their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.notices.conftest import SENDER, Postbox
from workflows.errors import FashenError, Invalid, Unavailable
from workflows.notices.mail import Letter, Mail, message

LETTER = Letter("ab12", "wang@example.gov.cn", "[法审] 新任务（案号）", "王某：\n\n请登录系统查看。\n",
                datetime(2024, 3, 4, 1, tzinfo=UTC))  # fmt: skip


def refused(mail: Mail, letter: Letter = LETTER) -> tuple[type[FashenError], str]:
    with pytest.raises((Invalid, Unavailable)) as caught:
        mail.send(letter)
    return type(caught.value), str(caught.value.facts["reason"])


def test_a_letter_arrives_as_it_was_written(mail: Mail, postbox: Postbox) -> None:
    mail.send(LETTER)
    (got,) = postbox.letters
    assert (got["Subject"], got["To"], got["From"]) == (LETTER.subject, LETTER.to, SENDER)
    assert got["Message-ID"] == "<ab12@example.gov.cn>", "the same at every new try"
    assert got["Auto-Submitted"] == "auto-generated"
    assert got["Date"].datetime == LETTER.at
    assert got.get_content().replace("\r\n", "\n") == LETTER.text
    assert postbox.people == [[LETTER.to]]


@pytest.mark.parametrize("evil", ["\r\nBcc: all@example.gov.cn", "\nX-Evil: 1", "\r", "\x00", "\x0b", "\x7f"])
@pytest.mark.parametrize("place", ["to", "subject", "id"])
def test_a_line_break_in_a_header_is_refused_before_any_server_is_asked(place: str, evil: str) -> None:
    nowhere = Mail("localhost", 9, SENDER, ("example.gov.cn",))
    letter = replace(LETTER, **{place: getattr(LETTER, place) + evil})
    assert refused(nowhere, letter) == (Invalid, "post.header")
    with pytest.raises(Invalid):
        message(LETTER, SENDER + evil)


def test_a_text_that_looks_like_headers_or_an_end_stays_text(mail: Mail, postbox: Postbox) -> None:
    text = "Bcc: all@example.gov.cn\n\n.\nQUIT\n.\n"
    mail.send(replace(LETTER, text=text))
    assert postbox.letters[0].get_content().replace("\r\n", "\n") == text
    assert postbox.letters[0]["Bcc"] is None


@pytest.mark.parametrize("to", ["wang@example.com", "wang@notexample.gov.cn", "wang@example.gov.cn.evil.com", "wang"])
def test_other_domains_are_refused(mail: Mail, postbox: Postbox, to: str) -> None:
    assert refused(mail, replace(LETTER, to=to)) == (Invalid, "post.domain")
    assert postbox.letters == []


def test_a_domain_below_an_allowed_one_is_allowed(mail: Mail, postbox: Postbox) -> None:
    mail.send(replace(LETTER, to="wang@yjj.example.gov.cn"))
    assert postbox.people == [["wang@yjj.example.gov.cn"]]


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(mail: Mail, postbox: Postbox) -> None:
    assert refused(replace(mail, ca="")) == (Unavailable, "post.certificate")
    assert postbox.letters == []


def test_a_server_without_tls_is_not_spoken_to_in_the_clear(postbox: Postbox) -> None:
    from aiosmtpd.controller import Controller

    from tests.notices.conftest import with_port

    plain = Controller(postbox, hostname="localhost")
    with_port(plain)
    try:
        said = refused(Mail("localhost", plain.port, SENDER, ("example.gov.cn",)))
    finally:
        plain.stop()
    assert (said, postbox.letters) == ((Unavailable, "post.no_tls"), [])


def test_a_wrong_password_is_the_settings_fault_and_tried_again(mail: Mail) -> None:
    assert refused(replace(mail, password="wrong")) == (Unavailable, "post.login")
    assert "secret" not in repr(mail)


def test_a_server_that_is_away_is_tried_again() -> None:
    kind, reason = refused(Mail("localhost", 9, SENDER, ("example.gov.cn",)))
    assert (kind, reason) == (Unavailable, "post.no_connection")


@pytest.mark.parametrize(("said", "kind"), [
    ("550 5.1.1 no such user", Invalid), ("452 4.2.2 mailbox full", Unavailable),
])  # fmt: skip
def test_what_a_server_says_of_a_recipient_or_a_letter_counts(
    mail: Mail, postbox: Postbox, said: str, kind: type[FashenError]
) -> None:
    postbox.to_recipient = said
    assert refused(mail) == (kind, said)
    postbox.to_recipient, postbox.answer = "", said
    assert refused(mail) == (kind, said)
