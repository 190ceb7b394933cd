"""Files are taken only of the kinds that a case file holds, and only when name and content agree."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.errors import Invalid
from workflows.filekinds import KINDS, media_type


def code_of(error: pytest.ExceptionInfo[Any]) -> str:
    return str(error.value.code)


def archive(first: str) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as file:
        file.writestr(first, "x")
    return written.getvalue()


@pytest.mark.parametrize(
    ("name", "head", "media"),
    [
        ("检查记录.pdf", b"%PDF-1.7\n", "application/pdf"),
        ("照片.JPG", b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
        ("照片.jpeg", b"\xff\xd8\xff\xe1", "image/jpeg"),
        ("截图.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png"),
        ("扫描.tif", b"II*\0\x08\0\0\0", "image/tiff"),
        ("扫描.tiff", b"MM\0*\0\0\0\x08", "image/tiff"),
        ("录像.mp4", b"\x00\x00\x00\x18ftypmp42", "video/mp4"),
        ("录音.mp3", b"ID3\x04\0\0", "audio/mpeg"),
        ("录音.mp3", b"\xff\xfb\x90\x64", "audio/mpeg"),
        ("报告.docx", archive("[Content_Types].xml"), KINDS["docx"]),
        ("报告.docx", archive("word/document.xml"), KINDS["docx"]),
        ("清单.xlsx", archive("_rels/.rels"), KINDS["xlsx"]),
        ("公文.ofd", archive("OFD.xml"), "application/ofd"),
        ("说明.txt", "第一行\r\n\t第二行".encode(), "text/plain"),
        ("说明.txt", "第一行".encode("gb18030"), "text/plain"),
        ("说明.txt", ("长" * 200).encode()[:512], "text/plain"),
        ("说明.txt", ("a" + "长" * 300).encode("gb18030")[:512], "text/plain"),
        ("v1.2 终稿.final.pdf", b"%PDF-1.4", "application/pdf"),
    ],
)
def test_ending_and_content_agree(name: str, head: bytes, media: str) -> None:
    assert media_type(name, head) == media


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("a.pdf", b"<html>"), ("a.pdf", b""), ("a.pdf", b"GIF89a%PDF-1.7"), ("a.pdf", b"\n%PDF-1.7"),
        ("a.png", b"%PDF-1.7"),
        ("a.pdf", b"\x89PNG\r\n\x1a\n"), ("a.jpg", b"II*\0"), ("a.tif", b"\xff\xd8\xff"),
        ("a.mp3", b"\xff\xd8\xff\xe0"),
        ("a.mp3", b"\xff"), ("a.mp4", b"ftypmp42"), ("a.html", b"<html>"), ("a.svg", b"<svg"), ("a.xml", b"<?xml"),
        ("a.exe", b"MZ"), ("a.js", b"alert(1)"), ("a.zip", archive("a")), ("a.docm", archive("word/vbaProject.bin")),
        ("a.doc", b"\xd0\xcf\x11\xe0"), ("a.docx", archive("evil.exe")), ("a.docx", archive("xl/workbook.xml")),
        ("a.xlsx", archive("word/document.xml")), ("a.ofd", archive("word/document.xml")), ("a.docx", b"PK\x03\x04"),
        ("a.docx", b"PK\x05\x06"), ("a.docx", archive("../word/document.xml")), ("a.jar", archive("META-INF/")),
        ("a.txt", b"<script>alert(1)</script>"), ("a.txt", b"\x00\x01"), ("a.txt", "\ufeff <html>".encode()),
        ("a.txt", b"\xff\xfea\0"), ("a.txt", b"\x1b[31m"), ("a.txt", b""), ("a.txt", b"\xff\xff\xff\xff\xff\xff"),
        ("a", b"%PDF-1.7"), ("pdf", b"%PDF-1.7"), (".", b"%PDF-1.7"), ("a.", b"%PDF-1.7"), ("", b"%PDF-1.7"),
        ("a.pdf.exe", b"%PDF-1.7"), ("a.pdf ", b"%PDF-1.7"), ("a.pdf\0", b"%PDF-1.7"), ("a．pdf", b"%PDF-1.7"),
        ("a.pdf/", b"%PDF-1.7"), ("a.pdf;.exe", b"%PDF-1.7"), ("a.pdf:stream", b"%PDF-1.7"),
    ],
)  # fmt: skip
def test_everything_else_is_refused_with_the_kinds_that_are_taken(name: str, head: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        media_type(name, head)
    assert code_of(caught) == "file.kind_refused"
    assert "pdf" in caught.value.facts["kinds"]


@given(st.text(max_size=30), st.binary(max_size=600))
def test_no_name_and_no_head_confuse_it(name: str, head: bytes) -> None:
    for each in (name, *(f"{name}.{ending}" for ending in KINDS)):
        try:
            found = media_type(each, head)
        except Invalid:
            continue
        assert found in KINDS.values()
