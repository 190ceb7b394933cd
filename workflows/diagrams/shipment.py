"""What the program ships: the packages under bpmn/, and which statutory act each of their forms is filled in for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path

from workflows.engine.package import Package, read_folder
from workflows.engine.xml import safe_tree

_CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"


def shipped() -> dict[str, Package]:
    """The packages that come with the program, by process key."""
    with resources.as_file(resources.files("bpmn")) as folder:
        folders = sorted(path.parent for path in Path(folder).glob("*/process.yaml"))
        found = [read_folder(path) for path in folders]
    return {package.key: package for package in found}


@cache
def acts_of_forms(key: str) -> Mapping[str, tuple[str, ...]]:
    """Form → the statutory acts of the steps that have it in the shipped diagram of a process; none for another key."""
    package = shipped().get(key)
    if package is None:
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for name in package.named(".bpmn"):
        for element in safe_tree(package.files[name]).iter("*"):
            form = str(element.get(f"{_CAMUNDA}formKey", ""))
            for mark in element.iterfind(f".//{_CAMUNDA}property[@name='act']") if form else ():
                found[form] = tuple(dict.fromkeys([*found.get(form, ()), str(mark.get("value"))]))
    return found
