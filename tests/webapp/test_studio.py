"""The studio in the web: files of drafts for scripts, pages for people, a release by two of them."""

from __future__ import annotations

import io
import re
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import select

from tests.webapp.site import Site, Visitor, field_value
from workflows.diagrams import archive, drafts, library
from workflows.diagrams.draft_tables import ProcessDraft
from workflows.diagrams.release_table import Release
from workflows.store import new_id

KEY = "collective_decision"
FILE = f"{KEY}.bpmn"


@pytest.fixture
def studio(site: Site) -> Site:
    """The demonstration bureau, which has two system administrators."""
    return site


def begin(visitor: Visitor, **fields: Any) -> str:
    """A new draft; its address."""
    visitor.get("/studio")
    asked = {"process": KEY, "origin": "version", "version": 1, "key": new_id(), **fields}
    answer = visitor.post("/studio/drafts", asked)
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def save(visitor: Visitor, at: str, path: str, body: bytes, seen: str) -> Any:
    return visitor.send("PUT", f"{at}/files/{path}", body, **{"If-Match": seen})


def renamed(visitor: Visitor, at: str) -> None:
    """A step of the draft gets another name."""
    text = visitor.get(f"{at}/files/{FILE}").data.replace("制作会议记录".encode(), "整理会议记录".encode())
    assert save(visitor, at, FILE, text, '"1"').status_code == 200


def asked(visitor: Visitor, at: str, **more: str) -> Any:
    page = visitor.get(at)
    fields = {name: field_value(page, name) for name in ("key",)}
    seen = re.search(r'id="ask".*?name="seen" value="(\d+)"', page.text, re.DOTALL)
    assert seen
    words = {"reason": "按会议制度修改", "legal_basis": "《行政处罚法》第五十七条", "seen": seen[1]}
    return visitor.post(f"{at}/release", {**fields, **words, **more})


# What scripts ask -----------------------------------------------------------------------------------------------------


def test_a_file_is_read_saved_and_read_again(studio: Site) -> None:
    admin = studio.visitor("admin")
    at = begin(admin)
    first = admin.get(f"{at}/files/{FILE}")
    assert (first.data, first.headers["ETag"]) == (library.shipped()[KEY].files[FILE], '"1"')
    answer = save(admin, at, FILE, b"<a/>", first.headers["ETag"])
    assert (answer.status_code, answer.json["revision"], answer.headers["ETag"]) == (200, 2, '"2"')
    assert answer.json["saved_at"] == "2024-03-04T09:00:00+08:00"
    assert admin.get(f"{at}/files/{FILE}").data == b"<a/>"


def test_a_file_that_was_uploaded_is_never_shown_as_a_page_of_ours(studio: Site) -> None:
    admin = studio.visitor("admin")
    at = begin(admin)
    save(admin, at, "evil.form", b"<script>alert(1)</script>", '"0"')
    answer = admin.get(f"{at}/files/evil.form")
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_the_loser_of_two_is_told_who_and_when_and_finds_their_text_on_the_page(studio: Site) -> None:
    admin, other = studio.visitor("admin"), studio.visitor("admin2")
    at = begin(admin)
    save(admin, at, FILE, b"<first/>", '"1"')
    answer = save(other, at, FILE, b"<second/>", '"1"')
    assert answer.status_code == 409
    assert answer.json == {
        "code": "draft.stale", "by": "系统管理员", "at": "2024-03-04T09:00:00+08:00", "revision": 2,
        "sentence": f"系统管理员已于 2024-03-04 09:00 保存了“{FILE}”。您的内容没有覆盖它，已另存为副本。",
    }  # fmt: skip
    page = other.get(at)
    assert "未能保存的副本" in page.text
    (copy,) = set(re.findall(rf"{at}/copies/([0-9a-f]{{32}})\"", page.text))
    assert other.get(f"{at}/copies/{copy}").data == b"<second/>"
    assert other.post(f"{at}/copies/{copy}/take").status_code == 302
    assert other.get(f"{at}/files/{FILE}").data == b"<second/>"
    assert "未能保存的副本" not in other.get(at).text


