"""Every list holds what belongs on it, for the right people, narrowed and in order, whatever the number of rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from tests.desk.conftest import Bureau
from workflows.actors import Actor, Person, acting
from workflows.calendar import clock
from workflows.calendar.clock import SimulatedClock
from workflows.cases.file import Case, Party
from workflows.desk import commands
from workflows.desk.execute import execute
from workflows.desk.lists import columns, criteria, kinds, order, pages, saved, workload
from workflows.desk.lists.criteria import Criteria
from workflows.desk.lists.order import Key
from workflows.desk.tasks import Task, TaskCandidate
from workflows.errors import Invalid, NotFound

APPROVE = {"result": "approve", "opinion": "同意立案。"}
AMEND = {"result": "return", "opinion": "请补正线索材料。"}


def on(bureau: Bureau, login: str, which: str, sort: str = "", number: int = 1, **asked: Any) -> list[str]:
    """Titles and steps that somebody finds on a list."""
    narrowed, unread = criteria.read(asked)
    assert unread == []
    with bureau.store.read() as session:
        page = pages.page(session, bureau.actor(login), which, narrowed, order.read(sort, which), number)
        return [f"{task.case.title} {task.element_id}" for task in page.tasks]


def counted(bureau: Bureau, login: str) -> dict[str, int]:
    """The lists that hold something, with how many."""
    with bureau.store.read() as session:
        return {name: count.number for name, count in pages.counts(session, bureau.actor(login)).items() if count}


def change(bureau: Bureau, case_id: str, **values: Any) -> None:
    """Give the live task of a case other values."""
    with bureau.store.work() as session:
        task = session.execute(select(Task).where(Task.case_id == case_id, Task.ended_at.is_(None))).scalar_one()
        for name, value in values.items():
            setattr(task, name, value)


def test_days_that_no_list_can_hold_are_not_read() -> None:
    """Beyond them a day more, or the same moment in UTC, is no date at all."""
    for name in ("due_from", "due_to", "opened_from", "opened_to"):
        assert criteria.read({name: "1949-10-01"})[1] == criteria.read({name: "2199-12-31"})[1] == []
        for day in ("0001-01-01", "1949-09-30", "2200-01-01", "9999-12-31"):
            assert criteria.read({name: day}) == (Criteria(), [name])


def test_a_task_moves_from_list_to_list_as_it_is_done(bureau: Bureau) -> None:
    case_id = bureau.open()
    assert {"todo", "unit"} <= set(counted(bureau, "deputy"))
    assert counted(bureau, "officer1")["started"] == 1
    bureau.complete("deputy", case_id, "approve_filing", APPROVE)
    assert on(bureau, "deputy", "done") == ["安排无证人员上岗作业 approve_filing"]
    assert on(bureau, "officer2", "claimable") == ["安排无证人员上岗作业 investigate"]
    task = bureau.task(case_id, "investigate")
    execute(bureau.store, commands.claim_task, bureau.actor("officer1"), task.id, seen=task.version)
    assert on(bureau, "officer1", "todo") == ["安排无证人员上岗作业 investigate"]
    assert on(bureau, "officer2", "claimable") == []
    task = bureau.task(case_id, "investigate")
    execute(bureau.store, commands.release_task, bureau.actor("officer1"), task.id, seen=task.version)
    assert on(bureau, "officer1", "todo") == []
    assert on(bureau, "officer2", "claimable") == ["安排无证人员上岗作业 investigate"]


def test_what_somebody_returned_is_on_its_list_and_an_ordinary_second_round_is_not(bureau: Bureau) -> None:
    case_id = bureau.open()
    assert "returned" not in counted(bureau, "deputy")
    bureau.complete("deputy", case_id, "approve_filing", AMEND)
    assert "returned" not in counted(bureau, "officer1")
    bureau.complete("officer1", case_id, "amend_lead", {"note": "已补正。"})
    assert "returned" not in counted(bureau, "deputy")
    change(bureau, case_id, returned=True)
    assert on(bureau, "deputy", "returned") == ["安排无证人员上岗作业 approve_filing"]
    bureau.complete("deputy", case_id, "approve_filing", APPROVE)
    change(bureau, case_id, returned=True)
    assert on(bureau, "officer2", "returned") == ["安排无证人员上岗作业 investigate"]


def test_due_soon_and_overdue_follow_working_days(bureau: Bureau, time: SimulatedClock) -> None:
    """Tuesday 27 February 2024: three working days on is Friday; the weekend is worked on nobody's account."""
    ends = {"soon": (2024, 3, 1), "later": (2024, 3, 4)}
    for name, (year, month, day) in ends.items():
        last = clock.now().astimezone(clock.SHANGHAI).replace(year=year, month=month, day=day, hour=0, minute=0)
        change(bureau, bureau.open(title=name), due_at=last + timedelta(days=1))
    change(bureau, bureau.open(title="over"), due_at=clock.now() - timedelta(minutes=1))
    change(bureau, bureau.open(title="none"), due_at=None)
    assert on(bureau, "deputy", "soon") == ["soon approve_filing"]
    assert on(bureau, "deputy", "overdue") == ["over approve_filing"]
    assert on(bureau, "deputy", "todo") == [f"{name} approve_filing" for name in ("over", "soon", "later", "none")]


