"""Writes docs/bpmn-support.md from the folder: `python -m tests.conformance.document`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.conformance import attributes
from tests.conformance.folder import GROUPS, HERE, Construct, constructs, decisions
from workflows.errors import DiagramRefused, Problem

DOCUMENT = HERE.parents[1] / "docs" / "bpmn-support.md"
_SENTENCES = HERE.parents[1] / "workflows" / "sentences.yaml"
_PLACES = {"zh": "{place}（第 {line} 行）：", "en": "{place} (line {line}): "}
_HEAD = """# BPMN 与 DMN 支持范围 What of BPMN and DMN is supported

<!-- Written by `python -m tests.conformance.document` from tests/conformance; a test fails when it is out of date. -->

每一行对应 [tests/conformance](../tests/conformance) 中的一张小图：“支持”的，图旁写明应有的步骤，
测试逐步核对（每步之后都存入并重新读出）；“不予采用”的，读图时即指出元素、行号和理由，不会带病运行。
表中没有的元素和属性一律不予采用。

Each row is one small diagram in [tests/conformance](../tests/conformance). What is supported runs as written beside it,
step by step, stored and read back in between. What is refused is refused when the diagram is read, with element, line
and reason; it never runs wrongly. Elements and attributes that are not in the tables are refused.
"""


def written() -> str:
    """The whole document."""
    sentences: dict[str, dict[str, str]] = yaml.safe_load(_SENTENCES.read_text("utf-8"))
    parts = [_HEAD]
    for group, (zh, en) in GROUPS.items():
        rows = [construct for construct in constructs() if construct.sidecar["group"] == group]
        parts.append("\n".join(_section(f"{zh} {en}", rows, sentences, HERE)))
    parts.append("\n".join(_section("决策表 Decision tables (DMN 1.3)", decisions(), sentences, HERE / "dmn")))
    parts.append(attributes.section())
    return "\n".join(parts)


def _section(
    title: str, rows: list[Construct], sentences: dict[str, dict[str, str]], folder: Path
) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| 元素 | Element | | 说明 Remark |"
    yield "|---|---|---|---|"
    for row in sorted(rows, key=lambda row: (bool(row.refused), row.name)):
        names = row.sidecar["title"]
        path = folder.relative_to(HERE.parents[1]).as_posix()
        suffix = "dmn" if folder != HERE else "bpmn"
        state = "**不予采用 refused**" if row.refused else "支持 supported"
        remark = "<br>".join(_remarks(row, sentences))
        yield f"| [{names['zh']}](../{path}/{row.name}.{suffix}) | {names['en']} | {state} | {remark} |"
    yield ""


def _remarks(row: Construct, sentences: dict[str, dict[str, str]]) -> Iterator[str]:
    remark: dict[str, Any] = row.sidecar.get("remark", {})
    for language in ("zh", "en"):
        told = [remark[language]] if language in remark else []
        for problem in _problems(row):
            sentence = sentences[problem.code][language].removeprefix(_PLACES[language])
            told.append(sentence.format_map({"place": problem.place, "line": problem.line, **problem.facts}))
        yield from dict.fromkeys(told)


def _problems(row: Construct) -> list[Problem]:
    """What reading a construct that is refused says, each sentence once."""
    if not row.refused:
        return []
    try:
        row.read()
    except DiagramRefused as refused:
        return list({(problem.code, str(problem.facts)): problem for problem in refused.problems}.values())
    return []


if __name__ == "__main__":
    DOCUMENT.write_text(written(), "utf-8")
