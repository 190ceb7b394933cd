"""Amounts in capitals, checked against the brief's examples and by a reader that shares no code with the writer."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.documents.money import capitals, fen, figures
from workflows.errors import Invalid


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (Decimal(30000), "叁万元整"),
        (Decimal(100500), "壹拾万零伍佰元整"),
        (Decimal(7641400), "柒佰陆拾肆万壹仟肆佰元整"),
        (Decimal("1000.5"), "壹仟元伍角"),
        (Decimal("1000.05"), "壹仟元零伍分"),
        (Decimal("0.30"), "叁角"),
        (Decimal("0.03"), "叁分"),
        (Decimal(0), "零元整"),
        (Decimal(10), "壹拾元整"),
        (Decimal(10001), "壹万零壹元整"),
        (Decimal(101000), "壹拾万壹仟元整"),
        (Decimal(1_0000_0001), "壹亿零壹元整"),
        (Decimal(2_0030_0000), "贰亿零叁拾万元整"),
        (Decimal(1_0000_0000_0000), "壹万亿元整"),
        (Decimal(1_0001_0000_0000), "壹万零壹亿元整"),
        (Decimal("6789.12"), "陆仟柒佰捌拾玖元壹角贰分"),
    ],
)
def test_an_amount_in_capitals(amount: Decimal, text: str) -> None:
    assert capitals(amount) == text


def read_back(text: str) -> int:
    """Fen from capitals, read as a person would: units multiply what stands before them."""
    digits = {char: value for value, char in enumerate("零壹贰叁肆伍陆柒捌玖")}
    whole, _, rest = text.partition("元") if "元" in text else ("", "", text)

    def below(part: str, units: list[tuple[str, int]]) -> int:
        if not part:
            return 0
        for unit, size in units:
            if unit in part:
                left, right = part.rsplit(unit, 1)
                return below(left, units) * size + below(right, units)
        total, current = 0, 0
        for char in part:
            if char in "拾佰仟":
                total += current * {"拾": 10, "佰": 100, "仟": 1000}[char]
                current = 0
            else:
                current = digits[char]
        return total + current

    yuan = below(whole, [("亿", 10**8), ("万", 10**4)])
    cents = 0
    for char in rest.removesuffix("整"):
        if char == "角":
            cents = cents * 10
        elif char in digits:
            cents += digits[char]
    return yuan * 100 + cents


@given(st.one_of(st.integers(0, 10**18 - 1), st.integers(0, 10**7), st.sampled_from([10**n for n in range(18)])))
def test_capitals_read_back_as_the_same_amount(amount: int) -> None:
    text = capitals(amount)
    assert read_back(text) == amount
    assert not any(twice in text.removeprefix("零元整") for twice in ("零零", "零万", "零亿", "零元"))


def test_figures_have_separators_and_two_decimals() -> None:
    assert figures(764_140_00) == "764,140.00"
    assert figures(Decimal("1000.5")) == "1,000.50"


@pytest.mark.parametrize(
    ("amount", "code"),
    [(Decimal("0.001"), "money.not_whole_fen"), (Decimal("NaN"), "money.not_whole_fen"), (-1, "money.out_of_range")],
)
def test_an_amount_that_no_document_can_name_is_refused(amount: int | Decimal, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        fen(amount)
    assert refused.value.code == code
