"""Long, realistic contents of every kind."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml

_ALL: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("samples.yaml").read_text("utf-8"))
KINDS = [name for name in _ALL if name != "goods_decision"]


def sample(name: str) -> dict[str, Any]:
    """A fresh copy of one content; "goods_decision" is a second 行政处罚决定书, against a person."""
    return copy.deepcopy(_ALL[name])
