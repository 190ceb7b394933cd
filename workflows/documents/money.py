"""Amounts as documents write them: figures and Chinese capitals (大写), from fen or a Decimal of yuan.

The rules are those of the banks' 正确填写票据和结算凭证的基本规定: 零 for a gap inside the number, once; 整 after 元;
no 零分. An amount is never a float.
"""

from __future__ import annotations

from decimal import Decimal

from workflows.errors import Invalid

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿", "万亿")
LIMIT = 10**16  # yuan; GROUPS ends there


def fen(amount: int | Decimal) -> int:
    """An amount in fen: an int is fen already, a Decimal is yuan.

    Raises Invalid("money.not_whole_fen") for a part of a fen and Invalid("money.out_of_range") for a negative or
    absurdly large amount.
    """
    whole = Decimal(amount) if isinstance(amount, int) else amount * 100
    if not whole.is_finite() or whole != whole.to_integral_value():
        raise Invalid("money.not_whole_fen", amount=str(amount))
    if not 0 <= whole < LIMIT * 100:
        raise Invalid("money.out_of_range", amount=str(amount))
    return int(whole)


def figures(amount: int | Decimal) -> str:
    """In figures with separators and two decimals, in yuan: 7641400 fen → "76,414.00"."""
    total = fen(amount)
    return f"{total // 100:,}.{total % 100:02d}"


def capitals(amount: int | Decimal) -> str:
    """In Chinese capitals: 3_000_000 fen → "叁万元整"; Decimal("1000.5") → "壹仟元伍角".

    After 角 no 整 is written (the bank rules leave that open); zero is "零元整".
    """
    total = fen(amount)
    yuan, jiao, cents = total // 100, total // 10 % 10, total % 10
    text = f"{_integer(yuan)}元" if yuan else ""
    if not jiao and not cents:
        return f"{text or '零元'}整"
    if jiao:
        text += f"{DIGITS[jiao]}角"
    elif yuan:
        text += "零"
    return text + (f"{DIGITS[cents]}分" if cents else "")


def _integer(number: int) -> str:
    groups: list[int] = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    text, gap = "", False
    for index in reversed(range(len(groups))):
        group = groups[index]
        if not group:
            gap = bool(text)
            continue
        if text and (gap or group < 1000):
            text += "零"
        text += _group(group) + _unit(index, groups)
        gap = False
    return text


def _unit(index: int, groups: list[int]) -> str:
    """万, 亿; a group of 万亿 says 万 only, when the 亿 of the group below follows anyway."""
    if index == 3 and groups[2]:
        return "万"
    return GROUPS[index]


def _group(number: int) -> str:
    text, gap = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if not digit:
            gap = bool(text)
            continue
        text += ("零" if gap else "") + DIGITS[digit] + PLACES[place]
        gap = False
    return text
