"""Where a token came from: what a return to an earlier step has to know of it.

Every token carries its *line*: its path (one entry for each split it came through whose join it has not passed), the
steps behind it with the path that it had there, and the joins that it has passed. The line is kept on the token and
not in a history, so it splits with the token and is rolled back with it.

Paths are there to be compared with those of other tokens, so an entry that tells nothing apart is dropped whenever the
instance comes to rest (`shorten`): a loop through a split whose other branch has ended adds nothing. What is stored is
bounded by the diagram and the tokens that are alive, not by the rounds behind them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from SpiffWorkflow.task import Task

from workflows.engine.elements import Flow

Path = tuple[str, ...]
"""Entries "number:flow": number counts tokens and splits of the instance, so no two splits share it."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A step that was passed: the number of the token that stood there, and its path."""

    number: int
    path: Path


@dataclass(frozen=True, slots=True)
class Line:
    """past: step → its latest visit on this line; joins: gateway → incoming flow → path of the token on that flow."""

    path: Path = ()
    past: Mapping[str, Visit] = field(default_factory=dict)
    joins: Mapping[str, Mapping[str, Path]] = field(default_factory=dict)

    def before(self, number: int) -> Line:
        """The line without what lies at or after the token of that number."""
        return replace(
            self,
            past={id: visit for id, visit in self.past.items() if visit.number < number},
            joins={
                id: arrived for id, arrived in self.joins.items()
                if all(fork(entry) < number for path in arrived.values() for entry in path)
            },
        )

    def seen_from(self, path: Path) -> Line:
        """The line of a token that stands at `path` again: what lies in branches beside it is not behind it."""
        return Line(
            path,
            {id: visit for id, visit in self.past.items() if not _beside(visit.path, path)},
            {id: arrived for id, arrived in self.joins.items()
             if not any(_beside(other, path) for other in arrived.values())},
        )  # fmt: skip

    def arrived(self, path: Path) -> Line:
        """The line of a token that came to a join on `path`, from the line of what went on behind the join: what lies
        in its branch, and what lay behind the split.
        """
        def lies(other: Path, number: int) -> bool:
            at = common(other, path)
            return at == len(path) or (not _beside(other, path) and number < fork(path[at]))

        return Line(
            path,
            {id: visit for id, visit in self.past.items() if lies(visit.path, visit.number)},
            {id: arrived for id, arrived in self.joins.items()
             if all(lies(other, max(map(fork, other), default=0)) for other in arrived.values())},
        )  # fmt: skip

    def paths(self) -> Iterator[Path]:
        """All paths that it speaks of."""
        yield self.path
        yield from (visit.path for visit in self.past.values())
        yield from (path for arrived in self.joins.values() for path in arrived.values())

    def without(self, idle: frozenset[str]) -> Line:
        """The line with these entries taken out of every path."""
        def kept(path: Path) -> Path:
            return tuple(entry for entry in path if entry not in idle)

        return Line(
            kept(self.path),
            {id: Visit(visit.number, kept(visit.path)) for id, visit in self.past.items()},
            {id: {flow: kept(path) for flow, path in arrived.items()} for id, arrived in self.joins.items()},
        )

    def to_json(self) -> dict[str, Any]:
        """What is stored with a token; nothing for an empty line."""
        said: dict[str, Any] = {}
        if self.path:
            said["path"] = list(self.path)
        if self.past:
            said["past"] = {id: [visit.number, *visit.path] for id, visit in self.past.items()}
        if self.joins:
            said["joins"] = {id: {flow: list(p) for flow, p in arrived.items()} for id, arrived in self.joins.items()}
        return {"line": said} if said else {}


def fork(entry: str) -> int:
    """The number of the split that an entry of a path stands for."""
    return int(entry.partition(":")[0])


def _beside(one: Path, other: Path) -> bool:
    """Whether two paths are branches of one split."""
    at = common(one, other)
    return len(one) > at < len(other) and fork(one[at]) == fork(other[at])