def slower(admin: Visitor, other: Visitor) -> str:
    """A draft beside which a text of 孟洁 waits; its address."""
    at = begin(admin)
    renamed(admin, at)
    assert save(other, at, FILE, b"<second/>", '"1"').status_code == 409
    return at


def test_a_release_over_a_colleague_s_text_says_so_and_wants_a_confirmation(studio: Site) -> None:
    admin, other = studio.visitor("admin"), studio.visitor("admin2")
    at = slower(admin, other)
    page = admin.get(at)
    line = f"孟洁的“{FILE}”，2024-03-04 09:00 起"
    assert line in " ".join(page.text.split()) or line in re.sub(r"<[^>]+>", "", page.text)
    refused = asked(admin, at)
    assert refused.status_code == 422 and "确认不采用" in refused.text
    answer = asked(admin, at, aside=field_value(page, "aside"))
    assert answer.status_code == 302
    decided = re.sub(r"<[^>]+>", "", other.get(answer.location).text)
    assert "不在申请发布的内容之内" in decided and line in decided
    assert other.post(f"{answer.location}/approve", {"decision": "同意"}).status_code == 302
    closed = other.get(at)
    assert "草稿已经发布或者作废，其中没有这些内容" in closed.text
    (copy,) = set(re.findall(rf"{at}/copies/([0-9a-f]{{32}})\"", closed.text))
    assert other.get(f"{at}/copies/{copy}").data == b"<second/>"
    anew = other.post(f"{at}/copies/{copy}/take", {"key": field_value(closed, "key")})
    assert anew.status_code == 302 and anew.location != at
    assert other.get(f"{anew.location}/files/{FILE}").data == b"<second/>"
    assert "采用“" in other.get(anew.location).text and "未能保存的副本" not in other.get(at).text


def test_what_waits_beside_a_closed_draft_is_deleted_by_editors_and_read_by_the_others(studio: Site) -> None:
    admin, other = studio.visitor("admin"), studio.visitor("admin2")
    at = slower(admin, other)
    assert admin.post(f"{at}/discard").status_code == 302
    auditor = studio.visitor("auditor").get(at).text
    assert "未能保存的副本" in auditor and "采用到新草稿" not in auditor
    (copy,) = set(re.findall(rf"{at}/copies/([0-9a-f]{{32}})\"", auditor))
    assert admin.post(f"{at}/copies/{copy}/drop").status_code == 302
    assert "未能保存的副本" not in admin.get(at).text


def test_who_was_told_may_save_over_it(studio: Site) -> None:
    admin = studio.visitor("admin")
    at = begin(admin)
    save(admin, at, FILE, b"<first/>", '"1"')
    assert save(admin, at, FILE, b"<mine/>", "*").status_code == 200
    assert save(admin, at, FILE, b"<weak/>", 'W/"3"').status_code == 200


@pytest.mark.parametrize(("path", "body", "status", "code"), [
    (FILE, b" " * 1_000_001, 413, "draft.file_too_large"),
    (quote("表单.form"), b"{}", 422, "package.file_name"),
    ("a/b/c.form", b"{}", 422, "package.file_name"),
    ("x.exe", b"", 422, "package.file_name"),
])  # fmt: skip
def test_a_refused_save_says_why_in_a_sentence(studio: Site, path: str, body: bytes, status: int, code: str) -> None:
    admin = studio.visitor("admin")
    at = begin(admin)
    answer = save(admin, at, path, body, '"1"')
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert len(answer.json["sentence"]) > 10
    assert save(admin, at.replace("drafts/", "drafts/0"), FILE, b"", '"1"').json["code"] == "draft.unknown"


def test_a_save_without_the_token_of_our_pages_is_refused(studio: Site) -> None:
    admin = studio.visitor("admin")
    at = begin(admin)
    for token, site in (("", "same-origin"), ("x", "same-origin"), ("", "cross-site")):
        headers = {"X-CSRFToken": token, "Sec-Fetch-Site": site, "If-Match": '"1"'}
        assert admin.send("PUT", f"{at}/files/{FILE}", b"<a/>", **headers).status_code == 400
        assert admin.send("DELETE", f"{at}/files/{FILE}", **headers).status_code == 400
    assert admin.get(f"{at}/files/{FILE}").headers["ETag"] == '"1"'


