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
    """One part of a parameter's value. kind: yuan | number | flag | types; least, most: of a number.

    fixed: what the law says and no bureau changes: kinds that stay, or the only value of a flag. basis: where it does.
    """

    key: str
    kind: str
    names: tuple[str, str]
    least: int
    most: int
    fixed: tuple[str, ...] | bool | None = None
    basis: tuple[str, str] = ("", "")

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of penalties that nobody takes away."""
        return frozenset(self.fixed) if isinstance(self.fixed, tuple) else frozenset()

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

    def keeps(self, value: object) -> bool:
        """Whether a value that fits leaves what the law says as it is."""
        if self.kind == "types":
            return isinstance(value, list) and self.kinds <= set(value)
        return not isinstance(self.fixed, bool) or value is self.fixed


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
            _field(key, field) for key, field in one["fields"].items()
        ))
        for name, one in said.items()
    }  # fmt: skip


def _field(key: str, said: Mapping[str, Any]) -> Field:
    fixed, basis = said.get("fixed"), said.get("basis", {"zh": "", "en": ""})
    return Field(
        key, said["kind"], (said["zh"], said["en"]), said.get("least", 0), said.get("most", 0),
        tuple(fixed) if isinstance(fixed, list) else fixed, (basis["zh"], basis["en"]),
    )  # fmt: skip


def fixed_hearing_types() -> frozenset[str]:
    """The kinds of penalties that give the right to a hearing by law (行政处罚法 63), whatever a bureau set."""
    return next(one.kinds for one in parameters()["hearing_threshold"].fields if one.key == "types")


def highest_hearing_yuan(party_kind: str) -> int:
    """The fine in yuan from which there is a right to a hearing at the latest. party_kind: "entity" or "person"."""
    key = f"{party_kind}_fine_yuan"
    return next(one.most for one in parameters()["hearing_threshold"].fields if one.key == key)


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
    problems += [
        Problem("rule.statutory", f"value.{one.key}", facts={"label": one.label, "basis": dict(zip(("zh", "en"),
                one.basis, strict=True))})
        for one in parameter.fields if one.fits(value.get(one.key)) and not one.keeps(value[one.key])
    ]  # fmt: skip
    if not problems and name == "quorum" and not 1 <= 2 * value["numerator"] / value["denominator"] <= 2:
        problems.append(Problem("rule.quorum_bad", "value.numerator"))
    if not problems and value.keys() != {one.key for one in parameter.fields}:
        problems.append(Problem("form.invalid", "value"))
    if problems:
        raise Invalid("form.invalid", problems, count=len(problems))
