"""What an error says: the sentence of its code, in the reader's language, with its facts filled in."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from workflows import shipped
from workflows.actors import ROLES
from workflows.calendar import clock
from workflows.errors import FashenError, Incident, Invalid, Problem


def sentence(code: str, facts: Mapping[str, Any], language: str) -> str:
    """The sentence of a code. language: "zh" or "en".

    A code without a sentence (a test forbids it) gives a general one that names the code, never an error.
    """
    pair = _sentences().get(code) or _sentences()["unknown"]
    words = {key: _words(value, language) for key, value in facts.items()}
    if words.get("reason") in _sentences():  # a reason that has a sentence of its own is told, not named
        words["reason"] = sentence(words["reason"], {**facts, "reason": None}, language)
    if words.get("reason") and _CLOSED.search(pair[language]):
        words["reason"] = words["reason"].rstrip("。；.;")
    told = _CLAUSE.sub(lambda found: _clause(found[1], words), pair[language])
    return _Lenient().vformat(told, (), {"code": code, **words})


def tell(error: FashenError | Problem, language: str) -> str:
    """The sentence of an error or of one of its problems."""
    facts = dict(error.facts)
    if isinstance(error, Invalid):
        facts = {"count": len(error.problems), **facts}  # whoever raised it without counting
    if isinstance(error, Problem):
        facts = {"place": error.place, "line": error.line, **facts}
    if isinstance(error, Incident) and "line" in facts:  # whoever mends the diagram finds the place
        return sentence(error.code, facts, language) + sentence("engine.place", facts, language)
    return sentence(error.code, facts, language)


def codes() -> frozenset[str]:
    """All codes that have a sentence."""
    return frozenset(_sentences())


_CLOSED = re.compile(r"\{reason\}(?=[）)。.，,])")
"""A typed reason, where the sentence goes on behind it: without the full stop its writer ended it with."""

_CLAUSE = re.compile(r"\[([^\[\]]*)\]")
"""A part in brackets is told only when a fact in it says something, as in the sentences of the ledger."""


def _clause(text: str, words: Mapping[str, str]) -> str:
    names = [name for _, name, _, _ in string.Formatter().parse(text) if name]
    return text if not names or any(words.get(name) for name in names) else ""


class _Lenient(string.Formatter):
    """Fills what it is given and leaves out what it is not: a forgotten fact must not turn an answer into a crash."""

    def get_value(self, key: int | str, args: Any, kwargs: Mapping[str, Any]) -> Any:
        return kwargs.get(str(key), "")

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        """Only plain names: no attribute or item of a fact is reachable from a sentence."""
        return self.get_value(field_name, args, kwargs), field_name


def _words(value: Any, language: str) -> str:
    if isinstance(value, datetime):
        return clock.local(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return ROLES[value][0 if language == "zh" else 1] if value in ROLES else value
    if isinstance(value, Mapping):
        return _words(value.get(language, ""), language)
    if isinstance(value, Iterable):
        return ("、" if language == "zh" else ", ").join(_words(item, language) for item in value)
    return "" if value is None else str(value)


@lru_cache(maxsize=1)
def _sentences() -> dict[str, dict[str, str]]:
    read: dict[str, dict[str, str]] = shipped.read("workflows", "sentences.yaml")
    return read
