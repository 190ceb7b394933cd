"""Standing orders in the browser's eyes: named, seen by both, used, ended; what is done carries both names."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.webapp.site import Site, Visitor, field_value, form_fields
from tests.webapp.trial import Trial, begin
from workflows import ledger
from workflows.actors import Post, Unit
from workflows.cases.orders import Substitute

DAYS = {"starts_on": "2024-03-04", "ends_on": "2024-03-08"}


@pytest.fixture
def trial(site: Site) -> Trial:
    return begin(site)


def name(who: Visitor, substitute: str, **more: str) -> int:
    page = who.get("/substitutes" + (f"?person={more['person']}" if "person" in more else ""))
    fields = {"key": field_value(page, "key"), "substitute": substitute, "roles": "legal_reviewer", **DAYS, **more}
    return who.post("/substitutes", fields).status_code


def at_legal(trial: Trial) -> str:
    """legal1 holds the check; its page."""
    trial.complete(trial.site.visitor("officer1"), trial.path("draft"))
    path = trial.path("legal")
    trial.claim(trial.site.visitor("legal1"), path)
    return path


def test_a_substitute_sees_for_whom_he_acts_and_what_waits_and_what_he_does_carries_both_names(trial: Trial) -> None:
    path = at_legal(trial)
    legal, other = trial.site.visitor("legal1"), trial.site.visitor("legal2")
    assert "提交并办结" not in other.get(path).text
    assert name(legal, trial.site.person_id("legal2"), reason="外出学习") == 302
    assert "代理中" in legal.get("/substitutes").text
    page = other.get("/substitutes").text
    assert "委托我代理的人员" in page
    assert f'href="{path}"' in page
    assert "您代林静办理" in other.get(path).text
    trial.complete(other, path)
    assert "何远（代林静）于" in legal.get(path).text
    timeline = legal.get(f"/cases/{trial.case_id}?tab=timeline").text
    assert "何远（代林静）" in timeline
    other.client.set_cookie("language", "en")
    assert "何远 (for 林静)" in other.get(f"/cases/{trial.case_id}?tab=timeline").text


def test_only_who_holds_the_role_can_be_named_and_what_is_wrong_stands_beside_its_field(trial: Trial) -> None:
    legal = trial.site.visitor("legal1")
    page = legal.get("/substitutes").text
    assert trial.site.person_id("legal2") in page
    assert trial.site.person_id("officer1") not in page
    fields = {"key": field_value(legal.get("/substitutes"), "key"), "starts_on": "2024-03-04", "reason": "休假<i>"}
    wrong = legal.post("/substitutes", {**fields, "roles": "legal_reviewer"})
    assert wrong.status_code == 422
    assert 'id="substitute-error"' in wrong.text
    assert 'id="ends_on-error"' in wrong.text
    assert "休假&lt;i&gt;" in wrong.text
    unfit = {**fields, **DAYS, "roles": "legal_reviewer", "substitute": trial.site.person_id("officer1")}
    assert "不能代理" in legal.post("/substitutes", unfit).text


def test_an_order_is_ended_by_either_and_by_nobody_else(trial: Trial) -> None:
    path = at_legal(trial)
    legal, other = trial.site.visitor("legal1"), trial.site.visitor("legal2")
    name(legal, trial.site.person_id("legal2"))
    with trial.site.store.read() as session:
        order = session.execute(select(Substitute.id)).scalar_one()
    officer = trial.site.visitor("officer1")
    officer.get("/substitutes")
    assert officer.post(f"/substitutes/{order}/end").status_code == 403
    other.get("/substitutes")
    assert other.post(f"/substitutes/{order}/end").location == "/substitutes"
    assert "已结束" in legal.get("/substitutes").text
    page = other.get(path)
    assert "提交并办结" not in page.text
    fields = {**form_fields(legal.get(path)), "csrf_token": other.token, "opinion": "越权"}
    refused = other.post(f"{path}/complete", fields)
    assert refused.status_code == 403


def test_an_administrator_names_somebody_for_others_and_nobody_else_may(trial: Trial) -> None:
    legal1, legal2 = trial.site.person_id("legal1"), trial.site.person_id("legal2")
    assert name(trial.site.visitor("admin"), legal2, person=legal1) == 302
    assert "何远" in trial.site.visitor("legal1").get("/substitutes").text
    assert "何远" in trial.site.visitor("admin").get(f"/substitutes?person={legal1}").text
    officer = trial.site.visitor("officer1")
    assert "何远" not in officer.get(f"/substitutes?person={legal1}").text
    fields = {"person": legal2, "substitute": legal1, "roles": "legal_reviewer", "key": "0" * 32, **DAYS}
    assert officer.post("/substitutes", fields).status_code == 403
    with trial.site.store.read() as session:
        assert len(ledger.history(session, f"person:{legal1}", only=["SubstituteNamed"])) == 1


def test_an_administrator_of_another_bureau_finds_nobody_and_no_order(trial: Trial) -> None:
    legal1, legal2 = trial.site.person_id("legal1"), trial.site.person_id("legal2")
    name(trial.site.visitor("legal1"), legal2)
    with trial.site.store.work() as session:
        there = Unit(name="另一局", level="county", legal_subject=True)
        session.add(there)
        session.flush()
        order = session.execute(select(Substitute.id)).scalar_one()
        for post in session.execute(select(Post).where(Post.role == "sys_admin")).scalars():
            post.unit_id = there.id
    admin = trial.site.visitor("admin")
    assert admin.get(f"/substitutes?person={legal1}").status_code == 404
    assert legal1 not in admin.get("/substitutes").text
    assert name(admin, legal2, person=trial.site.person_id("admin")) == 404
    fields = {"person": legal1, "substitute": legal2, "roles": "legal_reviewer", "key": "0" * 32, **DAYS}
    assert admin.post("/substitutes", fields).status_code == 404
    assert admin.post(f"/substitutes/{order}/end").status_code == 404


def test_a_step_that_does_not_offer_a_substitute_is_nobody_elses(site: Site) -> None:
    trial = begin(site, legal=["claim", "release"])
    path = at_legal(trial)
    name(site.visitor("legal1"), site.person_id("legal2"))
    other = site.visitor("legal2")
    assert f'href="{path}"' not in other.get("/substitutes").text
    assert "提交并办结" not in other.get(path).text
