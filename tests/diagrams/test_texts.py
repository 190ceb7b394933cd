"""What a package says can be shown and stored, is said once, and is carried out: anything else is not published."""

from __future__ import annotations

import json
from typing import Any

import pytest

from workflows.diagrams import library, texts
from workflows.engine.package import Package
from workflows.errors import DiagramRefused, Problem

KEY, FORM = "collective_decision", "forms/vote.form"
SHIPPED = library.shipped()


def with_file(name: str, data: bytes) -> Package:
    return Package(KEY, {**SHIPPED[KEY].files, name: data})


def with_component(**settings: Any) -> Package:
    """The collective decision with one more component in the form of the vote."""
    schema = json.loads(SHIPPED[KEY].files[FORM])
    schema["components"].append({"type": "textfield", "id": "f", "key": "more", "label": "其他", **settings})
    return with_file(FORM, json.dumps(schema).encode())


def refused(package: Package) -> list[Problem]:
    with pytest.raises(DiagramRefused) as caught:
        library.check(package, SHIPPED)
    return caught.value.problems


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_what_is_shipped_has_nothing_of_the_kind(name: str) -> None:
    assert list(texts.unfit(SHIPPED[name])) == []
    assert library.check(SHIPPED[name], SHIPPED).key == name


@pytest.mark.parametrize(
    ("settings", "character"),
    [
        ({"label": "a\ud800"}, "U+D800"), ({"label": "a\udfff"}, "U+DFFF"), ({"label": "\0"}, "U+0000"),
        ({"description": "a\x1b[1m"}, "U+001B"), ({"properties": {"label_en": "\ufffe"}}, "U+FFFE"),
        ({"type": "select", "values": [{"value": "a", "label": "\udc00"}]}, "U+DC00"), ({"\ud800": ""}, "U+D800"),
    ],
)  # fmt: skip
def test_a_form_with_a_text_that_no_page_can_show_is_refused(settings: dict[str, Any], character: str) -> None:
    (problem,) = refused(with_component(**settings))
    assert (problem.code, problem.place) == ("package.text_bad", f"{FORM}#more")
    assert problem.facts["character"] == character


def test_a_half_character_in_the_bytes_of_a_form_is_refused() -> None:
    schema = json.loads(SHIPPED[KEY].files[FORM])
    schema["components"][0]["label"] = "a\ud800"
    written = json.dumps(schema, ensure_ascii=False).encode("utf-8", "surrogatepass")
    assert {problem.code for problem in refused(with_file(FORM, written))} == {"package.text_bad"}


@pytest.mark.parametrize(("escape", "code"), [(b"\\x07", "package.text_bad"), (b"\\uD800", "package.yaml")])
def test_a_description_with_such_a_text_is_refused_with_its_line(escape: bytes, code: str) -> None:
    written = SHIPPED[KEY].files["process.yaml"] + b'\nopener:\n  vote: "a' + escape + b'"\n'
    found = [problem for problem in refused(with_file("process.yaml", written)) if problem.code == code]
    assert [(problem.place, problem.line) for problem in found] == [("process.yaml", written.count(b"\n"))]


@pytest.mark.parametrize("suffix", [".bpmn", ".dmn"])
@pytest.mark.parametrize("text", ["&#xD800;", "&#0;", "\x1b", "&#xFFFE;"])
def test_diagrams_and_tables_with_such_a_text_are_refused(suffix: str, text: str) -> None:
    sample = SHIPPED["penalty"]
    name = sample.named(suffix)[0]
    written = sample.files[name].decode().replace(' name="', f' name="{text}', 1).encode()
    found = refused(Package(sample.key, {**sample.files, name: written}))
    assert "xml.malformed" in {problem.code for problem in found}


@pytest.mark.parametrize(
    ("lines", "key"),
    [
        ("title: {zh: 二, en: Two}", "title"), ("opener: {vote: keep, vote: exclude}", "vote"),
        ("opener:\n  vote: keep\n  'vote': exclude", "vote"), ("nobody: {vote: {a: 1, a: 2}}", "a"),
    ],
)  # fmt: skip
def test_a_key_that_the_description_says_twice_is_refused_with_its_line(lines: str, key: str) -> None:
    written = SHIPPED[KEY].files["process.yaml"].decode().rstrip() + f"\n{lines}\n"
    found = [each for each in refused(with_file("process.yaml", written.encode())) if each.code == "process.key_twice"]
    assert [(each.place, each.line, each.facts["key"]) for each in found] == [
        ("process.yaml", written.count("\n"), key)
    ]


