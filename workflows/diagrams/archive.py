"""Packages as files of the outside world: the zip of a folder as under `bpmn/`, or one of its files alone."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import PurePosixPath

from workflows.engine import xml
from workflows.engine.package import MAX_BYTES, MAX_FILES, SUFFIXES
from workflows.errors import Invalid

MAX_ENTRIES = 500
"""Of a zip, folders and foreign files with it."""
_EPOCH = (1980, 1, 1, 0, 0, 0)


def read_import(key: str, name: str, data: bytes) -> dict[str, bytes]:
    """The files of a package out of what was uploaded under a name, byte for byte: path → content.

    A zip gives all that is in the folder of its process.yaml (or of its diagram); a diagram becomes `<key>.bpmn`, a
    form goes to `forms/`. Raises Invalid ("draft.import_kind", "draft.import_zip", "draft.import_empty",
    "draft.import_large").
    """
    plain = name.replace("\\", "/").rpartition("/")[2]
    if plain.lower().endswith(".zip"):
        return _unzipped(data)
    if len(data) > xml.MAX_BYTES:
        raise Invalid("draft.file_too_large", file=plain[:120], megabytes=xml.MAX_BYTES // 1_000_000)
    if plain.lower().endswith((".bpmn", ".xml")):
        return {f"{key}.bpmn": data}
    if plain.endswith((".yaml", ".yml")):
        return {"process.yaml": data}
    if plain.endswith((".dmn", ".form")):
        return {f"forms/{plain}" if plain.endswith(".form") else plain: data}
    raise Invalid("draft.import_kind", file=plain[:120])


def zipped(key: str, files: Mapping[str, bytes]) -> bytes:
    """A package as a zip with one folder, named by its key; equal files give equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files):
            archive.writestr(zipfile.ZipInfo(f"{key}/{path}", _EPOCH), files[path], zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _unzipped(data: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _taken(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        # RuntimeError: encrypted; NotImplementedError, which is one: packed in a way that Python does not know
        raise Invalid("draft.import_zip") from error


def _taken(archive: zipfile.ZipFile) -> dict[str, bytes]:
    entries = {info.filename: info for info in archive.infolist() if not info.is_dir()}
    if len(archive.infolist()) > MAX_ENTRIES:
        raise Invalid("draft.import_large", files=MAX_FILES, megabytes=MAX_BYTES // 1_000_000)
    folder = _folder(list(entries))
    found: dict[str, bytes] = {}
    left = MAX_BYTES
    for name, info in entries.items():
        path = PurePosixPath(name)
        if not name.endswith(SUFFIXES) or not path.is_relative_to(folder) or ".." in path.parts:
            continue
        with archive.open(info) as stream:  # what the directory of a zip says about sizes need not be true
            content = stream.read(left + 1)
        left -= len(content)
        if left < 0 or len(found) == MAX_FILES:
            raise Invalid("draft.import_large", files=MAX_FILES, megabytes=MAX_BYTES // 1_000_000)
        found[path.relative_to(folder).as_posix()] = content
    if not found:
        raise Invalid("draft.import_empty")
    return found


def _folder(names: list[str]) -> PurePosixPath:
    """The folder of the package: that of its process.yaml, or else of its first diagram."""
    wanted = [PurePosixPath(name) for name in names if "__MACOSX" not in name]
    described = [path for path in wanted if path.name == "process.yaml"] or [p for p in wanted if p.suffix == ".bpmn"]
    if not described:
        raise Invalid("draft.import_empty")
    return min(described, key=lambda path: (len(path.parts), path.as_posix())).parent
