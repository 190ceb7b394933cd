"""Keeps the present release: plays the published cases and stores the database at the moments that matter.

    python -m tests.golden.freeze

Adds tests/golden/<version of pyproject.toml>/ and refuses when that is there: what was released never changes. To be
run once for each release, after the version was raised, and always when a package under bpmn/ changed.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.golden import dump
from tests.golden.release import HERE, RELEASE
from workflows import bureau, ledger, migrations, play
from workflows.calendar import clock
from workflows.calendar.clock import SHANGHAI
from workflows.diagrams import library
from workflows.documents.fonts import Fonts
from workflows.files import Files
from workflows.store import Store

PROJECT = HERE.parent.parent
CASES = PROJECT / "tests" / "cases"
SET_UP = datetime(2021, 1, 4, 9, tzinfo=SHANGHAI)
"""When the bureau of the goldens was set up: before its first case."""

POINTS: dict[str, tuple[int, ...]] = {
    # entered; under investigation; in review; waiting for a statement; performance under its timer; done
    "yinzhou-welders": (0, 2, 6, 9, 10, 14, 16, 17),
    # a supplement demanded and given; two reviewers; performance under its timer; closing returned; done
    "qingyuan-recheck": (5, 6, 9, 14, 17, 20),
    # seized; the first review; a hearing asked for, notified, held; on the agenda; one and three of four votes; done
    "jiangmen-fireworks": (2, 3, 8, 12, 13, 14, 20, 22, 24, 27, 30, 33),
    # the referral beside its case: proposed, approved, transferred, received, decided, handed over; done
    "xiaoshan-cylinders": (3, 5, 6, 7, 8, 9, 10, 14, 17, 19, 21),
    # evidence returned; the draft corrected; a meeting with some of its votes; performance under its timer
    "shaanxi-coal-mine": (6, 7, 10, 15, 19, 21, 24, 26, 28),
}
"""Case file → after how many of its steps the database is stored; 0 is after the lead was entered."""


class AlreadyStored(Exception):
    """The version has goldens; another version needs another number."""


def version() -> str:
    """The version that pyproject.toml gives the program."""
    return str(tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]["version"])


def freeze() -> Path:
    """Store the present release; its folder. Raises AlreadyStored, and whatever a case that no longer plays raises."""
    folder = HERE / version()
    if folder.exists():
        raise AlreadyStored(folder.name)
    with tempfile.TemporaryDirectory() as place:
        made = Path(place) / folder.name
        made.mkdir()
        _keep_packages(made)
        whole = _set_up(Path(place), made)
        for case, points in POINTS.items():
            _keep_case(Path(place), made, whole, case, points)
        shutil.move(made, folder)  # whole or not at all
    return folder


def _keep_packages(made: Path) -> None:
    for key, package in library.shipped().items():
        for name, content in package.files.items():
            file = made / "packages" / key / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)


def _set_up(place: Path, made: Path) -> dump.Dump:
    """Make the bureau's database in `place` and keep it, with what there is to say about the release."""
    store = Store(f"sqlite:///{place / 'bureau.sqlite'}")
    with clock.simulated(SET_UP):
        revision = migrations.upgrade(store)
        with store.work() as session:
            bureau.load_demo(session)
    said = {
        "version": made.name,
        "revision": revision,
        "packages": {key: package.hash for key, package in sorted(library.shipped().items())},
    }
    (made / RELEASE).write_text(json.dumps(said, indent=2) + "\n", "utf-8")
    whole = dump.take(store)
    dump.save(whole, made / "bureau")
    store.close()
    return whole


def _keep_case(place: Path, made: Path, whole: dump.Dump, case: str, points: tuple[int, ...]) -> None:
    folder = made / case
    folder.mkdir()
    shutil.copyfile(CASES / f"{case}.yaml", folder / "script.yaml")
    shutil.copyfile(place / "bureau.sqlite", place / f"{case}.sqlite")
    store = Store(f"sqlite:///{place / f'{case}.sqlite'}")
    script, done = play.read(CASES / f"{case}.yaml"), 0
    with clock.simulated(script.begins) as time:
        player = play.Player(store, Files(str(place / "files")), Fonts(), time)

        def keep(step: Mapping[str, Any]) -> None:
            nonlocal done
            if done in points:
                name = f"{done:02}-after-{step.get('task') or step.get('command') or ('wait' if done else 'lead')}"
                _keep_point(store, whole, folder / name, done, player.case_id)
            done += 1

        player.play(script, keep)
    store.close()


def _keep_point(store: Store, whole: dump.Dump, path: Path, steps: int, case_id: str) -> None:
    present = dump.take(store)
    dump.save({name: rows for name, rows in present.items() if rows != whole[name]}, path)
    with store.read() as session:
        checkpoint = json.loads(ledger.checkpoint(session).to_json())
    said = {"steps": steps, "moment": clock.now().isoformat(), "case_id": case_id, "checkpoint": checkpoint}
    path.with_name(path.name + ".json").write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", "utf-8")


def main() -> int:
    """The command line; 1 when the version is stored already."""
    try:
        folder = freeze()
    except AlreadyStored as error:
        print(f"{error} is stored already and never changes. Raise the version in pyproject.toml first.")
        return 1
    print(f"{folder}: {len(list(folder.glob('*/*-after-*.json')))} databases kept. Commit the folder.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
