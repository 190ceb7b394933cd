"""What people call the elements of a diagram, also of one that is refused; for findings."""

from __future__ import annotations

from collections.abc import Mapping

from workflows.engine.package import Package
from workflows.engine.xml import safe_tree
from workflows.errors import DiagramRefused


def names(package: Package) -> Mapping[str, str]:
    """Id → name of the elements that have one; a flow without a name by its two ends. Empty where there is no XML."""
    found: dict[str, str] = {}
    flows: dict[str, tuple[str, str]] = {}
    for file in (name for name in package.files if name.endswith(".bpmn")):
        try:
            tree = safe_tree(package.files[file], file)
        except DiagramRefused:
            continue
        for element in tree.iter("{*}*"):
            id, name = element.get("id"), " ".join((element.get("name") or "").split())
            if id and name:
                found[id] = name
            elif id and element.get("sourceRef") and element.get("targetRef"):
                flows[id] = (str(element.get("sourceRef")), str(element.get("targetRef")))
    ends = {id: f"{found.get(source, source)} → {found.get(target, target)}" for id, (source, target) in flows.items()}
    return {**ends, **found}
