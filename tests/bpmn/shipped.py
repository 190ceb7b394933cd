"""The shipped packages, read once for all tests of this folder."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from lxml import etree

from workflows import forms
from workflows.engine.definition import Definition, read
from workflows.engine.package import Package, read_folder

ROOT = Path(__file__).parents[2] / "bpmn"
KEYS = ("collective_decision", "criminal_referral", "legal_review", "penalty")
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
CONTRACT: dict[str, dict[str, dict[str, str]]] = yaml.safe_load(
    Path(__file__).with_name("contract.yaml").read_text("utf-8")
)


@cache
def package(key: str) -> Package:
    return read_folder(ROOT / key)


@cache
def definition(key: str) -> Definition:
    return read(package(key), callable_keys=KEYS)


@cache
def diagram(key: str) -> etree._Element:
    return etree.fromstring(package(key).files[f"{key}.bpmn"])


def said(key: str) -> dict[str, Any]:
    """process.yaml."""
    read_yaml: dict[str, Any] = yaml.safe_load(package(key).files["process.yaml"])
    return read_yaml


def schemas(key: str) -> dict[str, dict[str, Any]]:
    """The form-js schemas of a package by form key."""
    return {
        name.removeprefix("forms/").removesuffix(".form"): json.loads(package(key).files[name])
        for name in package(key).named(".form")
    }


def form(key: str, name: str) -> forms.Form:
    return forms.parse(schemas(key)[name], name)