def place_in_scope(task: Task) -> Task:
    """The token of the scope that this task is, or is a part of: a boundary event of it, one instance of many."""
    while task.parent is not task.workflow.task_tree:
        task = task.parent
    return task


def of(task: Task) -> Line:
    """The line of a token."""
    said = place_in_scope(task).internal_data.get("line", {})
    return Line(
        tuple(said.get("path", ())),
        {id: Visit(number, tuple(path)) for id, (number, *path) in said.get("past", {}).items()},
        {id: {flow: tuple(p) for flow, p in arrived.items()} for id, arrived in said.get("joins", {}).items()},
    )


def behind(task: Task) -> Line:
    """The line of a token without what came of an earlier round through the same step."""
    line, step = of(task), place_in_scope(task).task_spec.bpmn_id
    return line.before(line.past[step].number) if step in line.past else line


def mark_work(task: Task) -> None:
    """Note on all activities around a step of people that people had work there."""
    current: Any = task
    while current is not None:
        token = place_in_scope(current)
        if token is not task:
            token.internal_data["work"] = True
        current = getattr(token.workflow, "holder", None)


def onward(task: Task, flows: Sequence[Flow], *, beside: bool = False) -> list[dict[str, Any]]:
    """What the tokens on `flows` inherit from the one that leaves; several flows are a split, and so is one that
    begins beside a token that stays.
    """
    here, line = place_in_scope(task), behind(task)
    if here.task_spec.was_work(here):
        line = replace(line, past={**line.past, here.task_spec.bpmn_id: Visit(here.internal_data["n"], line.path)})
    if len(flows) < 2 and not beside:
        return [line.to_json() for _ in flows]
    number = task.workflow.top_workflow.next_number()
    return [replace(line, path=(*line.path, f"{number}:{flow.id}")).to_json() for flow in flows]


def join(task: Task, arrived: Mapping[str, Task]) -> None:
    """Let `task` go on as the one token that came of those that arrived at a gateway, by incoming flow."""
    lines = {flow: of(other) for flow, other in arrived.items()}
    paths = [line.path for line in lines.values()]
    path = paths[0][:common(*paths)]
    past: dict[str, Visit] = {}
    joins: dict[str, Mapping[str, Path]] = {}
    for line in lines.values():
        joins.update(line.joins)
        for id, visit in line.past.items():
            if id not in past or past[id].number < visit.number:
                past[id] = visit
    joins[task.task_spec.bpmn_id] = {flow: line.path for flow, line in lines.items()}
    _carry(task, Line(path, past, joins))


def shorten(scope: Any) -> None:
    """Drop from the lines of all tokens of a scope the entries of paths that tell no two of them apart."""
    lines = {task: of(task) for task in scope.task_tree.children if not task.task_spec.drawn.by_event}
    idle = _idle(path for line in lines.values() for path in line.paths())
    for task, line in lines.items() if idle else ():
        _carry(task, line.without(idle))


def _idle(paths: Iterable[Path]) -> frozenset[str]:
    """The entries that could be left out of these paths.

    As a tree in which each entry hangs below the one before it: where nothing ends at an entry and only one follows,
    that one makes no difference. It is the younger of the two that goes, since what lies behind a step is told by the
    older number. An entry is made once, so that the same ones are before it in every path.
    """
    following: dict[str, set[str]] = {}
    ends: set[str] = set()
    for path in paths:
        for before, entry in pairwise(("", *path)):
            following.setdefault(before, set()).add(entry)
        ends.add(path[-1] if path else "")
    alone = (entries for before, entries in following.items() if before not in ends and len(entries) == 1)
    return frozenset(entry for entries in alone for entry in entries)


def _carry(task: Task, line: Line) -> None:
    if said := line.to_json():
        task.internal_data.update(said)
    else:
        task.internal_data.pop("line", None)


def common(*paths: Path) -> int:
    """How many first entries the paths share."""
    length = 0
    for entries in zip(*paths, strict=False):
        if len(set(entries)) > 1:
            break
        length += 1
    return length