def test_a_file_is_deleted_unless_somebody_saved_it(studio: Site) -> None:
    admin = studio.visitor("admin")
    at = begin(admin)
    save(admin, at, FILE, b"<a/>", '"1"')
    assert admin.send("DELETE", f"{at}/files/{FILE}", **{"If-Match": '"1"'}).status_code == 409
    assert admin.send("DELETE", f"{at}/files/{FILE}", **{"If-Match": '"2"'}).json["revision"] == 3
    assert admin.send("GET", f"{at}/files/{FILE}").json["code"] == "draft.file_unknown"


def test_the_checks_name_file_element_and_line_in_the_reader_s_language(studio: Site) -> None:
    admin = studio.visitor("admin")
    at = begin(admin)
    assert admin.send("POST", f"{at}/check").json == {"findings": []}
    text = library.shipped()[KEY].files[FILE].replace(b'value="vote"', b'value="voting"')
    save(admin, at, FILE, text, '"1"')
    found = admin.send("POST", f"{at}/check").json["findings"]
    (act,) = [one for one in found if one["code"] == "diagram.act_unknown"]
    assert (act["severity"], act["file"], act["element"]) == ("error", FILE, "vote")
    assert act["line"] > 0
    assert "voting" in act["sentence"]
    save(admin, at, FILE, b"\xff\xfe", '"2"')
    assert admin.send("POST", f"{at}/check").json["findings"][0]["code"] == "xml.encoding"


def test_the_choices_are_those_of_this_installation(studio: Site) -> None:
    admin = studio.visitor("admin")
    at = begin(admin)
    offered = admin.get(f"{at}/choices.json").json
    assert {"value": "legal_reviewer", "label": "法制审核人员"} in offered["roles"]
    assert not {"sys_admin", "sec_admin", "auditor"} & {one["value"] for one in offered["roles"]}
    assert {"value": "vote", "label": "集体讨论表决"}["value"] in {one["value"] for one in offered["acts"]}
    (vote,) = [one for one in offered["forms"] if one["value"] == "vote"]
    assert vote == {"value": "vote", "label": "vote（发表意见并表决）", "url": f"{at}/edit/form/vote.form"}
    assert {one["value"] for one in offered["processes"]} == {"criminal_referral", "legal_review", "penalty"}
    assert {one["value"]: one["people"] for one in offered["people_groups"]}["sys_admin"] == 2
    for name in ("decisions", "documents", "handlers", "topics", "gates", "operators", "sources", "materials", "kinds"):
        assert all(set(one) >= {"value", "label"} for one in offered[name]), name
    save(admin, at, FILE, b"<broken", '"1"')
    assert admin.get(f"{at}/choices.json").json["forms"][0]["label"]
    english = admin.client.get(f"{at}/choices.json", headers={**admin.headers, "Cookie": ""}).json
    admin.client.set_cookie("language", "en")
    english = admin.get(f"{at}/choices.json").json
    assert {"value": "legal_reviewer", "label": "Legal officer"} in english["roles"]


def test_the_editors_are_served_with_their_addresses_and_a_policy_of_their_own(studio: Site) -> None:
    admin = studio.visitor("admin")
    at = begin(admin, process="penalty")
    for place in ("diagram", "description", "decision/collective_required.dmn", "form/lead.form"):
        page = admin.get(f"{at}/edit/{place}")
        assert page.status_code == 200, place
        assert f'data-check-url="{at}/check"' in page.text
        policy = page.headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy
        assert "style-src 'self' 'unsafe-inline'" in policy
    assert "unsafe" not in admin.get(at).headers["Content-Security-Policy"]
    for place in ("decision/none.dmn", "form/none.form", "decision/penalty.bpmn", "form/..%2Fprocess.yaml"):
        assert admin.get(f"{at}/edit/{place}").status_code == 404, place


