"""What a text must look like when its field says what it is: an address of e-mail, a telephone, a number with a check.

form-js knows the first two (`validate.validationType`); the others are said in `properties.format`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from workflows.forms import patterns

_EMAIL = r"[A-Za-z0-9_.+\-]+@[A-Za-z0-9\-]+(\.[A-Za-z0-9\-]+)+"
_LONGEST_EMAIL = 254
"""RFC 3696, errata 1690."""
_PHONE = (
    r"(\+\d{1,3}[ \-]?)?"
    r"(1\d{10}|(0\d{2,3}[ \-]?\d{7,8}|\d{5,8})([ \-]\d{1,6})?|[48]00[ \-]?\d{3}[ \-]?\d{4})"
)
"""Mobile, fixed line with extension, 400 and 800, short numbers as 12350 and local ones."""
_CODE = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""What a credit code is written with: no I, O, S, V, Z (GB 32100-2015, table 1)."""


def email(text: str) -> bool:
    """Whether a text is an address of e-mail."""
    return len(text) <= _LONGEST_EMAIL and patterns.read(_EMAIL).matches(text)


def phone(text: str) -> bool:
    """Whether a text is a telephone number as one writes it in China, with or without the country's code."""
    return patterns.read(_PHONE).matches(text)


def credit_code(text: str) -> bool:
    """Whether a text is a 统一社会信用代码: 18 characters, the last of which checks the others (GB 32100-2015, 5.5)."""
    if len(text) != 18 or any(character not in _CODE for character in text):
        return False
    total = sum(_CODE.index(character) * pow(3, place, 31) for place, character in enumerate(text[:17]))
    return _CODE[-total % 31] == text[17]


def identity_number(text: str) -> bool:
    """Whether a text is a 公民身份号码: a day of birth, and a last character that checks the others (GB 11643-1999)."""
    if not patterns.read(r"\d{17}[\dX]").matches(text):
        return False
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    total = sum(int(character) * pow(2, 17 - place, 11) for place, character in enumerate(text[:17]))
    return "10X98765432"[total % 11] == text[17]


def party_number(text: str) -> bool:
    """Whether a text is the number of a party, be it an entity or a person."""
    return credit_code(text) or identity_number(text)


BY_TYPE: Mapping[str, Callable[[str], bool]] = {"email": email, "phone": phone}
"""validationType → whether a text is such; "custom" leaves it to the pattern."""
FORMATS: Mapping[str, Callable[[str], bool]] = {
    "credit_code": credit_code, "identity_number": identity_number, "party_number": party_number,
}  # fmt: skip
"""properties.format → whether a text is such."""
