"""The commands that no published case plays, each ready to be tried on a filed case; and the list of all there are."""

from __future__ import annotations

import ast
import io
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from tests.durability import house_deeds, migrating, noticing, operating, operator_deeds, outside, studio_deeds
from tests.durability.trials import Deed
from workflows import outbox, sessions, staff
from workflows.actors import SYSTEM, Actor, Person
from workflows.calendar import changes, clock
from workflows.cases import catalogue, repealing
from workflows.cases import commands as case_commands
from workflows.cases.catalogue import Matter
from workflows.cases.file import Party
from workflows.desk import bulk, commands, copies, materials, parties
from workflows.desk.execute import execute
from workflows.desk.lists import saved
from workflows.desk.lists.columns import choose_columns, choose_goes_on
from workflows.desk.lists.criteria import Criteria
from workflows.desk.lists.order import usual
from workflows.desk.operators import departing, presiding
from workflows.desk.tasks import Task
from workflows.diagrams import library
from workflows.documents.issuing import void_number
from workflows.engine.package import Package
from workflows.files import Files
from workflows.outbox import OutboxNotice

if TYPE_CHECKING:
    from tests.durability.faults import Drill

ROOT = Path(__file__).parents[2]
KEY = "drill-key-of-deed"
CLIENT = sessions.Client("127.0.0.1", "drill")
PASSWORD, FRESH = "fashen-demo", "Xin-mima-2026"

TRIED = frozenset({"desk.commands.claim_task"})
"""One of those that `between` gives, to know whether it was asked."""

ELSEWHERE = frozenset(
    {
        "bureau.load_demo", "bureau.load_reference",  # when an installation is set up
        "fold.take_over", "migrations.alone",  # likewise
        "documents.rendering._attach", "documents.rendering._lock",
        "worker._fire", "worker._put_off", "worker.take",  # in the worker's round, fire_next
        "diagrams.library.current", "diagrams.library.keys", "staff.find_person",  # look
        "search.materials._keep", "search.rebuilding.index_cases",  # an index of what stands elsewhere; tests/search
        "sessions._count_failure", "sessions._forget_failures", "sessions._reserve_attempt",  # in sessions.log_in
        "sessions._withdraw_attempt", "sessions.open_session",  # likewise
        "sessions.record_failure", "sessions.touch",  # one row, by the request that shows it
        "desk.execute.put_on_record",  # after an incident; D8
        "rehearsal.plays.begin", "rehearsal.plays.keep_moves", "rehearsal.plays.discard",  # moves, no case; one row
        "rehearsal.trials.keep_outcomes", "diagrams.trying_replays.ask", "diagrams.trying_replays.stop",  # likewise
        "diagrams.trying_replays.note", "diagrams.trying_replays.give_up",
        "rehearsal.sandbox._furnish",  # in memory
    }
)  # fmt: skip
"""What units of work run besides, and where it is tried or why it need not be."""


