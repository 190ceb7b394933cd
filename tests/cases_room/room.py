"""A small bureau on a real database and a played clock, and people who carry out acts in it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.actors import Actor, Certificate, Person, Post, Unit, acting
from workflows.calendar import clock, days
from workflows.calendar.clock import SHANGHAI, SimulatedClock
from workflows.cases import catalogue
from workflows.cases.acts import ACTS, ActContext, Effect
from workflows.cases.file import Case, lock_case
from workflows.cases.opening import new_case
from workflows.store import Store

MATTER = "CF-AQF-097-1-07"
"""Special operators without certificate: initial 0-100,000 for entities, overdue 100,000-200,000 and 20,000-50,000."""

SETTINGS = {
    "address": "衢州市柯城区", "phone": "0570-0000000", "contact": "政策法规处", "bank": "某银行", "bank_account": "1",
    "payee": "财政专户", "reconsideration": "衢州市人民政府", "court": "柯城区人民法院",
}  # fmt: skip

POSTS = {
    "officer1": "case_officer", "officer2": "case_officer", "officer3": "case_officer",
    "unithead": "handling_unit_head", "legal1": "legal_reviewer", "legal2": "legal_reviewer",
    "counsel": "legal_counsel", "chair": "hearing_officer", "deputy": "bureau_leader", "head": "bureau_head",
    "member1": "panel_member", "member2": "panel_member", "publisher": "publication_officer", "auditor": "auditor",
    "admin": "sys_admin", "secadmin": "sec_admin",
}  # fmt: skip


def furnish(session: Session) -> None:
    """The bureau, its people, working days of the tests' years, and the catalogue."""
    days.seed(session, [2023, 2024])
    catalogue.load_catalogue(session)
    bureau = Unit(name="衢州市应急管理局", level="city", legal_subject=True, region="衢", settings=SETTINGS)
    other = Unit(name="柯城区应急管理局", level="county", legal_subject=True, region="柯", settings=SETTINGS)
    session.add_all([bureau, other])
    session.flush()
    team = Unit(name="执法队", level="division", parent_id=bureau.id)
    town = Unit(name="石梁镇", level="township", parent_id=bureau.id, delegated_by_id=bureau.id)
    session.add_all([team, town])
    session.flush()
    in_team = ("case_officer", "handling_unit_head")
    people = [(login, role, team if role in in_team else bureau) for login, role in POSTS.items()]
    people += [("town1", "case_officer", town), ("town2", "case_officer", town), ("stranger", "bureau_leader", other)]
    for login, role, unit in people:
        person = Person(login=login, name=login.title())
        person.posts.append(Post(unit_id=unit.id, role=role, title=role, starts_on=date(2020, 1, 1)))
        session.add(person)
        session.flush()
        kind = "legal_qualification" if role == "legal_reviewer" else "enforcement"
        if role in (*in_team, "legal_reviewer") and login != "legal2":
            session.add(Certificate(person_id=person.id, kind=kind, number=f"证{login}", valid_from=date(2020, 1, 1)))


def at(text: str) -> datetime:
    """A moment in Shanghai: "2024-03-05 09:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def paper(kind: str, name: str = "材料.pdf", mark: str = "a") -> dict[str, Any]:
    """A file as a form hands it over."""
    return {"sha256": mark * 64, "size": 3, "name": name, "media_type": "application/pdf", "material_kind": kind}


class Room:
    """Carries out acts, each in a unit of work of its own, at the played time."""

    def __init__(self, store: Store, start: str = "2024-03-04 09:00") -> None:
        self.store = store
        self.playing: AbstractContextManager[SimulatedClock] = clock.simulated(at(start))
        self.time = self.playing.__enter__()
        self.case_id = ""
        self.effect = Effect()

    def close(self) -> None:
        self.playing.__exit__(None, None, None)

    def until(self, text: str) -> Room:
        """Let time pass."""
        self.time.set(at(text))
        return self

    def person(self, login: str) -> str:
        with self.store.read() as session:
            return session.execute(select(Person.id).where(Person.login == login)).scalar_one()

    def actor(self, session: Session, login: str) -> Actor:
        return acting(session, session.execute(select(Person.id).where(Person.login == login)).scalar_one())

    def party(self, position: int = 0) -> str:
        with self.store.read() as session:
            return session.get_one(Case, self.case_id).parties[position].id

    def case(self, session: Session) -> Case:
        return session.get_one(Case, self.case_id)

    def state(self) -> str:
        with self.store.read() as session:
            return self.case(session).state

    def open(self, by: str = "officer1", co: str = "officer2", **changes: Any) -> str:
        """Enter a lead; `changes` replace fields of the form."""
        answer: dict[str, Any] = {
            "title": "特种作业人员无证上岗案", "found_on": date(2024, 3, 1), "conduct_on": date(2024, 3, 1),
            "source": "inspection", "summary": "检查发现焊工无证作业。", "co_officer": self.person(co),
            "parties": [
                {"kind": "entity", "name": "鑫达厂", "address": "某路1号", "representative": "张三"},
                {"kind": "person", "name": "张三", "address": "某路2号", "role": "主要负责人"},
            ],
            "matters": [{"matter_code": MATTER}], "files": [paper("inspection_record", "检查记录.pdf", "1")],
        }  # fmt: skip
        answer.update(changes)
        with self.store.work() as session:
            actor = self.actor(session, by)
            case = new_case(session, actor, answer, actor.unit_id)
            self.case_id = case.id
        return self.case_id

    def do(self, act: str, by: str, answer: Mapping[str, Any], **variables: Any) -> Mapping[str, Any]:
        """Carry out an act in one unit of work; gives its routing variables."""
        with self.store.work() as session:
            case = lock_case(session, self.case_id)
            actor = self.actor(session, by)
            context = ActContext(session, actor, case, "penalty", act, variables, clock.now(), "t", act)
            self.effect = ACTS[act].perform(context, answer)
        return self.effect.variables
