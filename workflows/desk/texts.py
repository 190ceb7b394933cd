"""What people write with an operator (理由、说明、附言、事项): there where it is needed, no longer than is kept."""

from __future__ import annotations

from workflows.errors import Invalid, Problem

LONGEST_REASON, LONGEST_NOTE, LONGEST_QUESTION = 1000, 500, 2000
LONGEST_MINUTE = 160
"""Of a reason that stands in the minutes, in one line."""


def reason(text: str, *, most: int = LONGEST_REASON, needed: bool = True) -> str:
    """A reason, stripped. Raises Invalid ("case.reason_missing", "case.reason_long") at the field "reason"."""
    return _kept(text, wrong(
        text, "reason", most, long="case.reason_long", missing="case.reason_missing" if needed else ""
    ))  # fmt: skip


def note(text: str, field: str = "note") -> str:
    """What may be added in words, stripped. Raises Invalid("copy.note_long") at the field."""
    return _kept(text, wrong(text, field, LONGEST_NOTE, long="copy.note_long"))


def question(text: str, *, needed: bool) -> str:
    """What somebody is asked, or is to sign, stripped. Raises Invalid("sign.question") at the field "question"."""
    return _kept(text, wrong(
        text, "question", LONGEST_QUESTION, long="sign.question", missing="sign.question" if needed else ""
    ))  # fmt: skip


def wrong(text: str, field: str, most: int, *, long: str, missing: str = "") -> Problem | None:
    """What is wrong with a text, if something is. most: characters; missing: the code where it must not be empty."""
    length = len(text.strip())
    if length > most:
        return Problem(long, field, facts={"most": most})
    if not length and missing:
        return Problem(missing, field, facts={"most": most} if missing == long else {})
    return None


def _kept(text: str, problem: Problem | None) -> str:
    if problem is not None:
        raise Invalid(problem.code, [problem], **problem.facts)
    return text.strip()
