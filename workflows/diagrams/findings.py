"""What is wrong with a package that somebody wants to publish, beside what is published now."""

from __future__ import annotations

from sqlalchemy.orm import Session

from workflows.diagrams import library, neighbours
from workflows.engine.package import Package
from workflows.errors import DiagramRefused, Problem


def problems(session: Session, package: Package) -> list[Problem]:
    """Everything for which `library.publish` would refuse the package; empty when it can be published."""
    try:
        definition = library.check(package, {package.key, *library.keys(session)})
    except DiagramRefused as refused:
        return list(refused.problems)
    return neighbours.check(session, definition)