# Pages ----------------------------------------------------------------------------------------------------------------


def test_an_auditor_reads_everything_and_changes_nothing(studio: Site) -> None:
    admin = studio.visitor("admin")
    at = begin(admin)
    renamed(admin, at)
    release = asked(admin, at).location
    for login in ("auditor", "secadmin"):
        reader = studio.visitor(login)
        for page in ("/studio", f"/studio/processes/{KEY}", at, release, f"{at}/edit/diagram",
                     f"/studio/processes/{KEY}/compare?old=v1&new=draft-{at[-32:]}"):  # fmt: skip
            answer = reader.get(page)
            assert answer.status_code == 200, page
            assert "申请发布</button>" not in answer.text
        assert 'data-readonly="yes"' in reader.get(f"{at}/edit/diagram").text
        assert save(reader, at, FILE, b"", '"2"').status_code == 403
        assert reader.post(f"{release}/approve", {"decision": "同意"}).status_code == 403
    officer = studio.visitor("officer1")
    assert officer.get("/studio").status_code == 403
    assert "/studio" not in officer.get("/desk").text


def test_two_people_publish_and_both_names_stand_with_the_version(studio: Site) -> None:
    admin, other = studio.visitor("admin"), studio.visitor("admin2")
    at = begin(admin)
    renamed(admin, at)
    answer = asked(admin, at)
    assert answer.status_code == 302, answer.text
    own = admin.get(answer.location)
    assert "应当由其他系统管理员审批" in own.text
    assert admin.post(f"{answer.location}/approve", {"decision": "同意"}).status_code == 403
    page = other.get(answer.location)
    assert "制作会议记录" in page.text
    assert "整理会议记录" in page.text
    assert other.post(f"{answer.location}/approve", {"decision": "同意发布"}).status_code == 302
    told = other.get(f"/studio/processes/{KEY}").text
    assert "系统管理员申请，孟洁批准" in told
    assert "《行政处罚法》第五十七条" in told
    with studio.store.read() as session:
        assert library.current(session, KEY).elements["sign_minutes"].name == "整理会议记录"
    assert "已批准并发布为第 2 版" in told  # told once, on the page after
    assert "已批准并发布为第 2 版" not in other.get(f"/studio/processes/{KEY}").text


def test_what_is_missing_is_said_and_what_was_typed_stays(studio: Site) -> None:
    admin = studio.visitor("admin")
    at = begin(admin)
    renamed(admin, at)
    answer = asked(admin, at, legal_basis=" ", reason="为了统一用语", publish_at="2024-03-01T09:00")
    assert answer.status_code == 422
    assert "“法律依据”必须填写" in answer.text
    assert "发布时间应当在现在之后" in answer.text
    assert "为了统一用语</textarea>" in answer.text
    assert asked(admin, at, publish_at="morgen").status_code == 422


def test_a_broken_draft_is_told_on_its_page_and_not_released(studio: Site) -> None:
    admin = studio.visitor("admin")
    at = begin(admin)
    save(admin, at, FILE, b"<broken", '"1"')
    assert "finding-error" in admin.get(at).text
    assert asked(admin, at).status_code == 422
    with studio.store.read() as session:
        assert session.execute(select(Release)).first() is None


def test_a_planned_release_waits_and_can_be_withdrawn(studio: Site) -> None:
    admin, other = studio.visitor("admin"), studio.visitor("admin2")
    at = begin(admin)
    renamed(admin, at)
    address = asked(admin, at, publish_at="2024-03-08T18:00").location
    other.get(address)
    other.post(f"{address}/approve", {"decision": "同意"})
    assert "2024-03-08 18:00" in other.get(address).text
    assert admin.post(f"{address}/withdraw", {"reason": ""}).status_code == 422
    assert admin.post(f"{address}/withdraw", {"reason": "推迟"}).status_code == 302
    assert "已撤回" in admin.get(address).text


