"""Drafts a revision from the difference between the models and the newest revision; for developers.

    python -m workflows.migrations.draft "cases learn their region"     a new revision on top of the newest
    python -m workflows.migrations.draft --initial                      the first one anew (until it was released)

A draft is read and completed by a person before it is committed: data that must move is not in it.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from alembic import command

from workflows import migrations
from workflows.store import Store

VERSIONS = Path(__file__).parent / "versions"
INITIAL = VERSIONS / "0001_foundation.py"


def draft(message: str, slug: str) -> Path:
    """Write the next revision, named NNNN_slug.py; gives back its path."""
    number = f"{len(list(VERSIONS.glob('[0-9]*.py'))) + 1:04}"
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/draft.sqlite")
        if number != "0001":
            migrations.upgrade(store)
        with store.engine.begin() as connection:
            settings = migrations.config(connection)
            settings.set_main_option("file_template", f"{number}_{slug}")
            command.revision(settings, message=message, autogenerate=True, rev_id=number)
        store.close()
    return VERSIONS / f"{number}_{slug}.py"


def _protect_ledger(path: Path) -> None:
    """Let the first revision set the ledger's triggers, which no model mentions."""
    text = path.read_text(encoding="utf-8")
    known = "from alembic import op\n"
    text = text.replace(known, known + "\nfrom workflows.ledger import immutability\n", 1)
    path.write_text(text.rstrip() + "\n    immutability.protect(op.get_bind())\n", encoding="utf-8")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("message", nargs="?", default="")
    parser.add_argument("--initial", action="store_true")
    given = parser.parse_args()
    if given.initial:
        INITIAL.unlink(missing_ok=True)
        path = draft("The foundation: all tables, and the triggers that guard the ledger.", "foundation")
        _protect_ledger(path)
    elif given.message:
        path = draft(given.message, "_".join(given.message.lower().split())[:50])
    else:
        parser.error("say what the revision is for")
    print(f"drafted {path}; read it before you commit it")  # noqa: T201


if __name__ == "__main__":
    main()
