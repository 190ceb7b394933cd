"""Every text on a page stops where the command behind it would refuse it."""

from __future__ import annotations

import re
from pathlib import Path

from tests.webapp.site import Site, form_fields
from tests.webapp.trial import begin
from webapp.bar import WORDS
from webapp.longest import LIMITS

TEMPLATES = Path(__file__).parents[2] / "webapp" / "templates"
ISLANDS = frozenset({"forms.html"})
"""Templates whose fields are those of a form's schema, with the limits of their own."""
TYPED = r"<textarea\b[^>]*>|<input\b(?=[^>]*form-control)(?![^>]*type=\"(?:file|number|date|datetime-local)\")[^>]*>"


def test_every_text_field_of_a_page_has_its_limit() -> None:
    without = []
    for path in sorted(TEMPLATES.rglob("*.html")):
        text = re.sub(r"\{[%{#].*?[%}#]\}", lambda found: found[0].replace(">", " "), path.read_text("utf-8"))
        fields = re.findall(TYPED, text) if path.name not in ISLANDS else []
        without += [f"{path.name}: {one[:90]}" for one in fields
                    if not re.search("maxlength|readonly|data-searches|{{ kind }}", one)]  # fmt: skip
    assert without == []


def test_every_operator_has_its_limit() -> None:
    assert set(WORDS) <= set(LIMITS)


def test_what_fits_the_field_is_taken_and_one_character_more_is_not(site: Site) -> None:
    trial = begin(site)
    officer, path = site.visitor("officer1"), trial.path("draft")
    trial.claim(officer, path)
    page = officer.get(path)
    assert re.search(r'name="opinion"[^>]* maxlength="2000"', page.text), "as the form's schema says"
    asks = officer.get(f"{path}/do/reassign")
    limit = int(re.findall(r'id="text" name="text"[^>]*maxlength="(\d+)"', asks.text)[0])
    given = {**form_fields(asks), "person": site.person_id("officer2")}
    assert officer.post(f"{path}/do/reassign", {**given, "text": "长" * (limit + 1)}).status_code == 422
    assert officer.post(f"{path}/do/reassign", {**given, "text": "长" * limit}).status_code == 302
