"""The demonstration bureau with three system administrators, and what they do with drafts and releases."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from threading import Barrier
from typing import Any, TypeVar

from sqlalchemy import select

from workflows.actors import Actor, Person, Post, acting
from workflows.desk.execute import execute
from workflows.diagrams import drafting, drafts, releases
from workflows.diagrams.draft_tables import ProcessDraft
from workflows.diagrams.release_table import Release
from workflows.errors import FashenError
from workflows.store import Store, new_id

KEY = "collective_decision"
DIAGRAM = f"{KEY}.bpmn"
NAMES = {"li": "李工", "wang": "王工", "zhao": "赵工"}
R = TypeVar("R")


@dataclass
class Office:
    """Three system administrators of one bureau."""

    store: Store

    def __post_init__(self) -> None:
        with self.store.work() as session:
            unit = session.execute(select(Post.unit_id).where(Post.role == "sys_admin")).scalars().first()
            for login, name in NAMES.items():
                post = Post(unit_id=unit, role="sys_admin", title="系统管理员", starts_on=date(2020, 1, 1))
                session.add(Person(login=login, name=name, posts=[post]))

    def actor(self, login: str) -> Actor:
        with self.store.read() as session:
            return acting(session, session.execute(select(Person.id).where(Person.login == login)).scalar_one())

    def do(self, command: Callable[..., R], login: str, *args: Any, **kwargs: Any) -> R:
        """One command of somebody."""
        return execute(self.store, command, self.actor(login), *args, **kwargs)

    def begin(self, login: str = "li", version: int = 1) -> ProcessDraft:
        return self.do(drafting.begin_from_version, login, KEY, version, "会议流程调整", draft_id=new_id())

    def renamed(self, login: str = "li", word: str = "整理会议记录") -> ProcessDraft:
        """A draft in which a step is called something else."""
        draft = self.begin(login)
        return self.rename(draft, login, word)

    def rename(self, draft: ProcessDraft, login: str, word: str) -> ProcessDraft:
        with self.store.read() as session:
            data, revision = drafts.content(session, draft.id, DIAGRAM)
        text = re.sub('name="(制作|整理)?会议记录"', f'name="{word}"', data.decode()).encode()
        saved = self.do(drafting.save_file, login, draft.id, DIAGRAM, text, seen=revision)
        assert saved.lost is None
        return self.draft(draft.id)

    def draft(self, draft_id: str) -> ProcessDraft:
        with self.store.read() as session:
            return session.get_one(ProcessDraft, draft_id)

    def asked(self, draft: ProcessDraft, login: str = "li", **more: Any) -> Release:
        words = {"reason": "按会议制度修改", "legal_basis": "《行政处罚法》第五十七条", "seen": draft.revision, **more}
        return self.do(releases.ask, login, draft.id, release_id=new_id(), **words)

    def release(self, release_id: str) -> Release:
        with self.store.read() as session:
            return session.get_one(Release, release_id)


def at_once(*contenders: Callable[[], Any]) -> list[Any]:
    """What each of several answers when all begin in the same moment; a refusal is an answer."""
    ready = Barrier(len(contenders))

    def run(contender: Callable[[], Any]) -> Any:
        ready.wait(60)
        try:
            return contender()
        except FashenError as error:
            return error.code

    with ThreadPoolExecutor(len(contenders)) as pool:
        return [one.result(timeout=120) for one in [pool.submit(run, contender) for contender in contenders]]