def test_tasks_that_are_offered_are_due_too(bureau: Bureau) -> None:
    case_id = bureau.open()
    bureau.complete("deputy", case_id, "approve_filing", APPROVE)
    change(bureau, case_id, due_at=clock.now() - timedelta(hours=1))
    assert counted(bureau, "officer2")["overdue"] == 1
    with bureau.store.read() as session:
        kept = select(TaskCandidate.due_at).join(Task).where(Task.element_id == "investigate")
        assert set(session.execute(kept).scalars()) == {clock.now() - timedelta(hours=1)}


def test_heads_see_who_holds_what_and_others_do_not(bureau: Bureau) -> None:
    case_id = bureau.open()
    bureau.open(title="另一件")
    bureau.complete("deputy", case_id, "approve_filing", APPROVE)
    change(bureau, case_id, due_at=clock.now() - timedelta(hours=1))
    for login in ("head", "deputy", "unithead"):
        assert len(on(bureau, login, "unit")) == 2
        with bureau.store.read() as session:
            loads = workload.workload(session, bureau.actor(login))
        assert [(load.name, load.holds, load.overdue) for load in loads] == [("", 1, 1), ("王建军", 1, 0)]
    assert on(bureau, "kchead", "unit") == []
    with bureau.store.read() as session:
        assert "unit" not in kinds.offered(bureau.actor("officer1"))
        with pytest.raises(NotFound) as refused:
            pages.page(session, bureau.actor("officer1"), "unit")
        assert refused.value.code == "desk.list_unknown"


def test_nobody_finds_tasks_of_others_by_filters(bureau: Bureau) -> None:
    bureau.open()
    assert on(bureau, "officer3", "todo", words="安排") == []
    assert on(bureau, "kchead", "unit", holder=bureau.actor("deputy").person_id) == []


