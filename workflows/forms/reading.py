"""Reading a post: the raw answer, texts as typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workflows.forms.schema import KINDS, Field, Form

ROW_LIMIT = 100


def read(
    form: Form, posted: Mapping[str, Sequence[str]], files: Mapping[str, Sequence[Mapping[str, Any]]]
) -> dict[str, Any]:
    """The raw answer from posted fields: texts as typed, rows as lists. Fields that are not written are not in it.

    posted: name → all values sent under it (`key`, `key.0.subkey`, row count `key.#`); files: the same names → files as
    the content store knows them.
    """
    return {f.key: _read_field(f, f.key, posted, files) for f in asked(form.fields)}


def asked(fields: Sequence[Field], row_key: str | None = None) -> list[Field]:
    """The fields that are to be written; of a list with fixed rows the one that tells the rows apart as well."""
    return [one for one in fields if one.kind in KINDS and (one.writable or one.key == row_key)]


def _read_field(
    item: Field, name: str, posted: Mapping[str, Sequence[str]], files: Mapping[str, Sequence[Mapping[str, Any]]]
) -> Any:
    values = posted.get(name, ())
    if item.kind == "dynamiclist":
        count = row_count(next(iter(posted.get(f"{name}.#", ())), ""))
        return [
            {f.key: _read_field(f, f"{name}.{row}.{f.key}", posted, files) for f in asked(item.fields, item.row_key)}
            for row in range(count)
        ]
    if item.kind == "filepicker":
        return list(files.get(name, ()))
    if item.kind == "checklist":
        return list(values)
    if item.kind == "checkbox":
        return any(v in ("1", "on", "true") for v in values)
    return values[0] if values else ""


def row_count(text: str) -> int:
    """How many rows a posted count means: 0 for what is no number, never more than ROW_LIMIT."""
    if not (text.isascii() and text.isdigit()):
        return 0
    # Python refuses to read very long numbers (ValueError), and whoever sends one means "too many".
    return min(int(text), ROW_LIMIT) if len(text) < 10 else ROW_LIMIT
