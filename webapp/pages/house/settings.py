"""The settings of the installation, explained: what each means, what it is now, where it is set, what is unsafe."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from webapp.house import house
from webapp.settings import DESCRIPTIONS
from webapp.settingwords import GROUPS, WORDS, shown, unsafe

blueprint = Blueprint("house_settings", __name__, url_prefix="/house/settings")


@dataclass(frozen=True, slots=True)
class Line:
    """One setting. given: whether it was set; doubts: why it is unsafe as it is, Chinese and English."""

    name: str
    meaning: tuple[str, str]
    value: str
    default: str | tuple[str, str]
    given: bool
    doubts: tuple[str, str] | None


@blueprint.get("")
def index() -> ResponseReturnValue:
    """Every setting, in groups. Nothing secret is shown: of keys and passwords only whether they are set."""
    told = house().settings
    groups = [
        (title, [
            Line(name, (WORDS[name].zh, DESCRIPTIONS[name]), shown(name, told), WORDS[name].default,
                 name in told.given, unsafe(name, told)) for name in names
        ]) for title, names in GROUPS.items()
    ]  # fmt: skip
    doubtful = sum(line.doubts is not None for _title, lines in groups for line in lines)
    return render_template("house/settings.html", groups=groups, production=told.production, doubtful=doubtful)
