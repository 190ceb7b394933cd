"""`fashen search`: the index of the full-text search."""

from __future__ import annotations

import click
from tqdm import tqdm

from webapp.commands.database import opened
from webapp.commands.terminal import say
from workflows import migrations
from workflows.search import rebuilding


@click.group()
def search() -> None:
    """全文检索 / the full-text search."""


@search.command()
def rebuild() -> None:
    """重建检索索引 / make the index anew, while people work; meanwhile less is found."""
    with opened() as store:
        migrations.require_newest(store)
        with tqdm(desc=say("重建索引", "indexing"), unit=say("件", " cases"), disable=None) as bar:

            def show(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            cases = rebuilding.rebuild(store, show)
    click.echo(say(f"检索索引已重建：共 {cases} 件案件，材料正文由后台进程随后读入。",
                   f"The index holds {cases} cases again; the worker reads the files of materials next."))  # fmt: skip
