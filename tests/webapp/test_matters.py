"""The matter of a case: found among some hundred and fifty, and its fines told where they are set."""

from __future__ import annotations

import re

from tests.webapp.site import Site
from tests.webapp.test_previews import until


def test_matters_stand_under_their_law_and_begin_with_their_article(site: Site) -> None:
    page = site.visitor("officer1").get("/cases/new?process=penalty").text
    assert '<optgroup label="《安全生产法》">' in page
    assert re.search(r'<option value="CF-AQF-097-1-07">第九十七条第（七）项 特种作业人员', page)
    assert 'data-searches="f-matters-0-matter_code"' in page


def test_an_english_reader_chooses_a_matter_by_article_and_name_too(site: Site) -> None:
    officer = site.visitor("officer1")
    officer.post("/language", {"language": "en"})
    page = officer.get("/cases/new?process=penalty").text
    assert re.search(r'<option value="CF-AQF-097-1-07">第九十七条第（七）项 特种作业人员', page)


def test_the_report_shows_what_the_law_allows(site: Site) -> None:
    path = until(site, "conclude_investigation")
    page = site.visitor("officer1").get(path).text
    assert "法定处罚幅度" in page
    assert "10万元以上20万元以下" in page
    assert "2万元以上5万元以下" in page
    english = site.visitor("officer1")
    english.post("/language", {"language": "en"})
    assert "100,000 to 200,000 yuan" in english.get(path).text
    assert "法定处罚幅度" not in site.visitor("deputy").get("/desk").text


def test_a_matter_is_ended_on_its_page_and_that_can_be_taken_back(site: Site) -> None:
    at = "/catalogue/matter/CF-AQF-097-1-07"
    legal, officer = site.visitor("legal1"), site.visitor("officer1")
    assert "停用事项" in legal.get(at).text
    assert "停用事项" not in officer.get(at).text
    assert officer.post(f"{at}/end", {"ends_from": "2099-01-01", "reason": "修法"}).status_code == 403
    typed = {"form": "end-matter", "ends_from": "2000-01-01", "reason": "《安全生产法》修改"}
    wrong = legal.post(f"{at}/end", typed)
    assert wrong.status_code == 422
    assert "停用日期应当是明天或者以后" in wrong.text and 'value="《安全生产法》修改"' in wrong.text
    assert legal.post(f"{at}/end", {**typed, "ends_from": "2099-01-01"}).status_code == 302
    page = legal.get(at).text
    assert "将停用" in page and "最后适用日期 2098-12-31 · 《安全生产法》修改 · " in page
    assert "（限2098-12-31及以前的行为）" in officer.get("/cases/new?process=penalty").text
    back = {"form": "end-back", "what": "back", "reason": "草案未通过"}
    assert legal.post(f"{at}/end", back).status_code == 302
    assert "将停用" not in legal.get(at).text
