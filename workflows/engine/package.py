"""A process package: the diagram with its tables, forms and `process.yaml`, as one value with one hash.

A definition is its whole package: a changed form or table is another definition, as a changed diagram is.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from workflows.engine.plain_yaml import plain
from workflows.errors import Invalid

MAX_FILES = 64
MAX_BYTES = 4_000_000
_KEY = re.compile(r"[a-z][a-z0-9_]{0,62}\Z")
_NAME = re.compile(r"(?:forms/|tests/)?[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}\Z")
SUFFIXES = (".bpmn", ".dmn", ".form", ".yaml")


@dataclass(frozen=True)
class Package:
    """The files of one process.

    key: the process key, snake_case; files: relative name → content. Raises Invalid ("package.*") for a bad key or
    name, too many files or too many bytes.
    """

    key: str
    files: Mapping[str, bytes]

    def __post_init__(self) -> None:
        require_key(self.key)
        if len(self.files) > MAX_FILES or sum(len(data) for data in self.files.values()) > MAX_BYTES:
            raise Invalid("package.too_large", files=MAX_FILES, bytes=MAX_BYTES)
        for name in self.files:
            require_name(name)
        ordered = {name: bytes(self.files[name]) for name in sorted(self.files)}
        object.__setattr__(self, "files", MappingProxyType(ordered))

    @cached_property
    def hash(self) -> str:
        """SHA-256 over key, names and contents, 64 hexadecimal digits; every part is preceded by its length."""
        digest = hashlib.sha256()
        for part in (self.key.encode(), *(p for name, data in self.files.items() for p in (name.encode(), data))):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
        return digest.hexdigest()

    def named(self, suffix: str) -> list[str]:
        """Names of the files that end so, sorted."""
        return [name for name in self.files if name.endswith(suffix)]

    def form(self, reference: str) -> str | None:
        """The file a formKey or formRef means: `approve`, `forms/approve.form` or the Modeler's deployment notation."""
        name = reference.removeprefix("camunda-forms:deployment:").removeprefix("forms/").removesuffix(".form")
        found = f"forms/{name}.form"
        return found if found in self.files else None

    def to_json(self) -> str:
        """The files as text, for a database column."""
        return json.dumps({name: base64.b64encode(data).decode() for name, data in self.files.items()})

    @classmethod
    def from_json(cls, key: str, text: str) -> Package:
        """Back from `to_json`."""
        return cls(key, {name: base64.b64decode(data) for name, data in json.loads(text).items()})


def require_key(key: str) -> None:
    """Raise Invalid ("package.key") for what is no process key."""
    if not _KEY.match(key):
        raise Invalid("package.key", key=key[:80])


def require_name(name: str) -> None:
    """Raise Invalid ("package.file_name") for what no file of a package may be called."""
    if not _NAME.match(name) or not name.endswith(SUFFIXES):
        raise Invalid("package.file_name", file=name[:120])


def read_folder(path: Path) -> Package:
    """Read a package from a folder under `bpmn/`; its key is `key` in process.yaml, or else the folder's name.

    Files of other kinds (drafts, read-mes) are left out. Raises Invalid ("package.*") for a symbolic link, a broken
    process.yaml, or what Package refuses.
    """
    files: dict[str, bytes] = {}
    for file in sorted(path.rglob("*")):
        if file.suffix not in SUFFIXES or file.is_dir():
            continue
        name = file.relative_to(path).as_posix()
        if file.is_symlink():
            raise Invalid("package.file_name", file=name)
        files[name] = file.read_bytes()
    return Package(_key(files, path.name), files)


def _key(files: Mapping[str, bytes], default: str) -> str:
    if "process.yaml" not in files:
        return default
    read = plain(files["process.yaml"])
    key = read.get("key", default) if isinstance(read, dict) else default
    return key if isinstance(key, str) else default
