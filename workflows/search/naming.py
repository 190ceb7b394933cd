"""Which words of a question name a case: those that stand in what it says of itself, in its own entry of the index.

That is its number, title, parties, matters and summary, which everybody reads who sees the case at all: so nothing is
told by them that a person may not know.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.search import words
from workflows.search.entries import SearchEntry

MOST = 500
"""Cases that one word may name. A word of more says little of any, and all their texts would have to be looked through;
it has to stand in the entry, unless another word names the case.
"""

Missing = Mapping[tuple[str, ...], Sequence[str]]
"""Words that cases do not say of themselves → the ids of these cases."""


def missing(session: Session, case_ids: Collection[str], asked: Sequence[str]) -> Missing:
    """Which of the words these cases do not say of themselves. Every case stands there once."""
    own = select(SearchEntry.case_id, SearchEntry.folded).where(
        SearchEntry.kind == "case", SearchEntry.case_id.in_(case_ids)
    )  # fmt: skip
    said: dict[str, set[str]] = {}
    for case_id, folded in session.execute(own) if case_ids else ():
        said.setdefault(case_id, set()).update(word for word in asked if words.within(word) in folded)
    found: dict[tuple[str, ...], list[str]] = {}
    for case_id, has in said.items():
        found.setdefault(tuple(word for word in asked if word not in has), []).append(case_id)
    return found
