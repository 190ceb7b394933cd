"""What a step may not write changes nothing, is stored nowhere, and what it may read is what stands there."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests import paper
from tests.desk.conftest import Bureau
from tests.publishing import put_in_force
from workflows import fold, forms, ledger
from workflows.calendar.clock import SimulatedClock
from workflows.cases.file import Case, Party, current_draft, lock_case
from workflows.desk import advance, commands, offering, present
from workflows.desk.execute import execute
from workflows.desk.tasks import Task, TaskDraft
from workflows.diagrams import library
from workflows.errors import Invalid, Problem
from workflows.store import new_id

ROLES = {"draft": "officer1", "check": "legal1", "decide": "deputy"}


class Paper:
    """A case in which the process of `tests.paper` runs."""

    def __init__(self, bureau: Bureau, time: SimulatedClock) -> None:
        self.time, self.bureau, self.store = time, bureau, bureau.store
        self.case_id = bureau.open()
        with self.store.work() as session:
            library.publish(session, paper.package(), bureau.actor("admin"), "试行")
            case = lock_case(session, self.case_id)
            advance.start(session, case, "paper", {}, bureau.actor("officer1"))
            self.party = session.execute(select(Party.id)).scalar_one()

    def reply(self, **cells: str) -> list[dict[str, str]]:
        return [{"party": self.party, **cells}]

    def done(self, element: str, **answer: Any) -> None:
        task = self.bureau.task(self.case_id, element)
        self.time.set(self.time.now() + timedelta(minutes=1))
        execute(
            self.store, commands.complete_task, self.bureau.actor(ROLES[element]), task.id, answer, seen=task.version,
            key=new_id(),
        )  # fmt: skip

    def drafted(self) -> None:
        self.done(
            "draft", title="甲", secret="线人", amount="12.5", goods=[{"name": "烟花", "count": "3"}],
            replies=self.reply(said="无意见", answer="不得由起草人写"),
        )  # fmt: skip

    def answer(self, element: str) -> dict[str, Any]:
        with self.store.read() as session:
            wanted = select(Task.answer).where(Task.element_id == element, Task.case_id == self.case_id)
            return dict(session.execute(wanted).scalar_one() or {})

    def seen(self, element: str) -> dict[str, Any]:
        with self.store.read() as session:
            wanted = select(Task).where(Task.element_id == element, Task.case_id == self.case_id)
            task = session.execute(wanted).scalar_one()
            return present.values(session, task, offering.task_form(session, task))


@pytest.fixture
def a_paper(sqlite_bureau: Bureau, time: SimulatedClock) -> Paper:
    return Paper(sqlite_bureau, time)


def test_a_step_reads_what_the_step_before_it_wrote(a_paper: Paper) -> None:
    a_paper.drafted()
    seen = a_paper.seen("check")
    assert (seen["title"], seen["amount"], seen["goods"]) == ("甲", "12.5", [{"name": "烟花", "count": "3"}])
    assert seen["replies"] == [{"party": a_paper.party, "said": "无意见"}]
    assert "secret" not in seen


def test_what_a_step_may_not_write_is_in_no_answer(a_paper: Paper) -> None:
    a_paper.drafted()
    a_paper.done(
        "check", title="改", secret="看到了", amount="1", goods=[], grade="b", papers=[{"sha256": "a" * 64}],
        replies=a_paper.reply(said="改", answer="已答复"),
    )  # fmt: skip
    assert a_paper.answer("check") == {"grade": "b", "replies": a_paper.reply(answer="已答复")}
    assert a_paper.answer("draft")["replies"] == a_paper.reply(said="无意见")
    assert a_paper.seen("decide")["replies"] == a_paper.reply(said="无意见", answer="已答复")
    with a_paper.store.read() as session:
        assert [str(one) for one in fold.verify_state(session)] == []
        assert ledger.verify(session) == []


def test_a_finished_step_shows_what_it_read_then(a_paper: Paper) -> None:
    a_paper.drafted()
    a_paper.done("check", grade="b", replies=a_paper.reply(answer=""))
    a_paper.done("decide", title="乙", goods=[], amount="99")
    assert a_paper.seen("check")["title"] == "甲"
    assert a_paper.seen("check")["amount"] == "12.5"


def test_what_a_form_of_the_bureau_says_of_a_lead_is_kept_and_read_later(sqlite_bureau: Bureau) -> None:
    extra = [paper.field("number", "staff", "从业人数"), paper.field("textfield", "region", "所在乡镇")]
    lead = [*library_form("lead"), *extra]
    with sqlite_bureau.store.work() as session:
        put_in_force(session, paper.opening(lead))
    answer = sqlite_bureau.lead(staff="12", region="石梁镇")
    opened = execute(
        sqlite_bureau.store, commands.open_case, sqlite_bureau.actor("officer1"), "paper", answer, key=new_id()
    )
    with sqlite_bureau.store.read() as session:
        task = session.execute(select(Task).where(Task.case_id == opened.case_id)).scalar_one()
        seen = present.values(session, task, offering.task_form(session, task))
        assert (seen["title"], seen["staff"], seen["region"]) == (answer["title"], "12", "石梁镇")
        assert seen["parties"][0]["name"] == "某车辆附件厂"
        assert "summary" not in seen
        assert [str(one) for one in fold.verify_state(session)] == []


HELD = {"facts": "read", "law": "hide", "outcome": "read", "penalties": "hide"}


def test_an_act_keeps_of_a_draft_what_its_step_does_not_write(sqlite_bureau: Bureau, time: SimulatedClock) -> None:
    """The second report may change the evidence and little else: the new draft has facts and law of the first."""
    case_id = sqlite_bureau.open()
    sqlite_bureau.complete("deputy", case_id, "approve_filing", {"result": "approve", "opinion": "同意。"})
    with sqlite_bureau.store.work() as session:
        library.publish(session, paper.reporting(library_form("conclude_investigation"), HELD),
                        sqlite_bureau.actor("admin"), "试行")  # fmt: skip
        advance.start(session, lock_case(session, case_id), "paper", {}, sqlite_bureau.actor("officer1"))
    first = {"outcome": "unproven", "facts": "查无实据", "evidence": "笔录", "law": "第九十七条", "discretion": "无"}
    second = {**first, "facts": "改", "law": "改", "evidence": "补充笔录"}
    for element, answer in (("first", first), ("second", second)):
        time.set(time.now() + timedelta(minutes=1))
        task = sqlite_bureau.task(case_id, element)
        officer = sqlite_bureau.actor("officer1")
        execute(sqlite_bureau.store, commands.claim_task, officer, task.id, seen=task.version)
        execute(
            sqlite_bureau.store, commands.complete_task, officer, task.id, answer, seen=task.version + 1, key=new_id()
        )
    with sqlite_bureau.store.read() as session:
        draft = current_draft(session, session.get_one(Case, case_id))
        assert draft is not None
        assert (draft.facts, draft.law, draft.evidence, draft.version) == ("查无实据", "第九十七条", "补充笔录", 2)
        task = session.execute(select(Task).where(Task.element_id == "second")).scalar_one()
        assert set(task.answer or {}).isdisjoint(HELD)
        assert present.values(session, task, offering.task_form(session, task)) == {
            "facts": "查无实据", "outcome": "unproven",
        }  # fmt: skip


def library_form(key: str) -> list[dict[str, Any]]:
    """The components of a shipped form of the penalty process."""
    found: list[dict[str, Any]] = json.loads(library.shipped()["penalty"].files[f"forms/{key}.form"])["components"]
    return found


def test_a_required_field_that_is_only_read_is_not_asked_for(a_paper: Paper) -> None:
    with pytest.raises(Invalid):
        a_paper.done("draft", title="", replies=a_paper.reply())
    a_paper.drafted()
    a_paper.done("check", replies=a_paper.reply())


NAMES = st.sampled_from([
    "title", "secret", "amount", "grade", "goods.#", "goods.0.name", "replies.#", "replies.0.party", "replies.0.said",
    "replies.0.answer", "papers", "papers.0", "title.0", "goods", "replies.0", "id", "state", "__class__",
    "replies.x.answer", "secret.0.secret", "", ".", "goods.#.name", "grade.",
])  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(st.dictionaries(NAMES, st.lists(st.text(max_size=4), min_size=1, max_size=2), max_size=12))
def test_a_draft_keeps_what_the_step_writes_and_nothing_else(posted: dict[str, list[str]]) -> None:
    form = forms.restricted(forms.parse({"components": paper.COMPONENTS}, "paper"), paper.RIGHTS["check"])
    kept = forms.of_draft(form, {"values": posted, "files": {name: [] for name in posted}, "other": posted})
    written = {"grade", "replies.#", "replies.0.party", "replies.0.answer"}
    assert kept["values"] == {name: posted[name] for name in posted if name in written}
    assert (set(kept), set(kept["files"])) == ({"values", "files"}, set(kept["values"]))


@pytest.mark.parametrize(("name", "typed", "code"), [
    ("replies.#", "101", "too_many_rows"), ("replies.#", "9" * 40, "too_many_rows"),
    ("replies.100.answer", "答", "too_many_rows"), ("replies.0.answer", "答" * 20_001, "too_long"),
])  # fmt: skip
def test_a_draft_keeps_no_more_than_the_form_takes(name: str, typed: str, code: str) -> None:
    form = forms.restricted(forms.parse({"components": paper.COMPONENTS}, "paper"), paper.RIGHTS["check"])
    with pytest.raises(Invalid, match=code):
        forms.of_draft(form, {"values": {name: [typed]}})


def test_a_draft_as_a_whole_is_limited() -> None:
    form = forms.restricted(forms.parse({"components": paper.COMPONENTS}, "paper"), paper.RIGHTS["check"])
    rows = {f"replies.{row}.answer": ["答" * 20_000] for row in range(20)}
    with pytest.raises(Invalid, match=r"form\.draft_large"):
        forms.of_draft(form, {"values": {"replies.#": ["20"], **rows}})


def test_a_draft_of_a_step_is_kept_without_what_it_may_not_write(a_paper: Paper) -> None:
    a_paper.drafted()
    task, legal = a_paper.bureau.task(a_paper.case_id, "check"), a_paper.bureau.actor("legal1")
    posted = {"values": {"grade": ["a"], "title": ["改"], "secret": ["改"]}, "files": {"papers": [{"name": "x.pdf"}]}}
    execute(a_paper.store, commands.save_draft, legal, task.id, posted)
    with a_paper.store.read() as session:
        draft = session.get_one(TaskDraft, (task.id, legal.person_id))
        assert draft.answer == {"values": {"grade": ["a"]}, "files": {}}


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["party", "said", "answer"]), inner),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([one["key"] for one in paper.COMPONENTS]), ANYTHING))
def test_whatever_is_sent_a_step_answers_only_what_it_writes(sent: dict[str, Any]) -> None:
    def options(_name: str) -> list[tuple[str, str, str]]:
        return [("p1", "甲公司", "A")]

    form = forms.restricted(forms.parse({"components": paper.COMPONENTS}, "paper"), paper.RIGHTS["check"])
    wrong: list[Problem] = []
    clean: dict[str, Any] = {}
    try:
        clean = forms.validate(form, sent, options)
    except Invalid as refused:
        wrong = refused.problems
    assert {problem.place.split("[")[0] for problem in wrong} <= {"grade", "replies"}
    if wrong:
        return
    assert set(clean) == {"grade", "replies"}
    assert all(set(row) == {"party", "answer"} for row in clean["replies"])
    again = forms.validate(form, forms.to_json(clean), options)
    assert again == clean


def test_the_form_of_a_step_has_no_hidden_field_at_all(a_paper: Paper) -> None:
    with a_paper.store.read() as session:
        task = session.execute(select(Task).where(Task.element_id == "draft")).scalar_one()
        form = offering.task_form(session, task)
    assert [column.key for column in form.field("replies").fields] == ["party", "said"]
