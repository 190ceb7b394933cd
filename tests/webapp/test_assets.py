"""The bundles of the front end, and what the documentation says of their sizes."""

from __future__ import annotations

import gzip
import json
import re
from functools import cache
from pathlib import Path

from webapp.assets import DIST

DEPLOYMENT = Path(__file__).parents[2] / "docs" / "deployment.md"
ROW = re.compile(r"^\| (\w+) \| [^|]+ \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", re.MULTILINE)
IMPORTED = re.compile(r"""(?:from|import)\s*"\./([\w.-]+\.js)\"""")
MANIFEST = json.loads((DIST / "manifest.json").read_text(encoding="utf-8"))


def loaded(name: str, seen: set[str]) -> set[str]:
    """A script, and all that it imports at once."""
    if name not in seen:
        seen.add(name)
        for other in IMPORTED.findall((DIST / name).read_text(encoding="utf-8")):
            loaded(other, seen)
    return seen


@cache
def sizes(name: str) -> tuple[int, int]:
    """Bytes of a file, and as gzip sends it."""
    data = (DIST / name).read_bytes()
    return len(data), len(gzip.compress(data, 6))


def weight(names: set[str]) -> list[float]:
    """kB, raw and compressed."""
    return [sum(sizes(name)[which] for name in names) / 1000 for which in (0, 1)]


def style(bundle: str) -> set[str]:
    return {MANIFEST[name]} if (name := f"{bundle}.css") in MANIFEST else set()


def test_the_documentation_tells_the_sizes_of_all_bundles() -> None:
    rows = ROW.findall(DEPLOYMENT.read_text(encoding="utf-8"))
    told = {name: [int(one) for one in figures] for name, *figures in rows}
    built = {name.removesuffix(".js") for name in MANIFEST if name.endswith(".js")}
    assert set(told) == built
    for bundle, said in told.items():
        found = weight(loaded(MANIFEST[f"{bundle}.js"], set())) + weight(style(bundle))
        assert all(abs(one - other) <= 2 + other / 10 for one, other in zip(said, found, strict=True)), (bundle, found)
