"""English beside the Chinese of diagrams: the labels that a process package carries in its `process.yaml`."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from webapp.languages import bilingual, language
from webapp.sentences import sentence
from workflows.desk.operators import subtasks
from workflows.desk.tasks import STEP, Task
from workflows.diagrams import library
from workflows.errors import FashenError

_known: dict[str, dict[str, Any]] = {}
"""Content of `process.yaml` by package hash: a hash never changes its content, so nothing here goes stale."""
_LIMIT = 200

DELEGATED = ("委派", "Delegated")
"""A step that somebody prepares for whoever answers for it."""


def step_name(session: Session, task: Task) -> str:
    """What waits, in the reader's language: the step, and what is asked where it is not the step itself.

    法规初审; 法规初审（征询意见） for an advice beside it, 法规初审（委派） while somebody prepares it for another.
    """
    name, asks = bare_name(session, task), asked(task)
    return bilingual(f"{name}（{asks[0]}）", f"{name} ({asks[1][:1].lower()}{asks[1][1:]})") if asks else name


def bare_name(session: Session, task: Task) -> str:
    """The name of a task's step alone, in the reader's language, for sentences that say themselves what is asked."""
    return element_name(session, task.package_hash, task.element_id, task.name)


def asked(task: Task) -> tuple[str, str] | None:
    """What a task asks beside its step (前加签, 征询意见 …, 委派): Chinese, English; None for the step itself."""
    return subtasks.NAMES.get(task.kind) or (DELEGATED if task.kind == STEP and task.owner_id is not None else None)


def element_name(session: Session, package_hash: str, element_id: str, chinese: str) -> str:
    """The name of a diagram's element in the reader's language."""
    return bilingual(chinese, pair(_about(session, package_hash).get("labels", {}).get(element_id))[1])


def word(session: Session, package_hash: str, chinese: str) -> str:
    """A name of the diagram, a lane's say, in the reader's language, found by its Chinese."""
    pairs = (pair(label) for label in _about(session, package_hash).get("labels", {}).values())
    return bilingual(chinese, next((en for zh, en in pairs if zh == chinese), ""))


def told(session: Session, task: Task, error: FashenError, code: str = "") -> str:
    """What an error about a task says, its step named in the reader's language. code: of another sentence for it."""
    step = bare_name(session, task)
    facts = {key: step if value == task.name else value for key, value in error.facts.items()}
    return sentence(code or error.code, facts, language())


def process_name(session: Session, package_hash: str, key: str) -> str:
    """A process's title in the reader's language."""
    zh, en = pair(_about(session, package_hash).get("title"))
    return bilingual(zh or key, en)


def _about(session: Session, package_hash: str) -> dict[str, Any]:
    if package_hash not in _known:
        if len(_known) >= _LIMIT:
            _known.clear()
        _known[package_hash] = dict(library.process_yaml(session, package_hash))
    return _known[package_hash]


def pair(label: Any) -> tuple[str, str]:
    """(Chinese, English) of a label, which is a mapping of both or an English text alone."""
    if isinstance(label, dict):
        return str(label.get("zh", "")), str(label.get("en", ""))
    return "", str(label or "")
