"""What one step may do with each field of its form: write it, only read it, or not even see it.

A form serves several steps, and `process.yaml` says what each may do (`fields: {step: {field: read}}`). A field that a
step may not see is not in its form at all, so that nothing that draws, reads or validates the form can forget about it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from workflows.errors import Invalid, Problem
from workflows.forms.reading import ROW_LIMIT
from workflows.forms.schema import KINDS, Field, Form
from workflows.forms.values import TEXT_LIMIT

DRAFT_LIMIT = 1_000_000
"""Bytes of a draft: the longest forms that people fill in have a tenth of it."""

RIGHTS = ("write", "read", "hide")
"""What may be said of a field; the first where nothing is said."""

_CELL = re.compile(r"[0-9]{1,9}\.([A-Za-z_][A-Za-z0-9_]*)")


def restricted(form: Form, rights: Mapping[str, str]) -> Form:
    """The form as one step has it: hidden fields gone, fields that it may only read no longer writable.

    rights: "field" or "list.column" → "write", "read" or "hide". Names that the form does not have say nothing.
    """
    if not rights:
        return form
    return replace(form, fields=tuple(_allowed(form.fields, rights)))


def _allowed(fields: tuple[Field, ...], rights: Mapping[str, str], within: str = "", key: str = "") -> list[Field]:
    """key: of the column that tells rows apart, which every step needs that has the list at all."""
    found = []
    for item in fields:
        said = item.kind in KINDS and item.key != key
        right = rights.get(within + item.key, RIGHTS[0]) if said else RIGHTS[0]
        if right == "hide":
            continue
        columns = tuple(_allowed(item.fields, rights, f"{item.key}.", item.row_key or ""))
        found.append(replace(item, writable=item.writable and right == "write", fields=columns))
    return found


def writes(form: Form, name: str) -> bool:
    """Whether something posted under a flat name (`key`, `key.#`, `key.0.column`) goes into a field that is written."""
    key, _, rest = name.partition(".")
    item = next((one for one in form.fields if one.key == key and one.kind in KINDS), None)
    if item is None or not item.writable:
        return False
    if item.kind != "dynamiclist":
        return name == key
    cell = _CELL.fullmatch(rest)
    column = cell and next((one for one in item.fields if one.key == cell[1] and one.kind in KINDS), None)
    return rest == "#" or bool(column and (column.writable or column.key == item.row_key))


def of_draft(form: Form, draft: Mapping[str, Any]) -> dict[str, Any]:
    """A draft without what the form does not write. draft: values and files, each by flat name.

    Right or wrong, what was typed is kept, but no more than the form takes. Raises Invalid("field.too_long",
    "field.too_many_rows") with a problem for every text that is longer and every list that has more rows, and
    Invalid("form.draft_large") for more than DRAFT_LIMIT bytes as a whole.
    """
    kept: dict[str, Any] = {
        part: {str(name): value for name, value in given.items() if writes(form, str(name))}
        for part in ("values", "files")
        if isinstance(given := draft.get(part), Mapping)
    }
    problems = [one for name, typed in kept.get("values", {}).items() for one in _beyond(form, name, typed)]
    if problems:
        raise Invalid(problems[0].code, problems, **problems[0].facts)
    if len(json.dumps(kept, ensure_ascii=False).encode("utf-8", "surrogatepass")) > DRAFT_LIMIT:
        raise Invalid("form.draft_large", kilobytes=DRAFT_LIMIT // 1000)
    return kept


def _beyond(form: Form, name: str, typed: Any) -> Iterator[Problem]:
    """What of a flat name is more than its field takes."""
    key, _, rest = name.partition(".")
    item = next(one for one in form.fields if one.key == key)
    if item.kind == "dynamiclist":
        most = min(int(item.rules.get("maxRows", ROW_LIMIT)), ROW_LIMIT)
        row, _, column = rest.partition(".")
        if rest == "#":
            text = str(next(iter(typed or ()), ""))
            if text.isascii() and text.isdigit() and (len(text) > 9 or int(text) > most):
                yield Problem("field.too_many_rows", key, facts={"label": item.label, "limit": most})
            return
        if int(row) >= most:
            yield Problem("field.too_many_rows", key, facts={"label": item.label, "limit": most})
            return
        item = next(one for one in item.fields if one.key == column)
    longest = min(int(item.rules.get("maxLength", TEXT_LIMIT)), TEXT_LIMIT)
    if any(len(str(one).replace("\r\n", "\n")) > longest for one in typed or ()):
        yield Problem("field.too_long", name, facts={"label": item.label, "limit": longest})


def completed(form: Form, answer: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    """The answer of a restricted form, with what the case holds in the place of whatever the step did not write.

    answer: what `validate` gave; held: the typed values that the case holds, by key. Rows of a list of which the step
    writes some columns only are found by the list's row key.
    """
    whole = dict(held) | dict(answer)
    for item in form.fields:
        if item.key in answer and item.key in held and item.row_key and item.kind == "dynamiclist":
            known = {row.get(item.row_key): row for row in held[item.key]}
            whole[item.key] = [{**known.get(row[item.row_key], {}), **row} for row in answer[item.key]]
    return whole
