"""Files: stored under their hash, read only when the hash still holds, and only of kinds a case file takes."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import threading
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.errors import Invalid, Unavailable
from workflows.files import KINDS, Files, Stored, media_type

LIMIT = 3_000_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "files of the bureau"


@pytest.fixture
def files(folder: Path) -> Files:
    return Files(str(folder))


@pytest.fixture(params=["folder", "memory"])
def either(request: pytest.FixtureRequest, folder: Path) -> Files:
    """A folder, and a store that fsspec reaches in another way."""
    return Files(str(folder) if request.param == "folder" else f"memory://{folder.name}-{os.urandom(4).hex()}")


def kept(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def put(files: Files, data: bytes, limit: int = LIMIT) -> Stored:
    return files.put(io.BytesIO(data), limit)


def code_of(error: pytest.ExceptionInfo[Any]) -> str:
    return str(error.value.code)


def test_what_was_put_is_read_again(either: Files) -> None:
    data = "现场检查记录".encode()
    stored = put(either, data)
    assert stored == Stored(hashlib.sha256(data).hexdigest(), len(data))
    assert either.read(stored.sha256) == data
    with either.open(stored.sha256) as file:
        assert file.read(6) == data[:6]
    assert either.verify(stored.sha256)


def test_a_large_file_goes_through_in_pieces(either: Files) -> None:
    data = os.urandom(2_500_000)
    with either.open(put(either, data).sha256) as file:
        assert file.read() == data


def test_the_same_content_is_one_file(either: Files) -> None:
    assert put(either, b"same") == put(either, b"same")
    assert either.verify(put(either, b"same").sha256)


def test_files_lie_under_their_hash_and_only_the_owner_may_read_them(files: Files, folder: Path) -> None:
    sha256 = put(files, b"x").sha256
    (path,) = kept(folder)
    assert path == folder / sha256[:2] / sha256[2:4] / sha256
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("data", "limit", "code"), [(b"x" * 11, 10, "file.too_large"), (b"", 10, "file.empty")])
def test_too_large_and_empty_files_leave_nothing_behind(
    files: Files, folder: Path, data: bytes, limit: int, code: str
) -> None:
    with pytest.raises(Invalid) as caught:
        put(files, data, limit)
    assert code_of(caught) == code
    assert kept(folder) == []
    assert put(files, b"x" * 10, 10).size == 10


def test_an_endless_stream_is_cut_off_at_the_limit(either: Files) -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += size
            return b"x" * size

    stream = Endless()
    with pytest.raises(Invalid):
        either.put(stream, 5_000_000)  # type: ignore[arg-type]
    assert stream.given < 10_000_000


def test_a_stream_that_breaks_leaves_nothing_behind(files: Files, folder: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell():
                raise ConnectionResetError
            return super().read(3)

    with pytest.raises(Unavailable):
        files.put(Broken(b"abcdef"), LIMIT)
    assert kept(folder) == []


def test_a_full_disk_is_told_and_leaves_nothing_behind(
    files: Files, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(Unavailable) as caught:
            put(files, b"x")
    assert code_of(caught) == "file.storage_full"
    assert kept(folder) == []
    assert put(files, b"x").size == 1


def test_a_storage_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    with pytest.raises(Unavailable) as caught:
        put(Files(str(tmp_path / "taken")), b"x")
    assert code_of(caught) == "file.storage_unavailable"


def test_content_and_names_reach_the_disk_before_the_answer(
    files: Files, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Content is synced before the file has its name, the folder of names after it, each new folder into its holder."""
    synced: list[int] = []
    real = os.fsync

    def watched(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_ino)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    sha256 = put(files, b"x").sha256
    place = folder / sha256[:2] / sha256[2:4]
    assert (place / sha256).stat().st_ino in synced[:-1]
    assert synced[-1] == place.stat().st_ino
    assert {each.stat().st_ino for each in (folder.parent, folder, place.parent)} <= set(synced)


@pytest.mark.parametrize("damage", [b"evidencE", b"evidence ", b"", b"x" * 10_000])
def test_a_changed_file_is_found_and_a_new_upload_mends_it(files: Files, folder: Path, damage: bytes) -> None:
    stored = put(files, b"evidence")
    kept(folder)[0].write_bytes(damage)
    assert not files.verify(stored.sha256)
    for reading in (files.read, files.open):
        with pytest.raises(Unavailable) as caught:
            reading(stored.sha256)
        assert code_of(caught) == "file.damaged"
    put(files, b"evidence")
    assert files.read(stored.sha256) == b"evidence"


def test_a_lost_file_is_missing(either: Files) -> None:
    unknown = hashlib.sha256(b"never stored").hexdigest()
    for reading in (either.read, either.open):
        with pytest.raises(Unavailable) as caught:
            reading(unknown)
        assert code_of(caught) == "file.missing"
    assert not either.verify(unknown)


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "/etc/passwd", "A" * 64, "", "0" * 63, "0" * 65, "0" * 64 + "\n", "." * 64, "\0" * 64],
)
def test_what_is_no_hash_never_reaches_the_file_system(
    files: Files, folder: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def touched(*_: object, **__: object) -> None:
        pytest.fail("the file system was asked")

    monkeypatch.setattr(type(files._fs), "open", touched)
    monkeypatch.setattr(type(files._fs), "cat_file", touched)
    for reading in (files.read, files.open):
        with pytest.raises(Unavailable) as caught:
            reading(name)
        assert code_of(caught) == "file.missing"
    assert not files.verify(name)


def test_many_may_store_the_same_file_at_once(files: Files, folder: Path) -> None:
    found: list[Stored] = []
    threads = [threading.Thread(target=lambda: found.append(put(files, b"shared" * 50_000))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == len(kept(folder)) == 1
    assert files.verify(found[0].sha256)


def test_what_a_dead_writer_left_is_discarded_and_nothing_else(files: Files, folder: Path) -> None:
    stored = put(files, b"x")
    old, new = folder / ".incoming" / "dead", folder / ".incoming" / "busy"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (1_000_000, 1_000_000))
    assert files.discard_unfinished(datetime(2000, 1, 1, tzinfo=UTC)) == 1
    assert not old.exists()
    assert new.exists()
    assert files.verify(stored.sha256)


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
