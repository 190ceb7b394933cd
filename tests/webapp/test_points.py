"""The eleven points of a review: one line each, unfolded where something is wrong."""

from __future__ import annotations

import re

from tests.webapp.site import Site, form_fields
from tests.webapp.test_previews import until


def folds(page: str) -> list[bool]:
    """Whether the details of each point are open, from the first to the last."""
    return [bool(opened) for opened in re.findall(r'<details class="row-more"( open)?>', page)]


def test_points_bear_their_numbers_and_fold_what_only_a_defect_needs(site: Site) -> None:
    path = until(site, "initial_review")
    page = site.visitor("legal1").get(path).text
    assert "RP1 主体适格" in page
    assert "RP11 执法人员利益冲突" in page
    assert folds(page) == [False] * 11
    assert "其余全部合格" in page
    assert "不同意：" in page  # the help explains all six opinions


def test_a_defect_and_what_is_written_stay_in_sight(site: Site) -> None:
    path = until(site, "initial_review")
    reviewer = site.visitor("legal1")
    shown = reviewer.get(path)
    if "认领后由您办理" in shown.text:
        reviewer.post(f"{path}/claim", form_fields(shown))
        shown = reviewer.get(path)
    typed = {"findings.#": "11", "findings.0.point": "RP1", "findings.0.result": "defect"}
    typed |= {"findings.1.point": "RP2", "findings.1.result": "pass", "findings.1.basis": "《安全生产法》"}
    typed |= {"findings.2.point": "RP3", "findings.2.result": "pass"}
    page = reviewer.post(f"{path}/form", {**form_fields(shown), **typed}).text
    assert folds(page) == [True, True] + [False] * 9
    assert 'value="《安全生产法》"' in page
