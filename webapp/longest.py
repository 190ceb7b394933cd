"""How many characters the texts of the pages may have: what the commands behind them take, so that none is refused."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask

from workflows import forms
from workflows.cases import commands, notes
from workflows.cases.acts import crime
from workflows.desk import copies, remarks
from workflows.desk.operators import departing, halting, handing, returning, signing, subtasks

LIMITS: Mapping[str, int] = {
    "reassign": handing.LONGEST_NOTE, "delegate": handing.LONGEST_NOTE, "take_back": handing.LONGEST_NOTE,
    "hand_back": handing.LONGEST_NOTE, "urge": handing.LONGEST_NOTE, "sign": subtasks.LONGEST,
    "ask": subtasks.LONGEST, "unask": subtasks.LONGEST, "round_add": signing.LONGEST_REASON,
    "round_remove": signing.LONGEST_REASON, "return": returning.LONGEST_REASON, "withdraw": returning.LONGEST_REASON,
    "departed": departing.LONGEST_REASON, "presiding": departing.LONGEST_REASON, "suspend": halting.LONGEST_REASON,
    "resume": halting.LONGEST_REASON, "terminate": halting.LONGEST_REASON, "recall": halting.LONGEST_REASON,
    "remark": remarks.LONGEST, "note": notes.LONGEST, "copy": copies.LONGEST_NOTE, "officer": commands.NOTE_LIMIT,
    "material": commands.NOTE_LIMIT, "offence": crime.OFFENCE_LIMIT, "grounds": forms.TEXT_LIMIT,
}  # fmt: skip
"""Text of a page → the most characters that its command takes."""


def init_app(app: Flask) -> None:
    """Let templates find the limits."""
    app.jinja_env.globals.update(limits=LIMITS)
