"""Files: stored under their hash and read only when the hash still holds, in a folder and on S3."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from s3fs import S3FileSystem

from tests.s3 import ObjectStore
from workflows.errors import Invalid, Unavailable
from workflows.files import Files, Stored, fitting

LIMIT = 3_000_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "files of the bureau"


@pytest.fixture
def files(folder: Path) -> Files:
    return Files(str(folder))


@pytest.fixture
def bucket(s3: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of a new bucket on the S3 server, with address and credentials in the environment."""
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    name = f"fashen-{os.urandom(4).hex()}"
    s3.make_bucket(name)
    S3FileSystem.clear_instance_cache()  # it remembers what the environment said when it was made
    yield name
    S3FileSystem.clear_instance_cache()


@pytest.fixture(params=["folder", "s3"])
def either(request: pytest.FixtureRequest, folder: Path) -> Files:
    """A folder and an S3 server: the two kinds of store that there are."""
    return Files(str(folder) if request.param == "folder" else f"s3://{request.getfixturevalue('bucket')}/bureau")


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


def test_objects_lie_under_their_hash_and_nothing_else_is_in_the_bucket(s3: ObjectStore, bucket: str) -> None:
    sha256 = put(Files(f"s3://{bucket}/bureau"), b"x").sha256
    assert s3.objects(bucket) == {f"bureau/{sha256[:2]}/{sha256[2:4]}/{sha256}": 1}


