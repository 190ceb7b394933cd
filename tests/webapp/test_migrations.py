"""Running cases on older versions: planned by one administrator, approved by another, moved by the worker, put back."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from tests.desk.migrating.office import KEY, another_id, for_the_head
from tests.desk.migrating.test_moving import timed
from tests.webapp.site import Site, Visitor, field_value
from tests.webapp.test_trying import tree
from workflows.actors import Person, acting
from workflows.desk.migrating.tables import Migration
from workflows.desk.tasks import Task
from workflows.diagrams import library, suspensions
from workflows.engine.package import Package
from workflows.worker import _migrate

PLAN = f"/studio/processes/{KEY}/migrations"
WORDS = {"reason": "按新的办案规程调整", "legal_basis": "《行政处罚法》第五十四条", "which": "all"}


@pytest.fixture
def moved_on(site: Site) -> Site:
    """A lead that waits for the approval of its filing, and a version in which the head approves it."""
    site.open_case()
    publish(site, for_the_head())
    return site


def publish(site: Site, package: Package) -> None:
    with site.store.work() as session:
        admin = acting(session, session.execute(select(Person.id).where(Person.login == "admin")).scalar_one())
        library.publish(session, package, admin, "修改流程")


def asked(visitor: Visitor, query: str = "", **more: Any) -> str:
    """Plan and ask on the page; the address of the migration."""
    page = visitor.get(PLAN + query)
    answer = visitor.post(PLAN, {**chosen(page), **WORDS, **more})
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def chosen(page: Any) -> dict[str, str]:
    """What a browser sends of the page of a plan as it was drawn: the choices, and what was tried."""
    fields = {name: unescape(field_value(page, name)) for name in ("key", "tried")}
    for name, options in re.findall(r'<select [^>]*name="([^"]+)" form="ask">(.*?)</select>', page.text):
        picked = re.findall(r'value="([^"]*)" selected', options) or re.findall(r'value="([^"]*)"', options)
        fields[name] = picked[0]
    return fields


def test_what_is_asked_for_is_what_was_chosen_and_tried(site: Site) -> None:
    site.open_case()
    publish(site, another_id())
    admin = site.visitor("admin")
    fields = {**chosen(admin.get(PLAN)), **WORDS}
    assert fields["to.investigate"] == "inquire"
    unlike = admin.post(PLAN, {**fields, "to.investigate": ""})
    assert unlike.status_code == 422
    assert "选择已经改变，尚未提出申请" in unlike.text and WORDS["reason"] in unlike.text
    again = admin.post(PLAN, {**fields, "to.investigate": "", "reason": "", "again": "yes"})
    assert again.status_code == 200, "to try once more, nothing has to be filled in"
    now = chosen(again)
    assert now["to.investigate"] == "" == chosen(unlike)["to.investigate"]
    at = admin.post(PLAN, {**now, **WORDS}).location
    assert "inquire" not in admin.get(at).text
    with site.store.read() as session:
        assert session.execute(select(Migration.elements)).scalar_one() == {}


def test_a_version_without_cases_chosen_by_mistake_costs_nothing_that_was_typed(moved_on: Site) -> None:
    admin = moved_on.visitor("admin")
    fields = chosen(admin.get(PLAN))
    other = admin.post(PLAN, {**fields, **WORDS, "source": "2", "target": "1"})
    assert other.status_code == 422 and "选择已经改变" in other.text and "没有在办案件" in other.text
    kept = {name: field_value(other, name) for name in ("reason", "legal_basis")}
    assert kept == {name: WORDS[name] for name in kept}
    untold = {name: said for name, said in {**fields, **WORDS}.items() if name != "tried"}
    assert admin.post(PLAN, untold).status_code == 422, "of which nobody knows what was tried"


def test_a_suspended_version_is_called_by_its_number(moved_on: Site) -> None:
    admin = moved_on.visitor("admin")
    with moved_on.store.work() as session:
        who = acting(session, session.execute(select(Person.id).where(Person.login == "admin")).scalar_one())
        old = library.versions(session, KEY)[-1].package_hash
        suspensions.suspend(session, who, KEY, package_hash=old, holds=True, reason="流程图有误")
    for at in (PLAN, f"/studio/processes/{KEY}", f"/operations/processes/{KEY}/1", asked(admin)):
        (told,) = tree(admin.get(at).text).xpath("//div[contains(@class, 'note-halt')]")
        assert "第 1 版：流程图有误" in told.text_content() and old[:12] not in told.text_content()


def work(site: Site) -> None:
    _migrate(site.store, lambda: False)


def roles(site: Site) -> list[str | None]:
    with site.store.read() as session:
        return list(session.execute(select(Task.role).where(Task.ended_at.is_(None))).scalars())


def test_the_versions_of_a_process_lead_to_the_migration_of_their_cases(moved_on: Site) -> None:
    page = moved_on.visitor("admin").get(f"/studio/processes/{KEY}").text
    assert f'href="{PLAN}?source=1"' in page


def test_a_trial_shows_number_kind_and_step_and_nothing_of_the_case(moved_on: Site) -> None:
    page = moved_on.visitor("auditor").get(PLAN).text
    assert "可以迁移 1 件，不能迁移 0 件" in page and "重新转入：立案审批" in page and "行政处罚" in page
    assert "鑫达" not in page and "焊工" not in page and "/cases/" not in page
    assert "申请迁移" not in page, "who reads only asks for nothing"
    assert moved_on.visitor("officer1").get(PLAN).status_code == 403


def test_a_trial_tells_which_timers_begin_with_the_move(site: Site) -> None:
    site.open_case()
    publish(site, timed(9))
    page = site.visitor("admin").get(PLAN).text
    assert re.search(r"随迁移开始计时：[^（]*立案审批[^（]*（如现在迁移， \d{4}[^）]* 触发）", page), page
    publish(site, timed(kind="timeDate", value="2020-01-01T09:00:00"))
    assert "（时间已过，迁移后立即触发）" in site.visitor("admin").get(PLAN).text


def test_one_asks_another_approves_the_worker_moves_and_it_is_undone(moved_on: Site) -> None:
    li, wang = moved_on.visitor("admin"), moved_on.visitor("admin2")
    at = asked(li)
    assert "应当由其他系统管理员审批" in li.get(at).text
    refused = li.post(f"{at}/approve", {"decision": "同意"})
    assert (refused.status_code == 403 and "另" in refused.text) or "其他系统管理员" in refused.text
    wang.get(at)
    assert wang.post(f"{at}/approve", {"decision": "同意迁移"}).status_code == 302
    assert "已处理 0 件，共 1 件" in li.get(at).text and roles(moved_on) == ["bureau_leader"]
    work(moved_on)
    page = li.get(at).text
    assert "已处理 1 件，共 1 件" in page and "已迁移" in page and roles(moved_on) == ["bureau_head"]
    asked_back = li.post(f"{at}/undo", {"reason": "新版本有误"})
    assert asked_back.status_code == 422 and "确认撤销 1 件案件的迁移" in asked_back.text
    work(moved_on)
    assert roles(moved_on) == ["bureau_head"], "nothing went back yet"
    assert li.post(f"{at}/undo", {"reason": "新版本有误", "confirmed": "1"}).status_code == 302
    work(moved_on)
    page = li.get(at).text
    assert re.search(r'<div class="heading"[^>]*>.*<span class="state">已撤销</span>', page), "all of it was undone"
    assert '<span class="state">已撤销</span>' in li.get(PLAN).text
    assert "已撤销" in page and roles(moved_on) == ["bureau_leader"]


def test_a_process_that_is_suspended_is_marked_wherever_its_versions_are_looked_at(moved_on: Site) -> None:
    admin = moved_on.visitor("admin")
    pages = ["/studio", f"/studio/processes/{KEY}", PLAN]
    assert not any("已暂停办理" in admin.get(at).text for at in pages)
    with moved_on.store.work() as session:
        who = acting(session, session.execute(select(Person.id).where(Person.login == "admin")).scalar_one())
        suspensions.suspend(session, who, KEY, package_hash=None, holds=True, reason="流程图有误")
    assert all("已暂停办理" in admin.get(at).text for at in [*pages, asked(admin)])


def test_versions_that_are_not_told_are_not_called_the_same(site: Site) -> None:
    assert site.visitor("admin").get(f"/studio/processes/{KEY}/compare?from=1&to=2").status_code == 404


def test_steps_that_changed_are_mapped_on_the_page_and_a_case_without_one_says_why(site: Site) -> None:
    case_id = site.open_case()
    deputy = site.visitor("deputy")
    task = site.task(case_id, "approve_filing")
    page = deputy.get(f"/tasks/{task}")
    seen = {name: field_value(page, name) for name in ("seen", "key")}
    answer = {**seen, "result": "approve", "opinion": "同意立案。"}
    assert deputy.post(f"/tasks/{task}/complete", answer).status_code == 302
    publish(site, another_id())
    admin = site.visitor("admin")
    page = admin.get(PLAN).text
    assert re.search(r'<option value="inquire" selected>', page) and "可以迁移 1 件" in page
    page = admin.get(f"{PLAN}?source=1&target=2&to.investigate=").text
    assert "不能迁移 1 件" in page and "“调查取证”在新版本中已不存在" in page
    at = asked(admin, "?source=1&target=2&to.investigate=inquire")
    with site.store.read() as session:
        assert session.execute(select(Migration.elements)).scalar_one() == {"investigate": "inquire"}
    assert "调查取证 (investigate) → 调查取证 (inquire)" in admin.get(at).text


def test_what_was_typed_stays_when_it_is_refused(moved_on: Site) -> None:
    admin = moved_on.visitor("admin")
    page = admin.get(PLAN)
    fields = chosen(page)
    answer = admin.post(PLAN, {**fields, **WORDS, "legal_basis": " "})
    assert answer.status_code == 422 and "按新的办案规程调整" in answer.text
    answer = admin.post(PLAN, {**fields, **WORDS, "which": "some"})
    assert answer.status_code == 422 and "没有需要迁移的在办案件" in answer.text


def test_a_migration_is_rejected_or_withdrawn_with_a_reason(moved_on: Site) -> None:
    li, wang = moved_on.visitor("admin"), moved_on.visitor("admin2")
    at = asked(li)
    wang.get(at)
    assert wang.post(f"{at}/reject", {"decision": "理由不充分"}).status_code == 302
    assert "未批准" in li.get(at).text
    at = asked(li)
    assert li.post(f"{at}/withdraw", {"reason": "另行安排"}).status_code == 302
    assert "已撤回" in li.get(PLAN).text and roles(moved_on) == ["bureau_leader"]


def test_an_unknown_migration_is_not_found(site: Site) -> None:
    assert site.visitor("admin").get("/studio/migrations/" + "0" * 32).status_code == 404
    assert site.visitor("admin").get("/studio/processes/none/migrations").status_code == 404