def of_the_code() -> set[str]:
    """Everything that the product runs in a unit of work, read from its source, as names below `workflows`.

    That is: `execute(store, command, …)`, and whatever is given the session of a `with store.work()`.
    """
    found: set[str] = {"worker.run_round", "worker.fire_next", "sessions.log_in"}
    for path in sorted([*(ROOT / "workflows").rglob("*.py"), *(ROOT / "webapp").rglob("*.py")]):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        tree = ast.parse(path.read_text("utf-8"))
        known = _imports(tree) | {
            node.name: f"{module}.{node.name}" for node in tree.body if isinstance(node, ast.FunctionDef)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _dotted(node.func) == "execute" and len(node.args) > 1:
                found |= _commands(node.args[1], known, tree)
            if isinstance(node, ast.With) and any(".work(" in ast.unparse(item.context_expr) for item in node.items):
                names = {ast.unparse(item.optional_vars) for item in node.items if item.optional_vars}
                found |= _given(node, names, known)
    return {name.removeprefix("workflows.") for name in found if name.partition(".")[0] != "webapp"}


def _imports(tree: ast.Module) -> dict[str, str]:
    """Name in the module → what it stands for."""
    known = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            known |= {name.asname or name.name: f"{node.module}.{name.name}" for name in node.names}
    return known


def _dotted(node: ast.AST) -> str:
    return ast.unparse(node) if isinstance(node, (ast.Name, ast.Attribute)) else ""


def _resolved(node: ast.AST, known: dict[str, str]) -> str:
    head, _, rest = _dotted(node).partition(".")
    whole = known.get(head, "")
    return f"{whole}.{rest}" if whole and rest else whole


def _given(node: ast.AST, sessions: set[str], known: dict[str, str]) -> set[str]:
    """Functions of ours that are called with the session as their first argument."""
    calls = [call for call in ast.walk(node) if isinstance(call, ast.Call) and call.args]
    found = {_resolved(call.func, known) for call in calls if _dotted(call.args[0]) in sessions}
    return {name for name in found if name.startswith(("workflows.", "webapp."))}


def _commands(node: ast.AST, known: dict[str, str], tree: ast.Module) -> set[str]:
    """The command given to `execute`; for a function of the web, those that it calls; of a table, those that it has."""
    if isinstance(node, ast.Subscript):
        tables = [one.value for one in tree.body if isinstance(one, ast.Assign) and isinstance(one.value, ast.Dict)
                  and _dotted(node.value) in map(ast.unparse, one.targets)]  # fmt: skip
        return {found for table in tables for value in table.values if (found := _resolved(value, known))}
    name = _resolved(node, known)
    if not name.startswith("webapp."):
        return {name} if name else set()
    short = name.rpartition(".")[2]
    body = next(one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == short)
    return _given(body, {body.args.args[0].arg}, known)


SOURCES = (
    "deeds", "operator_deeds", "outside", "noticing", "operating", "studio_deeds", "migrating", "house_deeds", "faults",
)  # fmt: skip
"""Modules of this folder that hold deeds."""


def missing(tried: set[str]) -> set[str]:
    """The commands of the code that were not tried."""
    return of_the_code() - ELSEWHERE - {label.partition(" ")[0] for label in tried}


def labels() -> set[str]:
    """The commands that a drill tries, as the sources of this folder name them."""
    found = set()
    for name in SOURCES:
        for node in ast.walk(ast.parse(Path(__file__).with_name(f"{name}.py").read_text("utf-8"))):
            told = node.value if isinstance(node, ast.Yield) else node
            given = told.elts if isinstance(told, ast.Tuple) else told.args if isinstance(told, ast.Call) else []
            label = given[0] if given else None
            if isinstance(label, ast.JoinedStr):
                label = label.values[0]
            if isinstance(label, ast.Constant) and isinstance(label.value, str):
                found.add(label.value.partition(" ")[0])
    return found


def between(drill: Drill) -> Iterator[tuple[str, Deed]]:
    """Each command, ready on the case as it stands; what a command needs is done before it is given out."""
    yield from _of_the_task(drill)
    yield from _of_the_file(drill)
    yield from _of_the_lists(drill)
    yield from _of_the_account(drill)
    yield from _of_the_bureau(drill)
    yield from operator_deeds.deeds(drill)
    yield from outside.deeds(drill)
    yield from noticing.deeds(drill)
    yield from operating.deeds(drill)
    yield from studio_deeds.deeds(drill)
    yield from migrating.deeds(drill)
    yield from house_deeds.deeds(drill)


def of_the_discussion(drill: Drill, element_id: str) -> Iterator[tuple[str, Deed]]:
    """What the recorder of a discussion can do before a vote, and before the conclusion."""
    wanted = select(Task).where(
        Task.case_id == drill.case_id, Task.element_id == element_id, Task.ended_at.is_(None)
    ).order_by(Task.id)  # fmt: skip
    if element_id == "vote":
        recorder, task = _actor(drill, "legal1"), _one(drill, wanted)
        yield "desk.operators.departing.record_departure", lambda store, files: execute(
            store, departing.record_departure, recorder, task.id, reason="突发疾病", seen=task.version, key=KEY
        )
    if element_id == "conclude_item":
        recorder, task = _actor(drill, "legal1"), _one(drill, wanted)
        another = _actor(drill, "deputy").person_id
        for how in (presiding.ANOTHER, presiding.RECUSED):
            yield f"desk.operators.presiding.appoint_presiding {how}", lambda store, files, how=how: execute(
                store, presiding.appoint_presiding, recorder, task.id, another, how=how, reason="突发疾病",
                seen=task.version, key=KEY,
            )  # fmt: skip


def _actor(drill: Drill, login: str) -> Actor:
    with drill.store.read() as session:
        return drill.actor(session, login)


def _one(drill: Drill, wanted: Any) -> Any:
    with drill.store.read() as session:
        return session.execute(wanted).scalars().first()


def _of_the_task(drill: Drill) -> Iterator[tuple[str, Deed]]:
    officer = _actor(drill, "officer1")
    task = _one(drill, select(Task).where(Task.case_id == drill.case_id, Task.state == "open"))
    yield "desk.commands.save_draft", lambda store, files: execute(
        store, commands.save_draft, officer, task.id, {"values": {"offence": ["先记下来"]}}
    )
    yield "desk.commands.claim_task", lambda store, files: execute(
        store, commands.claim_task, officer, task.id, seen=task.version
    )
    execute(drill.store, commands.claim_task, officer, task.id, seen=task.version)
    yield "desk.commands.release_task", lambda store, files: execute(
        store, commands.release_task, officer, task.id, seen=task.version + 1
    )
    yield "desk.commands.flag_suspicion", lambda store, files: execute(
        store, commands.flag_suspicion, officer, drill.case_id, offence="危险作业罪", grounds="有重大隐患。", key=KEY
    )


def _paper(files: Files, text: str) -> dict[str, Any]:
    stored = files.put(io.BytesIO(text.encode()), 1_000_000)
    return {"sha256": stored.sha256, "size": stored.size, "name": "照片.txt", "media_type": "text/plain"}


def _of_the_file(drill: Drill) -> Iterator[tuple[str, Deed]]:
    officer, head, case_id = _actor(drill, "officer1"), _actor(drill, "unithead"), drill.case_id
    newcomer = _actor(drill, "officer3").person_id
    yield "desk.materials.add_materials", lambda store, files: execute(
        store, materials.add_materials, officer, case_id, kind="other", note="", key=KEY,
        files=[_paper(files, "一"), _paper(files, "二")],
    )  # fmt: skip
    old = execute(
        drill.store, case_commands.add_material, officer, case_id, kind="other", file=_paper(drill.files, "旧")
    ).id
    yield "cases.commands.supersede_material", lambda store, files: execute(
        store, case_commands.supersede_material, officer, case_id, old, file=_paper(files, "新"), reason="更正"
    )
    facts = {"kind": "entity", "name": "某某公司", "address": "衢州市柯城区", "representative": "李某"}
    yield "desk.parties.add_party", lambda store, files: execute(
        store, parties.add_party, officer, case_id, facts, key=KEY
    )
    party = _one(drill, select(Party.id).where(Party.case_id == case_id))
    yield "cases.commands.change_party", lambda store, files: execute(
        store, case_commands.change_party, officer, case_id, party, phone="0570-1234567"
    )
    yield "cases.commands.add_officer", lambda store, files: execute(
        store, case_commands.add_officer, head, case_id, newcomer
    )
    execute(drill.store, case_commands.add_officer, head, case_id, newcomer)
    yield "cases.commands.remove_officer", lambda store, files: execute(
        store, case_commands.remove_officer, head, case_id, newcomer, reason="工作调动"
    )
    execute(drill.store, case_commands.remove_officer, head, case_id, newcomer, reason="工作调动")
    matter = _one(drill, select(Matter.code).where(Matter.kind == "行政处罚").order_by(Matter.code.desc()))
    yield "cases.commands.allege_matter", lambda store, files: execute(
        store, case_commands.allege_matter, officer, case_id, matter
    )


def _of_the_lists(drill: Drill) -> Iterator[tuple[str, Deed]]:
    """What a person arranges for themselves, and copies of a case."""
    officer, head, case_id = _actor(drill, "officer1"), _actor(drill, "unithead"), drill.case_id
    reader = _actor(drill, "officer3")
    kept = Criteria(words="演练")
    yield "desk.lists.columns.choose_columns", lambda store, files: execute(
        store, choose_columns, officer, "todo", ("case", "step")
    )
    yield "desk.lists.columns.choose_goes_on", lambda store, files: execute(store, choose_goes_on, reader, False)
    yield "desk.lists.saved.save_filter", lambda store, files: execute(
        store, saved.save_filter, officer, which="todo", name="演练", criteria=kept, order=usual("todo")
    )
    one = execute(
        drill.store, saved.save_filter, officer, which="todo", name="常用", criteria=kept, order=usual("todo")
    ).id
    yield "desk.lists.saved.open_with", lambda store, files: execute(store, saved.open_with, officer, "todo", one)
    yield "desk.lists.saved.share_filter", lambda store, files: execute(
        store, saved.share_filter, officer, one, saved.Sharing(unit=True)
    )
    yield "desk.lists.saved.delete_filter", lambda store, files: execute(store, saved.delete_filter, officer, one)
    yield "desk.copies.send_copies", lambda store, files: execute(
        store, copies.send_copies, officer, case_id, [reader.person_id], note="请阅。", key=KEY
    )
    execute(drill.store, copies.send_copies, officer, case_id, [head.person_id], note="请阅。", key="drill-key-of-copy")
    copy = _one(drill, select(copies.CaseCopy.id).where(copies.CaseCopy.person_id == head.person_id))
    yield "desk.copies.acknowledge_copy", lambda store, files: execute(store, copies.acknowledge_copy, head, copy)
    yield "desk.bulk.do_to_row", lambda store, files: execute(
        store, bulk.do_to_row, head, "acknowledge", bulk.Row(copy, 1, {}, KEY)
    )


def _of_the_account(drill: Drill) -> Iterator[tuple[str, Deed]]:
    lasts = timedelta(hours=12)
    yield "sessions.log_in", lambda store, files: sessions.log_in(
        store, "officer1", PASSWORD, client=CLIENT, lasts=lasts
    )
    opened = [sessions.log_in(drill.store, "officer1", PASSWORD, client=CLIENT, lasts=lasts) for _ in range(2)]
    one, me = opened[0].session_id, opened[0].actor
    yield "sessions.log_out", lambda store, files: execute(store, sessions.log_out, me, one)
    yield "sessions.revoke", lambda store, files: execute(store, sessions.revoke, me, one, reason="revoked")
    yield "sessions.revoke_all", lambda store, files: execute(
        store, sessions.revoke_all, me, me.person_id, reason="revoked", but=one
    )
    yield "sessions.set_password", lambda store, files: execute(
        store, lambda session: sessions.set_password(session, me, session.get_one(Person, me.person_id), FRESH)
    )
    drill.work_off()
    told = _one(drill, select(OutboxNotice).where(OutboxNotice.delivered_at.is_not(None)))
    reader = Actor(told.person_id, "", "", "", "", {})
    yield "outbox.mark_read", lambda store, files: execute(store, outbox.mark_read, reader, [told.id])


def _of_the_bureau(drill: Drill) -> Iterator[tuple[str, Deed]]:
    admin, legal = _actor(drill, "admin"), _actor(drill, "legal1")
    stage = {"stage": "initial", "measures": ["罚款"], "entity": [10_000, 50_000]}
    yield "cases.repealing.end_matter", lambda store, files: execute(
        store, repealing.end_matter, legal, "CF-AQF-110-1", ends_from=clock.today() + timedelta(days=1),
        reason="演练",
    )
    yield "cases.catalogue.add_matter", lambda store, files: execute(
        store, catalogue.add_matter, legal, code="CF-DRILL-1", name="演练事项", legal_basis="演练", stages=[stage]
    )
    yield "staff.add_unit", lambda store, files: execute(
        store, staff.add_unit, SYSTEM, "演练中队", level="division", parent="综合行政执法队"
    )
    yield "staff.add_person", lambda store, files: execute(
        store, staff.add_person, SYSTEM, "drill1", "演练员", unit="综合行政执法队", role="case_officer", title="队员",
        password=FRESH,
    )  # fmt: skip
    yield "staff.give_post", lambda store, files: execute(
        store, lambda session: staff.give_post(
            session, SYSTEM, staff.find_person(session, "officer3"), unit="政策法规处",
            role="legal_reviewer", title="法规处干部",
        )
    )  # fmt: skip
    changed = _changed(library.shipped()["penalty"])
    yield "diagrams.library.publish", lambda store, files: execute(
        store, library.publish, changed, admin, "演练", together=library.shipped()
    )
    day = date(2024, 3, 13)
    yield "calendar.changes.change_day", lambda store, files: execute(
        store, changes.change_day, admin, day, False, "演练"
    )
    yield "calendar.changes.load_year", lambda store, files: execute(
        store, changes.load_year, admin, 2031, off={date(2031, 1, 1): "元旦"}, made_up={}, source="演练"
    )
    yield "calendar.changes.recompute", lambda store, files: execute(store, changes.recompute, admin)


def voiding(drill: Drill, document: str) -> Deed:
    """Voiding the number of a document."""
    head = _actor(drill, "deputy")
    return lambda store, files: execute(store, void_number, head, document, "演练")


def _changed(package: Package) -> Package:
    files = dict(package.files)
    name = next(name for name in files if name.endswith(".bpmn"))
    files[name] = files[name] + b"\n<!-- drill -->\n"
    return Package(package.key, files)
