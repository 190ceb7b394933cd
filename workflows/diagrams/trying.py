"""The tests that a package carries in tests/*.yaml, and whether they passed: one that did not stops its release.

They are run by `rehearsal.trials`, outside of any unit of work, since a test plays a whole case; what came of it is
kept under the package's hash. A package that was changed since is another one, whose tests have not run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.diagrams.trying_tables import TestRun
from workflows.engine.package import Package
from workflows.errors import Problem

FOLDER = "tests/"
MOST = 20
"""Tests of one package: all of them are run before it is released."""


def paths(package: Package) -> list[str]:
    """The test files of a package."""
    return [name for name in package.files if name.startswith(FOLDER) and name.endswith(".yaml")]


def runs(session: Session, package_hash: str) -> Mapping[str, TestRun]:
    """What came of the tests of a package, by their files."""
    rows = session.execute(select(TestRun).where(TestRun.package_hash == package_hash)).scalars()
    return {row.path: row for row in rows}


def failing(session: Session, package: Package) -> list[Problem]:
    """A problem for each test that did not pass, or did not run."""
    known = runs(session, package.hash)
    found: list[Problem] = []
    for path in paths(package):
        row = known.get(path)
        if row is None:
            found.append(Problem("trying.test_not_run", path))
        elif not row.passed:
            found.append(problem_of(row))
    return found


def failed(session: Session, package: Package) -> list[Problem]:
    """A problem for each test that did not pass when it was run last on this content."""
    known = runs(session, package.hash)
    return [problem_of(known[path]) for path in paths(package) if path in known and not known[path].passed]


def problem_of(row: TestRun) -> Problem:
    """Why a test failed."""
    said = row.problem
    return Problem(str(said.get("code", "trying.test_failed")), row.path, facts=dict(said.get("facts") or {}))


def not_passed(session: Session, package: Package) -> Sequence[str]:
    """The test files of a package that have not passed yet."""
    known = runs(session, package.hash)
    return [path for path in paths(package) if path not in known or not known[path].passed]
