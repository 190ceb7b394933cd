"""Takes the picture of the running desk for the README: `make picture`.

The published cases are played to a step at which they wait for the legal officer, moved in time so that this was
yesterday; then the real server is started on them and a real browser looks.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from tests.chromium import launched
from tests.durability.server import Server
from workflows import bureau, migrations, play
from workflows.actors import Person, acting
from workflows.calendar import clock
from workflows.desk import commands
from workflows.desk.execute import execute
from workflows.desk.tasks import Task
from workflows.documents.fonts.faces import fonts_of
from workflows.files import Files
from workflows.store import Store

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "pictures" / "desk.png"
LOGIN = "legal1"

STOPS = (
    ("yinzhou-welders", "conclude_review", 1),
    ("qingyuan-recheck", "initial_review", 1),
    ("shaanxi-coal-mine", "initial_review", 2),
    ("jiangmen-fireworks", "check_completeness", 1),
)
"""Case file, the step before which it stops, the how-manieth of that name."""


def moved(value: Any, by: timedelta) -> Any:
    """The same part of a script, all its dates and moments later by `by`."""
    if isinstance(value, (datetime, date)):
        return value + by
    if isinstance(value, dict):
        return {key: moved(part, by) for key, part in value.items()}
    return [moved(part, by) for part in value] if isinstance(value, list) else value


def until(name: str, element: str, count: int) -> play.Script:
    """A case file up to a step, in whole weeks moved to end within the last seven days."""
    script = play.read(ROOT / "tests" / "cases" / f"{name}.yaml")
    places = [number for number, step in enumerate(script.steps) if step.get("task") == element]
    steps = script.steps[: places[count - 1]]
    weeks = (clock.now() - play.moment(steps[-1]["at"])).days // 7
    by = timedelta(weeks=weeks)
    return replace(script, start=moved(script.start, by), steps=moved(steps, by), expect={})


def main() -> None:
    """Play, serve, look."""
    with tempfile.TemporaryDirectory(prefix="fashen-picture-") as place:
        server = Server(Path(place))
        store, files = Store(server.url), Files(str(Path(place) / "files"))
        migrations.upgrade(store)
        with store.work() as session:
            bureau.load_demo(session)
        for stop in STOPS:
            script = until(*stop)
            with clock.simulated(script.begins) as time:
                play.Player(store, files, fonts_of(), time).play(script)
        claim(store)
        store.close()
        server.start()
        try:
            look(server.port)
        finally:
            server.stop()


def claim(store: Store) -> None:
    """Take all tasks that wait for the legal officers but the last."""
    with store.read() as session:
        actor = acting(session, session.scalars(select(Person.id).where(Person.login == LOGIN)).one())
        open_tasks = session.scalars(select(Task).where(Task.state == "open", Task.role == "legal_reviewer")).all()
    for task in open_tasks[:-1]:
        execute(store, commands.claim_task, actor, task.id, seen=task.version)


def look(port: int) -> None:
    """Log in and take the picture."""
    with launched() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 480}, locale="zh-CN", device_scale_factor=1.5)
        page.set_default_timeout(60_000)
        page.goto(f"http://127.0.0.1:{port}/login")
        page.fill("#login", LOGIN)
        page.fill("#password", bureau.demo_accounts()[1])
        page.press("#password", "Enter")
        page.wait_for_url("**/desk*")
        page.locator("main").wait_for()
        PICTURE.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURE)
    print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
