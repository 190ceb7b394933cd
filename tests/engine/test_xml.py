"""XML from strangers is read without entities, networks or surprises, or refused with its line."""

from __future__ import annotations

import gzip
import http.server
import threading

import pytest

from tests.engine.drawing import draw, end, flows, start, user
from workflows.engine.definition import read
from workflows.engine.package import Package
from workflows.engine.xml import MAX_BYTES, safe_tree
from workflows.errors import DiagramRefused

GOOD = draw(start(), user("a", name="受理"), end(), flows("start > a > end"))
HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'


def with_doctype(subset: str, use: str = "") -> bytes:
    text = GOOD.decode().removeprefix(HEAD.decode())
    return (HEAD.decode() + f"<!DOCTYPE d [{subset}]>\n" + text.replace("受理", use or "受理")).encode()


def code(data: bytes) -> str:
    with pytest.raises(DiagramRefused) as refused:
        safe_tree(data, "x.bpmn")
    (problem,) = refused.value.problems
    assert problem.place == "x.bpmn"
    return problem.code


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(10))
HOSTILE = {
    "external file": with_doctype('<!ENTITY x SYSTEM "file:///etc/passwd">', "&x;"),
    "external http": with_doctype('<!ENTITY x SYSTEM "http://127.0.0.1:9/x">', "&x;"),
    "external ftp": with_doctype('<!ENTITY x SYSTEM "ftp://127.0.0.1:9/x">', "&x;"),
    "php filter": with_doctype('<!ENTITY x SYSTEM "php://filter/resource=/etc/passwd">', "&x;"),
    "parameter entity": with_doctype('<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;'),
    "public identifier": with_doctype('<!ENTITY x PUBLIC "-//x" "http://127.0.0.1:9/x">', "&x;"),
    "billion laughs": with_doctype(LAUGHS, "&l9;"),
    "quadratic blow-up": with_doctype(f'<!ENTITY x "{"y" * 50_000}">', "&x;" * 5_000),
    "internal entity": with_doctype('<!ENTITY x "y">', "&x;"),
    "default attribute": with_doctype('<!ATTLIST bpmn:process isExecutable CDATA "true">'),
    "notation": with_doctype('<!NOTATION n SYSTEM "n">'),
    "empty doctype": HEAD + b"<!DOCTYPE d>\n" + GOOD.removeprefix(HEAD),
    "lower case": HEAD + b"<!doctype d []>\n" + GOOD.removeprefix(HEAD),
    "external subset": HEAD + b'<!DOCTYPE d SYSTEM "http://127.0.0.1:9/d.dtd">\n' + GOOD.removeprefix(HEAD),
    "in a comment": GOOD.replace(b"<bpmn:process", b"<!-- <!DOCTYPE d> --><bpmn:process", 1),
    "in cdata": GOOD.replace(b"<bpmn:process", b"<bpmn:x><![CDATA[<!ENTITY x 'y'>]]></bpmn:x><bpmn:process", 1),
}
ENCODED = {
    "utf-16 with mark": GOOD.decode().encode("utf-16"),
    "utf-16 little": GOOD.decode().encode("utf-16-le"),
    "utf-16 big": GOOD.decode().encode("utf-16-be"),
    "utf-32": GOOD.decode().encode("utf-32"),
    "ebcdic": GOOD.decode().replace("受理", "x").encode("cp037"),
    "utf-7 declared": GOOD.replace(b"UTF-8", b"UTF-7"),
    "utf-16 declared": GOOD.replace(b"UTF-8", b"UTF-16"),
    "latin-1 declared": GOOD.replace(b'"UTF-8"', b"'ISO-8859-1'"),
    "unknown declared": GOOD.replace(b"UTF-8", b"x-user-defined"),
    "gbk": GOOD.replace(b"UTF-8", b"GBK").decode().encode("gbk"),
    "broken utf-8": GOOD.replace("受".encode(), b"\xe5\x8f"),
    "overlong": GOOD.replace(b"sample", b"s\xc0\xbcmple", 1),
    "surrogate": GOOD.replace("受".encode(), b"\xed\xa0\x80"),
    "nul": GOOD.replace(b"sample", b"sam\0ple", 1),
    "gzip": gzip.compress(GOOD),
    "empty": b"",
    "text": b"hello",
    "two marks": b"\xef\xbb\xbf\xef\xbb\xbf" + GOOD,
}
BROKEN = {
    "unclosed": (GOOD.replace(b"</bpmn:process>", b""), "xml.malformed"),
    "unknown entity": (GOOD.replace("受理".encode(), b"&nbsp;"), "xml.malformed"),
    "unknown prefix": (GOOD.replace(b"<bpmn:process", b"<nope:process", 1), "xml.malformed"),
    "control character": (GOOD.replace("受理".encode(), b"&#0;"), "xml.malformed"),
    "attribute twice": (GOOD.replace(b'id="a"', b'id="a" id="a"'), "xml.malformed"),
    "two roots": (GOOD + b"<x/>", "xml.malformed"),
    "style sheet": (
        HEAD + b'<?xml-stylesheet href="http://127.0.0.1:9/x.xsl" type="text/xsl"?>' + GOOD.removeprefix(HEAD),
        "xml.instruction",
    ),
    "instruction inside": (GOOD.replace(b"<bpmn:process", b"<?php x ?><bpmn:process", 1), "xml.instruction"),
    "instruction behind": (GOOD + b"<?x y?>", "xml.instruction"),
    "too large": (GOOD + b" " * MAX_BYTES, "xml.too_large"),
    "too many": (GOOD.replace(b"<bpmn:process", b"<x/>" * 5_000 + b"<bpmn:process", 1), "xml.too_many_elements"),
    "too deep": (b"<a>" * 60 + b"</a>" * 60, "xml.too_deep"),
    "far too deep": (b"<a>" * 100_000 + b"</a>" * 100_000, "xml.malformed"),
    "many attributes": (b"<a " + b" ".join(b'a%d="1"' % n for n in range(61)) + b"/>", "xml.too_many_attributes"),
    "a hundred thousand attributes": (b"<a " + b" ".join(b'a%d=""' % n for n in range(90_000)) + b"/>", None),
    "huge text": (b"<a>" + b"x" * 999_000 + b"</a>" + b" " * 5_000, "xml.too_large"),
}


