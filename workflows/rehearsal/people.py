"""The people of a throw-away bureau: those of the demonstration bureau, and as many beside them as drafts may need.

A step that is kept apart from another, a round, a step that came back: each needs one more person of a role than the
demonstration bureau has. Whether the bureau itself has them is asked by the checks (`diagrams.staffing`), not here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import bureau
from workflows.actors import ADMINISTRATORS, ROLES, Certificate, Person, Post, Unit, subtree
from workflows.cases.meetings import LEADERS
from workflows.diagrams import description, staffing
from workflows.engine.definition import Definition
from workflows.engine.elements import Drawn

ENOUGH = 3
"""People of a role that acts in cases, if no draft asks for more: for who did the step, and who did it before."""
OF_A_ROUND = 3
"""Who is asked in a round, where only the case tells how many."""
MOST = 40
"""People of one role; whoever keeps more steps apart is told that nobody was left."""
AFTER = 9
"""Rank of their posts: whoever the demonstration bureau has comes first, in lists and in samples."""
STEMS = "甲乙丙丁戊己庚辛壬癸"
_CERTIFICATES = {"legal_reviewer": "legal_qualification", "handling_unit_head": "enforcement"}
"""Role → the certificate that its steps ask for (行政处罚法 42, 58)."""


def fill(session: Session, unit: Unit, drawn: Iterable[Definition]) -> None:
    """Somebody for each role that nobody of the demonstration bureau holds, and enough people for the processes.

    unit: the bureau. The officers of a case are those whom it names, however many there are; of leaders there are no
    more than a process needs, because a quorum counts them.
    """
    own, wanted = subtree(session, unit.id), needed(drawn)
    posts = select(Post).where(Post.unit_id.in_(own)).order_by(Post.rank, Post.id)
    held: dict[str, list[Post]] = {}
    for post in session.execute(posts).scalars():
        held.setdefault(post.role, []).append(post)
    for role in ROLES:
        there = held.get(role, [])
        least = 1 if role in (*LEADERS, *ADMINISTRATORS, "case_officer") else ENOUGH
        most = 1 if role in (*ADMINISTRATORS, "case_officer") else wanted[role]
        place = there[0].unit_id if there else unit.id
        for number in range(len(there), min(max(least, most), MOST)):
            _enter(session, place, role, number)
    session.flush()


def needed(drawn: Iterable[Definition]) -> Counter[str]:
    """Role → how many people of it must be there, so that every step of these processes finds one."""
    most = Counter[str]()
    for definition in drawn:
        asked = {id: roles for id, node in definition.nodes.items() if (roles := staffing.roles_of(node))}
        for id, roles in asked.items():
            apart = description.apart(definition.package, id)
            twice = description.policies(definition.package, id).twice == "exclude"
            for role in roles:
                others = sum(_people(definition.nodes[one]) for one in apart if role in asked.get(one, ()))
                most[role] = max(most[role], _people(definition.nodes[id]) + others + int(twice))
    return most


def _people(node: Drawn) -> int:
    """How many people one step takes."""
    if node.multi is None:
        return 1
    count = node.multi.cardinality
    return int(count.evaluate({})) if count is not None and not count.names else OF_A_ROUND


def _enter(session: Session, unit_id: str, role: str, number: int) -> None:
    """The next person of a role. number: how many there are."""
    title = ROLES[role][0]
    more = STEMS[number] if number < len(STEMS) else str(number + 1)
    post = Post(unit_id=unit_id, role=role, title=title, rank=AFTER if number else 0, starts_on=bureau.FOUNDED)
    person = Person(
        login=f"{role}{number + 1}" if number else role, name=f"{title}{more}" if number else title, posts=[post]
    )
    session.add(person)
    session.flush()
    if kind := _CERTIFICATES.get(role):
        session.add(Certificate(
            person_id=person.id, kind=kind, number=f"{role}-{number + 1}", valid_from=bureau.FOUNDED
        ))  # fmt: skip
