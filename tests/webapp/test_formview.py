"""Forms from schemas: what was typed is drawn again as typed, rows and files included."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import current_app
from hypothesis import given
from hypothesis import strategies as st

from tests import paper
from webapp import formview, posted
from webapp.app import create_app
from webapp.posted import Posted
from webapp.settings import read
from webapp.widgets import FormView, Widget
from workflows import forms
from workflows.errors import Problem

SCHEMA: dict[str, Any] = {
    "components": [
        {"type": "group", "id": "g", "label": "基本情况", "properties": {"label_en": "Basics"}, "components": [
            {"type": "textfield", "key": "title", "label": "案由", "properties": {"label_en": "Subject"},
             "validate": {"required": True}},
            {"type": "number", "key": "fine", "label": "罚款", "appearance": {"suffixAdorner": "元"}},
        ]},
        {"type": "checkbox", "key": "complex", "label": "情节复杂", "defaultValue": True},
        {"type": "datetime", "key": "at", "dateTimeLabel": "时间", "subtype": "datetime"},
        {"type": "select", "key": "party", "label": "当事人", "valuesKey": "parties"},
        {"type": "dynamiclist", "path": "goods", "label": "物品", "validate": {"required": True}, "components": [
            {"type": "textfield", "key": "name", "label": "名称"},
            {"type": "checklist", "key": "kinds", "label": "种类", "values": [
                {"label": "易燃", "value": "fire"}, {"label": "有毒", "value": "toxic"}]},
        ]},
        {"type": "dynamiclist", "path": "votes", "label": "到会", "allowAddRemove": False,
         "properties": {"rows": "parties", "row_key": "who"}, "components": [
            {"type": "textfield", "key": "who", "label": "成员"},
            {"type": "checkbox", "key": "present", "label": "到会"}]},
        {"type": "filepicker", "key": "files", "label": "材料", "multiple": True},
    ]
}  # fmt: skip


def options(_name: str) -> Sequence[tuple[str, str, str]]:
    return [("p1", "甲公司", "Company A"), ("p2", "乙公司", "Company B")]


@pytest.fixture
def form() -> forms.Form:
    return forms.parse(SCHEMA, "trial")


@pytest.fixture(autouse=True)
def request_context(tmp_path: Any) -> Iterator[None]:
    app = create_app(read({"FASHEN_VAR": str(tmp_path)}))
    with app.test_request_context("/"):
        yield
    app.extensions["fashen"].store.close()


def named(view: FormView, name: str) -> Widget:
    rows = [cell for widget in view.widgets for row in widget.rows for cell in row.widgets]
    return next(widget for widget in [*view.widgets, *rows] if widget.name == name)


def test_a_fresh_form_has_its_defaults_and_a_first_row(form: forms.Form) -> None:
    view = formview.view(form, options)
    assert named(view, "complex").value == "1"
    assert len(named(view, "goods").rows) == 1
    assert named(view, "fine").unit == "元"
    assert named(view, "title").required


def test_a_box_that_was_unticked_stays_unticked(form: forms.Form) -> None:
    assert named(formview.view(form, options, Posted()), "complex").value == ""


def test_fixed_rows_are_drawn_for_every_option_whatever_was_sent(form: forms.Form) -> None:
    sent = Posted({
        "votes.#": ["2"], "votes.0.who": ["p2"], "votes.0.present": ["1"], "votes.1.who": ["nobody"],
    })  # fmt: skip
    rows = named(formview.view(form, options, sent), "votes").rows
    assert [row.title for row in rows] == ["甲公司", "乙公司"]
    assert [row.widgets[1].value for row in rows] == ["", "1"]
    assert [row.widgets[0].hidden for row in rows] == [True, True]


def test_problems_stand_at_their_field_and_in_the_summary(form: forms.Form) -> None:
    sent = Posted({"goods.#": ["1"], "goods.0.name": [""]})
    wrong = [
        Problem("field.required", "title", facts={"label": "案由"}),
        Problem("field.required", "goods[0].name", facts={"label": "名称"}),
        Problem("case.closed_meanwhile", "elsewhere"),
    ]
    view = formview.view(form, options, sent, wrong)
    assert named(view, "title").errors
    assert named(view, "title").described_by == "f-title-error"
    assert named(view, "goods.0.name").errors
    assert [line.target for line in view.complaints] == ["f-title", "f-goods-0-name", None]


def test_a_problem_names_its_field_in_the_language_of_the_page(form: forms.Form) -> None:
    wrong = [Problem("field.required", "title", facts={"label": "案由"})]
    with current_app.test_request_context("/", headers={"Cookie": "fashen_language=en", "Accept-Language": "en"}):
        view = formview.view(form, options, Posted(), wrong)
    assert [named(view, "title").errors, [line.text for line in view.complaints]] == [["Please fill in “Subject”."]] * 2


def test_an_answer_is_drawn_as_it_was_given(form: forms.Form) -> None:
    answer = {
        "title": "案", "complex": True, "at": "2024-03-20T10:00:00+08:00", "party": "p2",
        "goods": [{"name": "烟花", "kinds": ["fire"]}], "files": [],
    }  # fmt: skip
    view = formview.view(form, options, posted.from_answer(form, answer))
    assert named(view, "at").value == "2024-03-20T10:00"
    assert [choice.chosen for choice in named(view, "party").choices] == [False, True]
    assert [choice.chosen for choice in named(view, "goods.0.kinds").choices] == [True, False]


# Rows ----------------------------------------------------------------------------------------------------------------


def rows_of(sent: Posted, name: str = "goods") -> list[str]:
    return [sent.one(f"{name}.{number}.name") for number in range(sent.rows(name))]


@given(st.lists(st.text(alphabet="甲乙丙丁", min_size=1, max_size=3), max_size=8), st.data())
def test_removing_a_row_removes_that_row_and_no_other(names: list[str], data: st.DataObject) -> None:
    sent = Posted({"goods.#": [str(len(names))], "title": ["案"]})
    sent.values |= {f"goods.{number}.name": [name] for number, name in enumerate(names)}
    gone = data.draw(st.integers(-1, 9))
    posted.change_rows(sent, f"remove:goods.{gone}")
    left = [name for number, name in enumerate(names) if number != gone]
    assert rows_of(sent) == left
    assert sent.one("title") == "案"


def test_files_of_a_row_go_and_move_with_it() -> None:
    sent = Posted({"m.#": ["3"]}, {f"m.{n}.file": [{"name": str(n)}] for n in range(3)})
    posted.change_rows(sent, "remove:m.1")
    assert {key: value[0]["name"] for key, value in sent.files.items()} == {"m.0.file": "0", "m.1.file": "2"}


@pytest.mark.parametrize(
    "order", ["", "add:", "remove:", "remove:goods", "remove:goods.x", "remove:goods.9", "burn:goods"]
)
def test_an_order_that_makes_no_sense_changes_nothing(order: str) -> None:
    sent = Posted({"goods.#": ["1"], "goods.0.name": ["甲"]})
    assert posted.change_rows(sent, order) is None
    assert rows_of(sent) == ["甲"]


def test_rows_have_an_end() -> None:
    sent = Posted({"goods.#": [str(forms.ROW_LIMIT)]})
    assert posted.change_rows(sent, "add:goods") is None
    assert Posted({"goods.#": ["999999999"]}).rows("goods") == forms.ROW_LIMIT
    assert Posted({"goods.#": ["²"]}).rows("goods") == 0


WORDS = st.text(alphabet="甲乙ab 1，", min_size=1, max_size=6).map(str.strip).filter(bool)
YUAN = st.decimals(-(10**9), 10**9, places=3).map(str)
CELL = st.fixed_dictionaries({"name": WORDS, "count": YUAN, "sealed": st.booleans()})
MOMENT = st.integers(0, 10**8).map(lambda seconds: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))
ANSWER = st.fixed_dictionaries({
    "title": WORDS, "result": st.sampled_from(["keep", "move"]), "amount": st.none() | YUAN,
    "target": WORDS, "phone": st.sampled_from(["", "12350"]), "hour": st.none() | st.times(),
    "day": st.none() | st.dates(date(1950, 1, 1), date(2200, 1, 1)),
    "kinds": st.lists(st.sampled_from(["fire", "toxic"]), unique=True), "goods": st.lists(CELL, min_size=1, max_size=3),
    "people": st.lists(st.fixed_dictionaries({"name": WORDS, "signs": st.booleans(), "why": WORDS}), max_size=3),
    "replies": st.just([{"party": "p1", "said": "甲"}, {"party": "p2", "answer": "乙"}]),
    "at": st.none() | MOMENT,
})  # fmt: skip


@given(ANSWER)
def test_an_accepted_answer_that_is_drawn_and_sent_again_is_itself(answer: dict[str, Any]) -> None:
    moment = paper.field("datetime", "at", "时间", subtype="datetime")
    form = forms.parse({"components": [*paper.ALL, moment]}, "paper")
    clean = forms.validate(form, answer, options)
    again = posted.from_answer(form, forms.to_json(clean))
    assert forms.validate(form, forms.read(form, again.values, again.files), options) == clean
    restored = Posted.from_json(json.loads(json.dumps(again.to_json())))
    assert restored == again


def test_a_draft_is_the_same_after_the_database() -> None:
    sent = Posted({"a": ["1", "2"], "g.#": ["1"]}, {"files": [{"name": "x.pdf", "size": 3}]})
    assert Posted.from_json(sent.to_json()) == sent


def test_a_short_select_has_no_search(form: forms.Form) -> None:
    assert not named(formview.view(form, options), "party").searchable
