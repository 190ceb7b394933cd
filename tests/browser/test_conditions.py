"""The page's script hides what the server does not ask for: both are asked the same questions of the same answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from workflows import forms
from workflows.forms import conditions

pytestmark = pytest.mark.browser

FORM = forms.parse({"components": [
    {"type": "radio", "key": "r", "values": [{"value": "a"}, {"value": "b"}]}, {"type": "textfield", "key": "t"},
    {"type": "number", "key": "n"}, {"type": "checkbox", "key": "c"},
    {"type": "checklist", "key": "l", "values": [{"value": "a"}, {"value": "b"}]},
]}, "asked")  # fmt: skip
PAGE = """<form class="answer">
  <fieldset class="field-choices">
    <input type="radio" name="r" value="a"><input type="radio" name="r" value="b"></fieldset>
  <input type="text" name="t"><input type="text" name="n" inputmode="decimal">
  <div><input type="checkbox" name="c" value="1"></div>
  <fieldset class="field-choices"><input type="checkbox" name="l" value="a"><input type="checkbox" name="l" value="b">
  </fieldset></form>"""
FILL = """([posted, asked]) => {
  const form = document.querySelector('form');
  for (const field of form.elements) {
    const values = posted[field.name] ?? [];
    if (field.type === 'text') field.value = values[0] ?? '';
    else if (field.name) field.checked = values.includes(field.value);
  }
  return asked.map((condition) => window.conditions.holds(form, condition));
}"""

NUMBER = st.sampled_from(["", "0", "3", "3.0", "-1", "1,000", "1e2", " 3 ", "三", "0x10", "--1"])
ANSWERS = st.fixed_dictionaries({
    "r": st.sampled_from([[], ["a"], ["b"]]),
    "t": st.sampled_from(["", "a", " a ", "true", "3", "null"]).map(lambda text: [text]),
    "n": NUMBER.map(lambda text: [text]), "c": st.sampled_from([[], ["1"]]),
    "l": st.sampled_from([[], ["a"], ["b", "a"]]),
})  # fmt: skip
TEXT = st.sampled_from(["a", "b", "", "true", "3"])
ONE = (
    st.tuples(st.sampled_from(["=", "!="]), st.sampled_from(["r", "t"]), TEXT | st.none())
    | st.tuples(st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), st.just("n"), st.sampled_from([0, 3, 2.5, 1000]))
    | st.tuples(st.sampled_from(["=", "!="]), st.just("c"), st.booleans()) | st.just(("is", "c"))
    | st.tuples(st.just("has"), st.just("l"), TEXT) | st.tuples(st.sampled_from(["=", "!="]), st.just("n"), st.none())
)  # fmt: skip
CONDITIONS = st.recursive(
    ONE.map(list),
    lambda inner: (
        st.tuples(st.sampled_from(["and", "or"]), inner, inner) | st.tuples(st.just("not"), inner)
    ).map(list),
    max_leaves=4,
)  # fmt: skip


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    made = chromium.new_page()
    made.set_content(PAGE)
    made.add_script_tag(path=Path(__file__).parent / "dist" / "conditions.js")
    yield made
    made.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(ANSWERS, st.lists(CONDITIONS, min_size=1, max_size=8))
def test_server_and_page_mean_the_same(page: Page, posted: dict[str, list[str]], asked: list[list[Any]]) -> None:
    held = forms.typed(FORM, forms.read(FORM, posted, {}), lambda _name: [])
    assert page.evaluate(FILL, [posted, asked]) == [conditions.holds(condition, held) for condition in asked]
