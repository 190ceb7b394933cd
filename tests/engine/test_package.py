"""A package is one value with one hash over everything in it."""

from __future__ import annotations

import pytest

from workflows.engine.package import MAX_FILES, Package, read_folder
from workflows.errors import Invalid

FILES = {"a.bpmn": b"<x/>", "forms/f.form": b"{}", "t.dmn": b"<y/>", "process.yaml": b"key: sample\n"}


def test_the_hash_covers_every_file_and_name_and_nothing_else():
    package = Package("sample", FILES)
    assert package.hash == Package("sample", dict(reversed(FILES.items()))).hash
    changed = [
        Package("other", FILES), Package("sample", FILES | {"forms/f.form": b"{ }"}),
        Package("sample", FILES | {"forms/g.form": b"{}"}),
        Package("sample", {name.replace("f.form", "g.form"): data for name, data in FILES.items()}),
        Package("sample", {"a.bpmn": b"<x/>forms/f.form", **{name: FILES[name] for name in ("t.dmn", "process.yaml")}}),
    ]
    assert len({package.hash, *(other.hash for other in changed)}) == 6


def test_a_package_comes_back_from_its_text():
    package = Package("sample", FILES | {"a.bpmn": bytes(range(256))})
    again = Package.from_json("sample", package.to_json())
    assert (again, again.hash) == (package, package.hash)


def test_a_package_can_not_be_changed():
    with pytest.raises(TypeError):
        Package("sample", FILES).files["a.bpmn"] = b""  # type: ignore[index]


@pytest.mark.parametrize("name", ["../a.bpmn", "/a.bpmn", "a/b/c.bpmn", "a.exe", "forms/../x.form", ".bpmn", "a b.bpmn",
                                  "forms\\x.form", "", "a\n.bpmn", "x.bpmn.py"])
def test_a_file_name_that_leads_elsewhere_is_refused(name):
    with pytest.raises(Invalid) as refused:
        Package("sample", {name: b""})
    assert refused.value.code == "package.file_name"


@pytest.mark.parametrize("key", ["", "A", "a-b", "1a", "a" * 64, "a\n", "审核"])
def test_a_key_is_snake_case(key):
    with pytest.raises(Invalid) as refused:
        Package(key, {})
    assert refused.value.code == "package.key"


@pytest.mark.parametrize("files", [{f"f{n}.form": b"" for n in range(MAX_FILES + 1)}, {"a.bpmn": b"x" * 4_000_001}])
def test_a_package_has_limits(files):
    with pytest.raises(Invalid) as refused:
        Package("sample", files)
    assert refused.value.code == "package.too_large"


def test_a_folder_is_read_with_its_key_from_process_yaml(tmp_path):
    for name, data in (FILES | {"notes.txt": b"draft"}).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    assert read_folder(tmp_path) == Package("sample", FILES)


def test_a_folder_without_process_yaml_gives_its_own_name(tmp_path):
    folder = tmp_path / "legal_review"
    folder.mkdir()
    (folder / "x.bpmn").write_bytes(b"<x/>")
    assert read_folder(folder).key == "legal_review"


@pytest.mark.parametrize("text", ["key: [", "{}{}"])
def test_a_broken_process_yaml_is_refused(tmp_path, text):
    (tmp_path / "process.yaml").write_text(text)
    with pytest.raises(Invalid) as refused:
        read_folder(tmp_path)
    assert refused.value.code == "package.yaml"


def test_a_link_out_of_the_folder_is_refused(tmp_path):
    outside = tmp_path / "outside.form"
    outside.write_bytes(b"{}")
    folder = tmp_path / "sample"
    folder.mkdir()
    (folder / "in.form").symlink_to(outside)
    with pytest.raises(Invalid) as refused:
        read_folder(folder)
    assert refused.value.code == "package.file_name"


def test_forms_are_found_by_what_diagrams_write():
    package = Package("sample", FILES)
    assert {package.form(key) for key in ("f", "forms/f.form",
                                          "camunda-forms:deployment:forms/f.form")} == {"forms/f.form"}
    assert package.form("g") is None
