"""Reading the file beside the form: the shelf, notes on pages, files part by part, tabs that keep the place."""

from __future__ import annotations

import io
import re

import pypdfium2
import pytest
from sqlalchemy import select

from tests.webapp.site import PDF, Site, Visitor, field_value
from tests.webapp.trial import Trial, begin
from workflows import ledger
from workflows.actors import Person, acting
from workflows.cases import commands as case_commands
from workflows.cases.notes import PageNote
from workflows.desk.execute import execute


def put(site: Site, case_id: str, name: str, data: bytes, media_type: str) -> str:
    """A material in the file; its id."""
    with site.store.read() as session:
        officer = acting(session, session.execute(select(Person.id).where(Person.login == "officer1")).scalar_one())
    kept = site.files.put(io.BytesIO(data), 1 << 20)
    file = {"sha256": kept.sha256, "size": kept.size, "name": name, "media_type": media_type}
    return execute(site.store, case_commands.add_material, officer, case_id, kind="other", file=file).id


@pytest.fixture
def trial(site: Site) -> Trial:
    """A case with a paper in it, that waits for a check by the legal officers."""
    trial = begin(site)
    trial.complete(site.visitor("officer1"), trial.path("draft"))
    return trial


@pytest.fixture
def paper(trial: Trial) -> str:
    return put(trial.site, trial.case_id, "询问笔录.pdf", PDF * 9, "application/pdf")


def note(drawn: str, /, **changes: str) -> dict[str, str]:
    """The form of a note as a page gives it."""
    found = re.search(r'<form class="note-form".*?</form>', drawn, re.DOTALL)
    assert found, "no form for a note"
    key = re.search(r'name="key" value="([^"]+)"', found[0])
    assert key
    said = {"page": "2", "text": "签名日期有误。", "circle": "review", "point": "RP3", "x": "420", "y": "610"}
    return {"key": key[1], **said, **changes}


def pin(who: Visitor, trial: Trial, paper: str, path: str, **changes: str) -> str:
    """Pin a note from a page; where one is led."""
    fields = note(who.get(f"{path}?read={paper}" if "?" not in path else path).text, **changes)
    answer = who.post(f"/cases/{trial.case_id}/materials/{paper}/notes", fields)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def test_a_file_is_shown_beside_the_form_and_without_script_it_can_be_opened(trial: Trial, paper: str) -> None:
    legal = trial.site.visitor("legal1")
    path = trial.path("legal")
    assert "询问笔录.pdf" in legal.get(path).text
    page = legal.get(f"{path}?read={paper}").text
    assert f'data-pdf="/files/{trial.case_id}/{paper}"' in page
    assert "新窗口打开" in page
    assert 'id="answer"' in page
    fields = {"seen": str(trial.row(path).version), "read": paper}
    assert legal.post(f"{path}/claim", fields).location == f"{path}?read={paper}"  # one reads on where one was


def test_text_is_shown_whatever_office_wrote_it_and_what_cannot_be_shown_is_said(trial: Trial) -> None:
    legal, path = trial.site.visitor("legal1"), trial.path("legal")
    text = put(trial.site, trial.case_id, "说明.txt", "现场<b>情况</b>说明".encode("gb18030"), "text/plain")
    assert "现场&lt;b&gt;情况&lt;/b&gt;说明" in legal.get(f"{path}?read={text}").text
    table = put(trial.site, trial.case_id, "台账.ofd", b"PK\x03\x04", "application/ofd")
    page = legal.get(f"{path}?read={table}").text
    assert "不能在页面内显示" in page
    assert "?save=1" in page


def test_the_script_of_the_page_gets_the_reading_side_alone(trial: Trial, paper: str) -> None:
    legal, path = trial.site.visitor("legal1"), trial.path("legal")
    legal.headers["HX-Target"] = "reading"
    answer = legal.get(f"{path}?read={paper}").text
    assert answer.lstrip().startswith('<section class="reading"')
    assert 'id="answer"' not in answer


