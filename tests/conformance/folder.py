"""Reads the folder: NAME.bpmn beside NAME.yaml (title, group, remark, and what is expected of it).

Files NAME.KEY.bpmn are processes that it calls under KEY, NAME.dmn holds its tables. A sidecar says either `play` or
`refused`. In `play` each entry is one command (start, do, wait, send, external, fail) with what must be offered after
it and which elements were passed by it, in order; or the incident that must refuse it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from workflows.engine.definition import read as read_package
from workflows.engine.package import Package
from workflows.engine.tables import DecisionTable, read_tables

HERE = Path(__file__).parent
GROUPS = {
    "flows": ("流向与网关", "Flows and gateways"), "activities": ("活动", "Activities"),
    "repetition": ("多实例与循环", "Multi-instance and loops"), "scopes": ("子流程与调用", "Subprocesses and calls"),
    "start": ("开始与结束", "Starts and ends"), "timers": ("计时事件", "Timers"),
    "events": ("消息、信号及其他事件", "Messages, signals and other events"),
    "errors": ("错误与升级", "Errors and escalations"),
    "data": ("变量与数据", "Variables and data"), "drawing": ("只供人看的内容", "For readers only"),
}


@dataclass(frozen=True)
class Construct:
    """One construct: its name in the folder and what the sidecar says."""

    name: str
    sidecar: dict[str, Any]

    @property
    def refused(self) -> list[dict[str, Any]]:
        """The problems that reading must find; empty for what is supported."""
        found: list[dict[str, Any]] = self.sidecar.get("refused", [])
        return found

    def packages(self) -> dict[str, Package]:
        """The construct's package under "sample", and those that it calls."""
        files = {"sample.bpmn": (HERE / f"{self.name}.bpmn").read_bytes()}
        tables = HERE / f"{self.name}.dmn"
        if tables.exists():
            files["tables.dmn"] = tables.read_bytes()
        found = {"sample": Package("sample", files)}
        for path in sorted(HERE.glob(f"{self.name}.*.bpmn")):
            key = path.name.split(".")[1]
            found[key] = Package(key, {f"{key}.bpmn": path.read_bytes()})
        return found

    def read(self) -> None:
        """Read all of it. Raises DiagramRefused."""
        if (HERE / f"{self.name}.bpmn").exists():
            for package in self.packages().values():
                read_package(package)
        else:
            self.tables()

    def tables(self) -> dict[str, DecisionTable]:
        """The decisions of a file in `dmn`. Raises DiagramRefused."""
        return read_tables((HERE / "dmn" / f"{self.name}.dmn").read_bytes(), f"{self.name}.dmn")

    def __str__(self) -> str:
        return self.name


def constructs() -> list[Construct]:
    """All constructs, by name."""
    return [Construct(path.stem, yaml.safe_load(path.read_text("utf-8"))) for path in sorted(HERE.glob("*.yaml"))]


def decisions() -> list[Construct]:
    """All decision tables of the folder's `dmn`, by name."""
    return [Construct(path.stem, yaml.safe_load(path.read_text("utf-8"))) for path in sorted(HERE.glob("dmn/*.yaml"))]
