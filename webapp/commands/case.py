"""`fashen case run`: a case file played from lead to archive on a simulated clock, in a database of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from webapp import settings
from webapp.commands.terminal import say
from workflows import bureau, ledger, migrations, play
from workflows.calendar import clock
from workflows.documents.fonts.faces import fonts_of
from workflows.errors import Invalid
from workflows.files import Files
from workflows.store import Store


@click.group()
def case() -> None:
    """案件 / cases."""


@case.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path),
              help="输出文件夹，须为空；默认 var/played/<文件名> / an empty folder for what is left")  # fmt: skip
def run(file: Path, out: Path | None) -> None:
    """按案件文件演算全过程 / play a case file; leaves its PDFs and a ledger that verifies."""
    script = play.read(file)
    folder = out or Path("var") / "played" / file.stem
    if folder.exists() and any(folder.iterdir()):
        raise Invalid("play.folder_used", folder=str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    store = Store(f"sqlite:///{(folder / 'fashen.sqlite').absolute()}")
    files = Files((folder / "files").absolute().as_uri())
    try:
        with clock.simulated(script.begins) as time:
            migrations.upgrade(store)
            with store.work() as session:
                bureau.load_demo(session)
            played = _play(play.Player(store, files, fonts_of(settings.read().fonts), time), script)
            left = play.leave(store, files, played.case_id, folder)
            with store.read() as session:
                faults = ledger.verify(session)
                entries = ledger.checkpoint(session).total
    finally:
        store.close()
    if faults:
        raise Invalid("play.ledger_faulty", stream=faults[0].stream, seq=faults[0].seq)
    for path in left:
        click.echo(f"  {path}")
    click.echo(say(
        f"{script.title}：{played.steps} 步办结；账本 {entries} 条，校验通过。",
        f"{script.title}: {played.steps} steps; the ledger of {entries} entries verifies.",
    ))  # fmt: skip


def _play(player: play.Player, script: play.Script) -> play.Played:
    with tqdm(total=len(script.steps) + 1, unit=say("步", " steps"), disable=None) as bar:

        def on_step(step: Mapping[str, Any]) -> None:
            bar.write(f"{step['at']}  {step.get('by', '—'):<10} {step.get('task') or step.get('command') or 'lead'}")
            bar.update()

        return player.play(script, on_step)
