"""Drives approvals through the desk, told what to do in lines of JSON; answers each with a line.

    {"prepare": true}          fill the empty database
    {"open": 10}               open ten cases, to be completed by the next "go"
    {"go": true}               complete them, each with one return; says how many completions and from when to when

The counterpart for viewflow is `bench/viewflow_site/runner.py`.
"""

from __future__ import annotations

import json
import sys
import time

from sqlalchemy import func, select

from bench.scene import PROCESS, ROUND, Scene, prepare
from workflows.engine.state import EngineInstance


def main() -> None:
    """Read orders until there are none. The argument is the URL of the database."""
    scene: Scene | None = None
    opened: list[str] = []
    for line in sys.stdin:
        order, answer = json.loads(line), {}
        if "prepare" in order:
            prepare(sys.argv[1])
        elif "open" in order:
            scene = scene or Scene(sys.argv[1])
            opened = [scene.open_case() for _ in range(order["open"])]
        elif scene is not None:
            answer = run(scene, opened)
        print(json.dumps(answer), flush=True)


def run(scene: Scene, cases: list[str]) -> dict[str, float]:
    """All steps of the cases, one after another: a round that is returned, and one to the end.

    Raises RuntimeError when one of them did not end.
    """
    begun = time.monotonic()
    for case in cases:
        scene.run_round(case, returned=True)
        scene.run_round(case, returned=False)
    ended = time.monotonic()
    with scene.store.read() as session:
        ours = EngineInstance.case_id.in_(cases), EngineInstance.process_key == PROCESS
        query = select(func.count()).select_from(EngineInstance).where(*ours, EngineInstance.status == "finished")
        if session.scalar(query) != len(cases):
            raise RuntimeError("not all approvals ended")
    return {"completions": len(cases) * 2 * len(ROUND), "begun": begun, "ended": ended}


if __name__ == "__main__":
    main()
