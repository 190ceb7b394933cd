"""Packages that tests let cases run on: put in force as a publication does, without the library's checks."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows import ledger
from workflows.actors import SYSTEM
from workflows.calendar import clock
from workflows.diagrams.library import BUREAU, PublishedPackage
from workflows.engine import packages
from workflows.engine.package import Package
from workflows.ledger import events


def put_in_force(session: Session, package: Package) -> str:
    """The package of its process from now on, as the ledger tells too; its hash. A drawing of a test has no roles,
    forms or statutory acts that the library would ask for.
    """
    if packages.current(session, package.key) == package.hash:
        return package.hash
    packages.store(session, package, now=clock.now())
    packages.set_current(session, package.key, package.hash)
    known = select(func.count()).where(PublishedPackage.process_key == package.key)
    session.add(PublishedPackage(
        process_key=package.key, version=session.execute(known).scalar_one() + 1, package_hash=package.hash,
        source=BUREAU, reason="试验", published_at=clock.now(), published_by=SYSTEM.person_id,
    ))  # fmt: skip
    told = events.PackagePublished(key=package.key, package_hash=package.hash, reason="试验")
    ledger.append(session, "bureau", told, actor=SYSTEM)
    return package.hash