def test_a_draft_is_renamed_taken_back_and_discarded(studio: Site) -> None:
    admin = studio.visitor("admin")
    at = begin(admin)
    renamed(admin, at)
    admin.get(at)
    assert admin.post(f"{at}/name", {"name": "会议用语"}).status_code == 302
    assert admin.post(f"{at}/undo", {"revision": 1, "seen": 1}).status_code == 409
    assert admin.post(f"{at}/undo", {"revision": 1, "seen": 2}).status_code == 302
    assert admin.get(f"{at}/files/{FILE}").data == library.shipped()[KEY].files[FILE]
    assert admin.post(f"{at}/rename", {"path": "forms/vote.form", "new": "forms/ballot.form"}).status_code == 302
    assert admin.post(f"{at}/remove", {"path": "forms/ballot.form", "seen": 4}).status_code == 302
    page = admin.get(at).text
    assert "会议用语" in page
    assert "forms/ballot.form</code>" not in page
    assert admin.post(f"{at}/discard").status_code == 302
    assert "已作废" in admin.get(at).text
    assert admin.post(f"{at}/name", {"name": "x"}).status_code == 422


def test_files_are_imported_and_exported(studio: Site) -> None:
    admin = studio.visitor("admin")
    at = begin(admin)
    drawn = b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>'
    files = [("files", (io.BytesIO(b"{}"), "extra.form")), ("files", (io.BytesIO(drawn), "any name.bpmn"))]
    assert admin.post(f"{at}/files", files).status_code == 302
    assert admin.get(f"{at}/files/forms/extra.form").data == b"{}"
    assert admin.get(f"{at}/files/{FILE}").data == drawn
    zip = admin.get(admin.get(f"{at}.zip").location)
    with studio.store.read() as session:
        assert archive.read_import(KEY, "x.zip", zip.data).files == drafts.contents(session, at[-32:])
    assert admin.post(f"{at}/files", [("files", (io.BytesIO(b"x"), "x.exe"))]).status_code == 422
    assert admin.post(f"{at}/files", {}).status_code == 422


def test_a_new_process_begins_empty_or_from_a_file(studio: Site) -> None:
    admin = studio.visitor("admin")
    at = begin(admin, origin="empty", process="inspection_plan", name="检查计划审批")
    assert "检查未发现问题" in admin.get(at).text
    assert "检查计划审批" in admin.get("/studio").text
    assert admin.get("/studio/processes/inspection_plan").status_code == 200
    fields = {"process": "penalty", "origin": "empty", "name": "又一个", "key": new_id()}
    again = admin.post("/studio/drafts", fields)
    assert again.status_code == 422
    assert 'value="又一个"' in again.text
    admin.get("/studio/drafts/new")
    data = archive.zipped("x", library.shipped()["penalty"].files)
    upload = {"process": "penalty", "origin": "import", "name": "", "key": new_id()}
    upload["file"] = (io.BytesIO(data), "包.zip")
    answer = admin.post("/studio/drafts", upload)
    assert answer.status_code == 302, answer.text
    assert "检查未发现问题" in admin.get(answer.location).text


def test_a_form_sent_twice_begins_one_draft(studio: Site) -> None:
    admin = studio.visitor("admin")
    id = new_id()
    assert begin(admin, key=id) == begin(admin, key=id)
    with studio.store.read() as session:
        assert len(session.execute(select(ProcessDraft)).all()) == 1
    admin.get("/studio")
    wrong_key = {"process": KEY, "origin": "version", "version": 1, "key": "x"}
    assert admin.post("/studio/drafts", wrong_key).status_code == 422