@pytest.mark.parametrize(
    ("asked", "titles"),
    [
        ({"words": "焊工"}, ["甲 焊工"]),
        ({"words": "兴旺"}, ["乙 商店"]),
        ({"words": "%"}, []),
        ({"words": "_"}, []),
        ({"party": "兴旺"}, ["乙 商店"]),
        ({"matter": "商店"}, ["乙 商店"]),
        ({"matter": "CF-AQF-097-1-07"}, ["甲 焊工", "乙 商店"]),
        ({"source": "report"}, ["乙 商店"]),
        ({"kind": "admin_penalty"}, ["甲 焊工", "乙 商店"]),
        ({"kind": "other"}, []),
        ({"state": "lead"}, ["甲 焊工", "乙 商店"]),
        ({"step": "penalty:approve_filing"}, ["甲 焊工", "乙 商店"]),
        ({"step": "penalty:serve"}, []),
        ({"opened_from": "2024-02-28"}, []),
        ({"opened_from": "2024-02-27", "opened_to": "2024-02-27"}, ["甲 焊工", "乙 商店"]),
        ({"due_to": "2024-03-04"}, ["乙 商店"]),
        ({"due_from": "2024-03-05"}, ["甲 焊工"]),
        ({"due_from": "2024-03-04", "due_to": "2024-03-04"}, ["乙 商店"]),
        ({"amount_from": "1"}, []),
    ],
)
def test_lists_are_narrowed(sqlite_bureau: Bureau, asked: dict[str, str], titles: list[str]) -> None:
    bureau = sqlite_bureau
    midnight = clock.local(clock.now()).replace(hour=0, minute=0)
    change(bureau, bureau.open(title="甲 焊工"), due_at=midnight + timedelta(days=8))
    party = {"kind": "entity", "name": "兴旺商行", "id_number": "", "address": "柯城区", "representative": "李某"}
    change(bureau, bureau.open(title="乙 商店", source="report", parties=[party]), due_at=midnight + timedelta(days=7))
    found = on(bureau, "deputy", "todo", "opened,number", **asked)
    assert sorted(found, reverse=True) == sorted((f"{title} approve_filing" for title in titles), reverse=True)


def test_filters_hold_on_postgresql_too(bureau: Bureau) -> None:
    bureau.open()
    every = {"words": "无证", "kind": "admin_penalty", "matter": "CF-AQF-097-1-07", "party": "附件",
             "unit": bureau.actor("officer1").unit_id, "step": "penalty:approve_filing", "source": "inspection",
             "state": "lead", "opened_from": "2024-02-27", "opened_to": "2024-02-27"}  # fmt: skip
    assert len(on(bureau, "deputy", "todo", "party,-unit,due", **every)) == 1
    assert len(on(bureau, "head", "unit", holder="建军", **every)) == 1
    assert on(bureau, "head", "unit", holder="none") == []
    assert on(bureau, "head", "unit", amount_from="1", amount_to="2") == []
    for sort in order.keys("todo"):
        assert len(on(bureau, "deputy", "todo", f"-{sort}")) == 1
    with bureau.store.read() as session:
        for sort in order.keys("copied"):
            assert pages.page(session, bureau.actor("deputy"), "copied", order=(Key(sort),)).total.number == 0


def test_what_can_not_be_read_is_named_and_narrows_nothing() -> None:
    narrowed, unread = criteria.read({"due_from": "tomorrow", "amount_to": "-3", "party": "x" * 200, "other": "1"})
    assert (narrowed, unread) == (Criteria(party="x" * criteria.LONGEST), ["due_from", "amount_to"])
    assert criteria.read(Criteria(words="甲", amount_from=3).given()) == (Criteria(words="甲", amount_from=3), [])


def test_a_press_on_a_head_sorts_and_a_second_turns_it_round() -> None:
    usual = order.usual("todo")
    assert usual == (Key("due"), Key("priority", down=True))
    first = order.pressed(usual, "title")
    assert order.write(first) == "title,due,-priority"
    assert order.write(order.pressed(first, "title")) == "-title,due,-priority"
    assert order.write(order.pressed(first, "number")) == "number,title,due"
    assert order.read("nonsense,-due,due,title,number,unit", "todo") == (Key("due", True), Key("title"), Key("number"))
    assert order.read("ended;drop", "todo") == usual


def test_several_sort_keys_decide_one_after_the_other(bureau: Bureau) -> None:
    for title, days in (("b", 2), ("a", 2), ("c", 1), ("d", None)):
        due = clock.now() + timedelta(days=days) if days else None
        change(bureau, bureau.open(title=title), due_at=due)
    letters = lambda sort: [found[0] for found in on(bureau, "deputy", "todo", sort)]  # noqa: E731
    assert letters("due,title") == ["c", "a", "b", "d"]
    assert letters("-due,-title") == ["d", "b", "a", "c"]
    assert letters("-title") == ["d", "c", "b", "a"]


