"""The pages of operations over 1,000 and 100,000 cases: does an administrator wait because there are many?

A tenth of the steps waits, the others were done within the period that is looked at. Seen are what stands still, the
cases that don't move, the diagram of a version with its numbers, and the working days by step; the days by an
administrator of all bureaus and by one who looks after some, who is answered by another way. Whole pages are measured,
without the network; samples of the two sizes alternate.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bench.measure import Effort, Measure, shown, spread
from tests.desk import crowd
from tests.webapp.site import Visitor
from webapp import settings
from webapp.app import create_app
from webapp.security import limiter
from workflows import bureau, migrations
from workflows.actors import Person, Post, Unit
from workflows.calendar import clock
from workflows.files import Files
from workflows.store import Store

SIZES = (1_000, 100_000)
TINY_SIZES = (50, 100)
SAMPLES = 20
ALL, SOME = "admin", "some"
PAGES = {
    "index": (ALL, "/operations"),
    "stuck": (ALL, "/operations/stuck?kind=still"),
    "diagram": (ALL, "/operations/processes/penalty/1"),
    "days": (ALL, "/operations/processes/penalty/1?view=days"),
    "days_of_some": (SOME, "/operations/processes/penalty/1?view=days"),
}
"""Name → who looks, and at which page."""
STEPS = (
    "UPDATE task SET package_hash = (SELECT package_hash FROM engine_current WHERE key = 'penalty')",
    "INSERT INTO engine_instance (id, case_id, process_key, package_hash, pins, version, status, attempts, variables,"
    " incident, created_at, ended_at) SELECT instance_id, case_id, process_key, package_hash,"
    " '{\"penalty\":\"' || package_hash || '\"}', 1, 'running', 0, '{}',"
    " CASE WHEN instance_id LIKE '%000' THEN '{\"code\":\"engine.handler_failed\",\"facts\":{\"reason\":\"x\"},"
    "\"at\":\"2024-03-01T01:00:00+00:00\"}' END,"
    " min(created_at), CASE WHEN count(*) = count(ended_at) THEN max(ended_at) END FROM task GROUP BY instance_id",
    "INSERT INTO engine_task (instance_id, id, scope, element, state, number, body)"
    " SELECT instance_id, engine_task_id, '', element_id, 'READY', rowid, '{}' FROM task WHERE ended_at IS NULL",
)
"""What makes of the crowd's tasks running cases on the shipped process."""


@dataclass
class Site:
    """The web application over so many cases, and how long each page took, in milliseconds."""

    store: Store
    size: int
    visitors: dict[str, Visitor]
    times: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in PAGES})

    def see(self, name: str) -> None:
        """Open a page, and note how long that took. Raises RuntimeError for one that is not there."""
        login, address = PAGES[name]
        begun = time.perf_counter()
        page = self.visitors[login].get(address)
        self.times[name].append((time.perf_counter() - begun) * 1000)
        if page.status_code != 200:
            raise RuntimeError(f"{address}: {page.status_code}")


def run(folder: Path, effort: Effort) -> Iterator[Measure]:
    """On SQLite."""
    whole = effort.times > 10
    with clock.simulated(crowd.NOW):
        sites = [_filled(folder / str(size), size) for size in (SIZES if whole else TINY_SIZES)]
        try:
            _measure(sites, SAMPLES if whole else 1)
        finally:
            for one in sites:
                one.store.close()
    limiter.reset()
    small, large = sites
    for name in PAGES:
        few, many = statistics.median(small.times[name]), statistics.median(large.times[name])
        yield spread(
            f"operations_{name}", large.times[name], "ms",
            f"the page of operations “{name}” over {large.size:,} cases, against {small.size:,} (SQLite)",
            small_ms=few, ratio=many / few,
        )  # fmt: skip


def _filled(folder: Path, size: int) -> Site:
    folder.mkdir()
    told = settings.read({"FASHEN_VAR": str(folder), "FASHEN_DATABASE_URL": f"sqlite:///{folder / 'bench.sqlite'}"})
    store = Store(told.database_url)
    migrations.upgrade(store)
    with store.work() as session:
        bureau.load_demo(session)
    crowd.fill(store, size * crowd.STEPS)
    with store.work() as session:
        for step in STEPS:
            session.execute(text(step.replace(":", "\\:")))
        _place(session)
    app = create_app(told, store, Files(told.files_url))
    visitors = {login: Visitor(app) for login in (ALL, SOME)}
    for login, visitor in visitors.items():
        visitor.log_in(login)
    return Site(store, size, visitors)


def _place(session: Session) -> None:
    """The bureau of the crowd lies below the demonstration's, and has an administrator of its own."""
    admin = session.scalars(select(Person).where(Person.login == ALL)).one()
    below = session.get_one(Unit, crowd.BUREAU)
    below.parent_id = admin.posts[0].unit_id
    post = Post(unit_id=below.id, role="sys_admin", title="系统管理员", starts_on=date(2020, 1, 1))
    session.add(Person(login=SOME, name="县局管理员", password_hash=admin.password_hash, posts=[post]))


def _measure(sites: list[Site], samples: int) -> None:
    """Every page of every size in turn; the first round only warms up."""
    for number in shown(range(samples + 1), "operations"):
        for name in PAGES:
            for one in sites:
                one.see(name)
        if number == 0:
            for one in sites:
                one.times = {name: [] for name in PAGES}
