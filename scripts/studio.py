"""Processes under change, for pictures and tests: drafts, releases in every state, versions, what lost a race."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from scripts.stage import NOW, Stage
from workflows.calendar import clock
from workflows.desk.execute import execute
from workflows.desk.migrating import plans
from workflows.diagrams import drafting, drafts, library, releases, trying_replays
from workflows.diagrams.draft_tables import ProcessDraft
from workflows.diagrams.release_table import Release
from workflows.rehearsal import plays
from workflows.store import new_id

R = TypeVar("R")
ONE, OTHER = "admin", "admin2"
"""The two system administrators."""
SECOND = Path(__file__).parents[1] / "tests" / "browser" / "data" / "second_counsel.bpmn"
"""The legal review with a second counsel, as the editor of the studio drew it."""
REVIEW, MEETING, PENALTY = "legal_review", "collective_decision", "penalty"
WORDS = {
    REVIEW: ("罚款二万元以上的案件，由两名法律顾问分别提出再审意见。",
             "《行政处罚法》第五十八条；本局法律顾问工作规则第九条。"),
    MEETING: ("与本局会议制度的用语一致。", "不涉及。"),
}  # fmt: skip


def prepare(stage: Stage) -> None:
    """Let both administrators work. Keys in stage.studio: drafts "waiting" (its release waits), "begun" (with findings
    and something that lost a race), "published"; releases "asked", "done", "refused";
    a "play" and a "replay" of the draft that waits; a "migration" that waits for its approval.
    """
    names = {"制作会议记录".encode(): "整理会议记录".encode()}
    meeting = _begun(stage, MEETING, "会议用语", {f"{MEETING}.bpmn": names})
    refused = _asked(stage, meeting)
    do(stage, OTHER, releases.reject, refused.id, "请先征求法规处意见。")
    done = _asked(stage, meeting)
    do(stage, OTHER, releases.approve, done.id, "已征求意见，同意发布。")

    begun = _begun(stage, PENALTY, "提高集体讨论数额", {
        "collective_required.dmn": {b"50000": b"80000"},
    })  # fmt: skip
    _save(stage, ONE, begun, "forms/lead.form", {"案由".encode(): "事由".encode()})
    _save(stage, OTHER, begun, "forms/lead.form", {"案由".encode(): "案件名称".encode()}, seen=1)
    _save(stage, ONE, begun, "penalty.bpmn", {b'<camunda:property name="act" value="notice"/>': b""})

    waiting = _begun(stage, REVIEW, "重大案件由两名法律顾问再审", {})
    do(stage, ONE, drafting.save_file, waiting.id, f"{REVIEW}.bpmn", SECOND.read_bytes(), seen=1)
    asked = _asked(stage, waiting)
    play = do(stage, ONE, plays.begin, waiting.id, PENALTY, "罚款三万元的案件", play_id=new_id())
    until = clock.today()
    migration = do(stage, ONE, plans.ask, MEETING, migration_id=new_id(), source=1, target=2, elements={},
                    reason="统一用语。", legal_basis="不涉及。")  # fmt: skip
    replay = do(stage, ONE, trying_replays.ask, waiting.id, until - timedelta(days=365), until, replay_id=new_id())
    stage.studio |= {"waiting": waiting.id, "begun": begun.id, "published": meeting.id,
                     "asked": asked.id, "done": done.id, "refused": refused.id,
                     "play": play.id, "replay": replay.id, "migration": migration.id}  # fmt: skip
    stage.site.time.set(max(clock.now(), NOW))


def do(stage: Stage, login: str, command: Callable[..., R], *args: Any, **named: Any) -> R:
    """A command as somebody, a minute after the one before."""
    stage.site.time.set(clock.now() + timedelta(minutes=1))
    return execute(stage.site.store, command, stage.actor(login), *args, **named)


def _begun(stage: Stage, key: str, name: str, changes: Mapping[str, Mapping[bytes, bytes]]) -> ProcessDraft:
    with stage.site.store.read() as session:
        version = library.versions(session, key)[0].version
    draft = do(stage, ONE, drafting.begin_from_version, key, version, name, draft_id=new_id())
    for path, words in changes.items():
        _save(stage, ONE, draft, path, words)
    return draft


def _save(
    stage: Stage, login: str, draft: ProcessDraft, path: str, words: Mapping[bytes, bytes], seen: int | None = None
) -> None:  # fmt: skip
    """Write a file of a draft with other words. seen: an old revision loses the race."""
    with stage.site.store.read() as session:
        data, revision = drafts.content(session, draft.id, path)
    for old, new in words.items():
        data = data.replace(old, new)
    do(stage, login, drafting.save_file, draft.id, path, data, seen=seen or revision)


def _asked(stage: Stage, draft: ProcessDraft) -> Release:
    with stage.site.store.read() as session:
        seen = drafts.draft(session, stage.actor(ONE), draft.id).revision
    reason, basis = WORDS[draft.process_key]
    return do(stage, ONE, releases.ask, draft.id, release_id=new_id(), seen=seen, reason=reason, legal_basis=basis)
