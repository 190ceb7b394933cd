"""Reading a process package: parsed, checked and made ready to run; once per package and process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.measure import Result, timed
from workflows.engine import definition, package

ROOT = Path(__file__).parents[1]


def run(_folder: Path) -> Iterator[Result]:
    """Every shipped package."""
    for folder in sorted(path.parent for path in (ROOT / "bpmn").glob("*/process.yaml")):
        files = package.read_folder(folder)
        yield timed(f"read {folder.name}", lambda _number, files=files: definition.read(files), 20)
