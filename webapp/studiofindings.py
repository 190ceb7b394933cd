"""What the checks find in a package, as the editors and the pages of the studio show it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.elementnames import called, words
from webapp.errors import Trouble
from webapp.languages import language
from webapp.sentences import codes, sentence, tell
from webapp.studiochoices import title_of
from workflows.diagrams import checking, drafts, leftovers, mending, trying
from workflows.diagrams.draft_tables import ProcessDraft
from workflows.diagrams.proof import ERROR, Finding
from workflows.engine import packages
from workflows.errors import Invalid, Problem
from workflows.rehearsal import trials

Beside = Callable[[str], Mapping[str, bytes] | None]
_Called = tuple[dict[str, str], dict[str, str]]
_WITHIN_QUOTES = str.maketrans("“”", "‘’")
"""Names stand in quotes in the sentences, and those in them are single ones (GB/T 15834-2011, 4.8.3.4)."""
OF_ELEMENTS = ("flow", "flows", "element", "label", "source", "target")
"""Facts that are ids of elements; a label is one where the element has no name."""


def findings_of_draft(session: Session, row: ProcessDraft) -> list[dict[str, Any]]:
    """What the checks find in a draft as it is saved, and which of its tests failed when they ran on it last."""
    try:
        package = drafts.package(session, row)
        broken = trials.unreadable(package)
        known = {one.place for one in broken}
        failed = [one for one in trying.failed(session, package) if one.place not in known]
        told: list[Finding | Problem] = [*checking.findings(session, package), *broken, *failed]
        found = findings_of(told, package.files, beside(session, package.files))
    except Invalid as error:  # no package at all: too many files, say
        return findings_of([Problem(error.code, row.process_key, facts=error.facts)])
    own = ("", row.process_key)
    found = [one if one["process"] in own else one | _elsewhere(session, row, one) for one in found]
    return [one | _mended(session, row) if one["code"] in leftovers.CODES else one for one in found]


def _elsewhere(session: Session, row: ProcessDraft, one: Mapping[str, Any]) -> dict[str, Any]:
    """Where a finding in the diagram of another process is played, which the draft has not: {title, url}."""
    at = {"code": one["code"], "process": one["process"], "element": one["element"] or ""}
    title = title_of(session, one["process"])
    return {"elsewhere": {"title": title, "url": url_for("paths.show", draft_id=row.id, **at)}}


def _mended(session: Session, row: ProcessDraft) -> dict[str, Any]:
    """How settings of elements that are gone are put right by a button.

    ways: {label, old, new}, the last one clears them all; revision: of process.yaml, which is sent along.
    """
    known = called(drafts.package(session, row).files)
    ways = [
        {"old": old, "new": new, "label": _("“%(name)s”：设置改到新编号 %(new)s", name=known.get(new, new), new=new)}
        for old, new in mending.renamed(session, row).items()
    ]  # fmt: skip
    clear = {"old": "", "new": "", "label": _("清除这些设置")}
    return {"ways": [*ways, clear], "revision": drafts.content(session, row.id, leftovers.FILE)[1]}


def beside(session: Session, files: Mapping[str, bytes]) -> Beside:
    """File of a diagram that a package has not → the files of its process as it is in force, or None: of processes
    that call the package's, whose elements findings are about, too.
    """

    def drawn(file: str) -> Mapping[str, bytes] | None:
        present = packages.current(session, file.removesuffix(".bpmn")) if file.endswith(".bpmn") else None
        return packages.stored(session, present).files if present is not None and file not in files else None

    return drawn


def findings_of(
    found: Iterable[Finding | Problem], files: Mapping[str, bytes] | None = None, others: Beside | None = None
) -> list[dict[str, Any]]:  # fmt: skip
    """Findings as JSON: code, severity, file, element, step, line, sentence, fix, path, played, names, process.

    step: id of the step of the diagram that a finding in another file is about, or None;
    path: ids of elements and flows to be played, those of the finding's own diagram, or where that is of another
    process, those of the package's, which breaks the law there; played: the file of that diagram; names: what its
    elements are called, by id. files: of the package, whose elements are told by their names in the reader's language;
    others: as `beside` gives it, for those of calling processes.
    """
    names = _Names(files or {}, others)
    own = {path.removesuffix(".bpmn") for path in files or {} if path.endswith(".bpmn")}
    return [_finding(one, names, own) for one in found]


class _Names:
    """What the elements of a package are called, and those of the processes that call it."""

    def __init__(self, files: Mapping[str, bytes], others: Beside | None) -> None:
        self.others, self.own, self.known = others, (called(files), words(files)), dict[str, _Called]()

    def of(self, one: Finding | Problem) -> _Called:
        """Id → name, and Chinese → name in the reader's language, for one finding: those of its process come first."""
        problem = one.problem if isinstance(one, Finding) else one
        file = problem.place.partition("#")[0]
        if file not in self.known:
            drawn = self.others(file) if self.others is not None else None
            own, said = self.own
            self.known[file] = (own | called(drawn), said | words(drawn)) if drawn else self.own
        return self.known[file]


