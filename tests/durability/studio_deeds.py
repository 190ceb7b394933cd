"""The commands of the studio, each ready to be tried: a draft, its files, its release by two administrators."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from tests.durability.trials import Deed
from workflows.actors import Actor, Person, acting
from workflows.calendar import clock
from workflows.desk.execute import execute
from workflows.diagrams import adding, archive, drafting, drafts, library, mending, releases, upgrades
from workflows.diagrams.description import FILE
from workflows.diagrams.draft_tables import ProcessDraft
from workflows.engine import packages
from workflows.engine.package import Package

if TYPE_CHECKING:
    from tests.durability.faults import Drill

KEY = "collective_decision"
DIAGRAM = f"{KEY}.bpmn"
DRAFT, RELEASE = "a" * 32, "b" * 32
WORDS = {"reason": "按会议制度修改。", "legal_basis": "《行政处罚法》第五十七条"}


def deeds(drill: Drill) -> Iterator[tuple[str, Deed]]:
    """Each command in the order in which an administrator comes to it; what it needs is done before."""
    with drill.aside():
        author, other = _administrators(drill)
        shipped = library.shipped()[KEY]

        def of(command: Callable[..., Any], *args: Any, who: Actor = author, **named: Any) -> Deed:
            return lambda store, files: execute(store, command, who, *args, **named)

        def do(command: Callable[..., Any], *args: Any, who: Actor = author, **named: Any) -> Any:
            return execute(drill.store, command, who, *args, **named)

        yield "diagrams.drafting.begin_empty", of(drafting.begin_empty, "yantao", "研讨", draft_id=DRAFT)
        yield "diagrams.drafting.begin_from_shipped", of(drafting.begin_from_shipped, KEY, "会议", draft_id=DRAFT)
        yield "diagrams.upgrades.begin_from_upgrade", of(upgrades.begin_from_upgrade, KEY, "会议", draft_id=DRAFT)
        yield "diagrams.drafting.begin_imported", of(
            drafting.begin_imported, KEY, "会议", "包.zip", archive.zipped(KEY, shipped.files), draft_id=DRAFT
        )
        yield "diagrams.drafting.begin_from_version", of(
            drafting.begin_from_version, KEY, 1, "会议", draft_id=DRAFT
        )
        do(drafting.begin_from_version, KEY, 1, "会议", draft_id=DRAFT)
        yield "diagrams.drafting.rename_draft", of(drafting.rename_draft, DRAFT, "会议流程调整")
        changed, seen = shipped.files[DIAGRAM].replace("会议记录".encode(), "整理会议记录".encode()), _revision(drill)
        yield "diagrams.drafting.save_file", of(drafting.save_file, DRAFT, DIAGRAM, changed, seen=seen)
        do(drafting.save_file, DRAFT, DIAGRAM, changed, seen=seen)
        yield from _of_leftovers(drill, of, do)
        yield from _of_an_upgrade(drill, of, do)
        yield "diagrams.drafting.import_files", of(drafting.import_files, DRAFT, {DIAGRAM: shipped.files[DIAGRAM]})
        form = min(path for path in shipped.files if path.endswith(".form"))
        yield "diagrams.drafting.rename_file", of(drafting.rename_file, DRAFT, form, "forms/renamed.form")
        yield "diagrams.adding.add_form", of(adding.add_form, DRAFT, "second_look")
        yield "diagrams.adding.add_table", of(adding.add_table, DRAFT, "heavy_fine", "重罚")
        yield "diagrams.adding.copy_file", of(adding.copy_file, DRAFT, form, "another")
        yield "diagrams.drafting.remove_file", of(drafting.remove_file, DRAFT, form, seen=1)
        yield "diagrams.drafting.undo_to", of(drafting.undo_to, DRAFT, seen, seen=_revision(drill))
        yield from _of_a_copy(drill, of, do, changed, seen, other)
        yield "diagrams.drafting.discard", of(drafting.discard, DRAFT)
        asked = {**WORDS, "release_id": RELEASE, "seen": _revision(drill)}
        yield "diagrams.releases.ask", of(releases.ask, DRAFT, **asked)
        do(releases.ask, DRAFT, publish_at=clock.now() + timedelta(hours=1), **asked)
        yield "diagrams.releases.withdraw", of(releases.withdraw, RELEASE, "再议。")
        yield "diagrams.releases.reject", of(releases.reject, RELEASE, "理由不足。", who=other)
        yield "diagrams.releases.approve", of(releases.approve, RELEASE, "同意。", who=other)
        do(releases.approve, RELEASE, "同意。", who=other)
        due = clock.now() + timedelta(hours=2)
        yield "diagrams.releases.publish_due", lambda store, files: execute(store, releases.publish_due, due)


def _of_an_upgrade(
    drill: Drill, of: Callable[..., Deed], do: Callable[..., Any]
) -> Iterator[tuple[str, Deed]]:  # fmt: skip
    """A file that the program has another way."""
    shipped, put = library.shipped()[KEY], "c" * 32
    newer = Package(KEY, {**shipped.files, FILE: shipped.files[FILE] + b"# \n"})
    with drill.store.work() as session:
        packages.store(session, newer, now=clock.now())
    do(drafting.begin_with, put, KEY, "并入升级", upgrades.UPGRADE, shipped.files, newer.hash, 1)
    yield "diagrams.upgrades.take_side", of(upgrades.take_side, put, FILE, upgrades.PROGRAM, seen=1)


def _of_leftovers(
    drill: Drill, of: Callable[..., Deed], do: Callable[..., Any]
) -> Iterator[tuple[str, Deed]]:  # fmt: skip
    """What process.yaml says of a step that is not drawn."""
    put = "d" * 32
    said = library.shipped()[KEY].files[FILE] + b"fields: {gone: {subject: read}}\n"
    do(drafting.begin_from_version, KEY, 1, "会议", draft_id=put)
    do(drafting.save_file, put, FILE, said, seen=1)
    yield "diagrams.mending.clear_leftovers", of(mending.clear_leftovers, put, seen=2)
    yield "diagrams.mending.move_leftovers", of(mending.move_leftovers, put, "gone", "vote", seen=2)


def _of_a_copy(
    drill: Drill, of: Callable[..., Deed], do: Callable[..., Any], changed: bytes, seen: int, other: Actor
) -> Iterator[tuple[str, Deed]]:
    """What somebody typed who was slower is kept beside the draft."""
    slower = changed.replace("整理会议记录".encode(), "会议纪要".encode())
    do(drafting.save_file, DRAFT, DIAGRAM, slower, seen=seen, who=other)
    with drill.store.read() as session:
        copy = drafts.copies(session, DRAFT)[0][0].id
    yield "diagrams.drafting.take_copy", of(drafting.take_copy, DRAFT, copy, who=other)
    yield "diagrams.drafting.drop_copy", of(drafting.drop_copy, DRAFT, copy, who=other)
    do(drafting.drop_copy, DRAFT, copy, who=other)
    closed, anew = "c" * 32, "b" * 32
    do(drafting.begin_from_version, KEY, 1, "作废的草稿", draft_id=closed)
    do(drafting.save_file, closed, DIAGRAM, changed, seen=1)
    do(drafting.save_file, closed, DIAGRAM, slower, seen=1, who=other)
    do(drafting.discard, closed)
    with drill.store.read() as session:
        copy = drafts.copies(session, closed)[0][0].id
    yield "diagrams.drafting.take_copy_anew", of(drafting.take_copy_anew, closed, copy, "副本", new_id=anew, who=other)


def _administrators(drill: Drill) -> tuple[Actor, Actor]:
    with drill.store.read() as session:
        found = session.execute(select(Person.id).where(Person.login.in_(("admin", "admin2"))).order_by(Person.login))
        one, two = found.scalars()
        return acting(session, one), acting(session, two)


def _revision(drill: Drill) -> int:
    with drill.store.read() as session:
        return session.get_one(ProcessDraft, DRAFT).revision
