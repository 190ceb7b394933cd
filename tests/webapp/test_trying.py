"""Trying a draft in the browser: a play with sample answers, which leaves no trace but its own list of moves."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from lxml import html
from sqlalchemy import select

from tests.rehearsal.test_people import BEGINS, next_move, opened
from tests.rehearsal.test_people import draft as second_counsel
from tests.webapp.site import Site, Visitor
from webapp.diagrams import drawings
from workflows.actors import Person, acting
from workflows.diagrams.draft_tables import ProcessDraft
from workflows.diagrams.trying_tables import ClosedReplay
from workflows.models import metadata
from workflows.rehearsal import sandbox, scene
from workflows.store import Store, new_id

KEPT = {"process_play", "web_session"}
"""Tables in which a play may leave something: its list of moves, and when the administrator was seen last."""


@pytest.fixture
def admin(site: Site) -> Visitor:
    return site.visitor("admin")


def begin_draft(visitor: Visitor, key: str = "penalty") -> str:
    visitor.get("/studio")
    asked = {"process": key, "origin": "version", "version": 1, "key": new_id()}
    answer = visitor.post("/studio/drafts", asked)
    assert answer.status_code == 302, answer.text
    return str(answer.location).rsplit("/", 1)[-1]


def begin_play(visitor: Visitor, draft: str, process: str = "penalty") -> str:
    visitor.get(f"/studio/drafts/{draft}/try")
    answer = visitor.post(f"/studio/drafts/{draft}/try", {"process": process, "name": "一般案件", "key": new_id()})
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def tree(page: str) -> Any:
    """A page to be asked with XPath."""
    return html.fromstring(page)


def filled(page: Any) -> list[tuple[str, str]]:
    """What a browser would send of the form of the step, as it is filled in."""
    form = tree(page.text).get_element_by_id("answer")
    return [(str(name), str(value)) for name, value in form.form_values()]


def send(visitor: Visitor, at: str, **changed: str) -> Any:
    """The step as it is filled in, with some answers changed."""
    fields = [(name, value) for name, value in filled(visitor.get(at)) if name not in changed]
    answer = visitor.post(f"{at}/move", [*fields, *changed.items()])
    assert answer.status_code in (302, 409, 422), answer.text
    return answer


def done(visitor: Visitor, at: str, **changed: str) -> str:
    """The step is done; the page of the play after it."""
    answer = send(visitor, at, **changed)
    assert answer.status_code == 302, answer.text
    return str(visitor.get(at).text)


def heading(page: str) -> str:
    return str(tree(page).xpath("string(//form[@id='answer']/h2)"))


def rows(store: Store) -> dict[str, list[Any]]:
    """Every row of every table."""
    with store.read() as session:
        return {name: sorted(map(repr, session.execute(select(table)).all()))
                for name, table in metadata.tables.items()}  # fmt: skip


def test_a_draft_is_played_with_sample_answers_and_leaves_no_trace(site: Site, admin: Visitor) -> None:
    draft = begin_draft(admin)
    before = rows(site.store)
    at = begin_play(admin, draft)
    assert heading(admin.get(at).text) == "线索受理"
    seen = [heading(done(admin, at)) for _ in range(6)]
    assert seen == ["立案审批", "调查取证", "调查终结报告", "承办机构负责人审核", "送审材料完备性审查", "法规初审"]
    after = rows(site.store)
    assert {name for name in before if before[name] != after[name]} <= KEPT
    assert len(after["process_play"]) == 1


def record(visitor: Visitor, at: str, title: str = "立案到调查", **more: str) -> Any:
    page = visitor.get(at)
    seen = tree(page.text).xpath("//input[@name='seen']/@value")[0]
    return visitor.post(f"{at}/record", {"seen": seen, "title": title, **more})


def results(visitor: Visitor, draft: str) -> list[str]:
    """What the page says of each test, and why it failed."""
    page = tree(visitor.get(f"/studio/drafts/{draft}/try").text)
    cells = page.xpath("//section[@aria-labelledby='tests-title']//tbody/tr/td[3]")
    return [" ".join(str(cell.text_content()).split()) for cell in cells]


def change(visitor: Visitor, draft: str, path: str, *pairs: tuple[str, str]) -> None:
    """Texts of a file of the draft are replaced."""
    found = visitor.get(f"/studio/drafts/{draft}/files/{path}")
    text = found.data.decode()
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    seen = {"If-Match": found.headers["ETag"]}
    saved = visitor.send("PUT", f"/studio/drafts/{draft}/files/{path}", text.encode(), **seen)
    assert saved.status_code == 200, saved.text


def another_step(visitor: Visitor, draft: str) -> None:
    """After the filing, the officers come to another step than before, with the same act and form."""
    names = ("id", "sourceRef", "targetRef", "bpmnElement")
    places = [(f' {name}="investigate"', f' {name}="inquire"') for name in names]
    change(visitor, draft, "penalty.bpmn", *places, (">investigate<", ">inquire<"))
    change(visitor, draft, "process.yaml", ("  investigate:", "  inquire:"))


def ask_release(visitor: Visitor, draft: str) -> Any:
    page = tree(visitor.get(f"/studio/drafts/{draft}").text)
    form = next(one for one in page.forms if one.get("id") == "ask")
    fields = dict(form.form_values())
    return visitor.post(f"/studio/drafts/{draft}/release",
                        {**fields, "reason": "调整办理顺序", "legal_basis": "不涉及"})  # fmt: skip


def test_a_play_becomes_a_test_that_stops_a_release_when_a_step_goes_otherwise(admin: Visitor) -> None:
    draft = begin_draft(admin)
    at = begin_play(admin, draft)
    for _ in range(3):
        done(admin, at)
    assert record(admin, at).status_code == 302
    assert results(admin, draft) == ["尚未运行"]
    admin.post(f"/studio/drafts/{draft}/tests/run")
    assert [one.split()[0] for one in results(admin, draft)] == ["通过"]
    another_step(admin, draft)
    assert results(admin, draft) == ["尚未运行"]
    live, asked = (admin.send("POST", f"/studio/drafts/{draft}/check{more}").json for more in ("", "?tests=1"))
    assert live == {"findings": []}, "tests that have not run say nothing"
    (failed,) = asked["findings"]
    assert failed["file"].startswith("tests/") and "之后走向不同" in failed["sentence"]
    refused = ask_release(admin, draft)
    assert refused.status_code == 422
    told = "测试“立案到调查”第2步“立案审批”之后走向不同：应当等待调查取证（investigate），实际等待调查取证（inquire）。"
    assert told in refused.text
    assert "流程的测试没有通过，不能发布" in refused.text and "流程图未通过检查" not in refused.text
    assert results(admin, draft) == [f"未通过 {told}"]
    page = admin.get(f"/studio/drafts/{draft}").text
    assert told in page and "检查未发现问题" not in page, "the findings tell of the test too"


def test_a_test_is_updated_on_purpose_with_a_reason_that_stays_in_it(admin: Visitor) -> None:
    draft = begin_draft(admin)
    at = begin_play(admin, draft)
    for _ in range(2):
        done(admin, at)
    record(admin, at)
    another_step(admin, draft)
    update = {"path": "tests/test-1.yaml", "reason": ""}
    assert admin.post(f"/studio/drafts/{draft}/tests/update", update).status_code == 422
    answer = admin.post(f"/studio/drafts/{draft}/tests/update", {**update, "reason": "环节改名"})
    assert answer.status_code == 302
    admin.post(f"/studio/drafts/{draft}/tests/run")
    assert [one.split()[0] for one in results(admin, draft)] == ["通过"]
    assert "系统管理员于 2024-03-04T09:00+08:00 更新：环节改名" in admin.get(f"/studio/drafts/{draft}/try").text


def test_a_play_can_go_back_and_a_gate_refuses_as_it_would_at_the_desk(admin: Visitor) -> None:
    draft = begin_draft(admin)
    at = begin_play(admin, draft)
    for _ in range(4):
        done(admin, at)
    page = admin.get(at)
    seen = tree(page.text).xpath("//input[@name='seen']/@value")[0]
    back = {"what": "back", "task": "check_by_unit", "by": "unithead", "target": "conclude_investigation",
            "how": "again", "reason": "事实不清", "seen": seen}  # fmt: skip
    answer = admin.post(f"{at}/move", back)
    assert answer.status_code == 302, answer.text
    assert heading(admin.get(at).text) == "调查终结报告"
    assert admin.post(f"{at}/undo", {"moves": "1", "seen": str(int(seen) + 1)}).status_code == 302
    assert heading(admin.get(at).text) == "立案审批"
    assert admin.post(f"{at}/undo", {"moves": "0", "seen": "0"}).status_code == 409, "another window was faster"
    wrong = send(admin, at, result="approve", opinion="")
    assert wrong.status_code == 422 and "请填写" in wrong.text


def test_a_draft_that_is_called_is_tried_through_the_process_that_calls_it(admin: Visitor) -> None:
    draft = begin_draft(admin, "legal_review")
    page = admin.get(f"/studio/drafts/{draft}/try")
    offered = tree(page.text).xpath("//select[@name='process']/option/@value")
    assert offered == ["penalty"]
    answer = admin.post(f"/studio/drafts/{draft}/try", {"process": "legal_review", "key": new_id()})
    assert answer.status_code == 422


def test_nobody_plays_but_administrators_and_nobody_another_ones(site: Site, admin: Visitor) -> None:
    draft = begin_draft(admin)
    at = begin_play(admin, draft)
    for login in ("auditor", "officer1", "secadmin"):
        assert site.visitor(login).get(at).status_code == 403


def test_a_test_whose_step_is_gone_is_updated_without_the_later_steps_or_tried_from_there(admin: Visitor) -> None:
    draft = begin_draft(admin)
    at = begin_play(admin, draft)
    for _ in range(3):
        done(admin, at)
    record(admin, at)
    another_step(admin, draft)
    path, update = "tests/test-1.yaml", f"/studio/drafts/{draft}/tests/update"
    page = admin.get(f"/studio/drafts/{draft}/try")
    refused = admin.post(update, {"path": path, "reason": "改了环节"})
    assert refused.status_code == 422
    row = tree(refused.text).xpath("//details[@open]")[0]
    assert "从第 3 步起试运行" in row.text_content() and row.xpath(".//input[@name='reason']/@value") == ["改了环节"]
    alert = str(tree(refused.text).xpath("string(//*[@role='alert'])"))
    assert "等待办理的有：调查取证" in alert and "investigate" not in alert and "inquire" not in alert
    first = row.xpath(".//button[@name='first']/@value")[0]
    assert admin.post(update, {"path": path, "reason": "改了环节", "first": first}).status_code == 302
    admin.post(f"/studio/drafts/{draft}/tests/run", {})
    assert all(result.startswith("通过") for result in results(admin, draft))
    assert page.status_code == 200


def test_a_failed_test_among_the_findings_tells_how_to_mend_it_and_marks_its_step(admin: Visitor) -> None:
    draft = begin_draft(admin)
    at = begin_play(admin, draft)
    for _ in range(3):
        done(admin, at)
    record(admin, at)
    another_step(admin, draft)
    admin.get(f"/studio/drafts/{draft}")
    asked = admin.send("POST", f"/studio/drafts/{draft}/check?tests=1", b"", Accept="application/json")
    found = next(one for one in asked.get_json()["findings"] if one["file"] == "tests/test-1.yaml")
    assert found["element"] == "approve_filing" and "按现在的走向更新测试" in found["fix"]
    page = tree(admin.get(f"/studio/drafts/{draft}").text)
    links = [str(link) for link in page.xpath("//li[contains(@class, 'finding')]/a/@href")]
    assert f"/studio/drafts/{draft}/try#tests/test-1.yaml" in links
    assert any(link.endswith("#approve_filing") for link in links)


def test_who_can_not_do_a_step_is_told_by_name_and_the_draft_is_not_blamed(admin: Visitor) -> None:
    draft = begin_draft(admin)
    change(admin, draft, "process.yaml", ("labels:", "apart: {approve_filing: [approve_closing]}\nlabels:"),
           ("nobody: {approve_filing: bureau_head, check_by_unit: bureau_head}", "nobody: {}"))  # fmt: skip
    change(admin, draft, "penalty.bpmn", ('candidateGroups="bureau_leader"', 'candidateGroups="domain_expert"'))
    at = begin_play(admin, draft)
    page = tree(done(admin, at))
    offered = [one.strip() for one in page.xpath("//p[contains(@class, 'try-who')]//*[self::a or self::strong]/text()")]
    assert offered == ["行业专家", "行业专家乙", "行业专家丙"], "each can be told apart, and chosen"
    named = ('camunda:candidateGroups="domain_expert"', f'camunda:assignee="{"0" * 32}"')
    change(admin, draft, "penalty.bpmn", named)
    page = admin.get(at).text
    assert "临时机关里没有人可以办理这一步" in page and "临时机关里没有这个人" in page
    assert "不是草稿有误" in page and "请检查环节的办理角色" not in page


@pytest.mark.parametrize(("done", "other", "skipped", "told"), [
    (3, 1, 0, "3 件中有 1 件会走另一条路"),
    (3, 1, 1, "2 件中有 1 件会走另一条路，另有 1 件不能重演"),
    (1, 0, 1, "1 件都不能重演"),
])  # fmt: skip
def test_closed_cases_that_could_not_be_replayed_are_not_counted_as_going_the_same_way(
    site: Site, admin: Visitor, done: int, other: int, skipped: int, told: str
) -> None:
    draft = begin_draft(admin)
    with site.store.work() as session:
        row = session.get_one(ProcessDraft, draft)
        listed = {"number": "1号", "kind": "行政处罚", "verdict": "skipped", "after": None, "then": [], "now": [],
                  "reason": "trying.no_counterpart"}  # fmt: skip
        replay = ClosedReplay(
            draft_id=draft, draft_revision=1, package_hash="", since=date(2024, 1, 1), until=date(2024, 3, 1),
            state="done", total=done, done=done, same=done - other - skipped, other=other, skipped=skipped,
            found=[listed] * skipped, asked_by_id=row.author_id, asked_at=row.changed_at,
        )  # fmt: skip
        session.add(replay)
        session.flush()
        id = replay.id
    one = tree(admin.get(f"/studio/replays/{id}").text)
    assert " ".join(one.xpath("string(//h2[@id='count-title'])").split()) == told
    assert len(one.xpath("//section[@aria-labelledby='skipped-title']//tbody/tr")) == skipped
    cells = tree(admin.get(f"/studio/drafts/{draft}/try").text).xpath("//section[@aria-labelledby='replays-title']//td")
    assert told in [" ".join(cell.text_content().split()) for cell in cells]


def test_a_join_that_waits_without_a_name_is_no_step_that_is_told(site: Site) -> None:
    with site.store.read() as session:
        who = acting(session, session.execute(select(Person.id).where(Person.login == "admin")).scalar_one())
        made = sandbox.prepare(session, who, second_counsel(), BEGINS)
    with site.app.test_request_context(), scene.staged(made, []) as played:
        played.make(opened(played))
        for _ in range(9):
            move = next_move(played)
            assert move is not None
            played.make(move)
            with played.store.read() as inside:
                shown = {one.process_key: one for one in drawings(inside, played.case_id)}
            drawn = shown.get("legal_review")
            if drawn is not None and any(one.startswith("Gateway") for one in drawn.current):
                break
        assert drawn is not None and len(drawn.current) == 2, "a counsel's step, and the join that waits for it"
        assert len(drawn.current_names) == 1 and drawn.current_names[0].endswith("法律顾问再审")
