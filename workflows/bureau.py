"""Setting up a bureau: reference data for every installation, and the demonstration bureau with its people."""

from __future__ import annotations

from datetime import date
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import shipped
from workflows.actors import ROLES, Certificate, Person, Post, Unit
from workflows.calendar import changes
from workflows.cases import catalogue
from workflows.diagrams import library

FOUNDED = date(2018, 11, 1)
"""The first day of demonstration posts and certificates: when emergency-management bureaus were set up."""

_CERTIFICATES = (("enforcement", "enforcement"), ("legal_qualification", "legal"))
"""(kind of a certificate, where the file of the demonstration bureau has its number)."""


def load_reference(session: Session) -> None:
    """Load what every bureau needs: calendar, catalogue of matters, legal parameters, shipped process packages.

    May run again and again; what a bureau changed stays.
    """
    changes.load_library(session)
    catalogue.load_catalogue(session)
    library.publish_shipped(session)


def demo_accounts() -> tuple[list[tuple[str, str, str]], str]:
    """(login, name, title) of every demonstration account, and their common password."""
    data = _demo()
    return [(p["login"], p["name"], p["posts"][0]["title"]) for p in data["people"]], data["password"]


def load_demo(session: Session) -> bool:
    """Load reference data and the demonstration bureau. Returns whether the people were new."""
    load_reference(session)
    data = _demo()
    if session.execute(select(Person.id).where(Person.login == data["people"][0]["login"])).first():
        return False
    load_people(session, PasswordHasher().hash(data["password"]))
    return True


def load_people(session: Session, password_hash: str | None) -> dict[str, Unit]:
    """Enter the units and the people of the demonstration bureau; the units by their keys.

    password_hash: of the password of them all; None where nobody is to log in.
    """
    data = _demo()
    units = _load_units(session, data["units"])
    for entry in data["people"]:
        _load_person(session, entry, units, password_hash)
    return units


def _demo() -> dict[str, Any]:
    return dict(shipped.read("workflows.demo", "bureau.yaml"))


def demo_records() -> dict[str, set[tuple[str, ...]]]:
    """What the demonstration bureau has without an entry: table → rows, each beginning with the login.

    person: (login); post: (login, name of the unit, role); certificate: (login, kind, number).
    """
    data = _demo()
    units = {unit["key"]: unit["name"] for unit in data["units"]}
    return {
        "person": {(one["login"],) for one in data["people"]},
        "post": {(one["login"], units[post["unit"]], post["role"]) for one in data["people"] for post in one["posts"]},
        "certificate": {(one["login"], kind, one[field]) for one in data["people"]
                        for kind, field in _CERTIFICATES if one.get(field)},
    }  # fmt: skip


def _load_units(session: Session, entries: list[dict[str, Any]]) -> dict[str, Unit]:
    units: dict[str, Unit] = {}
    for entry in entries:
        parent, delegating = entry.get("parent"), entry.get("delegated_by")
        unit = Unit(
            parent_id=units[parent].id if parent else None,
            delegated_by_id=units[delegating].id if delegating else None,
            name=entry["name"],
            name_en=entry["name_en"],
            level=entry["level"],
            legal_subject=entry.get("legal_subject", False),
            region=entry.get("region", ""),
            settings=entry.get("settings", {}),
        )
        session.add(unit)
        session.flush()
        units[entry["key"]] = unit
    return units


def _load_person(session: Session, entry: dict[str, Any], units: dict[str, Unit], password_hash: str | None) -> None:
    person = Person(login=entry["login"], name=entry["name"], password_hash=password_hash)
    for rank, post in enumerate(entry["posts"]):
        if post["role"] not in ROLES:
            raise ValueError(f"unknown role {post['role']} of {entry['login']}")
        person.posts.append(
            Post(unit_id=units[post["unit"]].id, role=post["role"], title=post["title"], rank=rank, starts_on=FOUNDED)
        )
    session.add(person)
    session.flush()
    for kind, field in _CERTIFICATES:
        if number := entry.get(field):
            session.add(Certificate(person_id=person.id, kind=kind, number=number, valid_from=FOUNDED))