@contextmanager
def statements(session: Session) -> Iterator[list[str]]:
    """The statements that a session sends."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_fifty_rows_ask_no_more_than_two(sqlite_bureau: Bureau) -> None:
    bureau = sqlite_bureau
    asked = []
    for many in (2, 12):
        while counted(bureau, "deputy").get("todo", 0) < many:
            bureau.open(title=f"第{many}批")
        with bureau.store.read() as session:
            actor = bureau.actor("deputy")
            with statements(session) as sent:
                page = pages.page(session, actor, "todo")
                told = [(t.case.unit.name, [p.name for p in t.case.parties], [c.person.name for c in t.candidates])
                        for t in page.tasks]  # fmt: skip
                for task in page.tasks:
                    session.get(pages.clocks.Clock, task.clock_id or "")
            assert len(told) == many
            asked.append(len([one for one in sent if one.startswith("SELECT")]))
    assert asked[0] == asked[1] <= 8


def test_pages_end_where_counting_ends(sqlite_bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    bureau = sqlite_bureau
    for number in range(5):
        bureau.open(title=f"案{number}")
    monkeypatch.setattr(pages, "MOST", 4)
    monkeypatch.setattr(pages, "COUNTED", 4)
    with bureau.store.read() as session:
        actor = bureau.actor("deputy")
        first = pages.page(session, actor, "todo", size=3)
        last = pages.page(session, actor, "todo", number=99, size=3)
        assert (str(first.total), first.pages, len(first.tasks)) == ("4+", 2, 3)
        assert (last.page, len(last.tasks)) == (2, 1)
        assert str(pages.counts(session, actor)["todo"]) == "4+"


def test_counting_goes_on_as_pages_are_turned(sqlite_bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    bureau = sqlite_bureau
    for number in range(9):
        bureau.open(title=f"案{number}")
    monkeypatch.setattr(pages, "COUNTED", 2)
    monkeypatch.setattr(pages, "AHEAD", 1)
    with bureau.store.read() as session:
        actor = bureau.actor("deputy")
        shown = [pages.page(session, actor, "todo", number=number, size=2) for number in (1, 2, 3, 4, 5)]
    assert [str(page.total) for page in shown] == ["4+", "6+", "8+", "9", "9"]
    assert [(page.page, len(page.tasks)) for page in shown] == [(1, 2), (2, 2), (3, 2), (4, 2), (5, 1)]
    assert len({task.id for page in shown for task in page.tasks}) == 9


def test_own_columns_are_kept_and_the_links_stay(bureau: Bureau) -> None:
    actor = bureau.actor("deputy")
    with bureau.store.work() as session:
        assert columns.shown(session, actor, "todo") == columns.usual("todo")
        kept = columns.choose_columns(session, actor, "todo", ["due", "step", "nonsense", "due", "party"])
        assert kept == ("due", "step", "party", "title")
        with pytest.raises(NotFound):
            columns.choose_columns(session, actor, "nowhere", [])
    with bureau.store.work() as session:
        assert columns.shown(session, actor, "todo") == ("due", "step", "party", "title")
        assert columns.shown(session, actor, "claimable") == columns.usual("claimable")
        assert columns.choose_columns(session, actor, "todo", []) == columns.usual("todo")


def save(session: Session, actor: Actor, name: str = "三天内", **more: Any) -> saved.SavedFilter:
    return saved.save_filter(session, actor, which="todo", name=name, criteria=Criteria(party="厂"),
                             order=order.usual("todo"), **more)  # fmt: skip


def test_a_filter_is_kept_replaced_and_counted(bureau: Bureau) -> None:
    bureau.open()
    actor = bureau.actor("deputy")
    with bureau.store.work() as session:
        save(session, actor)
        save(session, actor, " 三天内 ")
        found = saved.usable(session, actor, "todo")
        assert [(one.name, one.asks) for one in found] == [("三天内", Criteria(party="厂"))]
        asked = [("todo", found[0].asks), ("todo", Criteria(party="店")), ("unit", Criteria())]
        assert [count.number for count in pages.counts_of(session, actor, asked)] == [1, 0, 1]
        for wrong in ("", "x" * 41):
            with pytest.raises(Invalid):
                save(session, actor, wrong)
        with pytest.raises(Invalid) as refused:
            saved.save_filter(session, actor, which="todo", name="空", criteria=Criteria(), order=order.usual("todo"))
        assert refused.value.code == "filter.empty"


def test_a_shared_filter_reaches_those_it_is_shared_with(bureau: Bureau) -> None:
    legal1 = bureau.actor("legal1")
    with bureau.store.work() as session:
        kept = save(session, legal1, sharing=saved.Sharing(unit=True, roles=("bureau_head",)))

    def reaches(login: str) -> bool:
        with bureau.store.read() as session:
            return bool(saved.usable(session, bureau.actor(login), "todo"))

    assert [login for login in ("legal1", "legal2", "head", "deputy", "officer1", "kchead") if reaches(login)] == [
        "legal1", "legal2", "head",
    ]  # fmt: skip
    with bureau.store.work() as session, pytest.raises(NotFound):
        saved.delete_filter(session, bureau.actor("legal2"), kept.id)
    with bureau.store.work() as session:
        saved.share_filter(session, legal1, kept.id, saved.Sharing())
    assert not reaches("head")


def test_a_shared_filter_stays_shared_when_it_is_saved_anew(bureau: Bureau) -> None:
    legal1, legal2, head = (bureau.actor(login) for login in ("legal1", "legal2", "head"))
    with bureau.store.work() as session:
        save(session, legal1, sharing=saved.Sharing(unit=True))
    narrower = Criteria(party="附件厂")
    for sharing in (None, saved.Sharing(), saved.Sharing(roles=("bureau_head",))):
        with bureau.store.work() as session:
            saved.save_filter(session, legal1, which="todo", name="三天内", criteria=narrower,
                              order=order.usual("todo"), sharing=sharing)  # fmt: skip
        with bureau.store.read() as session:
            assert [one.asks for one in saved.usable(session, legal2, "todo")] == [narrower], sharing
            assert bool(saved.usable(session, head, "todo")) == bool(sharing and sharing.roles)


def test_a_list_opens_with_a_filter_until_it_is_gone(bureau: Bureau) -> None:
    legal1, legal2 = bureau.actor("legal1"), bureau.actor("legal2")
    with bureau.store.work() as session:
        kept = save(session, legal1, sharing=saved.Sharing(unit=True))
        saved.open_with(session, legal2, "todo", kept.id)
        with pytest.raises(NotFound):
            saved.open_with(session, legal2, "done", kept.id)
        with pytest.raises(NotFound):
            saved.open_with(session, bureau.actor("officer1"), "todo", kept.id)
    with bureau.store.work() as session:
        opening = saved.opens_with(session, legal2, "todo")
        assert opening is not None and opening.id == kept.id
        assert saved.delete_filter(session, legal1, kept.id) == "三天内"
    with bureau.store.read() as session:
        assert saved.opens_with(session, legal2, "todo") is None


def test_a_candidate_who_joins_later_stands_as_the_task_does(bureau: Bureau) -> None:
    case_id = bureau.open()
    bureau.complete("deputy", case_id, "approve_filing", APPROVE)
    task = bureau.task(case_id, "investigate")
    with bureau.store.work() as session:
        late = session.execute(select(Person.id).where(Person.login == "officer3")).scalar_one()
        session.add(TaskCandidate(task_id=task.id, person_id=late))
    assert len(on(bureau, "officer3", "claimable")) == 1


def test_every_task_knows_its_case(bureau: Bureau) -> None:
    case_id = bureau.open()
    with bureau.store.read() as session:
        case, task = session.get_one(Case, case_id), session.execute(select(Task)).scalar_one()
        assert (task.bureau_id, task.case_unit_id, task.opener_id) == (case.bureau_id, case.unit_id, case.opened_by_id)
        assert session.execute(select(Party.name).where(Party.case_id == case_id)).scalar_one() == "某车辆附件厂"
        assert acting(session, task.opener_id).name == "陈立"
