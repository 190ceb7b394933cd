"""A form is shown while it is drawn as its step will show it, by the rendering of the desk."""

from __future__ import annotations

import json
from typing import Any

from werkzeug.test import TestResponse

from tests.webapp.site import OURS, Site, Visitor

FIELDS = [
    {"type": "textfield", "key": "title", "label": "标题", "properties": {"label_en": "Title"}},
    {"type": "textarea", "key": "reason", "label": "理由", "validate": {"required": True}},
    {"type": "select", "key": "party", "label": "当事人", "valuesKey": "parties"},
    {"type": "checklist", "key": "points", "label": "要点", "valuesKey": "review_points"},
]
RIGHTS = "fields:\n  check: {title: read, reason: hide}\n"


WRONG = [
    b"", b"[" * 100_000, b"[]", b'{"schema": 1}', b'{"schema": {"components": 1}}', b'{"schema": {"components": [1]}}',
    b'{"schema": {"components": [{"type": "textfield", "key": 1}]}}', b" " * 700_000,
    b'{"schema": {"components": [{"type": "bogus", "key": "a"}]}}',
]  # fmt: skip


def preview(site: Site, body: Any, visitor: Visitor | None = None) -> TestResponse:
    visitor = visitor or site.visitor("admin")
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {**OURS, "X-CSRFToken": visitor.token, "Content-Type": "application/json", "Accept": "application/json"}
    return visitor.client.post("/studio/form-preview", data=data, headers=headers)


def test_all_fields_are_drawn_with_choices_of_the_house_or_samples(site: Site) -> None:
    page = preview(site, {"schema": {"components": FIELDS}}).text
    assert 'name="title"' in page
    assert 'name="reason"' in page
    assert "示例一" in page  # only a case has parties
    assert "RP1 " in page
    assert "<html" not in page


def test_a_step_reads_and_hides_what_process_yaml_says(site: Site) -> None:
    page = preview(site, {"schema": {"components": FIELDS}, "step": "check", "description": RIGHTS}).text
    assert ' name="title"' not in page
    assert "标题" in page
    assert "理由" not in page
    assert ' name="party"' in page


def test_a_broken_description_hides_nothing(site: Site) -> None:
    visitor = site.visitor("admin")
    for text in ("fields: [", "fields: [1, 2]", "fields: {check: later}", "&a [*a]", 7):
        page = preview(site, {"schema": {"components": FIELDS}, "step": "check", "description": text}, visitor)
        assert page.status_code == 200
        assert "理由" in page.text


def test_what_is_no_form_is_refused_with_a_sentence(site: Site) -> None:
    visitor = site.visitor("admin")
    for body in WRONG:
        answer = preview(site, body, visitor)
        assert answer.status_code in (400, 422), body[:80]
        assert answer.json
        assert answer.json["sentence"]


def test_texts_of_a_form_never_become_markup(site: Site) -> None:
    page = preview(site, {"schema": {"components": [{"type": "textfield", "key": "a", "label": "<script>x</script>"}]}})
    assert "<script" not in page.text
    assert "&lt;script&gt;" in page.text


def test_only_system_administrators_draw(site: Site) -> None:
    assert preview(site, {"schema": {"components": FIELDS}}, site.visitor("officer1")).status_code == 403
    assert preview(site, {"schema": {"components": FIELDS}}, site.visitor("secadmin")).status_code == 403
