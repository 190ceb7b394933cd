"""A task in the browser: taken, typed, kept, completed once; whatever goes wrong, nothing typed is lost."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from tests.webapp.site import OURS, Site, Visitor, field_value, form_fields, pdf
from workflows import ledger
from workflows.cases.file import Case
from workflows.cases.materials import Material
from workflows.desk.tasks import Task, TaskDraft

WORDS = "符合立案标准，同意立案。<b>&</b>"
SHOWN = "符合立案标准，同意立案。&lt;b&gt;&amp;&lt;/b&gt;"


@pytest.fixture
def case_id(site: Site) -> str:
    """A case that waits for the deputy head to decide on its filing."""
    return site.open_case()


def filing(site: Site, case_id: str) -> str:
    return f"/tasks/{site.task(case_id, 'approve_filing')}"


def state(site: Site, case_id: str) -> str:
    with site.store.read() as session:
        return session.get_one(Case, case_id).state


def test_a_new_case_waits_on_the_desk_of_the_leader(site: Site, case_id: str) -> None:
    desk = site.visitor("deputy").get("/desk").text
    assert "焊工无证上岗作业案" in desk
    assert "立案审批" in desk
    assert filing(site, case_id) in desk
    assert "剩余" in desk


def test_completing_tells_what_happened_and_leads_on(site: Site, case_id: str) -> None:
    deputy = site.visitor("deputy")
    path = filing(site, case_id)
    fields = {**form_fields(deputy.get(path)), "result": "approve", "opinion": WORDS}
    answer = deputy.post(f"{path}/complete", fields)
    assert answer.location == "/desk"
    assert "“立案审批”已办结" in deputy.get("/desk").text
    assert state(site, case_id) == "filed"
    assert SHOWN in deputy.get(path).text  # the finished task still shows what was answered


def test_after_a_task_comes_the_next_one_of_the_same_case(site: Site, case_id: str) -> None:
    complete_filing(site, case_id)
    officer = site.visitor("officer1")
    path = f"/tasks/{site.task(case_id, 'investigate')}"
    page = officer.get(path)
    officer.post(f"{path}/claim", form_fields(page))
    fields = {
        **form_fields(officer.get(path)),
        "acts.#": "1", "acts.0.kind": "inspection", "acts.0.done_on": "2024-02-26", "acts.0.place": "焊接车间",
        "seizure": "none",
    }  # fmt: skip
    both = [("acts.0.officers", site.person_id(login)) for login in ("officer1", "officer2")]
    answer = officer.post(f"{path}/complete", [*fields.items(), *both, ("files", pdf("证据.pdf"))])
    assert answer.status_code == 302, answer.text
    assert answer.location in ("/desk", f"/tasks/{site.task(case_id, 'conclude_investigation')}")


def complete_filing(site: Site, case_id: str) -> None:
    deputy = site.visitor("deputy")
    path = filing(site, case_id)
    fields = {**form_fields(deputy.get(path)), "result": "approve", "opinion": "同意立案。"}
    assert deputy.post(f"{path}/complete", fields).status_code == 302


def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_stays(site: Site, case_id: str) -> None:
    deputy = site.visitor("deputy")
    path = filing(site, case_id)
    answer = deputy.post(f"{path}/complete", {**form_fields(deputy.get(path)), "opinion": WORDS})
    assert answer.status_code == 422
    assert SHOWN in answer.text
    assert 'href="#f-result"' in answer.text  # the summary leads to the field
    assert 'id="f-result-error"' in answer.text
    assert 'aria-describedby="f-result-error"' in answer.text
    assert state(site, case_id) == "lead"


def test_a_choice_that_the_form_does_not_offer_is_refused(site: Site, case_id: str) -> None:
    deputy = site.visitor("deputy")
    path = filing(site, case_id)
    fields = {**form_fields(deputy.get(path)), "result": "burn", "opinion": WORDS}
    assert deputy.post(f"{path}/complete", fields).status_code == 422


def test_sending_twice_is_completing_once(site: Site, case_id: str) -> None:
    deputy = site.visitor("deputy")
    path = filing(site, case_id)
    fields = {**form_fields(deputy.get(path)), "result": "approve", "opinion": WORDS}
    first, second = deputy.post(f"{path}/complete", fields), deputy.post(f"{path}/complete", fields)
    assert (first.status_code, second.status_code) == (302, 302)
    assert "未重复办理" in deputy.get("/desk").text
    with site.store.read() as session:
        events = [entry.event for entry in ledger.history(session, f"case:{case_id}")]
    assert events.count("TaskCompleted") == 1


def test_the_loser_of_a_race_keeps_the_text_and_sees_what_happened(site: Site, case_id: str) -> None:
    """Two windows: the form of the second was drawn before the first was sent."""
    one, two = site.visitor("deputy"), site.visitor("deputy")
    path = filing(site, case_id)
    early = form_fields(two.get(path))
    one.post(f"{path}/complete", {**form_fields(one.get(path)), "result": "approve", "opinion": "同意立案。"})
    answer = two.post(f"{path}/complete", {**early, "result": "reject", "opinion": WORDS})
    assert answer.status_code == 409
    assert "情况已有变化" in answer.text
    assert "批准立案" in answer.text  # what happened meanwhile
    assert SHOWN in answer.text  # the typed text, to be copied
    assert state(site, case_id) == "filed"


def test_two_officers_and_one_task(site: Site, case_id: str) -> None:
    complete_filing(site, case_id)
    path = f"/tasks/{site.task(case_id, 'investigate')}"
    first, second = site.visitor("officer1"), site.visitor("officer2")
    fields = {"seen": form_fields(first.get(path))["seen"]}
    second.get(path)
    assert first.post(f"{path}/claim", fields).status_code == 302
    assert second.post(f"{path}/claim", fields).status_code == 409
    assert "提交并办结" in first.get(path).text
    assert "提交并办结" not in second.get(path).text
    released = first.post(f"{path}/release", form_fields(first.get(path)))
    assert released.location == "/desk"
    assert "其他候选人可以认领" in first.get("/desk").text
    assert "investigate" in [site_task(site, path).element_id]
    assert site_task(site, path).state == "open"


def site_task(site: Site, path: str) -> Task:
    with site.store.read() as session:
        task = session.get_one(Task, path.rsplit("/", 1)[-1])
        session.expunge(task)
        return task


def conclude_path(site: Site, case_id: str) -> tuple[Visitor, str]:
    """officer1 before the investigation report, with its gates ahead."""
    complete_filing(site, case_id)
    officer = site.visitor("officer1")
    path = f"/tasks/{site.task(case_id, 'investigate')}"
    officer.post(f"{path}/claim", form_fields(officer.get(path)))
    return officer, path


def test_a_closed_gate_names_its_article_and_the_text_stays(site: Site, case_id: str) -> None:
    """G1: an act on site by one officer alone (行政处罚法 42)."""
    officer, path = conclude_path(site, case_id)
    fields = {
        **form_fields(officer.get(path)),
        "acts.#": "1", "acts.0.kind": "inspection", "acts.0.done_on": "2024-02-26", "acts.0.place": "焊接车间一角",
        "acts.0.officers": site.person_id("officer1"), "seizure": "none",
    }  # fmt: skip
    answer = officer.post(f"{path}/complete", fields)
    assert answer.status_code in (409, 422)
    assert "焊接车间一角" in answer.text
    assert "行政处罚法" in answer.text
    assert site_task(site, path).state == "claimed"


# Rows, files, drafts -------------------------------------------------------------------------------------------------


def test_rows_come_and_go_without_script_and_nothing_typed_is_lost(site: Site, case_id: str) -> None:
    officer, path = conclude_path(site, case_id)
    typed = {
        **form_fields(officer.get(path)), "acts.#": "1", "acts.0.place": "第一处", "acts.0.kind": "survey",
        "offence": "未提交的文字",
    }  # fmt: skip
    more = officer.post(f"{path}/form", {**typed, "rows": "add:acts"})
    assert more.status_code == 200
    assert 'name="acts.#" value="2"' in more.text
    assert 'value="第一处"' in more.text
    assert 'value="未提交的文字"' in more.text
    assert '<option value="survey" selected>' in more.text
    less = officer.post(f"{path}/form", {**typed, "acts.#": "2", "acts.1.place": "第二处", "rows": "remove:acts.0"})
    assert 'name="acts.#" value="1"' in less.text
    assert 'name="acts.0.place" value="第二处"' in less.text or 'value="第二处" id="f-acts-0-place"' in less.text
    assert "第一处" not in less.text


def test_an_uploaded_file_survives_a_refused_form(site: Site, case_id: str) -> None:
    officer, path = conclude_path(site, case_id)
    refused = officer.post(f"{path}/complete", [*form_fields(officer.get(path)).items(), ("files", pdf("笔录.pdf"))])
    assert refused.status_code == 422
    assert "笔录.pdf" in refused.text
    import re

    token = re.search(r'name="files.token" value="([^"]+)"', refused.text)
    assert token
    fields = [
        *form_fields(refused).items(), ("files.token", token[1]), ("acts.#", "1"), ("acts.0.kind", "inspection"),
        ("acts.0.done_on", "2024-02-26"), ("acts.0.place", "车间"), ("seizure", "none"),
        *(("acts.0.officers", site.person_id(login)) for login in ("officer1", "officer2")),
    ]  # fmt: skip
    assert officer.post(f"{path}/complete", fields).status_code == 302
    with site.store.read() as session:
        names = session.execute(select(Material.file_name).where(Material.case_id == case_id)).scalars().all()
    assert names == ["笔录.pdf"]


def test_a_token_of_a_file_works_for_its_uploader_only(site: Site, case_id: str) -> None:
    import re

    officer, path = conclude_path(site, case_id)
    other = site.visitor("officer2")
    page = officer.post(f"{path}/form", [*form_fields(officer.get(path)).items(), ("files", pdf()), ("rows", "")])
    token = re.search(r'name="files.token" value="([^"]+)"', page.text)
    assert token
    stolen = other.post(f"{path}/form", {**form_fields(other.get(path)), "files.token": token[1]})
    assert "files.token" not in stolen.text
    forged = officer.post(f"{path}/form", {**form_fields(officer.get(path)), "files.token": token[1][:-3] + "abc"})
    assert "files.token" not in forged.text


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("太大.pdf", b"%PDF-1.7\n" + b"0" * 1_200_000),
        ("程序.exe", b"MZ" + b"0" * 100),
        ("网页.html", b"<script>alert(1)</script>"),
        ("假的.pdf", b"<html><script>alert(1)</script></html>"),
        ("空的.pdf", b""),
    ],
)
def test_a_bad_file_is_refused_at_its_field_and_the_text_stays(
    site: Site, case_id: str, name: str, content: bytes
) -> None:
    officer, path = conclude_path(site, case_id)
    fields = [*form_fields(officer.get(path)).items(), ("offence", "保留的文字"), ("files", pdf(name, content))]
    answer = officer.post(f"{path}/complete", fields)
    assert answer.status_code == 422
    assert 'id="f-files-error"' in answer.text
    assert "保留的文字" in answer.text
    assert state(site, case_id) == "filed"


def test_a_draft_outlives_the_session(site: Site, case_id: str) -> None:
    deputy = site.visitor("deputy")
    path = filing(site, case_id)
    deputy.post(f"{path}/draft", {**form_fields(deputy.get(path)), "opinion": WORDS})
    deputy.post("/logout")
    deputy.log_in("deputy")
    page = deputy.get(path).text
    assert SHOWN in page
    assert "草稿" in page
    assert SHOWN not in site.visitor("auditor").get(path).text  # a draft is nobody else's business


def test_the_second_window_of_a_task_is_told_of_the_first_ones_draft_and_can_take_over(
    site: Site, case_id: str
) -> None:
    deputy, path = site.visitor("deputy"), filing(site, case_id)
    deputy.headers["Accept"] = "application/json"
    page = {**form_fields(deputy.get(path)), "draft_seen": field_value(deputy.get(path), "draft_seen")}
    first = deputy.post(f"{path}/keep", {**page, "opinion": "第一个窗口"}).get_json()["seen"]
    refused = deputy.post(f"{path}/keep", {**page, "opinion": "第二个窗口"})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "task.draft_elsewhere")
    assert deputy.post(f"{path}/keep", {**page, "opinion": "第一个窗口", "draft_seen": first}).status_code == 200
    del deputy.headers["Accept"]
    drawn = deputy.post(f"{path}/draft", {**page, "opinion": "第二个窗口"})
    assert (drawn.status_code, "第二个窗口</textarea>" in drawn.text, "另一窗口" in drawn.text) == (409, True, True)
    assert ("data-elsewhere=" in drawn.text, "data-unkept" in drawn.text) == (True, False)
    again = {**page, "draft_seen": field_value(drawn, "draft_seen"), "opinion": "第二个窗口"}
    for way in ("keep", "draft"):  # saving once more, by itself or by hand, is no choice between the two
        assert deputy.post(f"{path}/{way}", again).status_code == 409
    assert "第一个窗口</textarea>" in deputy.get(path).text
    button = re.search(r'<button[^>]*name="draft_seen" value="([^"]+)"', drawn.text)
    assert button
    chosen = [*again.items(), ("draft_seen", button[1])]
    assert deputy.post(f"{path}/draft", chosen).status_code == 302
    assert "第二个窗口</textarea>" in deputy.get(path).text


def test_a_draft_takes_no_more_than_its_form_and_says_so(site: Site, case_id: str) -> None:
    deputy, path = site.visitor("deputy"), filing(site, case_id)
    fields = form_fields(deputy.get(path))
    deputy.headers["Accept"] = "application/json"
    long = deputy.post(f"{path}/keep", {**fields, "opinion": "长" * 20_001})
    assert (long.status_code, "不得超过" in long.get_json()["sentence"]) == (422, True)
    assert deputy.post(f"{path}/keep", {**fields, "opinion": "长" * 450_000}).status_code == 413
    with site.store.read() as session:
        assert session.execute(select(func.count()).select_from(TaskDraft)).scalar_one() == 0


def test_a_session_that_ended_while_typing_costs_no_text(site: Site, case_id: str) -> None:
    deputy = site.visitor("deputy")
    path = filing(site, case_id)
    fields = {**form_fields(deputy.get(path)), "result": "approve", "opinion": WORDS}
    site.to(2024, 3, 4, 14, 0)
    login = deputy.post(f"{path}/complete", fields)
    assert login.status_code == 401
    assert SHOWN in login.text
    again = {
        "login": "deputy", "password": "fashen-demo", "from": f"{path}/complete", "next": path,
        "kept.result": "approve", "kept.opinion": WORDS,
    }  # fmt: skip
    assert deputy.post("/login", again).location == path
    assert SHOWN in deputy.get(path).text
    assert state(site, case_id) == "lead"


def test_what_another_site_sends_is_not_kept_for_the_victim(site: Site, case_id: str) -> None:
    path = filing(site, case_id)
    victim = site.visitor("deputy")
    token = form_fields(victim.get(path))["csrf_token"]
    victim.headers = {"Sec-Fetch-Site": "cross-site"}
    site.to(2024, 3, 4, 14, 0)
    answer = victim.post(f"{path}/complete", {"csrf_token": token, "opinion": "planted text"})
    assert "planted text" not in answer.text
    victim.headers = dict(OURS)
    victim.get("/login")
    victim.post("/login", {"login": "deputy", "password": "fashen-demo"})
    with site.store.read() as session:
        assert session.execute(select(func.count()).select_from(TaskDraft)).scalar_one() == 0


def test_nobody_plants_a_draft_in_somebody_elses_task(site: Site, case_id: str) -> None:
    visitor = site.visitor()
    visitor.get("/login")
    fields = {
        "login": "officer2", "password": "fashen-demo", "from": f"{filing(site, case_id)}/complete",
        "kept.opinion": "planted",
    }  # fmt: skip
    assert visitor.post("/login", fields).status_code == 302
    with site.store.read() as session:
        assert session.execute(select(func.count()).select_from(TaskDraft)).scalar_one() == 0


def test_a_form_from_before_another_login_is_drawn_again_with_its_text(site: Site, case_id: str) -> None:
    deputy = site.visitor("deputy")
    path = filing(site, case_id)
    old = form_fields(deputy.get(path))
    deputy.log_in("deputy")  # in another window: the form token is renewed
    answer = deputy.post(f"{path}/complete", {**old, "result": "approve", "opinion": WORDS})
    assert answer.status_code == 400
    assert SHOWN in answer.text
    assert state(site, case_id) == "lead"
    assert deputy.post(f"{path}/complete", {
        **form_fields(answer), "result": "approve", "opinion": WORDS,
    }).status_code == 302  # fmt: skip