def test_two_sides_are_compared_in_words_and_on_the_drawing(studio: Site) -> None:
    admin = studio.visitor("admin")
    at = begin(admin, process="penalty")
    text = library.shipped()["penalty"].files["collective_required.dmn"].replace(b"50000", b"80000")
    save(admin, at, "collective_required.dmn", text, '"1"')
    form = library.shipped()["penalty"].files["forms/lead.form"].replace("案由".encode(), "事由".encode())
    save(admin, at, "forms/lead.form", form, '"1"')
    page = admin.get(f"/studio/processes/penalty/compare?old=v1&new=draft-{at[-32:]}")
    assert "<del>&gt;= 50000</del>" in page.text
    assert "<ins>&gt;= 80000</ins>" in page.text
    assert '<th scope="col">集体讨论</th><th scope="col">说明</th>' in page.text
    for wrong in ("old=v9&new=v1", "old=draft-x&new=v1", "old=v1&new=%3Cscript%3E", f"old=v1&new=release-{at[-32:]}"):
        assert admin.get(f"/studio/processes/penalty/compare?{wrong}").status_code == 404
    assert admin.get(f"/studio/processes/{KEY}/compare?old=v1&new=draft-{at[-32:]}").status_code == 404
    drawn = admin.get("/studio/processes/penalty/sides/v1/diagram")
    assert drawn.data == library.shipped()["penalty"].files["penalty.bpmn"]
    assert "两者完全相同" in admin.get("/studio/processes/penalty/compare?old=v1&new=shipped").text


def test_names_of_files_and_drafts_never_become_markup(studio: Site) -> None:
    admin = studio.visitor("admin")
    at = begin(admin, name='"><script>alert(1)</script>')
    for page in (at, "/studio", f"{at}/edit/diagram", f"/studio/processes/{KEY}"):
        assert "<script>alert" not in admin.get(page).text


def test_settings_of_a_step_that_is_gone_are_taken_out_by_a_button(studio: Site) -> None:
    admin, auditor = studio.visitor("admin"), studio.visitor("auditor")
    at = begin(admin)
    said = library.shipped()[KEY].files["process.yaml"]
    save(admin, at, "process.yaml", said + b"fields:\n  gone: {subject: read}  # \xe4\xb8\x80\n", '"1"')
    page = admin.get(at).text
    assert "流程图中已没有下列环节或者元素，流程说明里还有它们的设置：gone（字段权限）" in page
    button = ">清除这些设置</button>"
    assert button in page and button not in auditor.get(at).text
    assert auditor.post(f"{at}/leftovers", {"seen": "2"}).status_code == 403
    assert admin.post(f"{at}/leftovers", {"seen": "1"}).status_code == 409
    assert admin.post(f"{at}/leftovers", {"seen": "2", "csrf_token": "x"}).status_code == 400
    admin.get(at)
    assert admin.post(f"{at}/leftovers", {"seen": "2"}).status_code == 302
    assert "可以从保存记录恢复" in admin.get(at).text
    assert admin.get(f"{at}/files/process.yaml").data == said + b"fields: {}\n"
    assert button not in admin.get(at).text


def test_an_editor_is_offered_the_same_and_told_who_was_faster(studio: Site) -> None:
    admin = studio.visitor("admin")
    at = begin(admin)
    said = library.shipped()[KEY].files["process.yaml"]
    drawn = library.shipped()[KEY].files[FILE]
    for around in (b' id="%s"', b'Ref="%s"', b'Element="%s"', b">%s<"):
        drawn = drawn.replace(around % b"open_item", around % b"opened")
    save(admin, at, FILE, drawn, '"1"')
    (found,) = [one for one in admin.send("POST", f"{at}/check").json["findings"] if "ways" in one]
    assert [(way["old"], way["new"]) for way in found["ways"]] == [("open_item", "opened"), ("", "")]
    assert "opened" in found["ways"][0]["label"]
    late = admin.send("POST", f"{at}/leftovers/json?old=open_item&new=opened", **{"If-Match": '"9"'})
    assert (late.status_code, late.json["code"]) == (409, "draft.stale")
    done = admin.send("POST", f"{at}/leftovers/json?old=open_item&new=opened", **{"If-Match": f'"{found["revision"]}"'})
    assert (done.status_code, done.json["revision"]) == (200, 3)
    assert admin.get(f"{at}/files/process.yaml").data == said.replace(b"  open_item:", b"  opened:")
    assert not [one for one in admin.send("POST", f"{at}/check").json["findings"] if "ways" in one]
    wrong = admin.send("POST", f"{at}/leftovers/json?old=open_item&new=nowhere", **{"If-Match": '"3"'})
    assert (wrong.status_code, wrong.json["code"]) == (422, "draft.not_renamed")
