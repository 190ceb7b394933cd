"""Entries are taken out of a YAML file, or keys written anew, and nothing else in it changes."""

from __future__ import annotations

import json
import string
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.engine.plain_yaml import plain
from workflows.engine.yaml_edits import Path, edited
from workflows.errors import Invalid

FILE = """\
# 流程
key: review
operators:  # 可用操作
  # 初审
  first: [claim, release]  # 一
  second: [claim]

  third:
    - claim
    - ask  # 询问
# 名称
labels: {first: {zh: 初审, en: First}, second: {zh: 再审, en: "Second, again"}, third: {zh: 三, en: Third}}
gates: [{element: first, gate: G2}, {gate: G4, element: third}]
apart:
  first: [second, third]
"""


def rewritten(*gone: Path, text: str = FILE, **written: dict[Path, str]) -> str:
    return edited(text.encode(), gone, written.get("written", {})).decode()


def test_an_entry_goes_with_its_lines_and_the_comment_behind_it() -> None:
    assert rewritten(("operators", "first")) == FILE.replace("  first: [claim, release]  # 一\n", "")
    third = "  third:\n    - claim\n    - ask  # 询问\n"
    assert rewritten(("operators", "third")) == FILE.replace(third, "")


def test_an_entry_within_a_line_goes_with_its_comma() -> None:
    assert rewritten(("labels", "first")) == FILE.replace("first: {zh: 初审, en: First}, ", "")
    assert rewritten(("labels", "third")) == FILE.replace(", third: {zh: 三, en: Third}", "")
    both = rewritten(("labels", "first"), ("labels", "third"))
    assert 'labels: {second: {zh: 再审, en: "Second, again"}}\n' in both


def test_items_go_from_lists() -> None:
    assert "gates: [{gate: G4, element: third}]\n" in rewritten(("gates", 0))
    assert "gates: [{element: first, gate: G2}]\n" in rewritten(("gates", 1))
    assert "gates: []\n" in rewritten(("gates", 0), ("gates", 1))
    assert rewritten(("operators", "third", 0)) == FILE.replace("    - claim\n", "")
    assert rewritten(("operators", "third", 1)) == FILE.replace("    - ask  # 询问\n", "")


def test_a_mapping_without_entries_stays_one_and_keeps_its_comments() -> None:
    said = rewritten(("operators", "first"), ("operators", "second"), ("operators", "third"))
    assert "operators: {}  # 可用操作\n  # 初审\n\n# 名称\n" in said
    assert "apart: {}\n" in rewritten(("apart", "first"))


def test_lines_of_a_mapping_in_braces_go_whole() -> None:
    text = "labels: {\n  a: {zh: 一, en: One},  # 一\n  # 二\n  b: {zh: 二, en: Two}\n}\n"
    assert rewritten(("labels", "a"), text=text) == text.replace("  a: {zh: 一, en: One},  # 一\n", "")
    assert rewritten(("labels", "b"), text=text) == text.replace("  b: {zh: 二, en: Two}\n", "")


def test_a_key_gets_another_name_in_quotes_where_yaml_would_read_it_otherwise() -> None:
    written: dict[Path, str] = {
        ("labels", "first", "="): "one", ("apart", "first", 0): "yes", ("gates", 0, "element"): "1",
    }  # fmt: skip
    said = rewritten(written=written)
    assert "labels: {one: {zh: 初审" in said
    assert '  first: ["yes", third]' in said
    assert 'gates: [{element: "1", gate: G2}' in said


def test_bytes_that_are_not_touched_stay_as_they_are() -> None:
    data = b"\xef\xbb\xbf" + FILE.replace("\n", "\r\n").encode()
    assert edited(data, [("labels", "nobody")], {}) == data
    less = edited(data, [("operators", "second")], {})
    assert less == data.replace(b"  second: [claim]\r\n", b"")


@pytest.mark.parametrize("text", ["- - a: 1\n    b: 2\n", "list:\n  - a: 1\n    b: 2\n"])
def test_what_can_t_be_cut_is_refused(text: str) -> None:
    path = ("list", 0, "a") if text.startswith("list") else (0, 0, "a")
    with pytest.raises(Invalid) as refused:
        edited(text.encode(), [path], {})
    assert refused.value.code == "package.yaml_uncut"


WORDS = st.text(string.ascii_letters + string.digits + "_-.", max_size=5).map(lambda rest: f"k{rest}")
ONE_LINE = st.sampled_from(["初审", "First", "a, b", "yes", "# no comment", "：", "it's", 'x "', "", "{", "- x", "𠮷"])
TEXTS = st.one_of(ONE_LINE, st.just("a\nb"))
VALUES = st.one_of(
    st.lists(WORDS, max_size=3), st.fixed_dictionaries({"zh": ONE_LINE, "en": ONE_LINE}), TEXTS,
)  # fmt: skip
COMMENTS = st.sampled_from(["", "", "  # 注", "  # x: {y"])
LINES = st.sampled_from(["", "", "\n", "# 一行\n", "  # a: b\n"])


@st.composite
def files(draw: st.DrawFn) -> tuple[str, Any, list[Path]]:
    """A file as people write it, what it says, and the entries that shall go."""
    said: dict[str, Any] = {}
    text: list[str] = []
    gone: list[Path] = []
    for name in draw(st.lists(WORDS, min_size=1, max_size=3, unique=True)):
        entries = draw(st.dictionaries(WORDS, VALUES, min_size=1, max_size=5))
        said[name] = entries
        gone += [(name, key) for key in entries if draw(st.booleans())]
        way = draw(st.sampled_from(["block", "line", "lines", "dumped"]))
        if way == "dumped":
            text.append(yaml.safe_dump({name: entries}, allow_unicode=True, width=30, sort_keys=False))
            continue
        text.append(f"{draw(LINES)}{name}:{draw(COMMENTS)}\n" if way == "block" else f"{name}: {{")
        for number, (key, value) in enumerate(entries.items()):
            one = f"{key}: {flow(value)}"
            last = number == len(entries) - 1
            if way == "block":
                text.append(f"{draw(LINES)}  {one}{draw(COMMENTS)}\n")
            elif way == "lines":
                comma = "," if not last or draw(st.booleans()) else ""
                text.append(f"\n  {one}{comma}{draw(COMMENTS)}" + ("\n  " if last else ""))
            else:
                text.append(one + ("" if last else ", "))
        text.append("" if way == "block" else f"}}{draw(COMMENTS)}\n")
    return "".join(text), said, gone


def flow(value: Any) -> str:
    """A value as it is written within a line; what stands in two is written as JSON."""
    if value == "a\nb":
        return json.dumps(value)
    dumped = yaml.safe_dump([value], default_flow_style=True, allow_unicode=True, width=10_000, sort_keys=False)
    return str(dumped).strip()[1:-1]


@settings(max_examples=150, deadline=None)
@given(files())
def test_what_is_left_says_what_it_said_without_the_entries(drawn: tuple[str, Any, list[Path]]) -> None:
    text, said, gone = drawn
    assert plain(text.encode()) == said
    less = edited(text.encode(), gone, {})
    assert plain(less) == {
        name: {key: value for key, value in entries.items() if (name, key) not in gone}
        for name, entries in said.items()
    }
    assert edited(text.encode(), [], {}) == text.encode()
    before, after = text.count("# 一行"), less.decode().count("# 一行")
    assert after == before  # comments on lines of their own stay