def test_a_good_diagram_is_read_with_and_without_a_byte_order_mark():
    for data in (GOOD, b"\xef\xbb\xbf" + GOOD, b"\n " + GOOD.removeprefix(HEAD)):
        assert safe_tree(data).getroot().tag.endswith("definitions")


@pytest.mark.parametrize("name", HOSTILE)
def test_document_types_and_entities_are_refused(name):
    assert code(HOSTILE[name]) == "xml.doctype"


@pytest.mark.parametrize("name", ENCODED)
def test_anything_but_utf8_is_refused(name):
    assert code(ENCODED[name]) in ("xml.encoding", "xml.malformed")


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_or_too_much_is_refused(name):
    data, expected = BROKEN[name]
    found = code(data)
    assert found == expected or (expected is None and found.startswith("xml."))


def test_a_refusal_names_the_line():
    with pytest.raises(DiagramRefused) as refused:
        safe_tree(GOOD.replace(b"</bpmn:process>", b"<broken>"), "x.bpmn")
    assert refused.value.problems[0].line is not None
    assert refused.value.problems[0].line > 3


def test_nothing_is_fetched_and_no_file_is_read(tmp_path):
    asked: list[str] = []

    class Canary(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    server = http.server.HTTPServer(("127.0.0.1", 0), Canary)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    here = f"http://127.0.0.1:{server.server_port}"
    secret = tmp_path / "canary"
    secret.write_text("CANARY")
    schema = f'xsi:schemaLocation="urn:x {here}/x.xsd" id="defs"'.encode()
    include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file://{secret}" parse="text"/>'.encode()
    located = GOOD.replace(b'id="defs"', schema)
    try:
        read(Package("sample", {"sample.bpmn": located}))
        for data in (
            GOOD.replace(b"<bpmn:process", include + b"<bpmn:process", 1),
            with_doctype(f'<!ENTITY x SYSTEM "{here}/x">', "&x;"),
            with_doctype(f'<!ENTITY x SYSTEM "file://{secret}">', "&x;"),
        ):
            with pytest.raises(DiagramRefused) as refused:
                read(Package("sample", {"sample.bpmn": data}))
            assert "CANARY" not in repr(refused.value.problems)
    finally:
        server.shutdown()
        server.server_close()
    assert asked == []
