"""New forms and decision tables on the page of a draft, and as the editor of the diagram asks for them."""

from __future__ import annotations

from html import unescape

from tests.webapp.site import Site, Visitor
from tests.webapp.test_studio import begin


def asked(visitor: Visitor, at: str, **fields: str) -> str:
    """The page that a form of the draft's page leads to."""
    answer = visitor.post(f"{at}/new", fields)
    assert answer.status_code == 302, unescape(answer.text)
    return str(answer.location)


def test_a_form_and_a_table_are_made_on_the_page_of_a_draft(site: Site) -> None:
    admin = site.visitor("admin")
    at = begin(admin)
    assert asked(admin, at, kind="form", new_name="second_look") == f"{at}/edit/form/second_look.form"
    assert "已新建文件“forms/second_look.form”" in admin.get(f"{at}/edit/form/second_look.form").text
    assert asked(admin, at, kind="decision", new_name="heavy", title="重罚") == f"{at}/edit/decision/heavy.dmn"
    assert "重罚" in admin.get(f"{at}/files/heavy.dmn").text
    assert asked(admin, at, copied="forms/second_look.form", new_name="third_look").endswith("third_look.form")
    assert "forms/third_look.form" in admin.get(at).text


def test_a_name_that_can_not_be_used_says_why_and_stays_typed(site: Site) -> None:
    admin = site.visitor("admin")
    at = begin(admin)
    for fields, code in (
        ({"kind": "form", "new_name": "第二意见"}, "应当以英文字母开头"),
        ({"kind": "form", "new_name": ""}, "名称不能使用"),
        ({"kind": "form", "new_name": "vote"}, "已有文件"),
        ({"copied": "forms/vote.form", "new_name": "九"}, "应当以英文字母开头"),
    ):  # fmt: skip
        answer = admin.post(f"{at}/new", fields)
        page = unescape(answer.text)
        assert (answer.status_code, code in page) == (422, True)
        assert f'name="new_name" value="{fields["new_name"]}"' in page
        assert '<details class="inline-act" open>' in page


def test_the_editor_is_told_what_it_may_choose_now(site: Site) -> None:
    admin = site.visitor("admin")
    at = begin(admin)
    made = admin.post(f"{at}/new/json", {"kind": "form", "new_name": "second_look"}).get_json()
    assert made == {"path": "forms/second_look.form", "value": "second_look", "label": "second_look",
                    "url": f"{at}/edit/form/second_look.form"}  # fmt: skip
    made = admin.post(f"{at}/new/json", {"kind": "decision", "new_name": "heavy", "title": "重罚"}).get_json()
    assert (made["value"], made["label"], made["url"]) == ("heavy", "重罚 (heavy)", f"{at}/edit/decision/heavy.dmn")
    assert made in [one | {"path": "heavy.dmn"} for one in admin.get(f"{at}/choices.json").get_json()["decisions"]]
    again = admin.post(f"{at}/new/json", {"kind": "form", "new_name": "vote"})
    assert (again.status_code, again.get_json()["code"]) == (422, "draft.file_exists")


def test_who_may_only_read_is_offered_nothing_new(site: Site) -> None:
    admin, auditor = site.visitor("admin"), site.visitor("auditor")
    at = begin(admin)
    assert "新建表单" in admin.get(at).text
    assert "新建表单" not in auditor.get(at).text
    assert auditor.post(f"{at}/new", {"kind": "form", "new_name": "mine"}).status_code == 403
