"""Files from outside: what is no package is refused whole, what is none of it is left out by name."""

from __future__ import annotations

import io
import stat
import zipfile

import pytest

from workflows.diagrams import archive, library
from workflows.engine.package import MAX_FILES
from workflows.errors import Invalid

KEY = "collective_decision"
EMPTY = b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>'
GOOD = {"x/process.yaml": b"key: x\n", "x/x.bpmn": EMPTY, "x/forms/a.form": b"{}", "x/tests/one.yaml": b"a: 1"}


def zipped(entries: dict[str, bytes], links: tuple[str, ...] = ()) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, data in entries.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = ((stat.S_IFLNK if name in links else stat.S_IFREG) | 0o644) << 16
            file.writestr(info, data)
    return buffer.getvalue()


def refused(name: str, data: bytes) -> tuple[str, list[tuple[str, str]]]:
    with pytest.raises(Invalid) as caught:
        archive.read_import(KEY, name, data)
    return caught.value.code, [(one.code, one.place) for one in caught.value.problems]


def test_a_package_comes_back_whole_and_nothing_is_left_out() -> None:
    files = dict(library.shipped()["penalty"].files)
    assert archive.read_import(KEY, "x.zip", archive.zipped("penalty", files)) == archive.Imported(files)


def test_what_is_none_of_the_package_is_left_out_by_name_with_its_reason() -> None:
    foreign = {
        "x/.DS_Store": "import.left_hidden", "__MACOSX/x/._x.bpmn": "import.left_hidden",
        "x/.git/config.yaml": "import.left_hidden", "y/other.bpmn": "import.left_outside",
        "x/read me.docx": "import.left_kind", "x/old/x.bpmn": "import.left_folder",
        "x/forms/deep/a.form": "import.left_folder", "x/forms/表单.form": "import.left_name",
    }  # fmt: skip
    read = archive.read_import(KEY, "x.zip", zipped({**dict.fromkeys(foreign, b"\0"), **GOOD}))
    assert {one.place: one.code for one in read.left} == foreign
    assert read.files == {name.removeprefix("x/"): data for name, data in GOOD.items()}


def test_a_zip_made_under_windows_is_read() -> None:
    read = archive.read_import(KEY, "X.ZIP", zipped({name.replace("/", "\\"): data for name, data in GOOD.items()}))
    assert read.files.keys() == {"process.yaml", "x.bpmn", "forms/a.form", "tests/one.yaml"}


@pytest.mark.parametrize(("name", "code"), [
    ("/etc/x.yaml", "import.path_absolute"), ("C:\\x.yaml", "import.path_absolute"),
    ("x/../../x.yaml", "import.path_above"), ("..\\x.yaml", "import.path_above"),
    ("x/a\nb.yaml", "import.path_characters"), ("x/a\0b.yaml", "import.path_characters"),
])  # fmt: skip
def test_paths_that_lead_elsewhere_refuse_the_whole_zip(name: str, code: str) -> None:
    told, [(why, place)] = refused("x.zip", zipped(GOOD | {name.replace("\0", "Q"): b"a: 1"}).replace(b"aQb", b"a\0b"))
    assert (told, why) == ("draft.import_hostile", code)
    assert place.isprintable()


def test_links_and_paths_that_stand_twice_refuse_the_whole_zip() -> None:
    link = zipped({**GOOD, "x/link.yaml": b"/etc/passwd"}, links=("x/link.yaml",))
    assert refused("x.zip", link) == ("draft.import_hostile", [("import.path_link", "x/link.yaml")])
    twice = refused("x.zip", zipped({**GOOD, "x\\x.bpmn": b"<b/>"}))
    assert twice == ("draft.import_hostile", [("import.path_twice", "x/x.bpmn")])


def test_too_much_is_refused() -> None:
    many = {f"x/forms/f{number}.form": b"{}" for number in range(MAX_FILES)}
    assert refused("x.zip", zipped({**GOOD, **many}))[0] == "draft.import_large"
    entries = {f"x/{number}.txt": b"" for number in range(archive.MAX_ENTRIES)}
    assert refused("x.zip", zipped({**GOOD, **entries}))[0] == "draft.import_large"
    assert refused("x.zip", zipped({"x/read.txt": b""}))[0] == "draft.import_empty"


def test_each_file_that_can_t_be_read_is_named_by_its_path_in_the_zip() -> None:
    broken = {"x/x.bpmn": b"<a>", "x/forms/a.form": b"", "x/forms/b.form": b"\x89PNG\r\n\x1a\n\0", "x/t.dmn": b"<a/>"}
    told, problems = refused("x.zip", zipped({**GOOD, **broken}))
    assert told == "draft.import_unreadable"
    assert {place: code for code, place in problems} == {
        "x/x.bpmn": "xml.malformed", "x/forms/a.form": "import.empty", "x/forms/b.form": "import.binary",
        "x/t.dmn": "table.no_dmn",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["x.bpmn", "x.dmn", "x.form", "x.yaml", "x.xml"])
@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n\0", b"{a: [<"], ids=["empty", "picture", "broken"])
def test_a_file_alone_that_can_t_be_read_is_refused(name: str, data: bytes) -> None:
    assert refused(name, data)[0] == "draft.import_unreadable"


def test_a_web_page_under_the_name_of_a_diagram_is_refused() -> None:
    page = b"<html><head><title>x</title></head><body/></html>"
    with pytest.raises(Invalid) as refused:
        archive.read_import("penalty", "page.bpmn", page)
    (problem,) = refused.value.problems
    assert (problem.code, problem.facts["found"]) == ("import.foreign", "html")


@pytest.mark.parametrize(("name", "data", "code"), [
    ("t.dmn", b"<x/>", "table.no_dmn"), ("t.dmn", EMPTY, "table.no_dmn"),
    ("a.form", b"[]", "form.unreadable"), ("a.form", b"7", "form.unreadable"),
    ("a.form", b'{"components": {}}', "form.unreadable"),
    ("a.form", b'{"name": "package", "version": "1.0"}', "form.unreadable"),
    ("x.bpmn", b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"/>', "import.foreign"),
])  # fmt: skip
def test_what_is_no_table_form_or_diagram_though_it_is_called_so_is_refused(name: str, data: bytes, code: str) -> None:
    assert refused(name, data) == ("draft.import_unreadable", [(code, name)])
    told, [(why, place)] = refused("x.zip", zipped({**GOOD, f"x/{name}": data}))
    assert (told, why, place) == ("draft.import_unreadable", code, f"x/{name}")
