"""Data that ships with the program as YAML beside the modules: rules, catalogues, sentences."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import yaml


def read(package: str, name: str) -> Any:
    """The content of a file of the program; what strangers send is read by `engine.plain_yaml`.

    package: the dotted name of the folder, "workflows.calendar"; name: the file in it. libyaml reads it ten times as
    fast as Python does, and a server reads some thousand entries before it answers anybody.
    """
    return yaml.load(files(package).joinpath(name).read_text(encoding="utf-8"), yaml.CSafeLoader)
