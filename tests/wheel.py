"""Installs the built wheel into an empty environment, far from the checkout, and lets it work there.

    python -m tests.wheel        after `make wheel`; prints what it did, exits with 1 at the first failure

The locked packages are installed with their hashes, the wheel without dependencies: what the lock forgets is missed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]

PDF = json.loads((ROOT / "webapp/static/dist/manifest.json").read_text("utf-8"))["pdf"]
"""The folder of what pdf.js fetches: its name holds the version."""

CARRIED = (
    "bpmn/penalty/penalty.bpmn",
    "workflows/sentences.yaml",
    "workflows/migrations/versions/0001_foundation.py",
    "workflows/documents/fonts/NotoSerifSC-Regular.ttf",
    "webapp/static/dist/manifest.json",
    f"webapp/static/dist/{PDF}cmaps/UniGB-UCS2-H.bcmap",
    f"webapp/static/dist/{PDF}fonts/FoxitSerif.pfb",
    "webapp/translations/en/LC_MESSAGES/messages.mo",
)
NOT_CARRIED = ("node_modules", "webapp/frontend", "tests/", "bench/", ".po")

RENDER = """
import json, pathlib, sys
from workflows.documents.fonts.faces import fonts_of
from workflows.documents.sheet import plain_sheet
pathlib.Path("sheet.pdf").write_bytes(plain_sheet("法制审核意见书", "同意送审意见。", fonts_of()))
"""


def wheel() -> Path:
    """The one wheel in dist/."""
    found = sorted((ROOT / "dist").glob("fashen-*.whl"))
    if len(found) != 1:
        raise SystemExit(f"expected one wheel in dist/, found {len(found)}; run `make wheel`")
    return found[0]


def check_content(path: Path) -> None:
    """Exit with 1 when the wheel lacks something or carries what belongs to the checkout."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    missing = [name for name in CARRIED if name not in names]
    surplus = [name for name in names if any(part in name for part in NOT_CARRIED)]
    if missing or surplus:
        raise SystemExit(f"missing in the wheel: {missing}; does not belong into it: {surplus[:5]}")
    print(f"{path.name}: {len(names)} files, {path.stat().st_size / 1e6:.1f} MB")


def main() -> int:
    """Check, install, run."""
    path = wheel()
    check_content(path)
    with tempfile.TemporaryDirectory(prefix="fashen-wheel-") as place:
        folder = Path(place)
        python = folder / "venv" / "bin" / "python"
        fashen = folder / "venv" / "bin" / "fashen"
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("FASHEN_", "PYTHON"))}

        def run(*command: object) -> None:
            print("$", *[str(word).replace(place, "…") for word in command], flush=True)
            subprocess.run([str(word) for word in command], cwd=folder, env=clean, check=True)

        run(sys.executable, "-m", "venv", folder / "venv")
        pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        run(*pip, "--require-hashes", "-r", ROOT / "requirements.lock")
        run(*pip, "--no-deps", path)
        run(python, "-m", "pip", "check")
        run(fashen, "--help")
        run(fashen, "db", "upgrade")
        run(fashen, "demo", "load")
        run(fashen, "ledger", "verify")
        run(python, "-c", RENDER)
        pdf = folder / "sheet.pdf"
        if not pdf.read_bytes().startswith(b"%PDF-"):
            raise SystemExit("the document is no PDF")
        print(f"a document of {pdf.stat().st_size / 1e3:.0f} kB was rendered from the installed wheel")
    return 0


if __name__ == "__main__":
    sys.exit(main())
