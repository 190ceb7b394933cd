"""Posts and the roles they carry: given, asked for, approved, ended. By the security administrator (安全管理员).

Posts that move a bureau's powers, and every first post of a person, are given by two administrators.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows import ledger, outbox
from workflows.actors import ADMINISTRATORS, ROLES, SYSTEM, Actor, Person, Post, Unit, holders
from workflows.calendar import clock
from workflows.errors import Forbidden, Invalid, NotFound, Problem
from workflows.ledger import events
from workflows.staff import realm, stuck, units
from workflows.staff.requests import APPROVED, REJECTED, WAITING, PostRequest

TWO_PERSON = frozenset({*ADMINISTRATORS, "bureau_head", "bureau_leader"})
"""Roles that one administrator alone gives to nobody."""
LONGEST_TITLE = 64
_DAY = timedelta(days=1)


def give_post(
    session: Session, actor: Actor, person_id: str, unit_id: str, *, role: str, title: str,
    starts_on: date | None = None, ends_on: date | None = None, reason: str = "",
) -> Post:  # fmt: skip
    """Give a person a post; the one held already if it is the same, so that a request sent twice gives one.

    starts_on: today if not given; ends_on: the last day, none for an open end. Raises Forbidden ("actor.role_missing",
    "staff.oneself"), NotFound, and Invalid: a role that two administrators give ("post.two_needed"), roles that do not
    go together ("post.conflict"), days, title or reason.
    """
    realm.require(actor, "sec_admin")
    realm.require_other(actor, person_id)
    if actor != SYSTEM and role in TWO_PERSON:
        raise Invalid("post.two_needed", [Problem("post.two_needed", "role")], roles=[role])
    why = reason.strip() if actor == SYSTEM else realm.reasoned(reason)
    ledger.lock_stream(session, "bureau")
    wanted = _wanted(session, actor, person_id, unit_id, role, title, starts_on, ends_on, why)
    return _put(session, actor, wanted)


def ask_post(
    session: Session, actor: Actor, person_id: str, unit_id: str, *, role: str, title: str,
    starts_on: date | None = None, ends_on: date | None = None, reason: str = "", first: bool = False,
) -> PostRequest:  # fmt: skip
    """Ask for a post on which another administrator decides; a request that waits already if it is the same.

    One that could never be given, since it does not go with what the person holds then, is refused here already. By the
    security administrator, or with a person's `first` post by the system administrator. Raises as `give_post`.
    """
    realm.require(actor, "sys_admin" if first else "sec_admin")
    realm.require_other(actor, person_id)
    why = realm.reasoned(reason)
    ledger.lock_stream(session, "bureau")
    asked = _wanted(session, actor, person_id, unit_id, role, title, starts_on, ends_on, why, fresh=first)
    same = select(PostRequest).where(
        PostRequest.person_id == person_id, PostRequest.unit_id == unit_id, PostRequest.role == role,
        PostRequest.title == asked.title, PostRequest.state == WAITING,
    )  # fmt: skip
    if (earlier := session.execute(same).scalars().first()) is not None:
        return earlier
    _require_fitting(asked)
    session.add(asked)
    session.flush()
    event = events.PostAsked(
        request_id=asked.id, person_id=person_id, name=asked.person.name, unit_id=unit_id, unit=asked.unit.name,
        role=role, title=asked.title, starts_on=asked.starts_on, ends_on=asked.ends_on, reason=why,
    )  # fmt: skip
    ledger.append(session, "bureau", event, actor=actor)
    for other in deciders(session, asked):
        outbox.send(session, other.id, "post_asked", {"name": asked.person.name, "roles": [role]})
    return asked


def approve_post(session: Session, actor: Actor, request_id: str, *, decision: str = "") -> Post:
    """Give the post that another administrator asked for.

    Raises Forbidden ("actor.role_missing", "staff.oneself", "post.own_request", "post.wrong_decider"),
    NotFound("post.request_unknown"), and Invalid when it was decided already ("post.decided") or no longer fits.
    """
    asked = _deciding(session, actor, request_id)
    post = _put(session, actor, asked, request=True)
    _decide(session, actor, asked, APPROVED, decision)
    return post


def reject_post(session: Session, actor: Actor, request_id: str, *, decision: str) -> PostRequest:
    """Refuse a post that was asked for, and say why. Raises as `approve_post`, and Invalid without a reason."""
    why = realm.reasoned(decision)
    asked = _deciding(session, actor, request_id)
    _decide(session, actor, asked, REJECTED, why)
    event = events.PostRefused(
        request_id=asked.id, person_id=asked.person_id, name=asked.person.name, role=asked.role, reason=why
    )
    ledger.append(session, "bureau", event, actor=actor)
    return asked


def end_post(session: Session, actor: Actor, post_id: str, *, last_day: date, reason: str) -> int:
    """End a post with its last day, yesterday at the earliest: what was signed under it stays valid.

    Gives back how many steps of its role wait with the person; their heads are told. Raises Forbidden, NotFound
    ("post.unknown"), and Invalid: "post.ended", "post.ends_too_early", "staff.last_administrator".
    """
    realm.require(actor, "sec_admin")
    why = realm.reasoned(reason)
    ledger.lock_stream(session, "bureau")
    post = session.get(Post, post_id, with_for_update=True, populate_existing=True)
    if post is None or post.unit_id not in realm.units_of(session, actor):
        raise NotFound("post.unknown")
    realm.require_other(actor, post.person_id)
    today = clock.today()
    if post.ends_on == last_day:
        return 0
    if post.ends_on is not None and post.ends_on < today:
        raise Invalid("post.ended", [Problem("post.ended", "last_day")])
    if last_day < max(today, post.starts_on) - _DAY:
        raise Invalid("post.ends_too_early", [Problem("post.ends_too_early", "last_day")])
    require_not_last(session, post, last_day + _DAY)
    post.ends_on = last_day
    session.flush()
    event = events.PostEnded(
        person_id=post.person_id, post_id=post.id, name=post.person.name, unit=post.unit.name, role=post.role,
        title=post.title, ends_on=last_day, reason=why,
    )  # fmt: skip
    ledger.append(session, "bureau", event, actor=actor)
    _tell(session, post, "post_ended", until=last_day.isoformat())
    tasks = stuck.waiting_with(session, post.person_id, {post.role})
    stuck.tell_heads(session, post.person, tasks)
    return len(tasks)


def clashes(person: Person, role: str, first: date, last: date | None) -> list[Post]:
    """The person's posts whose role does not go with `role` on a day from first to last.

    Each of the three administrators' roles is held alone: not with another of them, nor with any role in cases.
    """
    return [
        post for post in person.posts
        if post.role != role and (post.role in ADMINISTRATORS or role in ADMINISTRATORS)
        and (last is None or post.starts_on <= last) and (post.ends_on is None or post.ends_on >= first)
    ]  # fmt: skip


def require_not_last(session: Session, post: Post, on: date) -> None:
    """Raise Invalid("staff.last_administrator") where nobody else would hold the role of an administrator who goes.

    Counted is who can log in with a password of his own: one that was given runs out, and nobody could give another.

    on: the first day without the post. Looked at is every day from then on for which the post was given: those who hold
    the role beside it may have last days too. The error names the first day without anybody (`day`).
    """
    if post.role not in ADMINISTRATORS:
        return
    wanted = select(Post).join(Person).where(
        Post.role == post.role, Post.person_id != post.person_id, Person.disabled_at.is_(None),
        Person.password_hash.is_not(None), Person.password_until.is_(None),
    )
    others = session.execute(wanted).scalars().all()
    first = max(on, clock.today(), post.starts_on)
    # Somebody is missing from the first day on, or from the day after somebody's last: no other day begins a gap.
    for day in sorted({first, *(one.ends_on + _DAY for one in others if one.ends_on and one.ends_on >= first)}):
        if post.holds(day) and not any(one.holds(day) for one in others):
            raise Invalid("staff.last_administrator", roles=[post.role], day=day)


def deciders(session: Session, asked: PostRequest) -> list[Person]:
    """Who may decide on a request: a security administrator, and a system administrator where one of those asked."""
    roles = ("sec_admin", "sys_admin") if _by_security(session, asked) else ("sec_admin",)
    everywhere: Iterable[str] = session.execute(select(Unit.id)).scalars().all()
    found = {one.id: one for role in roles for one in holders(session, role, everywhere)}
    return [one for one in found.values() if one.id not in (asked.asked_by_id, asked.person_id)]


def waiting(session: Session, actor: Actor) -> list[PostRequest]:
    """The requests in the actor's units that nobody has decided on, oldest first."""
    wanted = select(PostRequest).where(
        PostRequest.state == WAITING, PostRequest.unit_id.in_(realm.units_of(session, actor))
    )
    return list(session.execute(wanted.order_by(PostRequest.asked_at)).scalars())


