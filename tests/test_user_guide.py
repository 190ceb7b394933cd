"""The user guide shows pictures of the program, and all that are taken for it."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

from PIL import Image

from scripts.shots import SHOTS

DOCS = Path(__file__).parents[1] / "docs"
GUIDE = (DOCS / "user-guide.zh.md").read_text("utf-8")
PICTURES = DOCS / "pictures" / "user-guide"
HEAVIEST = 150_000
"""Bytes of a picture."""


def test_the_guide_names_each_picture_that_there_is_and_no_other() -> None:
    named = re.findall(r"!\[[^\]]+\]\(pictures/user-guide/([\w-]+\.png)\)", GUIDE)
    assert sorted(named) == sorted(path.name for path in PICTURES.iterdir())
    assert GUIDE.count("![") == len(named)  # none without words for those who do not see it, none from elsewhere


def test_every_picture_can_be_taken_again_by_the_script_that_took_it() -> None:
    assert sorted(path.stem for path in PICTURES.iterdir()) == sorted(shot.name for shot in SHOTS)


def test_pictures_are_as_wide_as_a_screen_or_a_phone_and_light() -> None:
    for shot in SHOTS:
        path = PICTURES / f"{shot.name}.png"
        with Image.open(path) as picture:
            dots = shot.look["device_scale_factor"]
            assert picture.size == (shot.width * dots, shot.height * dots), shot.name
        assert path.stat().st_size < HEAVIEST, shot.name


def test_every_link_within_the_guide_leads_to_a_heading() -> None:
    headings = {_anchor(one) for one in re.findall(r"^#+ (.+)$", GUIDE, re.MULTILINE)}
    links = {unquote(one) for one in re.findall(r"\]\(#([^)]+)\)", GUIDE)}
    assert links
    assert links <= headings


def _anchor(heading: str) -> str:
    """How a heading is linked to: small letters, no punctuation, hyphens for spaces."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
