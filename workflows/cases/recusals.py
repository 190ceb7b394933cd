"""Who has withdrawn from a case because of an interest in it (回避, 行政处罚法 43): nothing of it is theirs again.

Two ways lead here: an officer's part ended by recusal, and a member of the discussion by the leaders declared it.
Somebody who left for another reason (工作调动) took no such distance; separation of duties is told elsewhere.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import ledger
from workflows.cases.file import CaseOfficer
from workflows.cases.meetings import AgendaItem

SAID = "回避"
"""The word by which a reason says so, whether or not its writer ticked it: nobody who wrote it is charged again."""


def says(reason: str, *, recused: bool = False) -> bool:
    """Whether an officer who leaves for a reason withdraws because of an interest. recused: what its writer ticked."""
    return recused or SAID in reason


def recused(session: Session, case_id: str) -> set[str]:
    """Ids of those who have withdrawn from the case because of an interest in it."""
    parts = session.execute(
        select(CaseOfficer.person_id, CaseOfficer.until).where(CaseOfficer.case_id == case_id)
    ).all()  # fmt: skip
    handling = {person for person, until in parts if until is None}
    found: set[str] = set()
    if any(until is not None for _person, until in parts):
        for entry in ledger.history(session, f"case:{case_id}", only={"OfficerRemoved"}):
            if says(entry.data.get("reason", ""), recused=entry.data.get("recused", False)):
                found.add(str(entry.data["person_id"]))
    found -= handling
    for declared in session.execute(select(AgendaItem.recused).where(AgendaItem.case_id == case_id)).scalars():
        found.update(str(one["person_id"]) for one in declared or ())
    return found
