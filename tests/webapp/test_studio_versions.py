"""Versions in the web: published at their moment, brought back, brought in from outside, offered by an upgrade."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.webapp.site import Site, Visitor
from tests.webapp.test_studio import FILE, KEY, asked, begin, renamed, save
from workflows import worker
from workflows.diagrams import archive, library
from workflows.documents.fonts import Fonts
from workflows.engine.package import Package
from workflows.store import new_id

MODELED = Path(__file__).parents[1] / "diagrams" / "data" / "modeled.bpmn"
"""As the Camunda Modeler writes a diagram."""
SHIPPED = library.shipped()
FORM = "forms/counsel_review.form"
LARGE = b"<?xml version='1.0'?><!-- " + b"x" * 5_000_000 + b" -->"
HOSTILE = ("${''.__class__.__mro__[1].__subclasses__()}", "${__import__('os').system('id')}", "${" + "(" * 5_000 + "}")


@pytest.fixture
def two(site: Site) -> tuple[Visitor, Visitor]:
    """The two system administrators of the bureau."""
    return site.visitor("admin"), site.visitor("admin2")


def approved(admin: Visitor, other: Visitor, at: str, **more: str) -> str:
    """The draft is released by both; the address of the release."""
    answer = asked(admin, at, **more)
    assert answer.status_code == 302, answer.text
    other.get(answer.location)
    assert other.post(f"{answer.location}/approve", {"decision": "同意"}).status_code == 302
    return str(answer.location)


def versions(site: Site, key: str = KEY) -> list[tuple[int, str]]:
    """Number and hash of the versions of a process, the newest first."""
    with site.store.read() as session:
        return [(row.version, row.package_hash) for row in library.versions(session, key)]


def upload(visitor: Visitor, at: str, name: str, data: bytes) -> str:
    """What the page of a draft answers to a file, in words."""
    visitor.get(at)
    answer = visitor.post(f"{at}/files", [("files", (io.BytesIO(data), name))])
    return visitor.get(at).text if answer.status_code == 302 else answer.text


def test_a_planned_release_is_published_by_the_worker_at_its_moment(
    site: Site, two: tuple[Visitor, Visitor]
) -> None:  # fmt: skip
    admin, other = two
    at = begin(admin)
    renamed(admin, at)
    release = approved(admin, other, at, publish_at="2024-03-08T18:00")
    for moment, count in (((2024, 3, 8, 17, 59), 1), ((2024, 3, 8, 18, 0), 2)):
        site.to(*moment)
        while worker.run_round(site.store, site.files, Fonts()):
            pass
        assert len(versions(site)) == count
    admin, other = site.visitor("admin"), site.visitor("admin2")
    page = admin.get(f"/studio/processes/{KEY}").text
    assert "系统管理员申请，孟洁批准" in page
    assert "按时自动发布" in admin.get("/studio").text
    assert "已发布" in other.get(release).text
    assert "第 2 版" in other.get("/notices").text


def test_an_older_version_comes_back_as_a_new_one(site: Site, two: tuple[Visitor, Visitor]) -> None:
    admin, other = two
    at = begin(admin)
    renamed(admin, at)
    approved(admin, other, at)
    page = other.get(f"/studio/processes/{KEY}")
    assert "恢复此版本" in page.text
    back, change = begin(other, version=1), begin(other, version=2)
    names = [re.findall("<h1>(.*?)</h1>", other.get(one).text)[0] for one in (back, change, begin(other, version=2))]
    assert names == ["恢复第 1 版", "第 2 版的修改", "第 2 版的修改（2）"]
    approved(other, admin, back)
    assert [number for number, _ in versions(site)] == [3, 2, 1]
    assert versions(site)[0][1] == versions(site)[2][1] == SHIPPED[KEY].hash
    compared = admin.get(f"/studio/processes/{KEY}/compare?old=v2&new=v3").text
    assert "整理会议记录" in compared
    assert "两者完全相同" in admin.get(f"/studio/processes/{KEY}/compare?old=v1&new=v3").text


def test_a_diagram_of_the_camunda_modeler_is_published_as_it_is(site: Site, two: tuple[Visitor, Visitor]) -> None:
    admin, other = two
    drawn = MODELED.read_bytes()
    admin.get("/studio/drafts/new")
    fields = {"process": "inspection_plan", "origin": "import", "name": "", "key": new_id()}
    answer = admin.post("/studio/drafts", {**fields, "file": (io.BytesIO(drawn), "检查计划.bpmn")})
    assert answer.status_code == 302, answer.text
    at = answer.location
    page = admin.get(at).text
    assert "检查未发现问题" in page
    assert "<title>检查计划.bpmn · 检查计划审批" in page
    assert admin.get(f"{at}/files/inspection_plan.bpmn").data == drawn
    approved(admin, other, at)
    zip = admin.get("/studio/processes/inspection_plan/sides/v1.zip")
    assert archive.read_import("inspection_plan", "x.zip", zip.data).files["inspection_plan.bpmn"] == drawn
    again = {"process": "inspection_plan", "origin": "import", "name": "再导入", "key": new_id()}
    back = admin.post("/studio/drafts", {**again, "file": (io.BytesIO(zip.data), "包.zip")}).location
    assert "两者完全相同" in admin.get(f"/studio/processes/inspection_plan/compare?old=v1&new=draft-{back[-32:]}").text


def test_an_upgrade_offers_what_it_brings_and_changes_nothing(
    site: Site, two: tuple[Visitor, Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, other = two
    at = begin(admin)
    renamed(admin, at)
    approved(admin, other, at)
    own = versions(site)
    assert "程序升级带来了" not in admin.get("/studio").text
    drawn = SHIPPED[KEY].files[FILE].replace("制作会议记录".encode(), "会议记录制作".encode())
    newer = Package(KEY, {**SHIPPED[KEY].files, FILE: drawn})
    monkeypatch.setattr(library, "shipped", lambda: {**SHIPPED, KEY: newer})
    with site.store.work() as session:
        library.publish_shipped(session)
    assert versions(site) == own
    page = admin.get("/studio").text
    assert "程序升级带来了“集体讨论”的新版本" in page
    assert "会议记录制作</ins>" in admin.get(f"/studio/processes/{KEY}/compare?old=v2&new=shipped").text
    draft = begin(admin, origin="shipped")
    assert admin.get(f"{draft}/files/{FILE}").data == drawn
    assert "程序升级并入本局版本" not in admin.get(draft).text
    assert "程序升级带来了" not in admin.get("/studio").text
    assert versions(site) == own


def test_an_upgrade_is_put_onto_the_bureau_s_version_and_says_whose_change_is_whose(
    site: Site, two: tuple[Visitor, Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, other = two
    at = begin(admin)
    renamed(admin, at)
    approved(admin, other, at)
    own = admin.get(f"{at}/files/{FILE}").data
    drawn = SHIPPED[KEY].files[FILE].replace("制作会议记录".encode(), "会议记录制作".encode())
    said = SHIPPED[KEY].files["process.yaml"] + "# 升级\n".encode()
    newer = Package(KEY, {**SHIPPED[KEY].files, FILE: drawn, "process.yaml": said})
    monkeypatch.setattr(library, "shipped", lambda: {**SHIPPED, KEY: newer})
    offered = admin.get("/studio").text
    assert 'name="origin" value="upgrade"' in offered and "本局的修改保留" in offered
    draft = begin(admin, origin="upgrade")
    assert "程序升级带来了" not in admin.get("/studio").text
    assert admin.get(f"{draft}/files/{FILE}").data == own
    assert admin.get(f"{draft}/files/process.yaml").data == said
    page = admin.get(draft).text
    assert "第 2 版，并入程序升级" in page and f"本局在其中的修改将失去）：{FILE}。" in page
    side = draft[-32:]
    comparison = admin.get(f"/studio/processes/{KEY}/compare?old=v2&new=draft-{side}").text
    assert "双方都改过" in comparison and "采用程序的文件</button>" not in comparison
    assert "会议记录制作</ins>" in admin.get(f"/studio/processes/{KEY}/compare?old=base-{side}&new=program-{side}").text
    auditor = site.visitor("auditor")
    assert "双方都改过" in auditor.get(draft).text and "采用程序的文件<" not in auditor.get(draft).text
    choice = {"path": FILE, "whose": "program", "seen": "1"}
    assert auditor.post(f"{draft}/sides", choice).status_code == 403
    admin.get(draft)
    assert admin.post(f"{draft}/sides", {**choice, "csrf_token": "x"}).status_code == 400
    admin.get(draft)
    assert admin.post(f"{draft}/sides", choice).status_code == 302
    assert "已采用程序的文件" in admin.get(draft).text
    assert admin.get(f"{draft}/files/{FILE}").data == drawn
    assert admin.post(f"{draft}/sides", choice).status_code == 409
    assert other.get(f"/studio/processes/{KEY}/compare?old=base-{at[-32:]}&new=v2").status_code == 404


@pytest.mark.parametrize(("name", "data", "said"), [
    ("x.bpmn", LARGE, "单个文件不得超过 1 MB"),
    ("x.bpmn", b"<definitions", "x.bpmn：第 1 行第 13 列：标签没有写完"),
    ("x.bpmn", b"\x89PNG\r\n\x1a\n\0", "看上去是：PNG 图片"),
    ("x.yaml", b"key: collective_decision\n\tkinds: []", "x.yaml：第 2 行第 1 列：缩进中使用了制表符"),
    ("x.bpmn", b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>', "不允许使用 DOCTYPE"),
    ("x.zip", b"PK\x03\x04 no zip", "压缩包损坏"),
    ("x.docx", b"PK", "不能导入"),
], ids=["5 MB", "broken", "a picture", "a tab", "entities", "no zip", "no diagram"])  # fmt: skip
def test_a_bad_file_is_told_and_what_was_there_stays(
    site: Site, two: tuple[Visitor, Visitor], name: str, data: bytes, said: str
) -> None:
    admin, _ = two
    before = versions(site)
    at = begin(admin)
    assert said in upload(admin, at, name, data)
    assert admin.get(f"{at}/files/{FILE}").data == SHIPPED[KEY].files[FILE]
    assert "检查未发现问题" in admin.get(at).text
    assert versions(site) == before


@pytest.mark.parametrize(("data", "said"), [
    (b"", "“x.bpmn”是空文件"), (b"<a>\n<b></a>", "x.bpmn：第 2 行第 8 列：第 2 行开始的“b”还没有结束"),
])  # fmt: skip
def test_a_file_that_can_t_be_read_becomes_no_draft(
    site: Site, two: tuple[Visitor, Visitor], data: bytes, said: str
) -> None:
    admin, _ = two
    admin.get("/studio/drafts/new")
    fields = {"process": "inspection_plan", "origin": "import", "name": "导入的", "key": new_id()}
    answer = admin.post("/studio/drafts", {**fields, "file": (io.BytesIO(data), "x.bpmn")})
    assert answer.status_code == 422
    assert said in answer.text
    assert "没有导入，原有内容没有改变" in answer.text
    assert 'value="导入的"' in answer.text
    assert "导入的" not in admin.get("/studio").text


def test_what_a_zip_holds_beside_the_package_is_named(site: Site, two: tuple[Visitor, Visitor]) -> None:
    admin, _ = two
    at = begin(admin)
    files = {**SHIPPED[KEY].files, "说明.docx": b"PK", **{f".hidden{number}": b"" for number in range(20)}}
    answer = admin.post(f"{at}/files", [("files", (io.BytesIO(archive.zipped(KEY, files)), "x.zip"))])
    assert answer.status_code == 302
    told = admin.get(at).text
    assert "压缩包中有 21 个文件没有导入：" in told
    assert f"“{KEY}/.hidden0”（隐藏文件）；" in told
    assert "；另有 9 个。" in told


def test_the_editors_ask_whether_a_file_can_be_read(site: Site, two: tuple[Visitor, Visitor]) -> None:
    admin, _ = two
    at = begin(admin)
    ask = f"{at}/reading?file={FILE}&name=模型.xml"
    assert admin.send("POST", ask, SHIPPED[KEY].files[FILE]).status_code == 204
    assert "根元素是“a”" in admin.send("POST", ask, b"<a/>").json["sentence"]
    answer = admin.send("POST", ask, b"<a>")
    assert answer.status_code == 422
    assert answer.json["sentence"].startswith("模型.xml：第 1 行第 4 列：文件到此为止")
    assert admin.get(f"{at}/files/{FILE}").data == SHIPPED[KEY].files[FILE]


@pytest.mark.parametrize("expression", HOSTILE, ids=["classes", "import", "deep"])
def test_a_hostile_expression_is_a_finding_and_never_runs(
    site: Site, two: tuple[Visitor, Visitor], expression: str
) -> None:  # fmt: skip
    admin, _ = two
    before = versions(site, "legal_review")
    at = begin(admin, process="legal_review")
    drawn = SHIPPED["legal_review"].files["legal_review.bpmn"].replace(b"${complete}", expression.encode())
    assert save(admin, at, "legal_review.bpmn", drawn, '"1"').status_code == 200
    (found,) = admin.send("POST", f"{at}/check").json["findings"]
    assert (found["file"], found["element"]) == ("legal_review.bpmn", "completeness_to_merge_initial")
    assert found["code"].startswith("expression.")
    assert asked(admin, at).status_code == 422
    assert versions(site, "legal_review") == before


def _without(field: str) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        form = json.loads(data)
        form["components"] = [one for one in form["components"] if one.get("key") != field]
        return json.dumps(form).encode()

    return change


def test_a_form_that_loses_a_field_in_use_is_not_released(site: Site, two: tuple[Visitor, Visitor]) -> None:
    admin, _ = two
    before = versions(site, "legal_review")
    at = begin(admin, process="legal_review")
    form = _without("opinion")(SHIPPED["legal_review"].files[FORM])
    assert save(admin, at, FORM, form, '"1"').status_code == 200
    (found,) = admin.send("POST", f"{at}/check").json["findings"]
    assert (found["code"], found["file"], found["element"]) == ("form.field_of_act", FORM, "opinion")
    assert "法律顾问再审" in found["sentence"]
    assert asked(admin, at).status_code == 422
    assert versions(site, "legal_review") == before


def test_a_form_that_loses_an_answer_of_the_party_is_refused_at_the_step_of_its_act(
    site: Site, two: tuple[Visitor, Visitor]
) -> None:
    admin, _ = two
    at = begin(admin, process="penalty")
    file = "forms/record_statement.form"
    form = json.loads(SHIPPED["penalty"].files[file])
    (replies,) = [one for one in form["components"] if one.get("path") == "replies"]
    (hearing,) = [one for one in replies["components"] if one.get("key") == "hearing"]
    hearing["values"] = [one for one in hearing["values"] if one["value"] != "requested"]
    assert save(admin, at, file, json.dumps(form).encode(), '"1"').status_code == 200
    (found,) = admin.send("POST", f"{at}/check").json["findings"]
    assert (found["code"], found["file"], found["step"]) == ("form.option_of_act", file, "record_statement")
    assert "requested" in found["sentence"]
    assert asked(admin, at).status_code == 422


def test_a_refused_release_calls_steps_by_their_names(site: Site, two: tuple[Visitor, Visitor]) -> None:
    admin, _ = two
    at = begin(admin)
    diagram = SHIPPED[KEY].files[FILE].decode()
    early = diagram.replace(">${quorum}<", ">${quorum and meeting_result == 'approve'}<")
    assert early != diagram
    assert save(admin, at, FILE, early.encode(), '"1"').status_code == 200
    answer = asked(admin, at)
    assert answer.status_code == 422
    box = answer.text[answer.text.index('id="trouble"') :]
    box = box[: box.index("</div>")]
    assert "形成讨论结论" in box and "conclude_item" not in box and "#" not in box, box
