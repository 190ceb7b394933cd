"""A paper is read before it is served or signed: on the page of the task, by whoever may see the task."""

from __future__ import annotations

import dataclasses
import io
from itertools import takewhile
from pathlib import Path

from pypdf import PdfReader

from tests.webapp.site import Site
from workflows import play
from workflows.documents.fonts.faces import fonts_of

WELDERS = Path(__file__).parents[1] / "cases" / "yinzhou-welders.yaml"


def until(site: Site, element_id: str) -> str:
    """The address of a task of the published case, carried on by its people until that task waits."""
    script = play.read(WELDERS)
    steps = list(takewhile(lambda step: step.get("task") != element_id, script.steps))
    opened = site.time.now()  # what the script did before happens in that moment
    later = [{**step, "at": max(play.moment(step["at"]), opened)} for step in steps]
    start = {**script.start, "at": max(script.begins, opened)}
    player = play.Player(site.store, site.files, fonts_of(), site.time)
    case_id = player.play(dataclasses.replace(script, start=start, steps=later, expect={})).case_id
    return f"/tasks/{site.task(case_id, element_id)}"


def words(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).replace("\n", "")


def test_the_notice_is_printed_before_its_service_is_recorded(site: Site) -> None:
    path = until(site, "issue_notice")
    officer = site.visitor("officer1")
    page = officer.get(path).text
    assert "将制作的文书（预览）" in page
    assert f"{path}/preview/1.pdf" in page
    assert "可先打印本预览送达当事人" in page
    answer = officer.get(f"{path}/preview/1.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    text = words(answer.data)
    assert "行政处罚告知书" in text
    assert "鑫达车辆附件厂" in text
    assert "文号于登记送达时编列" in text


def test_the_leader_reads_the_decision_before_signing(site: Site) -> None:
    path = until(site, "sign_decision")
    leader = site.visitor("deputy")
    assert f"{path}/preview/1.pdf" in leader.get(path).text
    assert f'data-pdf="{path}/preview/1.pdf"' in leader.get(f"{path}?read=p-1").text  # in place, beside the form
    text = words(leader.get(f"{path}/preview/1.pdf").data)
    assert "行政处罚决定书" in text
    assert "预览稿" in text


def test_a_preview_is_seen_by_those_who_see_the_task_and_by_nobody_else(site: Site) -> None:
    path = until(site, "issue_notice")
    assert site.visitor("auditor").get(f"{path}/preview/1.pdf").status_code == 200
    for login in ("kcofficer1", "admin"):
        assert site.visitor(login).get(f"{path}/preview/1.pdf").status_code == 404
    for number in (0, 2, 99):
        assert site.visitor("officer1").get(f"{path}/preview/{number}.pdf").status_code == 404


def test_a_step_without_papers_has_no_box(site: Site) -> None:
    assert "将制作的文书" not in site.visitor("deputy").get(until(site, "approve_filing")).text
