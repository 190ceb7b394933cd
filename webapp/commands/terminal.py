"""Speaking at the terminal: Chinese or English, as the environment asks."""

from __future__ import annotations

import os

import click

from webapp.sentences import tell
from workflows.errors import FashenError, Invalid, Problem


def language() -> str:
    """ "en" when the locale of the terminal is English, else "zh"."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name, ""):
            return "en" if value.lower().startswith("en") else "zh"
    return "zh"


def say(zh: str, en: str) -> str:
    """The text of this terminal's language."""
    return _writable(en if language() == "en" else zh)


def _writable(said: str) -> str:
    """The text with what no terminal can write shown as an escape: names of files may be any bytes."""
    return said.encode("utf-8", "backslashreplace").decode()


def explain(error: FashenError) -> None:
    """Say on the error stream what is wrong, and where."""
    click.echo(_writable(tell(error, language())), err=True)
    for problem in error.problems if isinstance(error, Invalid) else ():
        click.echo(_writable(f"  - {_placed(problem)}"), err=True)


def _placed(problem: Problem) -> str:
    """A problem's sentence, with its place and line before it where the sentence does not say them."""
    said = tell(problem, language())
    if not problem.place or problem.place in said:
        return said
    line = "" if problem.line is None else say(f"（第 {problem.line} 行）", f" (line {problem.line})")
    return problem.place + line + say("：", ": ") + said
