"""What the administrator's guide shows besides `studio`: cases that moved to another version, a process that rests,
closed cases and what a draft would have made of them, a play kept as a test.
"""

from __future__ import annotations

import json
from typing import Any

from scripts.stage import NOW, Stage, Stop, until
from scripts.studio import MEETING, ONE, OTHER, PENALTY, do
from workflows import worker
from workflows.calendar import clock
from workflows.desk.migrating import plans
from workflows.diagrams import drafting, drafts, suspensions
from workflows.documents.fonts.faces import fonts_of
from workflows.rehearsal import plays, trials
from workflows.store import new_id

CLOSED = (
    Stop("closed", "yinzhou-welders", "", other={"鑫达车辆附件厂": "宏达钢结构公司", "徐某": "马某"}),
    Stop("closed too", "yinzhou-welders", "", ago=1, other={"鑫达车辆附件厂": "远航船舶修理厂", "徐某": "黄某"}),
    Stop("closed small", "qingyuan-recheck", "", other={"某箱包科技公司": "某针织公司"}),
)
"""Two of them with fines for which the draft "waiting" asks a second counsel, one below."""
PLAYED = Stop("played", "yinzhou-welders", "counsel_review")
TITLE = "罚款三万元，两名顾问再审"


def prepare(stage: Stage) -> None:
    """After `studio.prepare`: the migration is carried out, the replay has ended, the draft "waiting" has a test.

    stage.studio has "played" besides, a play in the middle of its case.
    """
    _keep_a_test(stage)
    do(stage, OTHER, plans.approve, stage.studio["migration"], "同意，逐案核对后迁移。")
    do(stage, ONE, suspensions.suspend, PENALTY, package_hash=None, holds=False,
       reason="省裁量基准已调整，流程按新基准修改并发布前暂不受理新案件。")  # fmt: skip
    _work(stage)


def taken_back(stage: Stage) -> str:
    """The migration is undone; the page on which another one can be planned."""
    do(stage, ONE, plans.undo, stage.studio["migration"], reason="新版本用语尚需征求意见。")
    _work(stage)
    return f"/studio/processes/{MEETING}/migrations"


def _work(stage: Stage) -> None:
    while worker.run_round(stage.site.store, stage.site.files, fonts_of()):
        pass
    stage.site.time.set(max(clock.now(), NOW))


def _keep_a_test(stage: Stage) -> None:
    """A play up to the two counsels, recorded, saved with the draft and run."""
    store, who, draft = stage.site.store, stage.actor(ONE), stage.studio["waiting"]
    row = do(stage, ONE, plays.begin, draft, PENALTY, TITLE, play_id=new_id(), moves=_moves())
    stage.studio["played"] = row.id
    with store.read() as session:
        play = plays.play(session, who, row.id)
        trial = trials.recorded(plays.sandbox_of(session, who, play), PENALTY, TITLE, play.moves)
    do(stage, ONE, drafting.save_file, draft, "tests/test-1.yaml", trials.written(trial), seen=None)
    with store.read() as session:
        package = drafts.package(session, drafts.draft(session, who, draft))
    trials.run_all(store, who, package)


def _moves() -> list[dict[str, Any]]:
    """The published case as moves of a play: ten minutes between them, days as they are written."""
    script = until(PLAYED)
    moves = [{**script.start, "process": PENALTY}, *script.steps]
    plain = json.loads(json.dumps(moves, ensure_ascii=False, default=lambda day: day.isoformat()))
    return [{name: value for name, value in move.items() if name != "at"} for move in plain]