def test_a_note_leads_back_to_its_page_and_stands_at_its_point(trial: Trial, paper: str) -> None:
    legal, path = trial.site.visitor("legal1"), trial.path("legal")
    task_id = path.split("/")[2]
    where = pin(legal, trial, paper, path, task=task_id)
    assert where.startswith(f"{path}?read={paper}&page=2&note=")
    page = legal.get(where).text
    assert 'data-note="1" data-on-page="2" data-x="420" data-y="610"' in page
    assert "签名日期有误。" in page
    assert "法制审核人员和法律顾问" in page  # who reads it is said
    with trial.site.store.read() as session:
        row = session.execute(select(PageNote)).scalar_one()
        assert (row.task_id, row.point) == (task_id, "RP3")
        events = [one.event for one in ledger.history(session, f"case:{trial.case_id}")]
    assert events.count("PageNotePinned") == 1
    officer = trial.site.visitor("officer1")
    assert "签名日期有误。" not in officer.get(f"/cases/{trial.case_id}/read?read={paper}").text


def test_a_note_that_is_refused_keeps_what_was_typed_and_leaves_the_form_beside_it_alone(
    trial: Trial, paper: str
) -> None:
    legal, path = trial.site.visitor("legal1"), trial.path("legal")
    trial.claim(legal, path)
    legal.post(f"{path}/keep", {"opinion": "写到一半的意见"})
    typed = {"task": path.split("/")[2], "circle": "nobody", "text": "保留这句", "read": paper}
    fields = note(legal.get(f"{path}?read={paper}").text, **typed)
    answer = legal.post(f"/cases/{trial.case_id}/materials/{paper}/notes", fields)
    assert answer.status_code == 422
    assert "请选择可见范围" in answer.text
    assert "保留这句</textarea>" in answer.text
    assert "写到一半的意见</textarea>" in answer.text


def test_a_note_stands_on_a_page_that_the_material_has(trial: Trial) -> None:
    written = io.BytesIO()
    with pypdfium2.PdfDocument.new() as document:
        for _page in range(3):
            document.new_page(200, 300)
        document.save(written)
    legal, path = trial.site.visitor("legal1"), trial.path("legal")
    three = put(trial.site, trial.case_id, "三页.pdf", written.getvalue(), "application/pdf")
    assert "&note=" in pin(legal, trial, three, path, page="3", task=path.split("/")[2])
    fields = note(legal.get(f"{path}?read={three}").text, page="4", task=path.split("/")[2])
    refused = legal.post(f"/cases/{trial.case_id}/materials/{three}/notes", fields)
    assert (refused.status_code, "这份材料共3页，没有第4页" in refused.text) == (422, True)


def test_a_note_is_taken_back_by_its_author_and_by_nobody_else(trial: Trial, paper: str) -> None:
    legal, other = trial.site.visitor("legal1"), trial.site.visitor("legal2")
    path = f"/cases/{trial.case_id}/read"
    pin(legal, trial, paper, f"{path}?read={paper}")
    with trial.site.store.read() as session:
        note_id = session.execute(select(PageNote.id)).scalar_one()
    other.get(f"{path}?read={paper}")
    assert other.post(f"/cases/{trial.case_id}/notes/{note_id}/withdraw").status_code == 404
    assert legal.post(f"/cases/{trial.case_id}/notes/{note_id}/withdraw").status_code == 303
    assert "签名日期有误。" not in legal.get(f"{path}?read={paper}").text


@pytest.mark.parametrize("login", ["kcofficer1", "admin"])
def test_strangers_to_the_case_read_and_note_nothing(trial: Trial, paper: str, login: str) -> None:
    visitor = trial.site.visitor(login)
    assert visitor.get(f"/cases/{trial.case_id}/read?read={paper}").status_code == 404
    fields = {"page": "1", "text": "x", "circle": "case", "key": "0" * 32}
    assert visitor.post(f"/cases/{trial.case_id}/materials/{paper}/notes", fields).status_code == 404


