"""The cases that people work on while the server is being killed: leads that wait for the approval of their filing."""

from __future__ import annotations

from sqlalchemy import select

from workflows.actors import Person, acting
from workflows.calendar import clock
from workflows.cases.catalogue import Matter
from workflows.desk import commands
from workflows.desk.execute import execute
from workflows.store import Store, new_id


def open_cases(url: str, count: int) -> None:
    """Enter `count` leads as officer1 with officer2 beside, through the command that the web uses."""
    store = Store(url)
    try:
        with store.read() as session:
            people = {person.login: person.id for person in session.scalars(select(Person))}
            officer = acting(session, people["officer1"])
            matter = session.scalars(select(Matter.code).where(Matter.kind == "行政处罚").order_by(Matter.code)).first()
        for number in range(count):
            answer = {
                "title": f"第{number + 1}号线索",
                "found_on": clock.today().isoformat(),
                "source": "inspection",
                "summary": "现场检查发现未按规定组织应急预案演练。",
                "parties": [_company(number)],
                "matters": [{"matter_code": matter}],
                "co_officer": people["officer2"],
            }
            execute(store, commands.open_case, officer, "penalty", answer, key=new_id())
    finally:
        store.close()


def _company(number: int) -> dict[str, str]:
    return {
        "kind": "entity",
        "name": f"第{number + 1}工贸有限公司",
        "address": "衢州市柯城区",
        "representative": "张三",
    }
