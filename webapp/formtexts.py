"""How the values of a form are written for people, and for the script that shows and hides fields."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from flask_babel import gettext as _

from webapp.languages import bilingual
from webapp.posted import Kept
from webapp.widgets import Choice, Widget
from workflows.filekinds import KINDS as FILE_KINDS
from workflows.forms import Field

ONE_OF: dict[str, str] = {
    "Parties": "Party", "Matters": "Matter", "Proposed penalties": "Proposed penalty", "Replies": "Reply",
    "Acts on site": "Act on site", "Payments": "Payment", "Recusals": "Recusal",
    "Penalties as changed": "Penalty as changed", "List of goods": "Item", "Files supplied": "File supplied",
}  # fmt: skip
"""How one row of a list is called in English; lists not named here keep their name."""

UNITS: dict[str, str] = {"元": "yuan", "万元": "10,000 yuan", "日": "days", "天": "days", "页": "pages"}
"""Units behind numbers in English; others are shown as the form has them."""

_LAW = re.compile(r"(?P<law>《[^》]+》)(?P<rest>.+)", re.DOTALL)


def by_law(value: str, label: str, chosen: bool) -> Choice:
    """A matter under its law: 《安全生产法》 › 第九十七条第（七）项 ……."""
    split = _LAW.match(label)
    return Choice(value, split["rest"], chosen, split["law"]) if split else Choice(value, label, chosen)


def one_of(item: Field, number: int) -> str:
    """The heading of a row of a list that grows: the list's name and the row's number."""
    return f"{bilingual(item.label, ONE_OF.get(item.label_en, item.label_en))} {number + 1}"


def unit(chinese: str) -> str:
    """A unit in the reader's language."""
    return bilingual(chinese, UNITS.get(chinese, chinese))


def text(made: Widget, values: Sequence[str], files: Sequence[Kept]) -> str:
    """A value as one reads it; what is chosen by its label, by its code where it is offered no longer."""
    between = bilingual("、", ", ")
    if made.kind in ("select", "radio", "checklist"):
        labels = {choice.value: choice.label for choice in made.choices}
        return between.join(labels.get(value, value) for value in values if value)
    if made.kind == "checkbox":
        return str(_("是") if made.value else _("否"))
    if made.kind == "filepicker":
        return between.join(str(kept.get("name", "")) for kept in files)
    if made.kind == "datetime":
        return made.value.replace("T", " ")
    return f"{made.value} {made.unit}".strip() if made.value else ""


def held(made: Widget, values: Sequence[str]) -> str:
    """What a field that is only read holds, as JSON of the kind that conditions compare."""
    if made.kind == "checkbox":
        return json.dumps(bool(made.value))
    if made.kind == "checklist":
        return json.dumps(list(values))
    return json.dumps(made.value or None)


def accepted(accept: str) -> str:
    """The endings and types of a file field that the case file takes at all."""
    parts = [part.strip().lower() for part in accept.split(",")]
    return ",".join(part for part in parts if part and (not part.startswith(".") or part[1:] in FILE_KINDS))


def file_hint(item: Field) -> str:
    """What a file field takes, as a sentence; empty where the form limits nothing."""
    said = []
    if most := item.properties.get("max_files"):
        said.append(_("最多 %(most)s 个文件", most=most))
    if megabytes := item.properties.get("max_mb"):
        said.append(_("每个不超过 %(size)s MB", size=megabytes))
    return bilingual("，", "; ").join(said)
