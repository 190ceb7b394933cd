"""Hostile expressions that were collected, those that are long or deep, and the variables they are let loose on."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

PAYLOADS = [
    line
    for line in (Path(__file__).parent / "expression_payloads.txt").read_text("utf-8").split("\n")
    if line and not line.startswith("# ")
]
LONG = [
    "(" * 20_000, "[" * 20_000, "-" * 20_000 + "1", "!" * 20_000 + "true", "(" * 400 + "1" + ")" * 400,
    "1" + "+1" * 20_000,
    "a" * 100_000, "9" * 5_000, "'a'" + "+'a'" * 5_000, "true ? " * 2_000 + "1" + " : 1" * 2_000, "a" + ".a" * 50_000,
    "a" + "[0]" * 50_000, "not(" * 400, "[1.." * 400, "if true then " * 300, "1 in (" * 300, "? " * 20_000,
    # within the length, as deep and as long as can be
    "(" * 499 + ")" * 499, "-" * 999 + "1", "!" * 995 + "true", "1" + "*9" * 499, "'" + "a" * 998 + "'",
    "a" + "[0]" * 300,
    "1 in (" * 150, "[" * 999, "not(" * 249, "1," * 499 + "1", "[1..1]," * 140 + "1", "(((1..2" * 140,
]  # fmt: skip
VARIABLES: dict[str, Any] = {
    "amount": 30000, "name": "abc", "flag": True, "items": [1, 2, 3], "facts": {"a": 1}, "day": date(2024, 1, 1),
    "?": 1,
}  # fmt: skip