def by_name(
    trouble: Trouble | None, files: Mapping[str, bytes], others: Beside | None = None
) -> Trouble | None:  # fmt: skip
    """A refusal of a package with its elements called by name, where the checks know them by their ids."""
    if trouble is None or not trouble.problems:
        return trouble
    names = _Names(files, others)
    return replace(trouble, problems=[_placed(one, *names.of(one)) for one in trouble.problems])


def _placed(problem: Problem, names: Mapping[str, str], english: Mapping[str, str]) -> Problem:
    problem = replace(problem, facts={name: _named(value, english) for name, value in problem.facts.items()})
    file, _, element = problem.place.partition("#")
    place = file if "label" in problem.facts else problem.place  # of a process that this release would break
    return replace(problem, place=names.get(element, place), facts=_facts(problem, names))


def _played(one: Finding | Problem, own: Collection[str]) -> tuple[str, list[str]]:
    """The process whose diagram a finding's path is played in, and the path through it. own: keys of the package."""
    if not isinstance(one, Finding):
        return "", []
    here = one.process if not own or one.process in own else next(iter(own))
    return here, [step.id for step in one.path if step.process == here]


def _finding(one: Finding | Problem, known: _Names, own: Collection[str]) -> dict[str, Any]:
    names, english = known.of(one)
    problem = one.problem if isinstance(one, Finding) else one
    problem = replace(problem, facts={name: _named(value, english) for name, value in problem.facts.items()})
    file, _, element = problem.place.partition("#")
    if file.endswith(".yaml"):  # its entries are no elements; the line says where, and tests tell the step
        element = str(problem.facts.get("element") or "") if file.startswith(trying.FOLDER) else ""
        element = element if element in names else ""
    said, fix = problem, f"{problem.code}.fix"
    if fix in codes():  # its sentence leaves out the place where it stands beside it
        said = replace(problem, place="")
    played, path = _played(one, own)
    return {
        "code": problem.code, "severity": one.severity if isinstance(one, Finding) else ERROR, "file": file,
        "element": element or None, "step": problem.facts.get("step_id"), "line": problem.line,
        "sentence": _told(said, element, names),
        "fix": sentence(fix, problem.facts, language()) if fix in codes() else "", "path": path,
        "played": f"{played}.bpmn" if path else "", "process": one.process if isinstance(one, Finding) else "",
        "names": {id: known.own[0][id] for id in path if id in known.own[0]},
    }  # fmt: skip


def _told(said: Problem, element: str, names: Mapping[str, str]) -> str:
    """The sentence with names for ids, and without the file and line where those stand beside it."""
    facts = _facts(said, names)
    told = tell(replace(said, facts=facts), language())
    line = facts.get("line", said.line)
    for start in (f"{said.place}（第 {line} 行）：", f"{said.place} (line {line}): "):
        if element and told.startswith(start):
            name = _named(element, names)
            return (f"“{name}”：" if language() == "zh" else f"“{name}”: ") + told.removeprefix(start)
    return told if said.place else told[:1].upper() + told[1:]  # its place stood before it


def _facts(problem: Problem, names: Mapping[str, str]) -> dict[str, Any]:
    return {name: _named(value, names) if name in OF_ELEMENTS else value for name, value in problem.facts.items()}


def _named(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, list | tuple):
        return [_named(one, names) for one in value]
    name = names.get(str(value))
    return value if name is None else name.translate(_WITHIN_QUOTES)
