"""The ledger on pages: the auditor sees all of it, the security administrator nothing of cases, nobody else any."""

from __future__ import annotations

from sqlalchemy import select, text

from tests.webapp.site import Site
from workflows import ledger
from workflows.cases.file import Case
from workflows.ledger import Checkpoint, checks

TITLE = "焊工无证上岗作业案"


def test_the_auditor_finds_entries_by_case_person_event_and_day(site: Site) -> None:
    case_id = site.open_case()
    auditor = site.visitor("auditor")
    assert TITLE in auditor.get("/house/ledger").text
    assert TITLE in auditor.get(f"/house/ledger?case={case_id}").text
    assert TITLE not in auditor.get("/house/ledger?case=none").text
    assert TITLE in auditor.get("/house/ledger?person=officer1&event=CaseOpened&first=2024-03-04&last=2024-03-04").text
    assert "没有符合条件的记录" in auditor.get("/house/ledger?first=2024-03-05&last=2024-03-09").text
    page = auditor.get(f"/house/ledger?stream=case:{case_id}&page=99").text
    assert f"case:{case_id}"[:20] in page
    assert "数据行写入" in auditor.get(f"/house/ledger?rows=1&stream=rows:{case_id}").text
    auditor.client.set_cookie("language", "en")
    assert 'class="whose">System<div class="sub">automatic</div>' in auditor.get("/house/ledger").text


def test_the_security_administrator_sees_people_and_nothing_of_cases(site: Site) -> None:
    case_id = site.open_case()
    person = site.person_id("officer1")
    secadmin = site.visitor("secadmin")
    assert "officer1" in secadmin.get("/house/ledger?person=officer1").text
    for asked in ("", f"?case={case_id}", f"?stream=case:{case_id}", f"?stream=rows:{case_id}&rows=1",
                  "?event=CaseOpened", f"?person={person}&rows=1"):  # fmt: skip
        page = secadmin.get(f"/house/ledger{asked}").text
        assert TITLE not in page and "鑫达车辆附件厂" not in page
    for login in ("admin", "officer1", "head"):
        assert site.visitor(login).get("/house/ledger").status_code == 403


def test_a_verification_is_asked_for_done_by_the_worker_and_its_checkpoint_taken(site: Site) -> None:
    site.open_case()
    auditor = site.visitor("auditor")
    auditor.get("/house/ledger")
    assert auditor.post("/house/ledger/verify").status_code == 302
    assert auditor.post("/house/ledger/verify").status_code == 302
    assert "等待" in auditor.get("/house/ledger").text
    assert checks.run_next(site.store) == 1
    assert checks.run_next(site.store) == 0
    page = auditor.get("/house/ledger").text
    assert "完整" in page
    with site.store.read() as session:
        row = checks.latest(session)[0]
        written = auditor.get(f"/house/ledger/checks/{row.id}.json").text
        taken = Checkpoint.from_json(written)
        assert (taken.digest, taken.total) == (row.digest, row.total)
        assert ledger.verify(session, taken) == []
    assert auditor.get("/house/ledger/checks/none.json").status_code == 404


def test_a_changed_entry_is_found_and_named_on_the_page(site: Site) -> None:
    site.open_case()
    with site.store.engine.begin() as connection:
        triggers = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
        for trigger in triggers:
            connection.execute(text(f'DROP TRIGGER "{trigger}"'))
        connection.execute(text("UPDATE ledger_entry SET actor_name = '别人' WHERE event = 'CaseOpened'"))
    auditor = site.visitor("auditor")
    auditor.get("/house/ledger")
    auditor.post("/house/ledger/verify")
    checks.run_next(site.store)
    page = auditor.get("/house/ledger").text
    assert "发现问题" in page and "内容被改动" in page


def test_a_worker_that_ends_leaves_the_verification_to_the_next(site: Site) -> None:
    auditor = site.visitor("auditor")
    auditor.get("/house/ledger")
    auditor.post("/house/ledger/verify")
    assert checks.run_next(site.store, stopped=lambda: True) == 0
    assert checks.run_next(site.store) == 1
    with site.store.read() as session:
        assert checks.latest(session)[0].state == checks.WHOLE


def test_the_three_administrators_decide_no_case_and_see_none_but_the_auditor(site: Site) -> None:
    case_id = site.open_case()
    task_id = site.task(case_id, "approve_filing")
    with site.store.read() as session:
        assert session.execute(select(Case.id)).scalars().all() == [case_id]
    answer = {"seen": "1", "key": "0" * 32, "result": "approve", "opinion": "同意", "reason": "试"}
    for login, sees in {"admin": 404, "secadmin": 404, "auditor": 200}.items():
        visitor = site.visitor(login)
        assert visitor.get(f"/cases/{case_id}").status_code == sees, login
        assert (TITLE in visitor.get("/cases").text) is (sees == 200)
        for path in (f"/tasks/{task_id}/complete", f"/tasks/{task_id}/claim", f"/tasks/{task_id}/do/reassign",
                     f"/cases/{case_id}/do/terminate", f"/cases/{case_id}/do/suspend"):  # fmt: skip
            assert visitor.post(path, answer).status_code in (403, 404, 422), (login, path)
        assert visitor.get("/cases/new").status_code == 403
    assert site.task(case_id, "approve_filing") == task_id
