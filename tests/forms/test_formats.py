"""Texts that say what they are: addresses, telephones, and numbers that check themselves."""

from __future__ import annotations

import pytest

from workflows.forms import formats


@pytest.mark.parametrize("text", ["zhang.wei@yj.quzhou.gov.cn", "a+b@x-y.cn"])
def test_an_address_of_e_mail(text: str) -> None:
    assert formats.email(text)


@pytest.mark.parametrize(
    "text", ["", "a", "a@", "@b.cn", "a@b", "a b@c.cn", "a@b..cn", "张@x.cn", "a@b.cn\n", "a" * 250 + "@b.cn"]
)
def test_no_address_of_e_mail(text: str) -> None:
    assert not formats.email(text)


@pytest.mark.parametrize(
    "text",
    ["13805700000", "+86 13805700000", "0570-3021234", "0570 3021234-801", "010-12345678", "400-800-1234", "12350"],
)
def test_a_telephone(text: str) -> None:
    assert formats.phone(text)


@pytest.mark.parametrize("text", ["", "1380570000", "电话", "0570-302123", "12350a", "+-13805700000", "1234"])
def test_no_telephone(text: str) -> None:
    assert not formats.phone(text)


@pytest.mark.parametrize("place", range(18))
def test_a_credit_code_checks_itself(place: int) -> None:
    """The example of GB 32100-2015: right as it stands, wrong with any other character in any place."""
    code = "91350100M000100Y43"
    assert formats.credit_code(code)
    assert formats.party_number(code)
    others = [code[:place] + other + code[place + 1:] for other in "0123456789ABCYZ" if other != code[place]]
    assert [other for other in others if formats.credit_code(other)] == []


@pytest.mark.parametrize("text", ["11010519491231002X", "440524188001010014"])
def test_an_identity_number_checks_itself(text: str) -> None:
    """The examples of GB 11643-1999."""
    assert formats.identity_number(text)
    assert formats.party_number(text)
    assert not formats.identity_number(text[:16] + str((int(text[16]) + 1) % 10) + text[17])


@pytest.mark.parametrize("text", ["", "110105194912310", "11010519491331002X", "11010519491231002x", "甲" * 18])
def test_no_identity_number(text: str) -> None:
    assert not formats.identity_number(text)
