"""Versions of the shipped penalty process, each with one change, and administrators who move cases between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from tests.desk.conftest import Bureau
from tests.diagrams.administrators import Office
from tests.diagrams.test_library import changed
from workflows import fold, ledger
from workflows.desk.migrating import plans, results, trial
from workflows.desk.migrating.results import Result
from workflows.desk.migrating.tables import MigratedInstance, Migration
from workflows.desk.migrating.terms import Terms
from workflows.desk.migrating.trial import Verdict
from workflows.desk.tasks import Task
from workflows.diagrams import correspondence, library
from workflows.engine.package import Package
from workflows.store import new_id
from workflows.worker import _migrate

KEY = "penalty"
APPROVE = {"result": "approve", "opinion": "同意立案。"}
WORDS = {"reason": "按新的办案规程调整", "legal_basis": "《行政处罚法》第五十四条"}
Rewrite = Callable[[str], str]


def version(bpmn: Rewrite, yaml: Rewrite = lambda text: text) -> Package:
    """The shipped process with its diagram and description rewritten."""
    return changed(KEY, bpmn=bpmn, yaml=yaml)


def renamed() -> Package:
    """The investigation is called something else."""
    return version(lambda text: text.replace('name="调查取证"', 'name="调查核实"'),
                   lambda text: text.replace("investigate: {zh: 调查取证", "investigate: {zh: 调查核实"))


def another_id() -> Package:
    """The investigation has another id."""
    return version(
        lambda text: text.replace('id="investigate"', 'id="inquire"').replace('Ref="investigate"', 'Ref="inquire"')
        .replace(">investigate<", ">inquire<").replace('bpmnElement="investigate"', 'bpmnElement="inquire"'),
        lambda text: text.replace("  investigate: ", "  inquire: "),
    )  # fmt: skip


def for_the_head() -> Package:
    """The head of the bureau approves the filing, not the deputy."""
    return version(lambda text: text.replace(
        'camunda:formKey="approve_filing" camunda:candidateGroups="bureau_leader"',
        'camunda:formKey="approve_filing" camunda:candidateGroups="bureau_head"'))


class Movers(Office):
    """Administrators, and the bureau whose cases they move."""

    def __init__(self, bureau: Bureau) -> None:
        super().__init__(bureau.store)
        self.bureau = bureau

    def publish(self, package: Package) -> int:
        """The number of the version that the package becomes."""
        with self.store.work() as session:
            library.publish(session, package, self.actor("li"), "修改流程")
            return library.versions(session, package.key)[0].version

    def terms(self, target: int, source: int = 1, key: str = KEY) -> Terms:
        with self.store.read() as session:
            hashes = {row.version: row.package_hash for row in library.versions(session, key)}
            old, new = (library.definition(session, hashes[one]) for one in (source, target))
            return Terms(key, old.hash, new.hash, correspondence.suggested(old, new))

    def page(self, row: Migration) -> list[Result]:
        """The first page of the results."""
        with self.store.read() as session:
            return results.page(session, row)

    def tried(self, target: int, source: int = 1) -> list[Verdict]:
        terms = self.terms(target, source)
        with self.store.read() as session:
            return list(trial.dry_run(session, self.actor("li"), terms))

    def asked(self, target: int, source: int = 1, login: str = "li", **more: Any) -> Migration:
        elements = dict(self.terms(target, source).elements)
        words = {"elements": elements, "migration_id": new_id(), "source": source, "target": target, **WORDS, **more}
        return self.do(plans.ask, login, KEY, **words)

    def moved(self, target: int, source: int = 1, **more: Any) -> Migration:
        """Asked, approved, and carried out by the worker."""
        row = self.asked(target, source, **more)
        self.do(plans.approve, "wang", row.id, "同意迁移")
        self.work()
        return self.row(row.id)

    def undone(self, row: Migration) -> None:
        self.do(plans.undo, "zhao", row.id, "新版本有误")
        self.work()

    def work(self) -> int:
        return _migrate(self.store, lambda: False)

    def row(self, migration_id: str) -> Migration:
        with self.store.read() as session:
            return session.get_one(Migration, migration_id)

    def results(self, row: Migration) -> list[tuple[str, list[str]]]:
        """State and codes of the reasons of each instance, in the order of the queue."""
        with self.store.read() as session:
            wanted = select(MigratedInstance).where(MigratedInstance.migration_id == row.id)
            found = session.execute(wanted.order_by(MigratedInstance.number)).scalars().all()
            return [(one.state, [problem["code"] for problem in one.problems]) for one in found]

    def by_case(self, row: Migration) -> dict[str, tuple[str, list[str]]]:
        """The same by case."""
        with self.store.read() as session:
            wanted = select(MigratedInstance.case_id).where(MigratedInstance.migration_id == row.id)
            cases = session.execute(wanted.order_by(MigratedInstance.number)).scalars().all()
        return dict(zip(cases, self.results(row), strict=True))

    def events(self, case_id: str) -> list[str]:
        with self.store.read() as session:
            return [entry.event for entry in ledger.history(session, f"case:{case_id}")]

    def waiting(self, case_id: str) -> list[Task]:
        with self.store.read() as session:
            wanted = select(Task).where(Task.case_id == case_id, Task.ended_at.is_(None)).order_by(Task.created_at)
            return list(session.execute(wanted).scalars())

    def sound(self) -> None:
        """The tables are what the ledger says."""
        with self.store.read(snapshot=True) as session:
            assert ledger.verify(session) == []
            assert [str(one) for one in fold.verify_state(session)] == []
