"""Sample contents of every kind, invented: what a bureau's papers look like before there is a case."""

from __future__ import annotations

import copy
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml


def kinds() -> list[str]:
    """The names of all samples; "goods_decision" is a second 行政处罚决定书, against a person."""
    return list(_all())


def sample(name: str) -> dict[str, Any]:
    """A fresh copy of one content, complete with agency, number and day. Raises KeyError for an unknown name."""
    return copy.deepcopy(_all()[name])


@lru_cache(maxsize=1)
def _all() -> dict[str, dict[str, Any]]:
    text = resources.files("workflows.documents").joinpath("samples.yaml").read_text("utf-8")
    return dict(yaml.safe_load(text))
