"""The comparison of two versions, in the reader's language and to the cell."""

from __future__ import annotations

import json
import re

from tests.webapp.site import Site, Visitor
from tests.webapp.test_studio import begin, save
from workflows.diagrams import library

SHIPPED = library.shipped()
REVIEW = "legal_review.bpmn"
TABLE = "collective_required.dmn"


def compared(admin: Visitor, at: str, key: str, language: str = "zh") -> str:
    """The page that compares a draft with the first version; the spaces between its tags left out."""
    admin.client.set_cookie("language", language)
    page = admin.get(f"/studio/processes/{key}/compare?old=v1&new=draft-{at[-32:]}").text
    return re.sub(r">\s+", ">", re.sub(r"\s+<", "<", page))


def region(page: str, id: str) -> str:
    """A panel of the page, by the id of its heading."""
    start = page.index(f'aria-labelledby="{id}"')
    return page[start : page.index("</section>", start)]


def test_the_english_page_names_steps_lanes_and_fields_in_english(site: Site) -> None:
    admin = site.visitor("admin")
    at = begin(admin, process="legal_review")
    drawn = SHIPPED["legal_review"].files[REVIEW].decode()
    bent = drawn.replace('sourceRef="after_initial" targetRef="counsel_review"',
                         'sourceRef="after_initial" targetRef="conclude_review"')  # fmt: skip
    moved = bent.replace("<bpmn:flowNodeRef>counsel_review</bpmn:flowNodeRef>", "").replace(
        "<bpmn:flowNodeRef>conclude_review</bpmn:flowNodeRef>",
        "<bpmn:flowNodeRef>conclude_review</bpmn:flowNodeRef><bpmn:flowNodeRef>counsel_review</bpmn:flowNodeRef>",
    )  # fmt: skip
    assert len({drawn, bent, moved}) == 3
    assert save(admin, at, REVIEW, moved.encode(), '"1"').status_code == 200
    path = "forms/counsel_review.form"
    form = json.loads(SHIPPED["legal_review"].files[path])
    next(one for one in form["components"] if one.get("key") == "opinion")["disabled"] = True
    assert save(admin, at, path, json.dumps(form).encode(), '"1"').status_code == 200
    english = compared(admin, at, "legal_review", "en")
    told = region(english, "diff-diagram")
    assert '<del class="long">Counsel&#39;s review</del>' in told and '<ins class="long">Conclusion</ins>' in told
    assert '<del class="long">Legal counsel</del>' in told and '<ins class="long">Legal officers</ins>' in told
    assert "法律顾问" not in told
    fields = region(english, "diff-forms")
    assert not re.search("[一-鿿]", re.sub("<[^>]*>", "", fields)), fields
    picture = admin.get(f"/studio/processes/legal_review/sides/draft-{at[-32:]}/diagram").data.decode()
    assert 'name="Counsel\'s review"' in picture and 'name="法律顾问' not in picture and "Legal review" in picture
    chinese = compared(admin, at, "legal_review")
    assert admin.get(f"/studio/processes/legal_review/sides/draft-{at[-32:]}/diagram").data == moved.encode()
    assert '<del class="long">法律顾问再审</del>' in region(chinese, "diff-diagram")
    assert "<dt>停用</dt><dd><ins class=\"long\">是</ins>" in region(chinese, "diff-forms")


def test_of_a_rule_only_the_changed_cell_is_struck(site: Site) -> None:
    admin = site.visitor("admin")
    at = begin(admin, process="penalty")
    text = SHIPPED["penalty"].files[TABLE].replace(b"&gt;= 50000", b"&gt;= 80000", 1)
    assert save(admin, at, TABLE, text, '"1"').status_code == 200
    told = region(compared(admin, at, "penalty"), "diff-tables")
    assert re.findall("<(?:del|ins)>.*?</(?:del|ins)>", told) == ["<del>&gt;= 50000</del>", "<ins>&gt;= 80000</ins>"]
    assert told.count('<tr class="rule-') == 1
    assert "修改" in told and "重大违法行为：对单位罚款五万元以上" in told


def test_a_diagram_that_can_not_be_read_is_given_as_it_is_in_english_too(site: Site) -> None:
    admin = site.visitor("admin")
    at = begin(admin, process="legal_review")
    assert save(admin, at, REVIEW, b"<broken", '"1"').status_code == 200
    admin.client.set_cookie("language", "en")
    assert admin.get(f"/studio/processes/legal_review/sides/draft-{at[-32:]}/diagram").data == b"<broken"
