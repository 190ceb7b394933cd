"""What the studio compares: versions, drafts, releases, the program's own packages, by short names in addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.diagrams import renamed
from webapp.elementnames import called
from webapp.languages import language
from webapp.studiochoices import draft_title
from workflows.actors import Actor
from workflows.diagrams import drafts, library, releases, upgrades
from workflows.diagrams.library import PublishedPackage
from workflows.engine import packages
from workflows.errors import DiagramRefused, NotFound

NONE, SHIPPED = "none", "shipped"
BASE, PROGRAM = "base", "program"


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison. ref: its name in addresses; label: as people call it; files: path → content."""

    ref: str
    label: str
    files: Mapping[str, bytes]


def side(session: Session, who: Actor, key: str, ref: str) -> Side:
    """A side by its name: "v3", "draft-<id>", "release-<id>", "shipped", or "none" where there is nothing yet.

    Of a draft that an upgrade was put onto also "base-<id>", "program-<id>": the program's package before and after.

    Raises Forbidden, NotFound.
    """
    who.require(*drafts.READERS)
    kind, _dash, id = ref.partition("-")
    if ref == NONE:
        return Side(ref, _("（无）"), {})
    if kind == "draft":
        draft = drafts.draft(session, who, id)
        if draft.process_key == key:
            return Side(ref, _("草稿“%(name)s”", name=draft.name), drafts.contents(session, draft.id))
    elif kind == "release":
        row = releases.release(session, who, id)
        if row.process_key == key:
            return Side(ref, _("申请发布的方案"), releases.package(row).files)
    elif kind in (BASE, PROGRAM):
        begun = drafts.draft(session, who, id)
        put = upgrades.sides_of(session, begun) if begun.process_key == key else None
        if put is not None:
            label = _("升级前随程序提供的版本") if kind == BASE else _("升级后随程序提供的版本")
            return Side(ref, label, put.base if kind == BASE else put.theirs)
    elif ref == SHIPPED and key in (shipped := library.shipped()):
        return Side(ref, _("随程序提供的版本"), shipped[key].files)
    elif ref.startswith("v") and ref[1:].isascii() and ref[1:].isdigit() and len(ref) < 8:
        return _version(session, key, int(ref[1:]))
    raise NotFound("library.version_unknown", process=key, version=ref[:40])


def version_of(session: Session, key: str, package_hash: str | None) -> str:
    """The name of the side that a package is: of its newest version with that hash, "none" for no package."""
    if package_hash is None:
        return NONE
    found = select(PublishedPackage.version).where(
        PublishedPackage.process_key == key, PublishedPackage.package_hash == package_hash
    )
    numbers = session.execute(found.order_by(PublishedPackage.version.desc())).scalars().all()
    return f"v{numbers[0]}" if numbers else NONE


def drawing(files: Mapping[str, bytes]) -> bytes:
    """The diagram among the files. Raises NotFound."""
    for path in sorted(files):
        if path.endswith(".bpmn"):
            return files[path]
    raise NotFound("draft.file_unknown", file=".bpmn")


def drawing_in_words(key: str, files: Mapping[str, bytes]) -> bytes:
    """The diagram among the files, its elements named in the reader's language; as it is where it can't be read.

    Raises NotFound.
    """
    data = drawing(files)
    if language() == "zh":
        return data
    names, title = called(files), draft_title(key, files)
    try:
        return renamed(data, lambda id, chinese, pool: title if pool and title != key else names.get(id, chinese))
    except DiagramRefused:
        return data  # the page says in words what is different


def _version(session: Session, key: str, number: int) -> Side:
    found = session.execute(select(PublishedPackage.package_hash).where(
        PublishedPackage.process_key == key, PublishedPackage.version == number
    )).scalar_one_or_none()  # fmt: skip
    if found is None:
        raise NotFound("library.version_unknown", process=key, version=number)
    return Side(f"v{number}", _("第 %(number)d 版", number=number), packages.stored(session, found).files)
