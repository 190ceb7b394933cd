"""How many characters the texts of the pages may have: what the commands behind them take, so that none is refused."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask

from workflows import forms
from workflows.cases import commands, notes
from workflows.cases.acts import crime
from workflows.desk import texts

LIMITS: Mapping[str, int] = {
    "reassign": texts.LONGEST_NOTE, "delegate": texts.LONGEST_NOTE, "take_back": texts.LONGEST_NOTE,
    "hand_back": texts.LONGEST_NOTE, "urge": texts.LONGEST_NOTE, "sign": texts.LONGEST_QUESTION,
    "ask": texts.LONGEST_QUESTION, "unask": texts.LONGEST_REASON, "round_add": texts.LONGEST_REASON,
    "round_remove": texts.LONGEST_REASON, "return": texts.LONGEST_REASON, "withdraw": texts.LONGEST_REASON,
    "departed": texts.LONGEST_MINUTE, "presiding": texts.LONGEST_MINUTE, "suspend": texts.LONGEST_REASON,
    "resume": texts.LONGEST_REASON, "terminate": texts.LONGEST_REASON, "recall": texts.LONGEST_REASON,
    "recuse": texts.LONGEST_REASON, "order_recusal": texts.LONGEST_REASON,
    "remark": texts.LONGEST_QUESTION, "note": notes.LONGEST, "copy": texts.LONGEST_NOTE, "officer": commands.NOTE_LIMIT,
    "material": commands.NOTE_LIMIT, "offence": crime.OFFENCE_LIMIT, "grounds": forms.TEXT_LIMIT,
}  # fmt: skip
"""Text of a page → the most characters that its command takes."""


def init_app(app: Flask) -> None:
    """Let templates find the limits."""
    app.jinja_env.globals.update(limits=LIMITS)
