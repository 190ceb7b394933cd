"""What the forms of the house send: several stand on a page, each with its name, and one of them was refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import request

from webapp.errors import Trouble
from webapp.languages import language
from webapp.sentences import tell
from workflows.errors import Invalid, Problem

PLACES = {"unit_id": "unit", "parent_id": "parent", "decision": "reason"}
"""What commands call a field → what the forms call it, where that differs."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The form that was refused, with what was typed; of a page that is only looked at, none was."""

    form: str
    trouble: Trouble | None

    def errors(self, form: str) -> dict[str, str]:
        """What is wrong in one of the page's forms, by field; the first of each."""
        found: dict[str, str] = {}
        for one in self.trouble.problems if self.trouble is not None and form == self.form else ():
            found.setdefault(PLACES.get(one.place, one.place), tell(one, language()))
        return found

    def typed(self, form: str, field: str, otherwise: str = "") -> str:
        """What was typed into a field of a form; `otherwise` where it was not this form."""
        return request.form.get(field, "") if self.trouble is not None and form == self.form else otherwise

    def open(self, form: str) -> bool:
        """Whether a folded form is shown open: the one that was refused."""
        return self.trouble is not None and form == self.form


def refused(trouble: Trouble | None) -> Refused:
    """Which form of the page was refused."""
    return Refused(request.form.get("form", "") if trouble is not None else "", trouble)


def day(field: str) -> date | None:
    """A day that was typed, None where nothing was. Raises Invalid("form.invalid") at the field for what is no day."""
    return needed_day(field) if text(field) else None


def needed_day(field: str) -> date:
    """A day that must be typed. Raises Invalid("form.invalid") at the field."""
    try:
        return date.fromisoformat(text(field))
    except ValueError as error:
        raise Invalid("form.invalid", [Problem("field.date_expected", field)]) from error


def text(field: str) -> str:
    """What was typed into a field, without blanks around it."""
    return request.form.get(field, "").strip()
