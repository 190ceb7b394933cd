"""The eleven points of a review: one line each, unfolded where something is wrong."""

from __future__ import annotations

import re

from sqlalchemy import select

from tests.webapp.site import Site, form_fields
from tests.webapp.test_previews import until
from workflows.cases.reviews import Finding, Opinion


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


def test_a_point_with_a_problem_does_not_pass_and_nothing_typed_is_lost(site: Site) -> None:
    path = until(site, "initial_review")
    reviewer = site.visitor("legal1")
    reviewer.post(f"{path}/claim", form_fields(reviewer.get(path)))
    typed = {"findings.#": "11", "opinion": "agree", "text": "同意。"}
    typed |= {f"findings.{n}.point": f"RP{n + 1}" for n in range(11)}
    typed |= {f"findings.{n}.result": "pass" for n in range(11)}
    typed |= {"findings.1.text": "侵入长度须写明", "findings.3.blocking": "1"}
    answer = reviewer.post(f"{path}/complete", {**form_fields(reviewer.get(path)), **typed})
    assert answer.status_code == 422
    assert answer.text.count("写明了问题或者勾选了") >= 4  # above and at each of the two rows
    assert "侵入长度须写明" in answer.text
    assert re.search(r'name="findings\.3\.blocking"[^>]* checked', answer.text)
    assert folds(answer.text) == [False, True, False, True] + [False] * 7


def test_who_concludes_sees_what_the_reviews_found_and_what_is_grave_first_of_all(site: Site) -> None:
    path = until(site, "conclude_review")
    page = site.visitor("legal1").get(path).text
    assert "本稿的审核意见" in page
    assert "审核要点均无问题。" in page
    case_id = re.search(r'/cases/(\w+)"', page)
    assert case_id
    with site.store.work() as session:
        finding = session.execute(
            select(Finding).join(Opinion, Opinion.id == Finding.opinion_id)
            .where(Opinion.case_id == case_id[1], Opinion.level == "legal_review", Finding.point == "RP4")
        ).scalars().one()  # fmt: skip
        finding.text, finding.result = "未告知听证权利", "pass"  # as records were before this was refused
    for address in (path, f"/cases/{case_id[1]}?tab=opinions"):
        page = site.visitor("legal1").get(address).text
        assert "未告知听证权利" in page, address
    with site.store.work() as session:
        one = session.get_one(Finding, finding.id)
        one.result, one.blocking = "defect", True
    page = site.visitor("legal1").get(path).text
    assert "有否决性问题" in page
