"""What can't be read is told where and why, in words of ours and never in a parser's."""

from __future__ import annotations

import re

import pytest

from webapp.sentences import codes, tell
from workflows.diagrams.legible import unreadable
from workflows.engine import unreadable as reasons

XML = {
    "mismatched tag": (b"<a>\n<b></c></a>", "mismatch", (2, 8), ("“b”", "“c”")),
    "unexpected end": (b"\n\n<a>\n<b>", "unclosed", (4, 4), ("“b”", "第 4 行")),
    "unfinished tag": (b"<a ", "tag_open", (1, 4), ()),
    "attribute twice": (b"<a x='1' x='2'/>", "attribute_twice", (1, 15), ("“x”",)),
    "undefined prefix": (b"<bpmn:a/>", "prefix", (1, 8), ("“bpmn”", 'xmlns:bpmn="…"')),
    "unknown entity": (b"<a>&nbsp;</a>", "entity", (1, 10), ("“&nbsp;”",)),
    "ampersand": (b"<a b='x&y'/>", "ampersand", (1, 10), ()),
    "less than": (b"<a> < b</a>", "sign", (1, 6), ()),
    "control character": (b"<a>\x07</a>", "character", (1, 4), ()),
    "two roots": (b"<a/><b/>", "behind", (1, 5), ()),
    "no quotes": (b"<a x=1/>", "quotes", (1, 6), ()),
    "open comment": (b"<a><!-- x</a>", "comment_open", (1, 14), ()),
    "text": ("你好".encode(), "no_element", (1, 1), ()),
    "anything else": (b"<?xml version='9'?><a/>", "xml", (1, 18), ()),
}
YAML = {
    "tab": (b"a:\n\tb: 1", "yaml_tab", (2, 1)),
    "bad indentation": (b"a:\n  b: 1\n c: 2", "yaml_indent", (3, 2)),
    "colon": (b"a: b: c", "yaml_colon", (1, 5)),
    "no colon": (b"a: 1\nb\nc: 2", "yaml_no_colon", (3, 1)),
    "unclosed list": (b"a: [1", "yaml_bracket", (2, 1)),
    "unclosed quotes": (b'a: "x', "yaml_quotes_open", (1, 6)),
    "at sign": (b"a: @x", "yaml_start", (1, 4)),
    "two documents": (b"a: 1\n---\nb: 2", "yaml_two", (2, 1)),
    "alias": (b"a: *x", "yaml_anchor", (1, 4)),
    "control character": (b"a: 1\nb: \x07", "character", (2, 4)),
    "anything else": (b"%YAML 3.0\n---\na: 1", "yaml", (1, 1)),
    "long number": (b"a: " + b"9" * 5_000, "yaml_number", None),
}
JSON = {
    "trailing comma": (b'{"a": 1,}', ("json_name", "json_value"), 1),
    "unexpected end": (b'{\n"a": [1', ("json_no_comma",), 2),
    "open quotes": (b'{"a": "x', ("json_quotes_open",), 1),
    "single quotes": (b"{'a': 1}", ("json_name",), 1),
    "more behind": (b"{}\nx", ("json_behind",), 2),
    "too deep": (b"[" * 100_000, ("too_deep",), None),
}
PARSERS = re.compile(
    r"mismatch|expect|premature|redefined|token|mapping|scalar|stream|delimiter|decode|xmlParse|Entity|not defined"
    r"|Errno|ascii|codec|recursion|line \d",
    re.IGNORECASE,
)


def told(name: str, data: bytes) -> tuple[str, dict[str, object]]:
    """The sentence in Chinese, and the facts."""
    problem = unreadable(name, data)
    assert problem is not None
    said = tell(problem, "zh")
    assert not PARSERS.search(said)
    assert re.search("[\u4e00-\u9fff]", said)
    assert not re.search("[\u4e00-\u9fff]", tell(problem, "en"))
    return said, {"line": problem.line, **problem.facts}


@pytest.mark.parametrize("name", XML)
def test_broken_xml_is_told_by_its_place_and_in_our_words(name: str) -> None:
    data, kind, (line, column), named = XML[name]
    said, facts = told("x.bpmn", data)
    assert facts["reason"] == f"unreadable.{kind}"
    assert said.startswith(f"x.bpmn：第 {line} 行第 {column} 列：")
    assert all(one in said for one in named)


@pytest.mark.parametrize("name", YAML)
def test_broken_yaml_is_told_by_its_place_and_in_our_words(name: str) -> None:
    data, kind, place = YAML[name]
    said, facts = told("process.yaml", data)
    assert facts["reason"] == f"unreadable.{kind}"
    assert said.startswith("process.yaml：" + (f"第 {place[0]} 行第 {place[1]} 列：" if place else ""))


@pytest.mark.parametrize("name", JSON)
def test_broken_json_is_told_by_its_place_and_in_our_words(name: str) -> None:
    data, kinds, line = JSON[name]
    said, facts = told("forms/x.form", data)
    assert facts["reason"] in [f"unreadable.{kind}" for kind in kinds]
    assert facts.get("line") == line
    assert said.startswith("forms/x.form：")


def test_every_kind_has_its_sentence() -> None:
    ends = {*reasons._XML.values(), *(f"yaml_{kind}" for _, kind in reasons._YAML),
            *(f"json_{kind}" for _, kind in reasons._JSON), "yaml_tab", "yaml", "json", "xml", "yaml_number",
            "yaml_nowhere", "json_number", "yaml_large", "yaml_anchor", "yaml_tag", "yaml_deep", "encoding",
            "no_form"}  # fmt: skip
    assert {f"unreadable.{end}" for end in ends} <= codes()


@pytest.mark.parametrize(("data", "said"), [
    (b"", "是空文件"), (b"\xef\xbb\xbf \n", "是空文件"),
    (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "PNG 图片"), (b"%PDF-1.7\n1 0 obj", "PDF 文件"), (b"PK\x03\x04\x14\0", "压缩包"),
    (bytes(range(256)), "不是文本文件。"), ("<a/>".encode("utf-16"), "UTF-16"), ("<a>文字</a>".encode("gbk"), "GBK"),
])  # fmt: skip
@pytest.mark.parametrize("name", ["x.bpmn", "x.dmn", "forms/x.form", "process.yaml"])
def test_what_is_no_text_is_told_for_what_it_is(name: str, data: bytes, said: str) -> None:
    assert said in told(name, data)[0]


@pytest.mark.parametrize(("name", "data"), [
    ("x.bpmn", b"<definitions xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL'><a/></definitions>"),
    ("x.dmn", b"\xef\xbb\xbf<?xml version='1.0'?><definitions xmlns='https://www.omg.org/spec/DMN/20191111/MODEL/'/>"),
    ("forms/x.form", b"{}"),
    ("process.yaml", b"a: 1\na: 2"), ("tests/x.yaml", b"just text"),
])  # fmt: skip
def test_a_file_with_other_flaws_can_be_read(name: str, data: bytes) -> None:
    assert unreadable(name, data) is None
