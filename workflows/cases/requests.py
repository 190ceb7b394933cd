"""What legal officers asked the handling unit to supply: read from the record, the latest request first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from workflows import ledger
from workflows.cases import checklist
from workflows.cases.file import Case


@dataclass(frozen=True, slots=True)
class Request:
    """One request for materials. items: key of the checklist, Chinese, English; note: what the officer wrote."""

    items: tuple[tuple[str, str, str], ...]
    note: str
    who: str
    when: datetime


def requests(session: Session, case: Case) -> list[Request]:
    """Every completeness check that found the file wanting, the latest first; [] when none did."""
    names = {entry.key: (entry.zh, entry.en) for entry in checklist.entries(case.kind)}
    return [
        Request(
            tuple((key, *names.get(key, (key, key))) for key in entry.data["missing"]),
            str(entry.data["note"]), entry.actor_name, entry.happened_at,
        )
        for entry in reversed(ledger.history(session, f"case:{case.id}", only=("SubmissionChecked",)))
        if not entry.data["complete"]
    ]  # fmt: skip
