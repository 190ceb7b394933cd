"""Whether a file from outside can be read at all: what can't is told what it is, and where, and comes into no draft.

Whatever else is wrong with a file is left to the checks: it can be opened, and mended in the editors.
"""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from workflows.diagrams.reading import schema
from workflows.engine.allowed import BPMN
from workflows.engine.plain_yaml import plain
from workflows.engine.tables import NAMESPACES
from workflows.engine.xml import safe_tree
from workflows.errors import DiagramRefused, Invalid, Problem

_KINDS: tuple[tuple[bytes, str, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "PNG 图片", "a PNG picture"),
    (b"\xff\xd8\xff", "JPEG 图片", "a JPEG picture"),
    (b"GIF8", "GIF 图片", "a GIF picture"),
    (b"BM", "BMP 图片", "a BMP picture"),
    (b"RIFF", "图片或者音像文件", "a picture, a sound or a film"),
    (b"II*\0", "TIFF 图片", "a TIFF picture"),
    (b"MM\0*", "TIFF 图片", "a TIFF picture"),
    (b"%PDF-", "PDF 文件", "a PDF"),
    (b"PK\x03\x04", "压缩包或者 Office 文件", "a zip or a file of an office program"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "旧版 Office 文件", "a file of an old office program"),
    (b"\x1f\x8b", "gzip 压缩文件", "a gzip"),
    (b"7z\xbc\xaf'\x1c", "7z 压缩包", "a 7z archive"),
    (b"Rar!\x1a\x07", "RAR 压缩包", "a RAR archive"),
    (b"SQLite format 3\0", "数据库文件", "a database"),
    (b"MZ", "程序文件", "a program"),
    (b"\x7fELF", "程序文件", "a program"),
)
"""First bytes → what such a file is. Two letters could begin a text: they count only where the rest is none."""
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def require_legible(files: Mapping[str, bytes]) -> None:
    """Raise Invalid ("draft.import_unreadable"), with a problem for each file that can't be read.

    files: name → content.
    """
    problems = [problem for name, data in files.items() if (problem := unreadable(name, data)) is not None]
    if problems:
        raise Invalid("draft.import_unreadable", problems)


def unreadable(name: str, data: bytes) -> Problem | None:
    """Why a file of a package can't be read, by the ending of its name; None where it can."""
    if not data.removeprefix(b"\xef\xbb\xbf").strip():
        return Problem("import.empty", name)
    return _no_text(name, data) or _no_language(name, data)


def _no_text(name: str, data: bytes) -> Problem | None:
    if data.startswith(_UTF16):
        return Problem("import.encoding", name, facts={"found": "UTF-16"})
    try:
        text, wrong = data.decode("utf-8"), None
    except UnicodeDecodeError as error:
        text, wrong = "", error
    if wrong is None and "\0" not in text:
        return None if not data.startswith(b"%PDF-") else _binary(name, data)
    if wrong is None or b"\0" in data or _kind(data) is not None:
        return _binary(name, data)
    return Problem("import.encoding", name, data.count(b"\n", 0, wrong.start) + 1, {"found": _encoding(data)})


def _binary(name: str, data: bytes) -> Problem:
    return Problem("import.binary", name, facts={"kind": _kind(data) or {"zh": "", "en": ""}})


def _kind(data: bytes) -> dict[str, str] | None:
    return next(({"zh": zh, "en": en} for first, zh, en in _KINDS if data.startswith(first)), None)


def _encoding(data: bytes) -> str:
    """A guess at what the text is written in; empty for none."""
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return ""
    return "GBK / GB18030"


def _foreign(name: str, root: etree._ElementTree) -> Problem | None:
    """XML of another language: an HTML page, say, that was saved under the name of a diagram or a decision table."""
    written = etree.QName(root.getroot())
    if name.endswith(".dmn"):
        known = written.localname == "definitions" and written.namespace in NAMESPACES
        return None if known else Problem("table.no_dmn", name)
    if not name.endswith(".bpmn") or written.text == f"{BPMN}definitions":
        return None
    return Problem("import.foreign", name, facts={"found": written.localname[:40]})


def _no_language(name: str, data: bytes) -> Problem | None:
    try:
        if name.endswith(".yaml"):
            plain(data)
        elif name.endswith(".form"):
            if (said := schema(data, name)) and "components" not in said:  # JSON of another kind
                return Problem("form.unreadable", name, facts={"reason": "unreadable.no_form"})
        else:
            return _foreign(name, safe_tree(data, name))
    except DiagramRefused as refused:
        return refused.problems[0]
    except Invalid as refused:
        return Problem(refused.code, name, refused.facts.get("line"), refused.facts)
    return None