def test_the_auditor_reads_and_is_offered_no_note(trial: Trial, paper: str) -> None:
    auditor = trial.site.visitor("auditor")
    page = auditor.get(f"/cases/{trial.case_id}/read?read={paper}")
    assert page.status_code == 200
    assert "note-form" not in page.text


@pytest.mark.parametrize("tab", ["file", "diagram", "timeline", "talk"])
def test_the_other_tabs_of_a_task_keep_the_place_in_the_file(trial: Trial, paper: str, tab: str) -> None:
    legal, path = trial.site.visitor("legal1"), trial.path("legal")
    page = legal.get(f"{path}?tab={tab}&read={paper}")
    assert page.status_code == 200
    assert 'aria-current="page"' in page.text
    assert f'href="{path}?read={paper}">办理' in page.text


def test_whoever_is_offered_a_step_sees_its_tabs_only_with_the_case(trial: Trial) -> None:
    stranger = trial.site.visitor("kcofficer1")
    for tab in ("work", "file", "timeline", "talk"):
        assert stranger.get(f"{trial.path('legal')}?tab={tab}").status_code == 404


def test_what_is_typed_is_kept_by_the_page_itself_and_survives_the_logout(trial: Trial) -> None:
    legal, path = trial.site.visitor("legal1"), trial.path("legal")
    trial.claim(legal, path)
    legal.get(path)
    kept = legal.post(f"{path}/keep", {"opinion": "写到一半的意见", "seen": "1"})
    assert kept.status_code == 200
    assert set(kept.json or {}) == {"at", "seen"}
    legal.post("/logout")
    again = trial.site.visitor("legal1").get(path).text
    assert "写到一半的意见</textarea>" in again
    assert "尚未提交" in again
    assert trial.site.visitor("legal2").get(path).text.count("写到一半的意见") == 0
    trial.site.visitor("officer1").get(path)


def test_nobody_keeps_a_draft_of_a_step_that_is_over(trial: Trial) -> None:
    legal, path = trial.site.visitor("legal1"), trial.path("legal")
    trial.complete(legal, path)
    legal.get(path)
    assert legal.post(f"{path}/keep", {"opinion": "太晚"}).status_code == 409


def test_a_file_comes_part_by_part_with_its_safe_headers(trial: Trial, paper: str) -> None:
    legal = trial.site.visitor("legal1")
    address = f"/files/{trial.case_id}/{paper}"
    whole = legal.get(address)
    assert (whole.status_code, whole.headers["Accept-Ranges"]) == (200, "bytes")
    assert whole.data == PDF * 9
    part = legal.client.get(address, headers={**legal.headers, "Range": "bytes=5-8"}, buffered=True)
    assert (part.status_code, part.data) == (206, (PDF * 9)[5:9])
    assert part.headers["Content-Range"] == f"bytes 5-8/{len(PDF) * 9}"
    for answer in (whole, part):
        policy = answer.headers["Content-Security-Policy"]
        assert policy.endswith("; sandbox")
        assert "script-src 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
    beyond = legal.client.get(address, headers={**legal.headers, "Range": "bytes=99999-"}, buffered=True)
    assert beyond.status_code == 416


def test_a_part_of_another_content_is_never_mixed_in(trial: Trial, paper: str) -> None:
    legal = trial.site.visitor("legal1")
    address = f"/files/{trial.case_id}/{paper}"
    headers = {**legal.headers, "Range": "bytes=5-8", "If-Range": '"another"'}
    assert legal.client.get(address, headers=headers, buffered=True).status_code == 200


def test_the_case_has_its_own_page_for_reading(trial: Trial, paper: str) -> None:
    officer = trial.site.visitor("officer1")
    listed = officer.get(f"/cases/{trial.case_id}?tab=materials").text
    assert f'href="/cases/{trial.case_id}/read?read={paper}"' in listed
    assert "从上面的目录中选择" in officer.get(f"/cases/{trial.case_id}/read").text
    assert field_value(officer.get(f"/cases/{trial.case_id}/read?read={paper}"), "key")