def may_decide(session: Session, actor: Actor, asked: PostRequest) -> bool:
    """Whether the actor may approve or refuse a request that waits."""
    try:
        _require_decider(session, actor, asked)
    except Forbidden:
        return False
    return asked.state == WAITING


def _wanted(
    session: Session, actor: Actor, person_id: str, unit_id: str, role: str, title: str, starts_on: date | None,
    ends_on: date | None, reason: str, *, fresh: bool = False,
) -> PostRequest:  # fmt: skip
    """A post as it is wanted, checked; not yet a row. fresh: the person was entered in this unit of work."""
    person = session.get(Person, person_id) if fresh or actor == SYSTEM else realm.person(session, actor, person_id)
    if person is None:
        raise NotFound("person.unknown")
    place, first, named = units.require_unit(session, actor, unit_id), starts_on or clock.today(), title.strip()
    problems = []
    if role not in ROLES:
        raise Invalid("role.unknown", [Problem("role.unknown", "role", facts={"role": role[:40]})], role=role[:40],
                      roles=sorted(ROLES))  # fmt: skip
    if len(named) > LONGEST_TITLE or (not named and actor != SYSTEM):
        problems.append(Problem("post.title_bad", "title", facts={"most": LONGEST_TITLE}))
    if ends_on is not None and ends_on < first:
        problems.append(Problem("post.days", "ends_on"))
    if first < clock.today() and actor != SYSTEM:
        problems.append(Problem("post.starts_past", "starts_on"))
    if problems:
        raise Invalid(problems[0].code, problems, **problems[0].facts)
    if person.disabled_at is not None:
        raise Invalid("person.disabled", name=person.name)
    return PostRequest(
        person_id=person.id, person=person, unit_id=place.id, unit=place, role=role, title=named, starts_on=first,
        ends_on=ends_on, reason=reason, asked_by_id=actor.person_id, asked_at=clock.now(), state=WAITING,
    )  # fmt: skip


