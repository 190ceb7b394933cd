"""Files of an answer become materials of the case: one way for all acts, and for steps without an act."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from workflows import ledger
from workflows.cases.acts.act import ActContext, Effect
from workflows.cases.materials import Material
from workflows.ledger import events

Kept = dict[str, list[Material]]


def keep_files(context: ActContext, answer: Mapping[str, Any]) -> Kept:
    """Put every file of the answer into the case file; gives the new materials by kind.

    The kind is the one that the form's file field names; in a list whose rows choose their kind (a supplement to the
    checklist) it is the row's. A file that is in the case already under that kind is not put there twice.
    """
    kept: Kept = {}
    for entry, kind in _files(answer, None):
        kept.setdefault(kind, []).append(_material(context, entry, kind))
    return kept


def is_files(value: Any) -> bool:
    """Whether a value of an answer is the files of a file field."""
    return isinstance(value, list) and any(isinstance(one, Mapping) and "sha256" in one for one in value)


def plain(context: ActContext, answer: Mapping[str, Any]) -> Effect:
    """What a step without a statutory act does: its files enter the case file, its answer the ledger."""
    keep_files(context, answer)
    return Effect()


def put_material(
    context: ActContext, *, kind: str, title: str, file_name: str, media_type: str, sha256: str, size: int,
    note: str = "",
) -> Material:  # fmt: skip
    """Add one material to the case, on the record."""
    material = Material(
        case_id=context.case.id, kind=kind, stage=context.element_id[:40], title=title, file_name=file_name,
        media_type=media_type, sha256=sha256, size=size, note=note, added_at=context.now,
        added_by_id=context.actor.person_id,
    )  # fmt: skip
    context.session.add(material)
    context.session.flush()
    event = events.MaterialAdded(
        material_id=material.id, kind=kind, title=title, sha256=sha256, size=size, stage=material.stage,
        file_name=file_name,
    )  # fmt: skip
    ledger.append(
        context.session, f"case:{context.case.id}", event, actor=context.actor, case_id=context.case.id
    )
    return material


def _files(value: Any, kind: str | None) -> Iterator[tuple[Mapping[str, Any], str]]:
    if isinstance(value, Mapping):
        if "sha256" in value:
            yield value, kind or str(value.get("material_kind") or "other")
            return
        chosen = str(value["kind"]) if "kind" in value and isinstance(value.get("file"), list) else kind
        for inner in value.values():
            yield from _files(inner, chosen)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _files(inner, kind)


def _material(context: ActContext, entry: Mapping[str, Any], kind: str) -> Material:
    known = context.session.query(Material).filter_by(
        case_id=context.case.id, kind=kind, sha256=entry["sha256"], superseded_by_id=None
    )
    present = known.first()
    if present is not None:
        return present
    name = str(entry["name"])
    return put_material(
        context, kind=kind, title=name.rsplit(".", 1)[0][:200], file_name=name[:200],
        media_type=str(entry["media_type"])[:80], sha256=str(entry["sha256"]), size=int(entry["size"]),
    )  # fmt: skip
