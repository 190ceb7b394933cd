"""Packages as files of the outside world: the zip of a folder as under `bpmn/`, or one of its files alone."""

from __future__ import annotations

import io
import re
import stat
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from workflows.diagrams.legible import require_legible
from workflows.engine import xml
from workflows.engine.package import MAX_BYTES, MAX_FILES, SUFFIXES, require_name
from workflows.errors import Invalid, Problem

MAX_ENTRIES = 500
"""Of a zip, folders and foreign files with it."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
_FOLDERS = (".", "forms", "tests")
_DRIVE = re.compile(r"[A-Za-z]:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Imported:
    """What an upload holds. files: path in the package → content; left: a problem for each file that was left out."""

    files: dict[str, bytes]
    left: tuple[Problem, ...] = ()


def read_import(key: str, name: str, data: bytes) -> Imported:
    """The files of a package out of what was uploaded under a name, byte for byte.

    A zip gives all that is in the folder of its process.yaml (or of its diagram), and says what it holds beside; a
    diagram becomes `<key>.bpmn`, a form goes to `forms/`. Raises Invalid ("draft.import_kind", "draft.import_zip",
    "draft.import_empty", "draft.import_large", "draft.import_hostile" with the paths that would lead elsewhere,
    "draft.import_unreadable" with why each of the files can't be read).
    """
    plain = name.replace("\\", "/").rpartition("/")[2][-_LONGEST:]
    if plain.lower().endswith(".zip"):
        return _unzipped(data)
    if len(data) > xml.MAX_BYTES:
        raise Invalid("draft.file_too_large", file=plain, megabytes=xml.MAX_BYTES // 1_000_000)
    path = _path(key, plain)
    require_name(path)
    require_legible({plain if plain.endswith(SUFFIXES) else path: data})
    return Imported({path: data})


def zipped(key: str, files: Mapping[str, bytes]) -> bytes:
    """A package as a zip with one folder, named by its key; equal files give equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files):
            archive.writestr(zipfile.ZipInfo(f"{key}/{path}", _EPOCH), files[path], zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _path(key: str, plain: str) -> str:
    """Where in a package a file alone goes, by the ending of its name."""
    if plain.lower().endswith((".bpmn", ".xml")):
        return f"{key}.bpmn"
    if plain.endswith((".yaml", ".yml")):
        return "process.yaml"
    if plain.endswith((".dmn", ".form")):
        return f"forms/{plain}" if plain.endswith(".form") else plain
    raise Invalid("draft.import_kind", file=plain)


def _unzipped(data: bytes) -> Imported:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _taken(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        # RuntimeError: encrypted; NotImplementedError, which is one: packed in a way that Python does not know
        raise Invalid("draft.import_zip") from error


def _taken(archive: zipfile.ZipFile) -> Imported:
    if len(archive.infolist()) > MAX_ENTRIES:
        raise _large()
    entries = _entries(archive)
    folder = _folder(list(entries))
    found: dict[str, bytes] = {}
    shown: dict[str, bytes] = {}
    left: list[Problem] = []
    rest = MAX_BYTES
    for path, info in entries.items():
        if why := _unwanted(path, folder):
            left.append(Problem(why, path.as_posix()[:_LONGEST]))
            continue
        with archive.open(info) as stream:  # what the directory of a zip says about sizes need not be true
            content = stream.read(rest + 1)
        rest -= len(content)
        if rest < 0 or len(found) == MAX_FILES:
            raise _large()
        found[path.relative_to(folder).as_posix()] = shown[path.as_posix()[:_LONGEST]] = content
    if not found:
        raise Invalid("draft.import_empty")
    require_legible(shown)
    return Imported(found, tuple(left))


def _entries(archive: zipfile.ZipFile) -> dict[PurePosixPath, zipfile.ZipInfo]:
    """The files of a zip by their paths. Raises Invalid ("draft.import_hostile") for paths that lead elsewhere."""
    entries: dict[PurePosixPath, zipfile.ZipInfo] = {}
    problems: list[Problem] = []
    for info in archive.infolist():
        name = info.orig_filename.replace("\\", "/")  # some programs under Windows write it so
        path = PurePosixPath(name)
        why = _hostile(name, path, info) or ("import.path_twice" if path in entries and not info.is_dir() else "")
        if why:
            problems.append(Problem(why, _CONTROL.sub("?", name)[:_LONGEST]))
        elif not name.endswith("/"):
            entries[path] = info
    if problems:
        raise Invalid("draft.import_hostile", problems)
    return entries


def _hostile(name: str, path: PurePosixPath, info: zipfile.ZipInfo) -> str:
    """Why nobody would write such a path with good intent; empty for one that is well."""
    if name.startswith("/") or _DRIVE.match(name):
        return "import.path_absolute"
    if ".." in path.parts:
        return "import.path_above"
    if _CONTROL.search(name):
        return "import.path_characters"
    return "import.path_link" if stat.S_ISLNK(info.external_attr >> 16) else ""


def _unwanted(path: PurePosixPath, folder: PurePosixPath) -> str:
    """Why a file of a zip is none of the package; empty for one that is."""
    if path.parts[0] == "__MACOSX" or any(part.startswith(".") for part in path.parts):
        return "import.left_hidden"
    if not path.is_relative_to(folder):
        return "import.left_outside"
    if not path.name.endswith(SUFFIXES):
        return "import.left_kind"
    inside = path.relative_to(folder)
    if str(inside.parent) not in _FOLDERS:
        return "import.left_folder"
    try:
        require_name(inside.as_posix())
    except Invalid:
        return "import.left_name"
    return ""


def _large() -> Invalid:
    return Invalid("draft.import_large", files=MAX_FILES, megabytes=MAX_BYTES // 1_000_000)


def _folder(paths: list[PurePosixPath]) -> PurePosixPath:
    """The folder of the package: that of its process.yaml, or else of its first diagram."""
    wanted = [path for path in paths if path.parts[:1] != ("__MACOSX",) and not path.name.startswith(".")]
    described = [path for path in wanted if path.name == "process.yaml"] or [p for p in wanted if p.suffix == ".bpmn"]
    if not described:
        raise Invalid("draft.import_empty")
    return min(described, key=lambda path: (len(path.parts), path.as_posix())).parent
