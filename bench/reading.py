"""Reading a process package: parsed, checked and made ready to run; once per package and process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.measure import Effort, Measure, timed
from workflows.engine import definition, package

ROOT = Path(__file__).parents[1]


def run(_folder: Path, effort: Effort) -> Iterator[Measure]:
    """Every shipped package."""
    for folder in sorted(path.parent for path in (ROOT / "bpmn").glob("*/process.yaml")):
        files = package.read_folder(folder)

        def read(_number: int, files: package.Package = files) -> object:
            return definition.read(files)

        yield timed(f"package_{folder.name}", read, min(20, effort.times), "reading and checking the package")