def test_a_member_that_a_form_says_twice_is_refused() -> None:
    written = SHIPPED[KEY].files[FORM].replace(b'"type"', b'"type": "html", "type"', 1)
    assert [(each.code, each.facts["key"]) for each in refused(with_file(FORM, written))] == [
        ("form.member_twice", "type")
    ]


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"conditional": {"show": "=a > 1"}}, "conditional.show"), ({"readonly": "=a"}, "readonly"),
        ({"disabled": "=a"}, "disabled"), ({"validate": {"validationType": "iban"}}, "validate.validationType"),
        ({"appearance": {"prefixAdorner": "=a"}}, "appearance.prefixAdorner"), ({"label": "=a + b"}, "label"),
        ({"description": "{{a}}"}, "description"), ({"defaultValue": "=today()"}, "defaultValue"),
        ({"type": "select", "valuesKey": "parties", "valuesExpression": "=list"}, "valuesExpression"),
        ({"path": "a.b"}, "path"),
        ({"type": "group", "path": "inner", "components": []}, "path"), ({"type": "number", "serializeToString": True},
        "serializeToString"), ({"type": "number", "decimalDigits": 9}, "decimalDigits"),
        ({"type": "datetime", "disallowPassedDates": "=a"}, "disallowPassedDates"),
        ({"type": "button", "action": "reset"}, "action"), ({"type": "filepicker", "source": "x"}, "source"),
    ],
)  # fmt: skip
def test_a_setting_that_the_server_does_not_carry_out_is_refused(settings: dict[str, Any], named: str) -> None:
    (problem,) = refused(with_component(**settings))
    assert (problem.code, problem.place) == ("form.not_honoured", f"{FORM}#more")
    assert problem.facts["setting"] == named


@pytest.mark.parametrize("kind", ["html", "image", "iframe", "expression", "table", "documentPreview", "columns"])
def test_a_component_that_the_page_would_not_show_is_refused(kind: str) -> None:
    assert ("form.component_unknown", f"{FORM}#more") in [
        (problem.code, problem.place) for problem in refused(with_component(type=kind, content="<b>x</b>"))
    ]


@pytest.mark.parametrize(
    "settings",
    [
        {"conditional": None, "readonly": False, "disabled": False}, {"layout": {"row": "r", "columns": 8}},
        {"type": "button", "action": "submit"}, {"type": "text", "text": "说明"}, {"type": "separator"},
        {"type": "number", "decimalDigits": 2, "increment": "1", "appearance": {"suffixAdorner": "元"}},
    ],
)  # fmt: skip
def test_what_the_server_carries_out_or_changes_nothing_is_published(settings: dict[str, Any]) -> None:
    assert library.check(with_component(**settings), SHIPPED).key == KEY


def test_a_setting_deep_in_a_list_is_found() -> None:
    inner = {"type": "textfield", "key": "inner", "label": "x", "readonly": "=a"}
    (problem,) = refused(with_component(type="dynamiclist", path="more", components=[inner]))
    assert problem.place == f"{FORM}#inner"


@pytest.mark.parametrize("character", ["\u202e", "\u2066", "\u200b", "\ufeff", "\u00ad"])
@pytest.mark.parametrize("reference", [False, True])
def test_a_name_with_a_character_that_nobody_sees_is_refused_at_its_step(character: str, reference: bool) -> None:
    diagram = SHIPPED[KEY].files[f"{KEY}.bpmn"].decode()
    written = f"&#x{ord(character):x};" if reference else character
    assert 'name="列入会议议程"' in diagram
    spoiled = diagram.replace('name="列入会议议程"', f'name="列入{written}会议议程"').encode()
    problems = refused(with_file(f"{KEY}.bpmn", spoiled))
    (problem,) = [one for one in problems if one.code == "package.text_bad"]
    assert problem.place.startswith(f"{KEY}.bpmn#") and problem.line is not None
    assert problem.facts["character"] == f"U+{ord(character):04X}"
