"""Running cases on older versions: what would become of them, asked for, approved by another, carried out, undone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp import elementnames, labels
from webapp.errors import Trouble, redrawn
from webapp.house import actor, house
from webapp.languages import language, pick
from webapp.preferences import kept
from webapp.sentences import tell
from webapp.studiochoices import title_of, version_names
from webapp.watching import watch
from webapp.words import KINDS_OF_CASE
from workflows.calendar import clock
from workflows.desk.execute import execute
from workflows.desk.migrating import plans, results, tables, trial
from workflows.desk.migrating.moving import Spot
from workflows.desk.migrating.tables import Migration
from workflows.desk.migrating.terms import Terms
from workflows.diagrams import correspondence, drafts, library, suspensions
from workflows.diagrams.library import PublishedPackage
from workflows.engine.definition import Definition
from workflows.errors import Invalid, NotFound, Problem

blueprint = Blueprint("migrations", __name__, url_prefix="/studio")
MAPPED = "to."
"""Before the id of a step in the name of the field that says what stands for it."""
MOST_MAPPED = 500


@blueprint.get("/processes/<key>/migrations")
def plan(key: str) -> ResponseReturnValue:
    """What would become of the cases on a version (?source=…&target=…&to.<step>=…), and what was asked before."""
    return plan_page(None, key)


def plan_page(trouble: Trouble | None, key: str) -> ResponseReturnValue:
    """The page on which a migration is planned; after a refusal with its reason and what was typed."""
    who, given = actor(), request.form if request.method == "POST" else request.args
    with house().store.read() as session:
        versions = _distinct(library.versions(session, key))
        if not versions:
            raise NotFound("engine.process_unknown", key=key)
        counts = {row.version: trial.count(session, key, row.package_hash) for row in versions}
        target = _chosen(given.get("target"), [row.version for row in versions])
        sources = [row.version for row in versions if row.version != target]
        busy = [one for one in sources if counts[one]]
        source = _chosen(given.get("source"), busy or sources)
        hashes = {row.version: row.package_hash for row in versions}
        changed: list[correspondence.Changed] = []
        verdicts: list[trial.Verdict] = []
        mapped: Mapping[str, str] = {}
        names: dict[str, str] = {}
        named: dict[str, str] = {}
        if source and target:
            old, new = library.definition(session, hashes[source]), library.definition(session, hashes[target])
            names, named = _all_names(session, old), _all_names(session, new)
            changed = correspondence.changed(old, new)
            mapped = _mapped(given, changed)
            terms = Terms(key, hashes[source], hashes[target], mapped)
            verdicts = list(trial.dry_run(session, who, terms))
        asked = plans.of_process(session, key)
        people = drafts.names(session, [*(row.asked_by_id for row in asked), *(row.decided_by_id for row in asked)])
        return render_template(
            "studio/migrate.html", trouble=trouble, typed=given, key=key, title=title_of(session, key),
            versions=versions, counts=counts, source=source, target=target, changed=changed, mapped=mapped,
            names=names, named=named, prefix=MAPPED, most=trial.MOST, tried=_choices(source, target, mapped),
            verdicts=_lines(session, verdicts, hashes.get(source, "")),
            movable=sum(not one.problems for one in verdicts), asked=asked, people=people,
            kinds=KINDS_OF_CASE, stands=suspensions.standing(session), version_names=version_names(session, key),
            undone={row.id for row in asked if plans.undone(session, row)},
            live=next((row for row in asked if row.state in tables.ALIVE), None),
        )  # fmt: skip


@blueprint.post("/processes/<key>/migrations")
@redrawn(plan_page)
def ask(key: str) -> ResponseReturnValue:
    """Ask that the cases be moved as they were tried (tried), or try them anew with other choices (again)."""
    form = request.form
    if form.get("again"):
        return kept(plan_page(None, key))
    now = _choices(form.get("source", 0, type=int), form.get("target", 0, type=int), _answers(form))
    if form.get("tried") != now:
        raise Invalid("migration.untried")
    some = form.get("which") == "some"
    if some and not form.getlist("case"):
        raise Invalid("migration.nobody", [Problem("migration.nobody", "case")])
    row = execute(
        house().store, plans.ask, actor(), key, migration_id=form.get("key", ""), elements=_answers(form),
        source=form.get("source", 0, type=int), target=form.get("target", 0, type=int),
        reason=form.get("reason", ""), legal_basis=form.get("legal_basis", ""),
        chosen=form.getlist("case") if some else None,
    )  # fmt: skip
    flash(_("已提出迁移申请，等待其他系统管理员审批。"), "success")
    return redirect(url_for("migrations.show", migration_id=row.id))


@blueprint.get("/migrations/<migration_id>")
def show(migration_id: str) -> ResponseReturnValue:
    """A migration: what was asked, who decides, how far it is, and what became of each case (?state=…&page=…)."""
    return migration_page(None, migration_id)


def migration_page(trouble: Trouble | None, migration_id: str) -> ResponseReturnValue:
    """The page of a migration; after a refusal with its reason and what was typed."""
    who = actor()
    with house().store.read() as session:
        seen = watch(session)
        row = plans.migration(session, who, migration_id)
        counts = plans.counts(session, row)
        state = request.args.get("state", "")
        state = state if state in counts else ""
        number = max(1, min(request.args.get("page", 1, type=int), results.pages(counts, state)))
        found = results.page(session, row, state, number)
        verdicts = _expected(session, row)
        return render_template(
            "studio/migration.html", trouble=trouble, typed=request.form, row=row, key=row.process_key, watch=seen,
            title=title_of(session, row.process_key), counts=counts, state=state, page=number,
            pages=results.pages(counts, state), results=_lines(session, found, row.source_hash),
            verdicts=_lines(session, verdicts, row.source_hash), most=trial.MOST,
            movable=sum(not one.problems for one in verdicts), mapped=_named(session, row),
            may_decide=row.state == tables.WAITING and plans.may_decide(row, who),
            editor=bool(who.roles.intersection(drafts.EDITORS)),
            deciders=[one.name for one in plans.deciders(session, row.asked_by_id)],
            people=drafts.names(session, [row.asked_by_id, row.decided_by_id, row.undone_by_id]), kinds=KINDS_OF_CASE,
            stands=suspensions.standing(session), version_names=version_names(session, row.process_key),
            undone=plans.undone(session, row),
        )  # fmt: skip


@blueprint.post("/migrations/<migration_id>/approve")
@redrawn(migration_page)
def approve(migration_id: str) -> ResponseReturnValue:
    """Approve: the worker moves case by case."""
    execute(house().store, plans.approve, actor(), migration_id, request.form.get("decision", ""))
    flash(_("已批准，系统正在逐案迁移。"), "success")
    return redirect(url_for("migrations.show", migration_id=migration_id))


@blueprint.post("/migrations/<migration_id>/reject")
@redrawn(migration_page)
def reject(migration_id: str) -> ResponseReturnValue:
    """Refuse, and say why."""
    execute(house().store, plans.reject, actor(), migration_id, request.form.get("decision", ""))
    flash(_("已退回，案件仍在原版本上办理。"), "success")
    return redirect(url_for("migrations.show", migration_id=migration_id))


@blueprint.post("/migrations/<migration_id>/withdraw")
@redrawn(migration_page)
def withdraw(migration_id: str) -> ResponseReturnValue:
    """Take it back before it is approved."""
    execute(house().store, plans.withdraw, actor(), migration_id, request.form.get("reason", ""))
    flash(_("已撤回迁移申请。"), "success")
    return redirect(url_for("migrations.show", migration_id=migration_id))


@blueprint.post("/migrations/<migration_id>/undo")
@redrawn(migration_page)
def undo(migration_id: str) -> ResponseReturnValue:
    """Let moved cases go back, those on which nobody has acted since."""
    chosen = request.form.getlist("case") or None
    told = request.form.get("confirmed", 0, type=int)
    execute(house().store, plans.undo, actor(), migration_id, request.form.get("reason", ""), chosen, confirmed=told)
    flash(_("系统正在逐案撤销迁移；迁移之后有人办理过的案件不撤销。"), "success")
    return redirect(url_for("migrations.show", migration_id=migration_id))


def _distinct(versions: Sequence[PublishedPackage]) -> list[PublishedPackage]:
    """The versions, the newest first; of those with the same content the newest."""
    found: dict[str, PublishedPackage] = {}
    for row in versions:
        found.setdefault(row.package_hash, row)
    return list(found.values())


def _chosen(given: str | None, versions: Sequence[int]) -> int:
    """The version that was chosen, or the first; 0 where there is none."""
    number = int(given) if given and given.isascii() and given.isdigit() and len(given) < 9 else 0
    return number if number in versions else versions[0] if versions else 0


def _mapped(given: Mapping[str, str], changed: Sequence[correspondence.Changed]) -> dict[str, str]:
    """What stands for the steps that changed: as it was chosen of what the page offers, or as it is suggested."""
    found = {}
    for one in changed:
        said = given.get(MAPPED + one.element.id, one.suggested)
        found[one.element.id] = said if said in {"", *(choice.id for choice in one.choices)} else one.suggested
    return {old: new for old, new in found.items() if new}


def _answers(given: Mapping[str, str]) -> dict[str, str]:
    fields = [name for name in given if name.startswith(MAPPED)][:MOST_MAPPED]
    return {name.removeprefix(MAPPED): given[name] for name in fields if given[name]}


def _choices(source: int, target: int, mapped: Mapping[str, str]) -> str:
    """What was chosen, as one text."""
    return json.dumps([source, target, sorted(mapped.items())], ensure_ascii=False)


def _expected(session: Session, row: Migration) -> list[trial.Verdict]:
    """What would become of the cases of a migration that waits for its approval."""
    if row.state != tables.WAITING:
        return []
    return list(trial.dry_run(session, actor(), Terms.of(row), chosen=row.chosen))


@dataclass(frozen=True, slots=True)
class Line:
    """One case as the pages show it, in the reader's language: of what is told beside number, kind and result."""

    one: trial.Verdict | results.Result
    steps: str
    told: tuple[str, ...]
    anew: str = ""
    lost: str = ""
    passed_by: str = ""
    begins: tuple[Ticks, ...] = ()
    ends: tuple[Ticks, ...] = ()