@pytest.fixture
def small_parts(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of 5 MB, the least that S3 takes; the library sends what is below 100 MB at once."""
    real = S3FileSystem._put_file

    async def in_parts(self: Any, *given: Any, **more: Any) -> Any:
        return await real(self, *given, **{**more, "chunksize": 5 << 20})

    monkeypatch.setattr(S3FileSystem, "_put_file", in_parts)


def test_a_file_of_many_parts_is_one_object(s3: ObjectStore, bucket: str, small_parts: None) -> None:
    files, data = Files(f"s3://{bucket}"), os.urandom(11 << 20)
    stored = put(files, data, 20 << 20)
    assert list(s3.objects(bucket).values()) == [len(data)]
    assert files.read(stored.sha256) == data


def test_an_upload_that_breaks_off_between_parts_leaves_no_object(
    s3: ObjectStore, bucket: str, small_parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    call = S3FileSystem._call_s3

    async def breaks(self: Any, method: str, *given: Any, **more: Any) -> Any:
        sent.append(method)
        if sent.count("upload_part") > 1 and method == "upload_part":
            raise ConnectionResetError
        return await call(self, method, *given, **more)

    monkeypatch.setattr(S3FileSystem, "_call_s3", breaks)
    with pytest.raises(Unavailable) as caught:
        put(Files(f"s3://{bucket}"), os.urandom(11 << 20), 20 << 20)
    assert code_of(caught) == "file.storage_unavailable"
    assert sent[-1] == "abort_multipart_upload"
    assert s3.objects(bucket) == {}


@pytest.mark.parametrize(("data", "code"), [(b"x" * 11, "file.too_large"), (b"", "file.empty")])
def test_what_is_refused_never_reaches_the_bucket(s3: ObjectStore, bucket: str, data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        put(Files(f"s3://{bucket}"), data, 10)
    assert code_of(caught) == code
    assert s3.objects(bucket) == {}


def test_a_changed_object_is_found_and_a_new_upload_mends_it(s3: ObjectStore, bucket: str) -> None:
    files = Files(f"s3://{bucket}")
    sha256 = put(files, b"evidence").sha256
    s3.overwrite(bucket, f"{sha256[:2]}/{sha256[2:4]}/{sha256}", b"evidencE")
    assert not files.verify(sha256)
    for reading in (files.read, files.open):
        with pytest.raises(Unavailable) as caught:
            reading(sha256)
        assert code_of(caught) == "file.damaged"
    put(files, b"evidence")
    assert files.read(sha256) == b"evidence"


def test_what_one_machine_stores_another_reads_at_once(bucket: str) -> None:
    one, other = Files(f"s3://{bucket}"), Files(f"s3://{bucket}")
    sha256 = hashlib.sha256(b"new").hexdigest()
    assert not other.verify(sha256)
    put(one, b"new")
    assert other.read(sha256) == b"new"


def test_many_may_store_the_same_object_at_once(s3: ObjectStore, bucket: str) -> None:
    found: list[Stored] = []
    threads = [
        threading.Thread(target=lambda: found.append(put(Files(f"s3://{bucket}"), b"shared" * 50_000)))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == len(s3.objects(bucket)) == 1


def unavailable(files: Files) -> None:
    """Nothing can be stored, and nothing that is asked for is called lost."""
    assert not files.reachable()
    unknown = hashlib.sha256(b"stored long ago").hexdigest()
    for asked in (lambda: put(files, b"x"), lambda: files.read(unknown), lambda: files.verify(unknown)):
        with pytest.raises(Unavailable) as caught:
            asked()
        assert code_of(caught) == "file.storage_unavailable"


def test_a_bucket_that_is_missing_is_no_lost_file_and_is_not_made(bucket: str, s3: ObjectStore) -> None:
    files = Files(f"s3://{bucket}-gone/bureau")
    unavailable(files)
    unavailable(files)  # still not there


def test_a_store_that_is_away_is_unavailable_and_works_again_when_it_is_back(
    s3: ObjectStore, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = ObjectStore()
    monkeypatch.setenv("AWS_ENDPOINT_URL", away.address)
    S3FileSystem.clear_instance_cache()
    files = Files("s3://fashen")
    unavailable(files)
    away.start()
    try:
        away.make_bucket("fashen")
        assert files.reachable()
        assert files.read(put(files, b"x").sha256) == b"x"
    finally:
        away.stop()


def test_a_store_that_refuses_is_unavailable(s3: ObjectStore, bucket: str) -> None:
    files = Files(f"s3://{bucket}")
    sha256 = put(files, b"x").sha256
    s3.deny(bucket)
    for asked in (lambda: put(files, b"y"), lambda: files.read(sha256)):
        with pytest.raises(Unavailable) as caught:
            asked()
        assert code_of(caught) == "file.storage_unavailable"


def test_without_credentials_in_the_environment_the_store_is_unavailable(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    S3FileSystem.clear_instance_cache()
    unavailable(Files(f"s3://{bucket}"))


@pytest.mark.parametrize(
    "url",
    [
        "memory://", "memory://files", "http://files/x", "https://files/x", "ftp://files/x", "gopher://attic",
        "zip:///data/files.zip", "zip://x::file:///data/files.zip", "simplecache::s3://fashen/files",
        "local:///data/files", "file://machine/data", "file:data", "files", "./files", "../files", "~/files", "",
        "/data/../files", "/data/x::memory", "/", "file:///", "/data//files", "/data/\nfiles", "/data/\0",
        "s3://", "s3:///files", "s3://b", "s3://Bucket!/x", "s3://fashen/*", "s3://fashen/../other", "s3://fashen?x=y",
        "s3a://fashen/files", "S3://fashen/files", "s3://fashen//files",
    ],
)  # fmt: skip
def test_what_keeps_no_files_for_years_is_refused_at_once(url: str) -> None:
    with pytest.raises(Invalid) as caught:
        Files(url)
    assert code_of(caught) == "file.store_unfit"


@pytest.mark.parametrize(
    "url", ["/data/files", "/data/文件 库/", "file:///data/files", "s3://fashen", "s3://fashen/", "s3://fashen/局/2026.a"]
)
def test_folders_and_places_on_s3_keep_files(url: str) -> None:
    assert fitting(url)


def test_stores_that_answer_are_reachable(either: Files) -> None:
    assert either.reachable()
    put(either, b"x")
    assert either.reachable()


def test_a_folder_that_cannot_be_entered_is_not_reachable(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    assert not Files(str(tmp_path / "taken")).reachable()
