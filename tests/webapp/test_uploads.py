"""Files that can't be stored, or may not be: nothing typed is lost, and nobody else's file is kept."""

from __future__ import annotations

import errno
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.webapp.site import LEAD, Site, field_value, form_fields, pdf
from workflows.cases.materials import Material

TYPED = "不能丢的文字"


def stored(site: Site, tmp_path: Path) -> list[str]:
    """The files in the content store."""
    return [path.name for path in (tmp_path / "files").rglob("*") if re.fullmatch("[0-9a-f]{64}", path.name)]


def spoil(tmp_path: Path) -> None:
    """A file stands where the folder of the content store was."""
    folder = tmp_path / "files"
    if folder.exists():
        folder.rename(tmp_path / "moved")
    folder.write_bytes(b"")


def materials(site: Site) -> list[Material]:
    with site.store.read() as session:
        return list(session.execute(select(Material)).scalars())


def test_a_failing_file_store_costs_no_typed_text(site: Site, tmp_path: Path) -> None:
    case_id = site.open_case()
    officer = site.visitor("officer1")
    key = field_value(officer.get("/cases/new?process=penalty"), "key")
    spoil(tmp_path)
    lead = {**LEAD, "title": TYPED, "key": key, "co_officer": site.person_id("officer2"), "files": pdf()}
    note = {"kind": "evidence", "note": TYPED, "files": pdf()}
    for path, fields in (("/cases", lead), (f"/cases/{case_id}/materials", note)):
        answer = officer.post(path, fields)
        assert answer.status_code == 503, path
        assert TYPED in answer.text
        assert "文件存储暂时无法使用" in answer.text
        assert "Error" not in answer.text


def test_a_full_disk_of_temporary_files_costs_no_typed_text(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def write(self, *_given: Any) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

        seek = close = write

    case_id = site.open_case()
    officer = site.visitor("officer1")
    officer.get(f"/cases/{case_id}?tab=materials")
    monkeypatch.setattr("webapp.uploads.tempfile.SpooledTemporaryFile", lambda **_more: Full())
    answer = officer.post(f"/cases/{case_id}/materials", {"kind": "evidence", "note": TYPED, "files": pdf()})
    assert answer.status_code == 503
    assert TYPED in answer.text
    assert "存储空间已满" in answer.text


def test_a_strangers_file_is_not_stored(site: Site, tmp_path: Path) -> None:
    """With a file or without one: who may not see the case is told that there is none."""
    case_id = site.open_case()
    stranger = site.visitor("kcofficer1")
    task = site.task(case_id, "approve_filing")
    for path in (f"/cases/{case_id}/materials", f"/cases/{case_id}/materials/x/supersede", f"/tasks/{task}/complete",
                 f"/tasks/{task}/draft", f"/tasks/{task}/form"):  # fmt: skip
        for fields in ({"kind": "evidence", "files": pdf()}, {"kind": "evidence"}):
            assert stranger.post(path, fields).status_code == 404, path
    assert stored(site, tmp_path) == []


def test_a_file_of_somebody_whose_task_it_is_not_is_not_stored(site: Site, tmp_path: Path) -> None:
    """The officer sees the case; the deputy decides."""
    case_id = site.open_case()
    officer = site.visitor("officer1")
    path = f"/tasks/{site.task(case_id, 'approve_filing')}"
    officer.get(path)
    answer = officer.post(f"{path}/complete", {"result": "approve", "opinion": TYPED, "seen": "1", "files": pdf()})
    assert answer.status_code == 403
    assert TYPED in answer.text
    assert stored(site, tmp_path) == []


def test_a_note_has_a_limit_and_comes_back(site: Site) -> None:
    case_id = site.open_case()
    officer = site.visitor("officer1")
    officer.get(f"/cases/{case_id}?tab=materials")
    answer = officer.post(f"/cases/{case_id}/materials", {"kind": "evidence", "note": "长" * 501, "files": pdf()})
    assert answer.status_code == 422
    assert "“说明”不得超过 500 个字" in answer.text
    assert "长" * 501 in answer.text
    assert materials(site) == []


def test_materials_sent_twice_stand_once_in_the_file(site: Site) -> None:
    case_id = site.open_case()
    officer = site.visitor("officer1")
    page = officer.get(f"/cases/{case_id}?tab=materials")
    key = re.search(r'name="key" value="(\w+m)"', page.text)
    assert key
    for _time in range(2):
        files = [("files", pdf("一.pdf")), ("files", pdf("二.pdf"))]
        answer = officer.post(f"/cases/{case_id}/materials", [("kind", "evidence"), ("key", key[1]), *files])
        assert answer.status_code == 302
    assert sorted(row.file_name for row in materials(site)) == ["一.pdf", "二.pdf"]


def test_a_suspicion_has_a_limit_and_comes_back(site: Site) -> None:
    case_id = site.open_case()
    officer = site.visitor("officer1")
    officer.get(f"/cases/{case_id}")
    sent = {"offence": "罪" * 201, "grounds": TYPED, "key": "a" * 9}
    answer = officer.post(f"/cases/{case_id}/suspicion", sent)
    assert answer.status_code == 422
    assert "“涉嫌罪名”不得超过 200 个字" in answer.text
    assert TYPED in answer.text


def test_a_task_form_keeps_its_text_when_the_store_fails(site: Site, tmp_path: Path) -> None:
    case_id = site.open_case()
    deputy = site.visitor("deputy")
    path = f"/tasks/{site.task(case_id, 'approve_filing')}"
    sent = {**form_fields(deputy.get(path)), "result": "return", "opinion": "补充材料"}
    assert deputy.post(f"{path}/complete", sent).status_code == 302
    officer, path = site.visitor("officer1"), f"/tasks/{site.task(case_id, 'amend_lead')}"
    assert officer.post(f"{path}/claim", form_fields(officer.get(path))).status_code == 302
    fields = {**form_fields(officer.get(path)), "note": TYPED, "files": pdf()}
    spoil(tmp_path)
    answer = officer.post(f"{path}/complete", fields)
    assert answer.status_code == 503
    assert TYPED in answer.text