@dataclass(frozen=True, slots=True)
class Ticks:
    """A timer as the pages show it. over: whether its moment has passed."""

    name: str
    due: datetime
    over: bool


def _lines(
    session: Session, found: Sequence[trial.Verdict] | Sequence[results.Result], package_hash: str
) -> list[Line]:
    """The cases in the reader's language. package_hash: of the version that they are to leave."""
    lines = []
    for one in found:
        told = tuple(tell(_named_in(session, problem, package_hash), language()) for problem in one.problems)
        more: dict[str, Any] = {}
        if isinstance(one, trial.Verdict):
            more = {"anew": _steps(session, one.anew), "lost": _steps(session, one.lost),
                    "passed_by": _with_acts(session, one.passed_by),
                    "begins": _ticks(session, one.begins), "ends": _ticks(session, one.ends)}  # fmt: skip
        lines.append(Line(one, _steps(session, one.steps), told, **more))
    return lines


def _ticks(session: Session, timers: Sequence[trial.Timer]) -> tuple[Ticks, ...]:
    return tuple(Ticks(elementnames.of_version(session, *one.spot), one.due, one.due <= clock.now()) for one in timers)


def _named_in(session: Session, problem: Problem, package_hash: str) -> Problem:
    """The reason with its element named in the reader's language."""
    label = problem.facts.get("label")
    named = {"label": labels.word(session, package_hash, label)} if isinstance(label, str) else {}
    return replace(problem, facts={**problem.facts, **named})