def _put(session: Session, actor: Actor, wanted: PostRequest, *, request: bool = False) -> Post:
    """The post as a row, unless it is there already. request: whether `wanted` is one that two administrators made."""
    person, unit = wanted.person, wanted.unit
    session.refresh(person, with_for_update=True)
    for held in person.posts:
        if (held.unit_id, held.role, held.title) == (unit.id, wanted.role, wanted.title) and held.holds(
            wanted.starts_on
        ):
            return held
    _require_fitting(wanted)
    rank = session.execute(select(func.count()).select_from(Post).where(Post.person_id == person.id)).scalar_one()
    post = Post(
        person_id=person.id, unit_id=unit.id, role=wanted.role, title=wanted.title, starts_on=wanted.starts_on,
        ends_on=wanted.ends_on, rank=rank,
    )  # fmt: skip
    session.add(post)
    session.flush()
    session.expire(person, ["posts"])
    event = events.PostGiven(
        person_id=person.id, post_id=post.id, unit=unit.name, role=post.role, title=post.title, unit_id=unit.id,
        starts_on=post.starts_on, ends_on=post.ends_on, name=person.name, reason=wanted.reason,
        request_id=wanted.id if request else None,
    )  # fmt: skip
    ledger.append(session, "bureau", event, actor=actor)
    if actor != SYSTEM:
        _tell(session, post, "post_given", until=post.starts_on.isoformat())
    return post


def _require_fitting(wanted: PostRequest) -> None:
    """Raise Invalid("post.conflict") where the person holds a post then with which the wanted one does not go."""
    if found := clashes(wanted.person, wanted.role, wanted.starts_on, wanted.ends_on):
        facts = {"name": wanted.person.name, "roles": [wanted.role], "others": [post.role for post in found]}
        raise Invalid("post.conflict", [Problem("post.conflict", "role", facts=facts)], **facts)


def _tell(session: Session, post: Post, kind: str, *, until: str) -> None:
    facts = {"roles": [post.role], "unit": post.unit.name, "title": post.title, "day": until}
    outbox.send(session, post.person_id, kind, facts)


def _deciding(session: Session, actor: Actor, request_id: str) -> PostRequest:
    realm.require(actor, "sec_admin", "sys_admin")
    ledger.lock_stream(session, "bureau")
    asked = session.get(PostRequest, request_id, with_for_update=True, populate_existing=True)
    if asked is None or asked.unit_id not in realm.units_of(session, actor):
        raise NotFound("post.request_unknown")
    _require_decider(session, actor, asked)
    if asked.state != WAITING:
        raise Invalid("post.decided", name=asked.person.name)
    if asked.person.disabled_at is not None:
        raise Invalid("person.disabled", name=asked.person.name)
    return asked


def _require_decider(session: Session, actor: Actor, asked: PostRequest) -> None:
    realm.require(actor, "sec_admin", "sys_admin")
    realm.require_other(actor, asked.person_id)
    if actor.person_id == asked.asked_by_id:
        raise Forbidden("post.own_request")
    if "sec_admin" not in actor.roles and not _by_security(session, asked):
        raise Forbidden("post.wrong_decider")


def _by_security(session: Session, asked: PostRequest) -> bool:
    """Whether a security administrator asked: then the system administrator may be the second."""
    day = clock.local(asked.asked_at).date()
    wanted = select(Post).where(Post.person_id == asked.asked_by_id, Post.role == "sec_admin")
    return any(post.holds(day) for post in session.execute(wanted).scalars())


def _decide(session: Session, actor: Actor, asked: PostRequest, state: str, decision: str) -> None:
    asked.state, asked.decision = state, decision.strip()[:500]
    asked.decided_by_id, asked.decided_at = actor.person_id, clock.now()
    facts = {"name": asked.person.name, "roles": [asked.role], "by": actor.name}
    outbox.send(session, asked.asked_by_id, f"post_{state}", facts)
    session.flush()
