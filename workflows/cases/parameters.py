"""Which legal parameters a bureau may set for itself, and what their values look like (`parameters.yaml`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from workflows import shipped
from workflows.cases.file import PENALTY_TYPES
from workflows.errors import Invalid, NotFound, Problem


@dataclass(frozen=True, slots=True)
class Field:
    """One part of a parameter's value. kind: yuan | number | flag | types; least, most: of a number."""

    key: str
    kind: str
    names: tuple[str, str]
    least: int
    most: int

    @property
    def label(self) -> dict[str, str]:
        """What it is called, by language."""
        return {"zh": self.names[0], "en": self.names[1]}

    def fits(self, value: object) -> bool:
        """Whether a value is of the kind and within its limits."""
        if self.kind == "flag":
            return isinstance(value, bool)
        if self.kind == "types":
            return isinstance(value, list) and bool(value) and PENALTY_TYPES.keys() >= set(value)
        return type(value) is int and self.least <= value <= self.most


@dataclass(frozen=True, slots=True)
class Parameter:
    """A legal parameter of a bureau. names: (Chinese, English)."""

    name: str
    names: tuple[str, str]
    fields: tuple[Field, ...]


@cache
def parameters() -> Mapping[str, Parameter]:
    """All parameters that a bureau may set, by name."""
    said = shipped.read("workflows.cases", "parameters.yaml")
    return {
        name: Parameter(name, (one["zh"], one["en"]), tuple(
            Field(key, field["kind"], (field["zh"], field["en"]), field.get("least", 0), field.get("most", 0))
            for key, field in one["fields"].items()
        ))
        for name, one in said.items()
    }  # fmt: skip


def require_value(name: str, value: Mapping[str, Any]) -> None:
    """Raise NotFound("rule.unknown") for no parameter of a bureau, Invalid at each wrong field "value.<key>"."""
    parameter = parameters().get(name)
    if parameter is None:
        raise NotFound("rule.unknown", rule=name[:64], day="")
    problems = [
        Problem("rule.value_bad", f"value.{one.key}", facts={"least": one.least, "most": one.most})
        if one.kind in ("yuan", "number")
        else Problem("field.required", f"value.{one.key}", facts={"label": one.label})
        for one in parameter.fields if not one.fits(value.get(one.key))
    ]  # fmt: skip
    if not problems and name == "quorum" and not 1 <= 2 * value["numerator"] / value["denominator"] <= 2:
        problems.append(Problem("rule.quorum_bad", "value.numerator"))
    if not problems and value.keys() != {one.key for one in parameter.fields}:
        problems.append(Problem("form.invalid", "value"))
    if problems:
        raise Invalid("form.invalid", problems, count=len(problems))