def _steps(session: Session, spots: Sequence[Spot]) -> str:
    return ("、" if language() == "zh" else ", ").join(labels.element_name(session, *spot) for spot in spots)


def _with_acts(session: Session, spots: Sequence[Spot]) -> str:
    """The steps, each with its statutory act, in the reader's language."""
    told = []
    for spot in spots:
        act = correspondence.act_at(library.definition(session, spot[0]), spot[1])
        name = labels.element_name(session, *spot)
        told.append(_("%(step)s（法定行为：%(act)s）", step=name, act=pick(correspondence.named(act))) if act else name)
    return ("、" if language() == "zh" else ", ").join(told)


def _all_names(session: Session, definition: Definition) -> dict[str, str]:
    """Id → what the element is called, in the reader's language."""
    return {one.id: elementnames.of_version(session, definition.hash, one.id, one.name)
            for one in definition.elements.values() if one.kind in correspondence.HOLDING}  # fmt: skip


def _named_by(session: Session, definition: Definition, id: str) -> str:
    return f"{elementnames.of_version(session, definition.hash, id, definition.elements[id].name)} ({id})"


def _named(session: Session, row: Migration) -> list[tuple[str, str]]:
    """Which step stands for which, by their names."""
    old, new = library.definition(session, row.source_hash), library.definition(session, row.target_hash)
    return [(_named_by(session, old, left), _named_by(session, new, right))
            for left, right in row.elements.items() if left in old.elements and right in new.elements]  # fmt: skip
