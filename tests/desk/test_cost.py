"""What a step costs does not grow with what lies behind the case."""

from __future__ import annotations

from sqlalchemy import event, text

from tests.desk.conftest import Bureau

RETURN = {"result": "return", "opinion": "请补正线索材料后再报。"}
AMEND = {"note": "已按要求补正。"}


def statements(bureau: Bureau, case_id: str) -> list[str]:
    """The SQL of one return of the lead."""
    seen: list[str] = []

    def see(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(bureau.store.engine, "before_cursor_execute", see)
    try:
        bureau.complete("deputy", case_id, "approve_filing", RETURN)
    finally:
        event.remove(bureau.store.engine, "before_cursor_execute", see)
    return seen


def test_a_step_after_many_returns_takes_the_statements_of_an_early_one(bureau: Bureau) -> None:
    case_id = bureau.open()
    statements(bureau, case_id)  # reads the package, once a process
    bureau.complete("officer1", case_id, "amend_lead", AMEND)
    early = statements(bureau, case_id)
    for _ in range(8):
        bureau.complete("officer1", case_id, "amend_lead", AMEND)
        bureau.complete("deputy", case_id, "approve_filing", RETURN)
    bureau.complete("officer1", case_id, "amend_lead", AMEND)
    assert statements(bureau, case_id) == early


def test_the_tasks_that_wait_in_a_case_are_found_without_walking_through_its_history(sqlite_bureau: Bureau) -> None:
    looks = {
        "ix_task_case_id_ended_at": "case_id = :a AND ended_at IS NULL",
        "ix_task_instance_id_element_id_state": "instance_id = :a AND element_id = :b AND state = :c LIMIT 1",
    }
    with sqlite_bureau.store.read() as session:
        for index, condition in looks.items():
            plan = text(f"EXPLAIN QUERY PLAN SELECT id FROM task WHERE {condition}")  # noqa: S608 (texts of our own)
            given = dict.fromkeys(plan.compile().params, "x")
            assert index in " ".join(map(str, session.execute(plan, given)))
